"""Set-Cookie lines: what they are parsed into, and what is refused (RFC 6265bis §5.4 to §5.7)."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reqcli.cookies.receive import Refusal, received_cookie
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url

QUIET = settings(max_examples=300, deadline=None)
NOW = 1_900_000_000.0
DAY = 86400
LATER = 1_923_000_000.0
"""A moment within 400 days, as `LATER_DATE`."""
LATER_DATE = "Sun, 08 Dec 2030 22:40:00 GMT"
HOME = "https://www.example.com/dir/page?q=/x/y"

PAIRS = {
    "name and value": ("a=b", "a", "b"),
    "blanks around both": (" \t a \t = \t b \t ", "a", "b"),
    "blanks inside": ("a a=b  b", "a a", "b  b"),
    "a tab inside": ("a\ta=b\tb", "a\ta", "b\tb"),
    "an empty value": ("a=", "a", ""),
    "an empty value and an attribute": ("a=; Path=/", "a", ""),
    "no equals sign": ("a", "", "a"),
    "no equals sign, blanks": ("  a b  ; Path=/", "", "a b"),
    "an empty name": ("=b", "", "b"),
    "an empty name before blanks": ("  =  b", "", "b"),
    "an empty name and a second equals sign": ("=a=b", "", "a=b"),
    "two equals signs": ("a=b=c", "a", "b=c"),
    "an equals sign at the end": ("a=b=", "a", "b="),
    "only equals signs": ("===", "", "=="),
    "base64 padding": ("a=Zm9vYg==", "a", "Zm9vYg=="),
    "quotes belong to the value": ('a="b"', "a", '"b"'),
    "one quote": ('a="b', "a", '"b'),
    "quotes do not hide a semicolon": ('a="b;c"', "a", '"b'),
    "blanks inside quotes": ('a=" b "', "a", '" b "'),
    "a backslash is only a backslash": (r"a=b\;c", "a", "b\\"),
    "octal escapes are not resolved": (r'a="\101"', "a", r'"\101"'),
    "a comma is part of the value": ("a=b, c=d", "a", "b, c=d"),
    "JSON without semicolons": ('a={"x":[1,2],"y":"="}', "a", '{"x":[1,2],"y":"="}'),
    "percent escapes stay": ("a=%3B%20", "a", "%3B%20"),
    "a name that is no token": ("a[b]@=c", "a[b]@", "c"),
    "a name that is an attribute's": ("Path=/x", "Path", "/x"),
    "a dollar name": ("$Version=1", "$Version", "1"),
    "bytes above ASCII": ("a=h\xe9\xff", "a", "h\xe9\xff"),
    "bytes that Python would trim": ("a=\xa0b\x85", "a", "\xa0b\x85"),
    "the name keeps its letter case": ("SeSSion=1", "SeSSion", "1"),
    "a semicolon at once after the pair": ("a=b;", "a", "b"),
    "many semicolons": ("a=b;;; ;;", "a", "b"),
    "4096 bytes": ("n=" + "v" * 4095, "n", "v" * 4095),
    "4096 bytes in the name": ("n" * 4096 + "=", "n" * 4096, ""),
    "4096 bytes and blanks, which do not count": (" n = " + "v" * 4095 + " ", "n", "v" * 4095),
}

ATTRIBUTES: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("", {"expires": None, "secure": False, "http_only": False, "same_site": "", "path": "/dir"}),
    "one that is unknown": ("; Colour=red; Partitioned; Priority=High", {"path": "/dir", "expires": None}),
    "Secure": ("; Secure", {"secure": True}),
    "Secure in lower case": ("; secure", {"secure": True}),
    "Secure with a value": ("; Secure=false", {"secure": True}),
    "Secure with blanks": (";  \t Secure \t ", {"secure": True}),
    "Secure without a blank before it": (";Secure", {"secure": True}),
    "a longer word is not Secure": ("; Secured", {"secure": False}),
    "a comma does not end an attribute": ("; Secure, HttpOnly", {"secure": False, "http_only": False}),
    "HttpOnly": ("; HttpOnly", {"http_only": True}),
    "HttpOnly in upper case": ("; HTTPONLY", {"http_only": True}),
    "HttpOnly with a value": ("; HttpOnly=0", {"http_only": True}),
    "Secure and HttpOnly in the value of another": ("; x=Secure HttpOnly", {"secure": False, "http_only": False}),
    "SameSite Strict": ("; SameSite=Strict", {"same_site": "Strict"}),
    "SameSite in any case": ("; samesite=LAX", {"same_site": "Lax"}),
    "SameSite None": ("; SameSite=none; Secure", {"same_site": "None"}),
    "SameSite of an unknown kind": ("; SameSite=Loose", {"same_site": ""}),
    "SameSite empty": ("; SameSite", {"same_site": ""}),
    "the last SameSite": ("; SameSite=Strict; SameSite=Lax", {"same_site": "Lax"}),
    "a last SameSite that is unknown": ("; SameSite=Strict; SameSite=x", {"same_site": ""}),
    "Path": ("; Path=/x", {"path": "/x"}),
    "Path with a slash at the end": ("; Path=/x/", {"path": "/x/"}),
    "Path with blanks around": ("; Path =  /x y  ", {"path": "/x y"}),
    "Path with an equals sign": ("; Path=/x=y", {"path": "/x=y"}),
    "Path with a query": ("; Path=/x?y", {"path": "/x?y"}),
    "Path in quotes is no path": ('; Path="/x"', {"path": "/dir"}),
    "Path without a slash": ("; Path=x", {"path": "/dir"}),
    "Path empty": ("; Path=", {"path": "/dir"}),
    "Path without a value": ("; Path", {"path": "/dir"}),
    "a Path elsewhere is taken": ("; Path=/other/place", {"path": "/other/place"}),
    "the last Path": ("; Path=/x; Path=/y", {"path": "/y"}),
    "a last Path that is empty": ("; Path=/x; Path=", {"path": "/dir"}),
    "a Path of 1024 bytes": ("; Path=/" + "x" * 1023, {"path": "/" + "x" * 1023}),
    "a Path of 1025 bytes": ("; Path=/" + "x" * 1024, {"path": "/dir"}),
    "a last Path of 1025 bytes": ("; Path=/x; Path=/" + "x" * 1024, {"path": "/x"}),
    "a dot segment is not resolved": ("; Path=/a/../b", {"path": "/a/../b"}),
    "Max-Age": ("; Max-Age=60", {"expires": NOW + 60}),
    "Max-Age in any case": ("; MAX-AGE=60", {"expires": NOW + 60}),
    "Max-Age with leading zeros": ("; Max-Age=0060", {"expires": NOW + 60}),
    "Max-Age with blanks": ("; Max-Age = 60 ", {"expires": NOW + 60}),
    "Max-Age 0": ("; Max-Age=0", {"expires": 0.0}),
    "Max-Age below 0": ("; Max-Age=-5", {"expires": 0.0}),
    "Max-Age -0": ("; Max-Age=-0", {"expires": 0.0}),
    "Max-Age empty": ("; Max-Age=", {"expires": None}),
    "Max-Age with a plus sign": ("; Max-Age=+60", {"expires": None}),
    "Max-Age that is a minus sign": ("; Max-Age=-", {"expires": None}),
    "Max-Age with a fraction": ("; Max-Age=1.5", {"expires": None}),
    "Max-Age with letters": ("; Max-Age=60s", {"expires": None}),
    "Max-Age in quotes": ('; Max-Age="60"', {"expires": None}),
    "Max-Age with a blank inside": ("; Max-Age=6 0", {"expires": None}),
    "Max-Age with an underscore": ("; Max-Age=6_0", {"expires": None}),
    "Max-Age with a digit that is none in ASCII": ("; Max-Age=6\xb2", {"expires": None}),
    "the last Max-Age": ("; Max-Age=60; Max-Age=90", {"expires": NOW + 90}),
    "a last Max-Age that is unreadable": ("; Max-Age=60; Max-Age=x", {"expires": NOW + 60}),
    "Max-Age of exactly 400 days": (f"; Max-Age={400 * DAY}", {"expires": NOW + 400 * DAY}),
    "Max-Age beyond 400 days": (f"; Max-Age={400 * DAY + 1}", {"expires": NOW + 400 * DAY}),
    "Max-Age of a thousand digits": ("; Max-Age=" + "9" * 1000, {"expires": NOW + 400 * DAY}),
    "Max-Age of a thousand digits below 0": ("; Max-Age=-" + "9" * 1000, {"expires": 0.0}),
    "Max-Age of 1025 bytes": ("; Max-Age=" + "0" * 1024 + "9", {"expires": None}),
    "Expires": (f"; Expires={LATER_DATE}", {"expires": LATER}),
    "Expires in any case": (f"; eXPIRES={LATER_DATE}", {"expires": LATER}),
    "Expires in the past": ("; Expires=Thu, 01 Jan 1970 00:00:01 GMT", {"expires": 1.0}),
    "Expires before the epoch": ("; Expires=Mon, 01 Jan 1601 00:00:00 GMT", {"expires": -11644473600.0}),
    "Expires beyond 400 days": ("; Expires=Fri, 31 Dec 9999 23:59:59 GMT", {"expires": NOW + 400 * DAY}),
    "Expires unreadable": ("; Expires=tomorrow", {"expires": None}),
    "Expires 0": ("; Expires=0", {"expires": None}),
    "Expires empty": ("; Expires=", {"expires": None}),
    "the last Expires": (f"; Expires=Thu, 01 Jan 1970 00:00:01 GMT; Expires={LATER_DATE}", {"expires": LATER}),
    "a last Expires that is unreadable": (f"; Expires={LATER_DATE}; Expires=x", {"expires": LATER}),
    "Max-Age has precedence over Expires": (f"; Max-Age=60; Expires={LATER_DATE}", {"expires": NOW + 60}),
    "also when it comes second": (f"; Expires={LATER_DATE}; Max-Age=0", {"expires": 0.0}),
    "an unreadable Max-Age has none": (f"; Max-Age=x; Expires={LATER_DATE}", {"expires": LATER}),
    "Expires of 1025 bytes": (f"; Expires={LATER_DATE}".ljust(1040, "x"), {"expires": None}),
    "the order does not matter": (
        "; HttpOnly; Max-Age=60; SameSite=Lax; Path=/x; Secure",
        {"http_only": True, "expires": NOW + 60, "same_site": "Lax", "path": "/x", "secure": True},
    ),
}

HOST_ONLY, WITH_SUBDOMAINS = True, False

DOMAINS = {
    "none": (HOME, "", "www.example.com", HOST_ONLY),
    "the host itself": (HOME, "Domain=www.example.com", "www.example.com", WITH_SUBDOMAINS),
    "the parent": (HOME, "Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "a leading dot": (HOME, "Domain=.example.com", "example.com", WITH_SUBDOMAINS),
    "upper case": (HOME, "DOMAIN=EXAMPLE.Com", "example.com", WITH_SUBDOMAINS),
    "blanks around": (HOME, "Domain = example.com ", "example.com", WITH_SUBDOMAINS),
    "a trailing dot": (HOME, "Domain=example.com.", "example.com", WITH_SUBDOMAINS),
    "dots at both ends": (HOME, "Domain=.example.com.", "example.com", WITH_SUBDOMAINS),
    "a host with a trailing dot": ("https://www.example.com./", "Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "a host in upper case": ("https://WWW.EXAMPLE.COM/", "Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "empty": (HOME, "Domain=", "www.example.com", HOST_ONLY),
    "without a value": (HOME, "Domain", "www.example.com", HOST_ONLY),
    "a dot alone": (HOME, "Domain=.", "www.example.com", HOST_ONLY),
    "the last one": (HOME, "Domain=other.org; Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "a last one that is empty": (HOME, "Domain=example.com; Domain=", "www.example.com", HOST_ONLY),
    "one of 1025 bytes does not count": (HOME, "Domain=" + "x" * 1025, "www.example.com", HOST_ONLY),
    "two levels up": ("https://a.b.example.com/", "Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "one of two levels up": ("https://a.b.example.com/", "Domain=b.example.com", "b.example.com", WITH_SUBDOMAINS),
    "below a suffix of two labels": ("https://x.example.co.uk/", "Domain=example.co.uk", "example.co.uk", False),
    "a public suffix that is the host": ("https://github.io/", "Domain=github.io", "github.io", HOST_ONLY),
    "a single label that is the host": ("http://localhost/", "Domain=localhost", "localhost", HOST_ONLY),
    "a single label in upper case": ("http://localhost/", "Domain=.LOCALHOST", "localhost", HOST_ONLY),
    "a port isolates nothing": ("https://www.example.com:8443/", "Domain=example.com", "example.com", WITH_SUBDOMAINS),
    "an address": ("http://10.0.0.1/", "", "10.0.0.1", HOST_ONLY),
    "an address that repeats itself": ("http://10.0.0.1/", "Domain=10.0.0.1", "10.0.0.1", HOST_ONLY),
    "an address with a leading dot": ("http://10.0.0.1/", "Domain=.10.0.0.1", "10.0.0.1", HOST_ONLY),
    "an address in another spelling": ("http://127.0.0.1/", "Domain=127.1", "127.0.0.1", HOST_ONLY),
    "a host that is an address in another spelling": ("http://0x7f.1/", "Domain=127.0.0.1", "127.0.0.1", HOST_ONLY),
    "an IPv6 address": ("http://[::1]/", "", "::1", HOST_ONLY),
    "an IPv6 address that repeats itself": ("http://[::1]/", "Domain=[::1]", "::1", HOST_ONLY),
    "an IPv6 address written out": ("http://[::1]/", "Domain=[0:0:0:0:0:0:0:1]", "::1", HOST_ONLY),
    "another script, as A-label": (
        "https://www.bücher.example/", "Domain=xn--bcher-kva.example", "xn--bcher-kva.example", WITH_SUBDOMAINS,
    ),
    "another script, as UTF-8": (
        "https://www.xn--bcher-kva.example/", "Domain=b\xc3\xbccher.example", "xn--bcher-kva.example", WITH_SUBDOMAINS,
    ),
    "another script, in upper case": (
        "https://www.bücher.example/", "Domain=.B\xc3\x9cCHER.example.", "xn--bcher-kva.example", WITH_SUBDOMAINS,
    ),
}  # fmt: skip

DOMAIN_REFUSED = {
    "another site": (HOME, "example.org"),
    "a subdomain of the host": (HOME, "a.www.example.com"),
    "a sibling": (HOME, "api.example.com"),
    "a suffix without a dot before it": ("https://badexample.com/", "example.com"),
    "a top-level domain": (HOME, "com"),
    "a top-level domain with a dot": (HOME, ".com"),
    "a top-level domain with a dot behind (CVE-2022-27779)": (HOME, "com."),
    "a public suffix": ("https://www.example.co.uk/", "co.uk"),
    "a public suffix in mixed case (CVE-2023-46218)": ("https://www.example.co.uk/", "co.UK"),
    "a public suffix in upper case, host too": ("https://WWW.EXAMPLE.CO.UK/", ".CO.UK"),
    "a public suffix with a dot behind (CVE-2026-8924)": ("https://www.example.co.uk./", "co.uk."),
    "a private registry": ("https://someone.github.io/", "github.io"),
    "what a wildcard covers": ("https://www.example.anything.ck/", "anything.ck"),
    "a public suffix in another script": ("https://shop.公司.cn/", "xn--55qx5d.cn"),
    "a public suffix in another script, as UTF-8": ("https://shop.公司.cn/", "公司.cn".encode().decode("latin-1")),
    "a single label above the host": ("http://app.localhost/", "localhost"),
    "two leading dots": (HOME, "..example.com"),
    "two trailing dots": (HOME, "example.com.."),
    "two dots alone": (HOME, ".."),
    "a port": (HOME, "example.com:443"),
    "a URL": (HOME, "https://example.com"),
    "a path": (HOME, "example.com/"),
    "quotes": (HOME, '"example.com"'),
    "a wildcard": (HOME, "*.example.com"),
    "a blank inside": (HOME, "example .com"),
    "a comma": (HOME, "example.com,www.example.com"),
    "the tail of an address": ("http://10.0.0.1/", "0.0.1"),
    "another address": ("http://10.0.0.1/", "10.0.0.2"),
    "a name, from an address": ("http://10.0.0.1/", "example.com"),
    "an address, from a name": (HOME, "10.0.0.1"),
    "an address that is none": ("http://10.0.0.1/", "10.0.0.256"),
    "the tail of an IPv6 address": ("http://[::ffff:10.0.0.1]/", "0.0.1"),
    "bytes that are no UTF-8": (HOME, "ex\xe4mple.com"),
    "another script that is not the host's": ("https://bücher.example/", "b\xc3\xb6cher.example"),
    "a character that turns into a dot": (HOME, "www\u3002example.com".encode().decode("latin-1") + "x"),
}

INSECURE = "http://www.example.com/dir/page"

REFUSED = {
    "nothing": (HOME, ""),
    "blanks": (HOME, "  \t "),
    "an equals sign": (HOME, "="),
    "no pair, only attributes": (HOME, "; Path=/; Secure"),
    "an equals sign and attributes": (HOME, " = ; Path=/"),
    "NUL in the value": (HOME, "a=b\x00c"),
    "a line feed in the name": (HOME, "a\nb=c"),
    "a carriage return at the end": (HOME, "a=b\r"),
    "escape": (HOME, "a=\x1b[31m"),
    "delete": (HOME, "a=b\x7f"),
    "a vertical tab that is trimmed elsewhere": (HOME, "\x0ba=b"),
    "a control character in an attribute": (HOME, "a=b; Path=/\x01"),
    "a control character in an unknown attribute": (HOME, "a=b; x\x1f=y"),
    "4097 bytes": (HOME, "n=" + "v" * 4096),
    "4097 bytes without a name": (HOME, "v" * 4097),
    "4097 bytes in the name": (HOME, "n" * 4097 + "="),
    "Secure over http": (INSECURE, "a=b; Secure"),
    "Secure over http to a private address": ("http://192.168.1.1/", "a=b; Secure"),
    "SameSite=None without Secure": (HOME, "a=b; SameSite=None"),
    "SameSite=None without Secure over http": (INSECURE, "a=b; SameSite=none"),
    "__Secure- without Secure": (HOME, "__Secure-a=b"),
    "__Secure- with a Domain, without Secure": (HOME, "__Secure-a=b; Domain=example.com"),
    "__secure- in lower case": (HOME, "__secure-a=b; Domain=example.com"),
    "__SECURE- in upper case": (HOME, "__SECURE-a=b"),
    "__SeCuRe- in mixed case": (HOME, "__SeCuRe-a=b"),
    "__Secure- over http": (INSECURE, "__Secure-a=b; Secure"),
    "__Secure- alone as a name": (HOME, "__Secure-=b"),
    "__Host- with nothing": (HOME, "__Host-a=b"),
    "__Host- without Path": (HOME, "__Host-a=b; Secure"),
    "__host- without Path, at the root": ("https://www.example.com/", "__host-a=b; Secure"),
    "__Host- without Secure": (HOME, "__Host-a=b; Path=/"),
    "__Host- with another Path": (HOME, "__Host-a=b; Secure; Path=/dir"),
    "__HOST- with a Domain": (HOME, "__HOST-a=b; Secure; Path=/; Domain=example.com"),
    "__hOsT- with its own Domain": (HOME, "__hOsT-a=b; Secure; Path=/; Domain=www.example.com"),
    "__Host- over http": (INSECURE, "__Host-a=b; Secure; Path=/"),
    "a nameless value that reads __Secure-": (HOME, "=__Secure-a=b; Secure"),
    "a nameless value that reads __Host- without an equals sign": (HOME, "__Host-a; Secure; Path=/"),
    "a nameless value that reads __HOST-": (HOME, " = __HOST-a=b; Secure; Path=/"),
}

ACCEPTED = {
    "Secure over https": (HOME, "a=b; Secure"),
    "Secure from localhost": ("http://localhost:8000/", "a=b; Secure"),
    "Secure from 127.0.0.1": ("http://127.0.0.1/", "a=b; Secure"),
    "Secure from ::1": ("http://[::1]:8000/", "a=b; Secure"),
    "__Secure- with a Domain": (HOME, "__Secure-a=b; Domain=example.com; Secure"),
    "__secure- in lower case": (HOME, "__secure-a=b; Secure"),
    "__Host-": (HOME, "__Host-a=b; Secure; Path=/"),
    "__HOST-": (HOME, "__HOST-a=b; Path=/; Secure"),
    "__Host- with an empty Domain": (HOME, "__Host-a=b; Secure; Path=/; Domain="),
    "__Host- with its empty Path at the root": ("https://www.example.com/", "__Host-a=b; Secure; Path="),
    "__Host- from localhost": ("http://localhost/", "__Host-a=b; Secure; Path=/"),
    "a prefix without its hyphen": (HOME, "__Secure=b"),
    "a prefix of one underscore": (HOME, "_Secure-a=b"),
    "a prefix in the middle": (HOME, "a__Host-=b"),
    "a prefix in the value": (HOME, "a=__Host-b"),
    "a nameless value with a prefix in the middle": (HOME, "a__Host-b"),
    "a tab is no control character": (HOME, "a=b\tc"),
    "SameSite=Strict without Secure": (INSECURE, "a=b; SameSite=Strict"),
}


def received(line: str, url: str = HOME) -> Cookie:
    cookie = received_cookie(line, Url.parse(url), NOW)
    assert isinstance(cookie, Cookie), cookie.reason
    return cookie


@pytest.mark.parametrize(("line", "name", "value"), PAIRS.values(), ids=PAIRS)
def test_a_line_begins_with_name_and_value(line: str, name: str, value: str) -> None:
    cookie = received(line)
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize(("attributes", "expected"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_attributes_are_read(attributes: str, expected: dict[str, Any]) -> None:
    cookie = received(f"a=b{attributes}")
    assert (cookie.name, cookie.value) == ("a", "b")
    assert {field: getattr(cookie, field) for field in expected} == expected


@pytest.mark.parametrize(("url", "attribute", "domain", "host_only"), DOMAINS.values(), ids=DOMAINS)
def test_a_cookie_has_a_domain(url: str, attribute: str, domain: str, host_only: bool) -> None:
    cookie = received(f"a=b; {attribute}", url)
    assert (cookie.domain, cookie.host_only) == (domain, host_only)


@pytest.mark.parametrize(("url", "domain"), DOMAIN_REFUSED.values(), ids=DOMAIN_REFUSED)
def test_a_domain_that_is_not_the_hosts_own_is_refused(url: str, domain: str) -> None:
    refusal = received_cookie(f"sid=hunter2; Domain={domain}", Url.parse(url), NOW)
    assert isinstance(refusal, Refusal)
    assert refusal.reason.startswith("cookie 'sid' is refused: its Domain ")
    assert "hunter2" not in refusal.reason


@pytest.mark.parametrize(("url", "line"), REFUSED.values(), ids=REFUSED)
def test_a_cookie_is_refused(url: str, line: str) -> None:
    """CVE-2022-35252, CVE-2026-3644, CVE-2026-0672: control characters were stored, and sent."""
    refusal = received_cookie(line, Url.parse(url), NOW)
    assert isinstance(refusal, Refusal)
    assert "is refused: " in refusal.reason
    assert refusal.reason.isprintable()


@pytest.mark.parametrize(("url", "line"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_cookie_is_accepted(url: str, line: str) -> None:
    received(line, url)


def test_the_default_path_is_that_of_the_request_without_its_query() -> None:
    assert received("a=b", "https://www.example.com/x/y/z?/q/r").path == "/x/y"
    assert received("a=b", "https://www.example.com").path == "/"


def test_a_received_cookie_is_as_old_as_the_response() -> None:
    assert received("a=b").created == NOW


def test_the_list_of_public_suffixes_is_asked_once_and_only_for_a_domain_that_covers_the_host() -> None:
    asked: list[str] = []

    def no_suffix(domain: str) -> bool:
        asked.append(domain)
        return False

    for attribute in ("", "; Domain=", "; Domain=example.org", "; Domain=com.", "; Domain=.Example.COM."):
        received_cookie(f"a=b{attribute}", Url.parse(HOME), NOW, no_suffix)
    assert asked == ["com", "example.com"]


def test_expiry_is_in_whole_seconds_and_never_early_nor_beyond_the_limit() -> None:
    url = Url.parse(HOME)
    for line, expected in {
        "a=b; Max-Age=60": NOW + 61,
        f"a=b; Max-Age={400 * DAY}": NOW + 400 * DAY,
        f"a=b; Expires={LATER_DATE}": LATER,
    }.items():
        cookie = received_cookie(line, url, NOW + 0.25)
        assert isinstance(cookie, Cookie)
        assert cookie.expires == expected


@pytest.mark.parametrize("length", [100, 3000, 10**5])
def test_a_long_name_is_cut_in_the_reason(length: int) -> None:
    refusal = received_cookie("n" * length + "=v; Domain=example.org", Url.parse(HOME), NOW)
    assert isinstance(refusal, Refusal)
    assert len(refusal.reason) < 250


URLS = st.sampled_from([HOME, INSECURE, "http://localhost/", "http://10.0.0.1/a/b", "http://[::1]/", "https://co.uk/"])
WORDS = st.sampled_from(
    ["a", "=", ";", " ", "\t", '"', "\\", ",", ".", "Domain", "Path", "Expires", "Max-Age", "Secure", "SameSite",
     "None", "HttpOnly", "__Host-", "__Secure-", "example.com", "co.uk", "10.0.0.1", "[::1]", "xn--", "\xc3\xbc", "-1",
     "99999999999999999999", "/", "/dir", LATER_DATE, "\x00", "\r\n", "\xff", "\u0130", "\ud800"]
)  # fmt: skip
LINES = st.lists(WORDS, max_size=25).map("".join) | st.text(max_size=60)


@QUIET
@given(LINES, URLS)
@example("a=b; Domain=\ud800", HOME)
@example("a=b; Domain=[", "http://[::1]/")
@example("a=b; Domain=xn--", HOME)
def test_any_line_gives_a_cookie_or_a_refusal(line: str, url: str) -> None:
    cookie = received_cookie(line, Url.parse(url), NOW, lambda domain: domain == "co.uk")
    assert isinstance(cookie, Cookie | Refusal)
    if isinstance(cookie, Refusal):
        return
    assert len(cookie.name) + len(cookie.value) <= 4096
    assert cookie.path[0] == "/"
    assert cookie.expires is None or cookie.expires <= NOW + 400 * DAY
    assert cookie.name or cookie.value
    assert not set(cookie.name + cookie.value + cookie.path) & set(map(chr, [*range(9), *range(10, 32), 127]))


@QUIET
@given(st.text('abc"\\ =,\xe9', min_size=1, max_size=30), URLS)
def test_a_value_comes_through_unchanged(value: str, url: str) -> None:
    assert received(f"a={value}; HttpOnly", url).value == value.strip(" ")


LONG = {
    "escaped quotes": '\\"',
    "quotes": '"',
    "semicolons": ";",
    "equals signs": "=",
    "blanks": " ",
    "semicolons and blanks": "; ",
    "dates": "; Expires=1",
    "ages": "; Max-Age=x",
    "domains": "; Domain=.",
    "dots": ".",
    "minus signs": "; Max-Age=-",
}


@pytest.mark.parametrize("head", ["", "a=", "a=b; Expires=", "a=b; Domain=", "a=b; Path=/", "a=b; Max-Age="])
@pytest.mark.parametrize("unit", LONG.values(), ids=LONG)
def test_a_line_of_a_hundred_thousand_bytes_takes_no_time(unit: str, head: str) -> None:
    """CVE-2024-7592: unquoting took quadratic time; here nothing is unquoted."""
    line = head + unit * (100_000 // len(unit))
    started = perf_counter()
    received_cookie(line, Url.parse(HOME), NOW)
    assert perf_counter() - started < 2, "a quadratic reading takes minutes, a linear one milliseconds"
