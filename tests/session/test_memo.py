"""What runs note of a command that a session refers to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.result import SessionChange
from reqcli.model.secret import Secret
from reqcli.session.document import dump, load
from reqcli.session.memo import UNSHARED, Memo, ReplaceMemo, memo_of
from reqcli.session.operations import SetAuth, SetHeader, apply
from reqcli.session.schema import Held, SessionState, StoredAuth, StoredHeader, new_state
from tests.session.states import states

A, B = "https://a.example", "https://b.example"
COMMAND = ["give-token", "--for", "me"]
ANSWER = Memo(Secret("t0ken"), 100.0)
memos = st.none() | st.builds(
    Memo, st.none() | st.builds(Secret, st.text()), st.floats(0, 2e9), st.text(), st.integers(0, 2**31)
)


def state(**auth: Held) -> SessionState:
    return apply(new_state("a" * 32, 1.0), [SetAuth(A, StoredAuth("bearer", auth))], 1.0)


def test_a_memo_goes_into_every_reference_to_its_command_and_no_other() -> None:
    other: Held = {"command": ["other"]}
    before = apply(
        state(token={"command": [*COMMAND]}, user="alice", more=other),
        [SetHeader(StoredHeader("X-Key", {"command": [*COMMAND]}, B)), SetHeader(StoredHeader("X-Other", "v", B))],
        2.0,
    )
    after = apply(before, [ReplaceMemo([*COMMAND], ANSWER, expected=None)], 3.0)
    noted = {"command": COMMAND, "memo": {"answer": "t0ken", "until": 100.0, "run": "", "turn": 0}}
    assert after.auth[A].params == {"token": noted, "user": "alice", "more": other}
    assert {name: header.value for (_, name), header in after.headers.items()} == {"x-key": noted, "x-other": "v"}
    assert memo_of(after, [*COMMAND]) == ANSWER
    assert memo_of(after, ["other"]) is None
    assert apply(after, [ReplaceMemo([*COMMAND], None, expected=ANSWER)], 4.0).auth == before.auth


def test_a_memo_takes_the_place_of_the_one_its_run_had_read_and_of_no_other() -> None:
    before = state(token={"command": [*COMMAND]})
    mine, other = Memo(run="mine", turn=9.0), Memo(run="other", turn=9.0)
    after = apply(before, [ReplaceMemo([*COMMAND], mine, expected=None)], 2.0)
    assert apply(after, [ReplaceMemo([*COMMAND], other, expected=None)], 3.0) is after
    assert apply(after, [ReplaceMemo([*COMMAND], ANSWER, expected=other)], 3.0) is after
    assert memo_of(apply(after, [ReplaceMemo([*COMMAND], ANSWER, expected=mine)], 3.0), [*COMMAND]) == ANSWER


def test_a_reference_that_came_later_gets_its_memo_with_the_next_one() -> None:
    before = apply(
        state(token={"command": [*COMMAND], "memo": ANSWER.as_json()}),
        [SetAuth(B, StoredAuth("bearer", {"token": {"command": [*COMMAND]}}))],
        2.0,
    )
    after = apply(before, [ReplaceMemo([*COMMAND], UNSHARED, expected=ANSWER)], 3.0)
    assert [Memo.of(auth.params["token"]) for auth in after.auth.values()] == [UNSHARED, UNSHARED]


def test_a_command_that_nothing_refers_to_any_more_leaves_nothing_behind() -> None:
    before = state(token="inline")
    assert apply(before, [ReplaceMemo([*COMMAND], ANSWER, expected=None)], 2.0) is before


@pytest.mark.parametrize(
    ("memo", "now", "good", "awaited"),
    [
        (ANSWER, 99.0, True, False),
        (ANSWER, 100.0, False, False),
        (UNSHARED, 0.0, False, False),
        (Memo(Secret("t"), 100.0, "run", 50.0), 49.0, True, True),
        (Memo(Secret("t"), 100.0, "run", 50.0), 50.0, True, False),
        (Memo(None, 0.0, "run", 50.0), 49.0, False, True),
    ],
)
def test_an_answer_holds_until_its_time_and_a_turn_too(memo: Memo, now: float, good: bool, awaited: bool) -> None:
    assert (memo.good(now) is not None, memo.is_awaited(now)) == (good, awaited)


@pytest.mark.parametrize(
    "memo",
    [
        "text",
        {},
        {"answer": "t", "until": 1.0, "run": ""},
        {"answer": 1, "until": 1.0, "run": "", "turn": 0},
        {"answer": "t", "until": True, "run": "", "turn": 0},
        {"answer": "t", "until": "1", "run": "", "turn": 0},
        {"answer": "t", "until": 1.0, "run": None, "turn": 0},
        {"answer": "t", "until": 1.0, "run": "", "turn": 0, "more": 1},
    ],
    ids=repr,
)
def test_a_memo_that_cannot_be_understood_counts_as_none(memo: Any) -> None:
    assert Memo.of({"command": COMMAND, "memo": memo}) is None


@given(states, st.lists(st.tuples(memos, memos), max_size=4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_is_noted_can_be_stored(before: SessionState, pairs: list[Any], refers: bool) -> None:
    if refers:
        before = apply(before, [SetAuth(A, StoredAuth("bearer", {"token": {"command": [*COMMAND]}}))], 1.0)
    current = before
    for memo, expected in pairs:
        current = apply(current, [ReplaceMemo([*COMMAND], memo, expected=expected)], 2.0)
    assert load(dump(current), "x") == current
    assert refers or current is before


def test_a_note_is_told_by_name_and_shows_no_value() -> None:
    operation = ReplaceMemo(["give", "hunter2"], Memo(Secret("t0ken"), 100.0), expected=ANSWER)
    assert operation.describe() == SessionChange("set", "auth", "command", expires=100.0)
    assert ReplaceMemo(COMMAND, None, expected=ANSWER).describe() == SessionChange("del", "auth", "command")
    assert "t0ken" not in repr(operation)
    assert "hunter2" not in repr(operation)


def test_an_answer_is_news_and_a_turn_is_none() -> None:
    before = state(token={"command": [*COMMAND]})
    for memo, is_news in ((ANSWER, True), (Memo(Secret("t"), 1.0, "run", 9.0), False), (UNSHARED, False)):
        operation = ReplaceMemo([*COMMAND], memo, expected=None)
        assert operation.is_news(apply(before, [operation], 2.0)) is is_news
        assert not operation.is_news(before)
