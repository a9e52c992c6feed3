"""What holds for every coding, and how several are taken off one after the other."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli import decode
from reqcli.decode import MAX_CODINGS, PIECE, STEP, Coding, Decoder, at_once, decoder_for, load, names
from reqcli.errors import DecodeFailed
from tests.decode import zstd

TEXT = b"".join(b"line %d of a body that can be made smaller\n" % number for number in range(5000))
NOISE = random.Random(1).randbytes(100_000)
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def encoded(body: bytes, *codings: str) -> bytes:
    """The body with these codings applied in this order."""
    for coding in codings:
        body = WAYS[coding](body)
    return body


def decoder(*codings: str) -> Decoder:
    found = decoder_for(list(codings))
    assert found is not None
    return found


def decoded(pieces: list[bytes], *codings: str) -> bytes:
    """The whole body; every piece on the way is of a size that was promised."""
    taking_off = decoder(*codings)
    body = []
    for piece in pieces:
        for output in taking_off.decode(piece):
            assert 0 < len(output) <= PIECE
            body.append(output)
    taking_off.finish()
    return b"".join(body)


def cuts(raw: bytes) -> Iterator[list[bytes]]:
    yield [raw]
    yield [raw[place : place + 1] for place in range(len(raw))]
    for seed in range(4):
        chance, pieces, place = random.Random(seed), [], 0
        while place < len(raw):
            size = chance.randint(1, chance.choice((3, 50, 5000)))
            pieces.append(raw[place : place + size])
            place += size
        yield pieces


@pytest.mark.parametrize("coding", WAYS)
@pytest.mark.parametrize("body", [b"", b"x", TEXT, NOISE], ids=["empty", "one byte", "text", "noise"])
def test_what_was_encoded_is_decoded_however_it_was_cut(coding: str, body: bytes) -> None:
    for pieces in cuts(encoded(body, coding)):
        assert decoded(pieces, coding) == body


@pytest.mark.parametrize("coding", WAYS)
def test_a_body_without_a_byte_is_an_empty_body(coding: str) -> None:
    assert decoded([], coding) == b""
    assert decoded([b"", b""], coding) == b""


@pytest.mark.parametrize("coding", WAYS)
def test_a_body_cut_anywhere_is_truncated(coding: str) -> None:
    whole = encoded(b"hello, " * 9 + b"world", coding)
    for end in range(1, len(whole)):
        with pytest.raises(DecodeFailed, match=f"{coding} data is truncated"):
            decoded([whole[:end]], coding)


@pytest.mark.parametrize("coding", WAYS)
def test_what_came_before_the_cut_is_given_out(coding: str) -> None:
    taking_off = decoder(coding)
    whole = encoded(NOISE, coding)
    assert NOISE.startswith(b"".join(taking_off.decode(whole[: len(whole) - 1000])))
    with pytest.raises(DecodeFailed):
        taking_off.finish()


@pytest.mark.parametrize("coding", WAYS)
def test_bytes_in_another_coding_are_an_error_that_names_the_one_expected(coding: str) -> None:
    for pieces in cuts(b"\xff{ this is no coding } " * 3):
        with pytest.raises(DecodeFailed, match=coding) as caught:
            decoded(pieces, coding)
        assert caught.value.phase == "decode"


@pytest.mark.parametrize("coding", ["gzip", "zstd", "deflate"])
def test_a_broken_check_sum_is_an_error(coding: str) -> None:
    sums = {"gzip": -8, "deflate": -4, "zstd": -4}
    checked = {zstd.CompressionParameter.checksum_flag: 1}
    whole = bytearray(zstd.compress(TEXT, options=checked) if coding == "zstd" else encoded(TEXT, coding))
    whole[sums[coding]] ^= 1
    with pytest.raises(DecodeFailed, match=f"not valid {coding}"):
        decoded([bytes(whole)], coding)


@pytest.mark.parametrize(
    "codings",
    [
        ("gzip", "br"),
        ("br", "gzip"),
        ("deflate", "zstd", "gzip"),
        ("gzip",) * 5,
        ("gzip", "deflate", "br", "zstd", "gzip"),
    ],
    ids="-".join,
)
def test_several_codings_are_taken_off_last_one_first(codings: tuple[str, ...]) -> None:
    for pieces in cuts(encoded(TEXT, *codings)):
        assert decoded(pieces, *codings) == TEXT


def test_a_cut_inside_the_inner_coding_is_noticed_too() -> None:
    with pytest.raises(DecodeFailed, match="br data is truncated"):
        decoded([gzip.compress(brotli.compress(TEXT)[:-1])], "br", "gzip")
    assert decoded([gzip.compress(b"")], "br", "gzip") == b""


@pytest.mark.parametrize(
    ("codings", "meant"),
    [
        pytest.param(["x-gzip"], ["gzip"], id="x-gzip is gzip"),
        pytest.param(["gzip", "identity"], ["gzip"], id="identity is nothing, behind"),
        pytest.param(["identity", "gzip", "identity"], ["gzip"], id="identity is nothing, around"),
        pytest.param(["identity"] * 60 + ["gzip"], ["gzip"], id="identity does not count"),
    ],
)
def test_a_coding_may_have_another_name_or_company(codings: list[str], meant: list[str]) -> None:
    assert decoded([encoded(TEXT, *meant)], *codings) == TEXT


@pytest.mark.parametrize(
    "codings",
    [
        pytest.param([], id="none"),
        pytest.param(["identity"], id="identity"),
        pytest.param(["foo"], id="unknown"),
        pytest.param(["gzip", "foo"], id="unknown behind a known one"),
        pytest.param(["foo", "gzip"], id="unknown before a known one"),
        pytest.param(["__init__"], id="a name that is ours"),
        pytest.param(["os"], id="a module of another place"),
        pytest.param(["gzip.zlib"], id="a path"),
        pytest.param(["../gzip"], id="a file"),
        pytest.param(["gzıp"], id="a letter like another"),
        pytest.param([""], id="empty"),
    ],
)
def test_a_body_that_cannot_be_decoded_whole_is_left_as_it_is(codings: list[str]) -> None:
    assert decoder_for(codings) is None


@pytest.mark.parametrize(
    "codings",
    [
        pytest.param(["gzip"] * 60, id="CVE-2022-32206 sixty codings in a line"),
        pytest.param(["gzip", "br"] * 30, id="CVE-2023-23916 sixty codings of two kinds"),
        pytest.param(["gzip"] * (MAX_CODINGS + 1), id="CVE-2025-66418 one coding more than allowed"),
        pytest.param(["foo"] * 60, id="CVE-2025-66418 sixty unknown ones"),
    ],
)
def test_too_many_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(DecodeFailed, match=f"more than {MAX_CODINGS}"):
        decoder_for(codings)


def test_the_folder_is_the_list_of_codings() -> None:
    files = {path.stem for path in Path(decode.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(names()) == files == set(WAYS)
    for name in names():
        coding = load(name)
        assert isinstance(coding, Coding)
        assert coding.name == name


def test_a_coding_whose_library_is_missing_or_too_old_is_not_known() -> None:
    script = """
import sys, types
sys.modules["backports"] = sys.modules["compression"] = None
old = sys.modules["brotli"] = types.ModuleType("brotli")
old.Decompressor, old.error = type("Decompressor", (), {}), Exception
from reqcli.decode import decoder_for
assert decoder_for(["br"]) is decoder_for(["zstd"]) is decoder_for(["gzip", "br"]) is None
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_no_library_is_loaded_before_it_is_needed() -> None:
    script = """
import sys
from reqcli.decode import decoder_for
assert not {"zlib", "brotli", "backports.zstd", "compression.zstd"} & sys.modules.keys()
decoder_for(["gzip"])
assert not {"brotli", "backports.zstd", "compression.zstd"} & sys.modules.keys()
"""
    subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{script}"], check=True, timeout=60
    )


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WAYS)), st.binary(max_size=300), st.integers(0, 300), st.binary(max_size=6))
def test_any_bytes_are_decoded_or_refused(coding: str, body: bytes, place: int, scrap: bytes) -> None:
    whole = encoded(body, coding)
    mutant = whole[:place] + scrap + whole[place + len(scrap) :]
    outcomes: set[bytes | None] = set()
    for pieces in ([mutant], [mutant[at : at + 1] for at in range(len(mutant))], [mutant[:place], mutant[place:]]):
        try:
            outcomes.add(decoded(pieces, coding))
        except DecodeFailed:
            outcomes.add(None)
    assert len(outcomes) == 1
    assert at_once([coding], mutant) in (None, *outcomes)


@pytest.mark.parametrize("coding", WAYS)
def test_a_small_body_is_decoded_at_once(coding: str) -> None:
    assert at_once([coding], encoded(TEXT[:1000], coding)) == TEXT[:1000]


@pytest.mark.parametrize("coding", WAYS)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda coding: encoded(bytes(PIECE + 1), coding), id="more than one piece of output"),
        pytest.param(lambda coding: encoded(NOISE[: STEP + 1], coding), id="more than one step of input"),
        pytest.param(lambda coding: encoded(TEXT, coding)[:-1], id="cut short"),
        pytest.param(lambda coding: encoded(b"some text", coding) + bytes(9), id="bytes behind it"),
        pytest.param(lambda coding: b"", id="no byte"),
    ],
)
def test_what_takes_more_than_one_step_is_left_to_a_decoder(coding: str, make: Callable[[str], bytes]) -> None:
    assert at_once([coding], make(coding)) is None


def test_codings_on_top_of_each_other_and_unknown_ones_are_not_taken_off_at_once() -> None:
    assert at_once(["gzip", "gzip"], encoded(TEXT[:1000], "gzip", "gzip")) is None
    assert at_once(["no-such"], b"x") is None
