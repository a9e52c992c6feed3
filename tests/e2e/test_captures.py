"""Capture rules from the command line: put in, told, used, masked, taken out, ended."""

from __future__ import annotations

import pytest

from tests.answering import reply, serving
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer

RULE = "header:X-Session-Id -> header:X-Session-Id drop=404"
OTHER = "json:/token -> bearer ttl=60"


def captures(reqcli: Program, *words: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = reqcli("session", "show", "work", "--format", "json", *words).json["captures"]
    return found


def test_an_id_that_one_process_was_issued_the_next_one_sends(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "capture", "work", RULE).status == 0
    assert reqcli("get", f"{demo_server.url}/needs-session", "--session", "work").status == 4
    assert reqcli("get", f"{demo_server.url}/issue", "--session", "work").status == 0
    assert reqcli("get", f"{demo_server.url}/needs-session", "--session", "work").json["session"] == "known"
    other = demo_server.url.replace("127.0.0.1", "localhost")
    assert reqcli("get", f"{other}/needs-session", "--session", "work").status == 4
    assert reqcli("get", f"{demo_server.url}/needs-session", "--stateless").status == 4


def test_rules_are_listed_told_and_taken_out(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "capture", "work", RULE, OTHER).status == 0
    assert reqcli("session", "capture", "work").out.splitlines() == [RULE, OTHER]
    assert reqcli("session", "capture", "work", "--list").out.splitlines() == [RULE, OTHER]
    assert reqcli("get", f"{demo_server.url}/issue", "--session", "work").status == 0
    shown = reqcli("session", "show", "work").out
    assert f"capture {RULE}\n    header X-Session-Id of 2xx answers goes back to the origin that issued it" in shown
    assert f"has ••••  (from {demo_server.url}, since " in shown
    # Other words for the same rule.
    removed = reqcli("session", "capture", "work", "--remove", f"{RULE} on=2xx")
    assert removed.status == 0, removed
    assert reqcli("session", "capture", "work").out.splitlines() == [OTHER]
    assert reqcli("session", "capture", "work", "--remove", RULE).status == 2


def test_a_value_is_shown_only_when_it_is_asked_for(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "capture", "work", RULE).status == 0
    answer = reqcli("get", f"{demo_server.url}/issue", "--session", "work", "--format", "json", "--reveal")
    (secret,) = (value for name, value in answer.json["response"]["headers"] if name == "X-Session-Id")
    assert answer.json["session"]["changed"][0]["kind"] == "capture"
    (masked,) = captures(reqcli)[0]["values"]  # type: ignore[attr-defined]
    assert masked["value"] == "••••"
    (revealed,) = captures(reqcli, "--reveal")[0]["values"]  # type: ignore[attr-defined]
    assert revealed["value"] == secret
    outputs = [
        reqcli("session", "show", "work"),
        reqcli("get", f"{demo_server.url}/echo", "--session", "work", "--format", "json"),
        reqcli("get", f"{demo_server.url}/needs-session", "--session", "work", "-v"),
    ]
    assert not any(secret in f"{output.out}{output.err}" for output in outputs)


def test_a_value_in_the_query_is_masked_too(reqcli: Program) -> None:
    secret = "s3cr3t-v4lue"
    with NastyServer(serving(lambda request: reply(404, body={"id": secret}))) as server:
        assert reqcli("session", "capture", "work", "json:/id -> query:q on=404").status == 0
        assert reqcli("get", server.url("/"), "--session", "work").status == 4
        output = reqcli("get", server.url("/"), "--session", "work", "--format", "json", "-v")
        assert server.requests[1].target == f"/?q={secret}"
        assert secret not in f"{output.out}{output.err}"


def test_the_session_ends_and_rules_stay(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "capture", "work", RULE).status == 0
    assert reqcli("get", f"{demo_server.url}/issue", "--session", "work").status == 0
    assert reqcli("get", f"{demo_server.url}/cookie/a/b", "--session", "work").status == 0
    assert reqcli("session", "end", "work").status == 0
    shown = reqcli("session", "show", "work", "--format", "json").json
    assert (shown["cookies"], [capture["values"] for capture in shown["captures"]]) == ([], [[]])
    assert reqcli("session", "end", "nowhere").status == 101


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["header:X -> heder:Y"], "'heder:Y' (column 13)"),
        (["header:X -> header:Content-Length"], "no server may decide"),
        (["--preset", "nothing"], "there is no preset 'nothing'"),
        (["--preset", "mcp"], "which server"),
        ([RULE, "--list"], "--list only shows"),
        (["header:X -> bearer send=https://b.example"], "needs at= with the origin"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(reqcli: Program, words: list[str], said: str) -> None:
    output = reqcli("session", "capture", "work", *words)
    assert output.status == 2
    assert said in output.err
    assert not reqcli.sessions.exists()


def test_the_base_url_is_the_issuer_of_a_rule_that_sends_elsewhere(reqcli: Program) -> None:
    assert reqcli("session", "create", "work", "--base-url", "https://a.example/v3").status == 0
    assert reqcli("session", "capture", "work", "header:X -> bearer send=https://b.example").status == 0
    assert (
        reqcli("session", "capture", "work").out == "header:X -> bearer at=https://a.example/ send=https://b.example\n"
    )
