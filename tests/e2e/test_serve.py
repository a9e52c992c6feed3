"""`reqcli serve --stdio`: every request is answered once, whatever becomes of it."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest

from tests.answering import held_back
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Caller:
    """The other end of the pipes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    def say(self, *lines: dict[str, Any] | str) -> None:
        assert self.process.stdin is not None
        for line in lines:
            self.process.stdin.write(f"{line if isinstance(line, str) else json.dumps(line)}\n".encode())
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        result: dict[str, Any] = json.loads(self.process.stdout.readline())
        return result

    def end(self) -> list[dict[str, Any]]:
        """Close the input; what is still answered then, and nothing on standard error."""
        out, err = self.process.communicate(timeout=30)
        assert (self.process.returncode, err) == (0, b"")
        return [json.loads(line) for line in out.splitlines()]


@contextmanager
def serving(reqcli: Program, *options: str) -> Iterator[Caller]:
    with reqcli.start("serve", "--stdio", *options, stdin=subprocess.PIPE) as process:
        try:
            yield Caller(process)
        finally:
            process.kill()


def test_requests_are_answered_while_the_pipe_is_open_over_warm_connections(
    reqcli: Program, demo_server: DemoServer
) -> None:
    with serving(reqcli) as caller:
        for number in range(5):
            caller.say({"id": f"n{number}", "url": f"{demo_server.url}/echo"})
            answer = caller.hear()
            assert (answer["id"], answer["line"], answer["ok"]) == (f"n{number}", number + 1, True)
        assert caller.end() == []
    assert demo_server.connections == 1


def test_the_end_of_the_input_is_waited_out(reqcli: Program) -> None:
    may_answer = Event()

    def script(peer: Peer) -> None:
        may_answer.wait(20)
        peer.answer(HELLO)

    with NastyServer(script) as server, serving(reqcli, "-j", "3") as caller:
        caller.say(*({"id": number, "url": server.url()} for number in range(8)))
        may_answer.set()
        assert sorted(answer["id"] for answer in caller.end()) == list(range(8))


def test_no_more_requests_than_jobs_are_under_way(reqcli: Program) -> None:
    third = Event()
    two_are_in = Event()

    def script(peer: Peer) -> None:
        while True:
            peer.read_request()
            if peer.server.connections == 2:
                two_are_in.set()
            two_are_in.wait(20)
            third.wait(0.3)
            peer.send(HELLO)

    with NastyServer(script) as server, serving(reqcli, "-j", "2") as caller:
        caller.say(*({"id": number, "url": server.url()} for number in range(6)))
        assert len(caller.end()) == 6
        assert server.connections == 2


def test_a_request_under_way_is_cancelled_and_its_connection_cut(reqcli: Program) -> None:
    asked, cut = Event(), Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        asked.set()
        assert peer.hold() == b""
        cut.set()

    with NastyServer(script) as server, serving(reqcli) as caller:
        caller.say({"id": "it", "method": "POST", "url": server.url()})
        assert asked.wait(20)
        caller.say({"cancel": "it"})
        answer = caller.hear()
        assert (answer["id"], answer["ok"], answer["error"]["code"]) == ("it", False, "interrupted")
        assert answer["request"]["sent"] == "maybe"
        assert cut.wait(20)
        assert caller.end() == []


def test_a_request_that_waits_is_cancelled_and_never_sent(reqcli: Program) -> None:
    asked, may_answer = Event(), Event()
    with NastyServer(held_back(asked, may_answer, HELLO)) as server, serving(reqcli, "-j", "1") as caller:
        caller.say({"id": 1, "url": server.url("/first")}, {"id": 2, "url": server.url("/second")}, {"cancel": 2})
        assert asked.wait(20)
        answer = caller.hear()
        assert (answer["id"], answer["error"]["code"], answer["request"]) == (2, "interrupted", None)
        may_answer.set()
        assert [answer["id"] for answer in caller.end()] == [1]
        assert [request.target for request in server.requests] == ["/first"]


def test_a_cancel_of_nobody_is_passed_over(reqcli: Program, demo_server: DemoServer) -> None:
    with serving(reqcli) as caller:
        caller.say({"cancel": "nobody"}, {"id": 1, "url": f"{demo_server.url}/echo"})
        assert caller.hear()["id"] == 1
        caller.say({"cancel": 1}, {"cancel": None})
        assert caller.end() == []


def test_an_id_is_free_again_with_its_answer_and_not_before(reqcli: Program) -> None:
    asked, may_answer = Event(), Event()

    def script(peer: Peer) -> None:
        while True:
            peer.read_request()
            asked.set()
            may_answer.wait(20)
            peer.send(HELLO)

    with NastyServer(script) as server, serving(reqcli) as caller:
        caller.say({"id": 1, "url": server.url()})
        assert asked.wait(20)
        caller.say({"id": 1, "url": server.url()})
        answer = caller.hear()
        assert (answer["line"], answer["error"]["code"]) == (2, "usage")
        may_answer.set()
        answer = caller.hear()
        assert (answer["line"], answer["ok"]) == (1, True)
        caller.say({"id": 1, "url": server.url()})
        answer = caller.hear()
        assert (answer["line"], answer["ok"]) == (3, True)
        assert caller.end() == []


def test_lines_that_make_no_sense_are_answered_too(reqcli: Program, uncalled_server: DemoServer) -> None:
    with serving(reqcli, "-j", "1") as caller:
        caller.say("{", {"id": 5}, {"id": {}, "url": uncalled_server.url}, {"cancel": []}, "[]", {})
        answers = caller.end()
        assert [answer["line"] for answer in answers] == [1, 2, 3, 4, 5, 6]
        assert {answer["error"]["code"] for answer in answers} == {"usage"}
        assert answers[1]["id"] == 5


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_answers_what_is_under_way(reqcli: Program, number: signal.Signals, status: int) -> None:
    asked, may_answer = Event(), Event()
    with NastyServer(held_back(asked, may_answer, HELLO)) as server, serving(reqcli) as caller:
        caller.say({"id": 1, "url": server.url()})
        assert asked.wait(20)
        caller.process.send_signal(number)
        assert caller.process.stderr is not None
        caller.process.stderr.readline()
        may_answer.set()
        assert caller.hear()["ok"]
        assert caller.process.wait(20) == status


def test_a_caller_that_goes_away_ends_it(reqcli: Program) -> None:
    """Its requests under way are given up: nobody is there to hear of them."""
    asked = Event()

    def script(peer: Peer) -> None:
        if peer.read_request().target == "/never":
            asked.set()
            assert peer.hold() == b""
        else:
            peer.send(HELLO)

    with NastyServer(script) as server, serving(reqcli) as caller:
        caller.say({"id": 1, "url": server.url("/never")})
        assert asked.wait(20)
        assert caller.process.stdout is not None
        caller.process.stdout.close()
        caller.say({"id": 2, "url": server.url("/answered")})
        assert caller.process.wait(20) == 23


def test_the_way_of_serving_is_to_be_said(reqcli: Program) -> None:
    output = reqcli("serve", stdin=b"")
    assert output.status == 2
    assert "--stdio" in output.err
