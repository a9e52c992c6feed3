"""`--dry-run` shows the request that would be sent, exactly; nothing is sent, written or fetched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.e2e.test_no_secret_in_output import KINDS, forms, on_a_terminal
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOBODY = "http://127.0.0.1:1"


def wire(head: bytes, body: bytes) -> bytes:
    return head + b"\r\n\r\n" + body


@pytest.mark.parametrize("option", ["--dry-run", "--offline"])
@pytest.mark.parametrize(
    "words",
    [
        ["get", "URL"],
        ["post", "URL", "a=1", "ü=\x1b[31m"],
        ["put", "URL", "-a", "alice:wonderland", "-d", "access_token=abcdef&b=2"],
        ["delete", "URL", "X-A:ä", "Cookie:a=1"],
    ],
    ids=lambda words: words[0],
)
def test_it_is_the_request_that_is_sent_otherwise(reqcli: Program, option: str, words: list[str]) -> None:
    with NastyServer(OK) as server:
        words = [server.url("/x?y=1") if word == "URL" else word for word in words]
        rehearsed = reqcli(*words, "--stateless", option, "--reveal")
        assert rehearsed.status == 0
        assert server.requests == []
        assert reqcli(*words, "--stateless").status == 0
        (request,) = server.requests
    assert rehearsed.raw == wire(request.head, request.body)


def test_a_chunked_body_is_shown_as_it_goes(reqcli: Program) -> None:
    shown = reqcli("post", NOBODY, "--stateless", "--dry-run", "--reveal", stdin=b"some input")
    assert shown.raw.endswith(b"\r\n\r\na\r\nsome input\r\n0\r\n\r\n")


def test_what_the_session_has_is_in_it_and_nothing_is_written(reqcli: Program) -> None:
    origin = "http://127.0.0.1:1"
    for words in (
        ["create", "work", "--base-url", f"{origin}/api", "--idle-ttl", "1h"],
        ["set-auth", "work", "-a", "alice:wonderland"],
        ["set-header", "work", "X-Tenant:acme"],
        ["set-cookie", "work", "sid=0123456789abcdef; Path=/"],
        ["capture", "work", "header:X-Id -> header:X-Id once"],
    ):
        assert reqcli("session", *words).status == 0
    file = reqcli.sessions / "work.json"
    document = json.loads(file.read_text())
    (rule,) = document["captures"]
    document["captures"][rule][origin] = {
        "value": "captured-id",
        "issued": time.time(),
        "expires": None,
        "resource": "/",
    }
    file.write_text(json.dumps(document))
    before = {path: path.stat().st_mtime_ns for path in reqcli.home.rglob("*")}
    content = file.read_bytes()
    shown = reqcli("get", "/me", "--session", "work", "--save", "X-New:1", "--dry-run", "--reveal", "-o", "/nowhere/x")
    for text in (
        "GET /api/me HTTP/1.1", "Authorization: Basic YWxpY2U6d29uZGVybGFuZA==", "X-Tenant: acme",
        "Cookie: sid=0123456789abcdef", "X-Id: captured-id", "X-New: 1",
    ):  # fmt: skip
        assert text in shown.out, shown
    assert {path: path.stat().st_mtime_ns for path in reqcli.home.rglob("*")} == before
    assert file.read_bytes() == content


def test_the_netrc_is_in_it(reqcli: Program, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login alice password wonderland")
    netrc.chmod(0o600)
    shown = reqcli("get", NOBODY, "--stateless", "--dry-run", "--reveal", env={"NETRC": str(netrc)})
    assert "Authorization: Basic" in shown.out


def test_an_expired_session_is_not_emptied_on_disk(reqcli: Program) -> None:
    assert reqcli("session", "create", "old", "--ttl", "1s").status == 0
    assert reqcli("session", "set-header", "old", "X-A:1", "--origin", NOBODY).status == 0
    file = reqcli.sessions / "old.json"
    document = json.loads(file.read_text())
    document["created"] -= 10
    file.write_text(json.dumps(document))
    content = file.read_bytes()
    shown = reqcli("get", NOBODY, "--session", "old", "--dry-run")
    assert "session_expired" in shown.err
    assert "X-A" not in shown.out
    assert file.read_bytes() == content


def test_a_session_that_does_not_exist_need_not(reqcli: Program) -> None:
    assert reqcli("get", NOBODY, "--session", "none", "--dry-run").status == 0
    assert reqcli("get", NOBODY, "--session", "none", "--dry-run", "--read-only").status == 101
    assert not reqcli.home.exists()


def test_the_policy_is_asked(reqcli: Program) -> None:
    assert reqcli("session", "policy", "work", "--allow-origin", "https://api.example").status == 0
    shown = reqcli("get", NOBODY, "--session", "work", "--dry-run")
    assert (shown.status, shown.out) == (108, "")
    assert "[policy_denied]" in shown.err
    assert reqcli("get", NOBODY, "--session", "work", "--curl").status == 108


def test_an_agent_s_policy_is_asked_too(reqcli: Program) -> None:
    for words in (["--stateless"], ["--session", "none"]):
        result = reqcli("--agent", "get", NOBODY, "--dry-run", *words)
        assert (result.status, result.json["error"]["code"]) == (108, "policy_denied")


def test_in_an_envelope_nothing_was_sent(reqcli: Program) -> None:
    result = reqcli("get", NOBODY, "--stateless", "--dry-run", "--format", "json").json
    assert (result["ok"], result["response"], result["error"], result["timing"]) == (True, None, None, None)
    assert (result["request"]["sent"], result["request"]["attempts"]) == ("no", 0)


@pytest.mark.parametrize("stored", [False, True])
def test_a_secret_is_fetched_only_to_be_revealed(reqcli: Program, tmp_path: Path, stored: bool) -> None:
    witness = tmp_path / "ran"
    command = ["--token-command", f"sh -c 'touch {witness}; echo to.ken'"]
    words = ["get", NOBODY]
    if stored:
        assert reqcli("session", "set-auth", "work", *command, "--origin", NOBODY).status == 0
        words += ["--session", "work"]
    else:
        words += ["--stateless", *command]
    for views in (["--dry-run"], ["--curl"], ["--dry-run", "--format", "json"]):
        shown = reqcli(*words, *views)
        assert shown.status == 0
        assert "Bearer ••••" in shown.out
        assert "from command sh" in shown.err
        assert not witness.exists()
    assert "Bearer to.ken" in reqcli(*words, "--dry-run", "--reveal").out
    assert witness.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_secret_is_shown(reqcli: Program, tmp_path: Path, kind: str) -> None:
    words, env = KINDS[kind](reqcli, f"{NOBODY}/", tmp_path)
    for views in (["--dry-run"], ["--curl"], ["--dry-run", "--format", "json"]):
        shown = reqcli("get", f"{NOBODY}/x", *words, *views, env=env)
        assert shown.status == 0, shown
        assert forms(shown.out + shown.err) == [], shown


def test_secrets_of_the_body_are_masked_by_name_and_by_value(reqcli: Program) -> None:
    words = ["-a", "alice:wonderland", "--stateless", "--dry-run"]
    form = reqcli("post", NOBODY, "-f", "user=alice", "password=hunter22", "note=wonderland", *words)
    assert form.out.endswith("user=alice&password=••••&note=••••")
    typed = reqcli("post", NOBODY, "user=alice", "api_key=hunter22", "pin_token:=1234", "note=a wonderland", *words)
    body = json.loads(typed.out.partition("\r\n\r\n")[2])
    assert body == {"user": "alice", "api_key": "••••", "pin_token": "••••", "note": "a ••••"}


def test_secrets_of_a_body_that_is_no_text_are_masked_too(reqcli: Program, tmp_path: Path) -> None:
    words = ["-a", "alice:wonderland", "--stateless"]
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\x00a wonderland" + b"." * (3 << 19) + b"wonder" + b"land")
    shown = reqcli("post", NOBODY, f"@{binary}", "--dry-run", *words)
    assert b"wonderland" not in shown.raw
    assert shown.raw.partition(b"\r\n\r\n")[2].startswith(b"\xff\x00a " + "••••.".encode())
    exact = reqcli("post", NOBODY, f"@{binary}", "--dry-run", "--reveal", *words)
    assert exact.raw.partition(b"\r\n\r\n")[2] == binary.read_bytes()
    parted = ["-f", "-d", "note=wonderland&password=hunter22&end=\r\n"]
    for view in (["--dry-run"], ["--curl"]):
        said = reqcli("post", NOBODY, *parted, *view, *words).out
        assert "note=••••&password=••••&end=" in said.replace(r"\0342\0200\0242", "•"), said


def test_on_a_terminal_it_is_text_that_does_nothing(reqcli: Program, tmp_path: Path) -> None:
    shown = on_a_terminal(reqcli, {}, "post", NOBODY, "--stateless", "--dry-run", "-d", "\x1b]0;x\x07 hello")
    assert "POST" in shown
    assert "\\x1b]0;x\\x07 hello" in shown
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    shown = on_a_terminal(reqcli, {}, "post", NOBODY, "--stateless", "--dry-run", f"@{tmp_path / 'binary'}")
    assert "[256 bytes of binary data]" in shown


def test_the_way_is_said(reqcli: Program) -> None:
    shown = reqcli(
        "get", "https://api.example/", "--stateless", "--dry-run", "--proxy", "http://u:secret@p.example:8080"
    )
    assert "through the proxy http://p.example:8080" in shown.err
    assert "secret" not in shown.err


def test_the_demo_server_hears_nothing(reqcli: Program, uncalled_server: DemoServer) -> None:
    for view in ("--dry-run", "--curl"):
        assert reqcli("post", f"{uncalled_server.url}/login", "a=b", view, "--serialize").status == 0
    assert not os.path.exists(reqcli.home)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-p", "B"], b'{"b":"1","a":[2]}'),
        (["-p", "b"], b""),
        (["-p", "Bh"], b'{"b":"1","a":[2]}'),
        (["-p", "B", "--pretty", "format"], b'{\n    "b": "1",\n    "a": [\n        2\n    ]\n}'),
        (["-p", "B", "--sorted", "--pretty", "format"], b'{\n    "a": [\n        2\n    ],\n    "b": "1"\n}'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_parts_that_are_asked_for_are_shown(reqcli: Program, words: list[str], shown: bytes) -> None:
    output = reqcli("post", NOBODY, "--stateless", "--offline", "b=1", "a:=[2]", *words)
    assert (output.status, output.raw.rstrip(b"\n")) == (0, shown), output


def test_a_head_can_be_shown_alone_and_painted(reqcli: Program) -> None:
    head = reqcli("post", NOBODY, "--stateless", "--offline", "password=s3cret", "-p", "H")
    assert head.out.startswith("POST / HTTP/1.1\r\nHost: ")
    assert head.out.endswith("\r\n\r\n")
    assert "password" not in head.out
    both = reqcli("post", NOBODY, "--stateless", "--offline", "password=s3cret", "--pretty", "all")
    assert "\x1b[" in both.out
    assert "••••" in both.out
    assert "s3cret" not in both.out


@pytest.mark.parametrize("words", [["file@FILE", "--boundary", "x"], ["@FILE"], ["@-"], ["@FILE", "--chunked"]])
def test_in_a_pipe_the_body_alone_is_its_bytes(reqcli: Program, tmp_path: Path, words: list[str]) -> None:
    path = tmp_path / "data.bin"
    path.write_bytes(bytes(range(256)))
    words = [word.replace("FILE", str(path)) for word in words]
    stdin = path.read_bytes() if "@-" in words else None
    with NastyServer(OK) as server:
        shown = reqcli("post", server.url("/"), "--stateless", "--offline", "-p", "B", *words, stdin=stdin)
        assert server.requests == []
        assert reqcli("post", server.url("/"), "--stateless", "--no-check-status", *words, stdin=stdin).status == 0
        (request,) = server.requests
    assert bytes(range(256)) in shown.raw
    if "chunked" not in request.head.decode("latin-1").lower():
        assert shown.raw == request.body
