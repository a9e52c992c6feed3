"""A context: what travels, whom it is for, and that nothing else is ever taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import ContextExpired, ContextInvalid
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url
from reqcli.session.context import LONGEST_LIFETIME, MAX_CONTEXT, Context, bound_to, dump, load, made, travelling
from reqcli.session.policy import Policy
from reqcli.session.rules import parse
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, StoredValue
from tests.session.states import states

A, B = "https://a.example", "https://b.example"
NOW = 1_800_000_000.0
TOKEN = "json:/access_token -> bearer at=/login"
REFRESH = "json:/refresh_token -> header:X-Refresh"


def cookie(name: str, domain: str = "a.example", *, host_only: bool = True) -> Cookie:
    return Cookie(name, "v", domain, "/", host_only=host_only, created=NOW)


def full() -> SessionState:
    """A state with one of everything."""
    headers = [
        StoredHeader("X-Team", "blue", "*"),
        StoredHeader("X-Api-Key", "hunter2", A),
        StoredHeader("Authorization", "Bearer access", A),
        StoredHeader("Authorization", "Basic dTpw", B),
        StoredHeader("X-Ref", {"command": ["id"]}, A),
    ]
    return SessionState(
        "0123456789abcdef" * 2,
        rev=3,
        created=NOW,
        updated=NOW,
        used=NOW,
        settings={"base_url": f"{A}/api", "verify": False, "timeout": 3},
        policy=Policy(origins=[A]),
        headers={header.key: header for header in headers},
        auth={
            A: StoredAuth("bearer", {"token": "access"}),
            B: StoredAuth("basic", {"user": "u", "password": "hunter2"}),
            "https://c.example": StoredAuth("bearer", {"token": {"env": "T"}}),
            "https://d.example": StoredAuth("apikey", {"name": "X", "key": "hunter2"}),
        },
        cookies=(cookie("sid"), cookie("refresh_token"), cookie("other", "b.example")),
        rules={TOKEN: parse(TOKEN), REFRESH: parse(REFRESH)},
        values={(TOKEN, A): StoredValue("t", issued=NOW), (REFRESH, A): StoredValue("hunter2", issued=NOW)},
    )


def whole() -> dict[str, Any]:
    """A context as the object that it is written as."""
    document: dict[str, Any] = json.loads(dump(made(full(), [A], NOW)))
    return document


def test_what_travels_and_what_does_not() -> None:
    state = travelling(full())
    assert [header.name for header in state.headers.values()] == ["X-Team", "Authorization"]
    assert list(state.auth) == [A]
    assert [one.name for one in state.cookies] == ["sid", "other"]
    assert list(state.values) == [(TOKEN, A)]
    assert state.settings == {"base_url": f"{A}/api"}
    assert state.policy == Policy(origins=[A])
    text = dump(made(full(), [A], NOW))
    for secret in (b"hunter2", b"command", b"dTpw", b"env"):
        assert secret not in text


def test_what_is_made_for_an_origin_holds_nothing_of_others() -> None:
    state = full().replace(cookies=(cookie("sid"), cookie("other", "b.example"), cookie("up", "example")))
    wide = (*state.cookies, cookie("wide", "example", host_only=False))
    bound = bound_to(state.replace(cookies=wide), [Url.parse(A)])
    assert [one.name for one in bound.cookies] == ["sid", "wide"]
    assert list(bound.auth) == [A]
    assert {header.origin for header in bound.headers.values()} == {"*", A}
    assert bound_to(state, [Url.parse(B)]).values == {}
    assert "base_url" not in bound_to(state, [Url.parse(B)]).settings


@settings(max_examples=150, deadline=None)
@given(states, st.floats(1, LONGEST_LIFETIME))
def test_what_is_written_is_read_back(state: SessionState, lifetime: float) -> None:
    context = made(state, [B, A], NOW, lifetime)
    try:
        text = dump(context)
    except ContextInvalid:
        assert len(str(context.state.cookies)) + len(str(context.state.values)) > 0
        return
    read = load(text, NOW)
    assert read.state == context.state == travelling(context.state)
    assert (read.origins, read.expires) == ((A, B), NOW + lifetime)
    assert text.count(b"\n") == 1


def test_it_is_for_the_origins_it_names() -> None:
    context = made(full(), [A], NOW)
    context.check_origin(Url.parse(f"{A}:443/x").origin)
    for url in ("http://a.example/", f"{A}:444/", "https://sub.a.example/", B):
        with pytest.raises(ContextInvalid, match=r"for https://a\.example, and not"):
            context.check_origin(Url.parse(url).origin)


def test_it_ends() -> None:
    text = dump(made(full(), [A], NOW))
    load(text, NOW + 899)
    with pytest.raises(ContextExpired):
        load(text, NOW + 900)


def test_one_that_is_too_large_is_not_made() -> None:
    cookies = tuple(Cookie(f"c{n}", "v" * 3000, "a.example", "/", created=NOW) for n in range(40))
    with pytest.raises(ContextInvalid, match="at most"):
        dump(made(full().replace(cookies=cookies), [A], NOW))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reqcli", "session"), ("version", 2), ("version", True), ("version", "1"), ("origins", []), ("origins", A),
        ("origins", ["a.example"]), ("origins", [f"{A}/"]), ("origins", [A] * 101), ("origins", [1]),
        ("expires", NOW + 2e6), ("expires", 1e300), ("expires", None), ("issued", "now"), ("issued", True),
        ("state", None), ("state", {}), ("state", []), ("more", 1),
    ],
)  # fmt: skip
def test_what_is_not_written_so_is_refused(field: str, value: object) -> None:
    with pytest.raises(ContextInvalid):
        load(json.dumps(whole() | {field: value}).encode(), NOW)


@pytest.mark.parametrize(
    ("group", "value"),
    [
        ("auth", {A: {"scheme": "bearer", "params": {"token": {"command": ["touch", "/tmp/x"]}}}}),
        ("auth", {A: {"scheme": "basic", "params": {"user": "u", "password": "p"}}}),
        ("headers", {A: {"X-A": {"file": "/etc/passwd"}}}),
        ("headers", {A: {"X-Api-Key": "k"}}),
        ("settings", {"verify": False}),
        ("settings", {"verify": "/tmp/evil.pem"}),
        ("used", 5),
    ],
)
def test_what_does_not_travel_is_refused_when_it_comes(group: str, value: object) -> None:
    document = whole()
    document["state"][group] = value
    with pytest.raises(ContextInvalid, match="no context may"):
        load(json.dumps(document).encode(), NOW)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[]", b"null", b"NaN", b"\xff", b'{"reqcli":"context"}', b"[" * 50_000, b'{"a":1,"a":1}',
        b'{"a":' + b"9" * 50_000 + b"}", b" " * (MAX_CONTEXT + 1), b'{"a":NaN}',
    ],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_what_is_no_context_is_refused(text: bytes) -> None:
    with pytest.raises(ContextInvalid) as refused:
        load(text, NOW)
    assert refused.value.exit_status == 109


def test_a_key_that_stands_twice_is_refused_for_readers_differ_in_which_one_counts() -> None:
    text = dump(made(full(), [A], NOW))
    load(text, NOW)
    for twice in (
        text.replace(b'"version":1,', b'"version":1,"version":1,', 1),
        text.replace(b"{", b'{"reqcli":0,', 1),
    ):
        assert twice != text
        with pytest.raises(ContextInvalid, match="not JSON, or not such as"):
            load(twice, NOW)


def read(data: bytes) -> None:
    """The invariant: a context that may be used, or the one error."""
    try:
        context = load(data, NOW)
    except ContextInvalid:
        pass
    else:
        assert isinstance(context, Context)
        assert travelling(context.state) == context.state
        assert context.origins


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_a_context_or_invalid(data: bytes) -> None:
    read(data)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 20), st.binary(max_size=12))
def test_any_change_of_a_context_leaves_one_or_none(start: int, length: int, scrap: bytes) -> None:
    text = dump(made(full(), [A], NOW))
    read(text[:start] + scrap + text[start + length :])


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_member_of_a_context_may_be_anything(data: st.DataObject) -> None:
    document = whole()
    target = data.draw(st.sampled_from([document, document["state"]]))
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(JSON)
    read(json.dumps(document).encode())
