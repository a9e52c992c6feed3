"""Who may see a cookie: hosts, paths and origins compared (RFC 6265bis §5.1.3, §5.1.4)."""

from __future__ import annotations

import pytest

from reqcli.cookies.scope import default_path, domain_matches, is_address, is_secure, path_matches
from reqcli.model.url import Url

DOMAINS = {
    "the same host": ("example.com", "example.com", True),
    "a subdomain": ("www.example.com", "example.com", True),
    "a deeper subdomain": ("a.b.c.example.com", "example.com", True),
    "a parent is not covered": ("example.com", "www.example.com", False),
    "a sibling": ("a.example.com", "b.example.com", False),
    "a suffix without a dot before it (CVE-2018-20852)": ("pythonicexample.com", "example.com", False),
    "an address and itself": ("10.0.0.1", "10.0.0.1", True),
    "an address and its tail": ("10.0.0.1", "0.0.1", False),
    "an address and its last number": ("10.0.0.1", "1", False),
    "an IPv6 address and itself": ("::1", "::1", True),
    "an IPv6 address with a dotted tail": ("::ffff:10.0.0.1", "0.0.1", False),
    "an empty domain": ("example.com", "", False),
}

PATHS = {
    "the same path": ("/dir", "/dir", True),
    "below it": ("/dir/page", "/dir", True),
    "below it, with a slash": ("/dir/page", "/dir/", True),
    "the slash itself": ("/dir/", "/dir", True),
    "without the slash": ("/dir", "/dir/", False),
    "a longer name": ("/directory", "/dir", False),
    "above it": ("/", "/dir", False),
    "the root covers everything": ("/dir/page", "/", True),
    "two slashes": ("//", "/", True),
    "letter case counts": ("/Dir", "/dir", False),
    "an escape is not its character": ("/d%69r", "/dir", False),
    "a query is no path": ("/dir", "/dir?", False),
}

DEFAULTS = {
    "the root": ("/", "/"),
    "a page at the root": ("/page", "/"),
    "a page in a directory": ("/dir/page", "/dir"),
    "a directory": ("/dir/", "/dir"),
    "deeper": ("/a/b/c", "/a/b"),
    "two slashes": ("//", "/"),
    "two slashes and a page": ("//page", "/"),
}

SECURE = {
    "https": ("https://example.com/", True),
    "http": ("http://example.com/", False),
    "http to localhost": ("http://localhost:3000/", True),
    "http to a name under localhost": ("http://app.localhost/", True),
    "http to 127.0.0.1": ("http://127.0.0.1:8000/", True),
    "http to another address of 127/8": ("http://127.9.9.9/", True),
    "http to ::1": ("http://[::1]/", True),
    "http to a private address": ("http://192.168.0.1/", False),
    "http to a name that only looks like localhost": ("http://localhost.example.com/", False),
    "http to a name that begins like an address": ("http://127.0.0.1.example.com/", False),
}


@pytest.mark.parametrize(("host", "domain", "matches"), DOMAINS.values(), ids=DOMAINS)
def test_a_host_matches_a_domain(host: str, domain: str, matches: bool) -> None:
    assert domain_matches(host, domain) is matches


@pytest.mark.parametrize(("path", "cookie_path", "matches"), PATHS.values(), ids=PATHS)
def test_a_path_matches_a_cookie_path(path: str, cookie_path: str, matches: bool) -> None:
    assert path_matches(path, cookie_path) is matches


@pytest.mark.parametrize(("path", "expected"), DEFAULTS.values(), ids=DEFAULTS)
def test_the_default_path_of_a_request(path: str, expected: str) -> None:
    assert default_path(path) == expected


@pytest.mark.parametrize(("url", "expected"), SECURE.values(), ids=SECURE)
def test_secure_means_encrypted_or_this_machine(url: str, expected: bool) -> None:
    assert is_secure(Url.parse(url)) is expected


@pytest.mark.parametrize(("host", "expected"), [("1.2.3.4", True), ("::1", True), ("fe80::1%lo", True), ("a.b", False),
                                                 ("localhost", False), ("1.2.3.com", False)])  # fmt: skip
def test_addresses_are_told_from_names(host: str, expected: bool) -> None:
    assert is_address(host) is expected
