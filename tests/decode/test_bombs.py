"""Bodies of a few kilobytes that unpack to a gibibyte: they are streamed, and cost nothing but their time."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from reqcli.decode import PIECE
from tests.decode import zstd
from tests.decode.test_decode import decoder

BLOCK = bytes(16 << 20)
GIBIBYTE = 1 << 30
MAY_GROW = 64 << 20
"""Bytes of resident memory, as the advisories were measured: the worst client took 3 GiB."""


def brotli_bomb() -> bytes:
    compressor = brotli.Compressor(quality=1)
    return b"".join(compressor.process(BLOCK) for _ in range(GIBIBYTE // len(BLOCK))) + compressor.finish()


def resident() -> int:
    """Bytes of memory that the process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


BOMBS = {
    "gzip": lambda: gzip.compress(BLOCK) * (GIBIBYTE // len(BLOCK)),
    "br": brotli_bomb,
    "zstd": lambda: zstd.compress(BLOCK) * (GIBIBYTE // len(BLOCK)),
}


def sizes(bomb: bytes, *codings: str) -> Iterator[int]:
    taking_off = decoder(*codings)
    for piece in taking_off.decode(bomb):
        yield len(piece)
    taking_off.finish()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.parametrize(
    "coding",
    [
        pytest.param("gzip", id="CVE-2025-69223 gzip"),
        pytest.param("br", id="CVE-2025-66471 br"),
        pytest.param("zstd", id="CVE-2025-66471 zstd"),
    ],
)
def test_a_bomb_of_a_gibibyte_is_streamed(coding: str) -> None:
    bomb = BOMBS[coding]()
    before, most, total = resident(), 0, 0
    for count, size in enumerate(sizes(bomb, coding)):
        assert size <= PIECE
        total += size
        if count % 512 == 0:
            most = max(most, resident())
    assert total == GIBIBYTE
    assert most - before < MAY_GROW


def test_a_bomb_inside_a_bomb_is_streamed_too() -> None:
    tracemalloc.start()
    try:
        bomb = gzip.compress(gzip.compress(BLOCK) * 4)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        assert sum(sizes(bomb, "gzip", "gzip")) == 4 * len(BLOCK)
        assert tracemalloc.get_traced_memory()[1] - before < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("coding", BOMBS)
def test_a_reader_who_stops_pays_only_for_what_was_read(coding: str) -> None:
    """CVE-2026-44432: one byte was asked for, and the rest of the block was unpacked to be thrown away."""
    bomb = BOMBS["gzip"]() if coding == "gzip" else {"br": brotli.compress, "zstd": zstd.compress}[coding](BLOCK)
    tracemalloc.start()
    try:
        pieces = decoder(coding).decode(bomb)
        assert len(next(pieces)) <= PIECE
        del pieces
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
