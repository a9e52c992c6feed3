"""Where results go: written whole, by whichever thread is free to, in the order they finish or in that of the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from reqcli.batch.resume import Log
    from reqcli.batch.worker import Outcome

MOST_PENDING: Final = 1024 * 1024
"""Bytes that may wait to be written; with more, whoever has a result waits until they are out."""


class Tally:
    """What is known of a batch by now.

    Attributes:
        done: lines that have a result.
        skipped: lines that the log shows done.
        failures: how many lines failed, by their codes.
        first: of the failed lines the one that stands first in the input.
    """

    __slots__ = ("done", "failures", "first", "skipped")

    def __init__(self) -> None:
        self.done = 0
        self.skipped = 0
        self.failures: Final[Counter[str]] = Counter()
        self.first: Outcome | None = None

    @property
    def failed(self) -> int:
        """How many lines failed."""
        return self.failures.total()

    def count(self, outcome: Outcome) -> None:
        """Take one more result into account."""
        self.done += 1
        if outcome.error is not None:
            self.failures[outcome.error.code] += 1
            if self.first is None or outcome.line.number < self.first.line.number:
                self.first = outcome


class Sink:
    """Takes results from any thread.

    Args:
        write: puts bytes out, at once; it may wait for who reads them.
        ordered: whether results leave in the order of their places; then those that are too early are held back.
        log: where it is noted what is done, or None.
        left: is told how many results are on their way out, in `ordered`.
    """

    def __init__(
        self,
        write: Callable[[bytes], None],
        *,
        ordered: bool = False,
        log: Log | None = None,
        left: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.tally: Final = Tally()
        self._write: Final = write
        self._log: Final = log
        self._left: Final = left
        self._books: Final = Lock()
        self._pipe: Final = Lock()
        self._early: Final[dict[int, Outcome] | None] = {} if ordered else None
        self._next = 0
        self._pending: list[bytes] = []
        self._unnoted: list[Outcome] = []  # of those, as long as a log wants to know
        self._size = 0

    def put(self, place: int, outcome: Outcome) -> None:
        """Count a result and write it out, or leave that to the thread that is writing already.

        Args:
            place: of the line among those that are run, from 0.
            outcome: what became of it.

        Raises:
            BrokenPipeError: nobody reads the results any more.
            OutputFailed: they cannot be written.
        """
        self.take(place, outcome)
        self.drain()

    def take(self, place: int, outcome: Outcome) -> None:
        """Count a result, to be written with the next `drain`; see `put`."""
        ready = 0
        with self._books:
            self.tally.count(outcome)
            if self._early is None:
                self._leave(outcome)
            else:
                self._early[place] = outcome
                while (following := self._early.pop(self._next, None)) is not None:
                    self._leave(following)
                    self._next += 1
                    ready += 1
        if ready:
            self._left(ready)

    def _leave(self, outcome: Outcome) -> None:
        self._pending.append(outcome.data)
        self._size += len(outcome.data)
        if self._log is not None:
            self._unnoted.append(outcome)

    def drain(self) -> None:
        """Write what was taken. Who finds another at it leaves, and that one looks again when it is through."""
        while self._pending and self._pipe.acquire(blocking=self._size > MOST_PENDING):
            try:
                with self._books:
                    data, self._pending, self._size = self._pending, [], 0
                    outcomes, self._unnoted = self._unnoted, []
                if data:
                    self._write(b"".join(data))
                    if self._log is not None:
                        self._log.note(outcomes)  # afterwards: a line that is noted has its result out
            finally:
                self._pipe.release()
