"""Any line of the input becomes a request, or an error that says what is wrong with it; nothing else."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.batch.line import Line
from reqcli.batch.members import MEMBERS, Defaults, close_body
from reqcli.batch.source import LONGEST_LINE, TOO_LONG, Source
from reqcli.cli.help.topics import topic
from reqcli.errors import InputFailed, Usage
from reqcli.model.body import BytesBody
from reqcli.model.credential import Credential
from reqcli.model.expect import Expect
from reqcli.model.retry import Retry
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec, spec_for
from reqcli.model.timing import Timeouts
from reqcli.model.url import Url

DEFAULTS = Defaults(spec_for("GET", "https://any.example/"), lambda text: text, path_as_is=False)


def asked(text: str | bytes | dict[str, Any], defaults: Defaults = DEFAULTS) -> RequestSpec:
    """What a line asks for; raises what is wrong with it."""
    raw = json.dumps(text).encode() if isinstance(text, dict) else text.encode() if isinstance(text, str) else text
    line = Line(7, raw)
    if line.error is not None:
        raise line.error
    return defaults.spec_for(line.members)


def body(**members: object) -> tuple[bytes, str | None]:
    spec = asked({"url": "http://a.example/", **members})
    assert isinstance(spec.body, BytesBody)
    assert spec.method == "POST"
    return spec.body.data, spec.body.content_type


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=5), some, max_size=3),
    max_leaves=8,
)


@given(st.binary(min_size=1).map(bytes.strip).filter(bool))
def test_any_bytes_are_a_request_or_a_usage_error_with_the_number(text: bytes) -> None:
    try:
        asked(text)
    except (Usage, InputFailed):
        pass
    assert Line(7, text).number == 7


@given(st.dictionaries(st.sampled_from([*MEMBERS, "cancel", "other"]), JSON).filter(bool))
def test_any_object_is_a_request_or_a_usage_error(members: dict[str, Any]) -> None:
    try:
        close_body(asked(json.dumps(members)).body)
    except (Usage, InputFailed):
        pass


@given(st.text() | st.integers())
def test_an_id_comes_back_as_it_was(value: str | int) -> None:
    line = Line(1, json.dumps({"id": value, "url": "x"}).encode())
    if line.error is None:
        assert json.loads(line.id) == value


def test_an_id_that_is_half_a_character_is_told_without_it() -> None:
    line = Line(1, b'{"id": "\\ud800", "url": "x"}')
    line.id.encode()


@given(st.lists(st.binary().map(lambda line: line.replace(b"\n", b"")), max_size=20), st.booleans())
def test_lines_keep_the_numbers_they_have_in_the_input(lines: list[bytes], ends: bool) -> None:
    text = b"\n".join(lines) + (b"\n" if ends else b"")
    source = Source(io.BytesIO(text), "it")
    given_ = []
    while (line := source.next()) is not None:
        given_.append((source.number, line))
    text_lines = [*lines] if ends or (lines and lines[-1]) else lines[:-1]
    if text_lines:
        text_lines[0] = text_lines[0].removeprefix(b"\xef\xbb\xbf")
    wanted = [(number, line.strip()) for number, line in enumerate(text_lines, 1)]
    assert given_ == [(number, line) for number, line in wanted if line and not line.startswith(b"#")]
    assert source.position == len(text)


def test_a_line_that_is_too_long_is_passed_over_and_the_next_is_read() -> None:
    source = Source(io.BytesIO(b"x" * 25 + b"\nshort\n" + b"y" * 11), "it", longest=10)
    assert [(source.next(), source.number) for _ in range(4)] == [
        (TOO_LONG, 1),
        (b"short", 2),
        (TOO_LONG, 3),
        (None, 3),
    ]
    assert source.position == 43
    error = Line(3, TOO_LONG).error
    assert error is not None
    assert "line 3 is longer" in error.message


def test_a_line_without_an_end_is_told_of_and_ends_the_input() -> None:
    source = Source(Endless(), "it", longest=10)
    assert source.next() == TOO_LONG, "it is told of before its end is looked for"
    with pytest.raises(InputFailed, match=r"^line 1 of it does not end$"):
        source.next()


class Endless(io.RawIOBase):
    """Zeros, whoever asks for them."""

    def readable(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size is not None
        assert 0 < size <= 1 << 20, "that many at once fill the memory"
        return bytes(size)


def test_the_help_tells_how_long_a_line_may_be() -> None:
    assert f"longer than {LONGEST_LINE >> 20} MiB" in topic("batch")


def test_a_url_alone_is_a_get() -> None:
    spec = asked("https://a.example/x?y=1")
    assert (spec.method, str(spec.url), spec.body) == ("GET", "https://a.example/x?y=1", None)


@pytest.mark.parametrize("members", [{}, {"method": "PUT"}, {"url": "https://u:p@a.example/"}], ids=str)
def test_what_the_command_line_says_holds_for_every_line_that_does_not_say_it(members: dict[str, str]) -> None:
    said: dict[str, Any] = {name: object() for name in RequestSpec.__slots__ if name not in ("headers", "pins")}
    general = spec_for("GET", "https://any.example/", headers={"X-A": "1"}).replace(**said)
    spec = asked({"url": "https://a.example/", **members}, Defaults(general, lambda text: text, path_as_is=False))
    assert (spec.method, str(spec.url), spec.body) == (members.get("method", "GET"), "https://a.example/", None)
    for name in said.keys() - {"method", "url", "body"}:
        assert getattr(spec, name) is said[name]
    assert spec.headers == (("X-A", "1"),)
    assert spec.url.username is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param('{"url": ', "line 7 is not JSON", id="cut short"),
        pytest.param("[1]", "neither a JSON object nor a URL", id="a list"),
        pytest.param('"x"', "neither a JSON object nor a URL", id="a text"),
        pytest.param(b"\xff\xfe", "line 7 is not UTF-8", id="no UTF-8"),
        pytest.param('{"url": NaN}', "NaN is not JSON", id="NaN"),
        pytest.param('{"url": ' + "[" * 100_000, "line 7 is not JSON", id="too deep"),
        pytest.param({}, "url is missing", id="empty"),
        pytest.param({"url": 3}, "url is not text", id="no text"),
        pytest.param({"url": "http://a/", "urk": 1}, "'urk' is no member", id="unknown"),
        pytest.param({"url": "http://a/", "method": ""}, "method is not text", id="no method"),
        pytest.param({"url": "http://a/", "json": 1, "body": "x"}, "json and body contradict", id="two bodies"),
        pytest.param({"url": "http://a/", "headers": [["a"]]}, "a pair is a name and a value", id="half a pair"),
        pytest.param({"url": "http://a/", "headers": "a:b"}, "headers is neither", id="headers as text"),
        pytest.param({"url": "http://a/", "query": {"a": None}}, "query: a value is", id="null in the query"),
        pytest.param({"url": "http://a/", "form": {"a": {}}}, "form: a value is", id="object in a form"),
        pytest.param({"url": "http://a/", "body": 1}, "body is not text", id="body of a number"),
        pytest.param({"url": "http://a/", "body_base64": "a"}, "body_base64 is not base64", id="no base64"),
        pytest.param('{"url": "http://a/", "body": "\\ud800"}', "half a character", id="lone surrogate"),
        pytest.param('{"url": "http://a/", "json": 1e999}', "no form for", id="a number too large"),
        pytest.param({"url": "http://a/", "timeout": 0}, "timeout is not a number of seconds", id="no time"),
        pytest.param({"url": "http://a/", "max_time": True}, "max_time is not a number", id="true as a time"),
        pytest.param({"url": "http://a/", "retry": -1}, "retry is not a whole number", id="fewer than no retries"),
        pytest.param({"url": "http://a/", "max_redirects": 1.5}, "max_redirects is not", id="half a redirect"),
        pytest.param({"url": "http://a/", "follow": "yes"}, "follow is true or false", id="yes"),
        pytest.param({"url": "http://a/", "expect": "fine"}, "no status to expect", id="no status"),
        pytest.param({"url": "http://a/", "expect": True}, "expect is a status", id="true as a status"),
        pytest.param({"url": "http://a/", "auth": "x"}, "auth is an object", id="auth as text"),
        pytest.param({"url": "http://a/", "auth": {"scheme": "none"}}, "no authentication scheme", id="no scheme"),
        pytest.param(
            {"url": "http://a/", "auth": {"scheme": "basic", "user": "u"}}, "has user and password", id="half a login"
        ),
        pytest.param(
            {"url": "http://a/", "auth": {"scheme": "bearer", "token": {"env": "HOME"}}}, "as text", id="a reference"
        ),
        pytest.param(
            {"url": "http://a/", "auth": {"scheme": "basic", "user": "\ud800", "password": "p"}},
            "half a character",
            id="half a character in a login",
        ),
        pytest.param('{"url": "http://a/", "query": {"a": 1e999}}', "query: a value is", id="a query too large"),
        pytest.param({"url": "http://a/", "id": 1.5}, "an id is text or a whole number", id="an id of a fraction"),
        pytest.param({"url": "http://a/", "cancel": 1}, "cancel stands alone", id="cancel with more"),
    ],
)
def test_what_makes_no_sense_is_said(text: str | bytes | dict[str, Any], complaint: str) -> None:
    with pytest.raises(Usage) as raised:
        asked(text)
    assert complaint in raised.value.message
    assert raised.value.exit_status == 2


def test_a_typing_mistake_is_told_what_was_meant() -> None:
    with pytest.raises(Usage) as raised:
        asked({"url": "http://a/", "headres": {}})
    assert raised.value.hint == "did you mean headers?"


@pytest.mark.parametrize(
    ("members", "wanted"),
    [
        pytest.param({"json": {"a": [1, None]}}, (b'{"a":[1,null]}', "application/json"), id="json"),
        pytest.param({"json": None}, (b"null", "application/json"), id="null"),
        pytest.param(
            {"form": {"a": [1, "x y"], "b": True}},
            (b"a=1&a=x+y&b=true", "application/x-www-form-urlencoded"),
            id="form",
        ),
        pytest.param(
            {"form": [["b", 2.5], ["a", ""]]}, (b"b=2.5&a=", "application/x-www-form-urlencoded"), id="form in order"
        ),
        pytest.param({"body": "é"}, ("é".encode(), None), id="text"),
        pytest.param({"body_base64": "AP8="}, (b"\x00\xff", None), id="bytes"),
    ],
)
def test_a_line_may_have_a_body_and_is_a_post_then(members: dict[str, Any], wanted: tuple[bytes, str | None]) -> None:
    assert body(**members) == wanted


def test_a_body_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"content")
    spec = asked({"url": "http://a/", "method": "PUT", "body_file": str(tmp_path / "it")})
    assert spec.body is not None
    assert (spec.method, spec.body.length, b"".join(spec.body.chunks())) == ("PUT", 7, b"content")
    close_body(spec.body)
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)  # else opening it would wait for one
    for name in ("none", "", "pipe"):
        with pytest.raises(InputFailed):
            asked({"url": "http://a/", "body_file": str(tmp_path / name)})
    os.close(writer)


def test_headers_and_query_of_a_line() -> None:
    spec = asked({
        "url": "http://a/?x=0",
        "headers": {"A": "1", "B": ["2", 3], "C": None},
        "query": [["y", 1], ["z", False]],
    })  # fmt: skip
    assert spec.headers == (("A", "1"), ("B", "2"), ("B", "3"), ("C", None))
    assert str(spec.url) == "http://a/?x=0&y=1&z=false"


def test_what_a_line_does_not_say_is_as_the_command_line_has_it() -> None:
    auth = Credential("bearer", {"token": Secret("t0ken")})
    common = spec_for(
        "GET",
        "https://any.example/",
        headers=[("A", "0"), ("b", "2"), ("D", "4")],
        auth=auth,
        timeouts=Timeouts(read=5.0),
        retry=Retry(2, delay=9.0),
        follow=True,
    )
    defaults = Defaults(common, lambda text: f"http://base.example{text}", path_as_is=True)
    assert asked("/a/../b", defaults).url == Url.parse("http://base.example/a/../b", path_as_is=True)
    plain = asked({"url": "/"}, defaults)
    assert (plain.headers, plain.auth, plain.timeouts, plain.follow) == (common.headers, auth, Timeouts(read=5.0), True)
    own = asked(
        {
            "url": "/",
            "headers": {"a": "1", "B": "3"},
            "auth": {"scheme": "Basic", "user": "u", "password": "p"},
            "connect_timeout": 2,
            "retry": 7,
            "follow": False,
            "max_redirects": 3,
            "expect": 404,
        },
        defaults,
    )
    assert own.headers == (("D", "4"), ("a", "1"), ("B", "3"))
    assert own.auth == Credential("basic", {"user": "u", "password": Secret("p")})
    assert own.timeouts == Timeouts(read=5.0, connect=2.0)
    assert own.retry == Retry(7, delay=9.0)
    assert (own.follow, own.max_redirects, own.expect) == (False, 3, Expect(("404",)))
    assert asked({"url": "/", "auth": None}, defaults).auth is None
