"""Pins as they are typed: read, written, and refused when they are of another form."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.model.origin import Origin
from reqcli.model.pin import parse_pins, written
from reqcli.model.spec import spec_for

HERE = Origin("https", "a.example", 443)
ONE, OTHER = bytes(32), bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_what_is_written_reads_as_the_same(digest: bytes) -> None:
    assert written(digest) == f"sha256//{b64encode(digest).decode()}"
    (pin,) = parse_pins(written(digest), HERE)
    assert (pin.origin, pin.digest) == (HERE, digest)


def test_several_stand_in_one_text_or_in_more() -> None:
    one, other = written(ONE), written(OTHER)
    assert [pin.digest for pin in parse_pins(f"{one};{other}", HERE)] == [ONE, OTHER]
    assert [pin.digest for pin in parse_pins(f"{one}; {other}", HERE)] == [ONE, OTHER]
    assert [pin.digest for pin in parse_pins([one, other], HERE)] == [ONE, OTHER]


@pytest.mark.parametrize(
    "text",
    ["", ";", "sha256//", written(ONE)[:-1], f"{written(ONE)};", written(ONE).removeprefix("sha256//"), "sha1//AAAA",
     "sha256//!!!!", written(ONE).replace("//", "/"), "sha256//" + "A" * 44, "key.pem",
     f"{written(ONE)}\n=", "sha256//é"],
)  # fmt: skip
def test_another_form_is_said(text: str) -> None:
    with pytest.raises(Usage, match="is not of the form sha256//BASE64"):
        parse_pins(text, HERE)


def test_nothing_is_pinned_where_there_is_no_certificate() -> None:
    with pytest.raises(Usage, match=r"a pin needs https: http://a\.example shows no certificate"):
        parse_pins(written(ONE), Origin("http", "a.example", 80))


def test_a_program_pins_by_the_same_words() -> None:
    spec = spec_for("GET", "https://a.example/x", pin=written(ONE))
    assert spec.pins == parse_pins(written(ONE), HERE)
    more = spec_for("GET", "https://b.example/", pin=[written(ONE), written(OTHER)], pins=spec.pins)
    assert [str(pin.origin) for pin in more.pins] == ["https://a.example", *["https://b.example"] * 2]
