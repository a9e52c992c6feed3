"""A pinned key from the command line and from a session: it is for one origin, and holds there on every hop."""

from __future__ import annotations

import ssl
from hashlib import sha256
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from reqcli.model.pin import written
from tests.program import Program
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
OTHER = written(bytes(32))


class Identity:
    """A server's certificate, and the pin of its key."""

    def __init__(self, authority: trustme.CA) -> None:
        leaf = authority.issue_cert("127.0.0.1")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(self.context)
        key = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()).public_key()
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        self.pin = written(sha256(key.public_bytes(serialization.Encoding.DER, form)).digest())


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return made


@pytest.fixture
def trusting(reqcli: Program, tmp_path: Path, authority: trustme.CA) -> Program:
    """The program, with an environment that says whom to trust."""
    reqcli.environment["SSL_CERT_FILE"] = str(tmp_path / "ca.pem")
    return reqcli


def redirect_to(url: str) -> bytes:
    return f"HTTP/1.1 302 X\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


def test_the_error_names_the_pin_that_would_fit(trusting: Program, authority: trustme.CA) -> None:
    identity = Identity(authority)
    with NastyServer(OK, tls=identity.context) as server:
        refused = trusting("get", server.url(), "--pin", OTHER)
        assert refused.status == 60
        assert refused.err.endswith("[tls_cert_invalid]\n")
        assert identity.pin in refused.err
        assert server.requests == []
        for words in ([f"{OTHER};{identity.pin}"], [OTHER, "--pin", identity.pin]):
            assert trusting("get", server.url(), "--pin", *words).out == "ok"


def test_a_pin_that_cannot_hold_is_a_mistake(reqcli: Program) -> None:
    for words in (("http://127.0.0.1/", "--pin", OTHER), ("https://127.0.0.1/", "--pin", "nonsense")):
        output = reqcli("get", *words)
        assert (output.status, output.err.count("\n")) == (2, 1), output
        assert "pin" in output.err


@pytest.mark.parametrize("replaced", [False, True], ids=["the same server", "another one in its place"])
def test_it_is_for_its_own_origin_and_holds_when_a_chain_comes_back(
    trusting: Program, authority: trustme.CA, replaced: bool
) -> None:
    here, there = Identity(authority), Identity(authority)

    def back(peer: Peer) -> None:
        peer.answer(redirect_to(home.url("/back")))

    def away(peer: Peer) -> None:
        if replaced:
            home._tls = there.context
        peer.answer(redirect_to(abroad.url("/")))

    with NastyServer([away, OK], tls=here.context) as home, NastyServer(back, tls=there.context) as abroad:
        output = trusting("get", home.url(), "-L", "-v", "--pin", here.pin)
    assert f"no key is pinned for {abroad.url('')}" in output.err
    assert (output.status, output.out) == ((60, "") if replaced else (0, "ok")), output
    assert len(home.requests) == (1 if replaced else 2)


def test_a_session_pins_the_server_of_its_base_url_alone(trusting: Program, authority: trustme.CA) -> None:
    mine, other = Identity(authority), Identity(authority)
    with NastyServer(OK, tls=mine.context) as server, NastyServer(OK, tls=other.context) as elsewhere:
        early = trusting("session", "set", "work", "pin", mine.pin)
        assert (early.status, "base URL" in early.err) == (2, True)
        for words in (["base_url", server.url("")], ["pin", OTHER]):
            assert trusting("session", "set", "work", *words).status == 0
        assert trusting("session", "set", "work", "pin", "nonsense").status == 2
        assert trusting("get", "/", "--session", "work").status == 60
        assert trusting("get", elsewhere.url(), "--session", "work").out == "ok"
        nearer = trusting("get", "/", "--session", "work", "--pin", mine.pin)
        assert nearer.out == "ok", "what is said with the call counts, as with every setting"
        assert trusting("session", "set", "work", "pin", mine.pin).status == 0
        assert trusting("get", "/", "--session", "work").out == "ok"
        assert trusting("session", "unset", "work", "base_url").status == 0
        lost = trusting("get", elsewhere.url(), "--session", "work")
        assert (lost.status, lost.err.count("\n")) == (2, 1), "nobody is left without the pin he asked for"


def test_every_redirect_to_a_pinned_origin_is_checked(trusting: Program, authority: trustme.CA) -> None:
    """A session's pin holds for a hop that a server elsewhere leads to."""
    mine, other = Identity(authority), Identity(authority)
    with NastyServer(OK, tls=mine.context, must_be_called=False) as server:

        def lured(peer: Peer) -> None:
            peer.answer(redirect_to(server.url("/")))

        with NastyServer(lured, tls=other.context) as elsewhere:
            trusting("session", "set", "work", "base_url", server.url(""))
            trusting("session", "set", "work", "pin", OTHER)
            assert trusting("get", elsewhere.url(), "-L", "--session", "work").status == 60
            assert server.requests == []
