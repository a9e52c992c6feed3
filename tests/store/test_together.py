"""A store that writes for many threads at once promises what the one beneath it does, with fewer transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from reqcli.errors import SessionLocked
from reqcli.session.operations import Operation
from reqcli.session.schema import SessionState
from reqcli.store.files import FileStore
from reqcli.store.memory import MemoryStore
from reqcli.store.together import Together
from tests.store.contract import StoreContract, in_threads
from tests.store.writer import NAME, header, new_id


class TestTogether(StoreContract):
    def is_revision(self, rev: int, commits: int) -> bool:
        return 1 <= rev <= commits  # there is one for each transaction

    @pytest.fixture(params=["memory", "files"])
    def store(self, request: pytest.FixtureRequest, tmp_path: Path) -> Together:
        return Together(MemoryStore(new_id) if request.param == "memory" else FileStore(str(tmp_path / "sessions")))

    @pytest.fixture
    def race(self, store: Together) -> Callable[[str, int], None]:
        return lambda task, writers: in_threads(store, task, writers)


class Slow(MemoryStore):
    """The first commit waits until it is let go, and may fail; transactions are counted."""

    def __init__(self) -> None:
        super().__init__(new_id)
        self.began, self.may_go_on = Event(), Event()
        self.transactions = 0
        self.fails = False

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        self.transactions += 1
        self.began.set()
        assert self.may_go_on.wait(20)
        if self.fails:
            raise SessionLocked("others were writing")
        return super().commit(name, base_id, operations, now)


def commits(store: Slow, number: int) -> list[SessionState | BaseException]:
    """What so many threads get that commit while another one is at it."""
    together = Together(store)
    with ThreadPoolExecutor(number + 1) as pool:
        first = pool.submit(together.commit, NAME, None, [header("X-0", "0")], 1.0)
        assert store.began.wait(20)
        others = [
            pool.submit(together.commit, NAME, None, [header(f"X-{index}", "1")], 1.0) for index in range(1, number + 1)
        ]
        while len(together._waiting[NAME, None]) < number:
            pass
        store.may_go_on.set()
        return [done.exception() or done.result() for done in (first, *others)]


def test_those_who_wait_are_written_in_one_transaction() -> None:
    store = Slow()
    states = commits(store, 20)
    assert store.transactions == 2
    kept = store.read(NAME)
    assert kept is not None
    assert len(kept.headers) == 21
    assert states[1:] == [kept] * 20
    assert kept.rev == 2


def test_a_failure_is_raised_in_every_thread_as_its_own() -> None:
    store = Slow()
    store.fails = True
    errors = commits(store, 5)
    assert [type(error) for error in errors] == [SessionLocked] * 6
    assert len({id(error) for error in errors}) == 6
    assert store.read(NAME) is None
