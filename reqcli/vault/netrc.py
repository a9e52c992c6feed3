"""A netrc file: logins by host name, as ftp(1) brought them and curl keeps them.

Tokens are separated by blanks, may be quoted, and a `#` begins a comment; `machine NAME`, `default`, `login`,
`password`, `account`; `macdef` runs to the next empty line. The host of a URL must be the machine's name exactly,
nothing that a URL's other parts could be made to look like (CVE-2024-47081). A login that is asked for must be the
entry's login (CVE-2026-8926).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from reqcli.errors import SecretUnavailable
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

LARGEST: Final = 1024 * 1024
"""Bytes of a file that is read; a netrc is some lines."""


class Entry(Value):
    """One login; `machine` is None for the default entry."""

    __slots__ = ("login", "machine", "password")

    def __init__(self, machine: str | None, login: str | None, password: Secret | None) -> None:
        self.machine: Final = machine
        self.login: Final = login
        self.password: Final = password


class Netrc:
    """A file that is read when a credential is asked of it for the first time.

    Args:
        path: where it is.
        must_exist: whether a missing file is an error (the user named it) or simply knows nothing.
    """

    def __init__(self, path: str, *, must_exist: bool = False) -> None:
        self._path: Final = path
        self._must_exist: Final = must_exist
        self._entries: list[Entry] | None = None

    def credential(self, host: str) -> Credential | None:
        """The Basic credential for a host, or None: the machine's entry, else the default one.

        Args:
            host: normalised, as in `Origin`.

        Raises:
            SecretUnavailable: the file cannot be read, or others can read it.
        """
        if self._entries is None:
            self._entries = list(parse(self._text()))
        for wanted in (host, None):
            for entry in self._entries:
                if entry.machine == wanted:
                    if entry.login is None or entry.password is None:
                        return None
                    return Credential("basic", {"user": entry.login, "password": entry.password})
        return None

    def _text(self) -> str:
        try:
            fd = os.open(self._path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError as error:
            if self._must_exist:
                raise SecretUnavailable(f"there is no netrc file {self._path}") from error
            return ""
        except OSError as error:
            raise SecretUnavailable(f"cannot read {self._path}: {error.strerror}") from error
        with open(fd, "rb") as file:
            mode = os.fstat(fd).st_mode
            if os.name == "posix" and mode & 0o077:
                raise SecretUnavailable(
                    f"others can read or change the netrc file {self._path}",
                    hint=f"chmod 600 {self._path}, or leave it out with --ignore-netrc",
                )
            return file.read(LARGEST).decode(errors="surrogateescape")


def parse(text: str) -> Iterator[Entry]:
    """The entries of a netrc file, in order; what is no entry is passed over."""
    tokens = _tokens(text)
    machine: str | None = None
    values: dict[str, str] | None = None
    for token in tokens:
        if token in ("machine", "default"):
            if values is not None:
                yield _entry(machine, values)
            machine = next(tokens, "").lower().rstrip(".") if token == "machine" else None
            values = {}
        elif token in ("login", "password", "account") and values is not None:
            values.setdefault(token, next(tokens, ""))
    if values is not None:
        yield _entry(machine, values)


def _entry(machine: str | None, values: dict[str, str]) -> Entry:
    password = values.get("password")
    return Entry(machine, values.get("login"), None if password is None else Secret(password))


def _tokens(text: str) -> Iterator[str]:
    """The words of the file, quotes taken off, without comments and macros."""
    lines = iter(text.splitlines())
    for line in lines:
        position = 0
        while position < len(line):
            if line[position] in " \t":
                position += 1
                continue
            if line[position] == "#":
                break
            word, position = _word(line, position)
            if word == "macdef":
                for skipped in lines:
                    if not skipped.strip():
                        break
                break
            yield word


def _word(line: str, position: int) -> tuple[str, int]:
    """The word that begins here, and where it ends; a quoted one may hold blanks and `\\"`."""
    if line[position] != '"':
        end = position
        while end < len(line) and line[end] not in " \t":
            end += 1
        return line[position:end], end
    word: list[str] = []
    position += 1
    while position < len(line) and line[position] != '"':
        position += line[position] == "\\" and position + 1 < len(line)
        word.append(line[position])
        position += 1
    return "".join(word), position + 1
