"""Standard input, read only when it was asked for or can be meant, and never waited for without a word."""

from __future__ import annotations

import os
import stat
from select import select

from reqcli.errors import InputFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO, Final

    from reqcli.cli.world import World

SILENCE: Final = 2.0
"""Seconds after which it is said that standard input is being waited for."""
BLOCK: Final = 124 * 1024
"""Bytes read at once; one chunk of a body fills two of the largest segments that TCP hands on, and no small third."""
PIPE: Final = 256 * 1024
"""Bytes that a pipe should hold, once it is clear that much comes through it; most begin with 64 KiB."""
_FULL: Final = 64 * 1024
"""Bytes that come at once from a pipe that was full."""
MOST_OF_A_TEXT: Final = 1024 * 1024
"""Bytes; what is longer is no secret, no format and no command."""


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """What comes from a file, as it comes."""
    read: Callable[[int], bytes] = getattr(file, "read1", file.read)  # what is there, without waiting for a whole block
    is_narrow = True
    while block := read(BLOCK):
        if is_narrow and len(block) >= _FULL:
            _widen(file)
            is_narrow = False
        yield block
        del block  # whoever passes it on lets it go, too: the next one takes its place in memory, and in the cache


def _widen(file: BinaryIO) -> None:
    """Let a pipe hold more, so that both of its ends are woken less often, where the system can and will."""
    try:
        from fcntl import F_GETPIPE_SZ, F_SETPIPE_SZ, fcntl

        if fcntl(file.fileno(), F_GETPIPE_SZ) < PIPE:  # whoever made it may have made it wider
            fcntl(file.fileno(), F_SETPIPE_SZ, PIPE)
    except (ImportError, OSError, ValueError):
        pass  # it is not Linux, or no pipe, or the user has too many of them


def patiently(world: World, what: str, *, leave_out: str = "") -> Iterator[bytes]:
    """What comes on standard input; when nothing has come for a while, the user is told what is waited for.

    Args:
        world: whose standard input.
        what: is read from there, as it follows «waiting for».
        leave_out: how to do without it.

    Raises:
        InputFailed: it is closed.
    """
    stdin = world.stdin
    if stdin is None:
        raise InputFailed("standard input is closed")
    try:
        is_terminal = stdin.isatty()
        ready = bool(select([stdin], [], [], SILENCE)[0])
    except (OSError, ValueError):
        ready = True  # not every input can be waited for; reading it can
    if not ready:
        how = "; Ctrl-D ends it" if is_terminal else ""
        world.say(f"reqcli: waiting for {what} on standard input{how}{leave_out}")
    yield from blocks(stdin)


def whole_text(world: World, what: str, most: int = MOST_OF_A_TEXT) -> bytes:
    """All that is piped in.

    Args:
        world: whose standard input.
        what: it is, as it follows «waiting for».
        most: bytes that it can have.

    Raises:
        InputFailed: it is closed, or does not end.
    """
    data = bytearray()
    for block in patiently(world, what):
        data += block
        if len(data) > most:
            raise InputFailed(f"standard input is longer than {what} can be")
    return bytes(data)


def may_hold_a_body(stdin: BinaryIO | None) -> bool:
    """Whether standard input was redirected to something that a body can come from (not a terminal, not /dev/null)."""
    if stdin is None:
        return False
    try:
        mode = os.fstat(stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def has_unread(stdin: BinaryIO) -> bool:
    """Whether bytes are waiting in a pipe, or a file is at its beginning; nothing is taken from there."""
    try:
        place = stdin.fileno()
        found = os.fstat(place)
        if stat.S_ISREG(found.st_mode):
            return found.st_size > 0 == os.lseek(place, 0, os.SEEK_CUR)
        if os.name != "posix" or not stat.S_ISFIFO(found.st_mode):
            return False
        from fcntl import ioctl
        from termios import FIONREAD

        return any(ioctl(place, FIONREAD, bytes(4)))
    except (OSError, ValueError):
        return False
