from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest

from reqcli.cookies.jar import Jar
from reqcli.model.cookie import Cookie
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.bend import bend, credential_for
from reqcli.session.captures import (
    LONGEST_VALUE,
    Carried,
    carried,
    goodbyes,
    has_fresh,
    is_retried,
    rejected,
    spent,
    taken,
    taken_from_body,
    wants_body,
)
from reqcli.session.operations import Operation, SetAuth, SetHeader, apply
from reqcli.session.rule_operations import DropValue, SetRule, SetValue
from reqcli.session.rules import parse
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, StoredValue, new_state
from reqcli.vault import Vault

HERE = "https://a.example"
URL = Url.parse(f"{HERE}/login")
SECRET = "s3cr3t-v4lue"


def session(*texts: str, **values: str) -> SessionState:
    """A session with rules; a value under `r0`, `r1` … is what that rule took from HERE."""
    rules = [parse(text) for text in texts]
    operations: list[Operation] = [SetRule(rule) for rule in rules]
    for number, (key, value) in enumerate(values.items()):
        rule = rules[int(key[1:])]
        operations.append(SetValue(rule, HERE, StoredValue(value, issued=float(number))))
    return apply(new_state("0" * 32, 1.0), operations, 1.0)


def head(status: int = 200, **fields: str) -> ResponseHead:
    return ResponseHead(1, status, "", Headers((name.replace("_", "-"), value) for name, value in fields.items()))


def take(state: SessionState, response: ResponseHead, method: str = "GET", url: Url = URL) -> list[tuple[str, str]]:
    operations, refusals = taken(state, response, method, url, 10.0)
    assert refusals == []
    return [(operation.origin, operation.stored.value) for operation in operations]


def take_body(text: str, body: str | bytes, charset: str = "utf-8") -> list[str]:
    content = body.encode() if isinstance(body, str) else body
    operations, refusals = taken_from_body(session(text), content, charset, head(), "GET", URL, 10.0)
    assert refusals == []
    return [operation.stored.value for operation in operations]


def carry(state: SessionState, url: str = f"{HERE}/x", method: str = "GET", jar: Jar | None = None, now: float = 10.0,
          **options: Any) -> Carried:  # fmt: skip
    return carried(RequestSpec(method, Url.parse(url), **options), state, jar or Jar(), now)


# What is taken


def test_a_header_of_a_good_answer_is_taken_for_its_origin() -> None:
    assert take(session("header:x-id -> bearer"), head(X_Id=" v1\t")) == [(HERE, "v1")]
    assert take(session("header:X-Id -> bearer"), head(X_Other="v")) == []


@pytest.mark.parametrize(("on", "status", "is_taken"), [
    ("", 200, True), ("", 204, True), ("", 103, False), ("", 302, False), ("", 409, False),
    ("on=2xx,409", 409, True), ("on=2xx,409", 404, False), ("on=201", 200, False),
])  # fmt: skip
def test_a_value_is_taken_from_the_statuses_that_are_named(on: str, status: int, is_taken: bool) -> None:
    assert bool(take(session(f"header:X-Id -> bearer {on}"), head(status, X_Id="v"))) is is_taken


def test_a_value_is_taken_where_the_rule_says() -> None:
    state = session("header:X-Id -> bearer at=POST:/login")
    assert take(state, head(X_Id="v"), "POST") == [(HERE, "v")]
    assert take(state, head(X_Id="v"), "GET") == []
    assert take(state, head(X_Id="v"), "POST", Url.parse(f"{HERE}/other")) == []


def test_what_is_stored_already_is_not_stored_again() -> None:
    text = "header:X-Id -> bearer"
    assert take(session(text, r0="v"), head(X_Id="v")) == []
    assert take(session(text, r0="v"), head(X_Id="w")) == [(HERE, "w")]
    lasting = f"{text} ttl=60"
    (operation,), _ = taken(session(lasting, r0="v"), head(X_Id="v"), "GET", URL, 10.0)
    assert operation.stored.expires == 70.0


@pytest.mark.parametrize(
    ("rule", "raw", "why"),
    [
        ("header:X-Id -> header:X-Id", " ", "empty"),
        ("header:X-Id -> header:X-Id", "x" * (LONGEST_VALUE + 1), "longer than 16384"),
        ("header:X-Id -> header:X-Id decode=url", f"{SECRET}%0d%0aX-Evil: 1", "control character"),
        ("header:X-Id -> query:id decode=url", f"{SECRET}%00", "control character"),
        ("header:X-Id -> header:X-Id decode=base64", f"!{SECRET}", "no text in base64"),
        ("header:X-Id -> header:X-Id decode=base64", "gA==", "no text in base64"),
        ("header:X-Id -> bearer", f"{SECRET} and more", "bearer tokens cannot have"),
    ],
)
def test_what_could_not_be_sent_is_not_taken_and_said(rule: str, raw: str, why: str) -> None:
    operations, (refusal,) = taken(session(rule), head(X_Id=raw), "GET", URL, 10.0)
    assert operations == []
    assert why in refusal
    assert HERE in refusal
    assert SECRET not in refusal


@pytest.mark.parametrize(
    ("rule", "raw", "value"),
    [
        ("header:X-Id -> query:id decode=url", "a%20b%2Fc%3D+", "a b/c=+"),
        ("header:X-Id -> query:id decode=base64", urlsafe_b64encode("é?>~~".encode()).decode().rstrip("="), "é?>~~"),
        ("header:X-Id -> query:id", "caf\xc3\xa9", "café"),
        ("header:X-Id -> query:id", "\xff", b"\xff".decode(errors="surrogateescape")),
    ],
    ids=["url", "base64", "UTF-8", "bytes that are no text"],
)
def test_a_value_is_decoded(rule: str, raw: str, value: str) -> None:
    assert take(session(rule), head(X_Id=raw)) == [(HERE, value)]


@pytest.mark.parametrize(
    ("pointer", "body", "value"),
    [
        ("/auth/client_token", '{"auth": {"client_token": "t"}}', ["t"]),
        ("", '"b00db39f948d13ea"', ["b00db39f948d13ea"]),
        ("/items/1", '{"items": ["a", "b"]}', ["b"]),
        ("/a~1b/m~0n/ x", '{"a/b": {"m~n": {" x": "t"}}}', ["t"]),
        ("/n", '{"n": 12345678901234567890}', ["12345678901234567890"]),
        ("/n", '{"n": 1.5}', ["1.5"]),
        ("/n", '{"n": true}', []),
        ("/n", '{"n": null}', []),
        ("/n", '{"n": {"t": 1}}', []),
        ("/n", '{"m": "t"}', []),
        ("/items/01", '{"items": ["a", "b"]}', []),
        ("/items/-", '{"items": ["a", "b"]}', []),
        ("/items/2", '{"items": ["a", "b"]}', []),
        ("/n/x", '{"n": "text"}', []),
        ("/n", '{"n": "t"', []),
        ("/n", "[" * 100_000, []),
        ("/n", "", []),
        ("", '"a\\nb"', None),
    ],
)
def test_a_pointer_leads_to_text_or_a_number(pointer: str, body: str, value: list[str] | None) -> None:
    if value is None:
        _, refusals = taken_from_body(
            session(f"json:{pointer} -> query:t"), body.encode(), "utf-8", head(), "GET", URL, 1.0
        )
        assert "control character" in refusals[0]
        return
    assert take_body(f"json:{pointer} -> query:t", body) == value


@pytest.mark.parametrize(
    ("expression", "body", "value"),
    [
        ('<meta name="t" content="([^"]+)"', '<head><meta name="t" content="a+b/==" /></head>', ["a+b/=="]),
        (r"t=\w+", "s=1&t=abc", ["t=abc"]),
        (r"x=(\d)|y=(\d)", "y=7", ["7"]),
        (r"x=(\d)?", "x=", []),
        ("nothing", "something", []),
    ],
)  # fmt: skip
def test_an_expression_gives_its_first_group_or_its_whole_match(expression: str, body: str, value: list[str]) -> None:
    assert take_body(f"match:{expression} -> query:t", body) == value


def test_a_body_is_text_in_its_charset() -> None:
    assert take_body("match:t=(.+) -> query:t", b"t=\xe9", "latin-1") == ["é"]


def test_a_body_is_looked_into_only_if_a_rule_says_so() -> None:
    state = session("json:/t -> bearer at=POST:/login on=201", "header:X -> bearer")
    assert wants_body(state, head(201), "POST", URL)
    assert not wants_body(state, head(200), "POST", URL)
    assert not wants_body(state, head(201), "GET", URL)
    assert not wants_body(session("header:X -> bearer"), head(200), "GET", URL)
    assert not wants_body(session("json:/t -> bearer"), head(206), "GET", URL)


def test_several_rules_take_from_one_body() -> None:
    state = session("json:/t -> bearer", "match:x=(.) -> query:x", 'json:/u -> header:X="<{}>"')
    operations, _ = taken_from_body(state, b'{"t": "1", "u": "2", "s": "x=3"}', "utf-8", head(), "GET", URL, 1.0)
    assert sorted(operation.stored.value for operation in operations) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("status", "location", "resource"),
    [
        (201, "/Sessions/1", "/Sessions/1"),
        (201, f"{HERE}/Sessions/1?x", "/Sessions/1?x"),
        (201, "https://elsewhere.example/1", "/login?a=1"),
        (201, "https://[", "/login?a=1"),
        (200, "/Sessions/1", "/login?a=1"),
    ],
)
def test_what_was_issued_is_at_its_location_or_where_it_was_asked_for(
    status: int, location: str, resource: str
) -> None:
    """RFC 9110 §15.3.2."""
    state = session("header:X -> bearer goodbye=DELETE")
    (operation,), _ = taken(state, head(status, X="v", Location=location), "POST", Url.parse(f"{HERE}/login?a=1"), 1.0)
    assert operation.stored.resource == resource
    after = apply(state, [operation], 1.0)
    assert [(method, str(url)) for method, url in goodbyes(after, 1.0)] == [("DELETE", f"{HERE}{resource}")]


def test_goodbyes_are_said_once_each_and_for_what_still_lives() -> None:
    texts = ("header:X -> bearer goodbye=POST:/out", "header:Y -> header:Y goodbye=POST:/out", "header:Z -> header:Z")
    state = session(*texts, r0="a", r1="b", r2="c")
    assert [(method, str(url)) for method, url in goodbyes(state, 1.0)] == [("POST", f"{HERE}/out")]
    rule = parse("header:X -> bearer goodbye=DELETE ttl=5")
    dead = apply(session(rule.text), [SetValue(rule, HERE, StoredValue("v", issued=1.0, expires=6.0))], 1.0)
    assert goodbyes(dead, 6.0) == []


# What is carried


def test_a_value_goes_back_to_its_origin_and_to_no_other() -> None:
    state = session("header:X-Id -> header:X-Id", r0="v")
    assert carry(state).fields == (("X-Id", "v"),)
    for other in ("http://a.example/x", "https://a.example:8443/x", "https://b.a.example/x", "https://example/x"):
        there = carry(state, other)
        assert (there.fields, [one.value for one in there.sent]) == ((), [None])


def test_a_value_goes_where_send_says_and_is_taken_from_where_at_says() -> None:
    text = f"header:X-Id -> header:X-Id at={HERE}/ send=https://b.example"
    state = session(text, r0="v")
    assert carry(state).fields == (("X-Id", "v"),)
    assert carry(state, "https://b.example/any").fields == (("X-Id", "v"),)
    assert carry(state, "https://c.example/any") == Carried()
    planted = Url.parse("https://b.example/login")
    assert take(state, head(X_Id="planted"), "GET", planted) == []


def test_path_and_methods_narrow_the_use() -> None:
    state = session("header:X-Id -> header:X-Id path=/api methods=unsafe", r0="v")
    assert carry(state, f"{HERE}/api/x", "POST").fields
    assert not carry(state, f"{HERE}/api/x", "GET").fields
    assert not carry(state, f"{HERE}/apis", "POST").fields


def test_a_value_whose_time_is_up_is_not_sent() -> None:
    rule = parse("header:X-Id -> header:X-Id ttl=5")
    state = apply(session(rule.text), [SetValue(rule, HERE, StoredValue("v", issued=1.0, expires=6.0))], 1.0)
    assert carry(state, now=5.9).fields == (("X-Id", "v"),)
    assert carry(state, now=6.0).fields == ()


def test_each_target_is_filled() -> None:
    state = session(
        'header:A -> header:X-A="<{}>"', "header:B -> query:b", "header:C -> bearer", r0="1", r1="2", r2="3"
    )
    all_of_it = carry(state)
    assert (all_of_it.fields, all_of_it.query, all_of_it.token) == ((("X-A", "<1>"),), (("b", "2"),), "3")


def test_of_two_values_for_one_header_the_newest_goes() -> None:
    texts = ("json: -> header:X-Id", "json:/value -> header:x-id")
    assert carry(session(*texts, r0="old", r1="new")).fields == (("x-id", "new"),)
    assert carry(session(*texts, r1="old", r0="new")).fields == (("X-Id", "new"),)
    assert carry(session(*texts, r1="only")).fields == (("x-id", "only"),)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("header:X-Id", {"headers": (("x-ID", "typed"),)}),
        ("header:X-Id", {"headers": (("x-ID", None),)}),
        ("bearer", {"headers": (("authorization", "typed"),)}),
        ("bearer", {"auth": Credential("basic", {"user": "u", "password": Secret("p")})}),
        ('header:Authorization="Token {}"', {"auth": Credential("basic", {"user": "u", "password": Secret("p")})}),
    ],
)
def test_what_the_call_itself_says_stands(target: str, options: dict[str, Any]) -> None:
    assert carry(session(f"header:X -> {target}", r0="v"), **options) == Carried()


def test_a_parameter_that_the_call_has_stands() -> None:
    state = session("header:X -> query:the+key", r0="v")
    assert carry(state, f"{HERE}/?the%2Bkey=typed").query == ()
    assert carry(state, f"{HERE}/?other=1").query == (("the+key", "v"),)


# A cookie's value is read from the jar


def test_the_header_repeats_the_cookie_that_goes_along() -> None:
    state = session("cookie:csrftoken -> header:X-CSRFToken methods=unsafe decode=url")
    jar = Jar([Cookie("csrftoken", "a%3D", "a.example"), Cookie("other", "b", "a.example")])
    assert carry(state, method="POST", jar=jar).fields == (("X-CSRFToken", "a="),)
    assert carry(state, "https://b.example/", "POST", jar).fields == ()
    assert carry(state, method="GET", jar=jar).fields == ()


def test_a_cookie_that_does_not_go_along_is_not_repeated() -> None:
    state = session("cookie:t -> header:X-T")
    jar = Jar([Cookie("t", "deep", "a.example", "/deep"), Cookie("t", "old", "a.example", expires=5.0)])
    assert carry(state, jar=jar).fields == ()
    assert carry(state, f"{HERE}/deep/x", jar=jar).fields == (("X-T", "deep"),)


def test_a_cookie_that_no_header_can_hold_is_left_out() -> None:
    jar = Jar([Cookie("t", "a%0Ab", "a.example")])
    assert carry(session("cookie:t -> header:X-T decode=url"), jar=jar).fields == ()


def test_a_cookie_goes_to_another_origin_where_send_says_so() -> None:
    state = session(f"cookie:t -> header:X-T at={HERE}/app send=https://b.example")
    jar = Jar([Cookie("t", "v", "a.example", "/app")])
    assert carry(state, "https://b.example/", jar=jar).fields == (("X-T", "v"),)
    assert carry(state, f"{HERE}/app", jar=jar).fields == (("X-T", "v"),)
    assert carry(state, "https://c.example/", jar=jar) == Carried()


# How it gets into the request


def bent(state: SessionState, **options: Any) -> Any:
    spec = RequestSpec("GET", Url.parse(f"{HERE}/x?a=1"), **options)
    return bend(spec, state, Jar(), 1.0, Vault().fetch, carried(spec, state, Jar(), 10.0))


def test_a_captured_header_takes_the_place_of_a_stored_one() -> None:
    state = session("header:X-CSRF-Token -> header:x-csrf-token", r0="v")
    state = apply(state, [SetHeader(StoredHeader("X-CSRF-Token", "Fetch", HERE))], 1.0)
    assert bent(state).headers.get_all("X-CSRF-Token") == ["v"]
    assert bent(state, headers=(("X-Csrf-Token", "typed"),)).headers.get_all("X-CSRF-Token") == ["typed"]


def test_a_captured_parameter_is_encoded_into_the_query() -> None:
    assert bent(session("header:X -> query:k/y", r0="v&=é")).url.target == "/x?a=1&k%2Fy=v%26%3D%C3%A9"


@pytest.mark.parametrize(
    ("target", "scheme"), [("bearer", "bearer"), ('header:Authorization="Token {}"', None), ("header:X-A", "basic")]
)
def test_a_captured_authorization_goes_before_the_stored_credential(target: str, scheme: str | None) -> None:
    state = session(f"header:X -> {target}", r0="v")
    state = apply(state, [SetAuth(HERE, StoredAuth("basic", {"user": "u", "password": "p"}))], 1.0)
    spec = RequestSpec("GET", URL)
    found = credential_for(spec, state, Vault().fetch, lambda url: None, carried(spec, state, Jar(), 10.0))
    assert (found.scheme if found is not None else None) == scheme


# What a rejection means


def test_only_what_was_sent_is_rejected_and_only_by_the_statuses_of_its_rule() -> None:
    texts = ("header:A -> header:A drop=404", "header:B -> header:B retry=409", "header:C -> header:C drop=404")
    sent = carry(session(*texts, r0="a", r1="b")).sent
    rules = [parse(text) for text in texts]
    assert rejected(sent, 404) == [DropValue(rules[0], HERE, "a")]
    assert rejected(sent, 409) == [DropValue(rules[1], HERE, "b")]
    assert rejected(sent, 403) == []
    assert [is_retried(sent, status) for status in (404, 409)] == [False, True]


def test_the_jars_cookies_are_never_dropped_by_a_rule() -> None:
    jar = Jar([Cookie("t", "v", "a.example")])
    assert rejected(carry(session("cookie:t -> header:X-T retry=419"), jar=jar).sent, 419) == []


@pytest.mark.parametrize(
    ("before", "after", "status", "is_fresh"),
    [
        ({"r0": "old"}, {"r0": "new"}, 409, True),
        ({}, {"r0": "new"}, 409, True),
        ({"r0": "same"}, {"r0": "same"}, 409, False),
        ({"r0": "old"}, {}, 409, False),
        ({"r0": "old"}, {"r0": "new"}, 404, False),
    ],
)
def test_a_request_is_sent_again_only_with_another_value(
    before: dict[str, str], after: dict[str, str], status: int, is_fresh: bool
) -> None:
    text = "header:X -> header:X retry=409 drop=404"
    assert has_fresh(carry(session(text, **before)).sent, carry(session(text, **after)).sent, status) is is_fresh


def test_what_goes_out_once_is_spent() -> None:
    state = session("header:A -> header:A once", "header:B -> header:B", "header:C -> header:C once", r0="a", r1="b")
    assert spent(carry(state).sent) == [DropValue(parse("header:A -> header:A once"), HERE, "a")]


def test_nothing_carried_shows_itself() -> None:
    there = carry(session("header:A -> header:A", r0=SECRET))
    assert there.fields
    assert SECRET not in repr(there)
