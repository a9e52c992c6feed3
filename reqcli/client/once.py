"""The core of the onion: one request, one response, and what it taught is kept at once."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.client.run import Run
    from reqcli.model.exchange import Exchange
    from reqcli.model.request import Request
    from reqcli.model.spec import RequestSpec


def once(request: Request, spec: RequestSpec, run: Run) -> Exchange:
    """Send one request and read the response's head; cookies are stored before the body is touched.

    Raises:
        ReqcliError: no response came, or the session could not be stored (the connection is closed then).
    """
    begun, run.begun = run.begun, None  # the first message may be out already; what is checked here was, then
    if run.policy is not None:
        run.permit(request)  # once more: an authentication scheme makes requests of its own
    route = run.route(request, spec) if begun is None else begun.route
    if spec.proxies is not None and "proxy-authorization" in request.headers and not route.is_forwarded:
        # What is typed for a proxy is not for the origin behind it (CVE-2023-32681).
        request = request.replace(headers=request.headers.without("proxy-authorization"))
        run.tell("withheld", f"header Proxy-Authorization does not go to {route.origin}, which is no proxy")
    if route.tls is not None and route.tls.verify is False:
        run.tell("unverified", f"the certificate of {route.origin} is not verified, as asked")
    run.request = request
    if run.passing is not None:
        run.passing(request, run.legs, run.secrets)
    if begun is None:
        run.watch.begin()
    if run.captures is not None:
        run.captures.spend()
    try:
        exchange = (
            run.transport.exchange(request, route, run.deadline, run.watch, run.tell)
            if begun is None
            else begun.exchange(run.tell)
        )
    except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
        from reqcli.model.boundary import failed

        failure = failed(error, run.watch.phase)
        run.sent = failure.sent
        run.attempts += failure.sent != "no"
        raise failure from failure.__cause__
    run.attempts += exchange.attempts
    run.sent = "yes"
    final = exchange.head
    if final.warnings:
        for warning in final.warnings:
            run.tell("response_tolerated", warning)
    if final.cookies != () or exchange.interim or run.captures is not None:
        try:
            for head in (*exchange.interim, final):
                run.learn(head, request.url)
        except BaseException:
            exchange.body.close()
            raise
    return exchange
