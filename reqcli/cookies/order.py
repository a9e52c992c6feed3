"""The order in which cookies leave a jar that has no room: kept up as they come and go, not sorted for each anew.

Expired ones leave first, then those that are not Secure, then the oldest; of equals, the one that stands first in the
jar. Each cookie has an entry in a heap by what does not change (Secure, age, place), and one in a heap by the time of
its expiry: when that has come, it moves on to a heap of the expired ones. Entries of cookies that are gone stay in the
heaps until they come to the top; whether one still counts is told by the entry that is noted for the cookie.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, TypeAlias

    from reqcli.model.cookie import Cookie, CookieKey

_Entry: TypeAlias = "tuple[bool, float, int, int, CookieKey, float]"
"""Whether it is Secure, when it was created, its domain's place and its own, its key, and when it expires."""

_ROOM: Final = 64
_NEVER: Final = float("inf")


class Order:
    """The cookies of a jar, or of one of its domains, by who leaves first.

    Args:
        cookies: in the jar's order.
    """

    __slots__ = ("_domains", "_ends", "_entries", "_expired", "_heap", "_now", "_numbers")

    def __init__(self, cookies: Iterable[Cookie]) -> None:
        self._numbers: Final = count()
        self._domains: Final[dict[str, int]] = {}  # places: those that come later stand behind
        self._entries: Final = {cookie.key: self._entry(cookie) for cookie in cookies}
        self._now = 0.0
        self._sort()

    def add(self, cookie: Cookie) -> None:
        """Take note of a cookie that came into the jar, or in the place of another one of its key."""
        key = cookie.key
        entry = self._entries[key] = self._entry(cookie, self._entries.get(key))
        if len(self._heap) > 2 * len(self._entries) + _ROOM:
            self._sort()  # most of them are gone
            return
        heappush(self._heap, entry)
        if entry[5] < _NEVER:
            heappush(self._ends, (entry[5], entry))

    def discard(self, key: CookieKey, *, is_last: bool) -> None:
        """Take note of a cookie that left the jar, the last one of its domain or not."""
        del self._entries[key]
        if is_last:
            del self._domains[key[0].removeprefix(".")]

    def first(self, now: float) -> CookieKey:
        """The key of the cookie that can best be spared; there must be one.

        Args:
            now: seconds since the epoch.
        """
        if now < self._now:
            self._sort()  # what had expired has not yet
        self._now = now
        ends = self._ends
        while ends and ends[0][0] <= now:
            heappush(self._expired, heappop(ends)[1])
        return (self._top(self._expired) or self._top(self._heap))[4]  # type: ignore[index]  # as the caller says

    def _top(self, heap: list[_Entry]) -> _Entry | None:
        """The first entry that still counts."""
        while heap:
            if self._entries.get(heap[0][4]) is heap[0]:
                return heap[0]
            heappop(heap)
        return None

    def _entry(self, cookie: Cookie, old: _Entry | None = None) -> _Entry:
        expires = _NEVER if cookie.expires is None else cookie.expires
        if old is not None:
            return cookie.secure, cookie.created, old[2], old[3], old[4], expires
        place = self._domains.setdefault(cookie.domain, number := next(self._numbers))
        return cookie.secure, cookie.created, place, number, cookie.key, expires

    def _sort(self) -> None:
        """Make the heaps of what counts."""
        self._heap = list(self._entries.values())
        heapify(self._heap)
        self._ends = [(entry[5], entry) for entry in self._heap if entry[5] < _NEVER]
        heapify(self._ends)
        self._expired: list[_Entry] = []
