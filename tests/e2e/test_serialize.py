"""One run after the other, for servers that renew a token with each answer and know the old one no more."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from reqcli import FileStore, MemoryStore, Session
from reqcli.store.face import Store
from tests.program import Program
from tests.sockets import NastyServer, Peer

RUNS = 10


class Rotating:
    """A server's script: each answer brings a new token, and only the newest one is accepted."""

    def __init__(self, *, in_body: bool = False) -> None:
        self.lock = threading.Lock()
        self.count = 0
        self.in_body = in_body

    def __call__(self, peer: Peer) -> None:
        request = peer.read_request()
        got = request.get("x-token") if self.in_body else (request.get("cookie") or "").removeprefix("token=")
        with self.lock:
            is_good = self.count == 0 or got == str(self.count)
            if is_good:
                self.count += 1
            token = self.count
        time.sleep(0.02)
        status = "200 OK" if is_good else "403 Old"
        body = json.dumps({"token": str(token)}).encode() if self.in_body and is_good else b"{}"
        cookie = f"Set-Cookie: token={token}\r\n" if is_good and not self.in_body else ""
        head = f"HTTP/1.1 {status}\r\n{cookie}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        peer.send(head.encode())
        if self.in_body:
            time.sleep(0.02)
        peer.send(body)


def statuses(running: list[subprocess.Popen[bytes]]) -> list[int]:
    for process in running:
        process.communicate(timeout=120)
    return [process.returncode for process in running]


def test_parallel_runs_that_serialize_all_succeed_and_without_it_some_fail(reqcli: Program) -> None:
    for words, all_succeed in ((("--serialize",), True), ((), False)):
        with NastyServer(Rotating()) as server:
            name = "with" if words else "without"
            assert reqcli("get", server.url(), "--session", name).status == 0
            running = [reqcli.start("get", server.url(), "--session", name, *words) for _ in range(RUNS)]
            ends = statuses(running)
            assert (set(ends) == {0}) is all_succeed, ends
            assert set(ends) <= {0, 4}


def test_the_setting_does_what_the_option_does_and_the_first_use_is_no_exception(reqcli: Program) -> None:
    with NastyServer(Rotating()) as server:
        assert reqcli("session", "set", "work", "serialize", "yes").status == 0
        assert statuses([reqcli.start("get", server.url(), "--session", "work") for _ in range(RUNS)]) == [0] * RUNS
    with NastyServer(Rotating()) as server:
        runs = [reqcli.start("get", server.url(), "--session", "new", "--serialize") for _ in range(RUNS)]
        assert statuses(runs) == [0] * RUNS
    assert sorted(path.name for path in reqcli.sessions.iterdir()) == [
        ".new.lock", ".new.serial", ".work.lock", ".work.serial", "new.json", "work.json",
    ]  # fmt: skip


def test_a_token_in_the_body_is_waited_for(reqcli: Program) -> None:
    """Where a rule takes a value out of the body, the turn ends with the body and not with the head."""
    with NastyServer(Rotating(in_body=True)) as server:
        rule = f"json:/token -> header:X-Token at={server.url()}"
        assert reqcli("session", "capture", "work", rule, "--origin", server.url()).status == 0
        runs = [reqcli.start("get", server.url(), "--session", "work", "--serialize") for _ in range(RUNS)]
        assert statuses(runs) == [0] * RUNS


def test_the_turn_ends_when_the_head_is_in_and_not_when_the_body_ends(reqcli: Program) -> None:
    """A long download keeps nobody waiting."""

    def slow(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 1000\r\n\r\nfirst")
        peer.hold()

    with NastyServer([slow, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"]) as server:
        download = reqcli.start("get", server.url(), "--session", "work", "--serialize")
        try:
            until = time.monotonic() + 30
            while not (reqcli.sessions / "work.json").exists() and time.monotonic() < until:
                time.sleep(0.02)
            assert reqcli("get", server.url(), "--session", "work", "--serialize", "--max-time", "20").status == 0
            assert download.poll() is None
        finally:
            download.kill()
            download.communicate()


def test_who_waits_too_long_is_told_and_sends_nothing(reqcli: Program) -> None:
    def silent(peer: Peer) -> None:
        peer.read_request()
        peer.hold()

    with NastyServer(silent) as server:
        first = reqcli.start("get", server.url(), "--session", "work", "--serialize")
        try:
            until = time.monotonic() + 30
            while not server.requests and time.monotonic() < until:
                time.sleep(0.02)
            output = reqcli("get", server.url(), "--session", "work", "--serialize", "--max-time", "0.3")
            assert output.status == 102
            assert "in use by others" in output.err
            assert "[session_locked]" in output.err
            assert len(server.requests) == 1
            plain = reqcli("session", "set", "work", "follow", "yes")
            assert plain.status == 0, "the turn is another lock than the one of commits"
        finally:
            first.kill()
            first.communicate()
        # The turn died with its process.
        with NastyServer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as other:
            assert reqcli("get", other.url(), "--session", "work", "--serialize", "--max-time", "20").status == 0


def test_a_session_that_is_gone_when_its_turn_comes_sends_nothing(reqcli: Program) -> None:
    def held(peer: Peer) -> None:
        peer.read_request()
        if peer.number > 1:
            release.wait(30)
        peer.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=%d\r\nContent-Length: 2\r\n\r\nok" % peer.number)

    release = threading.Event()
    with NastyServer(held) as server:
        assert reqcli("get", server.url(), "--session", "work").status == 0
        first = reqcli.start("get", server.url(), "--session", "work", "--serialize")
        until = time.monotonic() + 30
        while len(server.requests) < 2 and time.monotonic() < until:
            time.sleep(0.02)
        waiting = reqcli.start("get", server.url(), "--session", "work", "--serialize")
        time.sleep(1)
        assert reqcli("session", "delete", "work").status == 0
        release.set()
        _, err = waiting.communicate(timeout=60)
        first.communicate(timeout=60)
        assert (waiting.returncode, first.returncode) == (104, 104)
        assert b"[session_conflict]" in err
        assert len(server.requests) == 2
    assert [path.name for path in reqcli.sessions.iterdir()] == []


@pytest.mark.parametrize(
    "words", [("--stateless",), ("--session", "work", "--read-only")], ids=["stateless", "read-only"]
)
def test_it_needs_a_session_that_may_be_written(reqcli: Program, words: tuple[str, ...]) -> None:
    output = reqcli("get", "http://localhost:1/", "--serialize", *words)
    assert (output.status, "contradict" in output.err) == (2, True)


# In the library


@pytest.fixture(params=["files", "memory"])
def store(request: pytest.FixtureRequest, reqcli: Program) -> Store:
    return MemoryStore() if request.param == "memory" else FileStore(str(reqcli.sessions))


def in_threads(work: Callable[[], None], number: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_with_sessions_of_their_own_take_turns_too(store: Store) -> None:
    ends: list[int] = []

    with NastyServer(Rotating()) as server:

        def run() -> None:
            with Session.open("work", store, serialize=True) as session:
                for _ in range(3):
                    ends.append(session.get(server.url()).response.status)  # type: ignore[union-attr]

        in_threads(run, 5)
    assert ends == [200] * 15


def test_a_body_that_nobody_read_does_not_keep_the_turn_from_the_same_run(store: Store) -> None:
    from reqcli.model.spec import spec_for
    from reqcli.session.rule_operations import SetRule
    from reqcli.session.rules import parse

    with NastyServer(Rotating(in_body=True)) as server:
        url = server.url()
        store.commit("work", None, [SetRule(parse(f"json:/token -> header:X-Token at={url}", None))], 1.0)
        with Session.open("work", store, serialize=True) as session:
            unread = session.stream(spec_for("GET", url, max_body=None))
            assert unread.response is not None
            assert session.get(url).response.status == 403  # type: ignore[union-attr]
            unread.response.close()
        with store.turn("work", 0.0):
            pass
