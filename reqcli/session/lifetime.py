"""How long a session lives: so long since its creation (`ttl`), so long since its last use (`idle_ttl`).

A session whose time is up is emptied before it is used again: cookies, credentials, captured values and headers for
one origin go, whatever their names. What the user arranged stays: settings, policy, capture rules, and headers for
every origin, which are no secrets. The session then counts as created anew.

To write at every request would cost more than the request. So a use is noted only when a tenth of the idle time
has passed since the last one that was: a session that is used without pause is written ten times in its idle time,
and it may be taken for idle up to a tenth of that time too early, never too late.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.session.schema import SessionState

NOTED_AFTER: Final = 0.1
"""The part of the idle time that has to pass before another use is written down."""


def last_use(state: SessionState) -> float:
    """The last use that is known of: one that was noted, or the last change. Seconds since the epoch."""
    return max(state.used, state.updated)


def expiry(state: SessionState) -> float | None:
    """When the session's time is up, in seconds since the epoch; None if it has no end."""
    ttl, idle = _seconds(state, "ttl"), _seconds(state, "idle_ttl")
    ends = [state.created + ttl] if ttl is not None else []
    if idle is not None:
        ends.append(last_use(state) + idle)
    return min(ends, default=None)


def is_expired(state: SessionState, now: float) -> bool:
    """Whether the session's time is up at `now` (seconds since the epoch)."""
    ends = expiry(state)
    return ends is not None and ends <= now


def use_is_due(state: SessionState, now: float) -> bool:
    """Whether a use at `now` (seconds since the epoch) is to be written down."""
    idle = _seconds(state, "idle_ttl")
    return idle is not None and now - last_use(state) >= idle * NOTED_AFTER


def _seconds(state: SessionState, setting: str) -> float | None:
    value = state.settings.get(setting)
    return value if isinstance(value, (int, float)) else None
