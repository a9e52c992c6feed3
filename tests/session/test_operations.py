from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import SessionConflict, Usage
from reqcli.model.cookie import Cookie
from reqcli.model.result import SessionChange
from reqcli.session.document import dump, load
from reqcli.session.operations import (
    ClearCookies,
    DeleteAuth,
    DeleteHeader,
    DeleteSetting,
    Operation,
    SetAuth,
    SetCookie,
    SetHeader,
    SetSetting,
    apply,
    base_state,
)
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, new_state
from tests.session.states import operations, states

ID, OTHER = "a" * 32, "b" * 32
A, B = "https://a.example", "https://b.example"
EMPTY = new_state(ID, 1.0)


def bearer(token: str) -> StoredAuth:
    return StoredAuth("bearer", {"token": token})


def header(value: str, name: str = "X-Key", origin: str = A) -> SetHeader:
    return SetHeader(StoredHeader(name, value, origin))


def received(name: str, value: str, *, expires: float | None = None, secure: bool = False) -> Cookie:
    return Cookie(name, value, "a.example", expires=expires, secure=secure, created=10.0)


def put(name: str, value: str, **more: Any) -> SetCookie:
    return SetCookie(received(name, value, **more), secure_origin=True)


def test_each_operation_changes_its_own_key() -> None:
    state = apply(
        EMPTY,
        [put("c", "1"), header("h"), header("i", origin=B), SetAuth(A, bearer("t")), SetSetting("follow", True)],
        10.0,
    )
    assert (state.id, state.rev, state.created, state.updated) == (ID, 1, 1.0, 10.0)
    assert [(cookie.name, cookie.value) for cookie in state.cookies] == [("c", "1")]
    assert {key: kept.value for key, kept in state.headers.items()} == {(A, "x-key"): "h", (B, "x-key"): "i"}
    assert state.auth == {A: bearer("t")}
    assert state.settings == {"follow": True}

    gone = apply(state, [ClearCookies(), DeleteHeader(A, "x-KEY"), DeleteAuth(A), DeleteSetting("follow")], 11.0)
    assert gone == EMPTY.replace(rev=2, updated=11.0, headers={(B, "x-key"): StoredHeader("X-Key", "i", B)})


def test_a_header_is_the_same_in_any_letter_case() -> None:
    state = apply(EMPTY, [header("1"), header("2", name="x-key")], 10.0)
    assert state.headers == {(A, "x-key"): StoredHeader("x-key", "2", A)}


@pytest.mark.parametrize(
    "nothing",
    [
        [],
        [put("c", "1")],
        [header("h")],
        [SetAuth(A, bearer("t"))],
        [DeleteAuth(B), DeleteHeader(B, "X-Key"), DeleteSetting("verify")],
        [put("new", "1"), put("new", "1", expires=5.0)],
        [header("other"), header("h")],
        [put("absent", "", expires=0.0)],
    ],
    ids=lambda ops: ",".join(type(op).__name__ for op in ops) or "none",
)
def test_when_nothing_is_different_in_the_end_the_state_is_the_same_object(nothing: list[Operation]) -> None:
    state = apply(EMPTY, [put("c", "1"), header("h"), SetAuth(A, bearer("t"))], 10.0)
    assert apply(state, nothing, 20.0) is state


def test_cookies_go_through_the_jars_rules() -> None:
    state = apply(EMPTY, [put("sid", "safe", secure=True)], 10.0)
    assert apply(state, [SetCookie(received("sid", "evil"), secure_origin=False)], 11.0) is state
    replaced = apply(
        state, [SetCookie(received("sid", "new", secure=True).replace(created=99.0), secure_origin=True)], 99.0
    )
    assert [(cookie.value, cookie.created) for cookie in replaced.cookies] == [("new", 10.0)]
    assert apply(state, [put("sid", "", expires=0.0)], 12.0).cookies == ()


def test_the_state_before_is_left_alone() -> None:
    before = apply(EMPTY, [put("c", "1"), header("h")], 10.0)
    copy = load(dump(before), "x")
    apply(before, [put("d", "1"), ClearCookies(), header("2"), SetAuth(A, bearer("t"))], 11.0)
    assert before == copy


@pytest.mark.parametrize(
    ("operation", "change"),
    [
        (put("sid", "v", expires=99.0), SessionChange("set", "cookie", "sid", "a.example", 99.0)),
        (put("sid", "v", expires=5.0), SessionChange("del", "cookie", "sid", "a.example")),
        (ClearCookies(), SessionChange("del", "cookie", "*")),
        (header("v"), SessionChange("set", "header", "X-Key", A)),
        (DeleteHeader(A, "X-Key"), SessionChange("del", "header", "X-Key", A)),
        (SetAuth(A, bearer("t")), SessionChange("set", "auth", "bearer", A)),
        (DeleteAuth(A), SessionChange("del", "auth", "*", A)),
        (SetSetting("base_url", "u"), SessionChange("set", "var", "base_url")),
        (DeleteSetting("base_url"), SessionChange("del", "var", "base_url")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_operation_describes_itself_by_name(operation: Operation, change: SessionChange) -> None:
    assert operation.describe() == change


def test_no_operation_shows_a_value() -> None:
    secret = "hunter2"
    shown = [
        put("c", secret),
        header(secret),
        SetAuth(A, bearer(secret)),
        SetSetting("base_url", secret),
    ]
    assert secret not in repr(shown)
    assert secret not in repr([operation.describe() for operation in shown])


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: SetSetting("colour", 1), "colour"),
        (lambda: SetSetting("timeout", "hunter2"), "timeout"),
        (lambda: header("v", name="a b"), "a b"),
        (lambda: header("hunter2\r\nX: y"), "X-Key"),
    ],
    ids=["unknown setting", "setting of a wrong kind", "header name", "header value"],
)
def test_what_could_not_be_used_later_is_refused_now(make: Any, named: str) -> None:
    with pytest.raises(Usage, match=named) as caught:
        make()
    assert "hunter2" not in str(caught.value)


@given(states, st.lists(operations, max_size=12))
@settings(max_examples=100, deadline=None)
def test_whatever_the_operations_their_state_can_be_stored(state: SessionState, ops: list[Operation]) -> None:
    after = apply(state, ops, 1e9)
    assert after is state or (after.rev, after.updated) == (state.rev + 1, 1e9)
    assert load(dump(after), "x") == after
    assert apply(after, [], 2e9) is after


@given(states, st.lists(operations, max_size=12), st.integers(0, 12))
@settings(max_examples=100, deadline=None)
def test_operations_in_one_commit_or_two_come_to_the_same(state: SessionState, ops: list[Operation], cut: int) -> None:
    at_once = apply(state, ops, 1e9)
    in_two = apply(apply(state, ops[:cut], 1e9), ops[cut:], 1e9)
    assert in_two.replace(rev=0, updated=0) == at_once.replace(rev=0, updated=0)


def test_the_first_run_makes_a_session_and_the_others_join_it() -> None:
    fresh = base_state("work", None, None, 5.0, lambda: ID)
    assert fresh == new_state(ID, 5.0)
    assert base_state("work", fresh, None, 6.0, lambda: OTHER) is fresh
    assert base_state("work", fresh, ID, 6.0, lambda: OTHER) is fresh


@pytest.mark.parametrize(
    ("current", "what"),
    [(None, "was deleted while"), (new_state(OTHER, 1.0), "made anew")],
    ids=["deleted", "replaced"],
)
def test_a_session_that_is_gone_does_not_come_back(current: SessionState | None, what: str) -> None:
    with pytest.raises(SessionConflict, match=what):
        base_state("work", current, ID, 6.0, lambda: OTHER)
