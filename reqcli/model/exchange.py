"""One request and its response over one connection: the face that a transport shows to the client."""

from __future__ import annotations

from reqcli.model.response import BodySource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final, Protocol

    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.model.route import Route
    from reqcli.model.timing import Deadline, Stopwatch

    Tell = Callable[[str, str], None]
    """Takes something that the user should know: a stable code, and a sentence without a secret in it."""

else:
    Protocol = object


def tell_nobody(code: str, message: str) -> None:
    """The `Tell` of those who do not want to know."""


class ConnectedBody(BodySource, Protocol):
    """A body that is still on its connection."""

    def discard(self) -> None:
        """Close the connection, whatever is on it: what came over it was not what it said it was."""


class HeldBody:
    """A body that is here already, in a content coding, while its connection waits for what is made of it: where it
    cannot be decoded, it may be its length that was wrong.

    Args:
        data: all of it, and nothing behind it; its content codings still on.
        at_end: called once, with whether the connection may be kept.
    """

    __slots__ = ("_at_end", "_is_over", "data")

    def __init__(self, data: bytes, at_end: Callable[[bool], None]) -> None:
        self.data: Final = data
        self._at_end: Final = at_end
        self._is_over = False

    def chunks(self) -> Iterator[bytes]:
        return iter((self.data,))

    def close(self) -> None:
        self._end(is_clean=True)

    def discard(self) -> None:
        """See `ConnectedBody.discard`."""
        self._end(is_clean=False)

    def _end(self, *, is_clean: bool) -> None:
        if not self._is_over:
            self._is_over = True
            self._at_end(is_clean)


class Exchange:
    """A response whose head is in and whose body is still on the connection.

    Args:
        head: the final response's head.
        body: the body with its framing taken off and its content codings still on.
        interim: the 1xx responses that came before it; a head behind any is told without a `plain_length`, for what
            they say is to be looked at too.
        attempts: how many times the request went out (2 after a stale connection was replaced).
    """

    __slots__ = ("attempts", "body", "head", "interim")

    def __init__(
        self,
        head: ResponseHead,
        body: ConnectedBody,
        interim: tuple[ResponseHead, ...] = (),
        attempts: int = 1,
    ) -> None:
        self.head: Final = head
        self.body: Final = body
        self.interim: Final = interim
        self.attempts: Final = attempts


class Sent(Protocol):
    """A request that is out, and whose answer nobody has waited for yet.

    Attributes:
        request: the very one.
        route: it was sent by.
    """

    @property
    def request(self) -> Request: ...

    @property
    def route(self) -> Route: ...

    def exchange(self, tell: Tell = tell_nobody) -> Exchange:
        """Do the rest, once and in any case; see `Transport.exchange`."""


class Awaited(Sent, Protocol):
    """One whose answer can be awaited together with others.

    Attributes:
        expires: when the answer is no longer to be awaited together with others, on the clock of the run's deadline.
        is_whole: whether all of the answer is here, so that to read it waits for nothing.
        head: of the answer, once that `is_whole`.
    """

    @property
    def expires(self) -> float: ...

    @property
    def is_whole(self) -> bool: ...

    @property
    def head(self) -> ResponseHead: ...

    def fileno(self) -> int:
        """The socket that the answer comes on."""

    def take_in(self, events: int) -> bool:
        """Take in what has come, without waiting for more.

        Args:
            events: of the socket, as poll(2) tells them.

        Returns:
            Whether nothing more is to be awaited together with others: the answer is whole, or somebody has to wait for
            it alone.
        """


class Transport(Protocol):
    """What carries requests: a pool of connections, or connections used once."""

    def exchange(
        self, request: Request, route: Route, deadline: Deadline, watch: Stopwatch, tell: Tell = tell_nobody
    ) -> Exchange:
        """Send the request and read the response's head.

        Args:
            request: what to send.
            route: where to, and how.
            deadline: the limits.
            watch: gets the times.
            tell: told of what was tolerated, or cost the connection, until the body is closed.

        Raises:
            ReqcliError: with `sent` telling whether the server may have seen the request.
        """

    def close(self) -> None:
        """Close every idle connection. May be called again."""
