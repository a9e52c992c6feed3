"""One face for everything bytes flow through: a socket, and every layer that is stacked on one.

A TLS layer wraps a stream and is a stream, and so will a tunnel through a proxy; what speaks HTTP on top never
knows what is below. Every error of the operating system is translated here, where it is born. Time limits come
in with each call, because only the caller knows what is left of the run, and so does the `phase` that a
`Timeout` is reported under. A limit is always above zero; it is the longest silence, so progress starts it anew.
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOSYS, EOPNOTSUPP, errorcode

from reqcli.errors import ReceiveFailed, SendFailed, Timeout
from reqcli.net.readiness import (
    DONT_WAIT,
    POLLIN,
    POLLOUT,
    limit_receive,
    limit_send,
    limit_unsent,
    only_whole_segments,
    poll,
    socket,
    whole_segments,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any, Final, Protocol

    from reqcli.model.peer import Peer
else:
    Protocol = object

CANNOT_SENDFILE: Final = frozenset({EINVAL, ENOSYS, EOPNOTSUPP})
"""What sendfile(2) says of a file that it cannot map."""


HAS_SENDMSG: Final = hasattr(socket.socket, "sendmsg")
"""Whether several pieces can go out in one call (not on Windows)."""

_MOST_UNSENT: Final = 128 * 1024
"""Bytes of a body that the kernel takes in advance of what it can send.

Unlike a send buffer of a fixed size (SO_SNDBUF) this leaves alone what is on its way, so a long, fat line is filled
all the same. Without it megabytes pile up: they cost the processor's cache, which makes an upload over a fast line
take two to three times as long, they make `body_sent` run ahead of the truth, and they still go out after the server
has said that it wants no more.
"""

_FILE_PART: Final = 64 * 1024
"""Bytes that the kernel is told to send from a file at once, less what is not a whole segment.

Linux takes sixteen pages at a time from a file. What is left over of a segment leaves as a tiny one as soon as an
acknowledgement comes, unless it is held back: over loopback, whose segments are 53 bytes shorter than sixteen pages,
that made 1.7 times the segments. Larger parts wait in the socket, and the congestion control (BBR) takes that for the
line's being slower than it is: then each segment has a wait of its own.
"""

_MEASURED_AGAIN: Final = 1024 * 1024
"""Bytes after which the system is asked anew for the size of a segment, which grows with the peer's window; where it
knows of none (a Unix socket), so many are sent at once."""


class Stream(Protocol):
    """Bytes to and from one peer.

    Attributes:
        peer: host and port, as messages call it.
        truncated: whether the end that `receive` reported may have been forged (TLS without close_notify).
    """

    @property
    def peer(self) -> str: ...

    @property
    def truncated(self) -> bool: ...

    def send(self, data: bytes | memoryview, timeout: float, phase: str = "send") -> None:
        """Send all of it, each part within `timeout` seconds.

        Raises:
            SendFailed: with `sent` "no" if not one byte was taken.
            Timeout: nothing moved for that long.
        """

    def send_some(self, data: memoryview, timeout: float) -> int:
        """Wait until bytes fit or the peer speaks, and send what fits; 0 when it is time to ask `is_readable`.

        After a 0, the next bytes that are sent must be these same ones again, for a part may be on its way.

        Raises:
            SendFailed: the connection broke.
            Timeout: nothing moved for `timeout` seconds, in either direction.
        """

    def receive(self, limit: int, timeout: float, phase: str = "receive") -> bytes:
        """Up to `limit` bytes, as soon as there are any; empty at the end of the stream.

        Raises:
            ReceiveFailed: the connection broke.
            Timeout: nothing came for `timeout` seconds.
        """

    def is_readable(self) -> bool:
        """Whether `receive` would return at once, be it with bytes, the end or an error. Never blocks."""

    def fileno(self) -> int:
        """The socket below, to wait for; not everything that comes on it is for `receive`."""

    def describe(self) -> Peer:
        """What the connection is like."""

    def close(self) -> None:
        """Take leave of the peer as the protocol asks, without waiting, and let go. May be called again."""

    def abandon(self) -> None:
        """Let go without a word to the peer: after a fork the parent still speaks on the same socket."""

    def interrupt(self) -> None:
        """End what another thread waits for on this stream, which is of no use then; that thread closes it."""


def errno_name(error: OSError) -> str:
    """`ECONNREFUSED` and the like; the class where the error has no number."""
    return errorcode.get(error.errno or 0, type(error).__name__)


def reason(error: OSError) -> str:
    """The system's words for what went wrong."""
    return error.strerror or str(error) or type(error).__name__


class SocketStream:
    """A connected socket, TCP or Unix.

    The kernel itself keeps the limits (SO_RCVTIMEO, SO_SNDTIMEO): a call blocks in the one system call that moves the
    bytes, while Python's own timeouts would poll before each of them. What must not block says so (MSG_DONTWAIT).

    Args:
        sock: connected; owned by the stream from now on.
        peer: host and port, as messages call it; another once a proxy has made it a way to the origin.
    """

    __slots__ = ("_either", "_readable", "_receive_limit", "_send_limit", "_sock", "peer")

    truncated: Final = False

    def __init__(self, sock: socket.socket, peer: str) -> None:
        self._sock: Final = sock
        self.peer = peer
        sock.settimeout(None)
        self._send_limit = self._receive_limit = 0.0
        self._either: Any = None
        self._readable: Final = poll()
        self._readable.register(sock.fileno(), POLLIN)

    def send(self, data: bytes | memoryview, timeout: float, phase: str = "send") -> None:
        if timeout != self._send_limit:  # setting it is a system call
            limit_send(self._sock, timeout)
            self._send_limit = timeout
        size, sent = len(data), 0
        try:
            sent = self._sock.send(data)
            if sent < size:
                view = memoryview(data)
                while sent < size:
                    sent += self._sock.send(view[sent:])
        except OSError as error:
            raise self._send_error(error, timeout, sent, phase) from error

    def send_some(self, data: memoryview, timeout: float) -> int:
        if not self._may_send(timeout):
            return 0
        try:
            return self._sock.send(data, DONT_WAIT)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._send_error(error, timeout, 0, "send") from error

    def send_parts(self, parts: Sequence[bytes | memoryview], timeout: float) -> int:
        """`send_some` from several pieces, which are not copied together for it."""
        if not self._may_send(timeout):
            return 0
        try:
            return self._sock.sendmsg(parts, (), DONT_WAIT)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._send_error(error, timeout, 0, "send") from error

    def send_file(self, file: int, start: int, end: int, left: Callable[[], float]) -> Generator[int]:
        """`send_some` from an open file, inside the kernel, until all of it is out; the caller closes the generator.

        Args:
            file: a descriptor; its position is neither used nor moved.
            start: where in the file to begin.
            end: where to stop; if the file ends before that, the generator does too.
            left: the time limit of the next part, in seconds.

        Yields:
            Bytes that were taken; 0 when it is time to ask `is_readable`. Nothing else may be sent meanwhile.

        Raises:
            OSError: with one of CANNOT_SENDFILE: this kind of file cannot be sent so.
            SendFailed: the connection broke.
            Timeout: nothing moved for that long, in either direction.
        """
        if not hasattr(os, "sendfile"):
            raise OSError(ENOSYS, os.strerror(ENOSYS))
        number, most, measured, timeout = self._sock.fileno(), 0, start, 0.0
        os.set_blocking(number, False)
        only_whole_segments(self._sock, is_so=True)
        try:
            while start < end:
                count = 0
                if start >= measured:
                    most, measured = whole_segments(self._sock, _FILE_PART) or _MEASURED_AGAIN, start + _MEASURED_AGAIN
                timeout = left()
                if self._may_send(timeout):
                    try:
                        count = os.sendfile(number, file, start, min(most, end - start))
                    except BlockingIOError:
                        pass
                    else:
                        if not count:
                            return
                if count:
                    start += count
                    yield count
                else:
                    os.set_blocking(number, True)
                    yield 0
                    os.set_blocking(number, False)
        except OSError as error:
            if error.errno in CANNOT_SENDFILE:
                raise
            raise self._send_error(error, timeout, 0, "send") from error
        finally:
            os.set_blocking(number, True)
            only_whole_segments(self._sock, is_so=False)

    def receive(self, limit: int, timeout: float, phase: str = "receive") -> bytes:
        if timeout != self._receive_limit:
            limit_receive(self._sock, timeout)
            self._receive_limit = timeout
        try:
            return self._sock.recv(limit)
        except (BlockingIOError, TimeoutError) as error:
            raise Timeout(f"{self.peer} sent nothing for {timeout:g} s", phase=phase) from error
        except OSError as error:
            raise ReceiveFailed(
                f"the connection to {self.peer} broke while receiving: {reason(error)}",
                details={"errno": errno_name(error)},
            ) from error

    def is_readable(self) -> bool:
        return bool(self._readable.poll(0))

    def fileno(self) -> int:
        return self._sock.fileno()

    def describe(self) -> Peer:
        from reqcli.model.peer import Peer

        try:
            address = self._sock.getpeername()
        except OSError:  # it is gone already
            return Peer(self.peer, "")
        if not isinstance(address, tuple):
            return Peer(self.peer, os.fsdecode(address))
        host, port = address[:2]
        return Peer(self.peer, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")

    def close(self) -> None:
        self._sock.close()

    abandon = close

    def interrupt(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is closed already, by the peer or by us

    def _may_send(self, timeout: float) -> bool:
        """Wait until bytes can go out; False when the peer spoke first."""
        if self._either is None:  # most requests have no body
            self._either = poll()
            self._either.register(self._sock.fileno(), POLLIN | POLLOUT)
            limit_unsent(self._sock, _MOST_UNSENT)
        events = self._either.poll(timeout * 1000)
        if not events:
            raise self._send_error(TimeoutError(), timeout, 0, "send")
        return not events[0][1] & POLLIN

    def _send_error(self, error: OSError, timeout: float, sent: int, phase: str) -> Timeout | SendFailed:
        translated: Timeout | SendFailed
        if isinstance(error, BlockingIOError | TimeoutError):
            translated = Timeout(f"{self.peer} took no more data for {timeout:g} s", phase=phase)
        else:
            translated = SendFailed(
                f"the connection to {self.peer} broke while sending: {reason(error)}",
                details={"errno": errno_name(error)},
            )
        translated.sent = "maybe" if sent else "no"
        return translated
