"""Two other parsers read the same bytes: where we differ, the table says why; a difference that is gone is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.http1.cases import CASES, CHUNKED, CHUNKS, Case
from tests.wire.http1.oracles import Reading, by_h11, by_llhttp
from tests.wire.http1.reading import Answer, read

WHY_NOT_AS_H11 = {
    "HTTP/2.0 on a connection of HTTP/1": "h11 takes any major version; the framing of another one is not known",
    "CVE-2025-23167 a folded Content-Length": "h11 unfolds it; who does not would see no length",
    "CVE-2022-32213 a folded Transfer-Encoding": "h11 unfolds it; who does not would see no coding",
    "an empty element beside chunked": "a recipient has to ignore it (RFC 9110 §5.6.1.2)",
    "blanks before an extension": "a recipient has to read over them (RFC 9112 §7.1.1)",
    "a line feed alone at the very end": "in chunks every line end is CRLF, and a proxy may insist",
    "CVE-2024-52304 a bare CR in an extension": "others may read a line end there",
    "a NUL in an extension": "no extension may hold one",
    "a folded trailer": "nobody has a use for it",
    "a trailer ending in a line feed alone": "in chunks every line end is CRLF, and a proxy may insist",
    "CVE-2023-38039 a head one byte too large": "h11 bounds only what is incomplete",
    "CVE-2023-38039 a field too many": "h11 does not count fields",
    "CVE-2023-38039 five thousand fields": "h11 does not count fields",
    "an extension too large": "h11 has no limit of its own for extensions",
    "CVE-2026-22815 trailers one byte too large": "h11 has no limit of its own for trailers",
    "CVE-2026-22815 too many trailers": "h11 does not count fields",
}

WHY_NOT_AS_LLHTTP = {
    "blanks behind a size": "old servers put them there, and they change nothing",
    "blanks before an extension": "a recipient has to read over them (RFC 9112 §7.1.1)",
    "trailers that would change the framing": "trailers frame nothing: they are shown, and nothing more",
    "an extension too large": "llhttp has no limit for extensions",
    "CVE-2026-22815 trailers one byte too large": "llhttp has no limit for trailers",
    "CVE-2026-22815 too many trailers": "llhttp does not count fields",
}

CHUNKED_CASES = [case for case in CASES if case.raw.startswith(CHUNKED) and case.method == "GET"]


def as_reading(answer: Answer) -> Reading:
    return Reading(not answer.error, answer.status, answer.body, answer.trailers, answer.interim)


def agree(ours: Reading, theirs: Reading) -> bool:
    """Both complete and equal, or neither complete: a parser that refuses need not say how far it came."""
    if not (ours.complete and theirs.complete):
        return ours.complete == theirs.complete
    lower = [tuple((name.lower(), value) for name, value in reading.trailers) for reading in (ours, theirs)]
    return ours._replace(trailers=lower[0]) == theirs._replace(trailers=lower[1])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_h11_reads_the_same_unless_the_table_says_why_not(case: Case) -> None:
    same = agree(as_reading(read([case.raw], case.method)), by_h11(case.raw, case.method))
    assert same == (case.name not in WHY_NOT_AS_H11)


@pytest.mark.parametrize("case", CHUNKED_CASES, ids=lambda case: case.name)
def test_llhttp_reads_the_same_chunks_unless_the_table_says_why_not(case: Case) -> None:
    same = agree(as_reading(read([case.raw])), by_llhttp(case.raw.removeprefix(CHUNKED)))
    assert same == (case.name not in WHY_NOT_AS_LLHTTP)


def test_the_tables_of_differences_name_cases_that_exist() -> None:
    assert WHY_NOT_AS_H11.keys() <= {case.name for case in CASES}
    assert WHY_NOT_AS_LLHTTP.keys() <= {case.name for case in CHUNKED_CASES}
    assert len(CHUNKED_CASES) > len(CHUNKS)


SCRAPS = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b"0",
        b"5",
        b"a",
        b"F",
        b";",
        b"=",
        b":",
        b"X: a",
        b"\x00",
        b"\x80",
        b"hello",
        b"\x0b",
    ]
)


@st.composite
def mutated(draw: st.DrawFn, originals: list[Case]) -> tuple[bytes, str]:
    """The bytes of a case with a few of them cut out or replaced by scraps of protocol."""
    case = draw(st.sampled_from(originals))
    raw = case.raw
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 3)))
        raw = raw[:start] + draw(st.one_of(st.just(b""), SCRAPS)) + raw[end:]
    return raw, case.method


@settings(max_examples=300, deadline=None)
@given(mutated([case for case in CASES if len(case.raw) < 500]))
def test_what_both_we_and_h11_accept_is_the_same_response(mutant: tuple[bytes, str]) -> None:
    raw, method = mutant
    ours, theirs = as_reading(read([raw], method)), by_h11(raw, method)
    assert agree(ours, theirs) or not (ours.complete and theirs.complete)


@settings(max_examples=300, deadline=None)
@given(mutated([case for case in CHUNKED_CASES if len(case.raw) < 500]))
def test_what_both_we_and_llhttp_accept_is_the_same_body(mutant: tuple[bytes, str]) -> None:
    raw = mutant[0]
    if not raw.startswith(CHUNKED):
        return
    ours, theirs = as_reading(read([raw])), by_llhttp(raw.removeprefix(CHUNKED))
    assert agree(ours, theirs) or not (ours.complete and theirs.complete)
