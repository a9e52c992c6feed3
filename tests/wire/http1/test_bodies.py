"""Body readers: no copy where none is needed, no memory for promises, and a count in every complaint."""

from __future__ import annotations

import tracemalloc

import pytest

from reqcli.errors import BadResponse, BodyIncomplete
from reqcli.wire.http1.bodies import BodyReader, CloseBody, LengthBody, body_reader
from reqcli.wire.http1.chunked import ChunkedBody
from reqcli.wire.http1.framing import Framing
from reqcli.wire.http1.head import Limits

BLOCK = b"x" * 1000


def inside_a_chunk() -> ChunkedBody:
    body = ChunkedBody()
    body.feed(b"fffff\r\n")
    return body


@pytest.mark.parametrize(
    "body", [LengthBody(10_000), CloseBody(), inside_a_chunk()], ids=["length", "close", "chunked"]
)
def test_a_block_inside_the_body_is_not_copied(body: BodyReader) -> None:
    view = memoryview(BLOCK)
    assert body.feed(BLOCK) is BLOCK
    assert body.feed(view) is view


@pytest.mark.parametrize(
    ("framing", "kind"),
    [
        (Framing("none", reusable=True), LengthBody),
        (Framing("length", 3, reusable=True), LengthBody),
        (Framing("chunked", reusable=True), ChunkedBody),
        (Framing("close", reusable=False), CloseBody),
    ],
)
def test_each_framing_has_its_reader(framing: Framing, kind: type[BodyReader]) -> None:
    assert type(body_reader(framing)) is kind


def test_no_body_is_done_before_it_begins() -> None:
    body = body_reader(Framing("none", reusable=True))
    assert body.done
    body.eof()
    assert body.feed(b"extra") == b""
    assert body.leftover == b"extra"


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_bytes_behind_the_end_are_left_over(kind: type[bytes] | type[memoryview]) -> None:
    for body, raw in ((LengthBody(5), b"hello+more"), (ChunkedBody(), b"5\r\nhello\r\n0\r\n\r\n+more")):
        assert bytes(body.feed(kind(raw))) == b"hello"
        assert body.done
        assert body.leftover == b"+more"


def test_a_close_delimited_body_is_done_at_the_end() -> None:
    body = CloseBody()
    assert body.feed(b"all") == b"all"
    assert not body.done
    body.eof()
    assert body.done


def test_a_short_body_tells_what_came_and_what_was_announced() -> None:
    body = LengthBody(10)
    body.feed(b"hell")
    with pytest.raises(BodyIncomplete, match="4 of 10 bytes") as caught:
        body.eof()
    assert caught.value.details == {"received": 4, "expected": 10}


def test_a_short_chunked_body_tells_what_came() -> None:
    body = ChunkedBody()
    body.feed(b"2\r\nhe\r\n5\r\nllo")
    with pytest.raises(BodyIncomplete) as caught:
        body.eof()
    assert caught.value.details == {"received": 5, "expected": None}


def test_limits_can_be_set() -> None:
    limits = Limits(chunk_extension_bytes=10, trailer_bytes=8, fields=1)
    framing = Framing("chunked", reusable=True)
    assert body_reader(framing, limits).feed(b"5;12345\r\nhello\r\n") == b"hello"
    for raw in (b"5;" + b"a" * 40 + b"\r\nhello\r\n", b"0\r\nX: abc\r\n\r\n", b"0\r\na:\r\nb:\r\n\r\n"):
        with pytest.raises(BadResponse):
            body_reader(framing, limits).feed(raw)


@pytest.mark.parametrize(
    ("body", "first"),
    [
        pytest.param(LengthBody(10**15), b"", id="CVE-2025-13836 a length of a petabyte"),
        pytest.param(ChunkedBody(), b"fffffffffffffff\r\n", id="CVE-2025-13836 a chunk of an exabyte"),
    ],
)
def test_no_memory_is_made_for_a_promise(body: BodyReader, first: bytes) -> None:
    tracemalloc.start()
    try:
        body.feed(first + BLOCK)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_chunked_body_of_a_hundred_megabytes_is_not_kept() -> None:
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    block, body, received = chunk * 16, ChunkedBody(), 0
    tracemalloc.start()
    try:
        for _ in range(400):
            received += len(body.feed(block))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert received == 400 * 16 * 0x4000
