"""From a route to a stream that speaks for it: the one file that knows the order of the layers.

    Unix socket, or addresses → race → TCP                                               →  TLS for https
    the proxy's addresses → race → TCP  →  TLS for an https proxy  →  CONNECT, or SOCKS  →  TLS for https

A proxy is not asked for a way to an http origin if it speaks HTTP itself: it is given the request (`net.forward`).
TLS with a proxy and TLS with an origin have nothing in common, not even where their options are the same
(CVE-2021-22890, CVE-2021-28363).

The connect timeout bounds all of it together, name resolution and every handshake included, however many addresses
there are.
"""

from __future__ import annotations

from reqcli.errors import (
    ConnectFailed,
    DnsFailed,
    PolicyDenied,
    ProxyHandshakeFailed,
    ReceiveFailed,
    SendFailed,
    Timeout,
    TlsCertInvalid,
)
from reqcli.model.route import DEFAULT_TLS
from reqcli.net.race import Race
from reqcli.net.readiness import by_program, socket
from reqcli.net.resolve import addresses_of
from reqcli.net.stream import SocketStream, errno_name, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from typing import Final

    from reqcli.model.route import Dialling, Proxy, Route, TlsOptions
    from reqcli.model.timing import Address, Deadline, Stopwatch
    from reqcli.net.proxy_auth import ProxyAuth
    from reqcli.net.socks import Socks
    from reqcli.net.stream import Stream
    from reqcli.net.tunnel import Tunnel


class Dialler:
    """Makes connections. It keeps one TLS context for each set of options, and what each proxy said of the credential
    for it, and nothing else; threads may share it."""

    __slots__ = ("_contexts", "_proxy_auths")

    def __init__(self) -> None:
        self._contexts: Final[dict[tuple[str, TlsOptions], ssl.SSLContext]] = {}
        self._proxy_auths: Final[dict[Proxy, ProxyAuth]] = {}

    def dial(self, route: Route, deadline: Deadline, watch: Stopwatch) -> Stream:
        """A connection as the route wants it.

        Args:
            route: where to, and how.
            deadline: the limits; `connect` bounds everything here.
            watch: gets `dns`, `connect` and `tls`.

        Raises:
            DnsFailed, ConnectFailed, TlsHandshakeFailed, TlsCertInvalid, TlsCaUnreadable: no connection.
            PolicyDenied: only public addresses are allowed, and there is none.
            ProxyHandshakeFailed: the proxy refused it.
            InputFailed, SecretUnavailable: the client certificate cannot be used.
            Usage: the proxy's credential cannot be sent to it.
            Timeout: phase `dns`, `connect`, `proxy` or `tls`.
        """
        allowance = _Allowance(route, deadline)
        stream: Stream
        if route.dialling.unix_socket is not None:
            if route.dialling.only_public:
                raise PolicyDenied(
                    "the session's policy allows public addresses alone, and a Unix socket is this machine",
                    details={"rule": "address"},
                )
            stream = _reach_unix_socket(route.dialling.unix_socket, allowance, watch)
        elif route.proxy is not None:
            stream = self._reach_by_proxy(route.proxy, route, allowance, watch)
        else:
            origin = route.origin
            stream = _reach_host(allowance.peer, origin.host, origin.port, route.dialling, allowance, watch)
        if route.origin.is_secure:
            try:
                started = allowance.now()
                deadline.attach(stream.interrupt)
                stream = self._secure(stream, "origin", route.origin.host, route.tls or DEFAULT_TLS, allowance, "tls")
                watch.tls = allowance.now() - started
            except BaseException:
                deadline.detach()
                stream.abandon()
                raise
            deadline.detach()
        return stream

    def proxy_auth(self, proxy: Proxy) -> ProxyAuth | None:
        """The credential for a proxy, with what is known of it; None without one.

        Raises:
            Usage: it cannot be sent to a proxy.
        """
        if proxy.credential is None:
            return None
        known = self._proxy_auths.get(proxy)
        if known is None:
            from reqcli.net.proxy_auth import ProxyAuth

            known = self._proxy_auths.setdefault(proxy, ProxyAuth(proxy.credential))
        return known

    def _reach_by_proxy(self, proxy: Proxy, route: Route, allowance: _Allowance, watch: Stopwatch) -> Stream:
        """A stream to the proxy if it forwards, else one through it to the origin."""
        started = allowance.now()
        way = self._way_through(proxy, route, allowance)
        lookups = allowance.now() - started
        peer = f"the proxy {proxy}"
        while True:
            try:
                base = _reach_host(peer, proxy.host, proxy.port, route.dialling, allowance, watch)
            except PolicyDenied as error:
                error.hint = f"that is the proxy {proxy}: a policy that names origins instead allows any proxy"
                raise
            except (ConnectFailed, DnsFailed) as error:
                error.hint = "that is the proxy: check --proxy and the environment, or do without it by --proxy no"
                raise
            lookups += watch.dns or 0.0
            stream: Stream = base
            try:
                allowance.deadline.attach(base.interrupt)
                if proxy.scheme == "https":
                    stream = self._secure_proxy(base, proxy, allowance)
                is_open = way is None or _is_opened(way, stream, allowance)
            except BaseException:
                allowance.deadline.detach()
                stream.abandon()
                raise
            allowance.deadline.detach()
            if is_open:
                break
            stream.close()
        if way is not None:
            base.peer = allowance.peer
        watch.dns = lookups
        watch.connect = allowance.now() - started - lookups
        return stream

    def _way_through(self, proxy: Proxy, route: Route, allowance: _Allowance) -> Tunnel | Socks | None:
        """What is to be agreed on with the proxy; None if it is simply given the request."""
        only_public = route.dialling.only_public
        if only_public:
            from reqcli.net.guarded import check_way

            check_way(proxy, route)
        if route.is_forwarded:
            return None
        origin = route.origin
        try:
            if proxy.forwards:
                from reqcli.net.tunnel import Tunnel

                left = allowance.left("dns")
                found = addresses_of(origin.host, origin.port, route.dialling, left) if only_public else []
                hosts = [address[0] for _, address in found]
                return Tunnel(origin, self.proxy_auth(proxy), allowance.now, limits=route.limits, hosts=hosts)
            from reqcli.net.socks import Socks, hosts_for

            return Socks(proxy, hosts_for(proxy, origin, route.dialling, allowance.left("dns")), origin.port)
        except Timeout:
            raise allowance.ran_out("dns") from None

    def _secure_proxy(self, below: Stream, proxy: Proxy, allowance: _Allowance) -> Stream:
        try:
            return self._secure(below, "proxy", proxy.host, proxy.tls, allowance, "proxy")
        except TlsCertInvalid as error:
            if error.hint is not None:
                error.hint = error.hint.replace("--verify", "--proxy-verify")
            raise

    def _secure(
        self, below: Stream, role: str, host: str, options: TlsOptions, allowance: _Allowance, phase: str
    ) -> Stream:
        """TLS over the stream; `role` keeps apart what is known of proxies and of origins."""
        from reqcli.net.tls import TlsStream

        stream = TlsStream(below, self._context(role, options), host.partition("%")[0])
        try:
            stream.shake_hands(allowance.left(phase))
        except Timeout:
            raise allowance.ran_out(phase) from None
        if options.pins:
            from reqcli.net.pinned import check_key

            try:
                check_key(stream.certificate, options.pins, stream.peer)
            except BaseException:
                stream.close()  # with an alert, so that the server is not left to wonder
                raise
        return stream

    def _context(self, role: str, options: TlsOptions) -> ssl.SSLContext:
        context = self._contexts.get((role, options))
        if context is None:
            from reqcli.net.trust import shared_context

            context = self._contexts[role, options] = shared_context(role, options)
        return context


class _Allowance:
    """The time for one connection: `connect`, or what is left of the total if that is less."""

    __slots__ = ("_ends", "deadline", "now", "peer")

    def __init__(self, route: Route, deadline: Deadline) -> None:
        self.now: Final = deadline.now
        self.deadline: Final = deadline
        self._ends: Final = deadline.now() + deadline.timeouts.connect
        host, port = route.origin.host, route.origin.port
        peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.peer: Final = peer if route.proxy is None else f"{peer} through the proxy {route.proxy}"

    def left(self, phase: str) -> float:
        """Seconds left, above zero."""
        left = self._ends - self.now()
        if left <= 0:
            raise self.ran_out(phase)
        return self.deadline.left(left, phase)

    def ran_out(self, phase: str) -> Timeout:
        """The error that says which limit it was."""
        try:
            self.deadline.left(1.0, phase)
        except Timeout as error:
            return error
        return Timeout(f"no connection to {self.peer} within {self.deadline.timeouts.connect:g} s", phase=phase)


def _is_opened(way: Tunnel | Socks, stream: Stream, allowance: _Allowance) -> bool:
    try:
        return way.open_on(stream, lambda: allowance.left("proxy"))
    except Timeout:
        raise allowance.ran_out("proxy") from None
    except (SendFailed, ReceiveFailed) as error:
        raise ProxyHandshakeFailed(
            f"{stream.peer} broke the connection off when it was asked for a way to the origin",
            retryable=True,
            details=error.details,
        ) from error


def _reach_host(
    peer: str, host: str, port: int, dialling: Dialling, allowance: _Allowance, watch: Stopwatch
) -> SocketStream:
    now, started = allowance.now, allowance.now()
    try:
        addresses = addresses_of(host, port, dialling, allowance.left("dns"))
    except Timeout:
        raise allowance.ran_out("dns") from None
    resolved = now()
    watch.dns = resolved - started
    race = Race(peer, addresses, dialling.local_address)
    allowance.deadline.attach(race.interrupt)
    try:
        sock = race.run(lambda: allowance.left("connect"), now)
    finally:
        allowance.deadline.detach()
        race.close()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    watch.connect = now() - resolved
    watch.connects += 1
    watch.ends = _ends(sock)
    return SocketStream(sock, peer)


def _ends(sock: socket.socket) -> tuple[Address, Address] | None:
    """The addresses of this end of the connection and of the other one."""
    try:
        here, there = sock.getsockname(), sock.getpeername()
    except OSError:  # the peer has gone again already; whoever sends will find out
        return None
    return (here[0], here[1]), (there[0], there[1])


def _reach_unix_socket(path: str, allowance: _Allowance, watch: Stopwatch) -> SocketStream:
    started = allowance.now()
    if not hasattr(socket, "AF_UNIX"):
        raise ConnectFailed(f"cannot connect to {path}: this system has no Unix sockets", retryable=False)
    sock: socket.socket = by_program("socket")(socket.AF_UNIX, socket.SOCK_STREAM)
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
    watch.connects += 1
    watch.ends = None
    return SocketStream(sock, path)
