"""Credentials over real sockets: what a server can get out of a call, and what a netrc gives to whom."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path

import pytest

from reqcli import Credential, Secret, Session
from reqcli.model.body import StreamBody
from reqcli.net.pool import Pool
from reqcli.vault.netrc import Netrc
from tests.sockets import NastyServer, Peer, RawRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
DIGEST = Credential("digest", {"user": "u", "password": Secret("s3cret")})
BEARER = Credential("bearer", {"token": Secret("s3cret")})


def challenge(params: bytes, status: int = 401) -> bytes:
    return b"HTTP/1.1 %d X\r\nWWW-Authenticate: Digest %b\r\nContent-Length: 0\r\n\r\n" % (status, params)


def redirect(url: str) -> bytes:
    return f"HTTP/1.1 307 X\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


def basic(request: RawRequest) -> str | None:
    """The user and password that a request brought."""
    scheme, _, token = (request.get("authorization") or "").partition(" ")
    return b64decode(token).decode() if scheme == "Basic" else None


# What a server says in a challenge


@pytest.mark.parametrize("realm", [b"caf\xc3\xa9", b"caf\xe9", b"\xff", b"a\tb", b"a, b=c"])
def test_a_realm_goes_back_byte_for_byte(realm: bytes) -> None:
    """RFC 7616 §3.3, §3.4: it is sent and hashed as it came, whatever its charset."""

    def script(peer: Peer) -> None:
        peer.answer(challenge(b'realm="%b", nonce="n", qop="auth"' % realm))
        peer.answer(OK)

    with NastyServer(script) as server, Session() as session:
        assert session.get(server.url("/"), auth=DIGEST).ok
        assert b'realm="%b"' % realm in server.requests[1].head


@pytest.mark.parametrize(
    "params",
    [
        pytest.param(b'realm="r\x01", nonce="n"', id="a control character in the realm"),
        pytest.param(b'realm="r", nonce="n\x7f"', id="a control character in the nonce"),
        pytest.param(b'realm="r", nonce="\\\x0b"', id="an escaped one in the nonce"),
        pytest.param(b'nonce="n"', id="no realm"),
        pytest.param(b'realm="r"', id="no nonce"),
        pytest.param(b'realm="r", nonce="n', id="no end"),
    ],
)
def test_a_challenge_that_cannot_be_answered_is_a_401_and_no_mistake_of_the_user(params: bytes) -> None:
    with NastyServer(challenge(params)) as server, Session() as session:
        result = session.get(server.url("/"), auth=DIGEST)
        assert result.error is not None
        assert (result.error.code, len(server.requests)) == ("http_client_error", 1)


def test_the_next_nonce_is_passed_over_when_it_could_not_be_sent() -> None:
    def script(peer: Peer) -> None:
        peer.answer(challenge(b'realm="r", nonce="first"'))
        peer.answer(OK.replace(b"\r\n\r\n", b'\r\nAuthentication-Info: nextnonce="\x01"\r\n\r\n'))
        peer.answer(OK)

    with NastyServer(script) as server, Session() as session:
        assert session.get(server.url("/"), auth=DIGEST).ok
        assert session.get(server.url("/"), auth=DIGEST).ok
        assert 'nonce="first"' in (server.requests[2].get("authorization") or "")


def test_a_wrong_password_is_told_after_two_requests() -> None:
    with NastyServer(challenge(b'realm="r", nonce="n"')) as server, Session() as session:
        result = session.get(server.url("/"), auth=DIGEST)
        assert (result.error is not None, result.attempts, len(server.requests)) == (True, 2, 2)


def test_a_body_that_would_have_to_be_read_twice_leaves_no_connection_open() -> None:
    """`auth-int` hashes the body before it is sent, which a stream cannot bear."""
    head = b'HTTP/1.1 401 X\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth-int"\r\n\r\n'
    with NastyServer(head + b"the rest comes with the end") as server, Pool() as pool:
        with Session(transport=pool) as session:
            result = session.post(server.url("/"), auth=DIGEST, data=StreamBody([b"x"], name="a pipe"))
        assert result.error is not None
        assert result.error.code == "input_failed"
        assert "reserved=0" in repr(pool._stock)


# What a netrc gives to whom


@pytest.fixture
def netrc(tmp_path: Path) -> Netrc:
    """Two machines with passwords, one without, and a default entry."""
    path = tmp_path / "netrc"
    path.write_text(
        "machine 127.0.0.1 login alice password s3cret\n"
        "machine example.com login example password s3cret\n"
        "machine 127.0.0.3 login nobody\n"
        "default login anyone password s3cret\n"
    )
    path.chmod(0o600)
    return Netrc(str(path))


def test_the_host_has_its_own_entry(netrc: Netrc) -> None:
    with NastyServer(OK) as server, Session(netrc=netrc) as session:
        session.get(server.url("/"))
        assert basic(server.requests[0]) == "alice:s3cret"


def test_what_stands_before_the_at_sign_is_no_host(netrc: Netrc) -> None:
    """CVE-2024-47081: `http://example.com:@evil.example/` got the password of example.com."""
    with NastyServer(OK) as server, Session(netrc=netrc) as session:
        session.get(server.url("/").replace("://", "://example.com:@"))
        session.get(server.url("/").replace("://", "://example.com:80@"))
        assert [basic(request) for request in server.requests] == ["example.com:", "example.com:80"]


def test_a_user_without_a_password_does_not_get_another_users(netrc: Netrc) -> None:
    """CVE-2026-8926: nor their own; whoever names a user in the URL has said who asks."""
    with NastyServer(OK) as server, Session(netrc=netrc) as session:
        session.get(server.url("/").replace("://", "://bob@"))
        assert basic(server.requests[0]) == "bob:"


def test_a_redirect_gets_neither_the_first_hosts_password_nor_the_default_one(netrc: Netrc) -> None:
    """CVE-2024-11053, CVE-2025-0167: the target had an entry without a password, or none."""
    for address in ("127.0.0.2", "127.0.0.3"):
        with NastyServer(OK, address=address) as other:
            with NastyServer(redirect(other.url("/"))) as server, Session(netrc=netrc) as session:
                assert session.get(server.url("/"), follow=True).ok
                assert basic(server.requests[0]) == "alice:s3cret"
            assert other.requests[0].get("authorization") is None


def test_a_token_does_not_go_where_a_redirect_leads_though_a_netrc_knows_the_place(netrc: Netrc) -> None:
    """CVE-2026-3783, CVE-2025-14524: the entry made the target count as one that may have it."""
    with NastyServer(OK, address="127.0.0.2") as other:
        with NastyServer(redirect(other.url("/"))) as server, Session(netrc=netrc) as session:
            assert session.get(server.url("/"), follow=True, auth=BEARER).ok
            assert server.requests[0].get("authorization") == "Bearer s3cret"
        assert other.requests[0].get("authorization") is None
