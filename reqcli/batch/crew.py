"""Who runs the lines of a batch: one thread that has many requests out at a time, and others for what has to be waited
for.

The first thread sends what can be sent at once, waits for all answers together and writes out those that came whole.
Threads that each send and wait would hand the interpreter's lock to one another at every step, which costs several
times the work itself. What it cannot do without waiting alone, a new connection, a large body, an answer that is to be
stored, it hands to another thread, which goes on with lines of its own as long as those are of that kind too.

With results in order nobody gets further ahead than `WINDOW` lines, which bounds what is held back.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final

from reqcli.batch.intake import Intake
from reqcli.batch.line import Line
from reqcli.batch.ring import Ring
from reqcli.batch.sink import Sink

if TYPE_CHECKING:
    from reqcli.batch.pace import Pace
    from reqcli.batch.resume import Log
    from reqcli.batch.sink import Tally
    from reqcli.batch.source import Source
    from reqcli.batch.worker import Worker
    from reqcli.model.exchange import Awaited

WINDOW: Final = 64
"""Lines that may be ahead of the first that is not answered, for results in order; at least four to a job."""


class _Job:
    """A line, its place among those that are run, and the worker that runs it."""

    __slots__ = ("line", "place", "worker")

    def __init__(self, worker: Worker, place: int, line: Line) -> None:
        self.worker: Final = worker
        self.place: Final = place
        self.line: Final = line


class Crew:
    """A batch under way.

    Args:
        source: of the lines.
        hire: makes a worker, for one line at a time.
        write: puts results out.
        jobs: requests at a time.
        pace: when requests may begin; None for whenever a worker is free.
        ordered: whether results leave in the order of their lines.
        log: what is done already, and where more of it is noted.
        most_failures: after so many no further line is begun; None for no end.

    Attributes:
        ended: set when nothing is under way and nothing more will begin.
        failure: what ended the whole, or None.
        position: bytes of the input that the lines begun so far end with.
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
        self._hire: Final = hire
        self._jobs: Final = jobs
        self._waits_itself = jobs == 1  # there is nothing to do meanwhile
        self._pace: Final = pace
        self._log: Final = log
        self._most_failures: Final = most_failures
        self._sink: Final = Sink(write, ordered=ordered, log=log, left=self._move_up)
        self._ahead: float = max(WINDOW, 4 * jobs) if ordered else inf  # how many more may begin
        self._ring: Final[Ring[_Job]] = Ring()
        self._intake: Final = Intake(source, self._ring.wake)
        self._lock: Final = Lock()  # for taking a line
        self._free: Final[list[Worker]] = []
        self._hired = 0
        self._held_back: Line | None = None  # by the pace, until `_due`
        self._due = 0.0
        self._next_place = 0
        self._begun: Final[deque[tuple[Awaited, _Job]]] = deque()  # by others, for the first thread to await
        self._alone: Final[SimpleQueue[_Job | None]] = SimpleQueue()  # what has to be waited for alone
        self._idle_hands = 0  # threads that wait for such a one
        self._is_stopping = False
        self.busy: Final[set[int]] = set()
        self.ended: Final = Event()
        self.failure: BaseException | None = None
        self.position = 0

    @property
    def tally(self) -> Tally:
        """What is known by now."""
        return self._sink.tally

    def start(self) -> None:
        """Let the threads begin."""
        Thread(target=self.run, daemon=True).start()

    def stop(self) -> None:
        """Begin no further line; what is under way comes to its end."""
        self._is_stopping = True
        self._ring.wake()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, after `stop`."""
        with self._lock:  # or a line that is being taken would not show yet
            return not self.busy

    def run(self) -> None:
        """Be the first thread, until the end."""
        try:
            self._intake.start()
            while True:
                self._begin_lines()
                if self._is_over():
                    break
                may_begin = self._held_back is not None and not self._is_stopping
                self._take_in(self._ring.wait(self._due if may_begin else inf))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits for the batch
            self._fail(error)
        self._ring.close()
        with self._lock:
            self.ended.set()
            idle_hands = self._idle_hands
        for _ in range(idle_hands):
            self._alone.put(None)

    def _begin_lines(self) -> None:
        """Begin as many lines as may be under way, and see to those that others began."""
        while (job := self._take()) is not None:
            if self._waits_itself:
                self._sink.take(job.place, job.worker.run(job.line))  # `_run`, less a call for every line
                self._let_go([job])
                continue
            awaited = job.worker.begin(job.line)
            if awaited is None or not self._ring.add(awaited, job):
                self._hand_over(job)
        while self._begun:
            awaited, job = self._begun.popleft()
            if not self._ring.add(awaited, job):
                self._hand_over(job)

    def _is_over(self) -> bool:
        """Whether nothing is under way and nothing more will begin."""
        if self._intake.failure is not None and self._intake.is_over and not self._is_stopping:
            self._fail(self._intake.failure)
        with self._lock:  # or a line that is being taken would be neither left nor under way
            return not self.busy and (self._is_stopping or (self._intake.is_over and self._held_back is None))

    def _take_in(self, ready: list[_Job]) -> None:
        """Write out what came whole, and hand over what did not."""
        done = []
        for job in ready:
            call = job.worker.call
            if call is not None and call.is_at_hand:
                self._sink.take(job.place, job.worker.run(job.line))
                done.append(job)
            else:
                self._hand_over(job)
        if done:
            self._let_go(done)

    def _let_go(self, done: list[_Job]) -> None:
        """Write the results of these jobs, and be done with them."""
        if self._most_failures is not None and self.tally.failed >= self._most_failures:
            self.stop()  # before a worker is free for the next line
        try:
            self._sink.drain()
        except BaseException as error:  # noqa: BLE001 - as above
            self._fail(error)
        finally:
            for job in done:
                self._free.append(job.worker)
                self.busy.discard(job.place)

    def _hand_over(self, job: _Job) -> None:
        """Have a thread that waits for nothing else do this, a new one if all have something to do."""
        with self._lock:
            is_one_idle = self._idle_hands > 0
            self._idle_hands -= is_one_idle
        if is_one_idle:
            self._alone.put(job)
            return
        try:
            Thread(target=self._help, args=(job,), daemon=True).start()
        except RuntimeError:  # the system gives no more: slowly is better than not at all
            self._run(job)

    def _run(self, job: _Job) -> None:
        """Run a line, for as long as that takes."""
        self._sink.take(job.place, job.worker.run(job.line))
        self._let_go([job])

    def _help(self, job: _Job) -> None:
        """Run what has to be waited for alone, in a thread of its own."""
        following: _Job | None = job
        try:
            while following is not None:
                job = following
                self._run(job)
                following = self._take_alone()
                if following is None:
                    with self._lock:
                        if self.ended.is_set():
                            return
                        self._idle_hands += 1
                    self._ring.wake()
                    following = self._alone.get()
        except BaseException as error:  # noqa: BLE001 - as above
            self.busy.discard(job.place)
            self._fail(error)

    def _take_alone(self) -> _Job | None:
        """The next line, if it is another that has to be waited for alone."""
        job = self._take() if self._pace is None else None
        if job is None:
            return None
        awaited = job.worker.begin(job.line)
        if awaited is None:
            return job
        self._begun.append((awaited, job))
        return None

    def _take(self) -> _Job | None:
        """The next line and who is to run it; None if it is not time for one."""
        with self._lock:
            if self._is_stopping or self._ahead <= 0 or not (self._free or self._hired < self._jobs):
                return None
            line = self._next_line()
            if line is None:
                return None
            if self._free:
                worker = self._free.pop()
            else:
                worker = self._hire()
                self._hired += 1
            place = self._next_place
            self._next_place += 1
            self._ahead -= 1
            self.busy.add(place)
            return _Job(worker, place, line)

    def _next_line(self) -> Line | None:
        """The next line that is not done already, when it may begin."""
        line = self._held_back
        if line is not None:
            if monotonic() < self._due:
                return None
            self._held_back = None
            return line
        while not self._is_stopping and (text := self._intake.take()) is not None:
            number, said, self.position = text
            line = Line(number, said)
            if self._log is not None and self._log.has(line):
                self.tally.skipped += 1
                continue
            if self._pace is None:
                return line
            now = monotonic()
            pause = self._pace.wait(now)
            if not pause:
                return line
            self._held_back, self._due = line, now + pause
            return None
        return None

    def _move_up(self, count: int) -> None:
        with self._lock:
            was_last = self._ahead <= 0
            self._ahead += count
        if was_last:
            self._ring.wake()  # whoever came to the end of the window sleeps

    def _fail(self, error: BaseException) -> None:
        """Begin nothing more, and let whoever waits for the batch raise this."""
        self.failure = self.failure or error
        self.stop()
