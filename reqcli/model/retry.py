"""When a failed attempt is made again: a policy that is a value, and says how long to wait, but never waits itself."""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

RETRIED_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be another one the next time (RFC 9110 §15.5.9, §15.6; RFC 6585 §4; RFC 8470 §5.2)."""


class Retry(Value):
    """How often and how patiently an attempt is repeated.

    Args:
        limit: further attempts after the first.
        delay: seconds that the first wait lasts at most; it doubles each time (full jitter).
        longest: seconds that one wait lasts at most; a server that asks for more is not waited for.
        max_time: seconds after the first attempt in which a further one may begin, or None.
        any_method: repeat what is not idempotent too, though the server may then do it twice.
    """

    __slots__ = ("any_method", "delay", "limit", "longest", "max_time")

    def __init__(
        self,
        limit: int = 0,
        *,
        delay: float = 0.5,
        longest: float = 120.0,
        max_time: float | None = None,
        any_method: bool = False,
    ) -> None:
        self.limit: Final = limit
        self.delay: Final = delay
        self.longest: Final = longest
        self.max_time: Final = max_time
        self.any_method: Final = any_method

    def wait(self, attempt: int, asked: float | None, chance: float, spent: float) -> float | None:
        """The seconds to wait after a failed attempt, or None to give up.

        Args:
            attempt: the number of the attempt that failed, from 1.
            asked: the seconds the server asked for, or None.
            chance: from 0 up to 1, for the jitter: callers who failed together must not return together.
            spent: seconds since the first attempt began.
        """
        if attempt > self.limit or (asked is not None and asked > self.longest):
            return None
        # The doubling ends early: 2 to the power of a large attempt number is no number of seconds.
        pause = asked if asked is not None else chance * min(self.delay * 2 ** min(attempt - 1, 30), self.longest)
        if self.max_time is not None and spent + pause > self.max_time:
            return None
        return pause


NO_RETRY: Final = Retry()
