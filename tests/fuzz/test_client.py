"""Invariant: any bytes from a server come to a response or to a failure of a known code, whatever the call was.

So never to another exception, a wait, a connection left open, a body beyond its limit, or memory beyond the bytes that
came. This goes through the whole client (cookies, redirects, Digest, codings); the reader alone is in `test_http1.py`.
"""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.rude import RUDE
from tests.decode import zstd
from tests.fuzz.fed import CALLS, CODES, FITS, MAX_BODY, feed
from tests.fuzz.words import NAMES, WORDS

BOMB = bytes(20_000_000)
BODIES = [
    b"",
    b"hello",
    gzip.compress(b"hello"),
    zlib.compress(b"hello"),
    brotli.compress(b"hello"),
    zstd.compress(b"hello"),
    gzip.compress(BOMB),
    brotli.compress(BOMB),
    zstd.compress(BOMB),
    gzip.compress(gzip.compress(BOMB)),
]

STATUSES = st.sampled_from([100, 103, 200, 204, 206, 301, 302, 303, 304, 307, 308, 401, 407, 417, 503, 999])
WORD = st.sampled_from(WORDS)
VALUES = st.one_of(
    st.lists(WORD, min_size=1, max_size=7).map("".join),
    st.lists(WORD, min_size=1, max_size=7).map(", ".join),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20),
)
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """A response that hangs together, more or less, with one or another in front of it or behind."""
    raw = b""
    for _ in range(draw(st.integers(1, 3))):
        body = draw(st.sampled_from(BODIES))
        lines = [f"HTTP/1.1 {draw(STATUSES)} X", *(f"{name}: {value}" for name, value in draw(FIELDS))]
        framing = draw(st.sampled_from(["none", "length", "chunked"]))
        if framing == "length":
            lines.append(f"Content-Length: {len(body)}")
        elif framing == "chunked":
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        raw += "\r\n".join([*lines, "", ""]).encode("latin-1") + body
    return raw[: draw(st.sampled_from([FITS, FITS, FITS, len(raw) - 1, len(raw) // 2]))][:FITS]


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A rude server's bytes with some cut out, doubled or replaced."""
    raw = draw(st.sampled_from([case.raw for case in RUDE if len(case.raw) < 2000]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 8)))
        scrap = draw(st.one_of(st.binary(max_size=6), VALUES.map(lambda text: text.encode("latin-1"))))
        raw = raw[:start] + draw(st.sampled_from([b"", scrap, raw[start:end] * 2])) + raw[end:]
    return raw


CALL = st.sampled_from(sorted(CALLS))
BYTES = st.one_of(st.binary(max_size=300), answers(), mutants())


def check(raw: bytes, call: str) -> None:
    for outcome in feed(raw, call):
        assert outcome.code in CODES
        assert outcome.size <= MAX_BODY


@settings(max_examples=600, deadline=None)
@given(BYTES, CALL)
def test_any_bytes_are_a_response_or_a_known_failure(raw: bytes, call: str) -> None:
    check(raw, call)


@pytest.mark.soak
@settings(max_examples=50_000, deadline=None)
@given(BYTES, CALL)
def test_any_bytes_at_all_are_a_response_or_a_known_failure(raw: bytes, call: str) -> None:
    check(raw, call)


@settings(max_examples=60, deadline=None)
@given(answers(), CALL)
def test_no_bytes_make_the_client_grow(raw: bytes, call: str) -> None:
    feed(raw, call)  # what is loaded when it is first needed is not counted
    tracemalloc.start()
    try:
        feed(raw, call)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("call", CALLS)
def test_every_call_can_succeed(call: str) -> None:
    """Else the tests above would look at refusals only."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    assert [outcome.code for outcome in feed(answer, call)] == ["", ""]
