"""The layer for captured values that the server rejects: they are forgotten, and where a rule says so it is asked anew.

For runs whose session has capture rules; the others go past it.
"""

from __future__ import annotations

from reqcli.client.authenticated import authenticated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.client.captures import Captures
    from reqcli.client.run import Run
    from reqcli.model.exchange import Exchange
    from reqcli.model.spec import RequestSpec


def resent(spec: RequestSpec, run: Run, captures: Captures) -> Exchange:
    """One hop; sent once more when a rule's `retry=` says so, there is a fresh value and the body can be replayed.

    Raises:
        ReqcliError: the hop failed.
    """
    exchange = authenticated(spec, run)
    status = exchange.head.status
    if captures.has_fresh_after(status) and (spec.body is None or spec.body.replayable):
        run.leave(exchange)
        run.tell("resent", f"{spec.url.origin} answered {status}; the request was sent once more with a fresh value")
        exchange = authenticated(spec, run)
        captures.has_fresh_after(exchange.head.status)
    return exchange
