"""The head reader: what it says, what it leaves, and how long it may think."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import BadResponse
from reqcli.model.headers import Headers
from reqcli.model.lately import PATIENCE
from reqcli.model.response import DEFAULT_LIMITS, ResponseHead
from reqcli.wire.http1.framing import CHUNKED, Framing, body_framing, keep_alive_timeout
from reqcli.wire.http1.head import HeadReader, Limits, _tolerated_head, clean_head, find_stop

OK = b"HTTP/1.1 200 OK\r\n"


def test_what_comes_behind_the_head_is_left_over() -> None:
    reader = HeadReader()
    head = reader.feed(memoryview(OK + b"X: a\r\n\r\nthe body"))
    assert head is not None
    assert reader.leftover == b"the body"


def test_an_empty_block_is_not_a_byte() -> None:
    reader = HeadReader()
    assert reader.feed(b"") is None
    assert not reader.has_bytes
    assert reader.feed(b"H") is None
    assert reader.has_bytes


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        pytest.param(b"220 smtp.example.com ESMTP", None, id="a banner that waits for us"),
        pytest.param(b"\x15\x03\x01", "https://", id="TLS"),
        pytest.param(b"\r", None, id="the first byte of an empty line"),
    ],
)
def test_another_protocol_is_told_by_its_first_bytes(raw: bytes, hint: str | None) -> None:
    with pytest.raises(BadResponse) as caught:
        HeadReader().feed(raw)
    assert (caught.value.hint is None) if hint is None else hint in (caught.value.hint or "")


def test_a_bare_carriage_return_is_not_waited_for() -> None:
    with pytest.raises(BadResponse, match="carriage return"):
        HeadReader().feed(OK.replace(b"\r\n", b"\r\r\n"))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"Set-Cookie : sid=s3cret", id="a bad name"),
        pytest.param(b"Set-Cookie sid=s3cret", id="no colon"),
        pytest.param(b"sid=s3cret; path=/:", id="the rest of a broken line"),
        pytest.param(b"Authorization: s3cret\x00", id="a NUL"),
        pytest.param(b"Content-Length: s3cret\r\n s3cret", id="a fold"),
        pytest.param(b"X: s3cret\rs3cret", id="a bare carriage return"),
    ],
)
def test_no_value_gets_into_a_message(line: bytes) -> None:
    with pytest.raises(BadResponse) as caught:
        HeadReader().feed(OK + line + b"\r\n\r\n")
    assert "s3cret" not in caught.value.message


def test_a_message_shows_control_characters_escaped() -> None:
    with pytest.raises(BadResponse) as caught:
        HeadReader().feed(b"HTTP/1.1 2\x1b[2J0 OK\r\n\r\n")
    assert "\x1b" not in caught.value.message
    assert "\\x1b" in caught.value.message


def test_the_name_of_a_broken_field_is_told() -> None:
    with pytest.raises(BadResponse, match=r"line 3 .*Content-Length"):
        HeadReader().feed(OK + b"X: a\r\nContent-Length : 5\r\n\r\n")


def test_limits_can_be_set() -> None:
    raw = OK + b"X: a\r\nY: b\r\n\r\n"
    assert HeadReader(Limits(head_bytes=len(raw), fields=2)).feed(raw)
    with pytest.raises(BadResponse, match=f"{len(raw) - 1} bytes"):
        HeadReader(Limits(head_bytes=len(raw) - 1)).feed(raw)
    with pytest.raises(BadResponse, match="more than 1 header fields"):
        HeadReader(Limits(fields=1)).feed(raw)


def test_a_warning_is_given_once() -> None:
    head = HeadReader().feed(OK + b"X: a\r\n b\r\n c\nY: d\n\r\n")
    assert head is not None
    assert len(head.warnings) == 2


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b" " * 60_000 + b"\x00", id="blanks and a NUL"),
        pytest.param(b"a" + b" " * 60_000 + b"b", id="blanks inside"),
        pytest.param(b"a " * 30_000 + b"\r", id="words and a bare CR"),
        pytest.param(b"\r\n " * 20_000, id="folds"),
        pytest.param(b"\r\n\t" + b" " * 60_000, id="a fold of blanks"),
        pytest.param(b"\r\n" + b"a" * 60_000, id="a name without a colon"),
    ],
)
def test_no_head_makes_the_reader_think_long(value: bytes) -> None:
    # What backtracks over 60 000 blanks for each of them takes minutes; what does not takes milliseconds.
    started = time.monotonic()
    try:
        HeadReader().feed(OK + b"X: " + value + b"\r\n\r\n")
    except BadResponse:
        pass
    assert time.monotonic() - started < 5


TOKENS = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=8)
VALUES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TOKENS, VALUES), max_size=6), st.sampled_from(["", " ", " \t"]))
def test_clean_heads_and_tolerated_ones_hold_the_same_fields(fields: list[tuple[str, str]], blanks: str) -> None:
    lines = "".join(f"{name}:{blanks}{value}{blanks}\r\n" for name, value in fields)
    clean = OK + lines.encode("latin-1") + b"\r\n"
    for raw in (clean, clean.replace(b"\r\n", b"\n")):
        head = HeadReader().feed(raw)
        assert head is not None
        assert head.headers.items() == tuple(fields)


LINES = st.sampled_from(
    [
        b"Content-Length: 5", b"content-length:5", b"CONTENT-LENGTH:\t5 ", b"Content-Length: 05", b"Content-Length: +5",
        b"Content-Length: 5, 5", b"Content-Length: 5\x0b", b"Content-Length: " + b"1" * 19, b"Content-Length:",
        b"Content-Length : 5", b"Content-Lengthy: 7", b"Connection: close", b"connection: Keep-Alive", b"CONNECTION:",
        b"Connection: keep-alive, close", b"Connection: keep-alive\t", b"Connection2: close", b"Keep-Alive: timeout=5",
        b"keep-alive: timeout=7 , max=0", b"Keep-Alive: timeout=5\x00", b"Transfer-Encoding: chunked",
        b"tRANSFER-eNCODING: gzip", b"Content-Encoding: gzip", b"CONTENT-ENCODING: br", b"Set-Cookie: a=b",
        b"transfer-encoding:\tCHUNKED ", b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: chunked;x=y",
        b"Transfer-Encoding:", b"Transfer-Encoding2: chunked", b"content-encoding:GZip\t", b"Content-Encoding:",
        b"Content-Encoding: gzip, br", b"Content-Encoding: gzip br", b"Content-Encoding2: gzip",
        b"Set-Cookie: c=d; Path=/\t ", b"set-cookie:", b"Set-Cookie: e\nX: f", b"Set-Cookie2: a=b", b"Server: x",
        b"Te: x", b"C: y", b"k:", b"X: a\rb", b"X: a\nb", b"X: \x00", b"X: a\nServer: x",
        b"X: \xff\x0b ", b": x", b"no colon", b" folded", b"\tfolded", b"X\xe9: y", b"Date: Sat, 21 Nov 2026",
    ]
)  # fmt: skip
STATUS_LINES = st.sampled_from(
    [b"HTTP/1.1 200 OK", b"HTTP/1.1 200", b"HTTP/1.0 200 OK", b"HTTP/1.2 404  Not\tFound ", b"HTTP/1.1 204 No Content",
     b"HTTP/1.1 304 Not Modified", b"HTTP/1.1 101 Switching", b"HTTP/1.1 103 Early", b"HTTP/2.0 200 OK",
     b"HTTP/1.1 99 x", b"HTTP/1.1 2000 x", b"HTTP/1.1 200 a\rb", b"HTTP/1.1 200 a\x00b",
     b" HTTP/1.1 200 OK", b"HTTP/1.1  200 OK"]
)  # fmt: skip
for _ in range(PATIENCE):  # the first heads of a process are left to the careful reader
    clean_head(OK, DEFAULT_LIMITS)

HEADS = st.builds(
    lambda status, lines: b"\r\n".join([status, *lines, b"", b""]), STATUS_LINES, st.lists(LINES, max_size=6)
)


def plainly(head: ResponseHead) -> ResponseHead:
    """The head, its fields read beforehand and nothing known of them."""
    return head.replace(headers=Headers(head.headers.items()))


@settings(max_examples=1000, deadline=None)
@given(HEADS)
def test_what_is_taken_for_a_clean_head_is_what_the_careful_reader_reads(raw: bytes) -> None:
    clean = clean_head(raw + b"body", DEFAULT_LIMITS)
    try:
        careful = _tolerated_head(str(raw, "latin-1"), DEFAULT_LIMITS)
    except BadResponse:
        assert clean is None
        return
    if clean is None:
        assert careful.warnings or b"\r" in raw.replace(b"\r\n", b"")
        return
    head, end = clean
    lines = [line.partition(":") for line in head.headers.lines() or ()]
    assert [(name, value.strip(" \t")) for name, _, value in lines] == list(careful.headers)
    assert careful.headers.lines() is None
    assert end == len(raw)
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert head == careful
    assert [head.headers.get(name) for name, _ in careful.headers] == [careful.headers[n] for n, _ in careful.headers]


@settings(max_examples=1000, deadline=None)
@given(HEADS, st.sampled_from(["GET", "POST"]))
def test_a_plain_length_is_what_the_framing_makes_of_the_fields(raw: bytes, method: str) -> None:
    clean = clean_head(raw, DEFAULT_LIMITS)
    if clean is None or clean[0].plain_length is None:
        return
    head, full = clean[0], plainly(clean[0])
    assert body_framing(method, full) == Framing("length", head.plain_length, reusable=True)
    assert keep_alive_timeout(head) == keep_alive_timeout(full)
    assert not {"content-encoding", "transfer-encoding"} & {name.lower() for name, _ in full.headers}


def framed(method: str, head: ResponseHead) -> tuple[Framing, float | None] | None:
    """What the framing makes of a head; None where it refuses it."""
    try:
        return body_framing(method, head), keep_alive_timeout(head)
    except BadResponse:
        return None


@settings(max_examples=2000, deadline=None)
@given(HEADS, st.sampled_from(["GET", "POST", "HEAD", "CONNECT"]))
def test_what_was_seen_of_the_framing_is_what_the_fields_say(raw: bytes, method: str) -> None:
    clean = clean_head(raw, DEFAULT_LIMITS)
    if clean is None:
        return
    head, full = clean[0], plainly(clean[0])
    assert framed(method, head) == framed(method, full)
    assert head.framing is None or head.plain_length is None
    assert head.codings is None or list(head.codings) == full.headers.tokens("content-encoding")


@pytest.mark.parametrize(
    ("lines", "framing", "codings"),
    [
        pytest.param(b"transfer-encoding: Chunked\r\n", CHUNKED, (), id="chunks"),
        pytest.param(b"Transfer-Encoding:chunked\r\nContent-Encoding: br\r\n", CHUNKED, ("br",), id="chunks in br"),
        pytest.param(
            b"Content-Length: 5\r\ncontent-encoding: GZIP\t\r\n",
            Framing("length", 5, reusable=True),
            ("gzip",),
            id="a length in gzip",
        ),
        pytest.param(b"Content-Encoding: gzip\r\n", None, ("gzip",), id="gzip up to the end"),
        pytest.param(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", None, (), id="both"),
        pytest.param(b"Transfer-Encoding: chunked\r\nConnection: close\r\n", None, None, id="the last one"),
        pytest.param(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", None, None, id="chunks twice"),
    ],
)
def test_chunks_and_a_coding_are_seen_at_once(
    lines: bytes, framing: Framing | None, codings: tuple[str, ...] | None
) -> None:
    clean = clean_head(OK + b"Server: x\r\n" + lines + b"\r\n", DEFAULT_LIMITS)
    assert clean is not None
    assert (clean[0].plain_length, clean[0].framing, clean[0].codings) == (None, framing, codings)


@settings(max_examples=500, deadline=None)
@given(HEADS)
def test_cookies_that_were_seen_are_those_of_the_fields(raw: bytes) -> None:
    clean = clean_head(raw, DEFAULT_LIMITS)
    if clean is not None and clean[0].cookies is not None:
        assert list(clean[0].cookies) == plainly(clean[0]).headers.get_all("set-cookie")


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        pytest.param(b"", (), id="none"),
        pytest.param(b"set-COOKIE: \t a=b; Path=/\t \r\n", ("a=b; Path=/",), id="one"),
        pytest.param(b"Set-Cookie:\r\n", ("",), id="an empty one"),
        pytest.param(
            b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n", None, id="two, which are looked for when they are used"
        ),
        pytest.param(b"Set-Cookie2: a=1\r\n", (), id="another field"),
    ],
)
def test_one_cookie_is_seen_at_once(lines: bytes, seen: tuple[str, ...] | None) -> None:
    clean = clean_head(OK + lines + b"Content-Length: 5\r\n\r\nhello", DEFAULT_LIMITS)
    assert clean is not None
    assert clean[0].plain_length == 5
    assert clean[0].cookies == seen


def test_a_plain_length_is_found_in_an_ordinary_head() -> None:
    clean = clean_head(OK + b"Server: x\r\ncontent-length: 5\r\nKeep-Alive: timeout=5\r\n\r\nhello", DEFAULT_LIMITS)
    assert clean is not None
    assert clean[0].plain_length == 5
    assert clean[0].keep_alive == b" timeout=5"


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"\r\n\r\n"])).map(b"".join), st.integers(0, 4))
def test_the_end_of_a_head_is_the_first_empty_line_or_bare_cr(data: bytes, start: int) -> None:
    found = re.compile(rb"\n\r?\n|\r[^\n]").search(data, start)
    assert find_stop(data, start) == ((found.end(), found[0].startswith(b"\r")) if found else (0, False))
