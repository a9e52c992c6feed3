"""The lines of the input, numbered and one at a time, so that what is held in memory does not grow with the input."""

from __future__ import annotations

from typing import BinaryIO, Final

from reqcli.errors import InputFailed

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line; what is longer is told of, and not kept."""

TOO_LONG: Final = b"\n"
"""What stands for a line that was too long: no line that is given begins with a line break."""


class Source:
    """Lines that say something: blank ones, and those that begin with `#`, are counted and passed over.

    Args:
        stream: where they come from.
        name: how messages call it.
        longest: bytes that a line may have.

    Attributes:
        number: of the last line read, from 1.
        position: bytes read so far.
    """

    __slots__ = ("_longest", "_name", "_stream", "number", "position")

    def __init__(self, stream: BinaryIO, name: str, longest: int = LONGEST_LINE) -> None:
        self._stream: Final = stream
        self._name: Final = name
        self._longest: Final = longest
        self.number = 0
        self.position = 0

    def next(self) -> bytes | None:
        """The next line without the blanks around it, `TOO_LONG` in place of one that is, None at the end.

        Raises:
            InputFailed: it cannot be read.
        """
        while True:
            line = self._read()
            if not line:
                return None
            self.number += 1
            if len(line) > self._longest:
                while not line.endswith(b"\n") and (line := self._read()):
                    pass
                return TOO_LONG
            if self.number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # of an editor that marks UTF-8
            line = line.strip()
            if line and not line.startswith(b"#"):
                return line

    def _read(self) -> bytes:
        try:
            line = self._stream.readline(self._longest + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputFailed(f"cannot read {self._name}: {reason}") from error
        self.position += len(line)
        return line
