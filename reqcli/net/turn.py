"""One turn on a connection: a request goes out, the head of its response comes in.

The two overlap. A server may answer while the body is still being sent, and that answer must not be lost
(RFC 9112 §9.5): so between two blocks, and while the socket is full, the stream is also watched for bytes that
come in. What then arrives decides:

    1xx            noted, sending goes on (RFC 9110 §15.2)
    2xx            sending goes on without watching: the server wants the body, and says so early
    3xx 4xx 5xx    sending stops, the answer is delivered, the connection is closed

When sending breaks, an answer may still have arrived before, so it is looked for (RFC 9112 §9.5); only if there
is none is the broken send the error. With `Expect: 100-continue` the body is held back for at most a second
(RFC 9110 §10.1.1).
"""

from __future__ import annotations

from reqcli.errors import BadResponse, EmptyReply, InputFailed, ReceiveFailed, ReqcliError, SendFailed, Timeout
from reqcli.model.body import BytesBody, FileBody
from reqcli.model.response import DEFAULT_LIMITS
from reqcli.net.stream import CANNOT_SENDFILE, HAS_SENDMSG, SocketStream
from reqcli.wire.http1.framing import body_framing
from reqcli.wire.http1.head import HeadReader, clean_head, over
from reqcli.wire.http1.writer import LAST_CHUNK, HeadWriter, write_chunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from reqcli.model.body import Body
    from reqcli.model.request import Request
    from reqcli.model.response import Limits, ResponseHead
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.net.stream import Stream

_RECEIVE: Final = 64 * 1024
"""Bytes asked for at once while a head is read."""

_SMALL: Final = 64 * 1024
"""A body up to this size goes out together with the head, in one packet if it fits."""

_JUST_NOW: Final = 0.01
"""Seconds that are not taken off a limit: to set another one is a system call."""

_CONTINUE_WAIT: Final = 1.0
"""Seconds that a body is held back for a 100 (RFC 9110 §10.1.1 forbids to wait for ever)."""


class Turn:
    """One request and the head of its response.

    Args:
        stream: open, and not in use by anyone else.
        request: what to send.
        deadline: the limits.
        watch: gets `send` and `wait`.
        writer: writes the heads of this connection; one for this turn alone by default.
        limits: how much of everything but the body the response may have.

    Attributes:
        sent: `no`, `maybe` or `yes`: whether the server may have seen the request.
        is_whole: whether all of the request went out; if not, the connection is of no further use.
        is_held_back: whether nothing of the body went out, because a final response came in place of a 100.
        head: the final response's, or None.
        interim: the 1xx responses so far.
        leftover: bytes that came after the head.
        heard_at: when the first byte of the response came, on the deadline's clock.
        sent_at: when the request was out, on the same clock; 0 before.
    """

    __slots__ = (
        "_deadline", "_failure", "_limits", "_read", "_reader", "_request", "_send_error", "_stream", "_watch",
        "_writer", "head", "heard_at", "interim", "is_held_back", "is_whole", "leftover", "sent", "sent_at",
    )  # fmt: skip

    def __init__(
        self,
        stream: Stream,
        request: Request,
        deadline: Deadline,
        watch: Stopwatch,
        writer: HeadWriter | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._stream: Final = stream
        self._request: Final = request
        self._deadline: Final = deadline
        self._read: Final = deadline.timeouts.read
        self._watch: Final = watch
        self._writer: Final = writer or HeadWriter()
        self._limits: Final = limits
        self.head: ResponseHead | None = None
        self._reader: HeadReader | None = None
        self._send_error: SendFailed | None = None
        self._failure: ReqcliError | None = None
        self.sent = "no"
        self.sent_at = 0.0
        self.is_whole = True
        self.is_held_back = False
        self.interim: tuple[ResponseHead, ...] = ()
        self.leftover = b""
        self.heard_at = 0.0

    def run(self) -> ResponseHead:
        """Send the request, unless `begin` did, and return the final response's head.

        Raises:
            ReqcliError: what broke; see `sent`.
        """
        deadline = self._deadline
        try:
            if not self.sent_at and self._failure is None:
                self.begin()
            if self._failure is not None:
                raise self._failure
            if not self.heard_at:
                passed = deadline.now() - self.sent_at
                self._hear(self._read if passed < _JUST_NOW else self._left_to_begin(passed))
            head = self.head or self._read_head(self.sent_at)
        except Timeout as error:
            deadline.left(self._read, error.phase)  # says so if it was the total that ran out
            raise
        wait = self.heard_at - self.sent_at
        self._watch.wait = wait if wait > 0.0 else 0.0
        return head

    def begin(self) -> None:
        """Send the request and wait for nothing; `run` then does the rest, and raises what went wrong here."""
        request, deadline = self._request, self._deadline
        now = deadline.now
        started = now()
        try:
            head_bytes = self._writer.write(request)
            body = request.body
            if body is None or body.length == 0:
                limit = self._read if deadline.is_plain else deadline.left(self._read, "send")
                self._stream.send(head_bytes, limit)
                self.sent = "maybe"
            else:
                self._send_with_body(head_bytes, body)
        except SendFailed as error:
            self._send_error = error
            self.is_whole = False
        except ReqcliError as error:
            self._failure = error
            return
        self.sent_at = now()
        self._watch.send = self.sent_at - started

    def take_in(self) -> ResponseHead | None:
        """Take in what has come since `begin`; whoever calls knows that something has.

        Returns:
            The final response's head once it is there. What goes wrong here is raised by `run`.
        """
        try:
            self._hear(self._read)
        except ReqcliError as error:
            self._failure = error
        return self.head

    @property
    def has_failed(self) -> bool:
        """Whether `run` will raise what went wrong in `begin` or `take_in`."""
        return self._failure is not None

    def fail(self, error: ReqcliError) -> None:
        """Let `run` raise what broke while others took in what follows the head."""
        self._failure = error

    # Sending

    def _left_to_begin(self, passed: float) -> float:
        """Seconds in which the response has to begin, so many after `begin`."""
        left = self._read - passed
        if left <= 0:
            raise Timeout(f"{self._stream.peer} sent nothing for {self._read:g} s", phase="wait")
        return left

    def _send_with_body(self, head: bytes, body: Body) -> None:
        request = self._request
        if "expect" in request.headers and "100-continue" in request.headers.tokens("expect"):
            self._send(head)
            if self._may_continue():
                self._send_body(body)
        elif not request.is_chunked and isinstance(body, BytesBody | FileBody) and (body.length or 0) <= _SMALL:
            data = body.data if isinstance(body, BytesBody) else b"".join(body.chunks())
            self._send(head + data)
            self._watch.body_sent = len(data)
        else:
            self._send(head)
            self._send_body(body)

    def _send(self, data: bytes) -> None:
        self._stream.send(data, self._deadline.left(self._read, "send"))
        self.sent = "maybe"

    def _may_continue(self) -> bool:
        """Wait for the server's word on the body; silence is consent."""
        ends = self._deadline.now() + _CONTINUE_WAIT
        while not any(head.status == 100 for head in self.interim):
            left = ends - self._deadline.now()
            if left <= 0:
                break
            try:
                self._hear(min(left, self._read))
            except Timeout:
                break
            if self.head is not None:
                self.is_whole = False
                self.is_held_back = True
                return False
        return True

    def _send_body(self, body: Body) -> None:
        """Send the body, or as much of it as the server lets us."""
        if self._request.is_chunked:
            is_out = all(map(self._send_chunk, self._counted(body.chunks()))) and self._send_part(LAST_CHUNK)
        elif isinstance(body, FileBody) and isinstance(self._stream, SocketStream) and _has_descriptor(body):
            is_out = self._send_file(body, self._stream)
        else:
            is_out = all(self._send_part(block) for block in self._counted(_exactly(body)))
        self.is_whole = is_out

    def _counted(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks, each counted as sent when the next one is asked for."""
        for block in blocks:
            yield block
            self._watch.body_sent += len(block)
            del block  # before the next is made, which then takes its place in memory

    def _send_part(self, data: bytes) -> bool:
        """Send one block. False: a final response says to stop."""
        rest = memoryview(data)
        while rest:
            left = self._deadline.left(self._read, "send")
            if self.head is not None:
                self._stream.send(rest, left)
                return True
            count = self._stream.send_some(rest, left)
            if count:
                rest = rest[count:]
            elif self._must_stop():
                return False
        return True

    def _send_chunk(self, block: bytes) -> bool:
        """Send one block with its framing, without a copy of it where the stream can do so."""
        stream = self._stream
        if not HAS_SENDMSG or type(stream) is not SocketStream or not block:
            return self._send_part(write_chunk(block))
        rest: list[bytes | memoryview] = [b"%x\r\n" % len(block), block, b"\r\n"]
        while rest:
            if self.head is not None:
                return self._send_part(b"".join(rest))
            sent = stream.send_parts(rest, self._deadline.left(self._read, "send"))
            if not sent and self._must_stop():
                return False
            while rest and sent >= len(rest[0]):
                sent -= len(rest.pop(0))
            if sent:
                rest[0] = memoryview(rest[0])[sent:]
        return True

    def _send_file(self, body: FileBody, stream: SocketStream) -> bool:
        """Send a file without its bytes passing through this process. False: a final response says to stop."""
        start, length, sent = body.start, body.length or 0, 0
        parts = stream.send_file(
            body.file.fileno(), start, start + length, lambda: self._deadline.left(self._read, "send")
        )
        try:
            for count in parts:
                if count:
                    sent += count
                    self._watch.body_sent += count
                elif self._must_stop():
                    return False
                elif self.head is not None:
                    break
        except OSError as error:
            if error.errno not in CANNOT_SENDFILE:
                raise
        finally:
            parts.close()
        if sent < length:
            rest = FileBody(body.file, start + sent, length - sent, name=body.name)
            return all(self._send_part(block) for block in self._counted(rest.chunks()))
        return True

    def _must_stop(self) -> bool:
        """Listen if there is something to hear. True when it is a final response that wants no more of the body."""
        if self._stream.is_readable():
            self._hear(self._read)
        return self.head is not None and self.head.status >= 300

    # Receiving

    def _read_head(self, sent_at: float) -> ResponseHead:
        """The head must be whole within the read timeout; each interim response gives the next one as much."""
        ends = sent_at + self._read
        interim: tuple[ResponseHead, ...] = ()
        while self.head is None:
            if interim != self.interim:
                interim, ends = self.interim, self._deadline.now() + self._read
            left = ends - self._deadline.now()
            if left <= 0:
                raise self._too_slow()
            self._hear(left)
        return self.head

    def _hear(self, timeout: float) -> None:
        """Take in what has come, waiting for it if need be."""
        deadline, phase = self._deadline, "receive" if self.heard_at else "wait"
        try:
            data = self._stream.receive(
                _RECEIVE, timeout if deadline.is_plain else deadline.left(timeout, phase), phase
            )
        except ReceiveFailed as error:
            if not self.heard_at:
                error.hint = self._advice()
                if self._send_error is not None:
                    raise self._send_error from None
            raise
        except Timeout:
            if self.heard_at:
                raise self._too_slow() from None
            raise
        if not data:
            raise self._ended()
        if not self.heard_at:
            self.heard_at = deadline.now()
            self.sent = "yes"
            clean = clean_head(data, self._limits)
            if clean is not None and clean[0].status >= 200:
                self.head, end = clean
                self.leftover = data[end:]
                self._watch.head_bytes += end
                return
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Read heads from the bytes until one is final."""
        self._watch.head_bytes += len(data)
        reader = self._reader or HeadReader(self._limits)
        head = reader.feed(data)
        while head is not None and head.status < 200:
            self._note_interim(head)
            data = reader.leftover
            reader = HeadReader(self._limits)
            head = reader.feed(data) if data else None
        self._reader = reader
        if head is not None:
            self.head = head
            self.leftover = reader.leftover
            self._watch.head_bytes -= len(self.leftover)

    def _note_interim(self, head: ResponseHead) -> None:
        body_framing(self._request.method, head)  # a 101, which nobody asked for, ends here
        if len(self.interim) == self._limits.interim:
            raise over(self._limits.interim, "the server sends more than {} interim responses", "interim")
        self.interim += (head,)

    def _too_slow(self) -> Timeout:
        peer, limit = self._stream.peer, self._read
        return Timeout(f"the response head of {peer} was not complete after {limit:g} s", phase="receive")

    def _ended(self) -> BadResponse | EmptyReply | SendFailed:
        """The stream ended before a final head."""
        if self.heard_at:
            return BadResponse(f"{self._stream.peer} closed the connection within the response head", retryable=True)
        if self._send_error is not None:
            return self._send_error
        return EmptyReply(f"{self._stream.peer} closed the connection without a byte of response", hint=self._advice())

    def _advice(self) -> str | None:
        """A TLS server that is spoken to in plain often just hangs up."""
        if self._request.url.scheme == "https":
            return None
        return "if that port speaks TLS, write https://"


def _has_descriptor(body: FileBody) -> bool:
    try:
        return body.file.fileno() >= 0
    except (OSError, AttributeError):
        return False


def _exactly(body: Body) -> Iterator[bytes]:
    """The blocks of a body, which must be as long as the head announced: a byte more would be the next request."""
    left = body.length or 0
    for block in body.chunks():
        left -= len(block)
        if left < 0:
            raise InputFailed(f"the request body is longer than the {body.length} bytes that were announced")
        yield block
    if left:
        raise InputFailed(f"the request body ended {left} bytes before the {body.length} that were announced")
