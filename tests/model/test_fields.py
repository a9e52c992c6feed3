"""The last gate before the wire: nothing that could end a line early passes it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import as_text, check_field, check_method, check_target, is_token, is_written_in_utf8, shown

LINE_BREAKERS = ["\r", "\n", "\r\n", "\0", "\x0b", "\x0c", "\x1b", "\x7f", "\x01", "\x1f"]


@pytest.mark.parametrize("method", ["GET", "get", "M-SEARCH", "X", "!#$%&'*+-.^_`|~09azAZ"])
def test_a_method_is_a_token(method: str) -> None:
    check_method(method)


@pytest.mark.parametrize(
    "method",
    ["", " ", "GET ", " GET", "G T", "GET / HTTP/1.1\r\nX: y", "GET\n", "G\0T", "GÉT", "GET,POST", "(GET)", "G\u017fT"],
)
def test_what_is_no_token_is_no_method(method: str) -> None:
    with pytest.raises(Usage, match="is not an HTTP method"):
        check_method(method)


@pytest.mark.parametrize(
    "value", ["", "v", "a b\tc", " v ", 'q="x, y"; z', "caf\xe9", "\x80\x9f\xff", "\u20ac", "\udcff"]
)
def test_a_value_holds_visible_characters_blanks_and_tabs(value: str) -> None:
    check_field("X-Name", value)


@pytest.mark.parametrize("control", LINE_BREAKERS)
@pytest.mark.parametrize("place", ["{}", "a{}", "{}a", "a{}b: c"])
def test_a_control_character_stands_in_no_value_and_no_name(place: str, control: str) -> None:
    text = place.format(control)
    with pytest.raises(Usage, match="header X-Name"):
        check_field("X-Name", text)
    with pytest.raises(Usage, match="is not a header name"):
        check_field(text, "v")


@pytest.mark.parametrize("name", ["", " ", "A B", "A:", ":authority", "A ", " A", "Á", "a(b)", "a/b", "a\tb", '"a"'])
def test_a_field_name_is_a_token(name: str) -> None:
    with pytest.raises(Usage, match="is not a header name"):
        check_field(name, "v")


def test_a_refused_value_is_not_shown() -> None:
    with pytest.raises(Usage) as caught:
        check_field("Authorization", "Bearer hunter2\n")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("target", ["/", "*", "/a?b", "http://h/a", "example.com:443", "/%00~!"])
def test_a_target_is_visible_ascii(target: str) -> None:
    check_target(target)


@pytest.mark.parametrize(
    "target", ["", "/a b", "/é", "/a\tb", "/\udcff", *(f"/{control}" for control in LINE_BREAKERS)]
)
def test_a_target_with_anything_else_is_refused(target: str) -> None:
    with pytest.raises(BadUrl, match="request target"):
        check_target(target)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a", "'a'"), ("a\r\n\x1b", r"'a\r\n\x1b'"), ("é\u202e", r"'\xe9\u202e'"), ("a" * 60, f"'{'a' * 60}'"),
     ("a" * 61, f"'{'a' * 60}'…")],
)  # fmt: skip
def test_text_is_shown_escaped_and_cut(text: str, expected: str) -> None:
    assert shown(text) == expected


TOKEN_CHARACTERS = set("!#$%&'*+-.^_`|~" + string.digits + string.ascii_letters)


NEAR = st.text(st.sampled_from('-_!~aZ09 \t\x00\x1f\x7f\x80é\u017f\u0661\u00b2"(/:@[{'), max_size=4)


@given(st.text(max_size=10) | NEAR)
@settings(max_examples=300, deadline=None)
def test_a_token_is_made_of_token_characters_and_is_not_empty(text: str) -> None:
    assert bool(is_token(text)) == (text != "" and set(text) <= TOKEN_CHARACTERS)


@given(st.text(max_size=20) | NEAR)
@settings(max_examples=300, deadline=None)
def test_a_value_and_a_target_are_refused_for_nothing_but_their_characters(text: str) -> None:
    controls = {*map(chr, range(0x20)), "\x7f"} - {"\t"}
    if set(text) & controls:
        with pytest.raises(Usage, match="holds a control character"):
            check_field("X", text)
    else:
        check_field("X", text)
    if text and all("!" <= character <= "~" for character in text):
        check_target(text)
    else:
        with pytest.raises(BadUrl):
            check_target(text)


@given(st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_a_field_that_passes_is_one_line(name: str, value: str) -> None:
    try:
        check_field(name, value)
    except Usage:
        return
    line = f"{name}: {value}".encode(errors="surrogatepass")
    assert not set(line) & {0x0A, 0x0D, 0x00}
    assert line.startswith(name.encode() + b":")
    assert b":" not in name.encode()


@given(st.binary(max_size=30))
@settings(max_examples=300, deadline=None)
def test_what_came_as_bytes_goes_back_as_those_bytes(raw: bytes) -> None:
    assert as_text(raw.decode("latin-1")).encode("utf-8", "surrogateescape") == raw


@pytest.mark.parametrize("text", ["", "plain", "\u20ac", "\udcff"])
def test_what_is_no_view_of_bytes_stays_as_it_is(text: str) -> None:
    assert as_text(text) == text


@pytest.mark.parametrize(
    ("value", "is_utf8"),
    [("", False), ("plain", False), ("Zoë", True), ("\udceb", False), ("Zo\udceb \u20ac", True), ("\ud800", True)],
)
def test_only_characters_beyond_ascii_are_written_in_utf_8(value: str, is_utf8: bool) -> None:
    """A byte that was typed as a byte is a surrogate here, and goes out as it is."""
    assert is_written_in_utf8(value) == is_utf8
