"""`session import` and `session export`, with the real programs on the other side."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.test_curl_command import OK, run
from tests.program import Program
from tests.real import require_package
from tests.sockets import NastyServer

SETTING = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=abc123; Path=/; HttpOnly\r\n"
    b"Set-Cookie: theme=dark; Path=/app; Max-Age=9999\r\n"
    b'Set-Cookie: q="a b"; Path=/\r\nSet-Cookie: u=\xc3\xa9; Path=/\r\nContent-Length: 0\r\n\r\n'
)
SENT = 'theme=dark; sid=abc123; q="a b"; u=Ã©'
FILES = Path(__file__).parent.parent / "interop" / "files"


def cookies_of(header: str | None) -> list[str]:
    return sorted((header or "").split("; "))


def test_curl_s_cookies_come_in_and_go_out_again(reqcli: Program, tmp_path: Path) -> None:
    with NastyServer(SETTING) as server:
        url = server.url("/app/x")
        assert run(f"curl -s -c jar.txt {url}", tmp_path).returncode == 0
        imported = reqcli("session", "import", "work", str(tmp_path / "jar.txt"))
        assert (imported.status, imported.out) == (0, ""), imported
        assert "4 cookies imported" in imported.err
        assert reqcli("get", url, "--session", "work").status == 0
        assert cookies_of(server.requests[-1].get("cookie")) == sorted(SENT.split("; "))
        exported = tmp_path / "out.txt"
        assert reqcli("session", "export", "work", "--to", "netscape", "-o", str(exported)).status == 0
        assert run(f"curl -s -b out.txt {url}", tmp_path).returncode == 0
        assert cookies_of(server.requests[-1].get("cookie")) == sorted(SENT.split("; "))


def test_httpie_replays_what_was_exported(reqcli: Program, tmp_path: Path) -> None:
    require_package("httpie")
    exported = tmp_path / "session.json"
    with NastyServer(SETTING) as server:
        url = server.url("/app/x")
        for words in (
            ["set-auth", "work", "-a", "alice:won:der"],
            ["set-header", "work", "X-Tenant:acme"],
        ):
            assert reqcli("session", *words, "--origin", url).status == 0
        assert reqcli("get", url, "--session", "work").status == 0
        assert reqcli("get", url, "--session", "work").status == 0
        assert reqcli("session", "export", "work", "--to", "httpie", "-o", str(exported)).status == 0
        done = subprocess.run(
            [sys.executable, "-m", "httpie", "--ignore-stdin", f"--session-read-only={exported}", url],
            capture_output=True,
            env={**reqcli.environment, "HTTPIE_CONFIG_DIR": str(tmp_path)},
        )
        assert done.returncode == 0, done
        ours, theirs = server.requests[-2:]
        for name in ("authorization", "x-tenant"):
            assert theirs.get(name) == ours.get(name)
        assert cookies_of(theirs.get("cookie")) == cookies_of(ours.get("cookie"))


def test_what_httpie_stored_is_replayed(reqcli: Program, tmp_path: Path) -> None:
    require_package("httpie")
    with NastyServer(SETTING) as server:
        url = server.url("/app/x")
        stored = tmp_path / "session.json"
        words = ["--ignore-stdin", f"--session={stored}", "-a", "alice:won:der", url, "X-Tenant:acme"]
        environment = {**reqcli.environment, "HTTPIE_CONFIG_DIR": str(tmp_path)}
        subprocess.run([sys.executable, "-m", "httpie", *words], check=True, capture_output=True, env=environment)
        assert reqcli("session", "import", "work", str(stored), "--origin", url).status == 0
        assert reqcli("get", url, "--session", "work").status == 0
        theirs, ours = server.requests
        for name in ("authorization", "x-tenant"):
            assert ours.get(name) == theirs.get(name)
        assert cookies_of(ours.get("cookie")) == sorted(SENT.split("; "))


def test_what_is_there_stays_unless_it_is_to_be_replaced(reqcli: Program, tmp_path: Path) -> None:
    origin = "https://api.example.test"
    file = str(FILES / "httpie-3.2.json")
    assert reqcli("session", "create", "work", "--base-url", origin).status == 0
    assert reqcli("session", "set-header", "work", "X-Tenant:mine", "X-Other:1").status == 0
    assert reqcli("session", "set-cookie", "work", "sid=mine; Path=/").status == 0
    output = reqcli("session", "import", "work", file)
    assert output.status == 0
    assert "header X-Tenant for https://api.example.test is in the session already" in output.err
    assert "cookie 'sid' for api.example.test is in the session already" in output.err
    shown = reqcli("session", "show", "work", "--reveal").out
    for text in ("X-Tenant: mine", "X-Api-Key: k", "sid=mine", "theme=dark"):
        assert text in shown
    again = reqcli("session", "import", "work", file, "--replace")
    assert "already" not in again.err
    shown = reqcli("session", "show", "work", "--reveal").out
    for text in ("X-Tenant: acme", "X-Other: 1", "sid=abc123"):
        assert text in shown


def test_nothing_is_written_over_and_the_file_is_closed_to_others(reqcli: Program, tmp_path: Path) -> None:
    assert reqcli("session", "set-cookie", "work", "sid=1", "--origin", "https://h.example").status == 0
    path = tmp_path / "out"
    assert reqcli("session", "export", "work", "-o", str(path)).status == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    again = reqcli("session", "export", "work", "-o", str(path))
    assert again.status == 23
    assert "exists already" in again.err
    assert path.read_bytes() == content


def test_secrets_go_to_standard_output_only_revealed(reqcli: Program) -> None:
    assert reqcli("session", "create", "empty").status == 0
    assert reqcli("session", "export", "empty").json["cookies"] == []
    assert reqcli("session", "set-auth", "work", "-a", "a:hunter22", "--origin", "https://h.example").status == 0
    refused = reqcli("session", "export", "work", "--to", "httpie")
    assert (refused.status, refused.out) == (2, "")
    assert "hunter22" not in refused.err
    assert "hunter22" in reqcli("session", "export", "work", "--to", "httpie", "--reveal").out
    assert "hunter22" in reqcli("session", "export", "work", "--reveal", "-o", "-").out


def test_commands_come_and_go_only_trusted(reqcli: Program, tmp_path: Path) -> None:
    words = ["--token-command", "echo to.ken", "--origin", "https://h.example"]
    assert reqcli("session", "set-auth", "work", *words).status == 0
    bare, whole = tmp_path / "bare", tmp_path / "whole"
    assert "--trust-commands" in reqcli("session", "export", "work", "-o", str(bare)).err
    assert reqcli("session", "export", "work", "-o", str(whole), "--trust-commands").err == ""
    assert json.loads(bare.read_text())["auth"] == {}
    refused = reqcli("session", "import", "other", str(whole))
    assert "--trust-commands" in refused.err
    assert "nothing imported" in refused.err
    assert not (reqcli.sessions / "other.json").exists()
    assert reqcli("session", "import", "other", str(whole), "--trust-commands").status == 0
    assert "command" in (reqcli.sessions / "other.json").read_text()


def test_an_agent_imports_nothing(reqcli: Program, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    assert reqcli("session", "policy", "wide", "--allow-origin", "http://127.0.0.1:1").status == 0
    assert reqcli("session", "export", "wide", "-o", str(path)).status == 0
    assert reqcli("--agent", "session", "import", "work", str(path), "--trust-commands").status == 2
    assert reqcli("--agent", "session", "import", "work", str(path)).json["error"]["code"] == "policy_denied"
    assert not (reqcli.sessions / "work.json").exists()


def test_an_import_says_what_the_session_had_no_room_for(reqcli: Program, tmp_path: Path) -> None:
    jar = tmp_path / "jar.txt"
    later = int(time.time()) + 9999
    lines = [f"h.example\tFALSE\t/\tFALSE\t{later}\tc{number}\tv\n" for number in range(200)]
    jar.write_text("# Netscape HTTP Cookie File\n" + "".join(lines))
    imported = reqcli("session", "import", "work", str(jar))
    assert imported.status == 0, imported
    assert "20 cookies were not kept: a session has room for 180 of one domain" in imported.err
    assert "180 cookies imported" in imported.err


def test_what_has_expired_is_not_exported(reqcli: Program) -> None:
    assert reqcli("session", "create", "old", "--ttl", "1h", "--base-url", "https://h.example").status == 0
    assert reqcli("session", "set-cookie", "old", "sid=hunter22").status == 0
    file = reqcli.sessions / "old.json"
    document = json.loads(file.read_text())
    document["created"] = time.time() - 7200
    file.write_text(json.dumps(document))
    content = file.read_bytes()
    output = reqcli("session", "export", "old", "--reveal")
    assert output.json["cookies"] == []
    assert "session_expired" in output.err
    assert file.read_bytes() == content


def test_a_file_that_is_none_is_named_with_its_place(reqcli: Program, tmp_path: Path) -> None:
    broken = tmp_path / "broken.har"
    broken.write_text('{"log":\n {"entries": [}}')
    output = reqcli("session", "import", "work", str(broken), "--from", "har")
    assert (output.status, output.err.count("\n")) == (26, 1)
    assert f"{broken}: line 2, column 15" in output.err
    assert reqcli("session", "import", "work", str(tmp_path / "none")).status == 26
    assert reqcli("session", "import", "work", "-", stdin=b"hello").status == 2
    assert not reqcli.home.exists()


@pytest.mark.parametrize("format_", ["reqcli", "httpie", "xh", "netscape", "har"])
def test_every_export_can_be_imported(reqcli: Program, tmp_path: Path, format_: str) -> None:
    with NastyServer(OK) as server:
        url = server.url("/")
        assert reqcli("session", "set-cookie", "work", "sid=1; Path=/", "--origin", url).status == 0
        exported = reqcli("session", "export", "work", "--to", format_, "--reveal", "--origin", url)
        assert exported.status == 0, exported
        imported = reqcli("session", "import", "copy", "-", "--origin", url, stdin=exported.raw)
        assert "1 cookie imported into session copy" in imported.err, imported
        assert reqcli("get", url, "--session", "copy").status == 0
        assert server.requests[-1].get("cookie") == "sid=1"


def test_what_is_piped_in_may_be_as_long_as_a_file(reqcli: Program, tmp_path: Path) -> None:
    line = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tabc123\n"
    text = "# Netscape HTTP Cookie File\n" + "# a line that says nothing\n" * 60_000 + line
    assert len(text) > 1024 * 1024
    imported = reqcli("session", "import", "work", "-", stdin=text.encode())
    assert (imported.status, imported.out) == (0, ""), imported
    assert "1 cookie imported" in imported.err


@pytest.mark.parametrize(
    "words",
    [
        ["session", "import", "work", "{file}"],
        ["get", "http://127.0.0.1:1/", "-A", "bearer", "-a", "@{file}"],
        ["get", "http://127.0.0.1:1/", "-w", "@{file}"],
    ],
)
def test_a_file_without_an_end_is_refused_before_it_fills_the_memory(
    reqcli: Program, tmp_path: Path, words: list[str]
) -> None:
    endless = tmp_path / "endless"
    endless.touch()
    os.truncate(endless, 1 << 40)  # a hole: it takes no room
    output = reqcli(*(word.replace("{file}", str(endless)) for word in words))
    assert output.status == 26
    assert f"{endless} is longer than" in output.err
