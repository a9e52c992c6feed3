"""`reqcli batch`: a line in, a result out, whatever the lines are and however the run ends."""

from __future__ import annotations

import json
import os
import pty
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from threading import Event, Semaphore
from time import monotonic
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reqcli.batch.crew import WINDOW
from tests.answering import held_back
from tests.program import Output, Program
from tests.proxies import RelayingProxy
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer, answers

SCHEMA = json.loads(files("reqcli.render.formats").joinpath("envelope.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def text(lines: Iterable[str | dict[str, Any]]) -> bytes:
    return "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines).encode()


def results(output: Output | bytes) -> list[dict[str, Any]]:
    """Every line of the output, each one checked."""
    raw = output if isinstance(output, bytes) else output.raw
    assert not raw or raw.endswith(b"\n")
    found = [json.loads(line) for line in raw.splitlines()]
    for result in found:
        VALIDATOR.validate(result)
    return found


def by_line(output: Output | bytes) -> dict[int, dict[str, Any]]:
    found = {result["line"]: result for result in results(output)}
    assert len(found) == len(results(output)), "a line was answered twice"
    return found


def echoed(result: dict[str, Any]) -> dict[str, str]:
    """The headers that /echo was sent, in lower case."""
    return {name.lower(): value for name, value in result["response"]["body"]["value"]["headers"]}


def test_every_line_has_a_result_with_its_id_and_number(reqcli: Program, demo_server: DemoServer) -> None:
    url = demo_server.url
    lines = [
        "# a comment",
        f"{url}/echo",
        "",
        {"id": "x", "url": f"{url}/echo", "method": "PUT", "json": {"a": 1}, "headers": {"A": "b"}, "query": {"q": 1}},
        {"id": 9, "url": f"{url}/status/404"},
    ]
    output = reqcli("batch", "-", stdin=text(lines))
    first, second, third = results(output)
    assert [(one["id"], one["line"]) for one in (first, second, third)] == [(None, 2), ("x", 4), (9, 5)]
    told = second["response"]["body"]["value"]
    assert (told["method"], told["path"], told["query"], told["body"]) == ("PUT", "/echo", [["q", "1"]], '{"a":1}')
    assert echoed(second)["a"] == "b"
    assert third["error"]["code"] == "http_client_error"
    assert output.status == 4
    assert output.err == (
        "reqcli: error: 3 done, 1 of them failed (1 http_client_error); the first is line 5 [http_client_error]\n"
    )


def test_a_file_is_read_too_and_all_well_is_0_and_silence(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path
) -> None:
    (tmp_path / "lines").write_bytes(text([f"{demo_server.url}/echo"] * 30))
    output = reqcli("batch", str(tmp_path / "lines"), "-j", "5")
    assert sorted(by_line(output)) == list(range(1, 31))
    assert (output.status, output.err) == (0, "")
    assert demo_server.connections <= 5


def test_a_bad_line_is_a_result_and_no_end(reqcli: Program, demo_server: DemoServer) -> None:
    lines = ["{", f"{demo_server.url}/echo", "no url", {"url": f"{demo_server.url}/echo", "metod": "GET"}]
    for jobs in ("1", "4"):
        output = reqcli("batch", "-j", jobs, stdin=text(lines))
        found = by_line(output)
        codes = [found[number]["error"] and found[number]["error"]["code"] for number in (1, 2, 3, 4)]
        assert codes == ["usage", None, "bad_url", "usage"]
        assert found[1]["request"] is None
        assert output.status == 2


def test_with_one_job_cookies_flow_from_line_to_line(reqcli: Program, demo_server: DemoServer) -> None:
    url = demo_server.url
    output = reqcli("batch", stdin=text([f"{url}/cookie/a/1", f"{url}/echo", f"{url}/cookie/b/2", f"{url}/echo"]))
    _, second, _, fourth = results(output)
    assert echoed(second)["cookie"] == "a=1"
    assert echoed(fourth)["cookie"] == "a=1; b=2"
    assert second["session"]["changed"] == []
    stored = json.loads((reqcli.sessions / "default.json").read_bytes())
    assert {cookie["name"] for cookie in stored["cookies"]} == {"a", "b"}


def test_with_more_each_line_starts_from_what_was_stored_and_all_is_kept(
    reqcli: Program, demo_server: DemoServer
) -> None:
    url = demo_server.url
    assert reqcli("get", f"{url}/cookie/before/0").status == 0
    lines = [f"{url}/{page}" for number in range(12) for page in (f"cookie/c{number}/1", "echo")]
    found = by_line(reqcli("batch", "-j", "4", stdin=text(lines)))
    assert all(echoed(found[number])["cookie"] == "before=0" for number in range(2, 25, 2))
    stored = json.loads((reqcli.sessions / "default.json").read_bytes())
    assert {cookie["name"] for cookie in stored["cookies"]} == {"before", *(f"c{number}" for number in range(12))}


def test_a_session_that_is_not_there_yet_comes_into_being_with_many_lines_at_once(
    reqcli: Program, demo_server: DemoServer
) -> None:
    lines = [f"{demo_server.url}/cookie/c{number}/1" for number in range(20)]
    output = reqcli("batch", "-j", "10", "--session", "new", stdin=text(lines))
    assert output.status == 0
    stored = json.loads((reqcli.sessions / "new.json").read_bytes())
    assert len(stored["cookies"]) == 20


def test_the_default_scheme_of_a_lines_session_counts(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "set", "one", "default_scheme", "http").status == 0
    port = demo_server.url.rpartition(":")[2]
    lines = [f"shop.example:{port}/echo", {"url": f"shop.example:{port}/echo", "session": "two"}]
    options = ("--resolve", f"shop.example:{port}:127.0.0.1", "--session", "one")
    found = by_line(reqcli("batch", *options, stdin=text(lines)))
    assert found[1]["response"]["status"] == 200
    assert found[2]["error"]["code"] == "tls_handshake_failed"
    found = by_line(reqcli("batch", *options, "--default-scheme", "http", stdin=text(lines)))
    assert found[2]["response"]["status"] == 200


def test_a_line_goes_through_the_proxy_of_its_own_session(reqcli: Program, demo_server: DemoServer) -> None:
    with RelayingProxy() as one, RelayingProxy() as two:
        for name, proxy in (("one", one), ("two", two)):
            assert reqcli("session", "set", name, "proxy", proxy.url("")).status == 0
        sessions = ("one", "two", "three")
        lines = [{"url": f"{demo_server.url}/echo?{name}", "session": name} for name in sessions]
        options = ("-j", "1", "--session", "one")
        assert reqcli("batch", *options, "--proxy-auth", "u:p", stdin=text(lines[:2])).status == 0
        for proxy, name in ((one, "one"), (two, "two")):
            assert [request.target.partition("?")[2] for request in proxy.requests] == [name]
            assert proxy.requests[0].get("proxy-authorization") == "Basic dTpw"
            proxy.requests.clear()
        assert reqcli("batch", *options, stdin=text(lines)).status == 0
        assert [len(proxy.requests) for proxy in (one, two)] == [1, 1]
        for option in (("--proxy-auth", "u:p"), ("--proxy-verify", "no")):  # as for a call: nothing goes out directly
            refused = results(reqcli("batch", *options, *option, stdin=text(lines[2:])))
            assert [(line["error"]["code"], line["request"]) for line in refused] == [("usage", None)]
        assert reqcli("batch", *options, "--proxy", "no", stdin=text(lines)).status == 0
        assert [len(proxy.requests) for proxy in (one, two)] == [1, 1]


def test_a_line_may_name_another_session_or_none(reqcli: Program, demo_server: DemoServer) -> None:
    url = demo_server.url
    for name in ("one", "two"):
        assert reqcli("get", f"{url}/cookie/name/{name}", "--session", name).status == 0
    base = ("session", "set", "two", "base_url", url)
    assert reqcli(*base).status == 0
    lines = [
        f"{url}/echo",
        {"url": "/echo", "session": "two"},
        {"url": f"{url}/echo", "session": None},
        {"url": f"{url}/echo", "session": 3},
    ]
    found = by_line(reqcli("batch", "--session", "one", stdin=text(lines)))
    assert echoed(found[1])["cookie"] == "name=one"
    assert echoed(found[2])["cookie"] == "name=two"
    assert "cookie" not in echoed(found[3])
    assert [found[number]["session"] and found[number]["session"]["name"] for number in (1, 2, 3)] == [
        "one", "two", None,
    ]  # fmt: skip
    assert found[4]["error"]["code"] == "usage"
    stateless = by_line(reqcli("batch", "--stateless", stdin=text(lines[:3])))
    assert "cookie" not in echoed(stateless[1])
    assert stateless[2]["error"]["code"] == "usage"
    assert stateless[3]["ok"]


def test_a_status_fails_if_the_call_says_so_whatever_the_session_says(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "set", "work", "check_status", "no").status == 0
    line = text([f"{demo_server.url}/status/404"])
    assert reqcli("batch", "--session", "work", stdin=line).status == 0
    assert reqcli("batch", "--session", "work", "--check-status", stdin=line).status == 4


def test_options_for_a_session_do_not_keep_a_line_from_using_none(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "create", "work").status == 0
    for option in ("--read-only", "--serialize"):
        line = {"session": None, "url": f"{demo_server.url}/echo"}
        output = reqcli("batch", "--session", "work", option, stdin=text([line]))
        assert (output.status, results(output)[0]["session"]) == (0, None)


def test_a_session_that_cannot_be_opened_is_the_error_of_all(reqcli: Program, uncalled_server: DemoServer) -> None:
    output = reqcli("batch", "--session", "none", "--read-only", stdin=text([f"{uncalled_server.url}/"] * 2))
    assert (output.status, output.raw) == (101, b"")


def test_the_options_of_a_request_hold_for_every_line(reqcli: Program, demo_server: DemoServer) -> None:
    url = demo_server.url
    lines = [f"{url}/echo", {"url": f"{url}/echo", "headers": {"X-A": "own"}, "auth": None}, f"{url}/redirect"]
    output = reqcli("batch", "-H", "X-A:all", "-a", "u:pass word", "-L", "--reveal", stdin=text(lines))
    first, second, third = results(output)
    assert (echoed(first)["x-a"], echoed(first)["authorization"]) == ("all", "Basic dTpwYXNzIHdvcmQ=")
    assert (echoed(second)["x-a"], echoed(second).get("authorization")) == ("own", None)
    assert third["response"]["redirects"][0]["status"] == 302


def test_a_secret_of_a_line_is_masked_and_sent(reqcli: Program, demo_server: DemoServer) -> None:
    line = {"url": f"{demo_server.url}/bearer", "auth": {"scheme": "bearer", "token": "s3cret-t0ken"}}
    echo = {"url": f"{demo_server.url}/echo", "auth": {"scheme": "bearer", "token": "s3cret-t0ken"}}
    output = reqcli("batch", stdin=text([line, echo]))
    assert "s3cret" not in output.out + output.err
    assert "authorization" in echoed(results(output)[1])


@pytest.mark.parametrize("option", ["-a", "--proxy-auth"])
def test_a_secret_cannot_come_from_where_the_lines_come_from(
    reqcli: Program, uncalled_server: DemoServer, option: str
) -> None:
    output = reqcli("batch", option, "@-", stdin=text([uncalled_server.url]))
    assert (output.status, output.raw) == (2, b"")
    assert "standard input has the lines" in output.err


@pytest.mark.parametrize(("option", "begun"), [(["--fail-fast"], 2), (["--max-failures", "2"], 4)])
def test_failures_end_it_when_asked_to(reqcli: Program, demo_server: DemoServer, option: list[str], begun: int) -> None:
    lines = [f"{demo_server.url}/status/{status}" for status in (200, 500, 200, 404, 200, 200)]
    output = reqcli("batch", *option, stdin=text(lines))
    assert len(results(output)) == demo_server.requests == begun
    assert output.status == 5


def test_the_exit_status_is_that_of_the_failed_line_that_stands_first(reqcli: Program) -> None:
    first_may_answer = Event()

    def script(peer: Peer) -> None:
        request = peer.read_request()
        if request.target == "/slow":
            first_may_answer.wait(20)
            peer.send(b"HTTP/1.1 500 Slow\r\nContent-Length: 0\r\n\r\n")
        else:
            peer.send(b"HTTP/1.1 404 Quick\r\nContent-Length: 0\r\n\r\n")
            first_may_answer.set()

    with NastyServer(script) as server:
        lines = text([server.url("/slow"), server.url("/quick")])
        output = reqcli("batch", "-j", "2", stdin=lines)
        assert sorted(by_line(output)) == [1, 2]
        assert output.status == 5
        first_may_answer.clear()
        output = reqcli("batch", "-j", "2", "--ordered", stdin=lines)
        assert [result["line"] for result in results(output)] == [1, 2]


def test_in_order_nobody_runs_far_ahead_of_a_slow_line(reqcli: Program) -> None:
    """What is held back is bounded; and the slow line is not waited for without end."""
    asked, ahead = Semaphore(0), [0]

    def script(peer: Peer) -> None:
        while True:
            if peer.read_request().target == "/0":
                while asked.acquire(timeout=1):
                    ahead[0] += 1
            else:
                asked.release()
            peer.send(HELLO)

    with NastyServer(script) as server:
        output = reqcli("batch", "-j", "3", "--ordered", stdin=text(server.url(f"/{n}") for n in range(300)))
        targets = [request.target for request in server.requests]
    assert [result["line"] for result in results(output)] == list(range(1, 301))
    assert len(targets) == 300
    assert 1 < ahead[0] < WINDOW


def test_a_result_is_out_before_the_input_ends(reqcli: Program, demo_server: DemoServer) -> None:
    with reqcli.start("batch", "-j", "3", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(1, 4):
            process.stdin.write(text([f"{demo_server.url}/echo"]))
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number
        process.stdin.close()
        assert process.wait(20) == 0


def test_it_ends_with_its_failure_although_more_input_may_come(reqcli: Program, demo_server: DemoServer) -> None:
    with reqcli.start("batch", "-j", "3", "--fail-fast", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(text([f"{demo_server.url}/status/500"]))
        process.stdin.flush()
        assert process.wait(20) == 5


def test_a_reader_that_goes_away_ends_it_quietly(reqcli: Program, demo_server: DemoServer) -> None:
    with reqcli.start("batch", "-j", "3", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(text([f"{demo_server.url}/echo"]))
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(text([f"{demo_server.url}/echo"] * 5))
        process.stdin.flush()
        assert process.wait(20) == 23
        assert process.stderr.read() == b""


def test_resume_leaves_out_what_the_log_shows_done(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    log, url = tmp_path / "log", demo_server.url
    lines = [f"{url}/echo", {"id": "a", "url": f"{url}/echo"}, f"{url}/status/500", {"id": "c", "url": f"{url}/echo"}]
    first = reqcli("batch", "--resume", str(log), "--fail-fast", stdin=text(lines))
    assert len(results(first)) == 3
    assert [json.loads(line)["ok"] for line in log.read_bytes().splitlines()] == [True, True, False]
    with log.open("ab") as file:
        file.write(b'{"id":"c","line":4,"ok":tr')  # its writer was killed
    second = reqcli("batch", "--resume", str(log), stdin=text(lines))
    assert sorted(by_line(second)) == [3, 4]
    assert "2 done, 1 of them failed, 2 left out" in second.err
    third = reqcli("batch", "--resume", str(log), stdin=text([lines[0], lines[3], lines[1], lines[2]]))
    assert sorted(by_line(third)) == [4], "an id is known wherever its line stands, the others by their numbers"
    assert third.status == 5


def test_a_file_of_results_can_be_the_log(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    lines = text([f"{demo_server.url}/echo"] * 3)
    (tmp_path / "results").write_bytes(reqcli("batch", stdin=lines).raw)
    again = reqcli("batch", "--resume", str(tmp_path / "results"), stdin=lines)
    assert (again.status, again.raw) == (0, b"")


def test_what_is_no_log_is_refused_and_left_alone(reqcli: Program, uncalled_server: DemoServer, tmp_path: Path) -> None:
    other = tmp_path / "thesis.txt"
    other.write_bytes(b"It was a dark night.\nAnd so on.\n")
    output = reqcli("batch", "--resume", str(other), stdin=text([uncalled_server.url]))
    assert (output.status, output.raw) == (2, b"")
    assert "is no log of a batch" in output.err
    assert other.read_bytes() == b"It was a dark night.\nAnd so on.\n"


def test_two_batches_never_work_from_one_log(reqcli: Program, uncalled_server: DemoServer, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    first = reqcli.start("batch", "--resume", log, stdin=subprocess.PIPE)
    assert first.stdin is not None
    assert first.stdout is not None
    first.stdin.write(b"no request at all {\n")
    first.stdin.flush()
    assert first.stdout.readline()  # it has the log
    second = reqcli("batch", "--resume", log, stdin=text([uncalled_server.url]))
    assert (second.status, second.raw) == (23, b"")
    assert f"another batch is writing to {log}" in second.err
    first.kill()
    first.communicate()
    third = reqcli("batch", "--resume", log, stdin=b"")
    assert third.status == 0, "whoever was killed holds nothing"


@pytest.mark.parametrize("kind", ["pipe", "/dev/full", "/dev/null"])
def test_a_log_is_a_file(reqcli: Program, uncalled_server: DemoServer, tmp_path: Path, kind: str) -> None:
    path = kind
    if kind == "pipe":
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    output = reqcli("batch", "--resume", path, stdin=text([uncalled_server.url]))
    assert (output.status, output.raw) == (2, b"")
    assert "is no file that a log could be read back from" in output.err


def test_a_rate_is_kept(reqcli: Program, demo_server: DemoServer) -> None:
    began = monotonic()
    output = reqcli("batch", "-j", "5", "--rate", "600/m", stdin=text([f"{demo_server.url}/echo"] * 6))
    assert monotonic() - began >= 0.5
    assert len(results(output)) == 6
    assert reqcli("batch", "--rate", "fast", stdin=b"").status == 2


@pytest.mark.parametrize(
    ("jobs", "number", "status"), [("1", signal.SIGINT, 130), ("4", signal.SIGINT, 130), ("4", signal.SIGTERM, 143)]
)
def test_an_interruption_finishes_what_is_under_way(
    reqcli: Program, jobs: str, number: signal.Signals, status: int
) -> None:
    asked, may_answer = Event(), Event()
    script = held_back(asked, may_answer, HELLO)
    with NastyServer(script) as server, reqcli.start("batch", "-j", jobs, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(text([server.url()]))
        process.stdin.flush()
        assert asked.wait(20)
        process.send_signal(number)
        assert b"finishing what is under way" in process.stderr.readline()
        may_answer.set()
        out, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert [result["ok"] for result in results(out)] == [True]
    assert err == b"reqcli: error: interrupted: 1 done, 0 of them failed [interrupted]\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_interruption_stops_at_once(reqcli: Program, number: signal.Signals, status: int) -> None:
    asked = Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        asked.set()
        peer.sleep_till_the_end()

    with NastyServer(script) as server, reqcli.start("batch", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(text([server.url()]))
        process.stdin.flush()
        assert asked.wait(20)
        process.send_signal(number)
        process.stderr.readline()
        process.send_signal(number)
        assert process.wait(20) == status


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_while_the_input_is_silent(
    reqcli: Program, demo_server: DemoServer, number: signal.Signals, status: int
) -> None:
    with reqcli.start("batch", "-j", "2", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(text([f"{demo_server.url}/echo"]))
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(number)
        assert process.wait(20) == status
        assert process.stderr is not None
        assert process.stderr.read().endswith(b"error: interrupted: 1 done, 0 of them failed [interrupted]\n")


def test_an_input_without_line_ends_is_an_error(reqcli: Program) -> None:
    output = reqcli("batch", "/dev/zero")
    assert output.status == 26
    assert [result["error"]["code"] for result in results(output)] == ["usage"]
    assert "line 1 of /dev/zero does not end" in output.err


def test_memory_does_not_grow_with_the_input(reqcli: Program) -> None:
    """Lines that make no sense: they are read, answered and forgotten like any other, and cost no server."""
    measure = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )

    def peak(lines: int) -> int:
        path = reqcli.home.parent / f"{lines}"
        path.write_bytes(
            b'{"urk": "' + b"x" * 10_000 + b'"}\n' + (b'{"urk": "' + b"x" * 10_000 + b'"}\n') * (lines - 1)
        )
        command = [sys.executable, "-c", measure, *reqcli.command("batch", "-j", "4", str(path))]
        done = subprocess.run(command, env=reqcli.environment, capture_output=True, timeout=60, check=True)
        return int(done.stdout)

    few, many = peak(20), peak(3000)  # 30 MB of input
    assert many < few + 8 * 1024, f"{few} KiB for 20 lines, {many} KiB for 3000"


def test_on_a_terminal_a_bar_shows_how_it_stands(reqcli: Program, tmp_path: Path) -> None:
    may_answer = Event()

    def script(peer: Peer) -> None:
        may_answer.wait(20)
        answers(HELLO)(peer)

    with NastyServer(script) as server:
        (tmp_path / "lines").write_bytes(text([server.url()] * 3))
        ours, theirs = pty.openpty()
        environment = {**reqcli.environment, "TERM": "xterm", "COLUMNS": "100"}
        with reqcli.start("batch", str(tmp_path / "lines"), stderr=theirs, env=environment) as process:
            os.close(theirs)
            seen = b""
            while b"0 done, 0 failed" not in seen:
                seen += os.read(ours, 1000)
            may_answer.set()
            out, _ = process.communicate(timeout=20)
        os.close(ours)
    assert len(results(out)) == 3


def test_brief_results_say_how_it_went(reqcli: Program, demo_server: DemoServer) -> None:
    lines = [{"id": 1, "url": f"{demo_server.url}/status/404"}, f"{demo_server.url}/status/200"]
    first, second = [
        json.loads(line) for line in reqcli("batch", "--format", "brief", stdin=text(lines)).raw.splitlines()
    ]
    assert first["total_ms"] > 0
    assert {**first, "total_ms": 0, "bytes": 0} == {
        "id": 1, "line": 1, "ok": False, "exit_code": 4, "status": 404, "bytes": 0, "total_ms": 0,
        "error": {
            "code": "http_client_error",
            "message": f"{demo_server.url} answered 404 Not Found",
            "retryable": False,
        },
    }  # fmt: skip
    assert (second["ok"], second["status"], second["error"]) == (True, 200, None)


def test_help_names_the_options_of_both_kinds(reqcli: Program) -> None:
    said = reqcli("batch", "--help").out
    for option in ("--ordered", "--resume LOG", "--fail-fast", "--max-failures N", "--rate", "-j, --jobs", "--retry N"):
        assert option in said
    for option in ("--multipart", "--output", "--save"):
        assert option not in said


def test_a_body_is_shown_no_further_than_wanted(reqcli: Program, demo_server: DemoServer) -> None:
    lines = [f"{demo_server.url}/gzip", {"url": f"{demo_server.url}/gzip", "expect": 404}]
    for limit in (0, 10):
        for result in results(reqcli("batch", "--max-output", str(limit), stdin=text(lines))):
            body = result["response"]["body"]
            assert body["truncated"]
            assert body.get("shown_bytes", 0) <= limit < body["bytes"]


def test_an_agent_gets_small_results_and_reaches_public_addresses_alone(
    reqcli: Program, uncalled_server: DemoServer
) -> None:
    output = reqcli("batch", "--agent", stdin=text([uncalled_server.url]))
    assert [result["error"]["code"] for result in results(output)] == ["policy_denied"]
    assert output.status == 108


def test_a_session_that_had_expired_is_said_once(reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "create", "work", "--ttl", "1s").status == 0
    stored = reqcli.sessions / "work.json"
    stored.write_text(stored.read_text().replace('"created":', '"created":1.0,"_":'))
    document = json.loads(stored.read_text())
    document.pop("_")
    stored.write_text(json.dumps(document))
    for jobs in ("1", "3"):
        found = results(reqcli("batch", "-j", jobs, "--session", "work", stdin=text([f"{demo_server.url}/echo"] * 6)))
        said = [warning["code"] for result in found for warning in result["warnings"]]
        assert said.count("session_expired") == (1 if jobs == "1" else 0)


@pytest.mark.parametrize("command", [("batch",), ("serve", "--stdio")])
def test_a_person_at_a_terminal_is_told_what_is_waited_for(reqcli: Program, command: tuple[str, ...]) -> None:
    ours, theirs = pty.openpty()
    with reqcli.start(*command, stdin=theirs) as process:
        os.close(theirs)
        assert process.stderr is not None
        assert b"type a request a line" in process.stderr.readline()
        os.write(ours, b"\x04")  # Ctrl-D
        assert process.wait(20) == 0
    os.close(ours)


def test_what_cannot_be_read_is_said(reqcli: Program, tmp_path: Path) -> None:
    for name in ("none", "."):
        output = reqcli("batch", str(tmp_path / name))
        assert (output.status, output.raw) == (26, b"")
    assert reqcli("batch", stdin=b"").status == 0


def test_more_jobs_than_open_files_are_no_bug(reqcli: Program, demo_server: DemoServer) -> None:
    lines = [f"{demo_server.url}/slow?lines=2&delay=0.2"] * 40
    process = reqcli.start(
        "batch",
        "-j",
        "40",
        stdin=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)),
    )
    out, err = process.communicate(text(lines), timeout=60)
    codes = Counter((result["error"] or {}).get("code") for result in by_line(out).values())
    assert codes.total() == 40
    # Mostly it is a connection that cannot be opened; a module that is loaded late may be what finds no descriptor.
    assert "connect_failed" in codes, err
    assert set(codes) <= {None, "connect_failed", "receive_failed"}, err
