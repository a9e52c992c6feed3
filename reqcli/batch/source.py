"""The lines of the input, numbered and one at a time, so that what is held in memory does not grow with the input."""

from __future__ import annotations

from typing import BinaryIO, Final

from reqcli.errors import InputFailed

LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of one line; what is longer is told of, and not kept."""

ENDLESS: Final = 4
"""So many times the length that a line may have is looked through for its end; who finds none there reads no lines."""

TOO_LONG: Final = b"\n"
"""What stands for a line that was too long: no line that is given begins with a line break."""


_OF_A_REMARK: Final = ord("#")

_AT_ONCE: Final = 1024 * 1024
"""Bytes read at once where they are not kept."""


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

    __slots__ = ("_is_within", "_longest", "_name", "_stream", "number", "position")

    def __init__(self, stream: BinaryIO, name: str, longest: int = LONGEST_LINE) -> None:
        self._stream: Final = stream
        self._name: Final = name
        self._longest: Final = longest
        self._is_within = False  # a line that is too long, and was told of
        self.number = 0
        self.position = 0

    def next(self) -> bytes | None:
        """The next line without the blanks around it, `TOO_LONG` in place of one that is, None at the end.

        Raises:
            InputFailed: it cannot be read, or a line has no end.
        """
        if self._is_within:
            self._pass_over()
        longest = self._longest
        while line := self._read(longest + 1):
            self.number += 1
            if len(line) > longest:
                self._is_within = not line.endswith(b"\n")
                return TOO_LONG
            if self.number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")  # of an editor that marks UTF-8
            line = line.strip()
            if line and line[0] != _OF_A_REMARK:
                return line
        return None

    def _pass_over(self) -> None:
        """Read to the end of a line that is too long."""
        size = self._longest
        while (line := self._read(_AT_ONCE)) and not line.endswith(b"\n"):
            size += len(line)
            if size > ENDLESS * self._longest:
                raise InputFailed(
                    f"line {self.number} of {self._name} does not end",
                    hint="each line is a request: a URL, or a JSON object",
                )
        self._is_within = False

    def _read(self, most: int) -> bytes:
        try:
            line = self._stream.readline(most)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise InputFailed(f"cannot read {self._name}: {reason}") from error
        self.position += len(line)
        return line
