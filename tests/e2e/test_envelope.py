"""Whatever the outcome, `--format json` is one object and a line break on standard output, and it is valid."""

from __future__ import annotations

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reqcli.errors import all_errors
from tests.answering import reply, serving
from tests.program import Output, Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

VALIDATOR = Draft202012Validator(
    json.loads(files("reqcli.render.formats").joinpath("envelope.schema.json").read_text())
)
LONG = "é" * 300_000


def envelope(output: Output) -> Any:
    """The one object that was printed."""
    assert output.raw.count(b"\n") == 1, output
    assert output.raw.endswith(b"}\n")
    document = output.json
    VALIDATOR.validate(document)
    assert document["exit_code"] == output.status
    return document


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["get", "http://127.0.0.1:1/"], "connect_failed"),
        (["get", "http://[::1"], "bad_url"),
        (["get"], "usage"),
        (["gett", "http://localhost/"], "usage"),
        (["get", "http://localhost/", "--nope"], "usage"),
        (["get", "http://localhost/", "--timeout", "never"], "usage"),
        (["get", "http://localhost/", "--expect", "fine"], "usage"),
        (["get", "http://localhost/", "--expect", "2xx", "--no-check-status"], "usage"),
        (["get", "http://localhost/", "--max-output", "-1"], "usage"),
        (["get", "http://localhost/", "--session", "none", "--read-only"], "session_not_found"),
        (["session", "show", "none"], "session_not_found"),
        (["session", "rename", "none", "some"], "session_not_found"),
        (["session", "delete", "none"], "session_not_found"),
        (["session", "create", "../x"], "usage"),
        (["session", "nope"], "usage"),
        (["errors", "--nope"], "usage"),
    ],
)
@pytest.mark.parametrize("spelling", [["--format", "json"], ["--format=json"]])
def test_every_failure_is_an_envelope(reqcli: Program, args: list[str], code: str, spelling: list[str]) -> None:
    output = reqcli(*args, *spelling)
    assert envelope(output)["error"]["code"] == code
    assert output.err == ""


def test_words_behind_a_double_dash_ask_for_nothing(reqcli: Program) -> None:
    output = reqcli("get", "--nope", "--", "--format", "json")
    assert (output.status, output.out) == (2, "")
    assert output.err.startswith("reqcli: error: ")


def test_a_success_is_an_envelope_by_its_other_name_too(reqcli: Program, demo_server: DemoServer) -> None:
    document = envelope(reqcli("get", f"{demo_server.url}/cookie/a/b", "--envelope"))
    assert document["ok"] is True
    assert document["session"]["changed"][0]["name"] == "a"


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (["create", "work"], None),
        (["set", "work", "timeout", "5"], "var"),
        (["set-header", "work", "X-A:1", "--origin", "http://localhost"], "header"),
        (["capture", "work", "header:X -> header:X"], "capture"),
        (["rename", "work", "other"], None),
        (["delete", "other"], None),
    ],
)
def test_what_session_commands_did_is_an_envelope(reqcli: Program, args: list[str], kind: str | None) -> None:
    assert args[0] == "create" or reqcli("session", "create", args[1]).status == 0
    document = envelope(reqcli("session", *args, "--format", "json"))
    assert document["ok"] is True
    assert [change["kind"] for change in (document["session"] or {"changed": []})["changed"]] == (
        [kind] if kind else []
    )


def test_what_session_commands_show_is_json(reqcli: Program) -> None:
    assert reqcli("session", "capture", "work", "header:X -> header:X").status == 0
    assert reqcli("session", "capture", "work", "--format", "json").json == ["header:X -> header:X"]
    assert reqcli("session", "path", "work", "--format", "json").json == {"path": str(reqcli.sessions / "work.json")}
    assert reqcli("session", "policy", "work", "--format", "json").json["public_only"] is False


def test_a_long_body_is_cut_and_counted(reqcli: Program) -> None:
    with NastyServer(serving(lambda _: reply(200, "Content-Type: text/plain", body=LONG))) as server:
        document = envelope(reqcli("get", server.url("/"), "--stateless", "--envelope", "--max-output", "1001"))
    body = document["response"]["body"]
    assert (body["kind"], body["value"], body["shown_bytes"]) == ("text", "é" * 500, 1000)
    assert (body["truncated"], body["complete"], body["bytes"]) == (True, True, 600_000)
    assert body["sha256"] == hashlib.sha256(LONG.encode()).hexdigest()


def test_a_body_that_breaks_is_told_with_what_came(reqcli: Program) -> None:
    def cut_short(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")

    with NastyServer(cut_short) as server:
        document = envelope(reqcli("get", server.url("/"), "--stateless", "--envelope", "--max-output", "2"))
    assert document["error"]["code"] == "body_incomplete"
    body = document["response"]["body"]
    assert (body["value"], body["bytes"], body["complete"], body["truncated"]) == ("ha", 4, False, True)


def test_a_longer_body_in_a_pipe_fails(reqcli: Program) -> None:
    with NastyServer(serving(lambda _: reply(200, body=b"0123456789"))) as server:
        fits = reqcli("get", server.url("/"), "--stateless", "--max-output", "10")
        cut = reqcli("get", server.url("/"), "--stateless", "--max-output", "9")
    assert (fits.status, fits.out) == (0, "0123456789")
    assert cut.status == 63
    assert "0123456789".startswith(cut.out)
    assert "body_too_large" in cut.err


def test_a_file_has_no_limit_and_its_digest_is_told(reqcli: Program, tmp_path: Path) -> None:
    path = tmp_path / "body"
    with NastyServer(serving(lambda _: reply(200, body=LONG))) as server:
        args = ("get", server.url("/"), "--stateless", "--max-output", "9", "-o", str(path))
        assert reqcli(*args).status == 0
        body = envelope(reqcli(*args, "--envelope"))["response"]["body"]
    assert path.read_text() == LONG
    assert (body["kind"], body["path"], body["bytes"]) == ("file", str(path), 600_000)
    assert body["sha256"] == hashlib.sha256(LONG.encode()).hexdigest()


@pytest.mark.parametrize(
    ("status", "words", "exit_status"),
    [
        (404, ["--expect", "2xx,404"], 0), (404, ["--expect", "2xx"], 4), (200, ["--expect", "404"], 4),
        (500, ["--expect", "404"], 5), (500, ["--no-check-status"], 0), (201, ["--expect", "2xx"], 0),
    ],
)  # fmt: skip
def test_what_is_expected_decides(reqcli: Program, status: int, words: list[str], exit_status: int) -> None:
    with NastyServer(serving(lambda _: reply(status, body=b"said"))) as server:
        output = reqcli("get", server.url("/"), "--stateless", *words)
    assert (output.status, output.out) == (exit_status, "said")


def test_the_shape_is_printed(reqcli: Program) -> None:
    assert reqcli("schema").json == VALIDATOR.schema


def test_every_failure_is_listed(reqcli: Program) -> None:
    rows = reqcli("errors", "--format", "json").json
    assert [row["code"] for row in rows] == [kind.code for kind in all_errors()]
    assert {"code", "exit", "phase", "retryable", "sentence", "advice"} == set(rows[0])
    lines = reqcli("errors").out.splitlines()
    assert lines[0].split("\t")[:4] == ["internal", "1", "internal", "no"]
    assert len(lines) == len(rows)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "args", [["get", "{url}/echo"], ["get", "http://[::1"], ["errors"], ["session", "create", "a"]]
)
def test_a_disk_that_is_full_is_told_on_standard_error(
    reqcli: Program, demo_server: DemoServer, args: list[str]
) -> None:
    command = [word.replace("{url}", demo_server.url) for word in args]
    assert reqcli("get", f"{demo_server.url}/echo").status == 0  # the server is called in any case
    with Path("/dev/full").open("wb") as full:
        process = reqcli.start(*command, "--format", "json", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 23
    assert err.count(b"\n") == 1
    assert b"[output_failed]" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["-o", "/dev/full"], ["-o", "/dev/full", "--download"], ["-o", "/dev/full", "-i"]])
def test_a_file_that_is_full_is_no_failure_of_the_input(
    reqcli: Program, demo_server: DemoServer, words: list[str]
) -> None:
    output = reqcli("get", f"{demo_server.url}/echo", *words)
    assert (output.status, output.err.count("\n")) == (23, 1)
    assert "cannot write /dev/full: No space left on device" in output.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_help_for_which_there_is_no_room_is_no_failure_of_the_input(reqcli: Program) -> None:
    with Path("/dev/full").open("wb") as full:
        process = reqcli.start("--help", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 23
    assert b"[output_failed]" in err


def test_a_reader_that_went_away_is_owed_nothing(reqcli: Program) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    process = reqcli.start("get", "http://[::1", "--format", "json", stdout=theirs)
    os.close(theirs)
    assert process.communicate(timeout=30)[1] == b""
    assert process.returncode == 23


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_what_was_said_of_a_full_disk_is_not_said_again_of_the_figures(
    reqcli: Program, demo_server: DemoServer
) -> None:
    with Path("/dev/full").open("wb") as full:
        process = reqcli.start("get", f"{demo_server.url}/echo", "-w", "%{http_code}", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 23
    assert err.count(b"\n") == 1, err
