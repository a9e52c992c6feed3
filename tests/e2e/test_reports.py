"""What is said of a transfer when it is over: `-m` and `-w`, in pipes, on a terminal, and beside curl."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.program import Program
from tests.real import require
from tests.server import DemoServer
from tests.sockets import NastyServer, unused_port

CODED = (
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-Odd: \x1b[2J\xc3\xa9\r\nContent-Type: text/plain\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
    b"17\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\r\n"
    b"2\r\n\x00\x00\r\n0\r\n\r\n"
)


def test_the_body_in_the_pipe_stays_exact_and_the_times_stand_beside_it(
    reqcli: Program, demo_server: DemoServer
) -> None:
    plain = reqcli("get", f"{demo_server.url}/status/200")
    timed = reqcli("get", f"{demo_server.url}/status/200", "-m")
    assert timed.raw == plain.raw
    names = re.findall(r"^([a-z]+): (?:-|[0-9]+\.[0-9]{6}|no)$", timed.err, re.MULTILINE)
    assert names == ["before", "dns", "connect", "tls", "send", "wait", "receive", "total", "reused"]


def test_a_terminal_gets_a_drawing_even_while_the_body_goes_elsewhere(reqcli: Program, demo_server: DemoServer) -> None:
    url = f"{demo_server.url}/status/200"
    with Terminal(reqcli, "get", url, "--timing", stdout=subprocess.PIPE, env={"NO_COLOR": "1"}) as terminal:
        assert terminal.end() == 0
        screen = terminal.seen.decode()
    assert re.search(r"^connect +█+ +[0-9.]+ ms\r$", screen, re.MULTILINE)
    assert "\x1b" not in screen
    with Terminal(reqcli, "get", url, "-m", "-o", "/dev/null", env={"TERM": "dumb"}) as terminal:
        terminal.end()
        assert b"connect: 0.0" in terminal.seen


def test_a_failure_has_its_times_and_its_figures_too(reqcli: Program) -> None:
    url = f"http://127.0.0.1:{unused_port()}/"
    output = reqcli("get", url, "-m", "-w", r"%{exitcode} %{http_code} %{errormsg}\n")
    assert output.status == 7
    assert output.out.startswith("7 000 cannot connect to 127.0.0.1:")
    assert "connect: -\n" in output.err
    assert "[connect_failed]" in output.err


def test_a_name_that_is_not_known_costs_no_request(reqcli: Program, uncalled_server: DemoServer) -> None:
    output = reqcli("get", uncalled_server.url, "-w", "%{http_cod}")
    assert (output.status, output.out) == (2, "")
    assert "did you mean %{http_code}?" in output.err


def test_the_envelope_and_figures_do_not_mix(reqcli: Program, uncalled_server: DemoServer) -> None:
    output = reqcli("get", uncalled_server.url, "-w", "%{http_code}", "--format", "json")
    assert output.status == 2
    assert output.json["error"]["code"] == "usage"


def test_the_format_can_be_in_a_file_or_come_by_the_pipe(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    form = tmp_path / "form"
    form.write_text(r"%{http_code}\n")
    url = f"{demo_server.url}/status/204"
    assert reqcli("get", url, "-w", f"@{form}").out == "204\n"
    assert reqcli("get", url, "-w", "@-", stdin=b"<%{http_code}>%{stderr}!").out == "<204>"
    missing = reqcli("get", url, "-w", f"@{tmp_path}/none")
    assert (missing.status, "none" in missing.err) == (26, True)


def test_what_a_server_says_does_not_reach_the_terminal_raw(reqcli: Program) -> None:
    with NastyServer(CODED) as server:
        command = ("get", server.url(), "-o", "/dev/null", "-w", "%header{x-odd}|%{header_json}\n")
        with Terminal(reqcli, *command) as terminal:
            assert terminal.end() == 0
            assert b"\\x1b[2J\xc3\xa9|" in terminal.seen
            assert b"\x1b[2J" not in terminal.seen
        assert reqcli(*command).raw.startswith(b"\x1b[2J\xc3\xa9|")


def test_a_secret_is_masked_unless_it_is_to_be_shown(reqcli: Program) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=s3cret\r\nX-Token: t0ps3cret\r\nContent-Length: 0\r\n\r\n"
    with NastyServer(answer) as server:
        call = ("get", server.url("/?token=t0ps3cret"), "-w", "%{url} %header{x-token} %{header_json} %{json}")
        assert "s3cret" not in reqcli(*call).out
        assert reqcli(*call, "--reveal").out.count("s3cret") >= 4


@pytest.mark.parametrize("path", ["/redirect", "/gone", "/coded"])
def test_the_figures_are_those_of_curl(reqcli: Program, path: str) -> None:
    curl = require("curl")
    answers = {
        "/redirect": b"HTTP/1.1 302 Found\r\nLocation: /else?x=1\r\nContent-Length: 3\r\n\r\nno\n",
        "/gone": b'HTTP/1.1 410 Gone\r\nContent-Type: text/html\r\nETag: "x"\r\nContent-Length: 4\r\n\r\ngone',
        "/coded": CODED,
    }
    with NastyServer(answers[path]) as server:
        words = [server.url(path), "-o", "/dev/null", "-w", "%{json}\n%header{etag}"]
        theirs = subprocess.run([curl, "-s", *words], capture_output=True, text=True, timeout=60).stdout.split("\n")
        ours = reqcli("get", *words).out.split("\n")
    assert ours[1] == theirs[1]
    mine, its = json.loads(ours[0]), json.loads(theirs[0])
    unlike = {
        name for name in mine if name in its and mine[name] != its[name] and not name.startswith(("time_", "speed_"))
    }
    # Ours are the failure of a status, a port of our own, and a scheme in lower case, as curl 8 has it.
    assert unlike <= {"local_port", "scheme", *(() if path == "/coded" else ("exitcode", "errormsg"))}
    for name in ("time_total", "time_starttransfer", "time_connect", "time_pretransfer"):
        assert mine[name] > 0
    assert mine["time_connect"] <= mine["time_pretransfer"] <= mine["time_starttransfer"] <= mine["time_total"]
    assert mine["time_appconnect"] == its["time_appconnect"] == 0
