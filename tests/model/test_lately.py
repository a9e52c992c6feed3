"""What stands in for parts of the standard library that take a start too long to load."""

from __future__ import annotations

import pytest

from reqcli.model.lately import PATIENCE, LatePattern, remembered


def test_what_was_given_lately_is_not_worked_out_again() -> None:
    asked: list[str] = []

    def work(text: str) -> str:
        asked.append(text)
        return text.upper()

    given = remembered(2, work)
    assert [given(text) for text in "abab"] == ["A", "B", "A", "B"]
    assert asked == ["a", "b"]
    assert given("c") == "C"  # one more than are kept: all before are forgotten
    assert [given(text) for text in "cab"] == ["C", "A", "B"]
    assert asked == ["a", "b", "c", "a", "b"]


def test_what_is_raised_is_not_remembered() -> None:
    answers = iter([ValueError("not now"), "later"])

    def work(_: str) -> str:
        answer = next(answers)
        if isinstance(answer, ValueError):
            raise answer
        return str(answer)

    given = remembered(2, work)
    with pytest.raises(ValueError, match="not now"):
        given("a")
    assert given("a") == "later"


@pytest.mark.parametrize(("how", "found"), [("match", True), ("fullmatch", False)])
def test_a_pattern_finds_nothing_until_it_pays_to_compile_it(how: str, found: bool) -> None:
    pattern = LatePattern("a+", how)
    assert [bool(pattern.ask("aab")) for _ in range(PATIENCE + 2)] == [False] * PATIENCE + [found] * 2
