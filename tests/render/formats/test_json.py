"""The envelope: always one line, always by its schema, never a secret."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reqcli.errors import BodyIncomplete, HttpClientError, ReqcliError, all_errors
from reqcli.model.body import BytesBody
from reqcli.model.headers import Headers
from reqcli.model.redact import Redactor
from reqcli.model.request import Request
from reqcli.model.response import Hop, Response, ResponseHead, WholeBody
from reqcli.model.result import Notice, Result, SessionChange, SessionReport
from reqcli.model.secret import Secret
from reqcli.model.timing import Stopwatch
from reqcli.model.url import Url
from reqcli.render.escape import escape_json, field_text
from reqcli.render.formats import SavedBody
from reqcli.render.formats.json import _written, envelope
from reqcli.wire.http1.head import CleanHeaders
from tests.calls import calls_of
from tests.render.answers import answer, asked

SCHEMA = json.loads(files("reqcli.render.formats").joinpath("envelope.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def read(result: Result, redactor: Redactor | None = None, **options: Any) -> Any:
    """The envelope, checked: one line, UTF-8, by the schema."""
    text = envelope(result, redactor, **options)
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    document = json.loads(text.decode())
    VALIDATOR.validate(document)
    return document


def body_of(response: Response) -> Any:
    return read(Result(response=response))["response"]["body"]


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def stopped_watch() -> Stopwatch:
    """A watch that ran for a quarter of a second."""
    watch = Stopwatch(lambda: 10.0)
    watch.dns, watch.connect, watch.receive, watch.ended = 0.0012, 0.01, 0.2, 10.25
    return watch


def test_a_run_is_told_whole() -> None:
    request = Request(
        "POST", Url.parse("https://u:hunter22@api.example/x?q=1"), Headers([("Accept", "*/*")]), BytesBody(b"abc")
    )
    response = answer(b'{"n":1.10}', headers=[("X-A", "1"), ("x-a", "2")])
    hop = Hop(302, Url.parse("https://api.example/old?token=abc"))
    response = Response(response.head, response.url, response._source, redirects=(hop,))
    result = Result(
        request=request,
        response=response,
        session=SessionReport(
            "work",
            store="files",
            rev=4,
            changed=(
                SessionChange("set", "cookie", "sid", "api.example", 1700000000.5),
                SessionChange("del", "var", "v"),
            ),
            saved=True,
        ),
        watch=stopped_watch(),
        warnings=(Notice("withheld", "header X was not sent"),),
        attempts=1,
        sent="yes",
    )
    assert read(result) == {
        "v": 1,
        "ok": True,
        "exit_code": 0,
        "request": {
            "method": "POST",
            "url": "https://api.example/x?q=1",
            "headers": [["Host", "api.example"], ["Accept", "*/*"], ["Content-Length", "3"]],
            "body_bytes": 3,
            "attempts": 1,
            "sent": "yes",
        },
        "response": {
            "status": 200,
            "reason": "OK",
            "http_version": "1.1",
            "url": "https://api.example/x",
            "headers": [["Content-Type", "application/json"], ["X-A", "1"], ["x-a", "2"]],
            "body": {
                "kind": "json",
                "value": {"n": 1.1},
                "bytes": 10,
                "truncated": False,
                "complete": True,
                "media_type": "application/json",
            },
            "redirects": [{"status": 302, "url": "https://api.example/old?token=••••"}],
            "problem": None,
        },
        "error": None,
        "session": {
            "name": "work",
            "store": "files",
            "rev": 4,
            "changed": [
                {"op": "set", "kind": "cookie", "name": "sid", "origin": "api.example", "expires": 1700000000},
                {"op": "del", "kind": "var", "name": "v", "expires": None},
            ],
            "saved": True,
            "context": None,
        },
        "timing": {
            "total_ms": 250.0, "dns_ms": 1.2, "connect_ms": 10.0, "tls_ms": None, "send_ms": None, "wait_ms": None,
            "receive_ms": 200.0, "reused": False,
        },
        "warnings": [{"code": "withheld", "message": "header X was not sent"}],
    }  # fmt: skip


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.code)
def test_every_error_has_an_envelope(kind: type[ReqcliError]) -> None:
    document = read(Result(error=kind("it broke\x1b", hint="mend it", retry_after=1.5, details={"tries": 2})))
    assert document["ok"] is False
    assert document["exit_code"] == kind.exit_status
    assert document["error"] == {
        "code": kind.code, "message": "it broke\x1b", "phase": kind.phase, "retryable": kind.retryable,
        "retry_after_ms": 1500, "hint": "mend it", "details": {"tries": 2},
    }  # fmt: skip
    assert document["request"] is document["response"] is document["session"] is None


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "value"),
    [
        pytest.param(b'{"a": [1]}', "application/vnd.x+json", "json", {"a": [1]}, id="JSON"),
        pytest.param(b"null", "application/json", "json", None, id="null"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', "application/json", "json", {"a": 1}, id="JSON with a mark"),
        pytest.param(b'{"a":1', "application/json", "text", '{"a":1', id="broken JSON"),
        pytest.param(b'{"a":1}', "text/plain", "text", '{"a":1}', id="text"),
        pytest.param(b"[1e999]", "application/json", "text", "[1e999]", id="JSON that few can read"),
        pytest.param(b'"\\ud800"', "application/json", "text", '"\\ud800"', id="JSON with half a pair"),
        pytest.param(b"caf\xe9", "text/plain; charset=latin-1", "text", "café", id="charset"),
        pytest.param(b"caf\xe9", "text/plain", "base64", "Y2Fm6Q==", id="not in its charset"),
        pytest.param(b"\0", "text/plain", "base64", "AA==", id="binary"),
    ],
)
def test_a_body_is_given_in_the_fittest_form(body: bytes, content_type: str, kind: str, value: object) -> None:
    shown = body_of(answer(body, content_type))
    assert (shown["kind"], shown["value"], shown["bytes"]) == (kind, value, len(body))


def test_numbers_of_a_body_stay_exact() -> None:
    text = envelope(Result(response=answer(b'{ "a" : 1.10, "a": 12345678901234567890.50,\n"b": 1E+2 }'))).decode()
    assert '"value":{"a":1.10,"a":12345678901234567890.50,"b":1E+2}' in text


def test_a_body_of_one_line_stays_as_it_was_sent() -> None:
    assert '"value":{"a": [1, 2] },' in envelope(Result(response=answer(b' {"a": [1, 2] }\r\n'))).decode()


def test_an_empty_body_is_none() -> None:
    shown = body_of(answer(b"", None, status=204))
    assert (shown["kind"], shown["bytes"], shown["media_type"]) == ("none", 0, None)
    assert "value" not in shown


def test_a_problem_is_shown_as_such() -> None:
    response = answer(b'{"title":"no"}', "application/problem+json", status=404)
    document = read(Result(response=response, error=HttpClientError("404")))
    assert document["response"]["problem"] == {"title": "no"}
    assert document["response"]["body"]["complete"] is True
    assert body_of(answer(b"[1]", "application/problem+json"))["kind"] == "json"


def test_a_body_that_broke_is_not_complete() -> None:
    document = read(Result(response=answer(b"half", "text/plain"), error=BodyIncomplete("cut")))
    assert document["response"]["body"]["complete"] is False
    assert document["response"]["body"]["value"] == "half"


def test_a_saved_body_is_named_and_not_read() -> None:
    response = answer(b"data", "image/png")
    document = read(Result(response=response), saved=SavedBody("/tmp/é.png", 4, "00ff"))
    shown = document["response"]["body"]
    assert (shown["kind"], shown["path"], shown["bytes"], shown["sha256"]) == ("file", "/tmp/é.png", 4, "00ff")
    assert response.data is None


def test_secrets_are_masked_by_name_and_by_value() -> None:
    basic = b64encode(b"user:hunter22").decode()
    request = asked(("Authorization", f"Basic {basic}"), ("Cookie", "sid=0123456789abcdef"))
    response = answer(
        json.dumps({"auth": f"Basic {basic}", "n": 22, "cookies": {"sid": "0123456789abcdef"}}).encode(),
        headers=[("Set-Cookie", "sid=fedcba9876543210; Path=/"), ("X-Auth-Token", "t0k3n"), ("X-Echo", "hunter22")],
    )
    error = HttpClientError("hunter22 is wrong", hint="not hunter22", details={"tried": "hunter22", "port": 22})
    result = Result(request=request, response=response, error=error, warnings=(Notice("a", "hunter22"),))
    text = envelope(result).decode()
    for secret in ("hunter22", basic, "0123456789abcdef", "fedcba9876543210", "t0k3n"):
        assert secret not in text
    document = read(result)
    assert document["response"]["body"]["value"]["n"] == 22
    assert document["error"]["details"] == {"tried": "••••", "port": 22}
    assert [notice["code"] for notice in document["warnings"]] == ["a", "body_masked"]
    revealed = read(result, Redactor(reveal=True))
    assert revealed["response"]["body"]["value"]["cookies"] == {"sid": "0123456789abcdef"}
    assert ["X-Auth-Token", "t0k3n"] in revealed["response"]["headers"]


def test_values_of_changes_have_no_place() -> None:
    assert SessionChange.__slots__ == ("expires", "kind", "name", "op", "origin")


@settings(max_examples=200, deadline=None)
@given(
    st.binary() | st.text().map(str.encode) | st.text().map(lambda text: json.dumps(text).encode()),
    st.sampled_from(["application/json", "text/plain", "application/json; charset=utf-16", "x; charset=utf-7", None]),
    st.text(st.characters(max_codepoint=255)),
)
def test_whatever_the_server_sends_the_envelope_is_valid(body: bytes, content_type: str | None, value: str) -> None:
    response = answer(body, content_type, reason=value, headers=[("X-A", value)])
    document = read(Result(response=response))
    assert document["response"]["body"]["bytes"] == len(body)
    assert "\x9b" not in envelope(Result(response=response)).decode()


@pytest.mark.parametrize(
    ("limit", "kind", "value", "shown"),
    [
        (0, "omitted", None, 0),
        (1, "text", "[", 1),
        (3, "text", '["', 2),
        (4, "text", '["é', 4),
        (100, "json", ["é"], 0),
    ],
)
def test_a_body_beyond_the_limit_is_cut(limit: int, kind: str, value: object, shown: int) -> None:
    response = answer('["é"]'.encode(), "application/json")
    body = read(Result(response=response), limit=limit)["response"]["body"]
    assert (body["kind"], body.get("value"), body["bytes"]) == (kind, value, 6)
    assert body["truncated"] is (limit < 6)
    assert body.get("shown_bytes", 0) == shown


def test_a_body_that_was_passed_over_shows_its_beginning() -> None:
    document = read(Result(response=answer()), saved=SavedBody(None, 99, "00ff", b"abcdef"), limit=3)
    body = document["response"]["body"]
    assert (body["kind"], body["value"], body["bytes"], body["sha256"]) == ("text", "abc", 99, "00ff")
    assert (body["truncated"], body["shown_bytes"]) == (True, 3)
    whole = read(Result(response=answer()), saved=SavedBody(None, 7, "00ff", b'{"a":1}'), limit=9)["response"]["body"]
    assert (whole["kind"], whole["value"], whole["truncated"]) == ("json", {"a": 1}, False)
    spilled = read(Result(response=answer()), saved=SavedBody("/t/x", 9, "00", b"\xff\xff"), limit=1)["response"][
        "body"
    ]
    assert (spilled["kind"], spilled["value"], spilled["path"]) == ("base64", "/w==", "/t/x")


ENCODED = b64encode(b"hunter22hunter22").decode()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [ENCODED, "hunter22hunter22", "unter22hunter22", "\n", "\t", "\\", '"', "\u2028", "\x85", "\x7f", "n"]
        ),
        max_size=6,
    ).map("".join),
    st.sampled_from(["application/json", "text/plain"]),
)
def test_a_mask_leaves_no_half_of_an_escape_sequence(text: str, kind: str) -> None:
    body = (json.dumps([text]) if kind == "application/json" else text).encode()
    result = Result(request=asked(("X-Api-Key", "hunter22hunter22")), response=answer(body, kind))
    assert "hunter22hunter22" not in str(read(result))


def test_binary_bodies_are_masked_too() -> None:
    request = asked(("X-Api-Key", "hunter2hunter2"))
    body = read(Result(request=request, response=answer(b"\xffhunter2hunter2\xff", None)))["response"]["body"]
    assert b64decode(body["value"]) == b"\xff" + "••••".encode() + b"\xff"


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=80) | st.text(max_size=40).map(str.encode),
    st.sampled_from(["application/json", "text/plain", "text/plain; charset=utf-16", "x; charset=utf-7", None]),
    st.integers(0, 90),
    st.booleans(),
)
def test_whatever_is_cut_the_envelope_is_valid(body: bytes, kind: str | None, limit: int, passed_over: bool) -> None:
    saved = SavedBody(None, len(body), "00", body) if passed_over else None
    shown = read(Result(response=answer(body, kind)), saved=saved, limit=limit)["response"]["body"]
    assert shown["truncated"] is (len(body) > limit)
    assert shown.get("shown_bytes", 0) <= limit


SECRETS = (
    "hunter22",
    'a"b\\c',
    "1.50",
    "pä55wörd",
    "ä-ö!",
    "22hunter",
    "true",
    "line\nbreak",
    "\U0001f600pass",
    "%41bc",
)
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [*SECRETS, "plain", "ä", "\x7f", " ", '"', "\\", "/", "https://u:p@h/?token=x&q=1", "\t", "\u202e"]
        ),
        st.sampled_from(SECRETS).flatmap(lambda value: st.sampled_from(SPELLINGS).map(lambda spell: spell(value))),
    ),
    max_size=4,
).map("".join)
SPELLINGS: list[Callable[[str], str]] = [
    quote,
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: "".join(f"\\u{ord(character):04x}" for character in text if ord(character) < 0x10000),
    lambda text: b64encode(f"u:{text}".encode()).decode(),
    str.upper,
]
VALUES = TEXTS.map(lambda text: text.encode().decode("latin-1").replace("\n", "").replace("\r", ""))
NAMES = st.sampled_from(["Server", "X-A", "hunter22", "Location", "Set-Cookie", "X-Api-Key", "content-type", "Link"])
FIELDS = st.lists(st.tuples(NAMES, VALUES.map(lambda value: value.strip(" \t"))), max_size=5)
JSON_TEXTS = st.recursive(
    TEXTS | st.sampled_from([1.5, 12, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
).flatmap(lambda value: st.sampled_from([json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)]))
BODIES = st.binary(max_size=9) | (TEXTS | JSON_TEXTS).map(str.encode)


@settings(max_examples=300, deadline=None)
@given(FIELDS, st.booleans(), st.lists(st.sampled_from(SECRETS), max_size=2))
def test_fields_are_masked_together_as_each_by_itself(
    fields: list[tuple[str, str]], reveal: bool, secrets: list[str]
) -> None:
    mask = Redactor([Secret(value) for value in secrets], reveal=reveal)
    shown = read(Result(response=answer(content_type=None, headers=fields)), mask)["response"]["headers"]
    assert shown == [[mask.text(name), mask.header(name, field_text(value))] for name, value in fields]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NAMES, st.sampled_from(["", " ", "\t", "  "]), VALUES, st.sampled_from(["", " ", "\t"]))),
    st.lists(st.sampled_from(SECRETS), max_size=2),
)
def test_lines_of_a_clean_head_are_written_as_their_fields_are(
    fields: list[tuple[str, str, str, str]], secrets: list[str]
) -> None:
    lines = "".join(f"{name}:{before}{value}{after}\r\n" for name, before, value, after in fields)
    clean = CleanHeaders(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode("latin-1"))
    apart = Headers((name, value.strip(" \t")) for name, _, value, _ in fields)
    mask = Redactor([Secret(value) for value in secrets])
    for _ in range(2):  # lines that were met before too
        assert envelope(result_with(clean), mask) == envelope(result_with(apart), mask)


def result_with(headers: Headers) -> Result:
    """A result with this head and a body of which everything depends on the Content-Type."""
    return Result(
        response=Response(ResponseHead(1, 200, "OK", headers), Url.parse("https://h/"), WholeBody(b'{"a":1}'))
    )


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(SECRETS), max_size=3),
    FIELDS,
    BODIES,
    st.sampled_from(["application/json", "text/plain", "application/problem+json", None]),
    st.tuples(TEXTS, TEXTS, TEXTS),
    st.none() | st.integers(0, 20),
    st.booleans(),
)
def test_one_look_at_the_whole_misses_nothing_that_a_look_at_each_part_finds(
    secrets: list[str],
    fields: list[tuple[str, str]],
    body: bytes,
    content_type: str | None,
    said: tuple[str, str, str],
    limit: int | None,
    is_saved: bool,
) -> None:
    message, hint, path = said
    url = Url.parse(f"https://api.example/{quote(path)}?q={quote(hint)}&token={quote(message)}")
    response = answer(body, content_type, reason=message.encode().decode("latin-1"), headers=fields, url=str(url))
    result = Result(
        request=Request("GET", url, Headers([("X-A", "hunter22")])),
        response=Response(response.head, url, response._source, (Hop(302, url),)),
        error=HttpClientError(message, hint=hint, details={"tried": [hint, 1.5], "port": 12}),
        warnings=(Notice("a", hint),),
        watch=stopped_watch(),
    )
    mask = Redactor(map(Secret, secrets))
    saved = SavedBody(None, len(body), "00ff", body) if is_saved else None
    each = Redactor(map(Secret, secrets))
    each._needles = ()  # nothing is known that a text would have to hold, so each is looked at in earnest
    by_parts = escape_json(_written(result, each, each, saved, limit)).encode()
    assert envelope(result, mask, saved=saved, limit=limit) == by_parts
    assert envelope(result, mask, saved=saved, limit=limit) == by_parts  # what was kept of the first


@pytest.mark.parametrize(
    "said", ["x/s3cret-Value", "s3cret-Value;a=b", " X/+s3cret-Value+json ;", "x/%73;s3cret-Value"]
)
def test_a_secret_that_is_said_to_be_the_type_is_masked(said: str) -> None:
    """The type is told in lower case, where a look for the value as it was would find none."""
    mask = Redactor([Secret("s3cret-Value")])
    text = envelope(Result(response=answer(b"{}", said)), mask).decode()
    assert "s3cret-value" not in text.lower()
    assert (
        read(Result(response=answer(b"{}", "A/Ü".encode().decode("latin-1"))), mask)["response"]["body"]["media_type"]
        == "a/ü"
    )


@pytest.mark.parametrize("secrets", [(), (Secret("s3cret-value"),)])
def test_an_envelope_enters_so_many_functions(secrets: tuple[Secret, ...]) -> None:
    """Whoever makes it cheaper may lower the number; a batch writes one for each line."""
    mask = Redactor(secrets)
    request = asked(("Accept", "*/*"), ("Authorization", "Bearer s3cret-value"))

    def result(number: int) -> Result:
        fields = "".join(f"X-{name}: {number if name % 2 else 0}\r\n" for name in range(12))
        kind = "Content-Type: application/json\r\n"
        headers = CleanHeaders(f"HTTP/1.1 200 OK\r\n{fields}{kind}\r\n".encode())
        body = b'{"id": %d, "name": "a small thing", "price": 12.5}' % number
        url = Url.parse(f"https://api.example/{number}")
        response = Response(ResponseHead(1, 200, "OK", headers), url, WholeBody(body))
        return Result(request=request.at(url), response=response, watch=stopped_watch())

    results = iter([result(number) for number in range(4)])
    envelope(next(results), mask)
    assert calls_of(lambda: envelope(next(results), mask)) <= 35 + len(secrets)
