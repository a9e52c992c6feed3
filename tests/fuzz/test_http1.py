"""Invariant: any bytes, cut anywhere, are a response, a bad one or a cut one; never another error, never more memory.

What is accepted does not depend on the cuts, and no more body comes out than bytes went in.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.wire.http1.head import Limits
from tests.wire.http1.reading import CUT_HEAD, NOTHING, cuts, read

PARTS = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.0 404 ",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 204",
        b"HTTP/",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b":",
        b",",
        b";",
        b"\x00",
        b"\x80",
        b"0",
        b"5",
        b"a",
        b"Content-Length: ",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding:",
        b"chunked",
        b"Connection: close\r\n",
        b"X: y\r\n",
        b"hello",
        b"5\r\nhello\r\n",
        b"5;a=b\r\nhello\r\n",
        b"0\r\n",
        b"0\r\n\r\n",
        b"ffffffffffffffff",
        b"+",
        b"-",
        b"x" * 300,
    ]
)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(PARTS, max_size=12).map(b"".join),
    st.lists(st.one_of(PARTS, st.binary(max_size=8)), max_size=12).map(
        lambda parts: b"HTTP/1.1 200 OK\r\n" + b"".join(parts)
    ),
)
METHODS = st.sampled_from(["GET", "HEAD", "CONNECT", "POST"])
SMALL = Limits(head_bytes=250, fields=4, trailer_bytes=60, chunk_extension_bytes=20)
OUTCOMES = {"", CUT_HEAD, NOTHING, "bad_response", "body_incomplete"}


@settings(max_examples=300, deadline=None)
@given(BYTES, METHODS, st.sampled_from([Limits(), SMALL]))
def test_any_bytes_are_a_response_or_a_known_failure(raw: bytes, method: str, limits: Limits) -> None:
    whole, *others = (read(pieces, method, limits) for pieces in cuts(raw))
    assert whole.error in OUTCOMES
    assert len(whole.body) + len(whole.leftover) <= len(raw)
    for other in others:
        assert other == whole


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000), st.lists(st.integers(1, 400), min_size=1, max_size=20))
def test_every_body_survives_being_chunked(body: bytes, sizes: list[int]) -> None:
    raw, place, turn = b"", 0, 0
    while place < len(body):
        chunk = body[place : place + sizes[turn % len(sizes)]]
        raw += b"%x\r\n%b\r\n" % (len(chunk), chunk)
        place, turn = place + len(chunk), turn + 1
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + raw + b"0\r\n\r\n"
    for pieces in cuts(raw):
        answer = read(pieces)
        assert (answer.error, answer.body, answer.reusable) == ("", body, True)
