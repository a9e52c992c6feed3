"""What a batch has done already: a log beside its results, by which a run that was cut short goes on.

Each line of it tells of one line of the input: `{"id":7,"line":12,"ok":true,"exit_code":0}`, and so does a file of
results, so that one can stand in for the log. A line of the input is known by its id, and by its number if it has none.
What failed is not done. The last line of a log may be torn, where its writer was killed: that one is not done either.
"""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any, Final

from reqcli.batch.line import NO_ID, id_text
from reqcli.errors import InputFailed, OutputFailed, Usage
from reqcli.store.locks import is_ours_alone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reqcli.batch.line import Line
    from reqcli.batch.worker import Outcome


class Log:
    """The log of a batch, read once and appended to.

    Args:
        path: of the file; it is made if there is none.

    Raises:
        InputFailed, OutputFailed: it cannot be read, or not be written.
        Usage: it is something else than a log.
    """

    def __init__(self, path: str) -> None:
        self._path: Final = path
        self._ids: Final[set[str]] = set()
        self._numbers: Final[set[int]] = set()
        try:
            self._file: Final = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                raise Usage(f"{path} is no file that a log could be read back from")
            if not is_ours_alone(self._file):  # two that read it at first would both send what it shows undone
                raise OutputFailed(
                    f"another batch is writing to {path}", hint="let it end, or give each a log of its own"
                )
            is_torn = self._read()
            if is_torn:
                self._append(b"\n")
        except BaseException:
            self.close()
            raise

    def has(self, line: Line) -> bool:
        """Whether a line of the input is done."""
        return line.number in self._numbers if line.id == NO_ID else line.id in self._ids

    def note(self, outcomes: Sequence[Outcome]) -> None:
        """Take down what became of these lines.

        Raises:
            OutputFailed: the log cannot be written.
        """
        self._append(b"".join([_noted(outcome) for outcome in outcomes]))

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _append(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise OutputFailed(f"cannot write {self._path}: {error.strerror}") from error

    def _read(self) -> bool:
        """Learn what is done; whether the last line is torn."""
        line, understood, read = b"\n", 0, 0
        try:
            with open(self._file, "rb", closefd=False) as file:
                for line in file:
                    read += 1
                    understood += self._learn(line)
        except OSError as error:
            raise InputFailed(f"cannot read {self._path}: {error.strerror}") from error
        is_torn = not line.endswith(b"\n")
        if read - is_torn > 0 and not understood:
            raise Usage(f"{self._path} is no log of a batch", hint="name a file that there is not yet, to begin one")
        return is_torn

    def _learn(self, line: bytes) -> bool:
        """Take up one line; False if it is none of a log, which a torn one is not."""
        try:
            said: Any = json.loads(line)
            number, ok, key = said["line"], said["ok"], id_text(said.get("id"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, Usage):
            return False
        if ok is True and key != NO_ID:
            self._ids.add(key)
        elif ok is True and isinstance(number, int):
            self._numbers.add(number)
        return True


def _noted(outcome: Outcome) -> bytes:
    line, error = outcome.line, outcome.error
    ok, status = ("true", 0) if error is None else ("false", error.exit_status)
    return f'{{"id":{line.id},"line":{line.number},"ok":{ok},"exit_code":{status}}}\n'.encode()
