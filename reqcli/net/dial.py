"""From a route to a stream that speaks for it: the one file that knows the order of the layers.

    Unix socket, or addresses → race → TCP  →  (a proxy's tunnel will stand here)  →  TLS for https

The connect timeout bounds all of it together, name resolution and TLS handshake included, however many addresses
there are.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from reqcli.errors import ConnectFailed, Timeout
from reqcli.model.route import DEFAULT_TLS
from reqcli.net.race import Race
from reqcli.net.resolve import addresses_of
from reqcli.net.stream import SocketStream, errno_name, reason

if TYPE_CHECKING:
    import ssl

    from reqcli.model.origin import Origin
    from reqcli.model.route import Route, TlsOptions
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.net.stream import Stream


class Dialler:
    """Makes connections. It keeps one TLS context for each set of options, and nothing else; threads may share it."""

    __slots__ = ("_contexts",)

    def __init__(self) -> None:
        self._contexts: Final[dict[TlsOptions, ssl.SSLContext]] = {}

    def dial(self, route: Route, deadline: Deadline, watch: Stopwatch) -> Stream:
        """A connection as the route wants it.

        Args:
            route: where to, and how.
            deadline: the limits; `connect` bounds everything here.
            watch: gets `dns`, `connect` and `tls`.

        Raises:
            DnsFailed, ConnectFailed, TlsHandshakeFailed, TlsCertInvalid, TlsCaUnreadable: no connection.
            InputFailed, SecretUnavailable: the client certificate cannot be used.
            Timeout: phase `dns`, `connect` or `tls`.
        """
        allowance = _Allowance(route.origin, deadline)
        stream: Stream
        if route.dialling.unix_socket is not None:
            stream = _reach_unix_socket(route.dialling.unix_socket, allowance, watch)
        else:
            stream = _reach_host(route, allowance, watch)
        if route.origin.is_secure:
            try:
                stream = self._secure(stream, route, allowance, watch)
            except BaseException:
                stream.abandon()
                raise
        return stream

    def _secure(self, below: Stream, route: Route, allowance: _Allowance, watch: Stopwatch) -> Stream:
        from reqcli.net.tls import TlsStream

        started = allowance.now()
        host = route.origin.host.partition("%")[0]
        stream = TlsStream(below, self._context(route.tls or DEFAULT_TLS), host)
        try:
            stream.shake_hands(allowance.left("tls"))
        except Timeout:
            raise allowance.ran_out("tls") from None
        watch.tls = allowance.now() - started
        return stream

    def _context(self, options: TlsOptions) -> ssl.SSLContext:
        context = self._contexts.get(options)
        if context is None:
            from reqcli.net.trust import make_context

            context = self._contexts[options] = make_context(options)
        return context


class _Allowance:
    """The time for one connection: `connect`, or what is left of the total if that is less."""

    __slots__ = ("_deadline", "_ends", "now", "peer")

    def __init__(self, origin: Origin, deadline: Deadline) -> None:
        self.now: Final = deadline.now
        self._deadline: Final = deadline
        self._ends: Final = deadline.now() + deadline.timeouts.connect
        self.peer: Final = f"[{origin.host}]:{origin.port}" if ":" in origin.host else f"{origin.host}:{origin.port}"

    def left(self, phase: str) -> float:
        """Seconds left, above zero."""
        left = self._ends - self.now()
        if left <= 0:
            raise self.ran_out(phase)
        return self._deadline.left(left, phase)

    def ran_out(self, phase: str) -> Timeout:
        """The error that says which limit it was."""
        try:
            self._deadline.left(1.0, phase)
        except Timeout as error:
            return error
        return Timeout(f"no connection to {self.peer} within {self._deadline.timeouts.connect:g} s", phase=phase)


def _reach_host(route: Route, allowance: _Allowance, watch: Stopwatch) -> SocketStream:
    now, origin, started = allowance.now, route.origin, allowance.now()
    try:
        addresses = addresses_of(origin.host, origin.port, route.dialling, allowance.left("dns"))
    except Timeout:
        raise allowance.ran_out("dns") from None
    resolved = now()
    watch.dns = resolved - started
    race = Race(allowance.peer, addresses, route.dialling.local_address)
    sock = race.run(lambda: allowance.left("connect"), now)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    watch.connect = now() - resolved
    return SocketStream(sock, allowance.peer)


def _reach_unix_socket(path: str, allowance: _Allowance, watch: Stopwatch) -> SocketStream:
    started = allowance.now()
    if not hasattr(socket, "AF_UNIX"):
        raise ConnectFailed(f"cannot connect to {path}: this system has no Unix sockets", retryable=False)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(allowance.left("connect"))
        sock.connect(path)
    except TimeoutError:
        sock.close()
        raise allowance.ran_out("connect") from None
    except OSError as error:
        sock.close()
        raise ConnectFailed(
            f"cannot connect to the Unix socket {path}: {reason(error)}",
            details={"addresses": [{"address": path, "errno": errno_name(error), "message": reason(error)}]},
        ) from error
    except BaseException:
        sock.close()
        raise
    watch.connect = allowance.now() - started
    return SocketStream(sock, path)
