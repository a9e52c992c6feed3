"""Connect to the first of several addresses that answers (Happy Eyeballs, RFC 8305 §5).

The next address is tried when the one before has failed, or after 250 ms without an answer, and the earlier ones
stay in the race. The first to connect wins; the rest are closed. All connects are non-blocking and wait in one
`poll`, so no thread is needed and the time limit is exact.
"""

from __future__ import annotations

from errno import EAFNOSUPPORT, EINPROGRESS, ENOTSUP, EWOULDBLOCK, errorcode
from os import strerror

from reqcli.errors import ConnectFailed, Timeout
from reqcli.net.readiness import POLLOUT, by_program, poll, socket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.net.resolve import Address

HEAD_START: Final = 0.25
"""Seconds that an address is waited for before the next one is tried as well (§5 recommends 250 ms)."""


class Race:
    """One race for a connection; to be closed after it.

    Args:
        peer: host and port, as messages call it.
        addresses: those to try, best first; at least one.
        local_address: the address or the name of the interface to connect from, or None.
    """

    __slots__ = ("_failures", "_fallen", "_local", "_next_start", "_peer", "_poll", "_runners", "_waiting")

    def __init__(self, peer: str, addresses: list[Address], local_address: str | None) -> None:
        self._peer: Final = peer
        self._local: Final = local_address
        self._waiting: Final = addresses[::-1]
        self._runners: Final[dict[int, tuple[socket.socket, Address]]] = {}
        self._failures: Final[list[dict[str, object]]] = []
        self._fallen: Final[list[socket.socket]] = []  # closed in the end: another thread may be shutting them down
        self._poll: Final = poll()
        self._next_start = 0.0

    def run(self, left: Callable[[], float], now: Callable[[], float]) -> socket.socket:
        """The connected, non-blocking socket of the winner.

        Args:
            left: seconds left for connecting; raises Timeout when there are none.
            now: a monotonic clock.

        Raises:
            ConnectFailed: every address failed; `details` has each of them and its errno.
            Timeout: none answered in time.
        """
        try:
            while self._waiting or self._runners:
                if self._waiting and now() >= self._next_start:
                    self._next_start = now() + HEAD_START
                    winner = self._start(self._waiting.pop())
                else:
                    pause = left()
                    if self._waiting:
                        pause = min(pause, max(self._next_start - now(), 0.0))
                    winner = self._wait(pause)
                if winner is not None:
                    return winner
        except Timeout as error:
            silent = [_entry(address, None, "no answer") for _, address in self._runners.values()]
            error.details["addresses"] = [*self._failures, *silent]
            raise
        raise ConnectFailed(
            f"cannot connect to {self._peer}: {self._failures[-1]['message']}", details={"addresses": self._failures}
        )

    def close(self) -> None:
        """Close whoever did not win; after a race, and when nobody interrupts it any more."""
        for sock in (*self._fallen, *(sock for sock, _ in self._runners.values())):
            sock.close()

    def interrupt(self) -> None:
        """End the wait of the thread that runs the race: a connect that is shut down has failed."""
        for sock, _ in list(self._runners.values()):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # this one is out already

    def _start(self, address: Address) -> socket.socket | None:
        """Send one off; a connection on this machine may stand at once."""
        family, where = address
        sock: socket.socket | None = None
        try:
            sock = by_program("socket")(family, socket.SOCK_STREAM)
            sock.settimeout(0.0)
            if self._local is not None:
                _bind(sock, family, self._local)
            outcome = sock.connect_ex(where)
        except OSError as error:
            outcome = error.errno or 0
        if sock is not None:
            if outcome == 0:
                return sock
            if outcome in (EINPROGRESS, EWOULDBLOCK):
                self._runners[sock.fileno()] = (sock, address)
                self._poll.register(sock.fileno(), POLLOUT)
                return None
            sock.close()
        self._note(address, outcome)
        return None

    def _wait(self, pause: float) -> socket.socket | None:
        """Wait for the first to arrive or fall."""
        for number, _ in self._poll.poll(pause * 1000):
            sock, address = self._runners.pop(number)
            self._poll.unregister(number)
            outcome = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if outcome == 0:
                return sock
            self._fallen.append(sock)
            self._note(address, outcome)
        return None

    def _note(self, address: Address, number: int) -> None:
        """One is out, so the next may start at once."""
        self._failures.append(_entry(address, errorcode.get(number, str(number)), strerror(number)))
        self._next_start = 0.0


def _entry(address: Address, errno_name: str | None, message: str) -> dict[str, object]:
    return {"address": address[1][0], "port": address[1][1], "errno": errno_name, "message": message}


def _bind(sock: socket.socket, family: socket.AddressFamily, local: str) -> None:
    """Leave from this address, or through the interface of this name."""
    is_v6 = ":" in local
    if is_v6 or local.replace(".", "").isdigit():
        if is_v6 != (family == socket.AF_INET6):
            raise OSError(EAFNOSUPPORT, strerror(EAFNOSUPPORT))
        sock.bind((local, 0))
        return
    option = getattr(socket, "SO_BINDTODEVICE", None)
    if option is None:
        raise OSError(ENOTSUP, strerror(ENOTSUP))
    sock.setsockopt(socket.SOL_SOCKET, option, local.encode() + b"\0")
