"""The layer that follows redirects (RFC 9110 §15.4): each hop is a request of its own, made afresh for its origin.

Credentials are chosen per hop, so this layer stands around authentication and not inside it.
"""

from __future__ import annotations

from reqcli.client.authenticated import authenticated
from reqcli.client.retry_after import retry_after
from reqcli.errors import BadResponse, BadUrl, InputFailed, TooManyRedirects, Usage
from reqcli.model.response import Hop
from reqcli.model.spec import MAX_REDIRECTS, RequestSpec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.client.run import Run
    from reqcli.model.exchange import Exchange
    from reqcli.model.response import ResponseHead
    from reqcli.model.url import Url

FOLLOWED: Final = frozenset({301, 302, 303, 307, 308})
"""The statuses that mean «ask there instead»; 300 is a choice, 304 and 305 are something else."""

_OF_THE_BODY: Final = frozenset(
    {"content-type", "content-length", "content-encoding", "content-language", "content-location",
     "transfer-encoding", "expect", "trailer", "digest", "content-digest", "repr-digest"}
)  # fmt: skip


def redirected(spec: RequestSpec, run: Run) -> tuple[Exchange, Url, tuple[Hop, ...]]:
    """The final response of a chain, the URL that gave it, and the hops before it.

    Raises:
        TooManyRedirects: the chain is longer than allowed.
        PolicyDenied: a hop is not allowed; not even its credential was fetched.
        ReqcliError: a hop failed.
    """
    if run.policy is not None:
        run.permit(spec)
    hops: tuple[Hop, ...] = ()
    limit = MAX_REDIRECTS if spec.max_redirects is None else spec.max_redirects
    while True:
        # What refuses the user's own call need not be looked into: only a later hop's failure is put in other words.
        exchange = _hop(spec, run, hops) if hops or run.captures is not None else authenticated(spec, run)
        target = _target(exchange, spec) if spec.follow and exchange.head.status in FOLLOWED else None
        if target is None or is_refused_downgrade(spec, target):
            return exchange, spec.url, hops
        run.leave(exchange)
        hops += (Hop(exchange.head.status, spec.url),)
        if len(hops) > limit:
            chain = [str(hop.url) for hop in hops]
            raise TooManyRedirects(
                f"more than {limit} redirects, the last from {spec.url} to {target}", details={"chain": chain}
            )
        asked = retry_after(exchange.head) if "retry-after" in exchange.head.headers else None
        if asked:
            run.tell("retry_after", f"{spec.url.origin} asks to wait {asked:.0f} s before {target} is asked")
        spec = _next_hop(spec, exchange.head.status, target, run)


def _hop(spec: RequestSpec, run: Run, hops: tuple[Hop, ...]) -> Exchange:
    """The response to one hop."""
    try:
        if run.captures is None:
            return authenticated(spec, run)
        from reqcli.client.resent import resent  # most sessions have no capture rules

        return resent(spec, run, run.captures)
    except Usage as error:
        if not hops:
            raise
        # The user's own call was fit to be sent; what is not came with the redirect.
        raise BadResponse(f"the redirect of {hops[-1].url} cannot be followed: {error.message}") from error


def _target(exchange: Exchange, spec: RequestSpec) -> Url | None:
    """Where the response to a hop leads."""
    try:
        return location(exchange.head, spec.url)
    except BaseException:
        exchange.body.close()
        raise


def location(head: ResponseHead, base: Url) -> Url | None:
    """Where a redirect leads, or None if the response is none or says nothing of it.

    Raises:
        BadResponse: there are two different targets, or one that cannot be followed.
    """
    if head.status not in FOLLOWED:
        return None
    targets = set(head.headers.get_all("location"))
    if len(targets) > 1:
        raise BadResponse("the redirect names two different targets")
    target = targets.pop().strip(" \t") if targets else ""
    if not target:
        return None
    try:
        return base.join(target)
    except BadUrl as error:
        raise BadResponse(f"the redirect of {base} cannot be followed: {error.message}") from error


def is_refused_downgrade(spec: RequestSpec, target: Url) -> bool:
    """Whether a redirect would leave encryption and the user has not said that it may."""
    return spec.url.scheme == "https" and target.scheme == "http" and not spec.allow_downgrade


def _next_hop(spec: RequestSpec, status: int, target: Url, run: Run) -> RequestSpec:
    """The call as the next hop gets it: method and body by status, then through the gate."""
    from reqcli.session.gate import passed  # loaded here, for redirects are rare on the path of a request

    to_get = (status in (301, 302) and spec.method == "POST") or (status == 303 and spec.method != "HEAD")
    if to_get and spec.method != "GET":
        kept = tuple(field for field in spec.headers if field[0].lower() not in _OF_THE_BODY)
        spec = spec.replace(method="GET", body=None, headers=kept)
    run.permit(spec.replace(url=target))
    if spec.body is not None and not spec.body.replayable:
        raise InputFailed(
            f"the redirect to {target} wants the body again, and it came from a stream",
            hint="put the body in a file to make it repeatable",
        )
    if target.username is not None:
        run.tell(
            "userinfo_of_redirect", f"the redirect to {target} brings a user and password, used for that hop alone"
        )
    if spec.body is not None and target.origin != spec.url.origin:
        run.tell("body_forwarded", f"the request body was sent on to {target.origin}")
    if spec.pins and not any(pin.origin == target.origin for pin in spec.pins):
        run.tell("unpinned", f"no key is pinned for {target.origin}, where {spec.url.origin} redirected to")
    onward, withheld = passed(spec, target)
    for what in withheld:
        run.tell("withheld", what)
    return onward
