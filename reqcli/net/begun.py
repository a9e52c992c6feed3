"""A request that is out on a kept connection, and whose answer is awaited together with others.

One thread can have many of them: it waits for all their sockets at once, has each take in what has come, and leaves
reading and understanding to `exchange` as soon as that waits for nothing any more. An answer that is large, late,
broken or out of the ordinary is not waited for here: whoever can afford to wait calls `exchange` for it.
"""

from __future__ import annotations

from reqcli.errors import ReqcliError
from reqcli.net.pool import SentAhead
from reqcli.net.readiness import POLLIN
from reqcli.net.stream import SocketStream
from reqcli.wire.http1.bodies import body_reader
from reqcli.wire.http1.framing import body_framing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.model.route import Route
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.net.connection import Connection
    from reqcli.net.pool import Pool
    from reqcli.wire.http1.bodies import BodyReader

MOST: Final = 256 * 1024
"""Bytes of a body that are taken in here; of a larger one the rest is read as any other body is."""

_AT_ONCE: Final = 64 * 1024

_REST: Final = 0.5
"""Seconds that the rest of a body is awaited together with others: whoever reads it alone knows its limits better."""


class Begun(SentAhead):
    """Sends the request, and is what comes of it; see `reqcli.model.exchange.Awaited`.

    Args:
        pool: that the connection is of.
        connection: of `Pool.take_idle`.
        request: with no body, or one in memory that goes out with the head and is small.
        route: that the connection was taken for, without a proxy.
        deadline: with no limit for the whole, and nobody who could give it up.
        watch: gets the times.

    Attributes:
        expires: when it is no longer to be awaited here, on the clock of the run's deadline.
        is_whole: whether all of the answer is here: to read it waits for nothing.
        is_out_of_hand: whether reading the answer may wait for more than its socket can tell of.
    """

    __slots__ = ("_reader", "expires", "is_out_of_hand", "is_whole")

    def __init__(
        self,
        pool: Pool,
        connection: Connection,
        request: Request,
        route: Route,
        deadline: Deadline,
        watch: Stopwatch,
    ) -> None:
        super().__init__(pool, connection, connection.begin(request, deadline, watch), request, route, deadline, watch)
        self._reader: BodyReader | None = None
        self.expires = self._turn.sent_at + deadline.timeouts.read
        self.is_whole = False
        self.is_out_of_hand = False

    def fileno(self) -> int:
        """The socket that the answer comes on."""
        return self._connection.stream.fileno()

    @property
    def head(self) -> ResponseHead:
        """Of the answer, once that `is_whole`."""
        assert self._turn.head is not None, "it is whole"
        return self._turn.head

    def take_in(self, events: int) -> bool:
        """Take in what has come, and wait for nothing.

        Args:
            events: of the socket, as poll(2) tells them.

        Returns:
            Whether there is nothing more to wait for here: it `is_whole` or `is_out_of_hand`.
        """
        stream, turn = self._connection.stream, self._turn
        is_plain = type(stream) is SocketStream  # in TLS bytes may come that are none of ours
        while is_plain or stream.is_readable():
            head = turn.head
            if head is None:
                head = turn.take_in()
                if head is None:
                    self.is_out_of_hand = turn.has_failed or bool(turn.interim)
                elif head.plain_length == len(turn.leftover) and self.request.method != "HEAD":
                    self.is_whole = True
                else:
                    self._look(head, turn.leftover)
            elif events != POLLIN:
                self.is_out_of_hand = True  # what broke is told once, to whom it is read by
            else:
                self._take_more(head)
            if self.is_whole or self.is_out_of_hand:
                return True
            if is_plain:
                break  # of what comes next these events say nothing, and it may be that it broke
        return False

    def _look(self, head: ResponseHead, data: bytes) -> None:
        """See how much of the body is here, in a reader of its own: it is read in earnest by whom it is for."""
        if self._reader is None:
            try:
                framing = body_framing(self.request.method, head)
            except ReqcliError:
                self.is_out_of_hand = True
                return
            self._reader = body_reader(framing)
        reader = self._reader
        try:
            reader.feed(data)
        except ReqcliError:
            self.is_out_of_hand = True
            return
        self.is_whole = reader.done
        self.is_out_of_hand = not reader.done and len(self._turn.leftover) > MOST
        self.expires = min(self.expires, self._deadline.now() + _REST)

    def _take_more(self, head: ResponseHead) -> None:
        try:
            data = self._connection.stream.receive(_AT_ONCE, 1.0)
        except ReqcliError as error:
            if type(self._connection.stream) is SocketStream:
                self._turn.fail(error)  # a system without poll does not tell before, and tells it once
            data = b""
        if data:
            self._turn.leftover += data
            self._look(head, data)
        else:
            self.is_out_of_hand = True
