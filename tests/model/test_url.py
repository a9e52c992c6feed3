"""URLs: read strictly, encoded only where they must be, resolved by RFC 3986, shown without their password."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import BadUrl
from reqcli.model.fields import check_target
from reqcli.model.origin import Origin
from reqcli.model.secret import Secret
from reqcli.model.url import _MOST_SEEN, Url, _seen


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM./A", "https://example.com/A"),
        ("http://example.com:80/", "http://example.com/"),
        ("https://example.com:443/", "https://example.com/"),
        ("http://example.com:443/", "http://example.com:443/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com:008080/", None),
        ("http://example.com:08080/", "http://example.com:8080/"),
        ("http://example.com?q", "http://example.com/?q"),
        ("http://example.com#f", "http://example.com/#f"),
        ("http://127.1:8000/", "http://127.0.0.1:8000/"),
        ("http://[0::1]:8000/", "http://[::1]:8000/"),
        ("http://faß.de/", "http://xn--fa-hia.de/"),
    ],
)
def test_a_url_is_normalised(text: str, shown: str | None) -> None:
    if shown is None:
        with pytest.raises(BadUrl):
            Url.parse(text)
    else:
        assert str(Url.parse(text)) == shown


def test_a_url_has_parts() -> None:
    url = Url.parse("https://example.com:8443/a/b?c=d?e#f#g")
    assert url.origin == Origin("https", "example.com", 8443)
    assert (url.scheme, url.host, url.port) == ("https", "example.com", 8443)
    assert (url.target, url.path, url.query, url.fragment) == ("/a/b?c=d?e", "/a/b", "c=d?e", "f#g")


@pytest.mark.parametrize(
    ("text", "authority"),
    [
        ("http://user:pw@example.com/", "example.com"),
        ("http://example.com:8080/", "example.com:8080"),
        ("https://[2001:DB8::1]/", "[2001:db8::1]"),
        ("https://[fe80::1%25lo]:8443/", "[fe80::1]:8443"),
    ],
)
def test_the_authority_is_what_the_host_field_says(text: str, authority: str) -> None:
    assert Url.parse(text).authority == authority


def test_zones_make_different_origins() -> None:
    """CVE-2022-27775: and so different connections."""
    first, second = (Url.parse(f"http://[fe80::1%25{zone}]/") for zone in "ab")
    assert first.origin != second.origin
    assert first.host == "fe80::1%a"
    assert str(first) == "http://[fe80::1%25a]/"


class TestTarget:
    @pytest.mark.parametrize(
        ("text", "target"),
        [
            pytest.param("/a b?c d", "/a%20b?c%20d", id="blank"),
            pytest.param("/\"<>^`{|}\\?\"<>^`{|}\\", "/%22%3C%3E%5E%60%7B%7C%7D%5C?%22%3C%3E%5E%60%7B%7C%7D%5C",
                         id="what must be encoded"),
            pytest.param("/!$&'()*+,;=:@-._~[]?!$&'()*+,;=:@-._~[]/?", "/!$&'()*+,;=:@-._~[]?!$&'()*+,;=:@-._~[]/?",
                         id="what need not be encoded"),
            pytest.param("/é?ü=ß", "/%C3%A9?%C3%BC=%C3%9F", id="other scripts as UTF-8"),
            pytest.param("/\U0001f600", "/%F0%9F%98%80", id="beyond the basic plane"),
            pytest.param("/%7euser%2f%2F%e9", "/%7euser%2f%2F%e9", id="escapes untouched"),
            pytest.param("/100%?%zz%", "/100%?%zz%", id="a percent sign that is no escape"),
            pytest.param("/a?", "/a?", id="an empty query is kept"),
            pytest.param("?", "/?", id="an empty query without a path"),
            pytest.param("/a??b", "/a??b", id="a second question mark"),
            pytest.param("//a//b//", "//a//b//", id="empty segments are kept"),
            pytest.param("/a\x85b\u2028", "/a%C2%85b%E2%80%A8", id="controls beyond ASCII are encoded"),
        ],
    )  # fmt: skip
    def test_only_what_must_be_encoded_is(self, text: str, target: str) -> None:
        assert Url.parse(f"http://h{text}").target == target

    def test_a_byte_that_is_no_utf_8_is_encoded_as_itself(self) -> None:
        text = os.fsdecode(b"http://h/caf\xe9?\xc3\xa9")
        assert Url.parse(text).target == "/caf%E9?%C3%A9"

    def test_a_fragment_is_encoded_too(self) -> None:
        assert Url.parse('http://h/#a b"é').fragment == "a%20b%22%C3%A9"
        assert Url.parse("http://h/#").fragment == ""
        assert Url.parse("http://h/").fragment is None

    @pytest.mark.parametrize(
        ("path", "without_dots"),
        [
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/../../a", "/a"),
            ("/a/b/..", "/a/"),
            ("/a/.", "/a/"),
            ("/.", "/"),
            ("/..", "/"),
            ("/a//../b", "/a/b"),
            ("/..//a", "//a"),
            ("/a/.../..b/.c/d.", "/a/.../..b/.c/d."),
            ("/mid/content=5/../6", "/mid/6"),
            ("/a/b/c/./../../g", "/a/g"),
            ("/a/%2e%2E/b", "/a/%2e%2E/b"),
        ],
    )
    def test_dot_segments_are_resolved_unless_the_path_is_wanted_as_it_is(self, path: str, without_dots: str) -> None:
        assert Url.parse(f"http://h{path}?/../q").target == f"{without_dots}?/../q"
        assert Url.parse(f"http://h{path}?/../q", path_as_is=True).target == f"{path}?/../q"


class TestRefusals:
    @pytest.mark.parametrize(
        "place",
        ["{}http://h/", "ht{}tp://h/", "http:{}//h/", "http://{}h/", "http://h{}/", "http://h:80{}/", "http://u{}@h/",
         "http://h/{}a", "http://h/?a{}b", "http://h/#a{}", "http://h/{}"],
    )  # fmt: skip
    @pytest.mark.parametrize("control", ["\r", "\n", "\r\nX: y", "\0", "\t", "\x7f", "\x1b", "\x0b", "\ud800"])
    def test_a_control_character_is_refused_wherever_it_stands(self, place: str, control: str) -> None:
        """CVE-2019-9740, CVE-2019-9947, CVE-2019-18348, CVE-2019-11236: it ended the request line."""
        with pytest.raises(BadUrl) as caught:
            Url.parse(place.format(control))
        assert caught.value.message.isprintable()

    @pytest.mark.parametrize(
        "text",
        [
            "ftp://h/", "file:///etc/passwd", "javascript:alert(1)", " javascript:x", "mailto:a@h", "ws://h/", "httpss://h",
            "localhost:3000/x", "example.com", "/x", "//h/x", "", "?q", "#f", " http://h/", "\u00a0http://h/", "x@//h",
            "://h", "1http://h", "h\u0442tp://h", "ｈttp://h/",
        ],
    )  # fmt: skip
    def test_only_http_and_https_are_spoken(self, text: str) -> None:
        """CVE-2022-0391, CVE-2023-24329: what is stripped on the way makes another scheme of it."""
        with pytest.raises(BadUrl, match="does not begin with http:// or https://"):
            Url.parse(text)

    def test_the_refusal_of_a_scheme_shows_it(self) -> None:
        with pytest.raises(BadUrl, match="gopher://"):
            Url.parse("gopher://user:hunter2@example.com/")

    @pytest.mark.parametrize(
        "text",
        ["http:", "http:/", "http://", "http:x", "http:/x", "http:///x", "http:////h", "https://?q", "http://#f",
         "http://:80/", "http://user@/", "http://user:pw@:80/", "http://./"],
    )  # fmt: skip
    def test_a_url_without_a_host_is_refused(self, text: str) -> None:
        with pytest.raises(BadUrl, match="has no host"):
            Url.parse(text)

    @pytest.mark.parametrize(
        "authority",
        [
            pytest.param("127.0.0.1\\@evil", id="backslash"),
            pytest.param("h\\a", id="backslash in the host"),
            pytest.param("h ", id="blank"),
            pytest.param(" h", id="blank first"),
            pytest.param("u p@h", id="blank in the userinfo"),
            pytest.param("a@b@h", id="two at signs"),
            pytest.param("[::1]@h", id="bracket in the userinfo"),
            pytest.param("h:80:90", id="two ports"),
            pytest.param("h:+80", id="signed port"),
            pytest.param("h:-1", id="negative port"),
            pytest.param("h: 80", id="blank in the port"),
            pytest.param("h:8_0", id="underscore in the port"),
            pytest.param("h:８０", id="port of full-width digits"),
            pytest.param("h:٨٠", id="port of Arabic digits"),
            pytest.param("h:80a", id="letter in the port"),
            pytest.param("h:0x50", id="hexadecimal port"),
            pytest.param("h:0", id="port 0"),
            pytest.param("h:65536", id="port 65536"),
            pytest.param("h:99999", id="port 99999"),
            pytest.param("h:000080", id="port of six digits"),
            pytest.param("h:" + "9" * 5000, id="endless port"),
            pytest.param("::1", id="IPv6 without brackets"),
            pytest.param("[::1", id="no closing bracket"),
            pytest.param("::1]", id="no opening bracket"),
            pytest.param("[::1]80", id="port without a colon"),
            pytest.param("[[::1]]", id="two brackets"),
            pytest.param("[x]", id="name in brackets"),
            pytest.param("a[b]c", id="brackets inside"),
            pytest.param("ex%61mple", id="escape in the host"),
            pytest.param("127.0.0.1%00.evil", id="escaped NUL"),
            pytest.param("a%2Fb", id="escaped slash"),
            pytest.param("a℀b", id="character that maps to a slash"),
            pytest.param("evil。com／x", id="full-width slash"),
            pytest.param("256.1.1.1", id="no IPv4 address"),
            pytest.param("a..b", id="empty label"),
            pytest.param("a" * 64, id="long label"),
        ],
    )
    def test_an_authority_that_others_might_read_differently_is_refused(self, authority: str) -> None:
        """CVE-2022-27780: an escape was decoded into a separator after the host had been checked."""
        for scheme in ("http", "https"):
            with pytest.raises(BadUrl, match=r"^the URL '"):
                Url.parse(f"{scheme}://{authority}/path")

    @pytest.mark.parametrize("text", ["http://" + "@" * 100_000, "http://" + "a@" * 50_000 + "h/", "@" * 100_000,
                                      "http://" + ":" * 100_000, "http://" + "[" * 100_000, "http://" + "a" * 100_000,
                                      "http://" + "1." * 50_000, "a" * 100_000])  # fmt: skip
    def test_a_monstrous_authority_is_refused_at_once(self, text: str) -> None:
        """CVE-2021-33503."""
        begun = perf_counter()
        with pytest.raises(BadUrl):
            Url.parse(text)
        assert perf_counter() - begun < 2  # a quadratic reader needs minutes

    def test_a_monstrous_path_is_read_at_once(self) -> None:
        begun = perf_counter()
        assert Url.parse("http://h" + "/a/.." * 50_000).path == "/"
        assert perf_counter() - begun < 2


class TestUserinfo:
    @pytest.mark.parametrize(
        ("text", "username", "password"),
        [
            ("http://h/", None, None),
            ("http://@h/", None, None),
            ("http://user@h/", "user", None),
            ("http://user:@h/", "user", ""),
            ("http://:pw@h/", "", "pw"),
            ("http://user:pw:more@h/", "user", "pw:more"),
            ("http://us%40er:p%3Aw%2F%25@h/", "us@er", "p:w/%"),
            ("http://u%zz:100%@h/", "u%zz", "100%"),
            ("http://jürgen:%C3%A9@h/", "jürgen", "é"),
            ("http://u:%FF@h/", "u", "\udcff"),
            ("http://example.com:@evil.example/", "example.com", ""),
        ],
    )
    def test_it_is_decoded_and_kept_apart(self, text: str, username: str | None, password: str | None) -> None:
        url = Url.parse(text)
        assert url.username == username
        assert url.password == (None if password is None else Secret(password))
        assert "@" not in url.authority
        assert "@" not in url.host

    def test_it_is_never_shown(self) -> None:
        url = Url.parse("https://token-1:hunter2@example.com/a")
        for shown in (str(url), repr(url), f"{url}", f"{url.origin}"):
            assert "hunter2" not in shown
            assert "token-1" not in shown

    def test_it_can_be_taken_out(self) -> None:
        url = Url.parse("http://user:pw@h/a?b#c")
        assert url.without_userinfo() == Url.parse("http://h/a?b#c")
        assert url != url.without_userinfo()
        bare = Url.parse("http://h/")
        assert bare.without_userinfo() is bare

    @pytest.mark.parametrize(
        "text",
        [
            "http://user:hunter2@h:99999/",
            "http://user:hunter2@h h/",
            "http://user:hunter2@/",
            "http://user:hunter2@more@h/",
            "http://user:hunter2\\@h/",
            "http://user:hunter2@h\n/",
            "http://user:hun\tter2@h/",
            "http://user:/hunter2@h/",
            "http://user:hunter2/@h/",
            "http://user:hunter2#@h/",
            "http://user:?hunter2@[h/",
            "http://hunter2[x@h/",
            "ftp://user:hunter2@h/",
            "user:hunter2@h/",
            "//user:hunter2@h/",
            "http:/user:hunter2@h/",
            "http://user:hunter2@faß..de/",
            "http://user:hunter2@h:1:2/",
        ],
    )
    def test_no_error_message_shows_what_may_be_a_password(self, text: str) -> None:
        for read in (Url.parse, Url.parse("http://base/").join):
            try:
                read(text)
            except BadUrl as error:
                said = f"{error} {error.hint} {error.details}"
                assert "hunter2" not in said
                assert "ter2" not in said

    @pytest.mark.parametrize(
        "tail", ["?access_token=hunter2", "#access_token=hunter2", "?a=b&c\nhunter2#d", "?@&t=hunter2"]
    )
    def test_no_error_message_shows_what_may_be_a_token_in_the_query(self, tail: str) -> None:
        for start in ("http://h:99999/path", "ftp://h/", "http:///"):
            with pytest.raises(BadUrl) as caught:
                Url.parse(start + tail)
            assert "hunter2" not in str(caught.value)


class TestWithQuery:
    @pytest.mark.parametrize(
        ("text", "pairs", "target"),
        [
            ("http://h", [("a", "1")], "/?a=1"),
            ("http://h/p?", [("a", "1")], "/p?a=1"),
            ("http://h/p?x=[1]&y", [("a", "1"), ("a", "2")], "/p?x=[1]&y&a=1&a=2"),
            ("http://h/", [("a b", "c+d&e=f#g/?%é")], "/?a%20b=c%2Bd%26e%3Df%23g%2F%3F%25%C3%A9"),
            ("http://h/", [("line", "\r\n"), ("", "")], "/?line=%0D%0A&="),
            ("http://h/", [("byte", "\udce9")], "/?byte=%E9"),
            ("http://h/?", [], "/?"),
        ],
    )
    def test_pairs_are_added_with_everything_special_encoded(
        self, text: str, pairs: list[tuple[str, str]], target: str
    ) -> None:
        assert Url.parse(text).with_query(pairs).target == target

    def test_it_keeps_the_rest_of_the_url(self) -> None:
        url = Url.parse("http://user:pw@h/a#f").with_query([("b", "c")])
        assert url == Url.parse("http://user:pw@h/a?b=c#f")

    def test_half_a_character_is_refused(self) -> None:
        with pytest.raises(BadUrl, match="surrogate"):
            Url.parse("http://h/").with_query([("a", "\ud800")])


RFC_3986_5_4 = {
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g/",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y#s",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g#s/./x",
    "g#s/../x": "http://a/b/c/g#s/../x",
}


class TestJoin:
    @pytest.mark.parametrize(("reference", "target"), RFC_3986_5_4.items())
    def test_references_are_resolved_as_in_the_rfcs_examples(self, reference: str, target: str) -> None:
        assert str(Url.parse("http://a/b/c/d;p?q").join(reference)) == target

    @pytest.mark.parametrize(
        ("reference", "target"),
        [
            pytest.param(" \t/x\t ", "https://a:8443/x", id="blanks and tabs around it do not count"),
            pytest.param("/a b", "https://a:8443/a%20b", id="a blank inside is encoded"),
            pytest.param("/caf\xc3\xa9", "https://a:8443/caf%C3%A9", id="UTF-8 seen as latin-1"),
            pytest.param("/caf\xe9?\xff", "https://a:8443/caf%E9?%FF", id="bytes that are no UTF-8"),
            pytest.param("/caf\xe9\xc3\xa9", "https://a:8443/caf%E9%C3%A9", id="both"),
            pytest.param("/\u20ac", "https://a:8443/%E2%82%AC", id="text that is no view of bytes"),
            pytest.param("/a%2fb%zz", "https://a:8443/a%2fb%zz", id="escapes untouched"),
            pytest.param("//b/x", "https://b/x", id="another host keeps the scheme, not the port"),
            pytest.param("http://B./x", "http://b/x", id="another origin"),
            pytest.param("http://b\xc3\xbccher.example", "http://xn--bcher-kva.example/", id="a host in UTF-8"),
            pytest.param("?", "https://a:8443/dir/file?", id="an empty query replaces the query"),
            pytest.param("\\\\evil.example/x", "https://a:8443/dir/%5C%5Cevil.example/x", id="backslashes are a path"),
            pytest.param("/\\evil.example", "https://a:8443/%5Cevil.example", id="slash and backslash are a path"),
            pytest.param("/..//evil.example", "https://a:8443//evil.example", id="a path stays a path"),
            pytest.param("user:pw@b/x", None, id="a colon makes a scheme"),
            pytest.param("./user:pw@b/x", "https://a:8443/dir/user:pw@b/x", id="unless a dot is before it"),
        ],
    )
    def test_a_location_is_read_as_bytes_and_stays_what_it_is(self, reference: str, target: str | None) -> None:
        base = Url.parse("https://a:8443/dir/file?old")
        if target is None:
            with pytest.raises(BadUrl):
                base.join(reference)
        else:
            assert str(base.join(reference)) == target

    @pytest.mark.parametrize(
        "reference",
        ["http:///x", "http:////h", "http:x", "http:/x", "http://", "///x", "////x", "//", "//:80/", "file:///etc/passwd",
         "ftp://h/", "javascript:alert(1)", "data:,x", "g:h", "/a\r\nX: y", "/\x00", "/a\tb", "/\x7f", "\n/a",
         "http://h\\@evil/", "//h:0/", "//a%2eb/", "http://a@b@c/"],
    )  # fmt: skip
    def test_a_location_that_leads_nowhere_is_refused(self, reference: str) -> None:
        with pytest.raises(BadUrl):
            Url.parse("http://a/b").join(reference)

    def test_the_refusal_shows_the_target(self) -> None:
        with pytest.raises(BadUrl, match=r"file:///etc/passwd"):
            Url.parse("http://a/b").join("file:///etc/passwd")

    @pytest.mark.parametrize(
        ("reference", "fragment"),
        [("/x", "f"), ("", "f"), ("//h/", "f"), ("https://h/", "f"), ("/x#g", "g"), ("https://h/#g", "g"), ("/x#", "")],
    )
    def test_the_fragment_is_inherited_when_the_reference_has_none(self, reference: str, fragment: str) -> None:
        assert Url.parse("http://a/b#f").join(reference).fragment == fragment

    @pytest.mark.parametrize("reference", ["", "x", "/x", "?x", "#x", "//a/x", "http://a/x", "https://b/"])
    def test_userinfo_is_never_inherited(self, reference: str) -> None:
        url = Url.parse("http://user:pw@a/b").join(reference)
        assert (url.username, url.password) == (None, None)

    def test_userinfo_of_the_reference_is_its_own(self) -> None:
        url = Url.parse("http://a/b").join("http://us%40er:p%3Aw@b/")
        assert (url.username, url.password) == ("us@er", Secret("p:w"))

    @pytest.mark.parametrize(
        ("reference", "path"),
        [("/a/../b", "/a/../b"), ("//h/a/../b", "/a/../b"), ("http://h/a/./b", "/a/./b"), ("../b", "/x/b"),
         ("", "/x/../x/y/z"), ("?q", "/x/../x/y/z")],
    )  # fmt: skip
    def test_path_as_is_keeps_the_dots_of_absolute_paths_alone(self, reference: str, path: str) -> None:
        base = Url.parse("http://a/x/../x/y/z", path_as_is=True)
        assert base.join(reference, path_as_is=True).path == path

    def test_the_target_of_a_join_never_leaves_the_origin_without_saying_so(self) -> None:
        base = Url.parse("http://[fe80::1%25a]:8080/")
        assert base.join("/x").origin == base.origin


_texts = st.one_of(
    st.text(max_size=60),
    st.text("aH0.:/?#@[]%2eé\\ \t\n\udce9=&;~'\"<ß。", max_size=40),
)


@given(
    st.one_of(
        _texts,
        st.builds("http://{}".format, _texts),
        st.builds("https://h{}".format, _texts),
        st.builds("http://u:p@h/{}".format, _texts),
        st.builds("http://[fe80::1%25{}]/".format, st.text("25ab.%", min_size=1, max_size=6)),
    ),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_shown_url_reads_as_the_same_url(text: str, as_is: bool) -> None:
    """CVE-2024-11168, CVE-2025-0938, CVE-2021-41945: put together again, the parts read differently."""
    try:
        url = Url.parse(text, path_as_is=as_is)
    except BadUrl:
        return
    check_target(url.target)
    assert url.target.startswith("/")
    assert str(url).isascii()
    assert Url.parse(str(url), path_as_is=as_is) == url.without_userinfo()
    assert Url.parse(str(url.origin)).origin == url.origin
    assert Url.parse(f"{url.scheme}://{url.authority}/").host == url.host.partition("%")[0]


_plain_texts = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["localhost", "a.example", "127.0.0.1", "1.2.3", "256.1.1.1", "01.2.3.4", "xn--bcher-kva.example"])
    | st.lists(st.text("ab09-_", max_size=3) | st.just("a" * 63), min_size=1, max_size=5).map(".".join)
    | st.from_regex(r"[0-9.]{7,15}", fullmatch=True),
    st.sampled_from(["", ":", ":80", ":443", ":0", ":08", ":59999", ":65535", ":70000"]),
    st.text("ab/.?%@:;=&~#[]|\\ \n\u20ac", max_size=12).map("/{}".format) | st.sampled_from(["", "?a", "#b"]),
)


def outcome(read: Callable[[], Url]) -> object:
    try:
        url = read()
    except BadUrl as error:
        return error.message
    return [getattr(url, name) for name in Url.__slots__]


@settings(max_examples=1000)
@given(_plain_texts)
def test_a_plain_url_is_read_at_once_as_it_is_read_part_by_part(text: str) -> None:
    strictly = outcome(lambda: Url._parse_strictly(text, path_as_is=False))
    assert outcome(lambda: Url.parse(text)) == strictly
    outcome(lambda: Url.parse(text[: text.find("/", 8)] + "/seen/before"))
    assert outcome(lambda: Url.parse(text)) == strictly


def test_what_was_seen_of_urls_is_bounded() -> None:
    for number in range(3 * _MOST_SEEN):
        assert Url.parse(f"http://h{number}.example/a").host == f"h{number}.example"
        assert len(_seen) <= _MOST_SEEN
    assert str(Url.parse(f"http://h{number}.example/b?c")) == f"http://h{number}.example/b?c"


def test_most_urls_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("reqcli.model.url._parts")
    for text in ("http://127.0.0.1:8080/a?b=c/d", "https://api.example.com", "http://localhost:3000/a%20b/~c/;d,e=f"):
        assert str(Url.parse(text)) == text + "/" * (text.count("/") == 2)


@given(_texts)
@settings(max_examples=300, deadline=None)
def test_a_joined_url_is_fit_to_be_sent(location: str) -> None:
    base = Url.parse("https://user:pw@example.com:8443/a/b?c#d")
    try:
        url = base.join(location)
    except BadUrl:
        return
    check_target(url.target)
    assert Url.parse(str(url)) == url.without_userinfo()


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_query_pairs_come_back_as_they_were(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import parse_qsl

    url = Url.parse("http://h/?first=1").with_query(pairs)
    assert parse_qsl(url.query or "", keep_blank_values=True) == [("first", "1"), *pairs]


@pytest.mark.parametrize(("text", "is_told"), [("http://a/x\r", True), ("http://a/x\n", True), ("http://a/\tx", False)])
def test_a_line_break_that_came_with_a_url_is_explained(text: str, is_told: bool) -> None:
    with pytest.raises(BadUrl, match="holds a control character") as caught:
        Url.parse(text)
    assert ("Windows line ends" in (caught.value.hint or "")) == is_told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://alice:s3cret", "'https://alice:***'"),
        ("https://alice:s3:cret/x", "'https://alice:***/x'"),
        ("https://a.example:80a/x", "'https://a.example:80a/x'"),
        ("https://[::1]:s3cret", "'https://[::1]:***'"),
        ("https://fe80::1/", "'https://fe80::1/'"),
        ("https://2001:db8::1", "'https://2001:db8::1'"),
    ],
)
def test_what_is_no_port_may_be_a_password(text: str, shown: str) -> None:
    with pytest.raises(BadUrl, match="has a host or port") as caught:
        Url.parse(text)
    assert shown in caught.value.message
