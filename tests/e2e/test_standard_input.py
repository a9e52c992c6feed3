"""Standard input: whose it is, when it is read, and what is said while it is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.e2e.terminal import Terminal
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
WAITING = "reqcli: waiting for the request body on standard input"


@contextmanager
def idle_pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe that stays open, and into which nobody writes."""
    ours, theirs = os.pipe()
    try:
        yield ours, theirs
    finally:
        os.close(ours)
        os.close(theirs)


def line_of(stream: IO[bytes] | None) -> str:
    assert stream is not None
    return stream.readline().decode().rstrip("\n")


# A loop


@pytest.mark.parametrize(
    "command",
    [
        "get $URL/$line", "head $URL/$line", "delete $URL/$line", "options $URL/$line", "$URL/$line", "-L $URL/$line",
        "GET $URL/$line", "post $URL/$line a=1", "$URL/$line a=1", "put $URL/$line --raw x", "post $URL/$line -I",
        "patch $URL/$line -d x",
    ],
)  # fmt: skip
def test_a_loop_loses_no_line(reqcli: Program, command: str) -> None:
    with NastyServer(OK) as server:
        script = f'printf "1\\n2\\n3\\n" | while read -r line; do "$PYTHON" -m reqcli {command} || exit 9; done'
        environment = {**reqcli.environment, "URL": server.url("").rstrip("/"), "PYTHON": sys.executable}
        done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert [request.target for request in server.requests] == ["/1", "/2", "/3"]


# What was handed in and not sent


UNSENT = "reqcli: note: standard input was not sent: @- or POST sends it"


@pytest.mark.parametrize(
    ("words", "is_told"),
    [([], True), (["X-A:1"], True), (["-q"], False), (["-I"], False), (["a=1"], False), (["@-"], False)],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_a_person_is_told_what_was_not_sent(
    reqcli: Program, tmp_path: Path, words: list[str], is_told: bool, kind: str
) -> None:
    (tmp_path / "body").write_bytes(b'{"a":1}')
    with NastyServer(OK) as server:
        ours, theirs = os.pipe() if kind == "pipe" else (os.open(tmp_path / "body", os.O_RDONLY), None)
        if theirs is not None:
            os.write(theirs, b'{"a":1}')
            os.close(theirs)
        try:
            with Terminal(reqcli, server.url("/"), *words, stdin=ours, stdout=subprocess.DEVNULL) as terminal:
                assert terminal.end() == 0
                assert (UNSENT in terminal.screen) == is_told
        finally:
            os.close(ours)


def test_nothing_is_said_of_input_that_nobody_can_have_meant(reqcli: Program, tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b"1\n2\n")
    lines = os.open(tmp_path / "lines", os.O_RDONLY)
    os.read(lines, 2)  # a shell's loop has read the first
    with NastyServer(OK) as server, idle_pipe() as (idle, _):
        for words, stdin in ((["get"], lines), ([], idle), ([], lines), ([], subprocess.DEVNULL)):
            with Terminal(reqcli, *words, server.url("/"), stdin=stdin, stdout=subprocess.DEVNULL) as terminal:
                assert (terminal.end(), terminal.screen) == (0, "")
    os.close(lines)


@pytest.mark.parametrize(
    ("words", "is_told"),
    [
        (["get", "q=s3cret"], True), (["GET", "q=s3cret", "X:1"], True), (["get", "q==s3cret"], False),
        (["get", "-j", "q=s3cret"], False), (["get", "q:=1"], False), (["get", "--raw", "q"], False),
        (["post", "q=s3cret"], False), (["get", "q=s3cret", "-q"], False),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)  # fmt: skip
def test_a_person_is_told_of_a_get_whose_query_may_have_become_a_body(
    reqcli: Program, words: list[str], is_told: bool
) -> None:
    with NastyServer(OK) as server:
        with Terminal(reqcli, words[0], server.url("/"), *words[1:], stdout=subprocess.DEVNULL) as terminal:
            assert terminal.end() == 0
        note = "reqcli: note: q=… went as the body of a GET: == adds to the query, -j says this is meant\n"
        assert terminal.screen == (note if is_told else "")
        assert reqcli(words[0], server.url("/"), *words[1:]).err == ""


# A pipe that stays open


@pytest.mark.parametrize("command", ["get", "head", "delete", "options", "GET"])
def test_an_idle_pipe_holds_nothing_up(reqcli: Program, demo_server: DemoServer, command: str) -> None:
    with idle_pipe() as (ours, _):
        process = reqcli.start(command, f"{demo_server.url}/echo", stdin=ours)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize("words", [["a=1"], ["--raw", "x"], ["-I"], ["-d", "x"]])
def test_nor_does_it_for_a_post_that_has_a_body_or_wants_none(
    reqcli: Program, demo_server: DemoServer, words: list[str]
) -> None:
    with idle_pipe() as (ours, _):
        process = reqcli.start("post", f"{demo_server.url}/echo", *words, stdin=ours)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["post"], f"{WAITING}; -I leaves it out"),
        (["post", "@-"], WAITING),
        (["post", "-d", "@-"], WAITING),
        (["post", "a=@-"], WAITING),
        (["post", "--multipart", "p@-"], WAITING),
        (["get", "X-A:@-"], WAITING),
        (["get", "-a", "@-"], "reqcli: waiting for the secret on standard input"),
    ],
)
def test_who_is_waited_for_is_told_so(reqcli: Program, words: list[str], says: str) -> None:
    with NastyServer(OK) as server:
        command, *rest = words
        process = reqcli.start(command, server.url("/"), *rest, stdin=subprocess.PIPE)
        try:
            assert line_of(process.stderr) == says
            out, err = process.communicate(b"u:late\n", timeout=30)
        finally:
            process.kill()
        assert (process.returncode, out, err) == (0, b"", b""), err
        (request,) = server.requests
        assert b"late" in request.body or request.get("x-a") == "u:late" or request.get("authorization")


def test_what_comes_at_once_is_not_remarked_on(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        done = reqcli("post", server.url("/"), stdin=b'{"a": 1}')
        assert (done.status, done.err) == (0, "")
        (request,) = server.requests
        assert (request.body, request.get("content-type")) == (b'{"a": 1}', "application/json")


def test_a_body_goes_out_as_it_comes(reqcli: Program) -> None:
    """What was piped in first is with the server before the rest was written."""
    seen: list[bytes] = []
    process: subprocess.Popen[bytes]

    def reader(peer: Peer) -> None:
        peer.read_head()
        seen.append(peer._read_to(b"first\r\n"))
        assert process.stdin is not None
        process.stdin.write(b"second")
        process.stdin.close()
        seen.append(peer._read_to(b"0\r\n\r\n"))
        peer.send(OK)

    with NastyServer(reader) as server:
        process = reqcli.start("post", server.url("/"), "@-", stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(b"first")
        process.stdin.flush()
        assert process.wait(30) == 0
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
    assert b"second" in seen[1]


# No input


def test_no_input_is_no_body(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        assert reqcli("post", server.url("/")).status == 0  # from /dev/null
        closed = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *reqcli.command("post", server.url("/"))],
            env=reqcli.environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert (closed.returncode, closed.stderr) == (0, b"")
        assert [request.body for request in server.requests] == [b"", b""]
        asked = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", *reqcli.command("post", server.url("/"), "@-")],
            env=reqcli.environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert (asked.returncode, b"standard input is closed" in asked.stderr) == (26, True)


def test_input_that_must_not_be_read_cannot_be_asked_for(reqcli: Program, uncalled_server: DemoServer) -> None:
    done = reqcli("post", f"{uncalled_server.url}/echo", "@-", "-I", stdin=b"x")
    assert (done.status, "--ignore-stdin forbids it" in done.err) == (2, True)


def test_a_secret_leaves_nothing_for_the_body(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        done = reqcli("post", server.url("/"), "-a", "@-", stdin=b"u:p\n")
        assert (done.status, done.err) == (0, "")
        assert server.requests[0].body == b""


# A terminal


def test_a_terminal_is_read_only_when_asked(reqcli: Program) -> None:
    with NastyServer(OK) as server, Terminal(reqcli, "post", server.url("/")) as terminal:
        assert terminal.end() == 0
        assert server.requests[0].body == b""


def test_a_body_can_be_typed(reqcli: Program) -> None:
    with NastyServer(OK) as server, Terminal(reqcli, "post", server.url("/"), "@-") as terminal:
        terminal.wait_for(f"{WAITING}; Ctrl-D ends it".encode())
        terminal.type(b"typed\n\x04")
        assert terminal.end() == 0
        assert server.requests[0].body == b"typed\n"


def test_a_secret_is_typed_unseen(reqcli: Program) -> None:
    with NastyServer(OK) as server:
        stored = ("session", "set-header", "default", "X-A:@-", "--origin", server.url().rstrip("/"))
        for words in (stored, ("get", server.url(), "-A", "bearer", "-a", "@-")):
            with Terminal(reqcli, *words) as terminal:
                terminal.wait_for(b"Secret: ")
                terminal.type(b"s3kr3t\n")
                assert (terminal.end(), "s3kr3t" in terminal.screen) == (0, False)
        (request,) = server.requests
        assert (request.get("x-a"), request.get("authorization")) == ("s3kr3t", "Bearer s3kr3t")
