"""A file that is closed to others: `{"file": "/absolute/path"}`. A line break at its end is no part of the secret."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.vault.answer import Answer
from reqcli.vault.sources import LARGEST, Source, malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class File:
    """Its content is read anew for each run; an orchestrator may have renewed it."""

    may_change = True

    def describe(self, where: object) -> str:
        return f"file {_path(where)}"

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        path = _path(where)
        try:
            # Opening a named pipe that nobody writes to must not hang.
            fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
            try:
                _check(fd, path)
                data = _read(fd, path, patience)
            finally:
                os.close(fd)
        except OSError as error:
            raise SecretUnavailable(f"cannot read the secret in {path}: {error.strerror}") from error
        secret = data.decode(errors="surrogateescape").removesuffix("\n").removesuffix("\r")
        if not secret:
            raise SecretUnavailable(f"the secret file {path} is empty")
        return Answer.of(secret)


def _path(where: object) -> str:
    if isinstance(where, str) and os.path.isabs(where) and "\0" not in where:
        return where
    raise malformed("file", '{"file": "/absolute/path"}')


def _check(fd: int, path: str) -> None:
    """Refuse a file that does not keep a secret."""
    mode = os.fstat(fd).st_mode
    if os.name == "posix" and mode & 0o077:
        from shlex import quote

        raise SecretUnavailable(
            f"others can read or change the secret file {path}",
            hint=f"chmod 600 {quote(path)}; where that cannot be done: --token-command {quote(f'cat {quote(path)}')}",
        )


def _read(fd: int, path: str, patience: float) -> bytes:
    """All of it. A pipe, as `<(command)` makes one, is waited for."""
    ends = time.monotonic() + patience
    data = b""
    while len(data) <= LARGEST:
        if os.name == "posix" and not select.select([fd], [], [], max(0.0, ends - time.monotonic()))[0]:
            raise Timeout(f"nothing came out of {path} in {patience:g} s", phase="secret")
        block = os.read(fd, LARGEST)
        if not block:
            return data
        data += block
    raise SecretUnavailable(f"the secret file {path} is longer than {LARGEST} bytes")


SOURCE: Final[Source] = File()
