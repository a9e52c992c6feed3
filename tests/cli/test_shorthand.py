"""What may be left out of a URL."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.cli.shorthand import _MISTAKEN, _begins_with_host, complete_url
from reqcli.errors import BadUrl, Usage
from reqcli.model.url import Url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (":3000/x", "http://localhost:3000/x"),
        (":3000", "http://localhost:3000"),
        (":/x", "http://localhost/x"),
        (":", "http://localhost"),
        (":?q", "http://localhost?q"),
        ("example.com", "https://example.com"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("host:8080/x", "https://host:8080/x"),
        ("http:8080/x", "https://http:8080/x"),
        ("user:pw@example.com/x", "https://user:pw@example.com/x"),
        ("example.com/?next=http://other", "https://example.com/?next=http://other"),
        ("://example.com/x", "https://example.com/x"),
        ("//example.com/x", "https://example.com/x"),
        ("://localhost", "http://localhost"),
        ("localhost:3000/x", "http://localhost:3000/x"),
        ("LOCALHOST", "http://LOCALHOST"),
        ("api.localhost/x", "http://api.localhost/x"),
        ("127.0.0.1:80", "http://127.0.0.1:80"),
        ("127.1.2.3", "http://127.1.2.3"),
        ("[::1]:8080/x", "http://[::1]:8080/x"),
        ("user@localhost/x", "http://user@localhost/x"),
        ("[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("localhost.example.com", "https://localhost.example.com"),
        ("localhost@evil.example", "https://localhost@evil.example"),
        ("127.0.0.1.evil.example", "https://127.0.0.1.evil.example"),
        ("10.0.0.1", "https://10.0.0.1"),
    ],
)
def test_what_is_missing_is_filled_in(text: str, url: str) -> None:
    assert complete_url(text, None) == url
    Url.parse(url)


@pytest.mark.parametrize(
    "text", ["http://a/b", "HTTPS://a", "http://", "http:///x", "https://a b", "http://a/http://b"]
)
def test_a_full_url_is_left_alone_malformed_or_not(text: str) -> None:
    assert complete_url(text, "https://base.example") == text


@pytest.mark.parametrize(
    ("base", "text", "url"),
    [
        ("https://api.example", "/x?q=1", "https://api.example/x?q=1"),
        ("https://api.example/", "/", "https://api.example/"),
        ("https://api.example/v1", "/x", "https://api.example/v1/x"),
        ("https://api.example/v1/?q=1#f", "/x", "https://api.example/v1/x"),
        ("http://localhost:3000/", "/x", "http://localhost:3000/x"),
    ],
)
def test_a_path_goes_below_the_base_url(base: str, text: str, url: str) -> None:
    assert complete_url(text, base) == url


def test_a_path_without_a_base_url_is_refused_with_the_way_out() -> None:
    with pytest.raises(Usage, match="'/x' is a path, and the session has no base URL") as caught:
        complete_url("/x", None)
    assert "session set NAME base_url" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "?q", ":x", "::1/x", ":3000x", "a b", "://"])
def test_what_cannot_be_completed_is_refused_as_a_url(text: str) -> None:
    with pytest.raises(BadUrl):
        Url.parse(complete_url(text, None))


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("example.com", "http://example.com"),
        ("localhost/x", "http://localhost/x"),
        (":3000", "http://localhost:3000"),
        ("://a.example", "http://a.example"),
        ("https://a", "https://a"),
    ],
)
def test_a_default_scheme_counts_where_none_is_typed(text: str, url: str) -> None:
    assert complete_url(text, None, "http") == url
    assert complete_url(text, None, "https") == url.replace("http:", "https:")


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("htp://a", "the URL begins with htp://, which is not spoken", "did you mean http://?"),
        ("htps://a", "the URL begins with htps://, which is not spoken", "did you mean https://?"),
        ("hhttp://a", "the URL begins with hhttp://", "did you mean http://?"),
        ("ftp://u:s3cret@a/b", "the URL begins with ftp://, which is not spoken", "a URL begins with http://"),
        ("wss://a", "the URL begins with wss://", "WebSockets are not spoken"),
        ("http:/a", "the URL begins with http:/", "did you mean http://…?"),
        ("https:s3cret", "the URL begins with https:", "did you mean https://…?"),
        ("http//a", "the URL begins with http//", "did you mean http://…?"),
        ("http://https://a", "the URL begins with http:// twice", "leave one of them out"),
        ("", "the URL is empty", "a variable of the shell"),
        (" \n", "the URL is empty", "a variable of the shell"),
        (" http://a", "the URL begins with a blank", "leave it out"),
        ('"http://a"', 'the URL begins with "', "leave the quotes"),
        ("<http://a>", "the URL begins with <", "leave the quotes"),
        ("a=s3cret", "an item stands where the URL belongs", "the URL comes first"),
        ("a[b]:=s3cret", "an item stands where the URL belongs", "the URL comes first"),
        ("a=@f", "an item stands where the URL belongs", "the URL comes first"),
        ("q==s3cret", "an item stands where the URL belongs", "the URL comes first"),
        ("Accept:text/html", "an item stands where the URL belongs", "the URL comes first"),
        ("X-Token:s3cret", "an item stands where the URL belongs", "the URL comes first"),
        ("@f", "an item stands where the URL belongs", "the URL comes first"),
        ("-", "an option stands where the URL belongs", "the URL comes first"),
        ("POST", "the method POST stands where the URL belongs", "one method is enough"),
    ],
)
def test_what_cannot_be_meant_as_a_url_is_told(text: str, problem: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        complete_url(text, "https://base.example")
    assert caught.value.message.startswith(problem)
    assert (caught.value.hint or "").startswith(hint)
    assert "s3cret" not in caught.value.message


@given(
    st.lists(
        st.sampled_from(
            ["localhost", "a.b", "get", "http", "://", "//", ":", ":80", "=", "/x", "?", "@", " ", "-", "A", "1.2"]
        ),
        max_size=5,
    ).map("".join)
)
def test_what_is_surely_a_host_is_nothing_else(text: str) -> None:
    if _begins_with_host(text):
        assert not re.match(_MISTAKEN, text)


@pytest.mark.parametrize("text", ["localhost", "localhost:3000/x", "api.example.com/a?b=c:d", "10.0.0.1:80", "a.b?q=/"])
def test_most_hosts_are_told_at_once(text: str) -> None:
    assert _begins_with_host(text)
