"""The body of a response, read from its connection piece by piece, and what becomes of the connection then."""

from __future__ import annotations

from reqcli.errors import BodyIncomplete, ReqcliError, Timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from reqcli.model.exchange import Tell
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.net.stream import Stream
    from reqcli.wire.http1.bodies import BodyReader

_FIRST_BLOCK: Final = 64 * 1024
"""Bytes asked for at once; four times as many whenever so many came, for whoever sends that fast has more."""

_LARGEST_BLOCK: Final = 1024 * 1024

_SPLINTER: Final = 2048
"""A block that was not filled by fewer bytes is followed by one of just the size that came.

Each block is to take the place of the last one in memory, but malloc of glibc does not let it by itself. What a block
lacks is cut off and, if that is little, kept for other uses: in the gap that is left the next one of the full size has
no room, and a mebibyte more is taken. And a block that is larger than all that was given back before is asked of the
system: its pages are made anew, and cost as much as all the rest of the download.
"""

_DRAIN: Final = 64 * 1024
"""Bytes of an unwanted body that are read to save the connection, if they are there already."""

_DRAIN_WAIT: Final = 0.05
"""Seconds that the rest of a TLS record may take while draining."""


class IncomingBody:
    """A body that is still on its connection.

    Args:
        stream: where it comes from.
        reader: takes the framing off and knows the end.
        leftover: bytes that came with the head.
        heard_at: when the first byte of the response came, on the deadline's clock.
        deadline: the limits: `read` is the longest silence.
        watch: gets `receive`.
        at_end: called once, with whether the body was read to its end and nothing came after it.
        tell: told of bytes that came after it, which nobody asked for (RFC 9112 §11.2).
    """

    __slots__ = (
        "_at_end", "_block", "_deadline", "_heard_at", "_is_over", "_leftover", "_reader", "_received", "_stream",
        "_tell", "_watch",
    )  # fmt: skip

    def __init__(
        self,
        stream: Stream,
        reader: BodyReader,
        leftover: bytes,
        heard_at: float,
        deadline: Deadline,
        watch: Stopwatch,
        at_end: Callable[[bool], None],
        tell: Tell,
    ) -> None:
        self._stream: Final = stream
        self._reader: Final = reader
        self._leftover = leftover
        self._heard_at: Final = heard_at
        self._deadline: Final = deadline
        self._watch: Final = watch
        self._at_end: Final = at_end
        self._tell: Final = tell
        self._block = _FIRST_BLOCK
        self._is_over = False
        self._received = 0

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces. The connection is free again when it is closed, for until then it may be discarded.

        Raises:
            BodyIncomplete: it was cut short, or its end may have been forged.
            BadResponse: its framing is broken.
            ReceiveFailed, Timeout: the connection broke or stalled.
        """
        try:
            data, self._leftover = self._leftover, b""
            while True:
                piece = self._reader.feed(data) if data else b""
                self._received += len(piece)
                if self._reader.done:
                    self._stop_watch()
                if piece:
                    yield piece
                    data = piece = b""  # not held while the next is taken in, which then takes its place in memory
                if self._reader.done or self._is_over:
                    return
                data = self._receive()
                if not data:
                    self._meet_the_end()
        except GeneratorExit:
            self.close()
            raise
        except BaseException as error:
            self._end(is_clean=False)
            if isinstance(error, ReqcliError):
                error.sent = "yes"
                error.details.setdefault("received", self._received)
            raise

    def close(self) -> None:
        """Give the connection back if little is left to read and is there already, else close it.

        Bytes behind the end close it too: they belong to no request of ours.
        """
        try:
            data, self._leftover = self._leftover, b""
            drained = 0
            while not self._is_over:
                if data:
                    self._reader.feed(data)
                if self._reader.done:
                    if self._reader.leftover:
                        self._tell(*surplus(self._stream.peer))
                    self._end(is_clean=not self._reader.leftover)
                elif drained >= _DRAIN or not self._stream.is_readable():
                    self._end(is_clean=False)
                else:
                    data = self._stream.receive(_DRAIN - drained, _DRAIN_WAIT)
                    drained += len(data) or _DRAIN
        except ReqcliError:
            self._end(is_clean=False)
        except BaseException:
            self._end(is_clean=False)
            raise

    def discard(self) -> None:
        self._end(is_clean=False)

    def _receive(self) -> bytes:
        read = self._deadline.timeouts.read
        try:
            data = self._stream.receive(self._block, self._deadline.left(read, "receive"))
        except Timeout:
            self._deadline.left(read, "receive")  # says so if it was the total that ran out
            raise
        short = self._block - len(data)
        if short == 0:
            if self._block <= _LARGEST_BLOCK // 4:
                self._block *= 4
                bytes(self._block)  # taken and given back: see _SPLINTER
        elif 0 < short < _SPLINTER:
            self._block = len(data) if len(data) >= _FIRST_BLOCK // 2 else _FIRST_BLOCK
        return data

    def _meet_the_end(self) -> None:
        """The stream ended: that is the end of the body, or it is too early for it, or nobody can tell."""
        self._reader.eof()
        if self._stream.truncated:
            raise BodyIncomplete(
                f"{self._stream.peer} ended the connection without TLS's close_notify, and nothing else tells"
                " whether the body is complete"
            )
        self._end(is_clean=False)

    def _end(self, *, is_clean: bool) -> None:
        if not self._is_over:
            self._is_over = True
            self._stop_watch()
            self._at_end(is_clean)

    def _stop_watch(self) -> None:
        if self._watch.receive is None:
            self._watch.ended = self._deadline.now()
            self._watch.receive = self._watch.ended - self._heard_at
            self._watch.body_received = self._received


def surplus(peer: str) -> tuple[str, str]:
    """What is to be told of bytes behind a response: a code and a sentence."""
    return (
        "surplus",
        f"{peer} sent bytes behind the end of its response; the connection was closed and they were dropped",
    )
