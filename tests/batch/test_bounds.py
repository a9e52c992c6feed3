"""What a batch holds in memory has an end: results that wait to be written, sessions that are kept in mind."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event, Thread

import pytest

from reqcli.batch.line import Line
from reqcli.batch.resume import Log
from reqcli.batch.sink import MOST_PENDING, Sink
from reqcli.batch.worker import MOST_SESSIONS, Name, Outcome, Place, Places
from reqcli.errors import Internal


def outcome(size: int = 1, *, id_: str = "", failed: bool = False) -> Outcome:
    line = Line(1, json.dumps({"id": id_, "url": "/"}).encode() if id_ else b"/")
    return Outcome(line, b"x" * size, Internal("a bug") if failed else None)


def test_whoever_has_a_result_waits_while_too_much_of_others_is_not_written_yet() -> None:
    is_read, written = Event(), [0]

    def write(data: bytes) -> None:
        is_read.wait(20)
        written[0] += len(data)

    sink = Sink(write)
    first = Thread(target=sink.put, args=(0, outcome()))
    first.start()
    while sink.tally.done < 1 or sink._pending:
        pass  # it is being written by then
    sink.put(0, outcome(MOST_PENDING))  # which is left to the thread that writes
    more = Thread(target=sink.put, args=(0, outcome()))
    more.start()
    more.join(0.2)
    assert more.is_alive(), "it went on although nobody reads"
    is_read.set()
    for thread in (first, more):
        thread.join(20)
    assert (written[0], sink.tally.done) == (MOST_PENDING + 2, 3)


def test_sessions_that_were_not_named_for_long_are_opened_anew() -> None:
    opened: list[Name] = []

    def open_place(name: Name) -> Place:
        opened.append(name)
        return Place(None, None, is_kept=True)  # type: ignore[arg-type]

    places = Places(None, open_place)
    for number in range(MOST_SESSIONS):
        places.at(str(number))
    places.at("0")
    places.at("one more")
    assert len(opened) == MOST_SESSIONS + 1
    places.at("0")
    assert len(opened) == MOST_SESSIONS + 1, "it was named just now"
    places.at("1")
    assert opened[-1] == "1"


def noted(path: Path, *outcomes: Outcome) -> None:
    """Open a log, note these in it, and let go of it."""
    log = Log(str(path))
    log.note(outcomes)
    log.close()


def done(path: Path, *outcomes: Outcome) -> list[bool]:
    """Whether the log shows these done."""
    log = Log(str(path))
    known = [log.has(outcome.line) for outcome in outcomes]
    log.close()
    return known


def test_a_line_that_failed_is_not_done_whether_it_has_an_id_or_not(tmp_path: Path) -> None:
    log = tmp_path / "log"
    noted(log, outcome(id_="a", failed=True), outcome(failed=True))
    assert done(log, outcome(id_="a"), outcome()) == [False, False]
    noted(log, outcome(id_="a"), outcome())
    assert done(log, outcome(id_="a"), outcome()) == [True, True]


@pytest.mark.parametrize("torn", [b'{"id":"b","line":4,"ok":tr', b"{"])
def test_what_is_noted_behind_a_torn_line_stands_on_a_line_of_its_own(tmp_path: Path, torn: bytes) -> None:
    log = tmp_path / "log"
    noted(log, outcome(id_="a"))
    log.write_bytes(log.read_bytes() + torn)
    noted(log, outcome(id_="c"))
    assert done(log, *(outcome(id_=name) for name in "abc")) == [True, False, True]
