"""One of the processes that use a store at once: `python -m tests.store.writer DIRECTORY|URL TASK INDEX`.

The tasks are plain functions of a store, so that threads can be set to the same work.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from reqcli.errors import SessionConflict, SessionNotFound
from reqcli.session.operations import SetHeader
from reqcli.session.schema import StoredHeader
from reqcli.store.face import Store
from reqcli.store.files import FileStore

COMMITS = 10
NAME = "work"


def new_id() -> str:
    return os.urandom(16).hex()


def header(name: str, value: str) -> SetHeader:
    return SetHeader(StoredHeader(name, value, "*"))


def distinct_keys(store: Store, index: str) -> None:
    """Ten commits, each of a key that no other writer has; the base is read once, as a run does."""
    state = store.read(NAME)
    base_id = state.id if state is not None else None
    for number in range(COMMITS):
        base_id = store.commit(NAME, base_id, [header(f"X-{index}-{number}", "v")], time.time()).id


def many_keys(store: Store, index: str) -> None:
    """Twenty-five commits, each of a key that no other writer has."""
    for number in range(25):
        store.commit(NAME, None, [header(f"X-{index}-{number}", "v")], time.time())


def same_key(store: Store, index: str) -> None:
    """Ten commits of the key that everybody writes, each with another value."""
    state = store.read(NAME)
    assert state is not None
    for number in range(COMMITS):
        store.commit(NAME, state.id, [header("X-Same", f"{index}-{number}")], time.time())


def first_use(store: Store, index: str) -> None:
    """One commit by a run that saw no session when it began."""
    store.commit(NAME, None, [header(f"X-{index}", "v")], time.time())


def delete_and_begin_anew(store: Store, index: str) -> None:
    """Make the session and take it away again, ten times over."""
    for number in range(COMMITS):
        store.commit(NAME, None, [header(f"X-{index}-{number}", "v")], time.time())
        store.delete(NAME)


def endless(store: Store, index: str) -> None:
    """Commit numbers from 1 on, and print each when it is acknowledged, until killed."""
    number = 0
    while True:
        number += 1
        store.commit(NAME, None, [header(f"X-{index}", str(number))], time.time())
        os.write(1, b"%d\n" % number)


def once(store: Store, index: str) -> None:
    """A single commit."""
    store.commit(NAME, None, [header("X-Once", index)], time.time())


def delete(store: Store, index: str) -> None:
    """Take the session away."""
    store.delete(NAME)


def count_in_turn(store: Store, index: str) -> None:
    """Read a number and write the next one, ten times over; only the turn keeps others out in between."""
    for _ in range(COMMITS):
        with store.turn(NAME, 60.0):
            state = store.read(NAME)
            number = 0 if state is None else int(str(state.headers["*", "x-count"].value))
            time.sleep(0.001)
            store.commit(NAME, state.id if state else None, [header("X-Count", str(number + 1))], time.time())


def rename_there_and_back(store: Store, index: str) -> None:
    """Rename one way in some writers and the other way in the others, ten times over."""
    for _ in range(COMMITS):
        try:
            store.rename(*((NAME, "play") if int(index) % 2 else ("play", NAME)))
        except (SessionNotFound, SessionConflict):
            continue


def rename(store: Store, index: str) -> None:
    """Give the session another name."""
    store.rename(NAME, "play")


def rename_back(store: Store, index: str) -> None:
    """Give it its name again."""
    store.rename("play", NAME)


def two_reads(store: Store, index: str) -> None:
    """A read that imports what it needs, then, after a mark for strace to show, one more."""
    store.read(NAME)
    os.write(2, b"MARK\n")
    store.read(NAME)
    os.write(2, b"MARK\n")


def survey(store: Store, index: str) -> None:
    """A look at all sessions that imports what it needs, then, after a mark for strace to show, one more."""
    list(store.survey())
    os.write(2, b"MARK\n")
    list(store.survey())
    os.write(2, b"MARK\n")


TASKS: dict[str, Callable[[Store, str], None]] = {
    task.__name__: task
    for task in (
        distinct_keys,
        many_keys,
        same_key,
        first_use,
        delete_and_begin_anew,
        endless,
        once,
        delete,
        count_in_turn,
        rename_there_and_back,
        rename,
        rename_back,
        two_reads,
        survey,
    )
}


if __name__ == "__main__":
    place, task_name, writer_index = sys.argv[1:]
    the_store: Store
    if "://" in place:
        from reqcli.store.redis import RedisStore

        the_store = RedisStore(place, new_id, patience=60)
    else:
        the_store = FileStore(place, new_id, lock_patience=60)
    TASKS[task_name](the_store, writer_index)
