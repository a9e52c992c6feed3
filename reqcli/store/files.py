"""Sessions as files: one JSON document each, never torn, never half written, and no update to it ever lost.

How a commit is made (rename(2), fsync(2), flock(2)):

    lock the file `.NAME.lock`      one writer at a time; readers need no lock, for the next steps
    read the document again         others may have changed it since this run read it
    apply the operations to it      the same as before means: nothing to write
    write `.NAME.tmp`, mode 0600    a new file, O_EXCL; one that a killed writer left is taken away first
    fsync it                        before the rename, or a crash could leave the new name on an empty file
    rename it to `NAME.json`        at once: whoever opens the name gets the old document or the new one
    fsync the directory             only now does the new name outlive a crash, and only now is it acknowledged

Whoever renames a session holds the locks of both names, taken in the order of their paths. A run that is to be the
only one to send (`Store.turn`) holds `.NAME.serial` from before it reads the session until its last commit: this lock
is always taken first, and a run has one of them at most, so no two processes can wait for each other. It does not
end in `.lock`, for `.NAME.serial.lock` is the lock of the session `NAME.serial`.

A process killed anywhere on the way leaves the old document or the new one, and maybe the temporary file, whose
name is fixed so that there is never more than one. A disk that is full or broken is an error before the rename.

Windows has no owner and no mode to check, cannot fsync a directory, and was not tested.
"""

from __future__ import annotations

import os

from reqcli.errors import ReqcliError, SessionConflict, SessionLocked, SessionNotFound, StoreUnavailable, Usage
from reqcli.store import guard
from reqcli.store.names import check_name, is_name, is_path, names_a_file, new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.locks import FileLock

SUFFIX: Final = ".json"
LOCK_PATIENCE: Final = 10.0
"""Seconds to wait for other writers."""

_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW


class FileStore:
    """A directory of session files. A name with a separator in it is the path of a file elsewhere.

    Args:
        directory: of the named sessions; made when the first one is stored.
        new_id: gives 32 random hexadecimal digits.
        lock_patience: seconds to wait for other writers.
    """

    kind: Final = "files"

    def __init__(
        self, directory: str, new_id: Callable[[], str] = new_id, *, lock_patience: float = LOCK_PATIENCE
    ) -> None:
        self._directory: Final = directory
        self._new_id: Final = new_id
        self._patience: Final = lock_patience
        self._seen: Final[dict[str, tuple[bytes, SessionState]]] = {}

    def read(self, name: str) -> SessionState | None:
        return self._file(name).read()

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        return self._file(name).commit(base_id, operations, now, self._new_id)

    def create(self, name: str, state: SessionState) -> None:
        self._file(name).create(state)

    def rename(self, source: str, target: str) -> None:
        self._file(source).rename(self._file(target))

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        return self._file(name).delete(only)

    def turn(self, name: str, patience: float) -> FileLock:
        return self._file(name).turn(patience)

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        names = set(self.names())  # checks the directory too
        left: dict[str, list[str | ReqcliError]] = {}
        for entry in sorted(os.listdir(self._directory)) if os.path.isdir(self._directory) else ():
            stem, _, kind = entry.removeprefix(".").rpartition(".")
            is_stray = kind in ("lock", "serial") and stem not in names
            if entry.startswith(".") and is_name(stem) and (kind == "tmp" or is_stray):
                left.setdefault(stem, []).append(f"the file {os.path.join(self._directory, entry)}")
        for stem in left if not dry_run else ():
            try:
                self._file(stem).tidy()
            except ReqcliError as error:
                left[stem] = [error]
        return [found for group in left.values() for found in group]

    def names(self) -> list[str]:
        try:
            guard.check_directory(os.lstat(self._directory), self._directory, guard.user())
            found = os.listdir(self._directory)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise guard.refusal(error, "directory", self._directory) from error
        stems = [entry[: -len(SUFFIX)] for entry in found if entry.endswith(SUFFIX)]
        return sorted([stem for stem in stems if is_name(stem)])

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, int | None]]:
        from reqcli.session.document import load

        user = guard.user()
        beginning = os.path.join(self._directory, "")
        for name in self.names():  # which looks at the directory, once for all of them
            path = f"{beginning}{name}{SUFFIX}"
            found: SessionState | ReqcliError
            size = None
            try:
                data = guard.document(path, user)
                if data is None:
                    continue
                found, size = load(data, name, location=path), len(data)
            except ReqcliError as error:
                found = error
            except OSError as error:
                found = guard.refusal(error, name, path)
            yield name, found, size

    def location(self, name: str) -> str:
        return self._file(name).path

    def _file(self, name: str) -> SessionFile:
        if is_path(name):
            if not names_a_file(name):
                raise Usage(f"{name!a} is no path that there can be")
            directory, filename = os.path.split(name)
            if filename in ("", os.curdir, os.pardir):
                raise Usage(f"{name!a} is the path of a directory, not of a session file")
            return SessionFile(name, directory, filename, filename, self._patience, self._seen, is_private=False)
        check_name(name)
        return SessionFile(name, self._directory, name + SUFFIX, name, self._patience, self._seen, is_private=True)


class SessionFile:
    """One session in one file, with its lock and its temporary file beside it.

    Args:
        name: what messages call the session.
        directory: where it is.
        filename: of the document.
        stem: what the names of the other two are made of.
        patience: seconds to wait for other writers.
        seen: by path, the last document that was read or written, and its state: under the lock it mostly is the same
            still, and is compared byte by byte in place of being understood again.
        is_private: whether the directory is there for sessions and nothing else, and so is made when it is
            missing and must be closed to others; any other one is only refused when others could replace files.
    """

    __slots__ = (
        "_directory", "_is_private", "_name", "_patience", "_seen", "_stem", "_user", "path",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        directory: str,
        filename: str,
        stem: str,
        patience: float,
        seen: dict[str, tuple[bytes, SessionState]],
        *,
        is_private: bool,
    ) -> None:
        self._seen: Final = seen
        self._name: Final = name
        self._directory: Final = directory
        self._patience: Final = patience
        self._is_private: Final = is_private
        self._user: Final = guard.user()
        self._stem: Final = stem
        self.path: Final = os.path.join(directory, filename)

    @property
    def _lock_path(self) -> str:
        return os.path.join(self._directory, f".{self._stem}.lock")

    @property
    def _temp_path(self) -> str:
        return os.path.join(self._directory, f".{self._stem}.tmp")

    @property
    def _turn_path(self) -> str:
        return os.path.join(self._directory, f".{self._stem}.serial")

    def read(self) -> SessionState | None:
        """See `Store.read`. Six system calls: geteuid, lstat, open, fstat, read, close."""
        try:
            if self._has_directory():
                return self._load()
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error
        if not self._is_private:
            raise self._no_directory()  # before anything is sent that could not be kept
        return None

    def commit(
        self, base_id: str | None, operations: Sequence[Operation], now: float, new_id: Callable[[], str]
    ) -> SessionState:
        """See `Store.commit`."""
        from reqcli.session.operations import apply, base_state

        try:
            self._need_directory()
            with self._lock() as lock:
                current = self._load()
                lock.fleeting = current is None
                before = base_state(self._name, current, base_id, now, new_id)
                after = apply(before, operations, now)
                if after is not before:
                    after = self._write(after)
                    lock.fleeting = False
                return after
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error

    def create(self, state: SessionState) -> None:
        """See `Store.create`."""
        try:
            self._need_directory()
            with self._lock() as lock:
                if os.path.lexists(self.path):
                    raise self._taken()
                lock.fleeting = True
                self._write(state)
                lock.fleeting = False
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error

    def rename(self, target: SessionFile) -> None:
        """See `Store.rename`. The two are in one directory: only there is it one step, which cannot be cut in two."""
        if target._directory != self._directory:
            raise Usage(
                f"session {self._name} cannot be moved to another directory under the name {target._name}",
                hint="copy it there, then delete the old one",
            )
        try:
            if target.path == self.path:
                raise target._taken()
            if not self._has_directory():
                raise self._missing()
            first, second = sorted((self, target), key=lambda file: file._lock_path)
            with first._lock() as one, second._lock() as other:
                here, there = (one, other) if first is self else (other, one)
                here.fleeting, there.fleeting = not os.path.lexists(self.path), not os.path.lexists(target.path)
                if here.fleeting:
                    raise self._missing()
                if not there.fleeting:
                    raise target._taken()
                os.replace(self.path, target.path)
                here.fleeting, there.fleeting = True, False
                _remove(self._temp_path)
                _sync_directory(self._directory)
            self._drop_turn()
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error

    def delete(self, only: SessionState | None) -> bool:
        """See `Store.delete`."""
        try:
            if not self._has_directory():
                return False
            with self._lock() as lock:
                if only is not None:
                    from reqcli.session.operations import check_unchanged

                    check_unchanged(self._name, self._load(), only)
                lock.fleeting = True
                _remove(self._temp_path)
                is_gone = _remove(self.path)
                _sync_directory(self._directory)
            self._drop_turn()
            return is_gone
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error

    def turn(self, patience: float) -> FileLock:
        """See `Store.turn`."""
        from reqcli.store.locks import Turn

        try:
            self._need_directory()
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error
        return Turn(self._turn_path, patience, self._name, self.path)

    def tidy(self) -> None:
        """Take away what killed processes left of this session; what one that is still at work needs is left."""
        try:
            with self._lock() as lock:
                _remove(self._temp_path)
                lock.fleeting = not os.path.lexists(self.path)
            self._drop_turn()
        except OSError as error:
            raise guard.refusal(error, self._name, self.path) from error

    def _drop_turn(self) -> None:
        """Take the turn's file away if its session is gone and nobody holds it; who does, does it in the end."""
        if os.path.lexists(self._turn_path):
            try:
                with self.turn(0.0):
                    pass
            except SessionLocked:
                pass

    def _taken(self) -> SessionConflict:
        return SessionConflict(f"there is a session {self._name} already: {self.path}", retryable=False)

    def _missing(self) -> SessionNotFound:
        return SessionNotFound(f"there is no session {self._name} ({self.path})")

    def _lock(self) -> FileLock:
        from reqcli.store.locks import FileLock

        return FileLock(self._lock_path, self._patience, self._name)

    def _has_directory(self) -> bool:
        """Whether the directory is there, and fit to be used."""
        try:
            if self._is_private:
                guard.check_directory(os.lstat(self._directory), self._directory, self._user)
            else:
                guard.check_surroundings(os.stat(self._directory), self._directory, self._user)
        except FileNotFoundError:
            return False
        return True

    def _no_directory(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"there is no directory {self._directory} to keep a session in",
            hint=f"make it: {guard.command('mkdir', '-p', self._directory)}",
            retryable=False,
        )

    def _need_directory(self) -> None:
        if self._has_directory():
            return
        if not self._is_private:
            raise self._no_directory()
        _make_directory(self._directory)
        self._has_directory()

    def _load(self) -> SessionState | None:
        data = guard.document(self.path, self._user)
        if data is None:
            return None
        from reqcli.session.document import load

        seen = self._seen.get(self.path)
        if seen is not None and seen[0] == data:
            return seen[1]
        state = load(data, self._name, location=self.path)
        self._note(data, state)
        return state

    def _note(self, data: bytes, state: SessionState) -> None:
        """Keep a document with what it says, for the next time that it is read."""
        self._seen.clear()  # one is enough, and they may be long
        self._seen[self.path] = (data, state)

    def _write(self, state: SessionState) -> SessionState:
        """Put a new document in the place of the old one, and tell what it holds; we hold the lock."""
        from reqcli.session.document import MAX_DOCUMENT, dump, slimmed

        data = dump(state)
        if len(data) > MAX_DOCUMENT:
            state = slimmed(state)
            data = dump(state)
        if len(data) > MAX_DOCUMENT:
            raise StoreUnavailable(
                f"session {self._name} would grow to {len(data)} bytes, and {MAX_DOCUMENT} are the limit",
                hint="forget headers or credentials that are no longer needed",
                retryable=False,
            )
        try:
            fd = _open_new(self._temp_path)
            try:
                _write_all(fd, data)
                os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(self._temp_path, self.path)
        except BaseException:
            _remove(self._temp_path)
            raise
        self._note(data, state)  # what is written is read as an equal state
        _sync_directory(self._directory)
        return state


def _open_new(path: str) -> int:
    """A new file, closed to others from the moment it exists; one left by a killed writer goes first."""
    try:
        return os.open(path, _CREATE, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, _CREATE, 0o600)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _remove(path: str) -> bool:
    """Take a file away; False if there is none."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _sync_directory(path: str) -> None:
    """Make the names in a directory outlive a crash."""
    if os.name != "posix":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _make_directory(path: str) -> None:
    """Make a directory and those above it that are missing, closed to others, and have them outlive a crash."""
    parent = os.path.dirname(path) or os.curdir
    if not os.path.isdir(parent):
        _make_directory(parent)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return  # another process was quicker, and what it made is checked like any other
    _sync_directory(parent)
