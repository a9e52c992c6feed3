"""What may be left out of a URL."""

from __future__ import annotations

import pytest

from reqcli.cli.shorthand import complete_url
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
    "text", ["http://a/b", "HTTPS://a", "ftp://a/b", "http://", "http:/a", "https:a", "http:///x", "https://a b"]
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
    assert "--base-url" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["", "?q", ":x", "::1/x", ":3000x", "a b", "http:/a", "://"])
def test_what_cannot_be_completed_is_refused_as_a_url(text: str) -> None:
    with pytest.raises(BadUrl):
        Url.parse(complete_url(text, None))
