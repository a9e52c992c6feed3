"""Proxies read from their URLs, and which one a request goes through (PRX-1 and PRX-2 of checklist.txt)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.no_proxy import NoProxy
from reqcli.model.proxy import Proxies, parse_proxy
from reqcli.model.route import DEFAULT_TLS, Proxy
from reqcli.model.secret import Secret
from reqcli.model.spec import spec_for
from reqcli.model.url import Url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("proxy", "http://proxy:80"),
        ("user:pw@proxy:3128", "http://proxy:3128"),
        ("http://proxy/", "http://proxy:80"),
        ("http://proxy:80/", "http://proxy:80"),
        ("HTTPS://Proxy.EXAMPLE.", "https://proxy.example:443"),
        ("https://proxy:80", "https://proxy:80"),
        ("socks4://proxy", "socks4://proxy:1080"),
        ("socks4a://proxy", "socks4a://proxy:1080"),
        ("socks5://proxy:80", "socks5://proxy:80"),
        ("socks5h://[::1]", "socks5h://[::1]:1080"),
        ("socks5h://[::1]:9", "socks5h://[::1]:9"),
        ("http://bücher.example:1", "http://xn--bcher-kva.example:1"),
        ("http://127.1:1", "http://127.0.0.1:1"),
    ],
)
def test_a_proxy_is_read(text: str, shown: str) -> None:
    assert str(parse_proxy(text)) == shown


@pytest.mark.parametrize("text", ["http:http://proxy:3128", "https:http://proxy", "all:socks5://proxy:1"])
def test_a_proxy_that_is_for_one_scheme_elsewhere_is_explained(text: str) -> None:
    with pytest.raises(Usage, match="malformed") as caught:
        parse_proxy(text)
    assert (caught.value.hint or "").startswith("one proxy is for http and https URLs alike")


@pytest.mark.parametrize(
    ("userinfo", "user", "password"),
    [
        ("user:password", "user", "password"),
        ("us%40er:p%3Aw", "us@er", "p:w"),
        ("user", "user", ""),
        ("user:", "user", ""),
        ("user:a:b", "user", "a:b"),
        ("%C3%A9:%2F%3F%23", "é", "/?#"),
    ],
)
def test_user_and_password_are_percent_decoded(userinfo: str, user: str, password: str) -> None:
    proxy = parse_proxy(f"http://{userinfo}@proxy:3128")
    assert proxy.credential == Credential("basic", {"user": user, "password": Secret(password)})


def test_without_userinfo_there_is_no_credential() -> None:
    assert parse_proxy("http://proxy").credential is None
    assert parse_proxy("http://@proxy").credential is None


@pytest.mark.parametrize("text", ["ftp://proxy", "socks://proxy", "socks6://proxy", "file:///etc/passwd", "x://p:1"])
def test_an_unknown_scheme_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(Usage, match="is not a kind of proxy") as caught:
        parse_proxy(text)
    assert text.partition(":")[0] in caught.value.message
    assert caught.value.hint is not None
    assert "socks5h" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *("", "http://", "http://:3128", "http://proxy:0", "http://proxy:99999", "http://proxy:x", "http://a b/"),
        *("http://proxy\r\nX: y/", "http://proxy/path", "http://proxy/?q", "http://proxy/#f", "socks5h://[::1"),
        *("http://s3cr3t:s3cr3t@", "http://user:s3cr3t", "user:s3cr3t/x@proxy:1", "http://u:s3cr3t@proxy/path"),
        *("http://u:s3cr3t@x@proxy", "http://u:s3cr3t@proxy:port", "user:s3cr3t://@proxy", "socks4://u:s3cr3t@proxy"),
    ],
)
def test_what_is_no_proxy_is_an_error_without_a_password_in_it(text: str) -> None:
    with pytest.raises(Usage) as caught:
        parse_proxy(text)
    assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint}"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["", "http://", "socks5://", "foo://"]))
def test_no_text_is_too_much_for_it_and_no_message_repeats_it(before: str, after: str, scheme: str) -> None:
    try:
        proxy = parse_proxy(f"{scheme}{before}s3cr3t@{after}")
        said = f"{proxy} {proxy!r}".replace(repr(proxy.credential), "")
    except Usage as error:
        said = f"{error.message} {error.hint}"
    assert "s3cr3t" not in said


def test_a_credential_shows_nowhere() -> None:
    proxy = parse_proxy("http://user:s3cr3t@proxy")
    assert "s3cr3t" not in f"{proxy} {proxy!r} {Proxies(proxy)!r}"
    assert Proxies(proxy, None).secrets() == [Secret("s3cr3t")]


@pytest.mark.parametrize(
    ("url", "chosen"),
    [
        ("http://a.example/", "http://one:80"),
        ("https://a.example/", "http://two:80"),
        ("http://direct.example/", "None"),
        ("https://below.direct.example/", "None"),
        ("http://localhost/", "http://one:80"),
        ("http://127.0.0.1/", "http://one:80"),
    ],
)
def test_the_choice_is_by_scheme_and_host(url: str, chosen: str) -> None:
    proxies = Proxies.parse("http://one", "http://two", no_proxy="direct.example")
    assert str(proxies.choose(Url.parse(url))) == chosen


def test_a_scheme_without_a_proxy_is_direct() -> None:
    assert Proxies.parse(https="http://two").choose(Url.parse("http://a.example/")) is None
    assert Proxies(no_proxy=NoProxy("x")).choose(Url.parse("https://a.example/")) is None


def test_a_program_names_one_proxy_for_everything() -> None:
    spec = spec_for("GET", "http://a.example/", proxy="socks5h://proxy")
    assert spec.proxies is not None
    assert spec.proxies.http == spec.proxies.https == Proxy("socks5h", "proxy", 1080, tls=DEFAULT_TLS)
