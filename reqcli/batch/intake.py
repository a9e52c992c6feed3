"""The lines of the input, read ahead by a thread of its own: whoever sends requests never waits for the next line.

Somebody may write a line, wait for its answer and only then write the next one. So a line is at hand as soon as it is
there. How far the reading gets ahead has an end, so what is held does not grow with the input.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reqcli.batch.source import Source

MOST_LINES: Final = 256
"""Lines that are read ahead."""

MOST_BYTES: Final = 1024 * 1024
"""Bytes that are read ahead, one line apart."""

Text = tuple[int, bytes, int]
"""A line's number, what it says, and how many bytes of the input end with it."""


class Intake:
    """A source that is read by a thread.

    Args:
        source: of the lines.
        wake: called when there is a line again, or the end, for somebody who found none.

    Attributes:
        failure: what ended the reading before the end, or None.
    """

    def __init__(self, source: Source, wake: Callable[[], None]) -> None:
        self._source: Final = source
        self._wake: Final = wake
        self._lines: Final[deque[Text]] = deque()
        self._bytes_read = 0
        self._bytes_taken = 0
        self._room: Final = Condition()
        self._is_full = False
        self._has_ended = False
        self.failure: BaseException | None = None

    def start(self) -> None:
        """Begin to read. The thread may wait for input for ever, so it keeps no process alive."""
        Thread(target=self._read, daemon=True).start()

    def take(self) -> Text | None:
        """The next line, None if none is there now. One thread at a time may ask."""
        if not self._lines:
            return None
        text = self._lines.popleft()
        self._bytes_taken += len(text[1])
        if self._is_full and len(self._lines) <= MOST_LINES // 2:  # without the lock: who sets it then looks for room
            with self._room:
                if self._has_room():
                    self._room.notify()
        return text

    @property
    def is_empty(self) -> bool:
        """Whether no line is there now."""
        return not self._lines

    @property
    def is_over(self) -> bool:
        """Whether every line was taken and none will come."""
        return self._has_ended and not self._lines

    def _read(self) -> None:
        source, lines = self._source, self._lines
        try:
            while (text := source.next()) is not None:
                self._bytes_read += len(text)
                lines.append((source.number, text, source.position))
                if len(lines) == 1:
                    self._wake()
                if len(lines) >= MOST_LINES or self._bytes_read - self._bytes_taken >= MOST_BYTES:
                    with self._room:
                        self._is_full = True
                        self._room.wait_for(self._has_room)
                        self._is_full = False
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the batch
            self.failure = error
        self._has_ended = True
        self._wake()

    def _has_room(self) -> bool:
        """Whether half of what was read ahead is taken: to read on after each line would cost more than the line."""
        ahead = self._bytes_read - self._bytes_taken
        return not self._lines or (len(self._lines) <= MOST_LINES // 2 and ahead <= MOST_BYTES // 2)
