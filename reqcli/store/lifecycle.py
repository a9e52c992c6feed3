"""What becomes of a session's file but for reading and committing: it is made, renamed, taken away, tidied up after.

None of it is what a request does, so none of it is loaded for one. `reqcli.store.files` hands in the files.
"""

from __future__ import annotations

import os

from reqcli.errors import ReqcliError, SessionConflict, SessionLocked, SessionNotFound, StoreUnavailable, Usage
from reqcli.session.document import MAX_DOCUMENT, dump, slimmed
from reqcli.store.guard import command, refusal
from reqcli.store.names import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Final, Protocol, Self

    from reqcli.session.schema import SessionState

    class Lock(Protocol):
        """What `files.FileLock` shows."""

        fleeting: bool

        def __enter__(self) -> Self: ...
        def __exit__(self, *_: object) -> None: ...

    class File(Protocol):
        """What `files.SessionFile` shows."""

        @property
        def name(self) -> str: ...
        @property
        def directory(self) -> str: ...
        @property
        def path(self) -> str: ...
        def beside(self, kind: str) -> str: ...
        def lock(self, kind: str = "lock", patience: float | None = None) -> Lock: ...
        def has_directory(self) -> bool: ...
        def need_directory(self) -> None: ...
        def load(self) -> SessionState | None: ...
        def write(self, state: SessionState) -> SessionState: ...
        def sync(self, directory: str) -> None: ...


class Turn:
    """The turn to send for a session (`Store.turn`): held over the network, and so never around a commit of others.

    It is a lock of `.NAME.serial`, held from before the session is read until the last commit. It is always taken
    first, and a run has one of them at most, so no two processes can wait for each other. Its file does not end in
    `.lock`, for `.NAME.serial.lock` is the lock of the session `NAME.serial`.

    Whoever lets go of it takes the file away if there is no session that it is for. Nobody else may: it would be
    another file by then for those who come later, while this one is still held.

    Args:
        file: the session's.
        lock: of its file for this.
    """

    __slots__ = ("_file", "_lock")

    def __init__(self, file: File, lock: Lock) -> None:
        self._file: Final = file
        self._lock: Final = lock

    def __enter__(self) -> Self:
        """Take the turn.

        Raises:
            SessionLocked: it was not to be had in time.
            StoreUnavailable, SessionInsecure: the lock file cannot be opened or locked.
        """
        try:
            self._lock.__enter__()
        except OSError as error:
            raise refusal(error, self._file.name, self._file.beside("serial")) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.fleeting = not os.path.lexists(self._file.path)
        self._lock.__exit__()


def turn(file: File, patience: float) -> Turn:
    """See `Store.turn`."""
    try:
        file.need_directory()
    except OSError as error:
        raise refusal(error, file.name, file.path) from error
    return Turn(file, file.lock("serial", patience))


def create(file: File, state: SessionState) -> None:
    """See `Store.create`."""
    try:
        file.need_directory()
        with file.lock() as lock:
            if os.path.lexists(file.path):
                raise _taken(file)
            lock.fleeting = True
            file.write(state)
            lock.fleeting = False
    except OSError as error:
        raise refusal(error, file.name, file.path) from error


def rename(source: File, target: File) -> None:
    """See `Store.rename`. The two are in one directory: only there is it one step, which cannot be cut in two.

    The locks of both names are held, taken in the order of their paths, so no two processes can wait for each other.
    """
    if target.directory != source.directory:
        raise Usage(
            f"session {source.name} cannot be moved to another directory under the name {target.name}",
            hint="copy it there, then delete the old one",
        )
    try:
        if target.path == source.path:
            raise _taken(target)
        if not source.has_directory():
            raise _missing(source)
        first, second = sorted((source, target), key=lambda file: file.beside("lock"))
        with first.lock() as one, second.lock() as other:
            here, there = (one, other) if first is source else (other, one)
            here.fleeting, there.fleeting = not os.path.lexists(source.path), not os.path.lexists(target.path)
            if here.fleeting:
                raise _missing(source)
            if not there.fleeting:
                raise _taken(target)
            os.replace(source.path, target.path)
            here.fleeting, there.fleeting = True, False
            _remove(source.beside("tmp"))
            source.sync(source.directory)
        _drop_turn(source)
    except OSError as error:
        raise refusal(error, source.name, source.path) from error


def delete(file: File, only: SessionState | None) -> bool:
    """See `Store.delete`."""
    try:
        if not file.has_directory():
            return False
        with file.lock() as lock:
            if only is not None:
                from reqcli.session.operations import check_unchanged

                check_unchanged(file.name, file.load(), only)
            lock.fleeting = True
            _remove(file.beside("tmp"))
            is_gone = _remove(file.path)
            file.sync(file.directory)
        _drop_turn(file)
        return is_gone
    except OSError as error:
        raise refusal(error, file.name, file.path) from error


def tidy(directory: str, names: Collection[str], opened: Callable[[str], File] | None) -> list[str | ReqcliError]:
    """See `Store.tidy`.

    Args:
        directory: of the named sessions.
        names: of these.
        opened: gives the file of a name; None to take nothing away.
    """
    left: dict[str, list[str | ReqcliError]] = {}
    for entry in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
        stem, _, kind = entry.removeprefix(".").rpartition(".")
        is_stray = kind in ("lock", "serial") and stem not in names
        if entry.startswith(".") and is_name(stem) and (kind == "tmp" or is_stray):
            left.setdefault(stem, []).append(f"the file {os.path.join(directory, entry)}")
    if opened is not None:
        for stem in left:
            try:
                _tidy(opened(stem))
            except ReqcliError as error:
                left[stem] = [error]
    return [found for group in left.values() for found in group]


def _tidy(file: File) -> None:
    """Take away what killed processes left of a session; what one that is still at work needs is left."""
    try:
        with file.lock() as lock:
            _remove(file.beside("tmp"))
            lock.fleeting = not os.path.lexists(file.path)
        _drop_turn(file)
    except OSError as error:
        raise refusal(error, file.name, file.path) from error


def _drop_turn(file: File) -> None:
    """Take the turn's file away if its session is gone and nobody holds it; who does, does it in the end."""
    if os.path.lexists(file.beside("serial")):
        try:
            with turn(file, 0.0):
                pass
        except SessionLocked:
            pass


def fitting(state: SessionState, name: str) -> tuple[SessionState, bytes]:
    """A state whose document would be too long, without the cookies that make it so; and its document.

    Raises:
        StoreUnavailable: it is too long without them.
    """
    state = slimmed(state)
    data = dump(state)
    if len(data) > MAX_DOCUMENT:
        raise StoreUnavailable(
            f"session {name} would grow to {len(data)} bytes, and {MAX_DOCUMENT} are the limit",
            hint="forget headers or credentials that are no longer needed",
            retryable=False,
        )
    return state, data


def make_directory(path: str, sync: Callable[[str], None], *, is_private: bool) -> None:
    """Make a directory and those above it that are missing, closed to others, and have them outlive a crash.

    Args:
        path: of the directory.
        sync: has the names in a directory outlive a crash.
        is_private: whether it is there for sessions.

    Raises:
        StoreUnavailable: it is not, and so is for the user to make.
    """
    if not is_private:
        raise StoreUnavailable(
            f"there is no directory {path} to keep a session in",
            hint=f"make it: {command('mkdir', '-p', path)}",
            retryable=False,
        )
    parent = os.path.dirname(path) or os.curdir
    if not os.path.isdir(parent):
        make_directory(parent, sync, is_private=True)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return  # another process was quicker, and what it made is checked like any other
    sync(parent)


def _taken(file: File) -> SessionConflict:
    return SessionConflict(f"there is a session {file.name} already: {file.path}", retryable=False)


def _missing(file: File) -> SessionNotFound:
    return SessionNotFound(f"there is no session {file.name} ({file.path})")


def _remove(path: str) -> bool:
    """Take a file away; False if there is none."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
