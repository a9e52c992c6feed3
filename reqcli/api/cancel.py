"""Giving up a call from another thread: what the call waits for is interrupted under it, and it ends as `interrupted`.

The thread that runs the call says, before each wait on a connection, what would wake it (`Deadline.attach`), and
takes that back before the connection can go to anybody else (`detach`). Both happen under the lock under which
`cancel` interrupts, so no other call's connection is ever hit. Two waits are not ended, and are bounded by their own
limits: the system's name resolution, and a command or file that a secret comes from.
"""

from __future__ import annotations

import _thread
from time import monotonic

from reqcli.errors import Interrupted
from reqcli.model.timing import Deadline, Timeouts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.model.result import Result


class Cancel:
    """What gives up one call; hand it to `Session.send` or `Session.stream`, and call `cancel` from anywhere.

    Attributes:
        is_cancelled: whether it was called.
    """

    __slots__ = ("_interrupt", "_lock", "is_cancelled")

    def __init__(self) -> None:
        self._lock: Final = _thread.allocate_lock()
        self._interrupt: Callable[[], None] | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """Give the call up, now or as soon as it begins; one that is over already is not touched. May be repeated."""
        with self._lock:
            self.is_cancelled = True
            if self._interrupt is not None:
                self._interrupt()
                self._interrupt = None

    def attach(self, interrupt: Callable[[], None]) -> None:
        """See `Deadline.attach`."""
        with self._lock:
            self._interrupt = interrupt
        self.check()

    def detach(self) -> None:
        """See `Deadline.detach`."""
        with self._lock:
            self._interrupt = None

    def check(self) -> None:
        """Pass by as long as nobody has given the call up.

        Raises:
            Interrupted: somebody has.
        """
        if self.is_cancelled:
            raise Interrupted("the request was cancelled")

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until the call is given up."""
        gate = _thread.allocate_lock()
        gate.acquire()
        self.attach(gate.release)
        try:
            gate.acquire(timeout=seconds)
        finally:
            self.detach()
        self.check()

    def deadline(self, timeouts: Timeouts) -> Deadline:
        """The time a call has that this can give up."""
        return _Cancellable(timeouts, self)

    def settle(self, result: Result) -> None:
        """Say of a call that was given up and failed that this is why; what came all the same is left as it is."""
        if self.is_cancelled and result.error is not None:
            given_up = Interrupted("the request was cancelled")
            given_up.sent = result.error.sent
            result.error = given_up


class _Cancellable(Deadline):
    """A deadline that every wait asks whether the call goes on."""

    __slots__ = ("_cancel",)

    def __init__(self, timeouts: Timeouts, cancel: Cancel) -> None:
        super().__init__(timeouts, monotonic)
        self.is_plain = False
        self._cancel: Final = cancel

    def attach(self, interrupt: Callable[[], None]) -> None:
        self._cancel.attach(interrupt)

    def detach(self) -> None:
        self._cancel.detach()

    def left(self, limit: float, phase: str) -> float:
        self._cancel.check()
        return super().left(limit, phase)
