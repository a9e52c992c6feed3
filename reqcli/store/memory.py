"""Sessions that live as long as the process: for library use, and for runs that must leave no trace."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from reqcli.errors import SessionConflict, SessionLocked, SessionNotFound
from reqcli.session.operations import apply, base_state, check_unchanged
from reqcli.store.face import one_by_one
from reqcli.store.names import check_name, new_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reqcli.errors import ReqcliError
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState


class MemoryStore:
    """A store in memory, which any number of threads may share.

    Args:
        new_id: gives 32 random hexadecimal digits.
    """

    kind: Final = "memory"

    def __init__(self, new_id: Callable[[], str] = new_id) -> None:
        self._new_id: Final = new_id
        self._lock: Final = threading.Lock()
        self._states: Final[dict[str, SessionState]] = {}
        self._turns: Final[dict[str, threading.Lock]] = {}

    def read(self, name: str) -> SessionState | None:
        check_name(name)
        return self._states.get(name)

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        check_name(name)
        with self._lock:
            before = base_state(name, self._states.get(name), base_id, now, self._new_id)
            after = apply(before, operations, now)
            if after is not before:
                self._states[name] = after
            return after

    def create(self, name: str, state: SessionState) -> None:
        check_name(name)
        with self._lock:
            if name in self._states:
                raise SessionConflict(f"there is a session {name} already", retryable=False)
            self._states[name] = state

    def rename(self, source: str, target: str) -> None:
        check_name(source)
        check_name(target)
        with self._lock:
            if source not in self._states:
                raise SessionNotFound(f"there is no session {source}")
            if target in self._states:
                raise SessionConflict(f"there is a session {target} already", retryable=False)
            self._states[target] = self._states.pop(source)

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        check_name(name)
        with self._lock:
            check_unchanged(name, self._states.get(name), only)
            return self._states.pop(name, None) is not None

    def turn(self, name: str, patience: float) -> _Turn:
        check_name(name)
        return _Turn(self._turns.setdefault(name, threading.Lock()), patience, name)

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        return []

    def names(self) -> list[str]:
        return sorted(self._states)

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, None]]:
        return one_by_one(self)

    def location(self, name: str) -> str:
        check_name(name)
        return "memory"


class _Turn:
    """A thread's turn to send for a session."""

    __slots__ = ("_lock", "_name", "_patience")

    def __init__(self, lock: threading.Lock, patience: float, name: str) -> None:
        self._lock: Final = lock
        self._patience: Final = patience
        self._name: Final = name

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience):
            raise SessionLocked(f"session {self._name} was in use by others for {self._patience:g} s")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
