"""The jar: what replaces what, what is sent where, and what leaves first (RFC 6265bis §5.7, §5.8, §6.1)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cookies.jar import MAX_COOKIES, MAX_PER_DOMAIN, Jar, merge_cookie_header
from reqcli.cookies.receive import Refusal, received_cookie
from reqcli.cookies.scope import is_secure
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url

QUIET = settings(max_examples=200, deadline=None)
NOW = 1_900_000_000.0


def learn(jar: Jar, url: str, line: str, now: float = NOW) -> bool | str:
    """Put a Set-Cookie line into a jar as a session does: whether it changed, or why the cookie was refused."""
    parsed = Url.parse(url)
    cookie = received_cookie(line, parsed, now)
    if isinstance(cookie, Refusal):
        return cookie.reason
    return jar.put(cookie, secure_origin=is_secure(parsed), now=now)


def jar_with(*answers: tuple[str, str]) -> Jar:
    """A jar that learned these (URL, Set-Cookie) pairs, a second apart."""
    jar = Jar()
    for seconds, (url, line) in enumerate(answers, start=-len(answers)):
        assert learn(jar, url, line, NOW + seconds) is True
    return jar


def sent(jar: Jar, url: str, now: float = NOW) -> str:
    return jar.header(Url.parse(url), now)


SENDING = {
    "to the host that set it": ("https://a.example/", "k=v", "https://a.example/", True),
    "not to a subdomain when host-only": ("https://a.example/", "k=v", "https://b.a.example/", False),
    "not to the parent when host-only": ("https://www.a.example/", "k=v", "https://a.example/", False),
    "not to a sibling": ("https://x.a.example/", "k=v", "https://y.a.example/", False),
    "not to another site": ("https://a.example/", "k=v", "https://b.example/", False),
    "to the host with a Domain": ("https://a.example/", "k=v; Domain=a.example", "https://a.example/", True),
    "to a subdomain with a Domain": ("https://a.example/", "k=v; Domain=a.example", "https://b.a.example/", True),
    "to a deep subdomain": ("https://a.example/", "k=v; Domain=.a.example", "https://d.c.b.a.example/", True),
    "to a sibling with a Domain": ("https://x.a.example/", "k=v; Domain=a.example", "https://y.a.example/", True),
    "to the parent with a Domain": ("https://x.a.example/", "k=v; Domain=a.example", "https://a.example/", True),
    "not to a host that ends alike": ("https://a.example/", "k=v; Domain=a.example", "https://ba.example/", False),
    "a public suffix keeps its own": ("https://github.io/", "k=v; Domain=github.io", "https://x.github.io/", False),
    "to the same host with a trailing dot": ("https://a.example/", "k=v", "https://a.example./", True),
    "to the same host in upper case": ("https://a.example/", "k=v", "https://A.EXAMPLE/", True),
    "to the same host in another script": ("https://bücher.example/", "k=v", "https://xn--bcher-kva.example/", True),
    "to another port": ("https://a.example/", "k=v", "https://a.example:8443/", True),
    "from another port": ("http://a.example:8080/", "k=v", "http://a.example/", True),
    "from https to http": ("https://a.example/", "k=v", "http://a.example/", True),
    "from http to https": ("http://a.example/", "k=v", "https://a.example/", True),
    "Secure to https": ("https://a.example/", "k=v; Secure", "https://a.example/", True),
    "Secure not to http": ("https://a.example/", "k=v; Secure", "http://a.example/", False),
    "Secure to localhost": ("http://localhost:3000/", "k=v; Secure", "http://localhost:3000/", True),
    "Secure to a loopback address": ("http://127.0.0.1/", "k=v; Secure", "http://127.0.0.1/", True),
    "HttpOnly": ("https://a.example/", "k=v; HttpOnly", "https://a.example/", True),
    "SameSite=Strict": ("https://a.example/", "k=v; SameSite=Strict", "https://a.example/", True),
    "an address": ("http://10.0.0.1/", "k=v", "http://10.0.0.1/", True),
    "an address in another spelling": ("http://127.1/", "k=v", "http://0x7f000001/", True),
    "not to another address": ("http://10.0.0.1/", "k=v", "http://10.0.0.2/", False),
    "not to a name that ends like an address": ("http://10.0.0.1/", "k=v", "http://x10.0.0.example/", False),
    "an IPv6 address": ("http://[::1]/", "k=v", "http://[0:0::1]/", True),
    "the default path": ("https://a.example/dir/page", "k=v", "https://a.example/dir/other", True),
    "the default path itself": ("https://a.example/dir/page", "k=v", "https://a.example/dir", True),
    "below the default path": ("https://a.example/dir/page", "k=v", "https://a.example/dir/sub/x", True),
    "not above the default path": ("https://a.example/dir/page", "k=v", "https://a.example/", False),
    "not beside the default path": ("https://a.example/dir/page", "k=v", "https://a.example/directory", False),
    "the root": ("https://a.example/dir/page", "k=v; Path=/", "https://a.example/any", True),
    "another path": ("https://a.example/dir/page", "k=v; Path=/x", "https://a.example/x/y", True),
    "not outside that path": ("https://a.example/dir/page", "k=v; Path=/x", "https://a.example/dir/page", False),
    "not to the path without its slash": ("https://a.example/", "k=v; Path=/x/", "https://a.example/x", False),
    "the query does not count": ("https://a.example/", "k=v; Path=/x", "https://a.example/?/x", False),
    "a query after the path": ("https://a.example/", "k=v; Path=/x", "https://a.example/x?y", True),
    "before its time is up": ("https://a.example/", "k=v; Max-Age=2", "https://a.example/", True),
    "not when its time is up": ("https://a.example/", "k=v; Max-Age=1", "https://a.example/", False),
}

ORDERS = {
    "longer paths first": ([("/", "a=1; Path=/"), ("/", "b=2; Path=/x/y"), ("/", "c=3; Path=/x")], "b=2; c=3; a=1"),
    "older ones first": ([("/", "z=1; Path=/"), ("/", "y=2; Path=/"), ("/", "x=3; Path=/")], "z=1; y=2; x=3"),
    "an overwritten one keeps its place": (
        [("/", "a=1; Path=/"), ("/", "b=2; Path=/"), ("/", "a=3; Path=/")], "a=3; b=2",
    ),
    "a deleted one loses it": (
        [("/", "a=1; Path=/"), ("/", "b=2; Path=/"), ("/", "a=; Path=/; Max-Age=0"), ("/", "a=3; Path=/")], "b=2; a=3",
    ),
    "one name on two paths": ([("/", "a=1; Path=/"), ("/", "a=2; Path=/x")], "a=2; a=1"),
    "one name for host and domain": ([("/", "a=1; Path=/"), ("/", "a=2; Path=/; Domain=h.example")], "a=1; a=2"),
    "letter case makes two names": ([("/", "a=1; Path=/"), ("/", "A=2; Path=/")], "a=1; A=2"),
    "a nameless one is its value": ([("/", "bare; Path=/"), ("/", "a=1; Path=/")], "bare; a=1"),
    "a nameless one replaces a nameless one": ([("/", "one; Path=/"), ("/", "=two; Path=/")], "two"),
    "an empty value": ([("/", "a=; Path=/")], "a="),
    "quotes as they came": ([("/", 'a="1, 2"; Path=/')], 'a="1, 2"'),
    "UTF-8 as the text that it is": ([("/", "a=\xc3\xa9; Path=/")], "a=\xe9"),
    "bytes that are no UTF-8 as themselves": ([("/", "a=\xff\xe9; Path=/")], "a=\udcff\udce9"),
}  # fmt: skip


@pytest.mark.parametrize(("setter", "line", "url", "goes"), SENDING.values(), ids=SENDING)
def test_a_cookie_is_sent_where_it_belongs_and_nowhere_else(setter: str, line: str, url: str, goes: bool) -> None:
    assert sent(jar_with((setter, line)), url) == ("k=v" if goes else "")


@pytest.mark.parametrize(("answers", "header"), ORDERS.values(), ids=ORDERS)
def test_cookies_are_sent_in_order(answers: list[tuple[str, str]], header: str) -> None:
    jar = jar_with(*((f"https://h.example{path}", line) for path, line in answers))
    assert sent(jar, "https://h.example/x/y/z") == header


def test_cookies_of_one_response_are_sent_in_the_order_they_came() -> None:
    jar = Jar()
    for name in "mzax":
        learn(jar, "https://h.example/", f"{name}=1")
    learn(jar, "https://h.example/", "z=2", NOW + 9)
    assert sent(jar, "https://h.example/") == "m=1; z=2; a=1; x=1"


def test_an_overwritten_cookie_keeps_the_time_of_its_creation() -> None:
    jar = jar_with(("https://h.example/", "a=1"))
    first = next(iter(jar)).created
    assert learn(jar, "https://h.example/", "a=2", NOW + 50) is True
    assert [(cookie.value, cookie.created) for cookie in jar] == [("2", first)]


def test_a_cookie_that_expired_before_gives_its_creation_time_to_no_one() -> None:
    jar = jar_with(("https://h.example/", "a=1; Max-Age=1"), ("https://h.example/", "b=1"))
    assert learn(jar, "https://h.example/", "a=2", NOW + 50) is True
    assert sent(jar, "https://h.example/", NOW + 50) == "b=1; a=2"


@pytest.mark.parametrize(
    ("second", "changes"),
    [("a=1", False), ("a=2", True), ("a=1; Secure", True), ("a=1; HttpOnly", True), ("a=1; SameSite=Lax", True),
     ("a=1; Max-Age=60", True), ("a=1; Path=/x", True), ("a=1; Domain=h.example", True)],
    ids=["the same", "value", "Secure", "HttpOnly", "SameSite", "expiry", "path", "domain"],
)  # fmt: skip
def test_only_a_different_cookie_changes_the_jar(second: str, changes: bool) -> None:
    jar = jar_with(("https://h.example/", "a=1"))
    assert learn(jar, "https://h.example/", second, NOW + 5) is changes


def test_a_later_expiry_is_a_change_but_not_within_the_same_second() -> None:
    jar = Jar()
    line = "a=1; Max-Age=3600"
    assert learn(jar, "https://h.example/", line, NOW + 0.25) is True
    assert learn(jar, "https://h.example/", line, NOW + 0.75) is False
    assert learn(jar, "https://h.example/", line, NOW + 1.5) is True
    assert sent(jar, "https://h.example/", NOW + 3601) == "a=1"
    assert sent(jar, "https://h.example/", NOW + 3602) == ""


DELETIONS = {
    "the setter itself": ("https://a.h.example/", "k=; Max-Age=0", True),
    "with a past date": ("https://a.h.example/", "k=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
    "with a negative age": ("https://a.h.example/", "k=; Max-Age=-1", True),
    "over http": ("http://a.h.example/", "k=; Max-Age=0", True),
    "from another port": ("https://a.h.example:8443/", "k=; Max-Age=0", True),
    "on another path": ("https://a.h.example/", "k=; Max-Age=0; Path=/x", False),
    "under another name": ("https://a.h.example/", "K=; Max-Age=0", False),
    "with its own Domain, which is another cookie": (
        "https://a.h.example/",
        "k=; Max-Age=0; Domain=a.h.example",
        False,
    ),
    "a subdomain naming the setter": ("https://x.a.h.example/", "k=; Max-Age=0; Domain=a.h.example", False),
    "the parent": ("https://h.example/", "k=; Max-Age=0", False),
    "a sibling": ("https://b.h.example/", "k=; Max-Age=0; Domain=h.example", False),
    "a stranger naming the setter": ("https://evil.example/", "k=; Max-Age=0; Domain=a.h.example", False),
}


@pytest.mark.parametrize(("url", "line", "deletes"), DELETIONS.values(), ids=DELETIONS)
def test_a_cookie_is_deleted_only_from_within_its_own_domain(url: str, line: str, deletes: bool) -> None:
    jar = jar_with(("https://a.h.example/", "k=v"))
    changed = learn(jar, url, line)
    assert (changed is True) is deletes
    assert sent(jar, "https://a.h.example/") == ("" if deletes else "k=v")
    assert len(jar) == (0 if deletes else 1)


def test_a_subdomain_cannot_replace_what_the_host_keeps_to_itself() -> None:
    jar = jar_with(("https://h.example/", "sid=good"))
    learn(jar, "https://evil.h.example/", "sid=evil; Domain=h.example")
    assert sent(jar, "https://h.example/") == "sid=good; sid=evil"
    assert sent(jar, "https://www.h.example/") == "sid=evil"


OVERLAYS = {
    "same host and path": ("http://h.example/", "k=bad; Path=/login", True),
    "below the path": ("http://h.example/", "k=bad; Path=/login/en", True),
    "above the path": ("http://h.example/", "k=bad; Path=/", False),
    "beside the path": ("http://h.example/", "k=bad; Path=/other", False),
    "as a domain cookie": ("http://h.example/", "k=bad; Path=/login; Domain=h.example", True),
    "from a subdomain": ("http://x.h.example/", "k=bad; Path=/login", True),
    "from a subdomain for the domain": ("http://x.h.example/", "k=bad; Path=/login; Domain=h.example", True),
    "by deletion": ("http://h.example/", "k=; Path=/login; Max-Age=0", True),
    "another name": ("http://h.example/", "K=bad; Path=/login", False),
    "another site": ("http://g.example/", "k=bad; Path=/login", False),
    "over https": ("https://h.example/", "k=new; Path=/login", False),
}


@pytest.mark.parametrize(("url", "line", "refused"), OVERLAYS.values(), ids=OVERLAYS)
def test_an_insecure_origin_cannot_overlay_a_secure_cookie(url: str, line: str, refused: bool) -> None:
    jar = jar_with(("https://h.example/", "k=good; Secure; Path=/login"))
    outcome = learn(jar, url, line)
    if refused:
        assert isinstance(outcome, str)
        assert outcome.startswith("cookie 'k' is refused")
        assert "bad" not in outcome
        assert [cookie.value for cookie in jar] == ["good"]
    else:
        assert outcome is True


def test_a_secure_cookie_at_the_root_is_safe_from_http_on_every_path() -> None:
    """CVE-2025-9086."""
    jar = jar_with(("https://h.example/", "k=good; Secure; Path=/"))
    for path in ("/", "/x", "//"):
        assert isinstance(learn(jar, "http://h.example/", f"k=bad; Path={path}"), str)


def test_a_secure_cookie_of_a_subdomain_is_safe_from_the_domain_over_http() -> None:
    jar = jar_with(("https://x.h.example/", "k=good; Secure; Path=/"))
    assert isinstance(learn(jar, "http://h.example/", "k=bad; Path=/"), str)


def test_an_expired_secure_cookie_protects_nothing() -> None:
    jar = jar_with(("https://h.example/", "k=good; Secure; Path=/; Max-Age=1"))
    assert learn(jar, "http://h.example/", "k=new; Path=/", NOW + 5) is True


def test_a_plain_cookie_over_https_may_replace_a_secure_one() -> None:
    jar = jar_with(("https://h.example/", "k=1; Secure"))
    assert learn(jar, "https://h.example/", "k=2") is True
    assert sent(jar, "http://h.example/") == "k=2"


def test_loopback_over_http_may_replace_a_secure_cookie() -> None:
    jar = jar_with(("http://localhost/", "k=1; Secure"))
    assert learn(jar, "http://localhost/", "k=2") is True


def cookie(name: str, domain: str = "h.example", *, secure: bool = True, created: float = NOW,
           expires: float | None = None) -> Cookie:  # fmt: skip
    return Cookie(name, "v", domain, secure=secure, created=created, expires=expires)


def full(count: int, domain: str = "h.example") -> list[Cookie]:
    return [cookie(f"c{number}", domain, created=NOW - 9000 + number) for number in range(count)]


def names(jar: Jar) -> set[str]:
    return {cookie.name for cookie in jar}


def test_a_domain_holds_only_so_many_cookies_and_the_oldest_leaves() -> None:
    jar = Jar(full(MAX_PER_DOMAIN))
    assert jar.put(cookie("new"), secure_origin=True, now=NOW) is True
    assert len(jar) == MAX_PER_DOMAIN
    assert "new" in names(jar)
    assert "c0" not in names(jar)


def test_a_cookie_that_is_not_secure_leaves_before_an_older_secure_one() -> None:
    jar = Jar([*full(MAX_PER_DOMAIN - 1), cookie("plain", secure=False)])
    jar.put(cookie("new"), secure_origin=True, now=NOW)
    assert "plain" not in names(jar)
    assert {"c0", "new"} <= names(jar)


def test_an_expired_cookie_leaves_before_all_others() -> None:
    jar = Jar([*full(MAX_PER_DOMAIN - 2), cookie("plain", secure=False), cookie("gone", expires=NOW - 1)])
    jar.put(cookie("new"), secure_origin=True, now=NOW)
    assert "gone" not in names(jar)
    assert {"plain", "c0", "new"} <= names(jar)


def test_a_new_plain_cookie_finds_no_room_among_secure_ones() -> None:
    jar = Jar(full(MAX_PER_DOMAIN))
    assert jar.put(cookie("plain", secure=False), secure_origin=True, now=NOW) is False
    assert "plain" not in names(jar)
    assert len(jar) == MAX_PER_DOMAIN


def test_replacing_a_cookie_needs_no_room() -> None:
    jar = Jar(full(MAX_PER_DOMAIN))
    assert jar.put(cookie("c0").replace(value="w"), secure_origin=True, now=NOW) is True
    assert len(jar) == MAX_PER_DOMAIN


def test_a_domain_and_its_subdomains_have_their_own_limits() -> None:
    jar = Jar(full(MAX_PER_DOMAIN))
    jar.put(cookie("other", "x.h.example"), secure_origin=True, now=NOW)
    assert len(jar) == MAX_PER_DOMAIN + 1


def test_the_jar_holds_only_so_many_cookies() -> None:
    jar = Jar(cookie("a", f"h{number}.example", created=NOW - number) for number in range(MAX_COOKIES))
    jar.put(cookie("new"), secure_origin=True, now=NOW)
    assert len(jar) == MAX_COOKIES
    assert "new" in names(jar)
    assert f"h{MAX_COOKIES - 1}.example" not in {cookie.domain for cookie in jar}


def test_a_jar_loaded_beyond_its_limits_shrinks_with_the_next_cookie() -> None:
    jar = Jar(full(MAX_PER_DOMAIN + 50))
    jar.put(cookie("new"), secure_origin=True, now=NOW)
    assert len(jar) == MAX_PER_DOMAIN


def test_a_thousand_big_cookies_do_not_fill_the_memory() -> None:
    """CVE-2022-32205."""
    jar = Jar()
    for number in range(1000):
        learn(jar, "https://h.example/", f"c{number}={'x' * 4000}", NOW + number)
    assert len(jar) == MAX_PER_DOMAIN
    assert names(jar) == {f"c{number}" for number in range(1000 - MAX_PER_DOMAIN, 1000)}


def test_cookies_are_removed_by_their_key() -> None:
    jar = jar_with(("https://h.example/", "a=1"), ("https://h.example/", "a=2; Domain=h.example"))
    domain_cookie = next(cookie for cookie in jar if not cookie.host_only)
    assert jar.remove(domain_cookie.key) is True
    assert jar.remove(domain_cookie.key) is False
    assert jar.remove(("no.example", "/", "a")) is False
    assert [(cookie.value, cookie.host_only) for cookie in jar] == [("1", True)]


def test_expired_cookies_are_discarded_and_named() -> None:
    jar = jar_with(("https://h.example/", "a=1; Max-Age=10"), ("https://h.example/", "b=2; Max-Age=99"))
    assert jar.discard_expired(NOW + 50) == [("h.example", "/", "a")]
    assert jar.discard_expired(NOW + 50) == []
    assert names(jar) == {"b"}
    assert len(jar) == 1


def test_a_cleared_jar_is_empty() -> None:
    jar = jar_with(("https://h.example/", "a=1"))
    jar.clear()
    assert (len(jar), list(jar), sent(jar, "https://h.example/")) == (0, [], "")


def test_deleting_what_is_not_there_changes_nothing() -> None:
    assert learn(Jar(), "https://h.example/", "a=; Max-Age=0") is False


def test_a_cookie_for_a_whole_top_level_domain_in_a_file_goes_nowhere() -> None:
    stray = Cookie("a", "1", "com", host_only=False)
    assert sent(Jar([stray]), "https://example.com/") == ""


def test_a_cookie_for_the_tail_of_an_address_in_a_file_goes_nowhere() -> None:
    stray = Cookie("a", "1", "0.0.1", host_only=False)
    assert sent(Jar([stray]), "http://10.0.0.1/") == ""


def test_a_host_only_cookie_stays_host_only_when_saved_and_loaded() -> None:
    """CVE-2026-54279, CVE-2022-24737."""
    jar = Jar(list(jar_with(("https://h.example/", "a=1"), ("https://h.example/", "b=2; Domain=h.example"))))
    assert sent(jar, "https://h.example/") == "a=1; b=2"
    assert sent(jar, "https://x.h.example/") == "b=2"
    assert sent(jar, "https://other.example/") == ""


MERGES = {
    "nothing typed": ("", "a=1; b=2; bare"),
    "blanks and semicolons typed": (" ; ", "a=1; b=2; bare"),
    "another name": ("c=3", "c=3; a=1; b=2; bare"),
    "the same name": ("a=9", "a=9; b=2; bare"),
    "both names": ("b=8; a=9", "b=8; a=9; bare"),
    "both names without blanks": ("b=8;a=9", "b=8;a=9; bare"),
    "the same name twice": ("a=8; a=9", "a=8; a=9; b=2; bare"),
    "letter case makes another name": ("A=9", "A=9; a=1; b=2; bare"),
    "blanks around a name": (" a = 9 ", "a = 9; b=2; bare"),
    "a semicolon at the end": ("a=9;", "a=9; b=2; bare"),
    "an empty value": ("a=", "a=; b=2; bare"),
    "a second equals sign": ("x=a=9", "x=a=9; a=1; b=2; bare"),
    "a nameless one": ("mine", "mine; a=1; b=2"),
    "quotes": ('a="9"', 'a="9"; b=2; bare'),
}


@pytest.mark.parametrize(("typed", "header"), MERGES.values(), ids=MERGES)
def test_a_typed_cookie_wins_over_the_jars(typed: str, header: str) -> None:
    jar_cookies = [Cookie("a", "1", "h.example"), Cookie("b", "2", "h.example"), Cookie("", "bare", "h.example")]
    assert merge_cookie_header(typed, jar_cookies) == header


def test_a_typed_cookie_header_stands_alone_when_the_jar_is_empty() -> None:
    assert merge_cookie_header("a=1", []) == "a=1"
    assert merge_cookie_header("", []) == ""


HOSTS = ["h.example", "a.h.example", "b.a.h.example", "xh.example", "example", "h.co.uk", "x.h.co.uk", "g.co.uk",
         "localhost", "10.0.0.1", "10.0.0.2", "[::1]", "someone.github.io", "github.io"]  # fmt: skip
ORIGINS = st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), st.sampled_from(HOSTS),
                    st.sampled_from(["/", "/x", "/x/y", "/xy?z"]))  # fmt: skip
ANSWERS = st.lists(
    st.tuples(
        ORIGINS,
        st.sampled_from(["k", "j", "", "__Host-k"]),
        st.lists(
            st.sampled_from(["Secure", "Path=/", "Path=/x", "Max-Age=60", "Max-Age=0", "SameSite=None"])
            | st.sampled_from([*HOSTS, "co.uk", "uk", ".h.example."]).map("Domain={}".format),
            max_size=4,
        ),
    ),
    max_size=12,
)  # fmt: skip
SHARED = {"example", "co.uk", "uk", "github.io"}
"""The public suffixes among the hosts and their parents."""


def learned(answers: list[tuple[str, str, list[str]]]) -> tuple[Jar, dict[str, tuple[Url, list[str]]]]:
    """A jar after these answers, and by each cookie's value (all different) who set it, and how."""
    jar = Jar()
    setters: dict[str, tuple[Url, list[str]]] = {}
    for number, (url, name, attributes) in enumerate(answers):
        setters[f"v{number}"] = (Url.parse(url), attributes)
        learn(jar, url, "; ".join([f"{name}=v{number}", *attributes]), NOW + number)
    return jar, setters


@QUIET
@given(ANSWERS, ORIGINS)
def test_what_is_sent_was_set_by_the_host_itself_or_shared_by_one_of_its_own_domain(
    answers: list[tuple[str, str, list[str]]], url: str
) -> None:
    jar, setters = learned(answers)
    target = Url.parse(url)
    for cookie in jar.matching(target, NOW + 20):
        setter, attributes = setters[cookie.value]
        if setter.host != target.host:
            shared = cookie.domain
            assert shared not in SHARED
            assert any(attribute.removeprefix("Domain=").strip(".") == shared for attribute in attributes)
            assert f".{setter.host}".endswith(f".{shared}")
            assert f".{target.host}".endswith(f".{shared}")
        if "Secure" in attributes:
            assert is_secure(setter)
            assert is_secure(target)
        assert "Max-Age=0" not in attributes or "Max-Age=60" in attributes
        assert target.path.startswith(cookie.path)


@QUIET
@given(ANSWERS, ORIGINS)
def test_a_jar_saved_and_loaded_is_the_same_jar(answers: list[tuple[str, str, list[str]]], url: str) -> None:
    jar, _ = learned(answers)
    loaded = Jar(list(jar))
    assert list(loaded) == list(jar)
    assert len(loaded) == len(jar) == len(list(jar))
    assert sent(loaded, url, NOW + 20) == sent(jar, url, NOW + 20)
    again = [("https://h.example/", "k=new; Domain=h.example"), ("http://h.example/", "j=; Max-Age=0")]
    assert [learn(loaded, *answer, NOW + 30) for answer in again] == [learn(jar, *answer, NOW + 30) for answer in again]
    assert list(loaded) == list(jar)


@QUIET
@given(ANSWERS)
def test_put_tells_truly_whether_the_jar_changed(answers: list[tuple[str, str, list[str]]]) -> None:
    jar = Jar()
    for url, name, attributes in answers:
        before, version = list(jar), jar.version
        changed = learn(jar, url, "; ".join([f"{name}=v", *attributes]))
        assert (changed is True) is (list(jar) != before)
        assert list(jar) == before or jar.version != version
        assert len({cookie.key for cookie in jar}) == len(jar)


@QUIET
@given(ANSWERS, ORIGINS, st.sampled_from(["/", "/x", "/x/y"]), st.floats(0, 100))
def test_what_is_sent_stays_the_same_for_as_long_as_the_jar_says(
    answers: list[tuple[str, str, list[str]]], url: str, path: str, later: float
) -> None:
    jar, _ = learned(answers)
    target, now = Url.parse(url), NOW + 20
    cookies, depends_on_path, until = jar.outlook(target, now)
    assert cookies == jar.matching(target, now)
    assert until > now
    if now + later < until:
        assert jar.matching(target, now + later) == jar.matching(target, now)
    if not depends_on_path:
        assert jar.matching(target.replace(target=path), now) == jar.matching(target, now)


def test_the_outlook_is_no_shorter_than_it_has_to_be() -> None:
    url = Url.parse("https://h.example/")
    assert Jar().outlook(url, NOW) == ([], False, float("inf"))
    jar = jar_with(("https://h.example/", "k=v; Max-Age=60; Path=/"), ("https://other.example/", "k=v; Max-Age=9"))
    assert jar.outlook(url, NOW) == (list(jar)[:1], False, NOW - 2 + 60)
