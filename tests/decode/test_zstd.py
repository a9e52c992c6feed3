"""zstd: frames, with and without data, and a window that fits in memory."""

from __future__ import annotations

import pytest

from reqcli.errors import DecodeFailed
from tests.decode import zstd
from tests.decode.test_decode import TEXT, cuts, decoded, decoder

SKIPPABLE = b"\x5a\x2a\x4d\x18\x04\x00\x00\x00skip"


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([zstd.compress(b"hello "), zstd.compress(b"world")], id="two frames"),
        pytest.param([SKIPPABLE, zstd.compress(b"hello world")], id="a skippable frame first"),
        pytest.param([zstd.compress(b"hello world"), SKIPPABLE, SKIPPABLE], id="skippable frames last"),
        pytest.param(
            [zstd.compress(b"hello world", options={zstd.CompressionParameter.content_size_flag: 0})], id="no size"
        ),
    ],
)
def test_frames_are_one_body(frames: list[bytes]) -> None:
    for pieces in cuts(b"".join(frames)):
        assert decoded(pieces, "zstd") == b"hello world"


def test_a_skippable_frame_cut_short_is_truncated() -> None:
    with pytest.raises(DecodeFailed, match="truncated"):
        decoded([zstd.compress(b"hello") + SKIPPABLE[:-1]], "zstd")


def test_junk_behind_the_frames_is_ignored_with_a_warning() -> None:
    for pieces in cuts(zstd.compress(b"hello") + b"junk and more"):
        taking_off = decoder("zstd")
        assert b"".join(output for piece in pieces for output in taking_off.decode(piece)) == b"hello"
        taking_off.finish()
        assert "zstd" in taking_off.warnings[0]


@pytest.mark.parametrize(("log", "fits"), [(23, True), (24, False)])
def test_a_window_may_be_of_eight_mebibytes_and_no_more(log: int, fits: bool) -> None:
    options = {zstd.CompressionParameter.window_log: log, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    body = TEXT * 4
    whole = compressor.compress(body) + compressor.flush()
    if fits:
        assert decoded([whole], "zstd") == body
    else:
        with pytest.raises(DecodeFailed):
            decoded([whole], "zstd")
