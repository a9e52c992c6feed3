"""What a session knows while it runs."""

from __future__ import annotations

import gc
from itertools import count

from reqcli.api.record import Record
from reqcli.api.session import Session
from reqcli.session.operations import ClearCookies, SetCookie, SetSetting
from reqcli.store.memory import MemoryStore
from tests.sockets import NastyServer, Peer


def test_operations_that_change_nothing_do_not_make_the_next_ones_a_conflict() -> None:
    store = MemoryStore()
    record = Record(None, "work", store)
    record.commit([ClearCookies()])
    assert store.read("work") is None
    assert record.report().rev is None
    record.commit([SetSetting("timeout", 5)])
    stored = store.read("work")
    assert stored is not None
    assert stored.settings == {"timeout": 5}
    assert record.report().rev == 1


def test_a_report_is_the_one_before_only_while_it_says_the_same() -> None:
    record = Record(None, "work", MemoryStore())
    on, off = SetSetting("follow", True), SetSetting("follow", False)
    record.commit([on])
    quiet = record.report()
    assert (quiet.rev, quiet.changed, quiet.saved) == (1, (), True)
    assert record.report() is quiet
    assert len(record.report([on]).changed) == 1
    record.commit([off])
    assert [change.op for change in record.report([off]).changed] == ["set"]
    later = record.report()
    assert (later.rev, later.changed, later.saved) == (2, (), True)
    assert not record.report(saved=False).saved


def learned() -> int:
    """How many operations of one kind are in memory."""
    gc.collect()
    return sum(type(thing) is SetCookie for thing in gc.get_objects())


def test_a_session_does_not_keep_what_its_calls_taught_it_beside_its_state() -> None:
    number = count()

    def script(peer: Peer) -> None:
        while True:
            cookie = b"Set-Cookie: a=%d\r\n" % next(number)
            peer.answer(b"HTTP/1.1 200 OK\r\n" + cookie + b"Content-Length: 0\r\n\r\n")

    with NastyServer(script) as server, Session(name="work", store=MemoryStore()) as session:
        before = learned()
        for _ in range(30):
            report = session.get(server.url()).session
            assert report is not None
            assert [change.name for change in report.changed] == ["a"]
        assert learned() - before <= 2
