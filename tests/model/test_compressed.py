"""Compressed bodies: gzip that other programs read, shorter or not at all, streamed, and the same bytes each time."""

from __future__ import annotations

import gzip
import io
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import InputFailed
from reqcli.model.body import BLOCK, Body, BytesBody, FileBody, StreamBody
from reqcli.model.compressed import AT_ONCE, GzipBody, compressed
from reqcli.model.multipart import MultipartBody, Part


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def file_of(data: bytes) -> FileBody:
    return FileBody(io.BytesIO(b"skipped" + data), 7, len(data), name="a file", content_type="text/x-file")


def coded(body: Body) -> Body:
    made = compressed(body)
    assert made is not None
    return made


@pytest.mark.parametrize("size", [200, AT_ONCE, AT_ONCE + 1])
def test_bytes_are_compressed_at_once(size: int) -> None:
    body = coded(BytesBody(b"x" * size, "text/plain"))
    data = b"".join(body.chunks())
    assert gzip.decompress(data) == b"x" * size
    assert (body.length, body.content_type, body.replayable) == (len(data), "text/plain", True)


@pytest.mark.parametrize(
    "data", [b"", b"short", noise(1000), noise(AT_ONCE + 1)], ids=["empty", "short", "noise", "much"]
)
def test_bytes_that_would_not_shrink_are_left_alone(data: bytes) -> None:
    assert compressed(BytesBody(data)) is None


def test_a_small_file_or_form_is_compressed_at_once_so_that_its_length_is_known() -> None:
    small = file_of(b"x" * 5000)
    form = MultipartBody([Part("a", small), Part("b", BytesBody(b"y" * 500))], "f00dfeed")
    for plain in (small, form):
        body = coded(plain)
        assert body.length == len(b"".join(body.chunks()))
        assert gzip.decompress(b"".join(body.chunks())) == b"".join(plain.chunks())
        assert body.content_type == plain.content_type
    assert compressed(file_of(noise(5000))) is None


def test_a_large_file_is_compressed_as_it_goes_and_again_on_a_replay() -> None:
    content = noise(BLOCK) * 5
    body = coded(file_of(content))
    assert (body.length, body.replayable) == (None, True)
    once, again = list(body.chunks()), list(body.chunks())
    assert all(once)
    assert once == again
    assert gzip.decompress(b"".join(once)) == content


def test_a_stream_is_compressed_once() -> None:
    body = coded(StreamBody([b"a" * 100, b"b"], name="a pipe", length=101, content_type="text/plain"))
    assert (body.length, body.content_type, body.replayable) == (None, "text/plain", False)
    assert gzip.decompress(b"".join(body.chunks())) == b"a" * 100 + b"b"
    with pytest.raises(InputFailed, match="a pipe was sent already"):
        list(body.chunks())


def test_a_stream_that_brings_nothing_is_an_empty_member() -> None:
    assert gzip.decompress(b"".join(coded(StreamBody([], name="a pipe")).chunks())) == b""


def test_what_comes_slowly_is_not_held_back() -> None:
    seen = zlib.decompressobj(wbits=31)
    chunks = coded(StreamBody([b"one line\n", b"and another\n"], name="a pipe")).chunks()
    assert seen.decompress(next(chunks)) == b"one line\n"
    assert seen.decompress(next(chunks)) == b"and another\n"
    assert seen.decompress(b"".join(chunks)) == b""
    assert seen.eof


def test_no_clock_is_in_it() -> None:
    assert b"".join(coded(BytesBody(b"x" * 100)).chunks())[4:8] == b"\0\0\0\0"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=2000), max_size=6), st.booleans())
def test_any_blocks_come_out_as_they_went_in(blocks: list[bytes], length_is_known: bool) -> None:
    length = sum(map(len, blocks)) if length_is_known else None
    chunks = list(GzipBody(StreamBody(blocks, name="a pipe", length=length)).chunks())
    assert all(chunks)
    assert gzip.decompress(b"".join(chunks)) == b"".join(blocks)
