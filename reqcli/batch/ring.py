"""Answers that are awaited together by one thread, and how other threads wake it."""

from __future__ import annotations

from math import ceil, inf
from time import monotonic
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from reqcli.net.readiness import MOST_SOCKETS, POLLIN, pair, poll

if TYPE_CHECKING:
    from reqcli.model.exchange import Awaited

T = TypeVar("T")


class Ring(Generic[T]):
    """What is awaited, each with something that its answer is for.

    One thread adds and waits; `wake` may be called from any.
    """

    def __init__(self) -> None:
        self._poll: Final = poll()
        self._awaited: Final[dict[int, tuple[Awaited, T]]] = {}
        self._left: Final[set[int]] = set()  # no longer awaited, but the poll still knows them: mostly they come again
        self._soonest = inf  # nothing expires before this
        self._ear, self._mouth = pair()
        self._ear.settimeout(0)
        self._mouth.settimeout(0)
        self._poll.register(self._ear.fileno(), POLLIN)
        self._is_asleep = False
        self._is_called = False

    def add(self, awaited: Awaited, what_for: T) -> bool:
        """Wait for this too; False if the system cannot wait for more."""
        if len(self._awaited) >= MOST_SOCKETS - 1:  # and the ear
            return False
        number = awaited.fileno()
        self._awaited[number] = (awaited, what_for)
        if number in self._left:
            self._left.discard(number)
        else:
            self._poll.register(number, POLLIN)
        if awaited.expires < self._soonest:
            self._soonest = awaited.expires
        return True

    def wait(self, until: float) -> list[T]:
        """Wait until something is there, or was not there in time, or `wake` was called, be it before.

        Args:
            until: monotonic seconds at which to return in any case.

        Returns:
            What those answers are for that are no longer to be awaited here.
        """
        while self._left:
            self._poll.unregister(self._left.pop())
        self._is_asleep = True  # first: who calls from now on sees it, and who has called before was heard
        events = self._poll.poll(0 if self._is_called else self._patience(until))
        self._is_asleep = self._is_called = False
        ready = []
        for number, event in events:
            found = self._awaited.get(number)
            if found is None:
                self._ear.recv(4096)
            elif found[0].take_in(event):
                del self._awaited[number]
                self._left.add(number)
                ready.append(found[1])
            else:
                self._soonest = min(self._soonest, found[0].expires)
        if self._soonest < inf and (now := monotonic()) >= self._soonest:
            ready += self._expired(now)
        return ready

    def wake(self) -> None:
        """Have `wait` return soon, if it is under way or comes next."""
        self._is_called = True
        if self._is_asleep:
            try:
                self._mouth.send(b".")
            except OSError:
                pass  # so much is there already that it wakes from that, or it is closed

    def close(self) -> None:
        """Let go; nobody is awaited any more. May be called while others `wake`."""
        self._ear.close()
        self._mouth.close()

    def _patience(self, until: float) -> int | None:
        """Milliseconds to wait at most, None for ever."""
        ends = min(until, self._soonest)
        return None if ends == inf else max(0, ceil((ends - monotonic()) * 1000))

    def _expired(self, now: float) -> list[T]:
        late = [number for number, (awaited, _) in self._awaited.items() if awaited.expires <= now]
        gone = [self._awaited[number][1] for number in late]
        for number in late:
            del self._awaited[number]
        self._left.update(late)
        self._soonest = min((awaited.expires for awaited, _ in self._awaited.values()), default=inf)
        return gone
