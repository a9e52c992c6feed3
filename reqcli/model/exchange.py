"""One request and its response over one connection: the face that a transport shows to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from reqcli.model.request import Request
    from reqcli.model.response import BodySource, ResponseHead
    from reqcli.model.route import Route
    from reqcli.model.timing import Deadline, Stopwatch


class Exchange:
    """A response whose head is in and whose body is still on the connection.

    Args:
        head: the final response's head.
        body: the body with its framing taken off and its content codings still on.
        interim: the 1xx responses that came before it.
        attempts: how many times the request went out (2 after a stale connection was replaced).
    """

    __slots__ = ("attempts", "body", "head", "interim")

    def __init__(
        self,
        head: ResponseHead,
        body: BodySource,
        *,
        interim: tuple[ResponseHead, ...] = (),
        attempts: int = 1,
    ) -> None:
        self.head: Final = head
        self.body: Final = body
        self.interim: Final = interim
        self.attempts: Final = attempts


class Transport(Protocol):
    """What carries requests: a pool of connections, or connections used once."""

    def exchange(self, request: Request, route: Route, deadline: Deadline, watch: Stopwatch) -> Exchange:
        """Send the request and read the response's head.

        Raises:
            ReqcliError: with `sent` telling whether the server may have seen the request.
        """

    def close(self) -> None:
        """Close every idle connection. May be called again."""
