"""A rehearsal: everything a call does up to the moment where the first byte would leave, and nothing of it kept.

The call runs as any other, through the policy, the session, its capture rules and its credential, but over a transport
that carries nothing: what it is handed there is the request, exactly.
"""

from __future__ import annotations

from reqcli.api.session import Session
from reqcli.errors import Interrupted
from reqcli.model.exchange import tell_nobody

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

    from reqcli.model.exchange import Tell
    from reqcli.model.request import Request
    from reqcli.model.result import Result
    from reqcli.model.route import Route
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.session.policy import Policy
    from reqcli.store.face import Store
    from reqcli.vault import Vault
    from reqcli.vault.netrc import Netrc


class Stage:
    """A transport that carries nothing.

    Attributes:
        route: how the request would have gone, None until it was handed over.
    """

    __slots__ = ("end", "route")

    def __init__(self) -> None:
        self.end: Final = Interrupted("the rehearsal ends here")
        self.route: Route | None = None

    def exchange(
        self, request: Request, route: Route, deadline: Deadline, watch: Stopwatch, tell: Tell = tell_nobody
    ) -> NoReturn:
        """Note the route, and end the run: nothing was sent.

        Raises:
            Interrupted: always, the stage's own.
        """
        self.route = route
        raise self.end

    def close(self) -> None:
        """Nothing is open."""


def open_for_rehearsal(
    name: str,
    store: Store,
    stage: Stage,
    *,
    must_exist: bool,
    vault: Vault,
    netrc: Netrc | None,
    policy: Policy | None = None,
) -> Session:
    """The named session, to be used and not to be written, not even if its time is up; an empty one if there is none.

    Args:
        name: the session's name in the store.
        store: where it lives.
        stage: what its requests end in.
        must_exist: whether it is an error if there is none.
        vault: fetches what the session refers to.
        netrc: asked for a credential where there is no other.
        policy: what may be sent where the session has no policy of its own.

    Raises:
        SessionNotFound: there is none, and has to be.
        SessionError: it cannot be read.
    """
    if not must_exist and store.read(name) is None:
        return Session(name=name, transport=stage, vault=vault, netrc=netrc, policy=policy)
    session = Session.open(name, store, read_only=True, transport=stage, vault=vault, netrc=netrc, policy=policy)
    if session.error is not None:
        raise session.error
    return session


def rehearse(session: Session, stage: Stage, spec: RequestSpec) -> Result:
    """What a call would come to before it is sent: a result with the request, without a response and without times.

    Args:
        session: opened on the stage.
        stage: what its requests end in.
        spec: the call.

    Returns:
        Without an error if nothing but the sending is missing.
    """
    result = session.stream(spec)
    if result.error is stage.end:
        result.error = None
    result.watch = None
    return result
