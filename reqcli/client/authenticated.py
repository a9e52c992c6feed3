"""The layer that lets an authentication scheme speak: it is asked for the request, and fed the response.

When the server answers 401, a secret that was fetched from elsewhere may be out of date: the place it came from is
asked once more, and the hop is made again if it gives another one.
"""

from __future__ import annotations

from reqcli.client.once import once
from reqcli.client.retried import retried
from reqcli.errors import AuthRefreshFailed, ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.auth import AuthFlow
    from reqcli.client.run import Run
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Exchange
    from reqcli.model.request import Request
    from reqcli.model.spec import RequestSpec

UNAUTHORIZED: Final = 401


def authenticated(spec: RequestSpec, run: Run) -> Exchange:
    """One hop with the credential for its origin, if there is one, made again if that turns out to be out of date.

    Raises:
        AuthRefreshFailed: the server refused a secret, and the place it came from gives none any more.
        ReqcliError: the hop failed.
    """
    known = run.known(spec)
    if known is not None:
        message, exposed = known
        if exposed is not None:
            _warn(message, exposed, run)
        return once(message, spec, run) if spec.retry is None else retried(message, spec, run)
    request = run.bend(spec)
    exchange = _spoken(request, spec, run)
    if exchange.head.status != UNAUTHORIZED or not _is_renewed(exchange, request, run):
        return exchange
    run.leave(exchange)
    return _spoken(run.bend(spec), spec, run)


def _is_renewed(exchange: Exchange, request: Request, run: Run) -> bool:
    """Whether another secret is at hand after a 401, and the request can be sent again with it."""
    try:
        return run.renew() and request.can_replay
    except ReqcliError as error:
        exchange.body.close()
        failure = AuthRefreshFailed(
            f"{request.url.origin} refused the credential, and it could not be renewed: {error.message}",
            hint=error.hint,
            retryable=error.retryable,
        )
        failure.sent = "yes"
        raise failure from error
    except BaseException:
        exchange.body.close()
        raise


def _spoken(request: Request, spec: RequestSpec, run: Run) -> Exchange:
    """The request as the scheme of its credential sends it."""
    request, credential, flow = spoken_for(request, spec, run)
    _warn(request, credential, run)
    exchange = retried(request, spec, run)
    if flow is None:
        return exchange
    while True:
        try:
            request = flow.send(exchange.head)
        except StopIteration:
            return exchange
        except BaseException:
            exchange.body.close()
            raise
        run.leave(exchange)
        exchange = retried(request, spec, run)


def spoken_for(request: Request, spec: RequestSpec, run: Run) -> tuple[Request, Credential | None, AuthFlow | None]:
    """The first message of a hop: with its credential, and with what wants to hear the answer, if anything does.

    Raises:
        ReqcliError: the credential cannot be had, or does not fit its scheme.
    """
    credential = run.credential(spec)
    if credential is None:
        run.note(spec, request, None)
        return request, None, None
    from reqcli.auth import load  # a call without a credential needs none of it

    scheme = load(credential.scheme)
    flow = scheme.flow(request, credential, run.space(request.url.origin))
    request = next(flow)
    if not scheme.is_fixed:
        return request, credential, flow
    run.note(spec, request, credential)
    return request, credential, None


def _warn(request: Request, credential: Credential | None, run: Run) -> None:
    """Say so if a credential goes where others can read it."""
    if credential is not None:
        origin = request.url.origin
        if not (origin.is_secure or origin.is_loopback):
            run.tell("plain_credential", f"a credential goes to {origin} without encryption")
