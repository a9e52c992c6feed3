"""What a session knows while it runs."""

from __future__ import annotations

from reqcli.api.record import Record
from reqcli.session.operations import ClearCookies, SetSetting
from reqcli.store.memory import MemoryStore


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
    record.commit([SetSetting("follow", True)])
    quiet = record.report(1)
    assert (quiet.rev, quiet.changed, quiet.saved) == (1, (), True)
    assert record.report(1) is quiet
    assert len(record.report(0).changed) == 1
    record.commit([SetSetting("follow", False)])
    assert [change.op for change in record.report(1).changed] == ["set"]
    later = record.report(2)
    assert (later.rev, later.changed, later.saved) == (2, (), True)
    assert not record.report(2, saved=False).saved
