"""The face that every store shows: states go out, operations come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from reqcli.errors import ReqcliError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState


class Store(Protocol):
    """Where session states live under their names.

    Every method that takes a name raises `Usage` for one that no session can have, and `StoreUnavailable` when
    the store cannot be reached, read or written; nothing is ever kept somewhere else instead.
    """

    @property
    def kind(self) -> str:
        """What kind of store it is, as results name it: `files`, `memory`."""

    def read(self, name: str) -> SessionState | None:
        """The state as it is now, None if there is no such session. Never waits for a writer.

        Raises:
            SessionCorrupt: what is stored cannot be understood.
            SessionInsecure: what is stored is open to others.
        """

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        """Apply the operations to what is stored by now, as one transaction.

        When this returns, the change has reached the disk (where the store has one); when it raises, what was
        stored is whole, and as it was.

        Args:
            name: of the session.
            base_id: the id of the state that the run read, None if there was no session then: the first
                commit of all makes one, the others go onto it.
            operations: in order.
            now: seconds since the epoch.

        Returns:
            The state after it. Nothing is written when it is the same as before; a session that did not exist
            then still does not, and the state has `rev` 0.

        Raises:
            SessionConflict: the session that the run read was deleted since, or made anew.
            SessionLocked: others were writing for too long.
            SessionCorrupt, SessionInsecure: as for `read`.
        """

    def create(self, name: str, state: SessionState) -> None:
        """Store a new session.

        Raises:
            SessionConflict: there is one of that name already, readable or not.
            SessionLocked: others were writing for too long.
        """

    def rename(self, source: str, target: str) -> None:
        """Give a session another name, as one transaction; it stays the same session, with the same id.

        Raises:
            SessionNotFound: there is none of the first name.
            SessionConflict: there is one of the second name already, readable or not.
            SessionLocked: others were writing for too long.
        """

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        """Take a session away, one that cannot be read too; False if there is none.

        Args:
            name: of the session.
            only: take it away only if this is what is stored, by its id and revision.

        Raises:
            SessionConflict: it is another one by now.
            SessionLocked: others were writing for too long.
        """

    def turn(self, name: str, patience: float) -> AbstractContextManager[object]:
        """The right to be the only run that sends for this session: entered before it is read, left when what the
        response taught is committed. It has nothing to do with the lock of a commit, which is taken inside of it,
        never the other way round; no run may enter two. It ends with its process.

        Args:
            name: of the session, which need not exist.
            patience: seconds to wait for the others, one after the other.

        Raises:
            SessionLocked: on entering, it was not to be had in time.
        """

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        """Take away what killed processes left behind; nothing with `dry_run`.

        Returns:
            What it is, in words for a person, or why it cannot be taken away. With `dry_run` that may be a process's
            that is still at work.
        """

    def names(self) -> list[str]:
        """The names of all sessions, sorted."""

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, int | None]]:
        """All sessions, by their names: each as it is when its turn comes, or why it cannot be read; and the bytes
        that it takes, where the store knows them. One that is deleted meanwhile is left out."""

    def location(self, name: str) -> str:
        """Where the session is or would be kept, in words for a person."""


def one_by_one(store: Store) -> Iterator[tuple[str, SessionState | ReqcliError, None]]:
    """`Store.survey` for a store that knows no quicker way."""
    for name in store.names():
        try:
            state = store.read(name)
        except ReqcliError as error:
            yield name, error, None
        else:
            if state is not None:
                yield name, state, None
