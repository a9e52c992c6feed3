"""The threads of a crew in the worst order: no line is lost or begun too late, and none waits without need."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from math import inf
from pathlib import Path
from threading import Barrier, Event, Thread, current_thread
from typing import Any

import pytest

from reqcli.batch.crew import WINDOW, Crew
from reqcli.batch.line import Line
from reqcli.batch.pace import Pace
from reqcli.batch.resume import Log
from reqcli.batch.source import Source
from reqcli.batch.worker import Outcome, Worker
from reqcli.net.pool import Pool
from reqcli.net.readiness import SelectPoll
from tests.batch.test_crew import a_worker, results_of
from tests.sockets import NastyServer, Peer

BAD = b'{"nonsense":1}'
"""A line that no connection is needed for: it has a result at once, in a thread of its own."""


def hired(before: Callable[[Line], object]) -> Callable[[], Worker]:
    """What makes workers that do this before they run a line."""

    def hire() -> Worker:
        worker = a_worker(Pool())
        run = worker.run

        def run_then(line: Line, *rest: Any) -> Outcome:
            before(line)
            return run(line, *rest)

        worker.run = run_then  # type: ignore[method-assign]
        return worker

    return hire


def a_crew(count: int, before: Callable[[Line], object] = lambda _: None, **options: Any) -> tuple[Crew, list[bytes]]:
    """One that leaves what has to be waited for to other threads even where there is one job."""
    written: list[bytes] = []
    crew = Crew(Source(BytesIO(b"\n".join([BAD] * count)), "here"), hired(before), written.append, **options)
    crew._waits_itself = False
    return crew, written


def numbers(written: list[bytes]) -> list[int]:
    return [json.loads(line)["line"] for line in b"".join(written).splitlines()]


class SlowLog(Log):
    """A log that is asked of one line while something else happens."""

    def __init__(self, path: Path, meanwhile: dict[int, Callable[[], object]]) -> None:
        super().__init__(str(path))
        self._meanwhile = meanwhile

    def has(self, line: Line) -> bool:
        self._meanwhile.pop(line.number, lambda: None)()
        return super().has(line)


def test_the_last_line_is_not_lost_while_a_thread_takes_it(tmp_path: Path) -> None:
    may_end, is_taken = Event(), Event()

    def taken() -> None:
        is_taken.set()
        crew.ended.wait(0.3)

    crew, written = a_crew(
        2, lambda line: line.number > 1 or may_end.wait(20), jobs=1, log=SlowLog(tmp_path / "log", {2: taken})
    )
    is_over = crew._is_over

    def asked_late() -> bool:
        """The first line's thread takes the second one meanwhile: nothing is under way yet, and no line is left."""
        if not crew.busy:
            return is_over()
        may_end.set()
        is_taken.wait(20)
        while not crew._intake._has_ended:
            pass
        return is_over()

    crew._is_over = asked_late  # type: ignore[method-assign]
    crew.start()
    assert crew.ended.wait(20)
    assert numbers(written) == [1, 2]


def test_it_is_not_idle_while_a_thread_takes_a_line(tmp_path: Path) -> None:
    told: list[bool] = []

    def ask() -> None:
        crew.stop()
        told.append(crew.is_idle)

    asking = Thread(target=ask, daemon=True)

    def stopped() -> None:
        asking.start()
        asking.join(0.3)

    crew, written = a_crew(
        3,
        lambda line: line.number == 2 and asking.join(20),
        jobs=1,
        log=SlowLog(tmp_path / "log", {2: stopped}),
    )
    crew.start()
    assert crew.ended.wait(20)
    assert told == [False]
    assert numbers(written) == [1, 2]


def test_who_is_to_stop_does_not_look_for_a_line_that_is_not_done(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f'{{"id":null,"line":{number},"ok":true,"exit_code":0}}\n' for number in range(2, 200)))
    crew, written = a_crew(250, jobs=1, log=SlowLog(log, {5: lambda: crew.stop()}))
    crew.start()
    assert crew.ended.wait(20)
    assert numbers(written) == [1]
    assert crew.tally.skipped < 10


def test_no_line_is_begun_after_the_failure_that_ends_it() -> None:
    class Busy(set[int]):
        def discard(self, place: int) -> None:
            super().discard(place)
            crew._ring.wake()
            another.wait(0.3)

    another = Event()
    crew, written = a_crew(2, lambda line: line.number == 2 and another.set(), jobs=1, most_failures=1)
    crew.busy = Busy()  # type: ignore[misc]
    crew.start()
    assert crew.ended.wait(20)
    assert numbers(written) == [1]


def test_all_go_on_when_the_first_of_those_in_order_is_done() -> None:
    jobs = 4
    together = Barrier(jobs)

    def before(line: Line) -> None:
        if line.number == 1:
            while crew.tally.done < WINDOW - 1 or len(crew.busy) > 1 or not crew._ring._is_asleep:
                pass  # the others have not come as far as they may
        elif line.number > WINDOW:
            together.wait(10)

    crew, written = a_crew(WINDOW + jobs, before, jobs=jobs, ordered=True)
    crew.start()
    assert crew.ended.wait(20)
    assert not together.broken
    assert numbers(written) == [*range(1, WINDOW + jobs + 1)]


def test_a_line_that_is_held_back_is_not_waited_for_once_it_will_not_begin() -> None:
    is_over, asked = Event(), list[float]()
    crew, written = a_crew(2, lambda _: is_over.wait(20), jobs=2, pace=Pace(0.01))
    wait = crew._ring.wait

    def noted(until: float) -> Any:
        asked.append(until)
        if until == inf and crew._is_stopping:
            is_over.set()
        elif until < inf:
            crew.stop()
        return wait(until)

    crew._ring.wait = noted  # type: ignore[method-assign]
    crew.start()
    assert crew.ended.wait(20)
    assert numbers(written) == [1]
    assert asked[-1] == inf


def test_no_thread_is_left_that_was_not_idle_yet_at_the_end() -> None:
    class Busy(set[int]):
        def discard(self, place: int) -> None:
            super().discard(place)
            crew._ring.wake()
            crew.ended.wait(20)

    threads: list[Thread] = []
    crew, _ = a_crew(1, lambda _: threads.append(current_thread()), jobs=1)
    crew.busy = Busy()  # type: ignore[misc]
    crew.start()
    assert crew.ended.wait(20)
    (thread,) = threads
    thread.join(20)
    assert not thread.is_alive()


def test_what_cannot_be_read_is_not_told_of_when_it_was_not_to_be_read_any_more() -> None:
    class Torn(BytesIO):
        def readline(self, *most: Any) -> bytes:
            line = super().readline(*most)
            if not line:
                raise OSError("it broke")
            return line

    hire = hired(lambda _: has_failed.wait(20))
    crew = Crew(Source(Torn(BAD), "here"), hire, lambda _: None, jobs=1, most_failures=1)
    has_failed = Event()
    crew.start()
    while crew._intake.failure is None:
        pass
    has_failed.set()
    assert crew.ended.wait(20)
    assert crew.failure is None
    assert crew.tally.failed == 1


def test_where_there_are_no_more_threads_every_line_is_run_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Few(Thread):
        started = 0

        def start(self) -> None:
            Few.started += 1
            if Few.started > 2:
                raise RuntimeError("can't start new thread")
            super().start()

    monkeypatch.setattr("reqcli.batch.crew.Thread", Few)
    crew, written = a_crew(20, jobs=5)
    crew.start()
    assert crew.ended.wait(20)
    assert crew.failure is None
    assert sorted(numbers(written)) == [*range(1, 21)]


def test_more_sockets_than_the_system_can_wait_for_are_awaited_by_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reqcli.batch.ring.MOST_SOCKETS", 3)
    monkeypatch.setattr("reqcli.batch.ring.poll", SelectPoll)
    jobs = 8
    together = Barrier(jobs)

    def script(peer: Peer) -> None:
        while True:
            peer.read_request()
            together.wait(20)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with NastyServer(script) as server, Pool() as pool:
        lines = [server.url().encode()] * (4 * jobs)
        results = results_of(lines, lambda: a_worker(pool), jobs)
    assert [result["ok"] for result in results] == [True] * len(lines)
    assert server.connections == jobs
