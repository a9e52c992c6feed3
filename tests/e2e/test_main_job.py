"""The main job: a session learned by one process is replayed by the next, and a stateless call touches nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pytest

from reqcli import Request, Session
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer


def everything_under(*directories: Path) -> dict[str, tuple[int, int]]:
    """Path → (mtime, size) of all there is."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for directory in directories
        if directory.exists()
        for path in (directory, *directory.rglob("*"))
    }


def log_in(reqcli: Program, server: DemoServer, name: str = "work") -> None:
    output = reqcli("post", f"{server.url}/login", "-f", "user=alice", "password=wonderland", "--session", name, "-L")
    assert output.status == 0, output


def test_ten_requests_of_one_session_open_one_connection(demo_server: DemoServer) -> None:
    with Session() as session:
        for _ in range(10):
            assert session.get(f"{demo_server.url}/echo").status == 200
    assert (demo_server.connections, demo_server.requests) == (1, 10)


def test_ten_stateless_requests_open_ten_connections(demo_server: DemoServer) -> None:
    for _ in range(10):
        assert Request.send("GET", f"{demo_server.url}/echo").status == 200
    assert (demo_server.connections, demo_server.requests) == (10, 10)


def test_a_login_in_one_process_opens_the_page_in_the_next(reqcli: Program, demo_server: DemoServer) -> None:
    account = f"{demo_server.url}/account"
    assert reqcli("get", account, "--session", "work").status == 4
    log_in(reqcli, demo_server)
    page = reqcli("get", account, "--session", "work")
    assert page.status == 0, page
    assert page.json["user"] == "alice"
    assert page.err == ""


def test_the_session_file_and_its_directory_are_the_users_alone(reqcli: Program, demo_server: DemoServer) -> None:
    log_in(reqcli, demo_server)
    path = reqcli.sessions / "work.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert json.loads(path.read_text())["version"] == 1


def test_a_stateless_call_sends_nothing_of_the_session_and_touches_no_file(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    log_in(reqcli, demo_server)
    before = everything_under(tmp_path)
    page = reqcli("get", f"{demo_server.url}/account", "--stateless")
    assert page.status == 4
    cookie = reqcli("get", f"{demo_server.url}/cookie/flavour/oat", "--stateless")
    assert cookie.status == 0
    assert everything_under(tmp_path) == before


def test_a_stateless_call_in_an_empty_home_creates_nothing(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--stateless").status == 0
    assert list(tmp_path.rglob("*")) == []


def test_a_read_only_call_uses_the_session_and_writes_nothing(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    log_in(reqcli, demo_server)
    before = everything_under(tmp_path)
    assert reqcli("get", f"{demo_server.url}/account", "--session", "work", "--read-only").status == 0
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work", "--read-only").status == 0
    assert everything_under(tmp_path) == before


def test_a_call_that_teaches_nothing_writes_nothing(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    before = everything_under(tmp_path)
    assert reqcli("get", f"{demo_server.url}/echo", "--session", "work").status == 0
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    assert everything_under(tmp_path) == before


def test_twenty_parallel_processes_lose_no_cookie(reqcli: Program, demo_server: DemoServer) -> None:
    running = [
        reqcli.start("get", f"{demo_server.url}/cookie/c{number}/v{number}", "--session", "work")
        for number in range(20)
    ]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, b"")
    kept = reqcli("session", "cookies", "work", "--format", "json", "--reveal").json
    assert {(cookie["name"], cookie["value"]) for cookie in kept} == {(f"c{n}", f"v{n}") for n in range(20)}


def test_a_session_given_as_a_path_is_that_file(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    path = tmp_path / "ci" / "login.json"
    path.parent.mkdir()
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", str(path)).status == 0
    assert path.stat().st_mode & 0o777 == 0o600
    echo = reqcli("get", f"{demo_server.url}/echo", "--session", str(path))
    assert ["Cookie", "a=b"] in echo.json["headers"]


def test_credentials_of_the_call_are_not_kept_unless_asked(reqcli: Program, demo_server: DemoServer) -> None:
    basic = f"{demo_server.url}/basic"
    assert reqcli("get", basic, "--session", "work", "-a", "alice:wonderland").status == 0
    assert reqcli("get", basic, "--session", "work").status == 4
    assert reqcli("get", basic, "--session", "work", "-a", "alice:wonderland", "--save").status == 0
    assert reqcli("get", basic, "--session", "work").status == 0


def test_a_refused_credential_is_not_saved(reqcli: Program, demo_server: DemoServer) -> None:
    basic = f"{demo_server.url}/basic"
    output = reqcli("get", basic, "--session", "work", "-a", "alice:wrong", "--save")
    assert output.status == 4
    assert "nothing was saved" in output.err
    assert not (reqcli.sessions / "work.json").exists()


def test_a_stored_credential_goes_to_its_origin_alone(reqcli: Program, demo_server: DemoServer) -> None:
    set_auth = reqcli(
        "session", "set-auth", "work", "-A", "bearer", "-a", "@-", "--origin", demo_server.url,
        stdin=b"demo-token-123\n",
    )  # fmt: skip
    assert set_auth.status == 0, set_auth
    assert reqcli("get", f"{demo_server.url}/bearer", "--session", "work").status == 0
    other = demo_server.url.replace("127.0.0.1", "localhost")
    assert reqcli("get", f"{other}/bearer", "--session", "work").status == 4


def test_a_stored_header_goes_along_until_it_is_unset(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "create", "work", "--base-url", demo_server.url).status == 0
    assert reqcli("session", "set-header", "work", "X-Tenant: acme").status == 0
    assert ["X-Tenant", "acme"] in reqcli("get", "/echo", "--session", "work").json["headers"]
    assert "X-Tenant" not in str(reqcli("get", "/echo", "X-Tenant:", "--session", "work").json["headers"])
    assert reqcli("session", "unset-header", "work", "x-tenant").status == 0
    assert "X-Tenant" not in str(reqcli("get", "/echo", "--session", "work").json["headers"])


def test_the_named_session_comes_from_the_environment_too(reqcli: Program, demo_server: DemoServer) -> None:
    env = {"REQCLI_SESSION": "ci"}
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", env=env).status == 0
    assert (reqcli.sessions / "ci.json").exists()
    assert not (reqcli.sessions / "default.json").exists()


def test_redirects_are_followed_when_asked_and_the_cookie_of_each_hop_is_kept(
    reqcli: Program, demo_server: DemoServer
) -> None:
    stopped = reqcli("get", f"{demo_server.url}/redirect", "--session", "work")
    assert stopped.status == 3
    assert "-L" in stopped.err
    log_in(reqcli, demo_server)
    assert reqcli("get", f"{demo_server.url}/redirect", "--session", "work", "-L").json["user"] == "alice"


def test_a_pipe_gets_the_exact_bytes_and_messages_go_to_stderr(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("get", f"{demo_server.url}/status/404")
    assert output.status == 4
    assert output.raw == Request.send("GET", f"{demo_server.url}/status/404").response.content  # type: ignore[union-attr]
    assert "http_client_error" in output.err


def test_a_while_read_loop_loses_no_line(reqcli: Program, demo_server: DemoServer) -> None:
    script = f'while read -r word; do {" ".join(reqcli.command("get"))} "{demo_server.url}/cookie/x/$word"; done'
    done = subprocess.run(
        ["bash", "-c", script], input=b"one\ntwo\nthree\n", capture_output=True, env=reqcli.environment, timeout=60
    )
    assert done.returncode == 0, done
    assert demo_server.requests == 3


@pytest.mark.parametrize("item", ["@-", None], ids=["asked for", "piped in"])
def test_a_post_takes_its_body_from_standard_input(reqcli: Program, demo_server: DemoServer, item: str | None) -> None:
    args = ["post", f"{demo_server.url}/echo", *([item] if item else [])]
    assert reqcli(*args, stdin=b'{"a": 1}').json["body"] == '{"a": 1}'


def test_a_broken_pipe_is_quiet(reqcli: Program, demo_server: DemoServer) -> None:
    command = " ".join(reqcli.command("get", f"'{demo_server.url}/slow?lines=200&delay=0'"))
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -n 1"], capture_output=True, env=reqcli.environment, timeout=60
    )
    assert done.stderr == b""
    assert done.stdout.count(b"\n") == 1


def test_output_to_a_file_is_the_body(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    output = reqcli("get", f"{demo_server.url}/gzip", "-o", str(target))
    assert (output.status, output.out) == (0, "")
    assert isinstance(json.loads(target.read_bytes()), dict)


def test_an_output_file_that_cannot_be_written_is_exit_23(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("get", f"{demo_server.url}/echo", "-o", "/no/such/directory/file")
    assert output.status == 23
    assert "/no/such/directory/file" in output.err


def test_an_interrupted_download_ends_with_130_and_names_what_it_left(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    target = tmp_path / "part.txt"
    process = reqcli.start("get", f"{demo_server.url}/slow?lines=500&delay=0.05", "-o", str(target))
    deadline = time.monotonic() + 30
    while not (target.exists() and demo_server.requests) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert str(target) in err.decode()
    assert err.count(b"\n") == 1


def test_a_killed_download_keeps_its_cookie(reqcli: Program, tmp_path: Path) -> None:
    """What a response taught is stored when its head is in, not when its body ends."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 1000000\r\n\r\nfirst bytes")
        peer.hold()

    with NastyServer(script) as server:
        process = reqcli.start("get", server.url("/"), "--session", "work", "-o", str(tmp_path / "part"))
        deadline = time.monotonic() + 30
        while not (tmp_path / "part").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.communicate(timeout=30)
    kept = reqcli("session", "cookies", "work", "--format", "json", "--reveal").json
    assert [(cookie["name"], cookie["value"]) for cookie in kept] == [("a", "b")]
