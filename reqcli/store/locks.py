"""What is rarely needed of advisory locks: to wait for one, to lock what is no session's, and how Windows does it.

The lock of a session is in `reqcli.store.files`. On Windows a file is locked with `msvcrt`; that was not tested.
"""

from __future__ import annotations

import sys
import time

from reqcli.errors import SessionLocked
from reqcli.store.guard import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

TURN: Final = ".serial"
"""What the path of a lock ends with that is a turn (`Store.turn`)."""
FIRST_PAUSE: Final = 0.001
LONGEST_PAUSE: Final = 0.005
"""Seconds between two tries. Were the longest much longer than the first, who waits long would rarely ask, and
newcomers would always be quicker: with 40 writers and 20 ms the unluckiest waited for 4.3 s, with 5 ms for 0.8 s."""


def wait(is_taken: Callable[[], bool], patience: float, path: str, name: str) -> None:
    """Try again and again to take a lock that others have.

    Args:
        is_taken: tries once, and tells whether it succeeded.
        patience: seconds to wait.
        path: of the lock file.
        name: what messages call the session.

    Raises:
        SessionLocked: it was not to be had in time.
    """
    gives_up = time.monotonic() + patience
    pause = FIRST_PAUSE
    while time.monotonic() < gives_up:
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        if is_taken():
            return
    held = "was in use by others, which send one after the other," if path.endswith(TURN) else "was locked by others"
    raise SessionLocked(
        f"session {name} {held} for {patience:g} s",
        hint=f"another process is changing it or hangs; this tells which: {command('fuser', path)}",
    )


if sys.platform == "win32":
    import msvcrt
    import os

    def try_lock(fd: int) -> bool:
        """Lock an open file until it is unlocked or closed; whether nobody else has it locked."""
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def unlock(fd: int) -> None:
        """Let go of the lock."""
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

    def is_ours_alone(fd: int) -> bool:
        """There a lock keeps others from the bytes themselves: what is written to is not locked."""
        return True
else:
    import fcntl

    def is_ours_alone(fd: int) -> bool:
        """Lock an open file until it is closed; whether nobody else has it locked.

        Args:
            fd: of a file that several processes may write to, and one at a time should.

        Raises:
            OSError: it is none that can be locked.
        """
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
