"""The kept connections of one process, and who waits for one: the thread-safe shell around the ledger.

The lock is held around the books and never around IO: connections are dialled, polled, used and closed outside
it. A thread that must wait sleeps on a lock of its own, made when it is needed, so with one thread nothing of that
comes into being and `threading` stays unimported.

Mostly a connection is wanted again at once, for the same route, and nobody else waits. So what is put back stays at
hand first: in a list, which threads may add to and take from without a lock, and reserved in the books. Whoever opens
the books enters there what is at hand, so they are right whenever something is decided by them. Nobody sleeps beside a
connection that is at hand: who is to wait looks there once more when everybody can see that he waits, and who puts one
there looks for waiters afterwards.
"""

from __future__ import annotations

import _thread
import os
from time import monotonic

from reqcli.errors import Timeout
from reqcli.net.ledger import Decision, Ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import ClassVar, Final

    from reqcli.model.route import Route
    from reqcli.model.timing import Deadline
    from reqcli.net.connection import Connection


class _Waiter:
    """A thread in the queue, asleep until a decision is in its hands."""

    __slots__ = ("decision", "gate")

    def __init__(self) -> None:
        self.gate: Final = _thread.allocate_lock()
        self.gate.acquire()
        self.decision: Decision | None = None


class Stock:
    """Idle connections, and places for those in use.

    Args:
        per_route: connections for one route at most.
        total: connections at most.
        idle: seconds that an unused connection is kept.
        patience: seconds to wait for a free place.

    Attributes:
        forks: how often this process was forked off, it and its forebears; of a stock, when it was made. Where the two
            differ, the connections are the parent's.
    """

    __slots__ = ("_at_hand", "_idle", "_is_closed", "_ledger", "_lifetime", "_lock", "_patience", "_waiters", "born")

    forks: ClassVar[int] = 0

    def __init__(self, *, per_route: int, total: int, idle: float, patience: float) -> None:
        self.born: Final = Stock.forks
        self._lock: Final = _thread.allocate_lock()
        self._ledger: Final = Ledger(per_key=per_route, total=total, idle=idle)
        self._lifetime: Final = idle
        self._patience: Final = patience
        self._is_closed = False
        self._at_hand: Final[list[Connection]] = []  # last used last
        self._idle: Final[dict[int, Connection]] = {}  # those that are idle in the books
        self._waiters: Final[dict[int, _Waiter]] = {}

    def take(self, route: Route, deadline: Deadline, fresh: bool = False) -> tuple[Connection | None, int]:
        """Reserve a connection: an idle one, or None and the number under which a new one may be opened.

        Args:
            route: what it is for.
            deadline: bounds the wait, if there is one.
            fresh: only a new one will do.

        Raises:
            Timeout: no place became free.
        """
        waiter = None
        with self._lock:
            gone = self._enter()
            decision = self._ledger.reserve(route, monotonic(), fresh=fresh)
            if decision.action == "wait":
                waiter = self._waiters[decision.number] = _Waiter()
                gone += self._enter()
        self._discard((*gone, *decision.close))
        if waiter is not None:
            decision = self._wait(waiter, decision.number, route, deadline)
            self._discard(decision.close)
        return (self._idle.pop(decision.number) if decision.action == "use" else None), decision.number

    def take_idle(self, route: Route) -> Connection | None:
        """Reserve an idle connection, if there is one and nothing else is to be done for it."""
        now = monotonic()
        try:
            connection = self._at_hand.pop()
        except IndexError:
            pass
        else:
            if connection.route is route and now < connection.expires:
                return connection
            self._at_hand.append(connection)
        with self._lock:
            gone = self._enter()
            number = self._ledger.reuse(route, now)
            found = self._idle.pop(number) if number else None
        self._discard(gone)
        if found is not None:
            found.route = route  # an equal one
        return found

    def put_back(self, connection: Connection, keep: float) -> None:
        """Free a connection's place, and keep it for so many seconds at most, or close it."""
        if self.born != self.forks:
            connection.stream.abandon()
            return
        lifetime = keep if keep < self._lifetime else self._lifetime
        if lifetime > 0.0:
            connection.expires = monotonic() + lifetime
            self._at_hand.append(connection)
            if self._waiters or self._is_closed:
                with self._lock:
                    gone = self._enter()
                self._discard(gone)
        else:
            connection.stream.close()  # first: who is given its place may open another at once
            self.give_up(connection.number)

    def give_up(self, number: int) -> None:
        """Free a place whose connection never came to be."""
        with self._lock:
            self._serve(self._ledger.release(number, monotonic(), keep=0.0)[1])

    def close(self) -> None:
        """Close the idle connections and keep none from now on."""
        with self._lock:
            self._is_closed = True
            gone = (*self._enter(), *self._ledger.retire())
        self._discard(gone)

    def after_fork(self) -> Stock:
        """An empty stock for a child process. The connections stay the parent's; here they are only let go of."""
        for connection in (*self._idle.values(), *self._at_hand):
            connection.stream.abandon()
        self._idle.clear()
        self._at_hand.clear()
        ledger = self._ledger
        return Stock(per_route=ledger.per_key, total=ledger.total, idle=self._lifetime, patience=self._patience)

    def __repr__(self) -> str:
        with self._lock:
            gone = self._enter()
        self._discard(gone)
        return repr(self._ledger)

    def _enter(self) -> list[int]:
        """Enter into the books what is at hand, under the lock; gives what is to be discarded after it."""
        gone: list[int] = []
        while self._at_hand:
            try:
                connection = self._at_hand.pop(0)
            except IndexError:  # somebody took it just now
                break
            number, now = connection.number, monotonic()
            kept, served = self._ledger.release(number, now, keep=connection.expires - now)
            self._idle[number] = connection
            if not kept:
                gone.append(number)
            self._serve(served)
        return gone

    def _serve(self, served: Sequence[tuple[int, Decision]]) -> None:
        """Wake those whose turn it is; under the lock."""
        for ticket, decision in served:
            waiter = self._waiters.pop(ticket)
            waiter.decision = decision
            waiter.gate.release()

    def _wait(self, waiter: _Waiter, ticket: int, route: Route, deadline: Deadline) -> Decision:
        def interrupt() -> None:
            if self._leave_queue(ticket):
                waiter.gate.release()

        try:
            deadline.attach(interrupt)
            waiter.gate.acquire(timeout=deadline.left(self._patience, "connect"))
        except BaseException:
            if not self._leave_queue(ticket) and waiter.decision is not None:
                self._undo(waiter.decision)
            raise
        finally:
            deadline.detach()
        if self._leave_queue(ticket) or waiter.decision is None:
            deadline.left(self._patience, "connect")  # says so if it was the total that ran out
            raise Timeout(
                f"no connection to {route.origin} became free within {self._patience:g} s",
                phase="connect",
                hint="allow more connections at a time, or send fewer requests at once",
            )
        return waiter.decision

    def _leave_queue(self, ticket: int) -> bool:
        """False when a decision was made already."""
        with self._lock:
            left = self._ledger.withdraw(ticket)
            if left:
                del self._waiters[ticket]
        return left

    def _undo(self, decision: Decision) -> None:
        """Give back what was handed to a thread that no longer wants it."""
        self._discard(decision.close)
        if decision.action == "use":
            self.put_back(self._idle.pop(decision.number), self._lifetime)
        else:
            self.give_up(decision.number)

    def _discard(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self._idle.pop(number).stream.close()


def _note_fork() -> None:
    Stock.forks += 1


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_note_fork)
