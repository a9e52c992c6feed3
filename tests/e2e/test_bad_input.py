"""Whatever a user gets wrong is one line on stderr that names it, the right exit status, and nothing written."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests.program import Program
from tests.server import DemoServer


def files_under(directory: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(directory.rglob("*"))} if directory.exists() else {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("args", "status", "code", "named"),
    [
        pytest.param(["get", "http://[::1"], 2, "bad_url", "[::1", id="a malformed URL"),
        pytest.param(["get", "ftp://example.com/"], 2, "bad_url", "ftp", id="a scheme that is not spoken"),
        pytest.param(["get", "http://localhost:99999/"], 2, "bad_url", "99999", id="a port out of range"),
        pytest.param(["get", "http://localhost/a\nb"], 2, "bad_url", "\\n", id="a URL with a line break"),
        pytest.param(
            ["get", "http://localhost/", "-H", "X-A: b\r\nEvil: 1"], 2, "usage", "X-A", id="a header with a line break"
        ),
        pytest.param(["get", "http://localhost/", "X-A:b\nc"], 2, "usage", "X-A", id="an item with a line break"),
        pytest.param(["request", "GE T", "http://localhost/"], 2, "usage", "GE T", id="a method with a blank"),
        pytest.param(["get", "http://localhost/", "nonsense"], 2, "usage", "nonsense", id="a word that is no item"),
        pytest.param(["gett", "http://localhost/"], 2, "usage", "gett", id="a mistyped command"),
        pytest.param(["get"], 2, "usage", "URL", id="a URL left out"),
        pytest.param(["get", "http://localhost/", "--nope"], 2, "usage", "--nope", id="an unknown option"),
        pytest.param(["get", "/account"], 2, "usage", "base", id="a path without a base URL"),
        pytest.param(
            ["get", "http://localhost/", "--read-only", "--session", "none"], 101, "session_not_found", "none",
            id="an unknown session, read only",
        ),
        pytest.param(["session", "show", "none"], 101, "session_not_found", "none", id="an unknown session, shown"),
        pytest.param(["session", "delete", "none"], 101, "session_not_found", "none", id="an unknown session, deleted"),
        pytest.param(["session", "create", "../evil"], 2, "usage", "../evil", id="a name with a path in it"),
        pytest.param(["session", "create", ".hidden"], 2, "usage", ".hidden", id="a name with a leading dot"),
        pytest.param(
            ["get", "http://localhost/", "-A", "nope", "-a", "x"], 2, "usage", "nope", id="an unknown auth scheme"
        ),
        pytest.param(["get", "http://localhost/", "-a", "user"], 105, "auth_required", "password", id="no password"),
        pytest.param(
            ["get", "http://name.invalid/"], 6, "dns_failed", "name.invalid", id="a host that does not resolve"
        ),
        pytest.param(
            ["post", "http://localhost/", "@/no/such/file"], 26, "input_failed", "/no/such/file", id="a missing file"
        ),
        pytest.param(["get", "http://localhost/", "--stateless", "--save"], 2, "usage", "--save", id="contradiction"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line(reqcli: Program, args: list[str], status: int, code: str, named: str) -> None:
    before = files_under(reqcli.home)
    output = reqcli(*args)
    assert output.status == status, output
    assert output.out == ""
    assert output.err.count("\n") == 1, output
    assert named in output.err
    assert code in output.err
    assert "Traceback" not in output.err
    assert files_under(reqcli.home) == before


def test_a_refused_port_is_named(reqcli: Program) -> None:
    port = free_port()
    output = reqcli("get", f"http://127.0.0.1:{port}/")
    assert output.status == 7
    assert output.err.count("\n") == 1
    assert f"127.0.0.1:{port}" in output.err or f"port {port}" in output.err
    assert "connect_failed" in output.err


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"version": 1}', b'{"version": 99}', b"\xff\xfe", b'{"version": 1' + b"[" * 9000],
    ids=["empty", "cut", "a list", "null", "no fields", "newer", "no text", "deep"],
)
def test_a_corrupt_session_is_an_error_and_stays_as_it_is(
    reqcli: Program, uncalled_server: DemoServer, content: bytes
) -> None:
    assert reqcli("session", "create", "work").status == 0
    path = reqcli.sessions / "work.json"
    path.write_bytes(content)
    output = reqcli("get", f"{uncalled_server.url}/cookie/a/b", "--session", "work")
    assert (output.status, output.out) == (103, ""), output
    assert output.err.count("\n") == 1
    assert "session_corrupt" in output.err
    assert path.read_bytes() == content


def test_a_session_open_to_others_is_refused_with_the_command_that_mends_it(
    reqcli: Program, uncalled_server: DemoServer
) -> None:
    assert reqcli("session", "create", "work").status == 0
    path = reqcli.sessions / "work.json"
    path.chmod(0o644)
    output = reqcli("get", f"{uncalled_server.url}/echo", "--session", "work")
    assert output.status == 103
    assert "session_insecure" in output.err
    assert "chmod 600" in output.err


def test_no_error_holds_the_secret_that_led_to_it(reqcli: Program) -> None:
    for args in (
        ["get", "http://user:s3cr3t@[::1"],
        ["get", "http://user:s3cr3t@name.invalid/"],
        ["get", "http://localhost/", "-A", "bearer", "-a", "s3cr3t with blanks"],
        ["get", "http://localhost/", "X-Api-Key:s3cr3t\n"],
        ["get", "http://localhost/", "-a", "us:s3cr3t\x01"],
    ):
        output = reqcli(*args)
        assert output.status != 0
        assert "s3cr3t" not in output.err + output.out, output


def test_a_directory_that_is_gone_is_no_bug(reqcli: Program, tmp_path: Path) -> None:
    assert reqcli("session", "create", "work").status == 0
    gone = tmp_path / "gone"
    gone.mkdir()
    command = " ".join(reqcli.command("session", "set", "work", "verify", "ca.pem"))
    done = subprocess.run(
        ["sh", "-c", f"cd {gone} && rmdir {gone} && PYTHONSAFEPATH=1 exec {command}"],
        capture_output=True, text=True, env=reqcli.environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (26, "", 1), done
    assert "[input_failed]" in done.stderr


@pytest.mark.parametrize("more", [[], ["--read-only"], ["--dry-run"]], ids=["to be written", "read only", "dry run"])
def test_nothing_is_sent_where_no_session_can_be_kept(
    reqcli: Program, uncalled_server: DemoServer, tmp_path: Path, more: list[str]
) -> None:
    output = reqcli("get", f"{uncalled_server.url}/cookie/a/b", "--session", f"{tmp_path}/none/work.json", *more)
    assert (output.status, output.out) == (110, ""), output
    assert f"make it: mkdir -p {tmp_path}/none" in output.err


def test_a_tilde_behind_an_equals_sign_is_the_home_directory(reqcli: Program, demo_server: DemoServer) -> None:
    home = Path(reqcli.environment["HOME"])
    home.mkdir(mode=0o700, parents=True)
    kept = reqcli("get", f"{demo_server.url}/cookie/a/b", "--session=~/work.json", "--output=~/body")
    assert (kept.status, kept.err) == (0, ""), kept
    assert sorted(path.name for path in home.iterdir() if path.suffix != ".lock") == ["body", "work.json"]
    assert reqcli("session", "export", str(home / "work.json"), "--to", "netscape", "--output=~/jar").status == 0
    assert (home / "jar").exists()
    sent = reqcli("post", "--offline", demo_server.url, "--data=~/x", "--stateless")
    assert sent.raw.endswith(b"\r\n\r\n~/x")


def test_a_passphrase_on_the_command_line_is_refused_and_not_shown(reqcli: Program) -> None:
    output = reqcli("get", "https://localhost:1/", "--cert", "c.pem", "--cert-key-pass", "s3cret")
    assert output.status == 2
    assert "--cert-key-pass names a file, and no passphrase — @FILE" in output.err
    assert "3cret" not in output.err
