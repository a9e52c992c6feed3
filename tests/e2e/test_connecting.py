"""How the command line says where to connect and whom to trust: addresses, sockets, certificates, downgrades."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from tests.program import Program
from tests.sockets import NastyServer, Peer, unused_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Authority:
    """A certificate authority of our own, its certificate in a file, and contexts for servers that it signed for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._authority = trustme.CA()
        self.file = str(directory / "ca.pem")
        self._authority.cert_pem.write_to_path(self.file)

    def server(self, *names: str, asks_for_a_certificate: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        if asks_for_a_certificate:
            self._authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self) -> tuple[str, str]:
        """The files of a client's certificate and its key."""
        made = self._authority.issue_cert("client@example.org")
        certificate, key = str(self._directory / "client.pem"), str(self._directory / "client.key")
        made.cert_chain_pems[0].write_to_path(certificate)
        made.private_key_pem.write_to_path(key)
        return certificate, key


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_resolve_sends_a_name_to_an_address_and_keeps_the_name(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        url = f"http://api.example:{server.port}/"
        output = reqcli("get", url, "--resolve", f"API.Example:{server.port}:127.0.0.1")
        assert (output.status, output.out) == (0, "ok"), output
        assert server.requests[0].get("host") == f"api.example:{server.port}"


def test_resolve_takes_several_addresses_as_curl_does(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        url = f"http://api.example:{server.port}/"
        output = reqcli("get", url, "--resolve", f"api.example:{server.port}:[::1],127.0.0.1")
        assert (output.status, output.out) == (0, "ok"), output
    output = reqcli("get", url, "--resolve", f"api.example:{server.port}:[::1],127.0.0.1", "--curl")
    assert f"--resolve 'api.example:{server.port}:[::1],127.0.0.1'" in output.out


@pytest.mark.parametrize("text", ["nonsense", "host:80", "host:0:127.0.0.1", "host:x:127.0.0.1", "host:80:"])
def test_a_malformed_resolve_is_said(reqcli: Program, text: str) -> None:
    output = reqcli("get", "http://host/", "--resolve", text)
    assert (output.status, output.err.count("\n")) == (2, 1)
    assert "HOST:PORT:ADDR" in output.err


def test_only_one_version_of_ip_when_asked(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        url = f"http://localhost:{server.port}/"
        assert reqcli("get", url, "-4").status == 0
        assert reqcli("get", url, "-6").status == 7
    assert reqcli("get", url, "-4", "-6").status == 2


def test_the_address_to_connect_from(reqcli: Program) -> None:
    seen: list[str] = []

    def script(peer: Peer) -> None:
        seen.append(peer.sock.getpeername()[0])
        peer.answer(OK)

    with NastyServer(script) as server:
        assert reqcli("get", server.url("/"), "--interface", "127.0.0.9").status == 0
    assert seen == ["127.0.0.9"]


def test_a_unix_socket(reqcli: Program, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with NastyServer(OK, address=str(path)) as server:
        assert reqcli("get", "http://docker/v1/info", "--unix-socket", str(path)).out == "ok"
        assert server.requests[0].get("host") == "docker"
    missing = reqcli("get", "http://docker/", "--unix-socket", str(tmp_path / "none"))
    assert missing.status == 7
    assert str(tmp_path / "none") in missing.err


def test_a_client_certificate_is_shown_where_it_is_asked_for(reqcli: Program, authority: Authority) -> None:
    certificate, key = authority.client()
    context = authority.server("localhost", asks_for_a_certificate=True)
    with NastyServer(OK, tls=context) as server:
        url = f"https://localhost:{server.port}/"
        shown = reqcli("get", url, "--verify", authority.file, "--cert", certificate, "--cert-key", key)
        assert (shown.status, shown.out) == (0, "ok"), shown
        hidden = reqcli("get", url, "--verify", authority.file)
        assert hidden.status in (35, 56), hidden
        assert "certificate" in hidden.err
    assert reqcli("get", url, "--cert-key", key).status == 2


def test_a_server_of_an_older_tls_is_refused_unless_the_user_says_so(reqcli: Program, authority: Authority) -> None:
    context = authority.server("localhost")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with NastyServer(OK, tls=context) as server:
        url = f"https://localhost:{server.port}/"
        assert reqcli("get", url, "--verify", authority.file).status == 0
        assert reqcli("get", url, "--verify", authority.file, "--tls-min", "1.3").status == 35


@pytest.mark.parametrize(
    ("names", "said"),
    [(("other.example",), "localhost"), (("localhost",), "--verify")],
    ids=["another host's certificate", "an authority that is not trusted"],
)
def test_what_is_wrong_with_a_certificate_is_said(
    reqcli: Program, authority: Authority, names: tuple[str, ...], said: str
) -> None:
    trust = ["--verify", authority.file] if names == ("other.example",) else []
    with NastyServer(OK, tls=authority.server(*names)) as server:
        output = reqcli("get", f"https://localhost:{server.port}/", *trust)
    assert (output.status, output.err.count("\n")) == (60, 1), output
    assert said in output.err


def test_a_redirect_that_leaves_encryption_is_followed_only_when_asked(reqcli: Program, authority: Authority) -> None:
    with NastyServer(OK) as plain:
        redirect = f"HTTP/1.1 302 X\r\nLocation: {plain.url('/')}\r\nContent-Length: 0\r\n\r\n".encode()
        with NastyServer(redirect, tls=authority.server("localhost")) as server:
            args = ("get", f"https://localhost:{server.port}/", "--verify", authority.file, "-L")
            refused = reqcli(*args)
            assert (refused.status, plain.connections) == (3, 0), refused
            assert "--allow-downgrade" in refused.err
            assert reqcli(*args, "--allow-downgrade").out == "ok"


def test_http_to_a_port_that_speaks_tls_and_the_other_way_round_get_a_hint(
    reqcli: Program, authority: Authority
) -> None:
    with NastyServer(OK, tls=authority.server("localhost")) as server:
        assert "https" in reqcli("get", f"http://localhost:{server.port}/").err

    def startled(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with NastyServer(startled) as plain:
        output = reqcli("get", f"https://localhost:{plain.port}/")
        assert output.status == 35
        assert "http://" in output.err


def test_the_time_to_connect_and_the_time_for_everything_end_a_call(reqcli: Program) -> None:
    def silent(peer: Peer) -> None:
        peer.read_request()
        peer.hold()

    with NastyServer(silent) as server:
        output = reqcli("get", server.url("/"), "--timeout", "0.3")
        assert output.status == 28
        assert "timeout" in output.err
        assert reqcli("get", server.url("/"), "--max-time", "0.3").status == 28


def test_retries_wait_for_a_server_that_comes_up_late(reqcli: Program) -> None:
    port = unused_port()
    output = reqcli("get", f"http://127.0.0.1:{port}/", "--retry", "2", "--retry-delay", "0.01")
    assert output.status == 7
    assert output.err.count("[retry]") == 2


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_says_whom_to_trust_unless_the_call_or_the_session_does(
    reqcli: Program, authority: Authority, tmp_path: Path, name: str
) -> None:
    nobody = tmp_path / "nobody.pem"
    trustme.CA().cert_pem.write_to_path(str(nobody))
    with NastyServer(OK, tls=authority.server("localhost")) as server:
        url = f"https://localhost:{server.port}/"
        assert reqcli("get", url, env={name: authority.file}).out == "ok"
        assert reqcli("get", url, env={name: ""}).status == 60
        assert reqcli("get", url, env={name: str(nobody)}).status == 60
        assert reqcli("get", url, "--verify", authority.file, env={name: str(nobody)}).out == "ok"
        assert reqcli("session", "set", "work", "verify", authority.file).status == 0
        assert reqcli("get", url, "--session", "work", env={name: str(nobody)}).out == "ok"
    assert reqcli("get", "http://127.0.0.1:1/", env={"SSL_CERT_FILE": "/none"}).status == 7
