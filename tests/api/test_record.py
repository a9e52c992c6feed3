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
