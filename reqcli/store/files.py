"""Sessions as files: one JSON document each, never torn, never half written, and no update to it ever lost.

How a commit is made (rename(2), fsync(2), flock(2)):

    lock the file `.NAME.lock`      one writer at a time; readers need no lock, for the next steps
    read the document again         others may have changed it since this run read it
    apply the operations to it      the same as before means: nothing to write
    write `.NAME.tmp`, mode 0600    a new file, O_EXCL; one that a killed writer left is taken away first
    fsync it                        before the rename, or a crash could leave the new name on an empty file
    rename it to `NAME.json`        at once: whoever opens the name gets the old document or the new one
    fsync the directory             only now does the new name outlive a crash, and only now is it acknowledged

A process killed anywhere on the way leaves the old document or the new one, and maybe the temporary file, whose
name is fixed so that there is never more than one. A disk that is full or broken is an error before the rename.

To read and to commit is all that a request does, and this module is all that it loads for that: what else can be done
to a session is in `reqcli.store.lifecycle`, and what is said of files that cannot be used in `reqcli.store.guard`.

Windows has no owner and no mode to check, cannot fsync a directory, and was not tested.
"""

from __future__ import annotations

import os
import sys
from stat import S_IFDIR, S_IFREG

from reqcli.errors import ReqcliError, Usage
from reqcli.store.names import check_name, is_name, is_path, names_a_file, new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final, Self

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState
    from reqcli.store.lifecycle import Turn

SUFFIX: Final = ".json"
LOCK_PATIENCE: Final = 10.0
"""Seconds to wait for other writers."""

_NO_FOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_READ: Final = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe must not hang
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW
_LOCK: Final = os.O_RDWR | os.O_CREAT | _NO_FOLLOW
_user: Final[Callable[[], int | None]] = getattr(os, "geteuid", lambda: None)
"""Tells whose the files are that this process makes; nobody's on Windows."""
_KIND_AND_OTHERS: Final = 0o170077
"""Of a mode, what kind of file it is, and what everybody but the owner may do with it."""
_OTHERS_WRITE: Final = 0o022
_USUAL: Final = 64 * 1024
"""Bytes of a document that nobody would call long."""


class FileStore:
    """A directory of session files. A name with a separator in it is the path of a file elsewhere.

    Args:
        directory: of the named sessions; made when the first one is stored.
        new_id: gives 32 random hexadecimal digits.
        lock_patience: seconds to wait for other writers.

    Attributes:
        seen: the last document that was read or written, its path and its state: under the lock it mostly is the same
            still, and is compared byte by byte in place of being understood again. One is enough: it may be long.
    """

    kind: Final = "files"

    def __init__(
        self, directory: str, new_id: Callable[[], str] = new_id, *, lock_patience: float = LOCK_PATIENCE
    ) -> None:
        self._directory: Final = directory
        self._new_id: Final = new_id
        self.patience: Final = lock_patience
        self.seen: tuple[bytes, str, SessionState] | None = None

    def read(self, name: str) -> SessionState | None:
        return self._file(name).read()

    def commit(self, name: str, base_id: str | None, operations: Sequence[Operation], now: float) -> SessionState:
        return self._file(name).commit(base_id, operations, now, self._new_id)

    def create(self, name: str, state: SessionState) -> None:
        from reqcli.store import lifecycle

        lifecycle.create(self._file(name), state)

    def rename(self, source: str, target: str) -> None:
        from reqcli.store import lifecycle

        lifecycle.rename(self._file(source), self._file(target))

    def delete(self, name: str, *, only: SessionState | None = None) -> bool:
        from reqcli.store import lifecycle

        return lifecycle.delete(self._file(name), only)

    def turn(self, name: str, patience: float) -> Turn:
        from reqcli.store.lifecycle import turn

        return turn(self._file(name), patience)

    def tidy(self, *, dry_run: bool) -> list[str | ReqcliError]:
        from reqcli.store.lifecycle import tidy

        names = set(self.names())  # checks the directory too
        return tidy(self._directory, names, None if dry_run else self._file)

    def names(self) -> list[str]:
        try:
            _check_directory(self._directory, _user())
            found = os.listdir(self._directory)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _refusal(error, "directory", self._directory) from error
        stems = [entry[: -len(SUFFIX)] for entry in found if entry.endswith(SUFFIX)]
        return sorted([stem for stem in stems if is_name(stem)])

    def survey(self) -> Iterator[tuple[str, SessionState | ReqcliError, int | None]]:
        from reqcli.session.document import load

        user = _user()
        beginning = os.path.join(self._directory, "")
        for name in self.names():  # which looks at the directory, once for all of them
            path = f"{beginning}{name}{SUFFIX}"
            found: SessionState | ReqcliError
            size = None
            try:
                data = _document(path, user)
                if data is None:
                    continue
                found, size = load(data, name, location=path), len(data)
            except ReqcliError as error:
                found = error
            except OSError as error:
                found = _refusal(error, name, path)
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
            return SessionFile(self, name, directory, filename, filename, is_private=False)
        check_name(name)
        return SessionFile(self, name, self._directory, name + SUFFIX, name, is_private=True)


class SessionFile:
    """One session in one file, with its lock and its temporary file beside it.

    Args:
        store: that it is one of.
        name: what messages call the session.
        directory: where it is.
        filename: of the document.
        stem: what the names of the other files are made of.
        is_private: whether the directory is there for sessions and nothing else, and so is made when it is
            missing and must be closed to others; any other one is only refused when others could replace files.
    """

    __slots__ = ("_is_private", "_stem", "_store", "_user", "directory", "name", "path")

    def __init__(
        self, store: FileStore, name: str, directory: str, filename: str, stem: str, *, is_private: bool
    ) -> None:
        self._store: Final = store
        self.name: Final = name
        self.directory: Final = directory
        self._is_private: Final = is_private
        self._user: Final = _user()
        self._stem: Final = stem
        self.path: Final = os.path.join(directory, filename)

    def beside(self, kind: str) -> str:
        """The path of one of the files that are there for this one: `lock`, `tmp` or `serial`."""
        return os.path.join(self.directory, f".{self._stem}.{kind}")

    def read(self) -> SessionState | None:
        """See `Store.read`. Six system calls: geteuid, lstat, open, fstat, read, close."""
        try:
            if self.has_directory():
                return self.load()
        except OSError as error:
            raise _refusal(error, self.name, self.path) from error
        if not self._is_private:
            self.need_directory()  # before anything is sent that could not be kept
        return None

    def commit(
        self, base_id: str | None, operations: Sequence[Operation], now: float, new_id: Callable[[], str]
    ) -> SessionState:
        """See `Store.commit`."""
        from reqcli.session.operations import apply, base_state

        try:
            self.need_directory()
            with self.lock() as lock:
                current = self.load()
                lock.fleeting = current is None
                before = base_state(self.name, current, base_id, now, new_id)
                after = apply(before, operations, now)
                if after is not before:
                    after = self.write(after)
                    lock.fleeting = False
                return after
        except OSError as error:
            raise _refusal(error, self.name, self.path) from error

    def lock(self, kind: str = "lock", patience: float | None = None) -> FileLock:
        """What whoever changes the session holds meanwhile; with a kind and a patience (in seconds) another one."""
        return FileLock(self.beside(kind), self._store.patience if patience is None else patience, self.name)

    def has_directory(self) -> bool:
        """Whether the directory is there, and fit to be used."""
        try:
            if self._is_private:
                _check_directory(self.directory, self._user)
            else:
                status = os.stat(self.directory)
                if status.st_mode & _OTHERS_WRITE:
                    from reqcli.store import guard

                    guard.check_surroundings(status, self.directory, self._user)
        except FileNotFoundError:
            return False
        return True

    def need_directory(self) -> None:
        """Make the directory if it is missing and one for sessions.

        Raises:
            StoreUnavailable: it is another one, which the user has to make.
        """
        if not self.has_directory():
            from reqcli.store.lifecycle import make_directory

            make_directory(self.directory, self.sync, is_private=self._is_private)
            self.has_directory()

    def load(self) -> SessionState | None:
        """What is stored, None if nothing is."""
        data = _document(self.path, self._user)
        if data is None:
            return None
        from reqcli.session.document import load

        seen = self._store.seen
        if seen is not None and seen[0] == data and seen[1] == self.path:
            return seen[2]
        state = load(data, self.name, location=self.path)
        self._store.seen = data, self.path, state
        return state

    def write(self, state: SessionState) -> SessionState:
        """Put a new document in the place of the old one, and tell what it holds; we hold the lock."""
        from reqcli.session.document import MAX_DOCUMENT, dump

        data = dump(state)
        if len(data) > MAX_DOCUMENT:
            from reqcli.store.lifecycle import fitting

            state, data = fitting(state, self.name)
        temporary = self.beside("tmp")
        try:
            fd = _open_new(temporary)
            try:
                left = memoryview(data)
                while left:
                    left = left[os.write(fd, left) :]
                os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(temporary, self.path)
        except BaseException:
            try:
                os.unlink(temporary)
            except FileNotFoundError:
                pass
            raise
        self._store.seen = data, self.path, state  # what is written is read as an equal state
        self.sync(self.directory)
        return state

    def sync(self, directory: str) -> None:
        """Make the names in a directory outlive a crash."""
        if os.name == "posix":
            fd = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


class FileLock:
    """The lock that lets one process at a time change a session: an advisory lock on a file beside it.

    It is held around a few reads and writes of files, never around a network call or a prompt. It dies with the process
    that holds it, however that ends, so there is no stale lock to break. The lock file exists as long as its session
    does. Taking it away is safe only with a check on the other side: who waited on the file that was taken away gets a
    lock that excludes nobody, notices that the path leads elsewhere by then, and begins again. On Windows it is never
    taken away.

    Args:
        path: of the lock file; made if it is not there.
        patience: seconds to wait for it.
        name: what messages call the session.

    Attributes:
        fleeting: take the lock file away at the end, because there is no session (any more) that it is for.
    """

    __slots__ = ("_fd", "_name", "_path", "_patience", "fleeting")

    def __init__(self, path: str, patience: float, name: str) -> None:
        self._path: Final = path
        self._patience: Final = patience
        self._name: Final = name
        self._fd = -1
        self.fleeting = False

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            SessionLocked: it was not to be had in time.
            OSError: the lock file cannot be opened or locked.
        """
        if not self._is_taken():
            from reqcli.store.locks import wait

            wait(self._is_taken, self._patience, self._path, self._name)
        return self

    def _is_taken(self) -> bool:
        """Try once, without waiting."""
        fd = os.open(self._path, _LOCK, 0o600)
        try:
            if _try_lock(fd) and _leads_to(self._path, fd):
                self._fd, fd = fd, -1
        finally:
            if fd >= 0:
                os.close(fd)
        return self._fd >= 0

    def __exit__(self, *_: object) -> None:
        try:
            if self.fleeting and sys.platform != "win32":
                os.unlink(self._path)
        except FileNotFoundError:
            pass
        finally:
            fd, self._fd = self._fd, -1
            try:
                # Closing would do, were there no child process that inherited the descriptor.
                _unlock(fd)
            finally:
                os.close(fd)


if sys.platform == "win32":
    from reqcli.store.locks import try_lock as _try_lock
    from reqcli.store.locks import unlock as _unlock
else:

    def _try_lock(fd: int) -> bool:
        from fcntl import LOCK_EX, LOCK_NB, flock  # it costs as much as a module, and who only reads does without

        try:
            flock(fd, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(fd: int) -> None:
        from fcntl import LOCK_UN, flock

        flock(fd, LOCK_UN)


def _leads_to(path: str, fd: int) -> bool:
    """Whether the file at the path is still the one that was opened."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(fd))
    except FileNotFoundError:
        return False


def _check_directory(path: str, user: int | None) -> None:
    """Refuse a directory of sessions that others can look into; see `guard.check_directory`, which says why."""
    status = os.lstat(path)
    if status.st_mode & _KIND_AND_OTHERS != S_IFDIR or status.st_uid != user:
        from reqcli.store import guard

        guard.check_directory(status, path, user)


def _document(path: str, user: int | None) -> bytes | None:
    """The bytes of a session's file, as many as are read of any; None if there is none. Four system calls.

    Raises:
        SessionInsecure: others may have read it, changed it or put it there; see `guard.check_file`, which says how.
        OSError: it cannot be opened or read.
    """
    try:
        fd = os.open(path, _READ)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(fd)
        if status.st_mode & _KIND_AND_OTHERS != S_IFREG or status.st_uid != user or status.st_nlink > 1:
            from reqcli.store import guard

            guard.check_file(status, path, user)
        size = status.st_size
        if size > _USUAL:
            from reqcli.session.document import MAX_DOCUMENT

            size = min(size, MAX_DOCUMENT + 1)
        data = os.read(fd, size)
        while len(data) < size and (more := os.read(fd, size - len(data))):
            data += more
        return data
    finally:
        os.close(fd)


def _open_new(path: str) -> int:
    """A new file, closed to others from the moment it exists; one left by a killed writer goes first."""
    try:
        return os.open(path, _CREATE, 0o600)
    except FileExistsError:
        os.unlink(path)
        return os.open(path, _CREATE, 0o600)


def _refusal(error: OSError, name: str, path: str) -> ReqcliError:
    from reqcli.store.guard import refusal

    return refusal(error, name, path)
