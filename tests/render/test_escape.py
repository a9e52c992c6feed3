"""Escaping: nothing that acts on a terminal, or hides in it, comes through."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.secret import MASK
from reqcli.render.escape import _INVISIBLE, _is_surely_visible, escape_json, escape_line, escape_text, field_text

# Every category but the printable ones, weighted towards what terminals and readers are fooled with.
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]),
        st.sampled_from("\x1b\x9b\x07\r\n\t\x7f\u202e\u2066\u200b\ufeff\udc80é日👩\u200d"),
    )
)
VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are drawn: signs that stand around the number after them."""
JOINERS = "\u200c\u200d"


def is_harmless(character: str, *, kept: str = "") -> bool:
    category = unicodedata.category(character)
    return character in kept or character in VISIBLE_FORMATS or category not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@settings(max_examples=300, deadline=None)
@given(NASTY)
def test_a_line_holds_no_character_that_acts_or_hides(text: str) -> None:
    assert all(is_harmless(character, kept=JOINERS) for character in escape_line(text))


@settings(max_examples=300, deadline=None)
@given(NASTY)
def test_a_text_holds_line_breaks_and_tabs_and_nothing_else_that_acts(text: str) -> None:
    assert all(is_harmless(character, kept=JOINERS + "\n\t") for character in escape_text(text))


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_escaped_json_means_the_same(text: str) -> None:
    written = json.dumps(text, ensure_ascii=False)
    escaped = escape_json(written)
    assert json.loads(escaped) == text
    assert all(is_harmless(character, kept=JOINERS) for character in escaped)


def test_what_is_surely_visible_needs_no_escape() -> None:
    sure = [character for character in map(chr, range(0x110000)) if _is_surely_visible(character)]
    assert not re.search(_INVISIBLE, "".join(sure))
    acting = "\x7f\u202e\u200d\u034f\ufe0d\ud800\U000e0101"
    assert not any(_is_surely_visible(f"a{character}b") for character in acting)
    assert all(_is_surely_visible(text) for text in (MASK, "é", "Grüße, 日本", "ещё", ""))


def test_every_control_and_format_character_of_unicode_is_escaped() -> None:
    left = [
        f"{code:04x}"
        for code in range(0x110000)
        if not is_harmless(chr(code), kept="".join(VISIBLE_FORMATS)) and escape_line(chr(code)) == chr(code)
    ]
    assert left == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b]0;owned\x07", "\\x1b]0;owned\\x07", id="title"),
        pytest.param("\x9b2J", "\\x9b2J", id="8-bit CSI"),
        pytest.param("a\tb\r\nc", "a\\tb\\r\\nc", id="a line keeps no tab and no break"),
        pytest.param("user\u202etxt.exe", "user\\u202etxt.exe", id="right-to-left override"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag"),
        pytest.param("\udce9", "\\xe9", id="a byte that is no UTF-8"),
        pytest.param("\ud800", "\\ud800", id="half a pair"),
        pytest.param("pay\u200dpal", "pay\\u200dpal", id="joiner between Latin letters"),
        pytest.param("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم", id="joiner in its place"),
        pytest.param("C:\\temp é 日本", "C:\\temp é 日本", id="the rest is left alone"),
    ],
)
def test_what_is_escaped_and_how(text: str, shown: str) -> None:
    assert escape_line(text) == shown


def test_a_text_keeps_its_lines_and_shows_a_carriage_return_that_would_overwrite_one() -> None:
    assert escape_text("a\tb\r\nc\rd\n") == "a\tb\nc\\rd\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [("caf\xc3\xa9", "café"), ("caf\xe9", "café"), ("日本", "日本"), ("plain", "plain")],
    ids=["UTF-8", "latin-1", "text already", "ASCII"],
)
def test_a_field_value_is_read_as_utf_8_when_it_is(value: str, text: str) -> None:
    assert field_text(value) == text
