"""The screens in README are what a terminal shows."""

from __future__ import annotations

import pytest

from tests.readme import README, part, screens
from tests.screens import timeless


def test_the_screens_in_the_readme_are_what_a_terminal_shows() -> None:
    assert timeless(part("screens", README.read_text())) == timeless(screens()), "run `python -m tests.generate`"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dns   █   0.02 ms", "dns  ███   1.20 s"),
        ("total    5.59 ms\nnext", "total   12.00 ms\nnext"),
        ("before  ██  0.59 ms\ndns   █   0.02 ms", "dns   █   0.02 ms"),
    ],
)
def test_recordings_that_differ_in_times_alone_are_the_same(one: str, other: str) -> None:
    assert timeless(one) == timeless(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("dns   █   0.02 ms", "send   █   0.02 ms"), ("sid=••••", "sid=abc"), ("a 1.0 ms b", "a 2.0 ms b")],
)
def test_recordings_that_differ_in_anything_else_are_not(one: str, other: str) -> None:
    assert timeless(one) != timeless(other)
