"""deflate: two formats under one name."""

from __future__ import annotations

import zlib

import pytest

from reqcli.errors import DecodeFailed
from tests.decode.test_decode import TEXT, cuts, decoded, decoder


def bare(body: bytes, level: int = 6) -> bytes:
    compressor = zlib.compressobj(level, wbits=-15)
    return compressor.compress(body) + compressor.flush()


@pytest.mark.parametrize("body", [b"", b"x", TEXT], ids=["empty", "one byte", "text"])
@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_both_formats_are_decoded(body: bytes, level: int) -> None:
    for pieces in cuts(zlib.compress(body, level)):
        assert decoded(pieces, "deflate") == body
    for pieces in cuts(bare(body, level)):
        assert decoded(pieces, "deflate") == body


def test_a_broken_zlib_stream_is_not_tried_as_the_other_format() -> None:
    whole = bytearray(zlib.compress(TEXT))
    whole[2:6] = b"\xff\xff\xff\xff"
    with pytest.raises(DecodeFailed, match="not valid deflate"):
        decoded([bytes(whole)], "deflate")


@pytest.mark.parametrize("whole", [zlib.compress(b"hello"), bare(b"hello")], ids=["zlib", "bare"])
def test_junk_behind_the_stream_is_ignored_with_a_warning(whole: bytes) -> None:
    for pieces in cuts(whole + b"\0junk" + whole):
        taking_off = decoder("deflate")
        assert b"".join(output for piece in pieces for output in taking_off.decode(piece)) == b"hello"
        taking_off.finish()
        assert "deflate" in taking_off.warnings[0]
