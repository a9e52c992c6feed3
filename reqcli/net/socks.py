"""A way through a SOCKS proxy: it connects to the origin and from then on passes bytes on.

    SOCKS4      04 01 port address user 00                              → 00 5A …            8 bytes
    SOCKS4a     the same with address 0.0.0.1, and the name and 00 after the user
    SOCKS5      05 n methods → 05 method                                RFC 1928 §3
                01 length user length password → 01 00                  RFC 1929, if that is the method
                05 01 00 type host port → 05 00 00 type address port    RFC 1928 §4, §6

`socks4` and `socks5` are given an address that was resolved here, `socks4a` and `socks5h` the name; an origin that
is an address is given as one to all of them. Every read goes on until it has all of its bytes, however they come,
and takes not one more: the next is the origin's. Every length is checked before it is written (CVE-2023-38545).
"""

from __future__ import annotations

from reqcli.errors import ProxyHandshakeFailed, Usage
from reqcli.net.readiness import socket
from reqcli.net.resolve import addresses_of, literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.model.origin import Origin
    from reqcli.model.route import Dialling, Proxy
    from reqcli.net.stream import Stream

    Left = Callable[[], float]

LONGEST: Final = 255
"""Bytes in a name, a user or a password: what one byte can count."""

_NO_AUTH: Final = 0
_PASSWORD: Final = 2
_NONE_OFFERED: Final = 255

_REPLIES_4: Final = {
    91: "the request was rejected or failed",
    92: "the proxy cannot reach the identd of this machine",
    93: "the identd of this machine reports another user",
}
_REPLIES_5: Final = {
    1: "general failure",
    2: "its rules do not allow the connection",
    3: "the network is unreachable",
    4: "the host is unreachable",
    5: "the connection was refused",
    6: "the time to live ran out",
    7: "it does not know CONNECT",
    8: "it does not know this type of address",
}
_OF_THE_ADDRESS_4: Final = frozenset({91})
_OF_THE_ADDRESS_5: Final = frozenset({3, 4, 5, 6, 8})
"""Replies that may be others for the next address of the same host."""
_MAY_PASS_5: Final = frozenset({1, 3, 4, 6})
"""Replies that may be others the next time."""

_ADDRESS_SIZES: Final = {1: 4, 4: 16}


class Socks:
    """The way through one proxy to one host; asked for on one connection after another until it is open.

    Args:
        proxy: of one of the SOCKS schemes.
        hosts: what to ask for, the best first: addresses as their bytes, a name as text.
        port: 1 to 65535.

    Raises:
        ProxyHandshakeFailed: the host cannot be told to this kind of proxy.
        Usage: the credential cannot.
    """

    __slots__ = ("_hosts", "_password", "_port", "_user", "_version_4")

    def __init__(self, proxy: Proxy, hosts: list[bytes | str], port: int) -> None:
        self._hosts: Final = hosts[::-1]
        self._port: Final = port.to_bytes(2)
        self._version_4: Final = proxy.scheme in ("socks4", "socks4a")
        self._user: bytes | None = None
        self._password = b""
        if proxy.credential is not None:
            if proxy.credential.scheme != "basic":
                raise Usage("a SOCKS proxy can only be given a user and a password")
            self._user = _credential_bytes(proxy.credential.reveal("user"), "user name")
            self._password = _credential_bytes(proxy.credential.reveal("password"), "password")

    def open_on(self, stream: Stream, left: Left) -> bool:
        """Ask for the connection to the host, by its next address.

        Args:
            stream: to the proxy, and unused.
            left: seconds left for it all; raises Timeout when there are none.

        Returns:
            False: that address cannot be reached, and there is another to be tried on another connection.

        Raises:
            ProxyHandshakeFailed: the proxy refused, or does not speak SOCKS.
            SendFailed, ReceiveFailed, Timeout: the connection broke or stalled.
        """
        host = self._hosts.pop()
        if self._version_4:
            reply, granted, may_differ, words = self._ask_4(stream, host, left), 90, _OF_THE_ADDRESS_4, _REPLIES_4
        else:
            self._sign_in(stream, left)
            reply, granted, may_differ, words = self._ask_5(stream, host, left), 0, _OF_THE_ADDRESS_5, _REPLIES_5
        if reply == granted:
            return True
        if reply in may_differ and self._hosts:
            return False
        raise ProxyHandshakeFailed(
            f"{stream.peer} made no connection to the origin: {words.get(reply, f'unknown reply {reply}')}",
            retryable=reply in _MAY_PASS_5 and not self._version_4,
            details={"reply": reply},
        )

    def _ask_4(self, stream: Stream, host: bytes | str, left: Left) -> int:
        user = self._user or b""
        if isinstance(host, str):
            where, name = b"\0\0\0\1", _name_bytes(host) + b"\0"
        else:
            where, name = host, b""
        stream.send(b"\4\1" + self._port + where + user + b"\0" + name, left(), "proxy")
        version, reply, *_ = _read(stream, 8, left)
        if version != 0:
            raise _not_socks(stream, 4, version)
        return reply

    def _sign_in(self, stream: Stream, left: Left) -> None:
        offered = [_NO_AUTH] if self._user is None else [_NO_AUTH, _PASSWORD]
        stream.send(bytes([5, len(offered), *offered]), left(), "proxy")
        version, method = _read(stream, 2, left)
        if version != 5:
            raise _not_socks(stream, 5, version)
        if method == _NONE_OFFERED:
            wanted = "wants a user and a password" if self._user is None else "has no use for a user and a password"
            raise ProxyHandshakeFailed(
                f"{stream.peer} {wanted}, or a way of signing in that is not known here",
                hint="give them with --proxy-auth, or in the proxy's URL" if self._user is None else None,
            )
        if method not in offered:
            raise ProxyHandshakeFailed(f"{stream.peer} chose a way of signing in that was not offered")
        if method == _PASSWORD and self._user is not None:
            user, password = self._user, self._password
            stream.send(bytes([1, len(user)]) + user + bytes([len(password)]) + password, left(), "proxy")
            # The first byte ought to be 1, but some proxies say 5 there; what counts is the second.
            _, status = _read(stream, 2, left)
            if status != 0:
                raise ProxyHandshakeFailed(f"{stream.peer} turned the user or the password down")

    def _ask_5(self, stream: Stream, host: bytes | str, left: Left) -> int:
        """The reply; what it says of the proxy's own address is read, because it is there, and dropped."""
        if isinstance(host, str):
            name = _name_bytes(host)
            where = bytes([3, len(name)]) + name
        else:
            where = bytes([1 if len(host) == 4 else 4]) + host
        stream.send(b"\5\1\0" + where + self._port, left(), "proxy")
        version, reply, _, kind = _read(stream, 4, left)
        if version != 5:
            raise _not_socks(stream, 5, version)
        if reply == 0:
            size = _read(stream, 1, left)[0] if kind == 3 else _ADDRESS_SIZES.get(kind)
            if size is None:
                raise ProxyHandshakeFailed(f"{stream.peer} answered with an address of the unknown type {kind}")
            _read(stream, size + 2, left)
        return reply


def hosts_for(proxy: Proxy, origin: Origin, dialling: Dialling, timeout: float) -> list[bytes | str]:
    """What to tell a proxy of an origin's host: its addresses, or its name where the proxy resolves it.

    Args:
        proxy: of one of the SOCKS schemes.
        origin: where to.
        dialling: overrides and family, for what is resolved here.
        timeout: seconds that this may take.

    Raises:
        DnsFailed: there is no address.
        ProxyHandshakeFailed: SOCKS4 was asked for an IPv6 address.
        Timeout: phase `dns`.
    """
    if proxy.scheme in ("socks4a", "socks5h"):
        found = literal(origin.host, origin.port)
        if not found:
            return [origin.host]
        if proxy.scheme == "socks4a" and found[0][0] == socket.AF_INET6:
            raise ProxyHandshakeFailed(f"SOCKS4 cannot carry the IPv6 address {origin.host}", hint="socks5 can")
    else:
        dialling = dialling.replace(family=4) if proxy.scheme == "socks4" else dialling
        found = addresses_of(origin.host, origin.port, dialling, timeout)
    return [socket.inet_pton(family, where[0].partition("%")[0]) for family, where in found]


def _credential_bytes(text: str, what: str) -> bytes:
    data = text.encode(errors="surrogateescape")
    if len(data) > LONGEST:
        raise Usage(f"the {what} for the SOCKS proxy is longer than {LONGEST} bytes")
    if b"\0" in data:
        raise Usage(f"the {what} for the SOCKS proxy holds a NUL")
    return data


def _name_bytes(name: str) -> bytes:
    data = name.encode()
    if len(data) > LONGEST or b"\0" in data:
        raise ProxyHandshakeFailed(f"the name of the host cannot be told to a SOCKS proxy: it has {len(data)} bytes")
    return data


def _read(stream: Stream, size: int, left: Left) -> bytes:
    """So many bytes, no less and no more."""
    data = b""
    while len(data) < size:
        piece = stream.receive(size - len(data), left(), "proxy")
        if not piece:
            raise ProxyHandshakeFailed(
                f"{stream.peer} closed the connection during the SOCKS handshake", retryable=True
            )
        data += piece
    return data


def _not_socks(stream: Stream, version: int, byte: int) -> ProxyHandshakeFailed:
    return ProxyHandshakeFailed(
        f"{stream.peer} does not speak SOCKS{version}: its answer begins with the byte {byte}",
        hint="check which kind of proxy it is: the scheme of its URL says so",
    )
