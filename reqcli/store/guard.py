"""What a session's file and directory must be before they are trusted, and the command that mends each fault.

A session holds what logs its user in. So its file is a regular file with one name, owned by the user and open to
nobody else, and the directory of sessions likewise; where one is not, it is refused and left as it is, because
somebody may have read it already and the user should know. The file is judged by its open descriptor, so that
what was checked is what is read.

Most are as they must be, which `reqcli.store.files` sees by itself: all others it brings here.
"""

from __future__ import annotations

import os
import stat
from errno import EACCES, ELOOP, EPERM, EROFS

from reqcli.errors import ReqcliError, SessionInsecure, StoreUnavailable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

OTHERS: Final = 0o077
"""The permission bits of everybody but the owner."""


def command(*words: str) -> str:
    """A command line to be pasted into a shell."""
    import shlex

    return shlex.join(words)


def user() -> int | None:
    """The id of the user that owns what this process makes, None where files have no such owner (Windows)."""
    return os.geteuid() if hasattr(os, "geteuid") else None


def check_file(status: os.stat_result, path: str, owner: int | None) -> None:
    """Refuse a session file that others may have read, changed or put there.

    Args:
        status: of the open file.
        path: for the message.
        owner: whose it must be; None to check the kind of file alone.

    Raises:
        SessionInsecure: with the command that mends it.
    """
    if not stat.S_ISREG(status.st_mode):
        raise SessionInsecure(f"{path} is not a regular file", hint="name another file for the session")
    if owner is None:
        return
    if status.st_uid != owner:
        raise _foreign(path, status.st_uid, owner)
    if status.st_mode & OTHERS:
        raise SessionInsecure(
            f"{path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"close it: {command('chmod', '600', path)}",
        )
    # Not «is 1»: it is 0 when a writer put a new file in its place after this one was opened.
    if status.st_nlink > 1:
        copy = f"{path}.copy"
        raise SessionInsecure(
            f"{path} is a hard link: the same file has {status.st_nlink} names",
            hint=f"make it a file of its own: {command('cp', '-p', path, copy)} && {command('mv', copy, path)}",
        )


def check_directory(status: os.stat_result, path: str, owner: int | None) -> None:
    """Refuse a directory of sessions that others can look into.

    Args:
        status: of the directory itself, links not followed.
        path: for the message.
        owner: whose it must be; None to check that it is a directory and nothing else.

    Raises:
        SessionInsecure: with the command that mends it.
    """
    if stat.S_ISLNK(status.st_mode):
        raise SessionInsecure(
            f"the session directory {path} is a symbolic link",
            hint=f"name the directory that it leads to instead: {_leads_to(path)}",
        )
    if not stat.S_ISDIR(status.st_mode):
        raise SessionInsecure(f"{path} is not a directory", hint="move it away, or keep the sessions elsewhere")
    if owner is None:
        return
    if status.st_uid != owner:
        raise _foreign(path, status.st_uid, owner)
    if status.st_mode & OTHERS:
        raise SessionInsecure(
            f"the session directory {path} is open to other users (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"close it: {command('chmod', '700', path)}",
        )


def check_surroundings(status: os.stat_result, path: str, owner: int | None) -> None:
    """Refuse a directory in which other users could put another file in the place of the session's.

    Writing by the user's own group is allowed: where every user has a group alone, as on Debian and Fedora, the
    usual mask makes every directory so.

    Args:
        status: of the directory, links followed.
        path: for the message.
        owner: None where permissions are not known.

    Raises:
        SessionInsecure: with the command that mends it.
    """
    if owner is None or status.st_mode & stat.S_ISVTX:
        return
    strangers = stat.S_IWOTH if status.st_gid == os.getegid() else stat.S_IWOTH | stat.S_IWGRP
    if status.st_mode & strangers:
        raise SessionInsecure(
            f"other users can replace files in {path} (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"close it to them: {command('chmod', 'go-w', path)}",
        )


def _leads_to(path: str) -> str:
    try:
        return os.path.join(os.path.dirname(path), os.readlink(path))
    except OSError:
        return f"see {command('ls', '-ld', path)}"


def _foreign(path: str, found: int, owner: int) -> SessionInsecure:
    return SessionInsecure(
        f"{path} belongs to another user (uid {found}, and this is uid {owner})",
        hint=f"run as that user, or take it over: {command('sudo', 'chown', str(owner), path)}",
    )


def refusal(error: OSError, name: str, path: str) -> ReqcliError:
    """The error to raise for one of the operating system.

    Args:
        error: what the system said.
        name: of the session.
        path: of its file, unless the error tells one.
    """
    where = os.fsdecode(error.filename) if error.filename else path
    if error.errno == ELOOP:
        return SessionInsecure(
            f"{where} is a symbolic link",
            hint=f'put the file itself there: mv "$({command("readlink", "-f", where)})" {command(where)}',
        )
    denied = error.errno in (EACCES, EPERM)
    way_out = "--stateless uses no session, and REQCLI_HOME names another place for them"
    return StoreUnavailable(
        f"session {name} cannot be read or written: {where}: {error.strerror}",
        hint=f"see who may: {command('ls', '-ld', os.path.dirname(where), where)}; {way_out}" if denied else way_out,
        retryable=not denied and error.errno != EROFS,
    )
