"""What lies behind a run on its way to the final response: each request that was answered and then superseded."""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.peer import Peer
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead


class Leg(Value):
    """One request and the head that answered it: a redirect, a challenge, an attempt that was made again.

    Args:
        request: as it was sent.
        head: of its response; the body was not read.
        interim: the 1xx responses that came before it.
        peer: what the connection was like, if that was asked for.
    """

    __slots__ = ("head", "interim", "peer", "request")

    def __init__(
        self,
        request: Request,
        head: ResponseHead,
        *,
        interim: tuple[ResponseHead, ...] = (),
        peer: Peer | None = None,
    ) -> None:
        self.request: Final = request
        self.head: Final = head
        self.interim: Final = interim
        self.peer: Final = peer
