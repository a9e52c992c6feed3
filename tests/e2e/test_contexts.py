"""A conversation over stateless calls: what one leaves, the next takes up, and nothing else is taken up."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reqcli.session.context import MAX_CONTEXT
from tests.answering import reply, serving
from tests.e2e.test_envelope import envelope
from tests.program import Output, Program
from tests.server import DemoServer
from tests.sockets import NastyServer, RawRequest


@pytest.fixture
def service() -> Iterator[NastyServer]:
    """Logs in whoever asks for it, and says who is logged in: by a cookie and by a token of the body."""

    def answer(request: RawRequest) -> bytes:
        if request.target == "/login":
            return reply(200, "Set-Cookie: sid=0123456789abcdef0123; Path=/", body={"access_token": "token-1234567890"})
        return reply(200, body={"cookie": request.get("cookie"), "token": request.get("authorization")})

    with NastyServer(serving(answer)) as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(output: Output) -> Any:
    assert output.status == 0, output
    return output.json


def test_cookies_are_carried_from_call_to_call(reqcli: Program, service: NastyServer, here: Path) -> None:
    assert reqcli("post", service.url("/login"), "--stateless", "--context-out", "c").status == 0
    assert stat.S_IMODE((here / "c").stat().st_mode) == 0o600
    first = said(reqcli("get", service.url("/"), "--context", "c", "--context-out", "d"))
    again = said(reqcli("get", service.url("/"), "--context", "d"))
    assert first["cookie"] == again["cookie"] == "sid=0123456789abcdef0123"
    assert not reqcli.sessions.exists()
    assert sorted(path.name for path in here.iterdir() if path.is_file()) == ["c", "d"]


def test_captured_values_are_carried_too(reqcli: Program, service: NastyServer, here: Path) -> None:
    assert reqcli("session", "create", "plan", "--base-url", service.url("/")).status == 0
    assert reqcli("session", "capture", "plan", "json:/access_token -> bearer at=/login").status == 0
    before = (reqcli.sessions / "plan.json").read_bytes()
    assert reqcli("context", "export", "plan", "c").status == 0
    assert said(reqcli("post", "/login", "--context", "c", "--context-out", "c"))["access_token"]
    assert said(reqcli("get", "/me", "--context", "c"))["token"] == "Bearer token-1234567890"
    assert (reqcli.sessions / "plan.json").read_bytes() == before
    assert reqcli("context", "import", "later", "c").status == 0
    assert said(reqcli("get", "/me", "--session", "later"))["token"] == "Bearer token-1234567890"


def test_a_sealed_context_travels_anywhere(reqcli: Program, service: NastyServer, here: Path) -> None:
    assert reqcli("context", "keygen", "key").status == 0
    assert stat.S_IMODE((here / "key").stat().st_mode) == 0o600
    key = ("--context-key", "key")
    document = envelope(reqcli("post", service.url("/login"), "--context-out", "c", *key, "--envelope"))
    assert document["session"]["context"] == "c"
    text = (here / "c").read_text()
    assert "sid" not in text
    reqcli.environment |= {"CTX": text, "KEY": (here / "key").read_text()}
    assert said(reqcli("get", service.url("/"), "--context", "env:CTX", *key))["cookie"]
    assert said(reqcli("get", service.url("/"), "--context", "-", "--context-key", "env:KEY", stdin=text.encode()))[
        "cookie"
    ]
    with (here / "c").open("rb") as file:
        args = reqcli.command("get", service.url("/"), "--context", f"fd:{file.fileno()}", *key)
        done = subprocess.run(args, capture_output=True, env=reqcli.environment, pass_fds=[file.fileno()], check=True)
    assert json.loads(done.stdout)["cookie"]


def test_a_context_goes_to_a_descriptor(reqcli: Program, service: NastyServer) -> None:
    ours, theirs = os.pipe()
    with os.fdopen(ours, "rb") as reading:
        process = reqcli.start("post", service.url("/login"), "--context-out", f"fd:{theirs}", pass_fds=[theirs])
        os.close(theirs)
        assert b"0123456789abcdef0123" in reading.read()
        assert process.communicate(timeout=30)[0]
    assert process.returncode == 0


def test_a_context_goes_to_standard_output_where_the_body_does_not(reqcli: Program, service: NastyServer) -> None:
    done = reqcli("post", service.url("/login"), "--context-out", "-", "-o", os.devnull)
    assert done.json["reqcli"] == "context"
    assert reqcli("post", service.url("/login"), "--context-out", "-").status == 2
    refused = reqcli("post", service.url("/login"), "--context-out", "fd:1", "--format", "json")
    assert (refused.status, refused.json["error"]["code"]) == (2, "usage"), "one object, and nothing beside it"


def test_a_download_that_breaks_has_left_its_context(reqcli: Program, here: Path) -> None:
    def cut_short(peer: Any) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 9\r\n\r\nhalf")

    with NastyServer(cut_short) as server:
        assert reqcli("get", server.url("/"), "--context-out", "c").status == 18
    assert [cookie["name"] for cookie in json.loads((here / "c").read_text())["state"]["cookies"]] == ["a"]


def change(path: Path, **members: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_what_may_not_be_taken_up_is_refused_before_anything_is_sent(
    reqcli: Program, service: NastyServer, here: Path
) -> None:
    path = here / "c"
    assert reqcli("post", service.url("/login"), "--context-out", "c").status == 0
    good = path.read_bytes()
    calls = len(service.requests)

    def refused(code: str = "context_invalid", url: str = service.url("/"), *words: str) -> None:
        output = reqcli("get", url, "--context", "c", *words)
        assert (output.status, output.out) == (109, ""), output
        assert f"[{code}]" in output.err
        assert "0123456789abcdef0123" not in output.err
        path.write_bytes(good)
        path.chmod(0o600)

    change(path, expires=1)
    refused("context_expired")
    change(path, expires=9e11)
    refused()
    refused("context_invalid", "http://127.0.0.1:1/")
    path.write_bytes(b"{")
    refused()
    path.write_bytes(b" " * (MAX_CONTEXT * 3))
    refused()
    path.chmod(0o644)
    refused()
    state = json.loads(good)["state"]
    state["auth"] = {
        service.url("").rstrip("/"): {"scheme": "bearer", "params": {"token": {"command": ["touch", "x"]}}}
    }
    change(path, state=state)
    refused()
    assert not (here / "x").exists()
    assert reqcli("context", "keygen", "k").status == 0
    refused("context_invalid", service.url("/"), "--context-key", "k")
    assert len(service.requests) == calls


def test_a_sealed_one_that_was_changed_is_refused(reqcli: Program, service: NastyServer, here: Path) -> None:
    assert reqcli("context", "keygen", "k").status == 0
    assert reqcli("post", service.url("/login"), "--context-out", "c", "--context-key", "k").status == 0
    path = here / "c"
    text = path.read_text().strip()
    for forged in (text[:-1], text[:-1] + ("A" if text[-1] != "A" else "B"), text + "AAAA", "reqcli1.x.y"):
        path.write_text(forged)
        document = envelope(reqcli("get", service.url("/"), "--context", "c", "--context-key", "k", "--envelope"))
        assert document["error"]["code"] == "context_invalid"
    path.write_text(text)
    assert "sealed" in reqcli("get", service.url("/"), "--context", "c").err


@pytest.mark.parametrize(
    ("words", "status", "named"),
    [
        (["--context", "none"], 26, "none"),
        (["--context", "env:NONE"], 26, "NONE"),
        (["--context", "fd:77"], 26, "fd:77"),
        (["--context", "fd:x"], 2, "fd:x"),
        (["--context", '{"reqcli":"context","secret":"hunter2"}'], 2, "command line"),
        (["--context-out", "env:X"], 2, "variable"),
        (["--context-out", "no/such/c"], 23, "no/such/c"),
        (["--context-out", "fd:77"], 23, "fd:77"),
        (["--context-out", "."], 23, "directory"),
        (["--context-out", "pipe"], 23, "pipe"),
        (["--context-out", "key", "--context-key", "key"], 2, "over the key"),
        (["--context-out", "c", "--session", "x"], 2, "--session"),
        (["--context-out", "c", "--save"], 2, "--save"),
        (["--context-out", "c", "--context-ttl", "90000"], 2, "86400"),
        (["--context-ttl", "9"], 2, "--context"),
        (["--context-key", "k"], 2, "--context"),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(
    reqcli: Program, uncalled_server: DemoServer, here: Path, words: list[str], status: int, named: str
) -> None:
    os.mkfifo(here / "pipe")
    assert reqcli("context", "keygen", "key").status == 0
    output = reqcli("get", uncalled_server.url, *words)
    assert output.status == status, output
    assert named in output.err
    assert "hunter2" not in output.err


def test_a_key_file_is_never_replaced(reqcli: Program, here: Path) -> None:
    assert reqcli("context", "keygen", "k").status == 0
    before = (here / "k").read_bytes()
    assert reqcli("context", "keygen", "k").status == 23
    assert (here / "k").read_bytes() == before
    assert reqcli("context", "keygen", "-").out.strip() != before.decode().strip()


def test_what_a_context_holds_is_shown_by_name(reqcli: Program, service: NastyServer, here: Path) -> None:
    assert reqcli("post", service.url("/login"), "--context-out", "c").status == 0
    shown = reqcli("context", "show", "c")
    assert "sid for 127.0.0.1" in shown.out
    assert "0123456789abcdef0123" not in shown.out
    assert said(reqcli("context", "show", "c", "--format", "json"))["cookies"] == ["sid for 127.0.0.1"]


def test_an_import_does_not_widen_a_policy(reqcli: Program, here: Path) -> None:
    assert reqcli("session", "policy", "narrow", "--allow-origin", "https://a.example").status == 0
    assert reqcli("session", "create", "plan", "--base-url", "http://b.example").status == 0
    assert reqcli("session", "policy", "plan", "--allow-origin", "http://b.example").status == 0
    assert reqcli("context", "export", "plan", "c").status == 0
    assert reqcli("context", "import", "narrow", "c").status == 0
    assert reqcli("session", "policy", "narrow", "--format", "json").json["origins"] == ["https://a.example"]
    assert reqcli("context", "import", "fresh", "c").status == 0
    assert reqcli("session", "policy", "fresh", "--format", "json").json["origins"] == ["http://b.example"]


def test_an_agent_gets_no_leave_from_a_policy_that_it_could_have_written(
    reqcli: Program, service: NastyServer, here: Path
) -> None:
    assert reqcli("session", "policy", "plan", "--allow-origin", service.url("/")).status == 0
    assert reqcli("context", "export", "plan", "c", "--origin", service.url("/")).status == 0
    assert envelope(reqcli("--agent", "get", service.url("/"), "--context", "c"))["error"]["code"] == "policy_denied"
    assert reqcli("context", "keygen", "k").status == 0
    key = ("--context-key", "k")
    assert reqcli("context", "export", "plan", "c", "--origin", service.url("/"), *key).status == 0
    assert envelope(reqcli("--agent", "get", service.url("/"), "--context", "c", *key))["ok"] is True
