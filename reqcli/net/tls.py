"""TLS as a layer over any stream. Imported for https only.

The engine is OpenSSL with its bytes in memory (`ssl.MemoryBIO`): it eats ciphertext and gives ciphertext, and the
stream below carries it. So the same layer stands on a socket, on a tunnel and on another TLS layer.

    plaintext  → write → OpenSSL → _outgoing → below.send
    plaintext  ← read  ← OpenSSL ← _incoming ← below.receive

Any step may first need bytes from the peer (SSLWantReadError) and any step may leave bytes to be sent (a
handshake message, an answer to KeyUpdate, an alert), so every step runs through `_run`, which moves both.

An end without close_notify is marked `truncated` (RFC 8446 §6.1, RFC 9112 §9.8); the layer itself says
close_notify when it is closed. A time limit bounds one call as a whole: a record that drips in byte by byte
cannot stretch it.
"""

from __future__ import annotations

from functools import partial
from time import monotonic

from reqcli.errors import ReceiveFailed, ReqcliError, SendFailed, Timeout, TlsHandshakeFailed
from reqcli.net.openssl import new_engine, say_goodbye, ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, TypeVar

    from reqcli.model.peer import Peer
    from reqcli.net.stream import Stream

    _T = TypeVar("_T")

_RECORD: Final = 16 * 1024
"""The most plaintext that one record can hold (RFC 8446 §5.1)."""

_INCOMING: Final = 64 * 1024
"""Bytes of ciphertext asked for at once."""

_OUTGOING: Final = 64 * 1024
"""Bytes of plaintext encrypted at once."""

_NOTHING: Final = memoryview(b"")


class TlsStream:
    """TLS over another stream.

    Args:
        below: what carries the ciphertext; owned by this layer from now on.
        context: whom to trust, and what to present.
        host: a DNS name, or an address without its zone, that the certificate must be for.
    """

    __slots__ = (
        "_below", "_early", "_incoming", "_is_up", "_met", "_outgoing", "_tls", "_unsent", "_unsent_size", "truncated",
    )  # fmt: skip

    def __init__(self, below: Stream, context: ssl.SSLContext, host: str) -> None:
        self._below: Final = below
        self._incoming: Final = ssl.MemoryBIO()
        self._outgoing: Final = ssl.MemoryBIO()
        self._tls: Final = new_engine(context, self._incoming, self._outgoing, host)
        self._is_up = False
        self._early = b""
        self._met: Exception | None = None
        self._unsent = _NOTHING
        self._unsent_size = 0
        self.truncated = False

    @property
    def peer(self) -> str:
        return self._below.peer

    @property
    def certificate(self) -> bytes:
        """The peer's, in DER, once hands are shaken; there also if it was not verified."""
        return self._tls.getpeercert(True) or b""  # noqa: FBT003 - it takes it by position only

    def shake_hands(self, timeout: float) -> None:
        """Agree on keys and check the certificate, within `timeout` seconds in all.

        Raises:
            TlsCertInvalid: the certificate is not to be trusted, or is another host's.
            TlsHandshakeFailed: the peer refused, broke off or does not speak TLS.
            Timeout: phase `tls`.
        """
        try:
            self._run(self._tls.do_handshake, timeout, "tls")
        except ssl.SSLError as error:
            from reqcli.net.tls_errors import handshake_error

            self._take_leave()
            raise handshake_error(error, self._tls, self.peer) from error
        except (SendFailed, ReceiveFailed) as error:
            raise TlsHandshakeFailed(
                f"{self.peer} broke the connection off during the TLS handshake", retryable=True, details=error.details
            ) from error
        self._is_up = True

    def send(self, data: bytes | memoryview, timeout: float, phase: str = "send") -> None:
        if self._unsent:  # of these very data, the beginning is encrypted already
            unsent, self._unsent = self._unsent, _NOTHING
            self._below.send(unsent, timeout, phase)
            data = memoryview(data)[self._unsent_size :]
        try:
            try:
                self._tls.write(data)
            except ssl.SSLWantReadError:
                self._run(partial(self._tls.write, data), timeout, phase)
            else:
                self._flush(timeout, phase)
        except ssl.SSLError as error:
            from reqcli.net.tls_errors import send_error

            raise send_error(error, self.peer) from error

    def send_some(self, data: memoryview, timeout: float) -> int:
        if not self._unsent:
            block = data[:_OUTGOING]
            try:
                self._tls.write(block)
            except ssl.SSLError:  # an alert came, or the peer asks for another handshake (TLS 1.2)
                self.send(block, timeout)
                return len(block)
            self._unsent = memoryview(self._outgoing.read())
            self._unsent_size = len(block)
        while self._unsent:
            sent = self._below.send_some(self._unsent, timeout)
            if not sent and self.is_readable():
                return 0
            self._unsent = self._unsent[sent:]
        return self._unsent_size

    def receive(self, limit: int, timeout: float, phase: str = "receive") -> bytes:
        if self._early:
            data, self._early = self._early[:limit], self._early[limit:]
            return data
        size = min(limit, _RECORD)
        try:
            if self._met is not None:
                raise self._met
            if not (self._tls.pending() or self._incoming.pending or self._incoming.eof):
                if self._outgoing.pending:
                    self._flush(timeout, phase)
                self._fill(timeout, phase)
            try:
                data = self._tls.read(size)
            except ssl.SSLWantReadError:
                return self._run(partial(self._tls.read, size), timeout, phase)
            if self._outgoing.pending:
                self._flush(timeout, phase)
            return data
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLEOFError:
            self.truncated = True
            return b""
        except ssl.SSLError as error:
            from reqcli.net.tls_errors import receive_error

            raise receive_error(error, self.peer) from error

    def is_readable(self) -> bool:
        """Bytes below may be TLS's own (a session ticket): those are taken in, and do not count.

        What breaks meanwhile is told by the system once, so it is kept for `receive`.
        """
        if self._met is not None:
            return True
        if not (self._early or self._tls.pending() or self._incoming.pending or self._below.is_readable()):
            return False
        try:
            while not self._early:
                try:
                    self._early = self._tls.read(_RECORD)
                    return True
                except ssl.SSLWantReadError:
                    if not self._below.is_readable():
                        return False
                    self._fill(1.0, "receive")
        except (ssl.SSLError, ReqcliError) as error:
            self._met = error.with_traceback(None)  # whose frames hold this stream
        return True

    def fileno(self) -> int:
        return self._below.fileno()

    def describe(self) -> Peer:
        from reqcli.net.tls_facts import certificate_of

        cipher = self._tls.cipher()
        return self._below.describe().replace(
            tls_version=self._tls.version(),
            cipher=None if cipher is None else cipher[0],
            certificate=certificate_of(self._tls),
        )

    def close(self) -> None:
        if self._is_up:
            self._is_up = False
            try:
                say_goodbye(self._tls)
            except ssl.SSLError:
                pass
            self._take_leave()
        self._below.close()

    def abandon(self) -> None:
        self._is_up = False
        self._below.abandon()

    def interrupt(self) -> None:
        self._below.interrupt()

    def _run(self, step: Callable[[], _T], timeout: float, phase: str) -> _T:
        """Do one step of the engine, moving ciphertext both ways until it is done."""
        left, ends = timeout, None
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush(timeout, phase)
                if ends is None:
                    ends = monotonic() + timeout
                elif (left := ends - monotonic()) <= 0:
                    raise Timeout(f"{self.peer} sent no whole TLS record for {timeout:g} s", phase=phase) from None
                try:
                    self._fill(left, phase)
                except Timeout as error:  # what came before was TLS's own, so all of the time has passed in silence
                    raise Timeout(f"{self.peer} sent nothing for {timeout:g} s", phase=phase) from error
            else:
                self._flush(timeout, phase)
                return result

    def _fill(self, timeout: float, phase: str) -> None:
        data = self._below.receive(_INCOMING, timeout, phase)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self, timeout: float, phase: str) -> None:
        """Send what the engine has left to send, but never into the middle of a record that is on its way."""
        if self._outgoing.pending and not self._unsent:
            self._below.send(self._outgoing.read(), timeout, phase)

    def _take_leave(self) -> None:
        """Send a last alert if it goes out at once; nobody is told if it does not."""
        try:
            if self._outgoing.pending and not self._unsent:
                self._below.send_some(memoryview(self._outgoing.read()), 0.001)
        except ReqcliError:
            pass
