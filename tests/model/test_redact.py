"""Redaction: by name, and by every spelling of a known value."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from json import dumps
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.fields import shown
from reqcli.model.headers import Headers
from reqcli.model.redact import (
    Redactor,
    is_secret_header,
    is_secret_parameter,
    masked_header,
    masked_url,
    secrets_in,
)
from reqcli.model.request import Request
from reqcli.model.secret import MASK, Secret
from reqcli.model.url import Url


@pytest.mark.parametrize(
    "name",
    ["Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-Api-Key", "API-KEY", "X-RapidAPI-Key",
     "X-Auth-Token", "X-Auth-Email", "PRIVATE-TOKEN", "X-CSRFToken", "X-Vault-Token", "Mcp-Session-Id",
     "Ocp-Apim-Subscription-Key", "X-Amz-Security-Token", "x_api_key", "DPoP", "X-Transmission-Session-Id",
     "CF-Access-Client-Secret", "X-GitHub-OTP", "X-License-Key", "X-Honeycomb-Team", "X-Shared-Credentials"],
)  # fmt: skip
def test_names_that_mark_a_secret(name: str) -> None:
    assert is_secret_header(name)


@pytest.mark.parametrize(
    "name",
    ["Accept", "Content-Type", "WWW-Authenticate", "Access-Control-Allow-Credentials", "Idempotency-Key", "Author",
     "Sec-WebSocket-Key", "X-Request-Id", "X-Next-Page-Token", "Authentication-Info", "ETag", "X-Sessions", "Location"],
)  # fmt: skip
def test_names_that_do_not(name: str) -> None:
    assert not is_secret_header(name)


@pytest.mark.parametrize(
    ("name", "secret"),
    [("access_token", True), ("api_key", True), ("apikey", True), ("X-Amz-Signature", True), ("sig", True),
     ("client_secret", True), ("PASSWORD", True), ("q", False), ("page_token", False), ("key", False),
     ("accessKey", True), ("user[password]", True), ("password[0]", True), ("user%5Bpin%5D", True), ("a[b]", False),
     ("spin", False), ("design", False), ("author", False)],
)  # fmt: skip
def test_parameters_that_are_secret(name: str, secret: bool) -> None:
    assert is_secret_parameter(name) is secret


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", "Bearer ••••"),
        ("Proxy-Authorization", "Basic dTpw", "Basic ••••"),
        ("Authorization", "Digest username=u, response=r", "Digest ••••"),
        ("Authorization", "s3cret with blanks", "••••"),
        ("Authorization", "s3cret", "••••"),
        ("Cookie", "sid=abc; theme=dark;x", "sid=••••; theme=••••; ••••"),
        ("Set-Cookie", "sid=abc=; Path=/; HttpOnly", "sid=••••; Path=/; HttpOnly"),
        ("X-Api-Key", "abc", "••••"),
        ("X-Api-Key", "", ""),
        ("Accept", "*/*", "*/*"),
        ("Location", "https://u:p@h/x?code=1&access_token=abc#t", "https://••••@h/x?code=1&access_token=••••#t"),
        ("Location", "/done#access_token=abc&state=1", "/done#access_token=••••&state=1"),
    ],
)
def test_how_a_header_is_masked(name: str, value: str, shown: str) -> None:
    assert masked_header(name, value) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/a?q=1&token=abc&x=2", "/a?q=1&token=••••&x=2"),
        ("/a?token=&x", "/a?token=&x"),
        ("/a@b?mail=a@b", "/a@b?mail=a@b"),
        ("http://user@h/a@b", "http://••••@h/a@b"),
        ("<https://h/?api_key=abc>; rel=next", "<https://h/?api_key=••••>; rel=next"),
    ],
)
def test_how_a_url_is_masked(text: str, shown: str) -> None:
    assert masked_url(text) == shown


SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6, max_size=30)


@settings(max_examples=200, deadline=None)
@given(SECRETS, st.text(st.characters(max_codepoint=127, exclude_characters=":"), max_size=8))
def test_a_known_value_is_masked_however_it_is_spelled(value: str, user: str) -> None:
    redactor = Redactor([Secret(value)])
    basic = f"{user}:{value}".encode()
    for spelling in (
        value,
        quote(value, safe=""),
        quote_plus(value),
        dumps(value)[1:-1],
        dumps(value, ensure_ascii=False)[1:-1],
        b64encode(basic).decode(),
        urlsafe_b64encode(basic).decode(),
    ):
        shown = redactor.text(f"<{spelling}>")
        assert "••••" in shown
        assert spelling not in shown


@pytest.mark.parametrize("secret", ["o?o?o?o?o?o?", "o>o>o>o>o>o>"])
@pytest.mark.parametrize("user", ["", "x", "xy"])
def test_base64_is_masked_as_php_writes_it_in_json_and_in_a_url(secret: str, user: str) -> None:
    encoded = b64encode(f"{user}{secret}!".encode()).decode()
    percent = quote(encoded, safe="")
    for spelling in (
        encoded,
        encoded.replace("/", "\\/"),
        percent,
        percent.replace("%2F", "%2f").replace("%2B", "%2b"),
    ):
        shown = Redactor([Secret(secret)]).text(f"({spelling})")
        assert "••••" in shown
        assert len(shown) < 12, shown


PIECES = st.sampled_from(["hunter22", "%22", '"', "a", "b", "\\", "+", " ", "%20", "aHVudGVyMjI", "ä", "-", "22hunter"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["hunter22", 'a"b\\c d', "----", "ää ö", "hunter22-x", "aHVu"]), min_size=1, max_size=3),
    st.lists(PIECES, max_size=8).map("".join),
)
def test_no_look_is_saved_where_something_would_be_found(values: list[str], text: str) -> None:
    redactor = Redactor(map(Secret, values))
    pattern = redactor._pattern
    assert pattern is not None
    for written in (text, *(text + spelled + text for value in values for spelled in spellings(value))):
        assert redactor.text(written) == pattern.sub(MASK, written)


def spellings(value: str) -> list[str]:
    raw = value.encode()
    encoded = [base64(pad + raw + b"!") for base64 in (b64encode, urlsafe_b64encode) for pad in (b"", b"x", b"xy")]
    texts = [text.decode() for text in encoded]
    return [value, quote(value), quote_plus(value), dumps(value), *texts, *map(quote, texts)]


def test_a_secret_that_begins_with_another_leaves_nothing_standing() -> None:
    assert Redactor([Secret("hunter"), Secret("hunter22")]).text("hunter22 hunter") == "•••• ••••"


def test_a_value_too_short_to_know_is_left() -> None:
    assert Redactor([Secret("a"), Secret("")]).text("a cat") == "a cat"


def test_reveal_shows_everything() -> None:
    redactor = Redactor([Secret("hunter22")], reveal=True)
    assert redactor.text("hunter22") == "hunter22"
    assert redactor.header("Authorization", "Bearer x") == "Bearer x"
    assert redactor.url("/?token=x") == "/?token=x"


REQUEST = Request(
    "GET",
    Url.parse("https://u:url-password@h/?access_token=query-token&q=shoes"),
    Headers(
        [
            ("Authorization", "Basic " + b64encode(b"user:pass:word").decode()),
            ("X-Api-Key", "the-api-key"),
            ("Cookie", 'sid="0123456789abcdef"; theme=dark'),
            ("Accept", "text/html"),
        ]
    ),
)


def test_the_secrets_of_a_request_are_found() -> None:
    found = {secret.reveal() for secret in secrets_in(REQUEST)}
    assert found == {
        b64encode(b"user:pass:word").decode(), "pass:word", "the-api-key", "0123456789abcdef", "query-token",
        "url-password",
    }  # fmt: skip


@pytest.mark.parametrize("value", ["Basic not base64!", "Basic é", "Basic", "Bearer ", ""])
def test_a_malformed_credential_is_no_hindrance(value: str) -> None:
    request = Request("GET", Url.parse("https://h/"), Headers([("Authorization", value)]))
    assert Redactor.for_request(request).text("plain text") == "plain text"


def test_a_redactor_for_a_request_masks_what_the_request_carries_and_what_it_is_told() -> None:
    redactor = Redactor.for_request(REQUEST, [Secret("vaulted")])
    assert redactor.text("the-api-key pass:word vaulted dark shoes") == "•••• •••• •••• dark shoes"
    assert Redactor.for_request(None).text("x") == "x"


def test_a_redactor_does_not_show_what_it_knows() -> None:
    assert "hunter22" not in repr(Redactor([Secret("hunter22")]))


@pytest.mark.parametrize(
    ("secrets", "text", "ready"),
    [
        ([], "abc", 3),
        (["s3cret"], "abc", 0),
        (["s3cret"], "one two", 4),
        (["s3cret"], "one\ntwo three", 8),
        (["s3 cret"], "one two", 0),
        (["s3 cret"], "one\ntwo three", 4),
        (["line\nline", "s3 cret", "a\tb c"], "one two\n", 0),
    ],
)
def test_a_text_that_goes_on_is_cut_where_no_secret_can_be(secrets: list[str], text: str, ready: int) -> None:
    assert Redactor([Secret(value) for value in secrets]).divisible(text) == ready
    assert Redactor([Secret(value) for value in secrets], reveal=True).divisible(text) == len(text)


@pytest.mark.parametrize("before", ["", "SSH-", "it's "])
@pytest.mark.parametrize("secret", ["a1B2c3D4-" * 9, "ключ-7" * 12])
def test_what_an_error_leaves_of_a_long_secret_is_masked(before: str, secret: str) -> None:
    """`shown` cuts what a server sent, and so what it repeats of a secret: 60 characters of a token are most of it."""
    message = f"the answer begins with {shown(before + secret)}, and that is {shown('x' * 99)}"
    masked = Redactor([Secret("another-secret"), Secret(secret)]).text(message)
    quote = ascii(before)[0]
    assert masked == f"the answer begins with {quote}{before}••••{quote}…, and that is {shown('x' * 99)}"
