"""Requests for as long as the caller keeps the pipe open: one line in, one line out, and connections stay warm.

Every request is answered once, whatever happens: whoever claims a job first, a worker by beginning it or the reader by
giving it up, answers it. A job that is given up after it began has its connection cut, and answers `interrupted`
itself. So many jobs are open at a time; with more, no further line is read, a `cancel` neither, until one is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event, Lock, Semaphore, Thread
from typing import TYPE_CHECKING, Final

from reqcli.api.cancel import Cancel
from reqcli.batch.line import NO_ID, Line
from reqcli.batch.sink import Sink
from reqcli.errors import Interrupted, Usage
from reqcli.model.result import Result

if TYPE_CHECKING:
    from reqcli.batch.sink import Tally
    from reqcli.batch.source import Source
    from reqcli.batch.worker import Outcome, Worker

WAITING: Final = 1000
"""Requests that may wait for a thread."""


class _Job:
    __slots__ = ("cancel", "is_claimed", "line")

    def __init__(self, line: Line) -> None:
        self.line: Final = line
        self.cancel: Final = Cancel()
        self.is_claimed = False


class Service:
    """A service under way.

    Args:
        source: of the lines.
        hire: makes a worker; called in the thread that is to use it, and once for the thread that reads.
        write: puts results out.
        jobs: requests at a time.

    Attributes:
        ended: set when the last answer is out, after the end of the input or `stop`.
        failure: what ended it, or None.
    """

    def __init__(
        self, source: Source, hire: Callable[[], Worker], write: Callable[[bytes], None], *, jobs: int
    ) -> None:
        self._source: Final = source
        self._hire: Final = hire
        self._sink: Final = Sink(write)
        self._lock: Final = Lock()
        self._room: Final = Semaphore(jobs + WAITING)
        self._queue: Final[SimpleQueue[_Job | None]] = SimpleQueue()
        self._open: Final[set[_Job]] = set()
        self._by_id: Final[dict[str, _Job]] = {}
        self._stopping: Final = Event()
        self._working = jobs
        self._threads: Final = [
            Thread(target=self._read, daemon=True),
            *(Thread(target=self._work, daemon=True) for _ in range(jobs)),
        ]
        self.ended: Final = Event()
        self.failure: BaseException | None = None

    @property
    def tally(self) -> Tally:
        """What is known by now."""
        return self._sink.tally

    @property
    def is_idle(self) -> bool:
        """Whether every request that was read is answered."""
        return not self._open

    def start(self) -> None:
        """Let the threads begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no further line; what was read is answered. May be called again."""
        with self._lock:
            if self._stopping.is_set():
                return
            self._stopping.set()
        for _ in self._threads[1:]:
            self._queue.put(None)

    def _fail(self, error: BaseException) -> None:
        """Nobody can be answered any more: give up what is under way."""
        self.failure = self.failure or error
        self.stop()
        with self._lock:
            jobs = list(self._open)
        for job in jobs:
            job.cancel.cancel()

    def _read(self) -> None:
        try:
            worker = self._hire()
            while not self._stopping.is_set() and (text := self._source.next()) is not None:
                line = Line(self._source.number, text)
                target = line.cancels
                if target is not None:
                    self._give_up(target, worker)
                    continue
                self._room.acquire()
                self._take(_Job(line))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the service
            self._fail(error)
        self.stop()

    def _take(self, job: _Job) -> None:
        line = job.line
        with self._lock:
            if self._stopping.is_set():
                return
            if line.error is None and line.id != NO_ID:
                if line.id in self._by_id:
                    line.error = Usage(f"the id {line.id} belongs to a request that is not answered yet")
                else:
                    self._by_id[line.id] = job
            self._open.add(job)
            self._queue.put(job)

    def _give_up(self, target: str, worker: Worker) -> None:
        """Cancel a request; one that is answered, or never was, is nobody's."""
        with self._lock:
            job = self._by_id.get(target)
            if job is None:
                return
            is_ours = not job.is_claimed
            job.is_claimed = True
        job.cancel.cancel()
        if is_ours:
            self._answer(job, worker.told(job.line, Result(error=Interrupted("the request was cancelled"))))

    def _work(self) -> None:
        try:
            worker = self._hire()
            while (job := self._queue.get()) is not None:
                with self._lock:
                    is_ours = not job.is_claimed
                    job.is_claimed = True
                if is_ours:
                    self._answer(job, worker.run(job.line, job.cancel))
                self._room.release()
        except BaseException as error:  # noqa: BLE001 - as above
            self._fail(error)
        with self._lock:
            self._working -= 1
            is_last = not self._working
        if is_last:
            self.ended.set()

    def _answer(self, job: _Job, outcome: Outcome) -> None:
        with self._lock:  # before the answer is out: its id may be used again from then on
            if self._by_id.get(job.line.id) is job:
                del self._by_id[job.line.id]
        self._sink.put(0, outcome)
        with self._lock:
            self._open.discard(job)
