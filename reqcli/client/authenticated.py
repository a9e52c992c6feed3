"""The layer that lets an authentication scheme speak: it is asked for the request, and fed the response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reqcli.client.retried import retried

if TYPE_CHECKING:
    from reqcli.client.run import Run
    from reqcli.model.exchange import Exchange
    from reqcli.model.spec import RequestSpec


def authenticated(spec: RequestSpec, run: Run) -> Exchange:
    """One hop with the credential for its origin, if there is one.

    Raises:
        ReqcliError: the hop failed.
    """
    request = run.bend(spec)
    credential = run.credential(spec)
    if credential is None:
        return retried(request, spec, run)
    origin = request.url.origin
    if not (origin.is_secure or origin.is_loopback):
        run.tell("plain_credential", f"a credential was sent to {origin} without encryption")
    from reqcli.auth import load  # a call without a credential needs none of it

    flow = load(credential.scheme).flow(request, credential, run.space(origin))
    exchange = retried(next(flow), spec, run)
    while True:
        try:
            request = flow.send(exchange.head)
        except StopIteration:
            return exchange
        exchange.body.close()
        exchange = retried(request, spec, run)
