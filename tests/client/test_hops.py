"""What a result remembers of the way to it, and of the connection when it was asked to look."""

from __future__ import annotations

import socket
from pathlib import Path
from time import sleep

import pytest

import reqcli.api.call
from reqcli import RequestSpec, Session, Url
from reqcli.model.credential import Credential
from reqcli.model.retry import Retry
from reqcli.model.secret import Secret
from tests.net.conftest import Serving
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /b?token=x\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n"
CHALLENGE = (
    b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\nContent-Length: 3\r\n\r\nbad'
)
BUSY = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


def serve(*answers: bytes) -> NastyServer:
    """A server that gives these answers one after the other on one connection."""

    def script(peer: Peer) -> None:
        for answer in answers:
            peer.answer(answer)

    return NastyServer(script)


def test_a_plain_call_has_no_hops_and_no_peer() -> None:
    with serve(OK) as server, Session() as session:
        result = session.get(server.url("/"))
        assert (result.hops, result.peer) == ((), None)


def test_redirects_and_challenges_are_remembered_with_both_heads() -> None:
    with serve(MOVED, CHALLENGE, OK) as server, Session() as session:
        digest = Credential("digest", {"user": "alice", "password": Secret("w0nderland")})
        result = session.get(server.url("/a"), follow=True, auth=digest)
        assert result.ok
        seen = [(hop.request.url.target, hop.head.status) for hop in result.hops]
        assert seen == [("/a", 302), ("/b?token=x", 401)]
        assert result.hops[0].head.headers["x-hop"] == "1"
        assert "authorization" not in result.hops[1].request.headers
        assert result.request is not None
        assert "authorization" in result.request.headers


def test_an_attempt_that_was_answered_is_remembered_with_its_interim_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reqcli.api.call, "sleep", lambda seconds: None)
    with serve(BUSY, OK) as server, Session() as session:
        result = session.send(RequestSpec("GET", Url.parse(server.url("/")), retry=Retry(1)))
        (hop,) = result.hops
        assert (hop.head.status, [head.status for head in hop.interim]) == (503, [103])


@pytest.mark.parametrize("parts", [1, 2], ids=["in one piece", "in two pieces"])
def test_what_an_interim_head_sets_is_kept(parts: int) -> None:
    """The final one, which needs no look at its fields, is not all that the server said."""
    early = b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: early=1\r\n\r\n"

    def script(peer: Peer) -> None:
        peer.read_request()
        pieces = [early + OK] if parts == 1 else [early, OK]
        for piece in pieces:
            peer.send(piece)
            sleep(0.05)  # the pieces are to be read apart; if they are not, that is the other case

    with NastyServer(script) as server, Session() as session:
        assert session.get(server.url("/")).content == b"ok"
        assert [cookie.name for cookie in session.state.cookies] == ["early"]


def test_a_chain_that_fails_keeps_its_hops() -> None:
    with serve(MOVED, MOVED) as server, Session() as session:
        result = session.get(server.url("/a"), follow=True, max_redirects=1)
        assert result.error is not None
        assert len(result.hops) == 2


def test_a_connection_is_described_when_that_is_asked_for() -> None:
    with serve(OK, OK) as server, Session() as session:
        url = server.url("/")
        first = session.get(url, inspect=True).peer
        again = session.get(url, inspect=True).peer
        assert first is not None
        assert again is not None
        assert (first.address, first.reused, first.tls_version) == (f"127.0.0.1:{server.port}", False, None)
        assert again == first.replace(reused=True)


def test_tls_is_described_and_its_certificate(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("localhost", common_name="localhost")) as server, Session() as session:
        url = server.url("/").replace("127.0.0.1", "localhost")
        peer = session.get(url, inspect=True, verify=trust_file).peer
        assert peer is not None
        assert peer.tls_version in ("TLSv1.2", "TLSv1.3")
        assert peer.cipher
        assert peer.certificate is not None
        assert str(peer.certificate.subject).startswith("localhost")
        assert "Test Authority" in str(peer.certificate.issuer)
        assert peer.certificate.expires is not None
        assert peer.certificate.expires > 1.7e9
        unverified = session.get(url, inspect=True, verify=False).peer
        assert unverified is not None
        assert unverified.certificate is not None
        assert unverified.certificate.fingerprint == peer.certificate.fingerprint
        assert unverified.certificate.subject is None


def test_a_unix_socket_is_described_by_its_path(tmp_path: Path) -> None:
    from threading import Thread

    from reqcli.model.route import Dialling

    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def answer() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(OK)

        thread = Thread(target=answer)
        thread.start()
        with Session() as session:
            result = session.get("http://localhost/", inspect=True, dialling=Dialling(unix_socket=path))
        thread.join()
    assert result.peer is not None
    assert result.peer.address == path
