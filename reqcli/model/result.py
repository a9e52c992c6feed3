"""A result: what one run gives back, the same shape for success and for failure."""

from __future__ import annotations

from reqcli.errors import Internal, ReqcliError
from reqcli.model.headers import Headers
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final

    from reqcli.model.leg import Leg
    from reqcli.model.peer import Peer
    from reqcli.model.request import Request
    from reqcli.model.response import Response
    from reqcli.model.secret import Secret
    from reqcli.model.timing import Stopwatch, Timing


class Notice(Value):
    """Something the user should know that is not a failure: a stable code and one sentence, no secrets."""

    __slots__ = ("code", "message")

    def __init__(self, code: str, message: str) -> None:
        self.code: Final = code
        self.message: Final = message


class SessionChange(Value):
    """One thing that this run changed in the session: its kind and name, never its value.

    Args:
        op: `set` or `del`.
        kind: `cookie`, `header`, `auth`, `capture` or `var`.
        name: the cookie's or header's name, the scheme of a credential.
        origin: the origin or domain it is bound to.
        expires: seconds since the epoch, or None.
    """

    __slots__ = ("expires", "kind", "name", "op", "origin")

    def __init__(self, op: str, kind: str, name: str, origin: str = "", expires: float | None = None) -> None:
        self.op: Final = op
        self.kind: Final = kind
        self.name: Final = name
        self.origin: Final = origin
        self.expires: Final = expires


class SessionReport(Value):
    """Which session a run used and what it changed there.

    Args:
        name: None for a session without a name.
        store: `files`, `memory` or the store's URL without credentials.
        rev: the revision after this run, or None when nothing is stored.
        changed: every change, in order.
        saved: whether the changes are in the store.
        context: the file that a context was written to, or None.
    """

    __slots__ = ("changed", "context", "name", "rev", "saved", "store")

    def __init__(
        self,
        name: str | None,
        *,
        store: str = "memory",
        rev: int | None = None,
        changed: tuple[SessionChange, ...] = (),
        saved: bool = False,
        context: str | None = None,
    ) -> None:
        self.context: Final = context
        self.name: Final = name
        self.store: Final = store
        self.rev: Final = rev
        self.changed: Final = changed
        self.saved: Final = saved


class Result:
    """The outcome of one run.

    Attributes:
        request: the last request that was built, or None if none could be.
        response: the final response, or None; after a body that broke, with what came of it.
        error: why it failed, or None.
        session: what happened to the session, or None when stateless.
        watch: measures the run.
        warnings: what the user should know, withheld secrets among it; reading the body may add to it.
        hops: what came before the final request: every redirect, challenge and answered attempt that was superseded,
            in order, with its request and the head of its response.
        attempts: how many times a request went out.
        sent: `no`, `maybe` or `yes`: whether the server may have seen it, so that a retry could duplicate it.
        secrets: the credentials' values that this run had at hand, to be masked wherever they turn up again.
    """

    __slots__ = ("attempts", "error", "hops", "request", "response", "secrets", "sent", "session", "warnings", "watch")

    def __init__(
        self,
        request: Request | None = None,
        response: Response | None = None,
        error: ReqcliError | None = None,
        session: SessionReport | None = None,
        watch: Stopwatch | None = None,
        warnings: Sequence[Notice] = (),
        hops: tuple[Leg, ...] = (),
        attempts: int = 0,
        sent: str = "no",
        secrets: tuple[Secret, ...] = (),
    ) -> None:
        self.request = request
        self.response = response
        self.error = error
        self.session = session
        self.watch = watch
        self.warnings = warnings
        self.hops = hops
        self.attempts = attempts
        self.sent = sent
        self.secrets = secrets

    @property
    def timing(self) -> Timing | None:
        """Where the time of the run went, reading the body included once that is done; None if nothing was tried."""
        return None if self.watch is None else self.watch.timing()

    @property
    def peer(self) -> Peer | None:
        """What the last connection was like, if the call asked to `inspect` it."""
        return None if self.watch is None else self.watch.peer

    @property
    def ok(self) -> bool:
        """True when nothing failed; then and only then `exit_status` is 0."""
        return self.error is None

    @property
    def exit_status(self) -> int:
        """0, or the exit status of the error."""
        return 0 if self.error is None else self.error.exit_status

    def raise_for_error(self) -> None:
        """Raise the error of a failed run; do nothing for a good one."""
        if self.error is not None:
            raise self.error

    def _answer(self) -> Response:
        if self.error is not None:
            raise self.error
        if self.response is None:
            raise Internal("a result without an error has no response")
        return self.response

    @property
    def status(self) -> int:
        """The response's status; raises the error of a failed run, as do the four below."""
        if self.error is None and self.response is not None:  # asked most of all, and so without a call in between
            return self.response.head.status
        return self._answer().status

    @property
    def headers(self) -> Headers:
        return self._answer().headers

    @property
    def content(self) -> bytes:
        if self.error is None and self.response is not None and self.response.data is not None:
            return self.response.data
        return self._answer().read()

    @property
    def text(self) -> str:
        return self._answer().text

    def json(self) -> Any:
        """The body parsed as JSON; raises the error of a failed run, ValueError if it is not JSON."""
        return self._answer().json()

    def __repr__(self) -> str:
        if self.error is not None:
            return f"<Result {self.error.code}>"
        return f"<Result {self.response.status if self.response else 'empty'}>"
