"""The lock that lets one process at a time change a session: an advisory lock on a file beside it.

A lock dies with the process that holds it, however that ends, so there is no stale lock to break. The lock file
exists as long as its session does. Taking it away is safe only with a check on the other side: who waited on
the file that was taken away gets a lock that excludes nobody, notices that the path leads elsewhere by then,
and begins again.

On Windows the file is locked with `msvcrt` and never taken away; that was not tested.
"""

from __future__ import annotations

import os
import sys
import time

from reqcli.errors import SessionLocked
from reqcli.store.guard import command, refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, Final, Self

if sys.platform == "win32":
    import msvcrt

    _BUSY: Final = PermissionError

    def _try_lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

    def _unlock(fd: int) -> None:
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

    def is_ours_alone(fd: int) -> bool:
        """There a lock keeps others from the bytes themselves: what is written to is not locked."""
        return True
else:
    import fcntl

    _BUSY: Final = BlockingIOError

    def _try_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)

    def is_ours_alone(fd: int) -> bool:
        """Lock an open file until it is closed; whether nobody else has it locked.

        Args:
            fd: of a file that several processes may write to, and one at a time should.

        Raises:
            OSError: it is none that can be locked.
        """
        try:
            _try_lock(fd)
        except _BUSY:
            return False
        return True


_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
FIRST_PAUSE: Final = 0.001
LONGEST_PAUSE: Final = 0.005
"""Seconds between two tries. Were the longest much longer than the first, who waits long would rarely ask, and
newcomers would always be quicker: with 40 writers and 20 ms the unluckiest waited for 4.3 s, with 5 ms for 0.8 s."""


class FileLock:
    """A lock to hold around a few reads and writes of files, never around a network call or a prompt.

    Args:
        path: of the lock file; made if it is not there.
        patience: seconds to wait for it.
        name: what messages call the session.

    Attributes:
        fleeting: take the lock file away at the end, because there is no session (any more) that it is for.
    """

    __slots__ = ("_fd", "_name", "_path", "_patience", "fleeting")
    _held: ClassVar = "was locked by others"

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
        gives_up = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while not self._is_taken():
            if time.monotonic() >= gives_up:
                raise SessionLocked(
                    f"session {self._name} {self._held} for {self._patience:g} s",
                    hint=f"another process is changing it or hangs; this tells which: {command('fuser', self._path)}",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        return self

    def _is_taken(self) -> bool:
        """Try once, without waiting."""
        fd = os.open(self._path, _FLAGS, 0o600)
        try:
            _try_lock(fd)
            if _leads_to(self._path, fd):
                self._fd, fd = fd, -1
        except _BUSY:
            pass
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


class Turn(FileLock):
    """The turn to send for a session (`Store.turn`): held over the network, and so never around a commit of others.

    Whoever lets go of it takes the file away if there is no session that it is for. Nobody else may: it would be
    another file by then for those who come later, while this one is still held.

    Args:
        path: of the lock file.
        patience: seconds to wait for it.
        name: what messages call the session.
        session_path: of the session's file.
    """

    __slots__ = ("_session_path",)
    _held: ClassVar = "was in use by others, which send one after the other,"

    def __init__(self, path: str, patience: float, name: str, session_path: str) -> None:
        super().__init__(path, patience, name)
        self._session_path: Final = session_path

    def __enter__(self) -> Self:
        """Take the turn.

        Raises:
            SessionLocked: it was not to be had in time.
            StoreUnavailable, SessionInsecure: the lock file cannot be opened or locked.
        """
        try:
            return super().__enter__()
        except OSError as error:
            raise refusal(error, self._name, self._path) from error

    def __exit__(self, *_: object) -> None:
        self.fleeting = not os.path.lexists(self._session_path)
        super().__exit__()


def _leads_to(path: str, fd: int) -> bool:
    """Whether the file at the path is still the one that was opened."""
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(fd))
