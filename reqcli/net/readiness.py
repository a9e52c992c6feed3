"""Waiting for sockets: poll(2) where the system has it, the same face over select where it does not (Windows)."""

from __future__ import annotations

import select
import sys
from sys import byteorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

# All of this room has its sockets from here. A command needs nothing but the half that is written in C: the other half,
# names for numbers, files around sockets, takes an eighth of its start. A program that uses sockets loads the whole.
if TYPE_CHECKING or "socket" in sys.modules:
    import socket as socket
else:
    try:
        import _socket as socket
    except ImportError:  # another Python than CPython
        import socket as socket


def by_program(name: str) -> Any:
    """What the program calls so in its module `socket`, which it may have loaded by now, and have put another in the
    place of what was there (gevent, pytest-socket, a resolver of its own): then that is what is used.

    Args:
        name: `socket` or `getaddrinfo`.
    """
    return getattr(sys.modules.get("socket"), name, None) or getattr(socket, name)


if hasattr(select, "poll"):
    POLLIN = select.POLLIN
    POLLOUT = select.POLLOUT
else:
    POLLIN, POLLOUT = 1, 4


class SelectPoll:
    """What `select.poll()` gives, made of `select.select`: a socket that fails counts as ready for what was asked."""

    def __init__(self) -> None:
        self._wanted: dict[int, int] = {}

    def register(self, fd: int, eventmask: int) -> None:
        """Watch a socket for these events."""
        self._wanted[fd] = eventmask

    def unregister(self, fd: int) -> None:
        """Watch it no longer."""
        del self._wanted[fd]

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        """The sockets that are ready and what for, after `timeout` milliseconds at most."""
        readers = [fd for fd, mask in self._wanted.items() if mask & POLLIN]
        writers = [fd for fd, mask in self._wanted.items() if mask & POLLOUT]
        seconds = None if timeout is None else timeout / 1000
        readable, writable, failed = select.select(readers, writers, [*self._wanted], seconds)
        events = dict.fromkeys((*readable, *writable, *failed), 0)
        for fd in events:
            events[fd] |= POLLIN if fd in readable else 0
            events[fd] |= POLLOUT if fd in writable else 0
            events[fd] |= self._wanted[fd] if fd in failed else 0
        return list(events.items())


poll = select.poll if hasattr(select, "poll") else SelectPoll

MOST_SOCKETS: Final = 2**31 if hasattr(select, "poll") else 500
"""Sockets that can be waited for at a time: select takes 512 of them on Windows."""

DONT_WAIT: Final[int] = getattr(socket, "MSG_DONTWAIT", 0)
"""The flag of a call that does not block; where there is none, a socket with a limit never does for long."""


def limit_receive(sock: socket.socket, seconds: float) -> None:
    """Let receiving fail with BlockingIOError (TimeoutError without poll) when nothing came for so long (above 0)."""
    _limit(sock, socket.SO_RCVTIMEO, seconds)


def limit_send(sock: socket.socket, seconds: float) -> None:
    """The same for sending when nothing could be sent."""
    _limit(sock, socket.SO_SNDTIMEO, seconds)


def limit_unsent(sock: socket.socket, size: int) -> None:
    """Let a TCP socket take about so many bytes in advance of what can be sent, where the system can be told so."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is not None and sock.family != getattr(socket, "AF_UNIX", None):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, option, size)
        except OSError:
            pass  # an older system; sending works all the same


def only_whole_segments(sock: socket.socket, *, is_so: bool) -> None:
    """Let a TCP socket hold back what fills no segment, until that is so no more; where the system can (Linux)."""
    option = getattr(socket, "TCP_CORK", None)
    if option is not None and sock.family != getattr(socket, "AF_UNIX", None):
        try:
            sock.setsockopt(socket.IPPROTO_TCP, option, is_so)
        except OSError:
            pass  # it is broken, as whoever sends will see


def whole_segments(sock: socket.socket, most: int) -> int:
    """The largest multiple of a TCP socket's segments up to so many bytes; 0 if not one fits, or there are none."""
    option = getattr(socket, "TCP_MAXSEG", None)
    if option is None or sock.family == getattr(socket, "AF_UNIX", None):
        return 0
    try:
        segment = sock.getsockopt(socket.IPPROTO_TCP, option)
    except OSError:
        return 0
    return most - most % segment if segment > 0 else 0


def _limit(sock: socket.socket, option: int, seconds: float) -> None:
    if not hasattr(select, "poll"):
        sock.settimeout(seconds)
        return
    # A struct timeval: two numbers of one width, which the system itself tells; nought would mean for ever.
    width = len(sock.getsockopt(socket.SOL_SOCKET, option, 16)) // 2
    micros = max(1, round(seconds * 1e6))
    value = b"".join(part.to_bytes(width, byteorder) for part in divmod(micros, 1_000_000))
    sock.setsockopt(socket.SOL_SOCKET, option, value)


def pair() -> tuple[socket.socket, socket.socket]:
    """Two sockets that are connected to each other."""
    if hasattr(socket, "socketpair"):
        return socket.socketpair()
    import socket as whole  # Windows has no such call, and the standard library makes one of others

    return whole.socketpair()
