"""Where a credential may come from on the command line, and whom it is sent to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.terminal import on_terminal
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

DIGEST = b'HTTP/1.1 401 X\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop=auth\r\nContent-Length: 0\r\n\r\n'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def netrc(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "netrc"
    path.write_text(text)
    path.chmod(0o600)
    return {"NETRC": str(path)}


def test_netrc_is_the_last_resort(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    env = netrc(tmp_path, "machine 127.0.0.1 login alice password wonderland")
    basic = f"{demo_server.url}/basic"
    assert reqcli("get", basic, env=env).status == 0
    assert reqcli("get", basic, "--ignore-netrc", env=env).status == 4
    assert reqcli("get", basic, "-a", "alice:wrong", env=env).status == 4
    assert reqcli("get", basic, "Authorization:Basic eDp5", env=env).status == 4
    assert reqcli("session", "set-auth", "work", "-a", "alice:wrong", "--origin", basic).status == 0
    assert reqcli("get", basic, "--session", "work", env=env).status == 4


def test_netrc_of_the_home_directory_is_found(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    netrc(tmp_path, "machine 127.0.0.1 login alice password wonderland")
    (tmp_path / "netrc").rename(tmp_path / ".netrc")
    assert reqcli("get", f"{demo_server.url}/basic", env={"HOME": str(tmp_path)}).status == 0


def test_a_netrc_that_others_can_read_stops_the_call(
    reqcli: Program, uncalled_server: DemoServer, tmp_path: Path
) -> None:
    env = netrc(tmp_path, "machine 127.0.0.1 login alice password wonderland")
    (tmp_path / "netrc").chmod(0o640)
    output = reqcli("get", f"{uncalled_server.url}/basic", env=env)
    assert output.status == 107
    assert "chmod 600" in output.err


def test_a_redirect_gets_nothing_from_netrc(reqcli: Program, tmp_path: Path) -> None:
    env = netrc(tmp_path, "machine 127.0.0.1 login alice password s3cret\ndefault login d password s3cret")
    with NastyServer(OK, address="127.0.0.2") as other:
        redirect = f"HTTP/1.1 302 X\r\nLocation: {other.url('/')}\r\nContent-Length: 0\r\n\r\n".encode()
        with NastyServer(redirect) as server:
            assert reqcli("get", server.url("/"), "-L", env=env).status == 0
            assert server.requests[0].get("authorization") is not None
        assert other.requests[0].get("authorization") is None


@pytest.mark.parametrize("way", ["one-off", "stored"])
def test_digest_answers_a_challenge(reqcli: Program, way: str) -> None:
    def script(peer: Peer) -> None:
        peer.answer(DIGEST)
        peer.answer(OK)

    with NastyServer(script) as server:
        if way == "stored":
            stored = reqcli(
                "session", "set-auth", "work", "-A", "digest", "-a", "@-", "--origin", server.url("/"), stdin=b"u:p"
            )
            assert stored.status == 0, stored
            output = reqcli("get", server.url("/"), "--session", "work")
        else:
            output = reqcli("get", server.url("/"), "-A", "digest", "-a", "u:p")
        assert (output.status, output.out) == (0, "ok"), output
        assert server.connections == 1
        assert (server.requests[1].get("authorization") or "").startswith("Digest username=")


def test_digest_of_one_origin_is_not_sent_to_another(reqcli: Program) -> None:
    """CVE-2026-11856, CVE-2026-7168: what was learned from one server must not go to the next."""
    with NastyServer(OK, address="127.0.0.2") as other:

        def script(peer: Peer) -> None:
            peer.answer(DIGEST)
            peer.answer(f"HTTP/1.1 307 X\r\nLocation: {other.url('/')}\r\nContent-Length: 0\r\n\r\n".encode())

        with NastyServer(script) as server:
            assert reqcli("get", server.url("/"), "-A", "digest", "-a", "u:p", "-L").status == 0
        assert other.requests[0].get("authorization") is None


def test_an_api_key_is_sent_by_its_name(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        assert reqcli("get", server.url("/x"), "-A", "apikey", "-a", "X-Key:k3y").status == 0
        assert reqcli("get", server.url("/x"), "-A", "apikey", "-a", "?key:k3y").status == 0
        assert server.requests[0].get("x-key") == "k3y"
        assert server.requests[1].target == "/x?key=k3y"


def test_a_known_secret_is_masked_wherever_it_turns_up(reqcli: Program) -> None:
    echo = b"HTTP/1.1 403 token k3y-k3y-k3y is wrong\r\nX-Echo: k3y-k3y-k3y\r\nContent-Length: 0\r\n\r\n"
    with NastyServer(echo) as server:
        output = reqcli("get", server.url("/x"), "-A", "apikey", "-a", "?key:k3y-k3y-k3y", "-v")
        assert output.status == 4
        assert "k3y" not in output.err, output
        shown = reqcli("get", server.url("/x"), "-A", "apikey", "-a", "?key:k3y-k3y-k3y", "-v", "--reveal")
        assert "k3y-k3y-k3y" in shown.err


def test_a_credential_without_encryption_is_sent_with_a_warning_except_to_this_machine(
    reqcli: Program, demo_server: DemoServer
) -> None:
    here = reqcli("get", f"{demo_server.url}/basic", "-a", "alice:wonderland")
    assert (here.status, here.err) == (0, "")
    port = demo_server.url.rpartition(":")[2]
    there = reqcli(
        "get",
        f"http://api.example:{port}/basic",
        "-a",
        "alice:wonderland",
        "--resolve",
        f"api.example:{port}:127.0.0.1",
    )
    assert there.status == 0, there
    assert "plain_credential" in there.err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["/basic"], "session default has no credential for it: -a USER asks for one, --save keeps it"),
        (["/basic", "--session", "w"], "session w has no credential for it: -a USER asks for one, --save keeps it"),
        (["/bearer", "--stateless"], "no credential was sent: -A bearer asks for one"),
        (["/basic", "-a", "alice:wrong"], None),
        (["/account"], None),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_401_without_a_credential_says_how_to_give_one(
    reqcli: Program, demo_server: DemoServer, words: list[str], hint: str | None
) -> None:
    path, *more = words
    output = reqcli("get", demo_server.url + path, *more)
    advice = f" — {hint}" if hint else ""
    assert (output.status, output.err.count("\n")) == (4, 1)
    assert output.err.endswith(f"answered 401 Unauthorized{advice} [http_client_error]\n")
    status, screen = on_terminal(reqcli, "get", demo_server.url + path, *more)
    assert status == 4
    assert screen.endswith(f"\nreqcli: note: {hint}\n" if hint else "}\n")


def test_what_was_expected_is_said_on_a_terminal_too(reqcli: Program, demo_server: DemoServer) -> None:
    status, screen = on_terminal(reqcli, "get", f"{demo_server.url}/status/200", "--expect", "404")
    assert status == 4
    assert "answered 200 OK, and 404 was expected — --expect 200 accepts it [http_client_error]" in screen
