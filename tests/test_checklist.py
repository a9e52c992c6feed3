"""Every row of `checklist.txt`, what an HTTP/1.1 client has to do, has tests that exist, or a reason for none."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.covered import Claim, claims, source_of

ROWS = claims("checklist.txt")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names[0])
def test_each_row_has_its_tests(row: Claim) -> None:
    assert row.words
    assert bool(row.tests) != bool(row.not_here)
    for test in row.tests:
        source_of(test)


def test_no_row_is_missing_or_stands_there_twice() -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in ROWS:
        (name,) = row.names
        family, _, number = name.partition("-")
        numbers[family].append(int(number))
    for family, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), family
