"""Commits of many threads as few transactions: what comes while one is being written is written with the next.

A commit to a file ends with the disk having it, and that takes milliseconds. Threads that wait for one another would
wait for as many; here the first of those that wait writes for all of them. Each still returns when its own operations
are on the disk, and not before.
"""

from __future__ import annotations

from copy import copy
from threading import Lock
from typing import TYPE_CHECKING, Final

from reqcli.errors import ReqcliError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store


class _Part:
    """What one thread wants to have written, and what became of it."""

    __slots__ = ("error", "gate", "is_next", "operations", "state")

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations: Final = operations
        self.gate: Final = Lock()
        self.gate.acquire()
        self.is_next = False
        self.state: SessionState | None = None
        self.error: BaseException | None = None

    def outcome(self) -> SessionState:
        """The state after it.

        Raises:
            ReqcliError: it could not be written.
        """
        if self.error is not None:
            raise self.error
        assert self.state is not None, "it was written"
        return self.state


class Together:
    """A store around another one, for threads that share it.

    Args:
        store: where all of it goes.
    """

    def __init__(self, store: Store) -> None:
        self._store: Final = store
        self._lock: Final = Lock()
        self._waiting: Final[dict[tuple[str, str | None], list[_Part]]] = {}  # one writes for each that stands here

    @property
    def kind(self) -> str:
        return self._store.kind

    def read(self, name: str) -> SessionState | None:
        return self._store.read(name)

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        part = _Part(operations)
        key = (name, base_id)
        with self._lock:
            is_first = key not in self._waiting
            self._waiting.setdefault(key, []).append(part)
        if not is_first:
            part.gate.acquire()
            if not part.is_next:
                return part.outcome()
        with self._lock:
            parts, self._waiting[key] = self._waiting[key], []
        try:
            self._write(name, base_id, parts, now)
        finally:
            self._hand_over(key)
            for other in parts:
                if other is not part:
                    other.gate.release()
        return part.outcome()

    def create(self, name: str, state: SessionState) -> None:
        self._store.create(name, state)

    def rename(self, source: str, target: str) -> None:
        self._store.rename(source, target)

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        return self._store.delete(name, only=only)

    def turn(self, name: str, patience: float) -> AbstractContextManager[object]:
        return self._store.turn(name, patience)

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        return self._store.tidy(dry_run=dry_run)

    def names(self) -> list[str]:
        return self._store.names()

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, int | None]]:
        return self._store.survey()

    def location(self, name: str) -> str:
        return self._store.location(name)

    def _write(self, name: str, base_id: str | None, parts: Sequence[_Part], now: float) -> None:
        """One transaction for all parts, in the order they came."""
        try:
            state = self._store.commit(name, base_id, [one for part in parts for one in part.operations], now)
        except BaseException as error:  # noqa: BLE001 - raised again in each thread, where it may be added to
            for part in parts:
                part.error = copy(error) if isinstance(error, ReqcliError) else error
        else:
            for part in parts:
                part.state = state

    def _hand_over(self, key: tuple[str, str | None]) -> None:
        """Have the first of those who came meanwhile write next."""
        with self._lock:
            waiting = self._waiting[key]
            if waiting:
                waiting[0].is_next = True
                waiting[0].gate.release()
            else:
                del self._waiting[key]
