from __future__ import annotations

from reqcli.model.result import SessionChange
from reqcli.session.operations import Operation, apply
from reqcli.session.rule_operations import MOST_VALUES, ClearValues, DeleteRule, DropValue, SetRule, SetValue
from reqcli.session.rules import parse
from reqcli.session.schema import SessionState, StoredValue, new_state
from reqcli.session.upkeep import DiscardExpired, Empty

RULE = parse("header:X-Id -> header:X-Id drop=404")
OTHER = parse("json:/id -> bearer")
A, B = "https://a.example", "https://b.example"


def state(*operations: Operation) -> SessionState:
    return apply(new_state("0" * 32, 1.0), operations, 1.0)


def value(text: str, issued: float = 1.0, expires: float | None = None) -> StoredValue:
    return StoredValue(text, issued=issued, expires=expires)


def values(session: SessionState) -> dict[tuple[str, str], str]:
    return {key: stored.value for key, stored in session.values.items()}


def test_each_origin_has_a_value_of_its_own() -> None:
    session = state(SetRule(RULE), SetValue(RULE, A, value("a")), SetValue(RULE, B, value("b")))
    assert values(session) == {(RULE.text, A): "a", (RULE.text, B): "b"}
    assert apply(session, [SetValue(RULE, A, value("c"))], 2.0).values[RULE.text, A].value == "c"


def test_a_rule_that_is_set_again_keeps_what_it_took() -> None:
    session = state(SetRule(RULE), SetValue(RULE, A, value("a")))
    assert apply(session, [SetRule(RULE)], 2.0) is session


def test_a_rule_goes_with_all_that_it_took() -> None:
    session = state(SetRule(RULE), SetRule(OTHER), SetValue(RULE, A, value("a")), SetValue(OTHER, A, value("o")))
    after = apply(session, [DeleteRule(RULE)], 2.0)
    assert list(after.rules) == [OTHER.text]
    assert values(after) == {(OTHER.text, A): "o"}


def test_a_rule_that_was_taken_out_meanwhile_takes_no_more() -> None:
    session = state(SetRule(RULE))
    assert values(apply(session, [DeleteRule(RULE), SetValue(RULE, A, value("late"))], 2.0)) == {}


def test_a_value_is_dropped_only_if_it_is_the_one_that_was_rejected() -> None:
    session = state(SetRule(RULE), SetValue(RULE, A, value("newer")), SetValue(RULE, B, value("old")))
    assert apply(session, [DropValue(RULE, A, "old")], 2.0) is session
    assert values(apply(session, [DropValue(RULE, A, "newer")], 2.0)) == {(RULE.text, B): "old"}
    assert apply(session, [DropValue(OTHER, A, "newer")], 2.0) is session


def test_the_oldest_value_leaves_a_rule_that_has_too_many() -> None:
    flood = [SetValue(RULE, f"https://h{n}.example", value("v", issued=float(n))) for n in range(MOST_VALUES + 2)]
    session = state(SetRule(RULE), *flood)
    assert len(session.values) == MOST_VALUES
    assert (RULE.text, "https://h0.example") not in session.values
    assert (RULE.text, "https://h1.example") not in session.values


def test_values_are_cleared_and_rules_stay() -> None:
    session = state(SetRule(RULE), SetValue(RULE, A, value("a")))
    for operation in (ClearValues(), Empty()):
        after = apply(session, [operation], 2.0)
        assert (after.values, after.rules) == ({}, session.rules)


def test_values_whose_time_is_up_are_discarded_with_the_cookies() -> None:
    session = state(SetRule(RULE), SetValue(RULE, A, value("a", expires=5.0)), SetValue(RULE, B, value("b")))
    assert values(apply(session, [DiscardExpired()], 5.0)) == {(RULE.text, B): "b"}
    assert apply(session, [DiscardExpired()], 4.0) is session


def test_an_operation_describes_itself_by_name() -> None:
    assert SetRule(RULE).describe() == SessionChange("set", "capture", RULE.text)
    assert DeleteRule(RULE).describe() == SessionChange("del", "capture", RULE.text)
    assert SetValue(RULE, A, value("s", expires=9.0)).describe() == SessionChange(
        "set", "capture", "header:X-Id", A, 9.0
    )
    assert DropValue(RULE, A, "s").describe() == SessionChange("del", "capture", "header:X-Id", A)
    assert ClearValues().describe() == SessionChange("del", "capture", "*")


def test_no_operation_shows_a_value() -> None:
    secret = "hunter2"
    shown = [SetValue(RULE, A, value(secret)), DropValue(RULE, A, secret)]
    session = state(SetRule(RULE), *shown[:1])
    assert secret not in repr([*shown, session, session.values, [operation.describe() for operation in shown]])
