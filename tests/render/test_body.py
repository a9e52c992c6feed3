"""Bodies on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from reqcli.errors import BodyIncomplete
from reqcli.model.redact import Redactor
from reqcli.model.secret import Secret
from reqcli.render.body import LARGEST_COUNTED, LARGEST_HELD, body_text
from reqcli.render.look import LARGEST_LAID_OUT, Look, kind_of
from tests.render.answers import answer

LAID_OUT = '{\n    "a": 1\n}\n'


def shown(body: bytes, content_type: str | None) -> str:
    return "".join(body_text(answer(body, content_type), Look(layout=True), Redactor()))


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


def test_a_secret_that_is_said_to_be_the_type_is_masked() -> None:
    notice = "".join(body_text(answer(b"\0", "x/s3cret-Value; a=b"), Look(), Redactor([Secret("s3cret-Value")])))
    assert notice == "[1 bytes of binary data (x/••••): save them with -o FILE]\n"


def test_a_huge_document_is_shown_as_it_came() -> None:
    body = b"[" + b"1," * (LARGEST_LAID_OUT // 2) + b"1]"
    assert shown(body, "application/json") == body.decode() + "\n"


def test_tokens_are_coloured() -> None:
    body = b'{"a":[1,"b",null]}'
    painted = "".join(body_text(answer(body), Look(layout=True, colour=True), Redactor()))
    assert '\x1b[1;34m"a"\x1b[0m: [' in painted
    assert "\x1b[33m1\x1b[0m" in painted
    assert '\x1b[32m"b"\x1b[0m' in painted
    assert "\x1b[1;35mnull\x1b[0m" in painted


def pieces(
    *blocks: bytes, content_type: str = "text/plain", redactor: Redactor | None = None, **look: object
) -> list[str]:
    """What is shown of a body that comes in these blocks."""
    response = answer(b"", content_type)
    response._source.chunks = lambda: iter(blocks)  # type: ignore[method-assign]
    return list(body_text(response, Look(layout=True, **look), redactor or Redactor()))  # type: ignore[arg-type]


def test_text_is_shown_as_it_arrives() -> None:
    assert pieces(b"one", b" two\n", b"three") == ["one", " two\n", "three", "\n"]


def test_a_character_cut_in_two_is_one() -> None:
    assert "".join(pieces(b"caf\xc3", b"\xa9\r", b"\nx")) == "café\nx\n"


def test_a_secret_cut_in_two_is_masked() -> None:
    masking = Redactor([Secret("s3cr3t-value")])
    assert "".join(pieces(b"a s3cr", b"3t-value b", b" c", redactor=masking)) == "a •••• b c\n"
    assert pieces(b"one two", b" three\n", redactor=masking) == ["one ", "two three\n"]


def test_a_blank_that_never_comes_is_not_waited_for_for_ever() -> None:
    masking = Redactor([Secret("s3cr3t-value")])
    shown = pieces(b"x" * (LARGEST_HELD + 1), b"y", redactor=masking)
    assert shown[0] == "x" * (LARGEST_HELD + 1)


@pytest.mark.parametrize("end", [BodyIncomplete("cut"), KeyboardInterrupt()], ids=["cut short", "interrupted"])
def test_what_came_of_a_document_that_broke_is_shown(end: BaseException) -> None:
    def blocks() -> Iterator[bytes]:
        yield b'{"a":1'
        raise end

    response = answer()
    response._source.chunks = blocks  # type: ignore[method-assign]
    shown = body_text(response, Look(layout=True), Redactor())
    assert next(shown) == '{"a":1'
    with pytest.raises(type(end)):
        next(shown)


def test_binary_data_of_known_size_is_not_read() -> None:
    taken: list[bytes] = []

    def blocks() -> Iterator[bytes]:
        for _ in range(100):
            taken.append(b"\0")
            yield b"\0" * 1000

    response = answer(content_type="image/png", headers=[("Content-Length", "100000")])
    response._source.chunks = blocks  # type: ignore[method-assign]
    assert list(body_text(response, Look(), Redactor())) == [
        "[100000 bytes of binary data (image/png): save them with -o FILE]\n"
    ]
    assert len(taken) == 1


def test_binary_data_without_an_end_is_not_counted_for_ever() -> None:
    response = answer(content_type="image/png")
    response._source.chunks = lambda: iter(lambda: b"\0" * 100_000, b"")  # type: ignore[method-assign]
    (notice,) = body_text(response, Look(), Redactor())
    assert notice.startswith(f"[more than {LARGEST_COUNTED} bytes of binary data")


def test_data_of_no_textual_type_is_looked_at_before_it_is_taken_for_text() -> None:
    assert pieces(b"%PDF-1.7\n", b"\xff\xfe\0", content_type="application/pdf") == [
        "[12 bytes of binary data (application/pdf): save them with -o FILE]\n"
    ]
    assert "".join(pieces(b"just ", b"text", content_type="application/octet-stream")) == "just text\n"


def test_json_in_a_text_is_laid_out_line_by_line_where_no_end_is_announced() -> None:
    assert pieces(b'{"a":1}\n', b"{no\n") == [LAID_OUT, "{no\n"]


def test_the_charset_and_the_type_can_be_overruled() -> None:
    assert "".join(pieces(b"caf\xe9", charset="latin-1")) == "café\n"
    assert "".join(pieces(b'{"a":1}', content_type="text/html", media_type="application/json")) == LAID_OUT
    assert "".join(pieces(b'{"a":1}', content_type="application/json", media_type="text/html")) == '{"a":1}\n'


def test_members_are_sorted_when_asked() -> None:
    body = b'{"b":1,"a":2}'
    assert "".join(pieces(body, content_type="application/json", sort=True)) == '{\n    "a": 2,\n    "b": 1\n}\n'


def test_a_document_can_be_taken_line_by_line() -> None:
    shown = pieces(b'{"a":1}\n{"b"', b":2}\n", content_type="application/json", by_line=True)
    assert shown == [LAID_OUT, '{\n    "b": 2\n}\n']


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("application/json", "json"),
        ("application/vnd.api+json", "json"),
        ("text/event-stream", "events"),
        ("application/x-ndjson", "lines"),
        ("application/jsonl", "lines"),
        ("application/json-seq", "lines"),
        ("application/xml", "xml"),
        ("image/svg+xml", "xml"),
        ("application/xhtml+xml", "xml"),
        ("text/html", "html"),
        ("text/plain", ""),
        ("", ""),
    ],
)
def test_kinds(media_type: str, kind: str) -> None:
    assert kind_of(media_type) == kind
