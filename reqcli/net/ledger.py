"""The books of a pool: which connection serves whom, decided without touching a socket, a clock or a lock.

A connection is a number here, and is in exactly one state:

    (unknown) ──reserve──▶ reserved ──release──▶ idle ──reserve──▶ reserved
                               │                  │
                               │ not reusable     │ expired, or closed to make room
                               ▼                  ▼
                           forgotten          forgotten

A number is reserved before its connection exists, so a slow dial holds its place and the limits are never
passed. Who finds no place queues up; what frees a place hands it to the first in the queue whom it serves, so
nobody slips in between. Of the idle ones the last used goes first, and those left over grow old (LIFO). To make
room under the total, the one that was idle longest goes.
"""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import Final


class Decision(Value):
    """What to do for one request.

    Args:
        action: `use` the idle connection `number`, `open` a new one under `number`, or `wait` with it as a ticket.
        number: a connection that is reserved now, or a ticket.
        close: connections that the books have forgotten and that must be closed.
    """

    __slots__ = ("action", "close", "number")

    def __init__(self, action: str, number: int, close: tuple[int, ...] = ()) -> None:
        self.action: Final = action
        self.number: Final = number
        self.close: Final = close


class _Account:
    """What one key has: how many connections in all, and the idle ones, last used at the end."""

    __slots__ = ("idle", "key", "open")

    def __init__(self, key: Hashable) -> None:
        self.key: Final = key
        self.open = 0
        self.idle: Final[list[int]] = []


class Ledger:
    """Who is idle, who is reserved, who waits.

    Args:
        per_key: connections for one key at most, idle and reserved together.
        total: connections at most.
        idle: seconds that an unused connection is kept; 0 keeps none.
    """

    __slots__ = (
        "_accounts", "_expiry", "_last", "_lifetime", "_owners", "_queue", "_recent", "_soonest", "per_key", "total",
    )  # fmt: skip

    def __init__(self, *, per_key: int, total: int, idle: float) -> None:
        self.per_key: Final = per_key
        self.total: Final = total
        self._lifetime = idle
        self._last = 0
        self._accounts: Final[dict[Hashable, _Account]] = {}
        self._recent: tuple[Hashable, _Account] = (None, _Account(None))  # to know a key again without comparing it
        self._owners: Final[dict[int, _Account]] = {}  # of every connection that is not forgotten
        self._expiry: Final[dict[int, float]] = {}  # of every idle one, longest idle first
        self._soonest = float("inf")  # no idle one expires before this
        self._queue: Final[dict[int, tuple[Hashable, bool]]] = {}  # first come first

    def reuse(self, key: Hashable, now: float) -> int:
        """The connection for a key that was idle shortest, reserved from now on; 0 if it takes `reserve` to find one.

        Args:
            key: what connections must agree in to stand in for one another.
            now: monotonic seconds.
        """
        recent, account = self._recent
        if key is not recent or not account.idle:
            found = self._accounts.get(key)
            if found is None or not found.idle:
                return 0
            account = found
            self._recent = (key, account)
        if now >= self._soonest:
            return 0
        number = account.idle.pop()
        del self._expiry[number]
        return number

    def reserve(self, key: Hashable, now: float, *, fresh: bool = False) -> Decision:
        """Find a connection for a key, or queue up for one.

        Args:
            key: what connections must agree in to stand in for one another.
            now: monotonic seconds.
            fresh: only a new connection will do.
        """
        gone = self._expire(now) if now >= self._soonest else ()
        decision = self._take(key, fresh, gone)
        if decision is None:
            self._last += 1
            self._queue[self._last] = (key, fresh)
            return Decision("wait", self._last, gone)
        return decision

    def release(self, number: int, now: float, *, keep: float) -> tuple[bool, list[tuple[int, Decision]]]:
        """Give a reserved connection back.

        Args:
            number: the connection.
            now: monotonic seconds.
            keep: seconds that it may be used again for: 0 if not at all, infinite if the server set no limit.

        Returns:
            Whether it is kept idle (else close it), and the tickets that are served now with their decisions.
        """
        lifetime = keep if keep < self._lifetime else self._lifetime
        kept = lifetime > 0
        if kept:
            self._expiry[number] = expiry = now + lifetime
            if expiry < self._soonest:
                self._soonest = expiry
            self._owners[number].idle.append(number)
        else:
            self._forget(number)
        return kept, self._serve_queue() if self._queue else []

    def withdraw(self, ticket: int) -> bool:
        """Leave the queue. False when the ticket was served already."""
        return self._queue.pop(ticket, None) is not None

    def retire(self) -> tuple[int, ...]:
        """Forget every idle connection, to be closed, and keep none from now on."""
        self._lifetime = 0.0
        return tuple(self._discard(number) for number in list(self._expiry))

    def __repr__(self) -> str:
        idle, waiting = len(self._expiry), len(self._queue)
        return f"<Ledger reserved={len(self._owners) - idle} idle={idle} waiting={waiting}>"

    def _take(self, key: Hashable, fresh: bool, gone: tuple[int, ...] = ()) -> Decision | None:
        account = self._accounts.get(key) or _Account(key)
        if account.idle and not fresh:
            number = account.idle.pop()
            del self._expiry[number]
            return Decision("use", number, gone)
        if account.open >= self.per_key:
            if not account.idle:
                return None
            gone += (self._discard(account.idle[0]),)
        elif len(self._owners) >= self.total:
            if not self._expiry:
                return None
            gone += (self._discard(next(iter(self._expiry))),)
        self._last += 1
        account.open += 1
        self._accounts[key] = self._owners[self._last] = account
        return Decision("open", self._last, gone)

    def _serve_queue(self) -> list[tuple[int, Decision]]:
        served = []
        for ticket, (key, fresh) in list(self._queue.items()):
            decision = self._take(key, fresh)
            if decision is not None:
                del self._queue[ticket]
                served.append((ticket, decision))
        return served

    def _expire(self, now: float) -> tuple[int, ...]:
        gone = tuple(self._discard(number) for number, expiry in list(self._expiry.items()) if expiry <= now)
        self._soonest = min(self._expiry.values(), default=float("inf"))
        return gone

    def _discard(self, number: int) -> int:
        """Forget an idle connection."""
        del self._expiry[number]
        self._owners[number].idle.remove(number)
        return self._forget(number)

    def _forget(self, number: int) -> int:
        account = self._owners.pop(number)
        account.open -= 1
        if not account.open:
            del self._accounts[account.key]
        return number
