"""What a session knows while it runs, and where that is kept: the snapshot, the jar, and the way into the store."""

from __future__ import annotations

from time import time

from reqcli.cookies.jar import Jar
from reqcli.model.result import SessionReport
from reqcli.session.operations import apply, base_state
from reqcli.session.schema import new_state
from reqcli.store.names import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

    from reqcli.session.memo import ReplaceMemo
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.face import Store
    from reqcli.vault.turns import Shared


class Record:
    """A state and its jar, both with all that was learned since; operations go to the store as they come.

    Args:
        state: the state to start from, None for an empty one.
        name: how the store knows it; None for a session that lives in memory only.
        store: where operations go; None to keep them to this run.

    Attributes:
        state: with everything learned.
        jar: its cookies.
        has_changed: whether anything was learned.
    """

    __slots__ = ("_quiet", "_stored_id", "has_changed", "jar", "name", "state", "store")

    def __init__(self, state: SessionState | None, name: str | None, store: Store | None) -> None:
        self.name: Final = name
        self.store: Final = store if name is not None else None
        self._stored_id = state.id if state is not None and name is not None else None
        self.state: SessionState = state if state is not None else new_state(new_id(), time())
        self.jar = Jar(self.state.cookies)
        self.has_changed = False
        self._quiet: SessionReport | None = None

    def again(self) -> Record:
        """What a run after this one begins with: the state by now, and no changes yet."""
        record = Record(self.state, self.name, self.store)
        record._stored_id = self._stored_id  # a state that nobody has stored yet has an id too
        return record

    def commit(self, operations: Sequence[Operation]) -> None:
        """Apply operations to the state and, where there is a store, to what is stored, in one transaction.

        Raises:
            SessionError, StoreUnavailable: they could not be stored; what is stored is whole, without them.
        """
        self.has_changed = True
        self.state = apply(self.state, operations, time())
        if self.store is not None and self.name is not None:
            stored = self.store.commit(self.name, self._stored_id, operations, time())
            # Of a new session nothing is stored as long as nothing is different; its id is not the last word then.
            self._stored_id = stored.id if stored.rev else None
            # What others captured meanwhile is as good as our own, and newer than what was read.
            self.state = self.state.replace(id=stored.id, rev=stored.rev, values=stored.values)

    def refresh(self) -> None:
        """Take up what is stored by now.

        Raises:
            SessionConflict: the session was deleted or made anew since this run read it.
        """
        if self.store is None or self.name is None:
            return
        stored = self.store.read(self.name)
        if stored is not None or self._stored_id is not None:
            self.state = base_state(self.name, stored, self._stored_id, time(), new_id)
            self._stored_id = self.state.id
        self.jar = Jar(self.state.cookies)

    def shared(self, changes: list[Operation]) -> Shared | None:
        """The stored session as a place where runs leave notes for each other, if this run may write there.

        Args:
            changes: where to put those that are worth telling.
        """
        store, name = self.store, self.name
        if store is None or name is None or self._stored_id is None:
            return None
        from reqcli.vault.turns import Shared

        return Shared(lambda: store.read(name), lambda operation: self._note(store, name, operation, changes))

    def report(self, changes: Sequence[Operation] = (), *, saved: bool = True) -> SessionReport:
        """What happened to the session.

        Args:
            changes: what a call learned.
            saved: whether all of it could be stored.
        """
        rev = self.state.rev if self._stored_id is not None else None
        saved = saved and self.store is not None
        quiet = self._quiet
        if changes:
            quiet = None
        elif quiet is not None and quiet.rev == rev and quiet.saved is saved:
            return quiet  # of a run that changes nothing, one call's report is the next one's
        report = SessionReport(
            self.name,
            store=self.store.kind if self.store is not None else "memory",
            rev=rev,
            changed=tuple(operation.describe() for operation in changes),
            saved=saved,
        )
        if not report.changed:
            self._quiet = report
        return report

    def _note(self, store: Store, name: str, operation: ReplaceMemo, changes: list[Operation]) -> SessionState:
        stored = store.commit(name, self._stored_id, [operation], time())
        self.state = self.state.replace(rev=stored.rev)
        if operation.is_news(stored):
            self.has_changed = True
            changes.append(operation)
        return stored
