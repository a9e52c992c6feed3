from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.model.url import Url
from reqcli.session.rules import NO_TARGETS, Rule, covers, is_below, parse
from reqcli.session.told import in_words

ID = "header:X-Id -> header:X-Id"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        pytest.param(ID, {"source": "header", "name": "X-Id", "target": "header", "target_name": "X-Id",
                          "template": "{}", "on": ("2xx",), "text": ID}, id="plain"),
        pytest.param("  header:X-Id  ->  bearer ", {"target": "bearer", "text": "header:X-Id -> bearer"}, id="blanks"),
        pytest.param("json:/a~1b/0/c d -> query:key", {"name": "/a~1b/0/c d", "target_name": "key"}, id="pointer"),
        pytest.param("json: -> bearer", {"name": ""}, id="the whole body"),
        pytest.param('match:<a b="(.)" -> bearer', {"name": '<a b="(.)"'}, id="expression with blanks and quotes"),
        pytest.param('header:X -> header:Authorization="Token \\"{}\\" \\\\ x"',
                     {"template": 'Token "{}" \\ x'}, id="quoted template"),
        pytest.param("header:X -> header:Y=v{}", {"template": "v{}"}, id="bare template"),
        pytest.param('header:X -> header:Y="{}"', {"template": "{}", "text": "header:X -> header:Y"}, id="no template"),
        pytest.param(f"{ID} on=2xx", {"on": ("2xx",), "text": ID}, id="what would be so anyway"),
        pytest.param(f"{ID} drop=404 on=201,3xx,201 retry=409",
                     {"on": ("201", "3xx"), "drop": ("404",), "text": f"{ID} on=201,3xx drop=404 retry=409"},
                     id="order and repeats"),
        pytest.param(f"{ID} at=POST:/login", {"at_method": "POST", "at_path": "/login", "at_origin": None}, id="at"),
        pytest.param(f"{ID} at=https://A.example:443", {"at_origin": "https://a.example", "at_path": "/"}, id="origin"),
        pytest.param(f"{ID} send=https://B.example,http://[::1]:80 at=PUT:https://a.example/x",
                     {"send": ("https://b.example", "http://[::1]"), "at_method": "PUT", "at_path": "/x"}, id="send"),
        pytest.param(f"{ID} goodbye=DELETE", {"goodbye": ("DELETE", None)}, id="goodbye"),
        pytest.param(f"{ID} goodbye=POST:/out", {"goodbye": ("POST", "/out")}, id="goodbye somewhere"),
        pytest.param(f"{ID} ttl=60 once public decode=base64 methods=unsafe,GET path=/a",
                     {"ttl": 60, "once": True, "public": True, "decode": "base64", "methods": ("unsafe", "GET"),
                      "path": "/a"}, id="the rest"),
        pytest.param("cookie:t -> header:X-T", {"on": ()}, id="a cookie is taken by the jar's rules"),
    ],
)  # fmt: skip
def test_a_rule_says_what_it_says(text: str, fields: dict[str, Any]) -> None:
    rule = parse(text)
    assert {name: getattr(rule, name) for name in fields} == fields
    assert parse(rule.text) == rule


@pytest.mark.parametrize(
    ("text", "word", "column", "why"),
    [
        ("foo:X -> bearer", "foo:X", 1, "nothing to take"),
        ("header -> bearer", "header", 1, "nothing to take"),
        ("header:a b -> bearer", "header:a b", 1, "not the name of a header"),
        ("cookie: -> bearer", "cookie:", 1, "not the name of a cookie"),
        ("header:Set-Cookie -> bearer", "header:Set-Cookie", 1, "the jar's"),
        ("json:a -> bearer", "json:a", 1, "no JSON pointer"),
        ("json:/~2 -> bearer", "json:/~2", 1, "no JSON pointer"),
        ("match:( -> bearer", "match:(", 1, "no regular expression: missing"),
        ("match: -> bearer", "match:", 1, "matches everything"),
        ("header:X -> heder:Y", "heder:Y", 13, "no place"),
        ("header:X -> bearer:Y", "bearer:Y", 13, "no place"),
        ("header:X -> header:", "header:", 13, "no place"),
        ("header:X -> header:a,b", "header:a,b", 13, "does not name a header"),
        ("header:X -> header:Y=Z", "header:Y=Z", 13, "needs {} once"),
        ("header:X -> header:Y={}{}", "header:Y={}{}", 13, "needs {} once"),
        ('header:X -> header:Y="{} on=404', 'header:Y="{} on=404', 13, "not closed"),
        ('header:X -> header:Y=a"{}"', 'header:Y=a"{}"', 13, "quote inside"),
        ("header:X -> query:a=b", "query:a=b", 13, "not the name of a query"),
        (f"  {ID} dropp=404", "dropp=404", 30, "no option"),
        (f"{ID} drop=404 drop=401", "drop=401", 37, "a second time"),
        (f"{ID} drop", "drop", 28, "needs a value"),
        (f"{ID} once=1", "once=1", 28, "takes no value"),
        (f"{ID} on=404,", "on=404,", 28, "not a list of statuses"),
        (f"{ID} on=100", "on=100", 28, "not a list of statuses"),
        (f"{ID} at=login", "at=login", 28, "no place"),
        (f"{ID} at=POST:", "at=POST:", 28, "no place"),
        (f"{ID} at=https://a.example:0/", "at=https://a.example:0/", 28, "names no origin"),
        (f"{ID} at=HTTPS://a.example/", "at=HTTPS://a.example/", 28, "not the beginning of a path"),
        (f"{ID} path=x", "path=x", 28, "not the beginning of a path"),
        (f"{ID} path=/x?y", "path=/x?y", 28, "not the beginning of a path"),
        (f"{ID} methods=post", "methods=post", 28, "not a list of methods"),
        (f"{ID} send=https://b.example/x at=https://a.example", "send=https://b.example/x", 28, "more than an origin"),
        (f"{ID} send=b.example at=https://a.example", "send=b.example", 28, "names no origin"),
        (f"{ID} send=https://b.example", "send=https://b.example", 28, "needs at= with the origin"),
        (f"{ID} send=https://b.example at=/x", "send=https://b.example", 28, "needs at= with the origin"),
        (f"{ID} decode=rot13", "decode=rot13", 28, "no way to decode"),
        (f"{ID} ttl=0", "ttl=0", 28, "not a number of seconds"),
        (f"{ID} goodbye=/out", "goodbye=/out", 28, "no request"),
        ("cookie:t -> header:X on=2xx", "on=2xx", 22, "not for a cookie"),
        ("cookie:t -> header:X drop=404", "drop=404", 22, "not for a cookie"),
        ("cookie:t -> header:X at=/x", "at=/x", 22, "matters only for send="),
    ],
)
def test_what_is_wrong_is_pointed_at(text: str, word: str, column: int, why: str) -> None:
    with pytest.raises(Usage) as caught:
        parse(text)
    assert why in caught.value.message
    assert caught.value.details == {"word": word, "column": column}
    assert f"(column {column})" in caught.value.message


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no ->"),
        ("header:X->header:Y", "has no ->"),
        ("header:X -> ", "where the value goes"),
        ("header:X\n -> bearer", "one line"),
    ],
)
def test_half_a_rule_is_none(text: str, why: str) -> None:
    with pytest.raises(Usage, match=why):
        parse(text)


@pytest.mark.parametrize("name", sorted(NO_TARGETS))
def test_no_server_decides_a_header_of_framing_or_of_the_connection(name: str) -> None:
    for spelling in (name, name.upper()):
        with pytest.raises(Usage, match="no server may decide"):
            parse(f"header:X -> header:{spelling}")


def test_the_error_for_a_word_shows_no_password() -> None:
    with pytest.raises(Usage) as caught:
        parse(f"{ID} send=https://u:hunter2@b.example at=https://a.example")
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"


def test_the_issuer_of_a_rule_that_sends_elsewhere_may_come_from_outside() -> None:
    rule = parse(f"{ID} send=https://b.example at=POST:/login", "https://a.example")
    assert (rule.at_method, rule.at_origin, rule.at_path) == ("POST", "https://a.example", "/login")
    assert parse(rule.text) == rule
    assert (
        parse(f"{ID} send=https://b.example", "https://a.example").text
        == f"{ID} at=https://a.example/ send=https://b.example"
    )
    assert parse(ID, "https://a.example").at_origin is None


statuses = st.lists(st.sampled_from(["2xx", "3xx", "404", "599"]), min_size=1, max_size=3).map(",".join)
paths = st.text("ab/*-é%", max_size=6).map(lambda text: f"/{text.lstrip('/')}")
methods = st.sampled_from(["GET", "POST", "M-SEARCH"])
options = st.fixed_dictionaries(
    {},
    optional={
        "on": statuses,
        "path": paths,
        "methods": st.lists(methods | st.sampled_from(["safe", "unsafe"]), min_size=1).map(",".join),
        "drop": statuses,
        "retry": statuses,
        "decode": st.sampled_from(["url", "base64"]),
        "goodbye": methods | st.tuples(methods, paths).map(":".join),
        "ttl": st.integers(1, 10**8).map(str),
        "at": st.tuples(
            st.just("") | methods.map(lambda method: f"{method}:"),
            st.sampled_from(["", "https://a.example", "http://[::1]:8080"]),
            paths,
        ).map("".join),
    },
)
sources = st.one_of(
    st.text("abcX-_", min_size=1).map(lambda name: f"header:{name}"),
    st.lists(st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="/~")), max_size=3).map(
        lambda steps: "json:" + "".join(f"/{step}" for step in steps)
    ),
    st.sampled_from(["match:a b", 'match:"x" -', r"match:(\d+) ->x", "match:é"]),
)
templates = st.tuples(
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="{}")),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="{}")),
).map(lambda ends: "{}".join(ends).replace("\\", "\\\\").replace('"', '\\"'))
targets = st.sampled_from(["bearer", "query:key", "header:X-A"]) | templates.map(lambda text: f'header:X="{text}"')


@given(sources, targets, options, st.sets(st.sampled_from(["once", "public"])))
@settings(max_examples=300, deadline=None)
def test_a_rule_is_read_back_as_it_was_written(source: str, to: str, said: dict[str, str], flags: set[str]) -> None:
    words = [f"{name}={value}" for name, value in said.items()]
    rule = parse(" ".join([source, "->", to, *words, *flags]))
    again = parse(rule.text)
    assert again.text == rule.text
    assert all(getattr(again, name) == getattr(rule, name) for name in Rule.__slots__)
    assert "\n" not in in_words(rule)


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = parse(text)
    except Usage:
        return
    assert parse(rule.text) == rule


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        ("/a/b", None, True),
        ("/", "/", True),
        ("/a/b", "/", True),
        ("/a/b", "/a", True),
        ("/a/b", "/a/", True),
        ("/a", "/a/", True),
        ("/ab", "/a", False),
        ("/a", "/a/b", False),
        ("/v1/auth/ldap/login/me", "/v1/auth/*/login", True),
        ("/v1/auth/token/create", "/v1/auth/*/login", False),
        ("/v1/auth/a/b/login", "/v1/auth/*/login", False),
        ("/%61", "/a", False),
    ],
)
def test_a_prefix_is_compared_by_segments(path: str, prefix: str | None, expected: bool) -> None:
    assert is_below(path, prefix) is expected


@pytest.mark.parametrize(
    ("methods", "method", "expected"),
    [
        ("", "GET", True),
        ("methods=unsafe", "POST", True),
        ("methods=unsafe", "PURGE", True),
        ("methods=unsafe", "GET", False),
        ("methods=unsafe", "OPTIONS", False),
        ("methods=safe", "HEAD", True),
        ("methods=safe", "DELETE", False),
        ("methods=PUT,safe", "PUT", True),
        ("methods=PUT", "POST", False),
    ],
)
def test_a_rule_is_used_by_its_methods(methods: str, method: str, expected: bool) -> None:
    assert parse(f"{ID} {methods}").is_used_by(method, Url.parse("https://a.example/")) is expected


@pytest.mark.parametrize(
    ("at", "method", "url", "expected"),
    [
        ("", "GET", "https://a.example/x", True),
        ("at=/login", "GET", "https://a.example/login?x=1", True),
        ("at=/login", "GET", "https://a.example/logins", False),
        ("at=POST:/login", "POST", "https://a.example/login", True),
        ("at=POST:/login", "GET", "https://a.example/login", False),
        ("at=https://a.example", "GET", "https://a.example/anything", True),
        ("at=https://a.example", "GET", "http://a.example/anything", False),
        ("at=https://a.example", "GET", "https://a.example:444/", False),
    ],
)
def test_a_value_is_issued_where_the_rule_says(at: str, method: str, url: str, expected: bool) -> None:
    assert parse(f"{ID} {at}").is_issued_at(method, Url.parse(url)) is expected


def test_a_status_is_covered_by_itself_or_by_its_class() -> None:
    assert covers(("2xx",), 204)
    assert covers(("404", "2xx"), 404)
    assert not covers(("2xx",), 302)
    assert not covers((), 200)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ID, "header X-Id of 2xx answers goes back to the origin that issued it, as header X-Id"),
        ("cookie:t -> header:X-T methods=unsafe",
         "what cookie t holds goes along with it, as header X-T, with methods that change something"),
        ("json:/a -> bearer at=POST:/login drop=401,403 ttl=60",
         "the value at /a of the JSON body of 2xx answers to POST at /login goes back to the origin that issued it, "
         "as the bearer token; forgotten after 60 s; forgotten when the answer is 401 or 403"),
        ('match:t=(.) -> header:Authorization="Token {}" on=2xx,3xx,409 retry=409 once public decode=url path=/x '
         "at=https://a.example send=https://b.example,https://c.example goodbye=DELETE",
         "what /t=(.)/ finds in the body of 2xx, 3xx or 409 answers at https://a.example/ goes back to the origin "
         "that issued it, and to https://b.example and https://c.example, percent-decoded, as header Authorization "
         "(«Token {}»), at /x; forgotten when it was sent once; when the answer is 409, the request is sent once more "
         "with a fresh one; `session end` asks DELETE of what was issued; no secret"),
    ],
    ids=["header", "cookie", "bearer", "everything"],
)  # fmt: skip
def test_a_rule_is_told_in_words(text: str, words: str) -> None:
    assert in_words(parse(text)) == words
