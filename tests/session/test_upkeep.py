from __future__ import annotations

import pytest

from reqcli.errors import Usage
from reqcli.model.cookie import Cookie
from reqcli.model.result import SessionChange
from reqcli.session.operations import Operation, SetAuth, SetCookie, SetHeader, SetSetting, apply
from reqcli.session.policy import Policy
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, new_state
from reqcli.session.upkeep import ClearPolicy, DiscardExpired, Empty, Expire, ExtendPolicy, NoteUse

A = "https://a.example"


def full(**settings: int) -> SessionState:
    """A session with something of every kind, made at 1000 and changed last at 1100."""
    return apply(
        new_state("a" * 32, 1000.0),
        [
            SetCookie(Cookie("c", "1", "a.example", created=1100.0), secure_origin=True),
            SetHeader(StoredHeader("X-Key", "k", A)),
            SetAuth(A, StoredAuth("bearer", {"token": "t"})),
            SetSetting("base_url", A),
            ExtendPolicy(Policy(origins=[A])),
            *(SetSetting(name, value) for name, value in settings.items()),
        ],
        1100.0,
    )


def test_what_an_expired_session_loses_and_what_it_keeps() -> None:
    before = full(ttl=500, idle_ttl=300)
    after = apply(before, [Expire()], 1400.0)
    assert (after.cookies, after.headers, after.auth) == ((), {}, {})
    assert (after.settings, after.policy, after.id) == (before.settings, before.policy, before.id)
    assert (after.created, after.used, after.updated, after.rev) == (1400.0, 1400.0, 1400.0, before.rev + 1)
    assert apply(after, [Expire()], 1401.0) is after


def test_a_session_whose_time_is_not_up_keeps_everything() -> None:
    for state in (full(), full(ttl=500), full(idle_ttl=300)):
        assert apply(state, [Expire()], 1399.0) is state


def test_of_two_that_find_a_session_expired_the_later_one_does_not_take_what_the_first_has_learned() -> None:
    learned = SetCookie(Cookie("new", "1", "a.example", created=2000.0), secure_origin=True)
    first = apply(full(ttl=500), [Expire(), learned], 2000.0)
    second = apply(first, [Expire()], 2001.0)
    assert [cookie.name for cookie in second.cookies] == ["new"]


def test_what_is_set_in_the_same_commit_stays() -> None:
    """An expired session does not come back to life because something is set in it."""
    after = apply(full(idle_ttl=300), [Expire(), SetHeader(StoredHeader("X-New", "1", A))], 2000.0)
    assert list(after.headers) == [(A, "x-new")]
    assert after.cookies == ()


def test_a_use_is_noted_and_is_no_change() -> None:
    before = full()
    after = apply(before, [NoteUse()], 1200.0)
    assert (after.used, after.updated, after.rev) == (1200.0, 1100.0, before.rev + 1)
    assert apply(after, [NoteUse()], 1150.0) is after


def test_empty_takes_out_what_logs_in_and_leaves_what_was_arranged() -> None:
    before = full(ttl=500)
    after = apply(before, [Empty()], 1200.0)
    assert (after.cookies, after.headers, after.auth) == ((), {}, {})
    assert (after.settings, after.policy, after.created) == (before.settings, before.policy, before.created)


def test_cookies_whose_time_is_up_are_discarded() -> None:
    cookies = (Cookie("old", "1", "a.example", expires=5.0), Cookie("new", "1", "a.example", expires=15.0))
    state = new_state("a" * 32, 1.0).replace(cookies=cookies)
    assert apply(state, [DiscardExpired()], 4.0) is state
    assert apply(state, [DiscardExpired()], 10.0).cookies == cookies[1:]


def test_a_policy_grows_entry_by_entry_and_is_cleared_as_a_whole() -> None:
    state = apply(new_state("a" * 32, 1.0), [ExtendPolicy(Policy(methods=["GET"]), public_only=True)], 2.0)
    assert state.policy == Policy(methods=["GET"], public_only=True)
    more = apply(state, [ExtendPolicy(Policy(methods=["PUT"], paths=["/x"]))], 3.0)
    assert more.policy == Policy(methods=["GET", "PUT"], paths=["/x"], public_only=True)
    assert apply(more, [ExtendPolicy(Policy(), public_only=False)], 4.0).policy == more.policy.replace(  # type: ignore[union-attr]
        public_only=False
    )
    assert apply(more, [ClearPolicy()], 4.0).policy is None


@pytest.mark.parametrize(
    "more",
    [Policy(origins=["https://A.example/x"]), Policy(origins=["a"]), Policy(methods=["G T"]), Policy(paths=["x"])],
    ids=str,
)
def test_what_no_request_could_match_is_refused_now_and_not_when_it_is_read(more: Policy) -> None:
    with pytest.raises(Usage, match="can match no request"):
        ExtendPolicy(more)


def test_a_policy_that_forbids_nothing_is_none() -> None:
    state = new_state("a" * 32, 1.0)
    assert apply(state, [ExtendPolicy(Policy(), public_only=False)], 2.0) is state
    public = apply(state, [ExtendPolicy(Policy(), public_only=True)], 2.0)
    assert apply(public, [ExtendPolicy(Policy(), public_only=False)], 3.0).policy is None


@pytest.mark.parametrize(
    ("operation", "change"),
    [
        (Expire(), SessionChange("del", "var", "expired")),
        (NoteUse(), SessionChange("set", "var", "used")),
        (Empty(), SessionChange("del", "var", "*")),
        (DiscardExpired(), SessionChange("del", "cookie", "expired")),
        (ExtendPolicy(Policy()), SessionChange("set", "var", "policy")),
        (ClearPolicy(), SessionChange("del", "var", "policy")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_operation_describes_itself_by_name(operation: Operation, change: SessionChange) -> None:
    assert operation.describe() == change
