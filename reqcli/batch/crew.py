"""The threads of a batch: each takes the next line when it has done with the last, so nobody hands out work.

Reading, pacing and counting of places happen under one lock; it is held while the input makes everybody wait, for then
there is nothing else to do. With results in order nobody gets further ahead than `WINDOW` lines, which bounds what is
held back.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Semaphore, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from reqcli.batch.line import Line
from reqcli.batch.sink import Sink

if TYPE_CHECKING:
    from reqcli.batch.pace import Pace
    from reqcli.batch.resume import Log
    from reqcli.batch.sink import Tally
    from reqcli.batch.source import Source
    from reqcli.batch.worker import Worker

WINDOW: Final = 64
"""Lines that may be ahead of the first that is not answered, for results in order; at least four to a thread."""


class Crew:
    """A batch under way.

    Args:
        source: of the lines.
        hire: makes a worker; called in the thread that is to use it.
        write: puts results out.
        jobs: threads.
        pace: when requests may begin; None for whenever a thread is free.
        ordered: whether results leave in the order of their lines.
        log: what is done already, and where more of it is noted.
        most_failures: after so many no further line is begun; None for no end.

    Attributes:
        ended: set when nothing is under way and nothing more will begin; a thread may still wait for input by then.
        failure: what ended the whole, or None.
    """

    def __init__(
        self,
        source: Source,
        hire: Callable[[], Worker],
        write: Callable[[bytes], None],
        *,
        jobs: int,
        pace: Pace | None = None,
        ordered: bool = False,
        log: Log | None = None,
        most_failures: int | None = None,
    ) -> None:
        self._source: Final = source
        self._hire: Final = hire
        self._pace: Final = pace
        self._log: Final = log
        self._most_failures: Final = most_failures
        self._ahead: Final = Semaphore(max(WINDOW, 4 * jobs)) if ordered else None
        self._sink: Final = Sink(write, ordered=ordered, log=log, left=self._move_up)
        self._lock: Final = Lock()
        self._stopping: Final = Event()  # to wait for; the other is quicker to look at
        self._is_stopping = False
        self._next_place = 0
        self._working = jobs
        self._threads: Final = [Thread(target=self._work, daemon=True) for _ in range(jobs)]
        self.busy: Final[set[int]] = set()
        self.ended: Final = Event()
        self.failure: BaseException | None = None

    @property
    def tally(self) -> Tally:
        """What is known by now."""
        return self._sink.tally

    def start(self) -> None:
        """Let the threads begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin no further line; what is under way comes to its end."""
        self._is_stopping = True
        self._stopping.set()
        if self._ahead is not None:
            self._ahead.release(len(self._threads))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, after `stop`; a thread may wait for input that nobody wants any more."""
        return not self.busy

    def _work(self) -> None:
        try:
            run, put, busy = self._hire().run, self._sink.put, self.busy
            while (taken := self._take()) is not None:
                place, line = taken
                try:
                    put(place, run(line))
                finally:
                    busy.discard(place)
                if self._most_failures is not None and self.tally.failed >= self._most_failures:
                    self.stop()
                if self._is_stopping:
                    self._end_early()
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the batch
            self.failure = self.failure or error
            self.stop()
            self._end_early()
        with self._lock:
            self._working -= 1
            is_last = not self._working
        if is_last:
            self.ended.set()

    def _end_early(self) -> None:
        """After `stop`, end it if this was the last line under way: another thread may wait for input for ever."""
        if self.is_idle:
            self.ended.set()

    def _take(self) -> tuple[int, Line] | None:
        """The next line to run, and its place among them."""
        if self._ahead is not None:
            self._ahead.acquire()
        with self._lock:
            while not self._is_stopping:
                text = self._source.next()
                if text is None:
                    return None
                line = Line(self._source.number, text)
                if self._log is not None and self._log.has(line):
                    self.tally.skipped += 1
                    continue
                if self._pace is not None and (pause := self._pace.wait(monotonic())):
                    self._stopping.wait(pause)
                place = self._next_place
                self.busy.add(place)
                if self._is_stopping:
                    self.busy.discard(place)
                    break
                self._next_place += 1
                return place, line
        return None

    def _move_up(self, count: int) -> None:
        assert self._ahead is not None, "only results in order are held back"
        self._ahead.release(count)
