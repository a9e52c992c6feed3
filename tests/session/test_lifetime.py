from __future__ import annotations

from typing import Any

import pytest

from reqcli.session.lifetime import expiry, is_expired, last_use, use_is_due
from reqcli.session.operations import SetSetting, apply
from reqcli.session.schema import SessionState, new_state


def aged(*, created: float = 1000.0, updated: float = 1000.0, used: float = 0.0, **settings: Any) -> SessionState:
    operations = [SetSetting(name, value) for name, value in settings.items()]
    return apply(new_state("a" * 32, created), operations, updated).replace(updated=updated, used=used)


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (aged(), None),
        (aged(ttl=60), 1060),
        (aged(ttl=60, updated=1050.0), 1060),
        (aged(idle_ttl=60), 1060),
        (aged(idle_ttl=60, updated=1050.0), 1110),
        (aged(idle_ttl=60, used=1050.0), 1110),
        (aged(idle_ttl=60, ttl=90, used=1050.0), 1090),
        (aged(idle_ttl=0.5, ttl=90), 1000.5),
    ],
    ids=["no end", "ttl", "ttl counts from the creation", "idle", "idle counts from the last change",
         "idle counts from the last use", "the first end counts", "a part of a second"],
)  # fmt: skip
def test_a_session_ends_when_either_time_is_up(state: SessionState, ends: float | None) -> None:
    assert expiry(state) == ends
    assert not is_expired(state, 1000.1)
    if ends is not None:
        assert not is_expired(state, ends - 0.1)
        assert is_expired(state, ends)
    else:
        assert not is_expired(state, 1e12)


def test_a_use_is_written_down_when_a_tenth_of_the_idle_time_has_passed() -> None:
    state = aged(idle_ttl=100)
    assert last_use(state) == 1000
    assert not use_is_due(state, 1009.9)
    assert use_is_due(state, 1010)
    assert not use_is_due(aged(idle_ttl=100, used=1010.0), 1019.9)
    assert not use_is_due(aged(ttl=100), 1e9)
    assert not use_is_due(aged(), 1e9)


def test_a_session_in_constant_use_never_looks_idle() -> None:
    state, now, writes = aged(idle_ttl=100), 1000.0, 0
    while now < 2000:
        now += 3
        assert not is_expired(state, now)
        if use_is_due(state, now):
            state, writes = state.replace(used=now), writes + 1
    assert writes <= 100
