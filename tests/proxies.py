"""A small real proxy on loopback: it forwards plain requests and opens tunnels, and notes what it was told.

    with RelayingProxy() as proxy:                       # or RelayingProxy(user="u:p"), RelayingProxy(tls=context)
        ... proxy.url(""), proxy.requests, proxy.tunnels

Names of origins are never resolved by it: `where` says which address stands behind which `host:port`, so that a test
may use any name; without an entry it is the address that was asked for.
"""

from __future__ import annotations

import socket
import ssl
import threading
from base64 import b64encode
from hashlib import sha256

from reqcli.model.challenge import parse_challenges
from tests.sockets import Gone, NastyServer, Peer, RawRequest

REFUSED = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="x"\r\nContent-Length: 6\r\n\r\ndenied'
)


class RelayingProxy(NastyServer):
    """An HTTP proxy, forward and CONNECT.

    Args:
        user: `user:password` that it wants, or None.
        where: the (host, port) behind each `host:port`.
        tls: a server's context, for an https proxy.

    Attributes:
        tunnels: the target of every tunnel that was opened.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        where: dict[str, tuple[str, int]] | None = None,
        tls: ssl.SSLContext | None = None,
        must_be_called: bool = True,
    ) -> None:
        super().__init__(self._serve_peer, tls=tls, must_be_called=must_be_called)
        self._wanted = f"Basic {b64encode(user.encode()).decode()}" if user is not None else None
        self._where = where or {}
        self.tunnels: list[str] = []

    def with_user(self, user: str) -> str:
        """Its URL with this userinfo."""
        return self.url("").replace("://", f"://{user}@")

    def _serve_peer(self, peer: Peer) -> None:
        while True:
            request = peer.read_head()
            if self._wanted is not None and request.get("proxy-authorization") != self._wanted:
                peer.read_body(request)
                peer.send(REFUSED)
            elif request.method == "CONNECT":
                self.tunnels.append(request.target)
                with self.reach(request.target) as origin:
                    peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    relay(peer, origin)
                return
            else:
                self._forward(peer, peer.read_body(request))

    def _forward(self, peer: Peer, request: RawRequest) -> None:
        assert request.target.startswith("http://"), request
        authority, slash, path = request.target.removeprefix("http://").partition("/")
        lines = [f"{request.method} {slash}{path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in request.fields if not name.lower().startswith("proxy-")]
        with self.reach(authority if ":" in authority.rpartition("]")[2] else f"{authority}:80") as origin:
            origin.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + request.body)
            answer = Peer(self, origin, 0)
            answer_head = answer._read_to(b"\r\n\r\n")
            length = int(RawRequest(answer_head).get("content-length") or 0)
            peer.send(answer_head, b"\r\n\r\n", answer._read(length))

    def reach(self, target: str) -> socket.socket:
        """A connection to what stands behind `host:port`."""
        host, _, port = target.rpartition(":")
        return socket.create_connection(self._where.get(target, (host.strip("[]"), int(port))), timeout=10)


def relay(peer: Peer, origin: socket.socket) -> None:
    """Pass bytes on in both directions until one side ends."""

    def pass_back() -> None:
        try:
            while data := origin.recv(65536):
                peer.send(data)
        except (OSError, Gone):
            pass
        try:
            peer.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    back = threading.Thread(target=pass_back, daemon=True)
    back.start()
    try:
        while data := peer.sock.recv(65536):
            origin.sendall(data)
    except OSError:
        pass
    try:
        origin.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    back.join(10)


def checked_digest(value: str | None, method: str, password: str) -> dict[str, str]:
    """The parameters of a Digest credential with qop=auth and SHA-256, after its response was found to be right."""
    (credential,) = parse_challenges([value or ""])
    fields = credential.params

    def h(text: str) -> str:
        return sha256(text.encode()).hexdigest()

    secret, subject = h(f"{fields['username']}:{fields['realm']}:{password}"), h(f"{method}:{fields['uri']}")
    proof = (secret, fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"], subject)
    assert (credential.scheme, fields["response"]) == ("digest", h(":".join(proof)))
    return fields
