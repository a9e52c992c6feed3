# What is measured: commits to a session in Redis beside commits to one in a file, and readings; one writer alone, and
# ten threads that write at once, each a key of its own. The server is on a Unix socket and keeps nothing on disk, where
# the file store syncs each commit, so the first is what a network round trip adds nothing to.
"""The shared store beside files."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from reqcli.session.operations import SetHeader
from reqcli.session.schema import StoredHeader, new_state
from reqcli.store.face import Store
from reqcli.store.files import FileStore
from reqcli.store.names import new_id
from reqcli.store.redis import RedisStore
from tests.benchmarks.harness import Figures, Measure, Report, Unavailable, interleave
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import found

COMMITS = 50
WRITERS = 10
NAME = "work"


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for each kind of work."""
    if find_spec("redis") is None or find_spec("pytest") is None:
        raise Unavailable("the packages redis and pytest are not installed")
    found("redis-server")
    from tests.redis import RedisServer

    rounds = 5 if quick else 21
    made = []
    with RedisServer(directory) as server:
        stores: dict[str, Store] = {
            "files": FileStore(str(directory / "sessions"), lock_patience=60),
            "Redis, Unix socket": RedisStore(server.url, patience=60),
        }
        for store in stores.values():
            store.create(NAME, new_state(new_id(), time.time()))
        for title, work in WORKS.items():
            contenders = {name: _measured(work, store) for name, store in stores.items()}
            measured = interleave(contenders, base="files", rounds=rounds, before=Quiet(2 if quick else 30))
            made.append(Report(f"A session's store: {title}", TEXTS[title], measured, unit=(1e6, "µs each")))
    return made


def _measured(work: Callable[[Store], int], store: Store) -> Measure:
    def measure() -> Figures:
        started = time.perf_counter()
        number = work(store)
        return {"time": (time.perf_counter() - started) / number}

    return measure


_numbers = itertools.count()


def _commit(store: Store, key: str) -> None:
    store.commit(NAME, None, [SetHeader(StoredHeader(key, str(next(_numbers)), "*"))], time.time())


def _one_writer(store: Store) -> int:
    for _ in range(COMMITS):
        _commit(store, "X-One")
    return COMMITS


def _many_writers(store: Store) -> int:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda number: _commit(store, f"X-{number % WRITERS}"), range(COMMITS)))
    return COMMITS


def _readings(store: Store) -> int:
    for _ in range(COMMITS):
        store.read(NAME)
    return COMMITS


WORKS: dict[str, Callable[[Store], int]] = {
    "commits by one writer": _one_writer,
    "commits by ten writers at once": _many_writers,
    "readings": _readings,
}
TEXTS = {
    "commits by one writer": "One commit after the other, each of one header; a file is synced each time.",
    "commits by ten writers at once": "Ten threads, each with a key of its own: whoever was too late is asked again.",
    "readings": "The session is read, and understood.",
}
