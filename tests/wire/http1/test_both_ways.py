"""Every response of the table, whole, byte by byte and cut at random: the outcome is the table's, and stays it."""

from __future__ import annotations

import pytest

from tests.wire.http1.cases import CASES, Case
from tests.wire.http1.reading import cuts, read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_response_comes_to_what_the_table_says(case: Case) -> None:
    answer = read([case.raw], case.method)
    assert answer.error == case.error, answer
    if case.error == "bad_response":
        return
    assert answer.body == case.body
    assert answer.interim == case.interim
    if case.error:
        assert answer.received == (len(case.body) if case.error == "body_incomplete" else None)
        return
    assert (answer.status, answer.reusable, answer.leftover) == (case.status, case.reusable, case.leftover)
    assert answer.trailers == case.trailers
    assert case.reason is None or answer.reason == case.reason
    assert case.fields is None or answer.fields == case.fields
    assert bool(answer.warnings) == bool(case.warned), answer.warnings
    assert case.warned in " ".join(answer.warnings)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_does_not_matter_how_the_network_cuts_a_response(case: Case) -> None:
    whole, *others = (read(pieces, case.method) for pieces in cuts(case.raw))
    for other in others:
        assert other == whole


def test_no_two_cases_share_a_name() -> None:
    assert len({case.name for case in CASES}) == len(CASES)
