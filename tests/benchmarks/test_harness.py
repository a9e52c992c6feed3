"""The harness, on clocks that say what they are told to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from tests.benchmarks.harness import Aim, Figures, Measure, Report, Unavailable, interleave, present


class Clock:
    """Contenders that take the seconds they are told to, and a list of who ran when."""

    def __init__(self, **seconds: Sequence[float]) -> None:
        self.ran: list[str] = []
        self.contenders = {name: self._contender(name, iter(times)) for name, times in seconds.items()}

    def _contender(self, name: str, times: Iterator[float]) -> Measure:
        def measure() -> Figures:
            self.ran.append(name)
            seconds = next(times)
            return {"time": seconds, "cpu": seconds / 2, "memory": 2**20}

        return measure


def test_all_run_in_every_round_each_round_in_another_order_between_two_runs_of_the_base() -> None:
    clock = Clock(base=[1.0] * 6, a=[1.0] * 3, b=[1.0] * 3, c=[1.0] * 3)
    interleave(clock.contenders, base="base", rounds=3)
    rounds = [clock.ran[start : start + 5] for start in (0, 5, 10)]
    assert rounds == [["base", *order, "base"] for order in ("abc", "bca", "cab")]


def test_the_result_is_the_median_of_the_ratios_within_each_round_and_not_the_ratio_of_the_medians() -> None:
    clock = Clock(base=[1.0, 1.0, 10.0, 10.0, 2.0, 2.0], a=[2.0, 30.0, 8.0])
    measured = interleave(clock.contenders, base="base", rounds=3)
    ratio = measured.ratio("a")
    assert (ratio.median, ratio.low, ratio.high) == (3.0, 2.5, 3.5)
    assert measured.ratio("a", figure="cpu").median == 3.0
    assert measured.ratio("base", "a").median == pytest.approx(1 / 3)
    assert measured.fastest("a") == 2.0


def test_a_round_in_which_the_base_changed_its_pace_is_made_again() -> None:
    clock = Clock(base=[1.0, 1.0, 1.0, 5.0, 1.0, 1.05], a=[2.0, 99.0, 2.0])
    measured = interleave(clock.contenders, base="base", rounds=2, tolerance=0.1)
    assert [each["a"]["time"] for each in measured.figures] == [2.0, 2.0]
    assert (measured.disturbed, measured.repeated) == (0, 1)


def test_when_no_round_may_be_made_again_the_least_disturbed_count() -> None:
    clock = Clock(base=[1.0, 3.0, 1.0, 1.5, 1.0, 2.0], a=[30.0, 15.0, 20.0])
    measured = interleave(clock.contenders, base="base", rounds=2, spare=1)
    assert [each["a"]["time"] for each in measured.figures] == [15.0, 20.0]
    assert (measured.disturbed, measured.repeated) == (2, 1)


def test_who_cannot_run_is_named_with_the_reason() -> None:
    def absent() -> Measure:
        raise Unavailable("not installed")

    contenders, missing = present({"here": lambda: lambda: {"time": 1.0}, "there": absent})
    assert list(contenders) == ["here"]
    assert missing == ["there: not installed"]


def test_a_report_shows_ratios_and_says_of_each_aim_whether_it_was_kept() -> None:
    clock = Clock(base=[0.001, 0.001], a=[0.003])
    measured = interleave(clock.contenders, base="base", rounds=1)
    aims = [Aim("a", "base", 3.0), Aim("a", "base", 2.5), Aim("a", "base", 1.0, "memory"), Aim("b", "base", 1.0)]
    text = Report("Title", "Text.", measured, aims, ["b: not installed"], columns=("time", "cpu", "memory")).markdown()
    assert "| a | 3.00 | 3.00–3.00 | 3.00 | 3.00 | 1.0 MiB |" in text
    assert "- kept: a at most 3 × base: 3.00" in text
    assert "- **missed**: a at most 2.5 × base: 3.00" in text
    assert "- kept: memory of a at most 1 × base: 1.00" in text
    assert "b at most" not in text
    assert "1.00 is 1 ms" in text
    assert "- left out: b: not installed" in text
