from __future__ import annotations

from collections.abc import Callable

import pytest

from reqcli.store.memory import MemoryStore
from tests.store.contract import StoreContract, in_threads
from tests.store.writer import new_id


class TestMemory(StoreContract):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(new_id)

    @pytest.fixture
    def race(self, store: MemoryStore) -> Callable[[str, int], None]:
        return lambda task, writers: in_threads(store, task, writers)


def test_two_stores_share_nothing() -> None:
    one, two = MemoryStore(new_id), MemoryStore(new_id)
    assert one.kind == "memory"
    assert one.location("work") == "memory"
    one.commit("work", None, [], 1.0)
    assert two.names() == []
