from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cookies.jar import Jar
from reqcli.errors import SessionCorrupt
from reqcli.model.cookie import Cookie
from reqcli.model.url import Url
from reqcli.session.document import MAX_DOCUMENT, dump, load, slimmed
from reqcli.session.policy import Policy
from reqcli.session.rules import parse
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, StoredValue, new_state
from tests.session.states import states

ID = "0123456789abcdef" * 2
SECRET = "hunter2"
RULE = "header:X-Id -> header:X-Id drop=404"


def example() -> SessionState:
    one = StoredHeader("X-Key", SECRET, "https://a.example")
    team = StoredHeader("X-Team", "blue", "*")
    return SessionState(
        ID,
        rev=3,
        created=1000.5,
        updated=2000,
        used=2500,
        policy=Policy(origins=["https://a.example"], methods=["POST", "GET"], public_only=True),
        settings={"follow": True, "base_url": "https://a.example"},
        headers={one.key: one, team.key: team},
        auth={"https://a.example": StoredAuth("basic", {"user": "me", "password": {"env": "PW"}})},
        cookies=(Cookie("sid", SECRET, "a.example", "/p", secure=True, same_site="Lax", expires=9e9, created=1000.5),),
        rules={RULE: parse(RULE), "cookie:t -> header:X-T": parse("cookie:t -> header:X-T")},
        values={(RULE, "https://a.example"): StoredValue(SECRET, issued=1500, resource="/sessions/1")},
    )


EXAMPLE = """\
{
  "version": 1,
  "id": "0123456789abcdef0123456789abcdef",
  "rev": 3,
  "created": 1000.5,
  "updated": 2000,
  "used": 2500,
  "settings": {
    "base_url": "https://a.example",
    "follow": true
  },
  "policy": {
    "origins": ["https://a.example"],
    "methods": ["GET", "POST"],
    "paths": [],
    "public_only": true
  },
  "headers": {
    "*": {"X-Team": "blue"},
    "https://a.example": {"X-Key": "hunter2"}
  },
  "auth": {
    "https://a.example": {"scheme": "basic", "params": {"password": {"env": "PW"}, "user": "me"}}
  },
  "captures": {
    "cookie:t -> header:X-T": {},
    "header:X-Id -> header:X-Id drop=404": {\
"https://a.example": {"value": "hunter2", "issued": 1500, "expires": null, "resource": "/sessions/1"}}
  },
  "cookies": [
    {"name": "sid", "value": "hunter2", "domain": "a.example", "path": "/p", \
"host_only": true, "secure": true, "http_only": false, "same_site": "Lax", "expires": 9000000000.0, "created": 1000.5}
  ]
}
"""


def changed(**fields: Any) -> bytes:
    """The example's document with fields set, or taken out by `...`."""
    document = json.loads(EXAMPLE)
    for name, value in fields.items():
        if value is ...:
            del document[name]
        else:
            document[name] = value
    return json.dumps(document).encode()


def policy(**fields: Any) -> bytes:
    return changed(policy={**json.loads(EXAMPLE)["policy"], **fields})


def captured(**fields: Any) -> bytes:
    value = json.loads(EXAMPLE)["captures"][RULE]["https://a.example"]
    return changed(captures={RULE: {"https://a.example": {**value, **fields}}})


def cookie(**fields: Any) -> list[dict[str, Any]]:
    entry = json.loads(EXAMPLE)["cookies"][0]
    for name, value in fields.items():
        if value is ...:
            del entry[name]
        else:
            entry[name] = value
    return [entry]


def test_a_document_is_readable_and_its_order_never_changes() -> None:
    assert dump(example()).decode() == EXAMPLE


def test_what_was_written_is_read_back() -> None:
    assert load(EXAMPLE.encode(), "work") == example()


@given(states)
@settings(max_examples=200, deadline=None)
def test_every_state_survives_the_way_through_its_document(state: SessionState) -> None:
    data = dump(state)
    again = load(data, "work")
    assert again == state
    assert dump(again) == data


@given(
    st.binary() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(repr).map(str.encode)
)
@settings(max_examples=200, deadline=None)
def test_foreign_bytes_are_refused_and_never_crash(data: bytes) -> None:
    """CVE-2026-34993: a jar was loaded by what executes; this is read as JSON, and checked."""
    with pytest.raises(SessionCorrupt):
        load(data, "work")


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_document_is_refused_or_means_what_it_says(data: st.DataObject) -> None:
    raw = bytearray(EXAMPLE.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    del raw[at : at + data.draw(st.integers(0, 40))]
    raw[at:at] = data.draw(st.binary(max_size=4) | st.sampled_from([b"1e999", b"[" * 5000, b'"id":"",', b"null"]))
    message = ""
    try:
        state = load(bytes(raw), "work")
    except SessionCorrupt as error:
        message = error.message
    else:
        assert load(dump(state), "work") == state
    assert SECRET not in message


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param(b"", "line 1, column 1", id="empty"),
        pytest.param(b'{"version": 1', "line 1, column 14", id="cut short"),
        pytest.param(b"\xff\xfe{}", "byte 0 is not UTF-8", id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + EXAMPLE.encode(), "line 1, column 1", id="byte order mark"),
        pytest.param(EXAMPLE.encode() + b"{}", "line 33, column 1", id="a second document"),
        pytest.param(b"[]", "not a JSON object", id="an array"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="nested without end"),
        pytest.param(b'{"version": 1, "version": 1}', "'version' stands twice", id="duplicate key"),
        pytest.param(changed(rev=float("nan")), "NaN", id="NaN"),
        pytest.param(changed(created=float("inf")), "Infinity", id="Infinity"),
        pytest.param(EXAMPLE.encode().replace(b"1000.5", b"1e999"), "created is not a time", id="a number without end"),
        pytest.param(EXAMPLE.encode().replace(b"1000.5", b"9" * 5000), "too many digits", id="5000 digits"),
        pytest.param(b" " * (MAX_DOCUMENT + 1), "longer than 4194304 bytes", id="too long"),
        pytest.param(changed(version=...), "version", id="no version"),
        pytest.param(changed(version=2), "newer reqcli", id="newer"),
        pytest.param(changed(id=...), "id is missing", id="a field is missing"),
        pytest.param(changed(extra=1), "unknown field 'extra'", id="an unknown field"),
        pytest.param(changed(id="xyz"), "id is not", id="id too short"),
        pytest.param(changed(id="g" * 32), "id is not", id="id not hexadecimal"),
        pytest.param(changed(id=["a"] * 32), "id is not", id="id a list"),
        pytest.param(changed(rev="3"), "rev", id="rev a string"),
        pytest.param(changed(rev=True), "rev", id="rev a boolean"),
        pytest.param(changed(rev=-1), "rev", id="rev negative"),
        pytest.param(changed(updated="now"), "updated", id="updated a string"),
        pytest.param(changed(used="now"), "used", id="used a string"),
        pytest.param(changed(policy=[]), "policy is not an object", id="policy a list"),
        pytest.param(changed(policy={}), "policy does not have exactly", id="policy without its fields"),
        pytest.param(policy(public_only=1), "policy does not have exactly", id="policy: public_only a number"),
        pytest.param(policy(origins="https://a.example"), "policy.origins", id="policy: origins a string"),
        pytest.param(policy(origins=["https://A.example/x"]), "policy.origins", id="policy: an origin never matched"),
        pytest.param(policy(origins=["a"]), "policy.origins", id="policy: no origin"),
        pytest.param(policy(methods=["G T"]), "policy.methods", id="policy: no method"),
        pytest.param(policy(paths=["a"]), "policy.paths", id="policy: relative path"),
        pytest.param(changed(settings=[]), "settings is not an object", id="settings a list"),
        pytest.param(changed(settings={"colour": 1}), "'colour'", id="unknown setting"),
        pytest.param(changed(settings={"timeout": SECRET}), "settings.timeout", id="setting of a wrong kind"),
        pytest.param(changed(headers={"*": SECRET}), "headers.'*' is not an object", id="headers of an origin"),
        pytest.param(changed(headers={"*": {"a b": SECRET}}), "headers.'*'.'a b'", id="header name"),
        pytest.param(changed(headers={"*": {"A": 1}}), "headers.'*'.'A' is neither", id="header value"),
        pytest.param(changed(headers={"*": {"A": {}}}), "headers.'*'.'A' is neither", id="empty reference"),
        pytest.param(
            changed(headers={"*": {"A": {"a": [[[[[1]]]]]}}}), "headers.'*'.'A' is neither", id="deep reference"
        ),
        pytest.param(changed(headers={"*": {"A": "1", "a": "2"}}), "letter cases", id="header twice"),
        pytest.param(changed(auth={"o": {"scheme": "basic"}}), "auth.'o'", id="no params"),
        pytest.param(changed(auth={"o": {"scheme": 1, "params": {}}}), "auth.'o'", id="scheme a number"),
        pytest.param(changed(auth={"o": {"scheme": "x", "params": {"k": 1}}}), "auth.'o'.params.'k'", id="param"),
        pytest.param(changed(captures=[]), "captures is not an object", id="captures a list"),
        pytest.param(changed(captures={"X -> Y": {}}), "captures has 'X -> Y', which is no rule", id="no rule"),
        pytest.param(changed(captures={f"{RULE} on=2xx": {}}), "not written as rules are", id="rule in other words"),
        pytest.param(changed(captures={RULE: SECRET}), "drop=404' is not an object", id="values of a rule"),
        pytest.param(changed(captures={RULE: {"o": SECRET}}), "'o' does not have exactly", id="captured value"),
        pytest.param(captured(more=1), "does not have exactly", id="captured value with an unknown field"),
        pytest.param(captured(value=1), "value is not of the kind", id="captured value a number"),
        pytest.param(captured(issued=1e300), "issued is not a time", id="captured value: far time"),
        pytest.param(captured(expires=1e300), "expires is not a time", id="captured value: far expiry"),
        pytest.param(captured(resource="x"), "resource is no absolute path", id="captured value: resource"),
        pytest.param(changed(cookies={}), "cookies is not a list", id="cookies an object"),
        pytest.param(changed(cookies=[1]), "cookies[0]", id="cookie a number"),
        pytest.param(changed(cookies=cookie(host_only=...)), "cookies[0]", id="host_only left out"),
        pytest.param(
            changed(cookies=cookie(host_only=1)), "cookies[0] is no cookie: host_only", id="host_only a number"
        ),
        pytest.param(changed(cookies=cookie(extra=1)), "cookies[0]", id="cookie with an unknown field"),
        pytest.param(changed(cookies=cookie(value=None)), "cookies[0] is no cookie: value", id="cookie value"),
        pytest.param(changed(cookies=cookie(path="p")), "cookies[0]", id="relative path"),
        pytest.param(changed(cookies=cookie(domain="")), "cookies[0]", id="no domain"),
        pytest.param(changed(cookies=cookie(expires=1e300)), "cookies[0] is no cookie: expires", id="far expiry"),
        pytest.param(changed(cookies=cookie() + cookie(value="2")), "twice", id="cookie twice"),
    ],
)
def test_what_is_no_session_is_refused_naming_the_place(data: bytes, place: str) -> None:
    with pytest.raises(SessionCorrupt) as caught:
        load(data, "work", location="/home/me/work.json")
    error = caught.value
    assert "session work" in error.message
    assert place in error.message
    assert SECRET not in f"{error.message} {error.hint}"
    assert "upgrade" in str(error.hint) if place == "newer reqcli" else "/home/me/work.json" in str(error.hint)


def in_another_order(value: Any, order: Random) -> str:
    """The same JSON as text, laid out otherwise and with the members of its objects shuffled."""
    if isinstance(value, dict):
        pairs = [f"{json.dumps(name)} :{in_another_order(inner, order)}" for name, inner in value.items()]
        order.shuffle(pairs)
        return "{" + " , ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(in_another_order(item, order) for item in value) + "]"
    return json.dumps(value)


@given(states, st.randoms(use_true_random=False))
def test_whoever_lays_a_document_out_otherwise_means_the_same(state: SessionState, order: Random) -> None:
    text = in_another_order(json.loads(dump(state)), order)
    found = load(text.encode(), "work")
    assert found.replace(rules={}) == state.replace(rules={})
    assert found.rules.keys() == state.rules.keys()


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value that has members."""
    if isinstance(value, dict) and value:
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


MARK = "stands here twice"


@given(states, st.data())
def test_a_key_that_stands_twice_anywhere_is_refused(state: SessionState, data: st.DataObject) -> None:
    document = json.loads(dump(state))
    place = data.draw(st.sampled_from(list(objects(document))))
    name = data.draw(st.sampled_from(list(place)))
    again = [*place.items(), (MARK, place[name])] if data.draw(st.booleans()) else [(MARK, 1), *place.items()]
    place.clear()
    place.update(again)
    text = json.dumps(document).replace(json.dumps(MARK), json.dumps(name))
    with pytest.raises(SessionCorrupt):
        load(text.encode(), "work")


@pytest.mark.parametrize("depth", [100, 300, 450, 600, 900, 2000, 100_000])
@pytest.mark.parametrize("place", ["settings", "headers", "cookies"])
def test_however_deep_it_is_nested_that_is_no_traceback(place: str, depth: int) -> None:
    member = f'"{place}": '
    deep = '{"a":' * depth + "1" + "}" * depth
    data = EXAMPLE.replace(member, f'{member}{deep}, "left": ').encode()
    with pytest.raises(SessionCorrupt):
        load(data, "work")


def test_a_host_only_cookie_stays_one() -> None:
    """CVE-2026-54279: the flag was lost on the way through the file, and subdomains got the cookie."""
    state = new_state(ID, 1.0).replace(
        cookies=(Cookie("own", "1", "a.example"), Cookie("all", "2", "a.example", host_only=False))
    )
    jar = Jar(load(dump(state), "work").cookies)
    assert jar.header(Url.parse("https://a.example/"), 1.0) == "own=1; all=2"
    assert jar.header(Url.parse("https://sub.a.example/"), 1.0) == "all=2"


def test_no_byte_that_a_server_chose_reaches_a_terminal_raw() -> None:
    state = new_state(ID, 1.0).replace(cookies=(Cookie("n", "\x9b31m\u202eé", "a.example"),))
    assert dump(state).isascii()
    assert load(dump(state), "work") == state


def test_an_argument_that_was_no_text_survives() -> None:
    odd = b"\xff".decode(errors="surrogateescape")
    header = StoredHeader("X", odd, "*")
    state = new_state(ID, 1.0).replace(headers={header.key: header})
    assert load(dump(state), "work") == state


def test_when_a_document_is_too_long_the_flood_goes_and_the_rest_stays() -> None:
    flood = [Cookie(f"f{i}", "\xff" * 4000, "flood.example", created=float(i)) for i in range(180)]
    small = [Cookie(f"s{i}", "v", f"{i}.example", created=0.0) for i in range(100)]
    state = new_state(ID, 1.0).replace(cookies=(*small, *flood))
    assert len(dump(state)) > MAX_DOCUMENT
    after = slimmed(state)
    assert len(dump(after)) < MAX_DOCUMENT * 3 // 4
    assert set(small) < set(after.cookies)
    assert [kept for kept in after.cookies if kept.domain == "flood.example"] == flood[-(len(after.cookies) - 100) :]
