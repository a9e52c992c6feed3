"""Every advisory of the table `advisories.txt` has a test that names it, or a reason why it needs none."""

from __future__ import annotations

import pytest

from tests.covered import Claim, claims, source_of

ADVISORIES = claims("advisories.txt")


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory.names[0])
def test_each_advisory_is_named_by_a_test(advisory: Claim) -> None:
    assert advisory.words
    assert bool(advisory.tests) != bool(advisory.not_here)
    sources = [source_of(test) for test in advisory.tests]
    for name in advisory.names:
        assert advisory.not_here or any(name in source for source in sources), name


def test_no_advisory_stands_there_twice() -> None:
    names = [name for advisory in ADVISORIES for name in advisory.names]
    assert len(set(names)) == len(names) > 100


@pytest.mark.parametrize(
    "test",
    [
        "tests/test_nothing.py::test_a",
        "tests/test_advisories.py::test_nothing",
        "tests/test_advisories.py::test_a_test_that_is_not_there_is_noticed[nothing]",
    ],
)
def test_a_test_that_is_not_there_is_noticed(test: str) -> None:
    with pytest.raises(LookupError):
        source_of(test)
