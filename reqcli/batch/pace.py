"""When the next request may begin, so that there are no more than so many in a second."""

from __future__ import annotations

from typing import Final


class Pace:
    """Evenly spaced starts. What was not used is lost: after a pause there is no burst to catch up.

    Args:
        rate: starts in a second.
    """

    __slots__ = ("_next", "_step")

    def __init__(self, rate: float) -> None:
        self._step: Final = 1.0 / rate
        self._next = 0.0

    def wait(self, now: float) -> float:
        """The seconds until the next start, which is counted as made then.

        Args:
            now: monotonic seconds.
        """
        start = max(now, self._next)
        self._next = start + self._step
        return start - now
