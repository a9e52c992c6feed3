"""Settings of a session, each felt by a request, and outdone by what is said with one."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 0\r\n\r\n"


def told(reqcli: Program, *settings: str) -> Program:
    """The program, its session `work` told this: names and values in turn."""
    for name, value in zip(settings[::2], settings[1::2], strict=True):
        output = reqcli("session", "set", "work", name, value)
        assert (output.status, output.err) == (0, "")
    return reqcli


@pytest.mark.parametrize(
    ("settings", "path", "options", "status"),
    [
        (("follow", "yes"), "/redirect", (), 4),
        (("follow", "yes"), "/redirect", ("--no-follow",), 3),
        (("follow", "no"), "/redirect", ("-L",), 4),
        (("follow", "yes", "max_redirects", "0"), "/redirect", (), 47),
        (("follow", "yes", "max_redirects", "0"), "/redirect", ("--max-redirects", "5"), 4),
        (("check_status", "no"), "/nowhere", (), 0),
        (("check_status", "no"), "/nowhere", ("--check-status",), 4),
        (("check_status", "yes"), "/nowhere", ("--no-check-status",), 0),
        (("proxy", "http://127.0.0.1:1"), "/echo", (), 7),
        (("proxy", "http://127.0.0.1:1"), "/echo", ("--proxy", "no"), 0),
        (("proxy", "http://127.0.0.1:1", "no_proxy", "127.0.0.1"), "/echo", (), 0),
        (("proxy", "http://127.0.0.1:1", "no_proxy", "127.0.0.1"), "/echo", ("--noproxy", ""), 7),
    ],
)
def test_a_setting_is_felt_and_an_option_outdoes_it(
    reqcli: Program,
    demo_server: DemoServer,
    settings: tuple[str, ...],
    path: str,
    options: tuple[str, ...],
    status: int,
) -> None:
    output = told(reqcli, *settings)("get", f"{demo_server.url}{path}", "--session", "work", *options)
    assert output.status == status, output
    assert reqcli("get", f"{demo_server.url}/echo", "--stateless").status == 0


def test_the_session_says_that_there_is_no_proxy(reqcli: Program, demo_server: DemoServer) -> None:
    env = {"http_proxy": "http://127.0.0.1:1"}
    assert reqcli("get", f"{demo_server.url}/echo", "--session", "work", env=env).status == 7
    told(reqcli, "proxy", "no")
    assert reqcli("get", f"{demo_server.url}/echo", "--session", "work", env=env).status == 0


def test_the_session_says_how_often_to_try_again(reqcli: Program) -> None:
    def busy_once(peer: Peer) -> None:
        peer.answer(BUSY)
        peer.answer(OK)

    told(reqcli, "retry", "1")
    with NastyServer(busy_once) as server:
        assert reqcli("get", server.url("/"), "--session", "work").status == 0
        assert reqcli("get", server.url("/"), "--session", "work", "--retry", "0").status == 5


def test_the_session_says_the_scheme_of_a_url_that_has_none(reqcli: Program, demo_server: DemoServer) -> None:
    address = f"{demo_server.url.removeprefix('http://')}/echo"
    assert reqcli("get", address, "--session", "work").status == 0
    assert reqcli("get", address, "--session", "work", "--default-scheme", "https").status == 35
    told(reqcli, "default_scheme", "https")
    assert reqcli("get", address, "--session", "work").status == 35
    assert reqcli("get", address, "--session", "work", "--default-scheme", "http").status == 0


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A directory with an authority, a server's context and a client's certificate, its key under a passphrase."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = authority.issue_cert("client@example.org")
    made.cert_chain_pems[0].write_to_path(str(tmp_path / "client.pem"))
    made.private_key_pem.write_to_path(str(tmp_path / "plain.key"))
    key = load_pem_private_key(made.private_key_pem.bytes(), None)
    closed = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2"))
    (tmp_path / "client.key").write_bytes(closed)
    return tmp_path


def context(folder: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(made)
    authority.cert_pem.write_to_path(str(folder / "server-ca.pem"))
    made.load_verify_locations(str(folder / "ca.pem"))
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def test_a_client_certificate_is_shown_to_the_server_of_the_base_url(reqcli: Program, client: Path) -> None:
    tls = context(client)
    with NastyServer(OK, tls=tls) as mine, NastyServer(OK, tls=tls) as other:
        home, away = (server.url("/").replace("127.0.0.1", "localhost") for server in (mine, other))
        told(reqcli, "base_url", home, "verify", str(client / "server-ca.pem"))
        assert reqcli("get", "/", "--session", "work").status != 0
        told(reqcli, "cert", str(client / "client.pem"), "cert_key", str(client / "client.key"))
        told(reqcli, "cert_key_pass", "env:KEY_PASS")
        shown = reqcli("get", "/", "--session", "work", env={"KEY_PASS": "hunter2"})
        assert (shown.status, shown.out) == (0, "ok"), shown
        missing = reqcli("get", "/", "--session", "work")
        assert (missing.status, "KEY_PASS" in missing.err) == (107, True), missing
        wrong = reqcli("get", "/", "--session", "work", env={"KEY_PASS": "wrong"})
        assert wrong.status != 0
        hidden = reqcli("get", away, "--session", "work", env={"KEY_PASS": "hunter2"})
        assert hidden.status != 0
        plain = [str(client / "client.pem"), "--cert-key", str(client / "plain.key")]
        assert reqcli("get", away, "--session", "work", "--cert", *plain).status == 0


@pytest.mark.parametrize("of_tls", [("-k",), ("--tls-min", "1.2"), ()])
def test_a_client_certificate_is_shown_whatever_else_is_said_of_tls(
    reqcli: Program, client: Path, of_tls: tuple[str, ...]
) -> None:
    tls = context(client)
    env = {"SSL_CERT_FILE": str(client / "server-ca.pem")}
    with NastyServer(OK, tls=tls) as mine, NastyServer(OK, tls=tls) as other:
        home, away = (server.url("/").replace("127.0.0.1", "localhost") for server in (mine, other))
        told(reqcli, "base_url", home, "cert", str(client / "client.pem"), "cert_key", str(client / "plain.key"))
        assert reqcli("get", "/", "--session", "work", *of_tls, env=env).out == "ok"
        lines = f"/\n{away}\n".encode()
        done = reqcli("batch", "-j", "1", "--session", "work", *of_tls, stdin=lines, env=env)
        assert [json.loads(line)["ok"] for line in done.raw.splitlines()] == [True, False], done
