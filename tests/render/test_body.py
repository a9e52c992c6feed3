"""Bodies on a terminal."""

from __future__ import annotations

import pytest

from reqcli.render.body import LARGEST_LAID_OUT, body_for_terminal
from tests.render.answers import answer

LAID_OUT = '{\n    "a": 1\n}\n'


def shown(body: bytes, content_type: str | None) -> str:
    return body_for_terminal(answer(body, content_type), body)


@pytest.mark.parametrize(
    ("content_type", "text"),
    [
        ("application/json", LAID_OUT),
        ("application/problem+json; charset=utf-8", LAID_OUT),
        ("text/plain", LAID_OUT),
        (None, LAID_OUT),
        ("text/html", '{"a":1}\n'),
    ],
)
def test_json_is_laid_out_where_the_type_allows(content_type: str | None, text: str) -> None:
    assert shown(b'{"a":1}', content_type) == text


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        pytest.param(b"", "text/plain", "", id="nothing"),
        pytest.param(b'{"a":', "application/json", '{"a":\n', id="JSON that is none"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', "application/json", LAID_OUT, id="byte order mark"),
        pytest.param("<p>é\x1b[2J</p>\r\n".encode(), "text/html", "<p>é\\x1b[2J</p>\n", id="HTML"),
        pytest.param(b"caf\xe9", "text/plain; charset=iso-8859-1", "café\n", id="charset"),
        pytest.param("日本".encode("utf-16"), "text/plain; charset=utf-16", "日本\n", id="UTF-16"),
        pytest.param(b"caf\xe9", "text/plain", "caf\\xe9\n", id="text that is not in its charset"),
        pytest.param("é".encode(), "text/plain; charset=klingon", "é\n", id="unknown charset"),
        pytest.param("é".encode(), "text/plain; charset=rot13", "é\n", id="codec that is no charset"),
        pytest.param("é".encode(), "text/plain; charset=undefined", "é\n", id="codec that decodes nothing"),
        pytest.param(
            b"a-" + b"a" * 9, "text/plain; charset=punycode", f"a-{9 * 'a'}\n", id="codec that takes for ever"
        ),
        pytest.param("é".encode(), "text/plain; charset=a\0b", "é\n", id="charset with a NUL"),
        pytest.param(b"\\x1b[2J", "text/plain; charset=unicode_escape", "\\x1b[2J\n", id="charset that makes controls"),
    ],
)
def test_text_is_shown_in_its_charset_and_harmless(body: bytes, content_type: str, text: str) -> None:
    assert shown(body, content_type) == text


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0", "image/png", " (image/png)"),
        (b"\xff\xfe\xfd", None, ""),
        (b"text\0more", "text/plain", " (text/plain)"),
        (b"\xff", "x/\x1b[2J", " (x/\\x1b[2j)"),
    ],
    ids=["image", "no type", "NUL in text", "type that acts"],
)
def test_binary_data_is_announced_and_not_shown(body: bytes, content_type: str | None, kind: str) -> None:
    assert shown(body, content_type) == f"[{len(body)} bytes of binary data{kind}: save them with -o FILE]\n"


def test_a_huge_document_is_shown_as_it_came() -> None:
    body = b"[" + b"1," * (LARGEST_LAID_OUT // 2) + b"1]"
    assert shown(body, "application/json") == body.decode() + "\n"


def test_tokens_are_coloured() -> None:
    body = b'{"a":[1,"b",null]}'
    painted = body_for_terminal(answer(body), body, colour=True)
    assert '\x1b[1;34m"a"\x1b[0m: [' in painted
    assert "\x1b[33m1\x1b[0m" in painted
    assert '\x1b[32m"b"\x1b[0m' in painted
    assert "\x1b[1;35mnull\x1b[0m" in painted
