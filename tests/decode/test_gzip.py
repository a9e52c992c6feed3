"""gzip: members, and what servers put behind them."""

from __future__ import annotations

import gzip
import time

import pytest

from reqcli.errors import DecodeFailed
from tests.decode.test_decode import cuts, decoder


@pytest.mark.parametrize("behind", [b"\0", b"\0" * 600, b"junk", b"\x1f", b"\x1fjunk"], ids=repr)
def test_junk_behind_the_last_member_is_ignored_with_a_warning(behind: bytes) -> None:
    for pieces in cuts(gzip.compress(b"hello ") + gzip.compress(b"world") + behind):
        taking_off = decoder("gzip")
        assert b"".join(output for piece in pieces for output in taking_off.decode(piece)) == b"hello world"
        taking_off.finish()
        assert "gzip" in taking_off.warnings[0]


def test_members_are_one_body() -> None:
    for pieces in cuts(gzip.compress(b"hello ") + gzip.compress(b"") + gzip.compress(b"world")):
        taking_off = decoder("gzip")
        assert b"".join(output for piece in pieces for output in taking_off.decode(piece)) == b"hello world"
        taking_off.finish()
        assert taking_off.warnings == ()


def test_a_member_cut_short_is_truncated_though_one_before_it_is_complete() -> None:
    whole = gzip.compress(b"hello")
    for end in range(2, len(whole)):
        taking_off = decoder("gzip")
        assert b"".join(taking_off.decode(whole + whole[:end])).startswith(b"hello")
        with pytest.raises(DecodeFailed, match="truncated"):
            taking_off.finish()


def test_a_missing_check_sum_is_a_truncated_body() -> None:
    taking_off = decoder("gzip")
    assert b"".join(taking_off.decode(gzip.compress(b"hello")[:-8])) == b"hello"
    with pytest.raises(DecodeFailed, match="truncated"):
        taking_off.finish()


def test_a_hundred_thousand_empty_members_take_no_time_that_grows_with_its_square() -> None:
    started = time.monotonic()
    assert list(decoder("gzip").decode(gzip.compress(b"") * 100_000)) == []
    assert time.monotonic() - started < 20
