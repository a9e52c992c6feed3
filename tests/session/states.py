"""Hypothesis strategies for states and operations, as wild as what they are made from allows."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from reqcli.cookies.jar import Jar
from reqcli.model.cookie import Cookie
from reqcli.session.operations import (
    ClearCookies,
    DeleteAuth,
    DeleteHeader,
    DeleteSetting,
    SetAuth,
    SetCookie,
    SetHeader,
    SetSetting,
)
from reqcli.session.policy import Policy
from reqcli.session.rule_operations import ClearValues, DeleteRule, DropValue, SetRule, SetValue
from reqcli.session.rules import parse
from reqcli.session.schema import SessionState, StoredAuth, StoredHeader, StoredValue
from reqcli.session.settings import COUNT, DURATION, PLACE, SETTINGS, TRUST, YES_NO, Kind
from reqcli.session.upkeep import ClearPolicy, DiscardExpired, ExtendPolicy

TOKEN = "!#$%&'*+-.^_`|~09azAZ"
times = st.floats(0, 2e9, allow_nan=False) | st.integers(0, 2**31)
references = st.sampled_from(["env", "file", "command", "keyring"]).flatmap(
    lambda kind: st.fixed_dictionaries({kind: st.text() | st.lists(st.text(), max_size=3)})
)
helds = st.text() | references
origins = st.sampled_from(["*", "https://a.example", "http://[::1]:8080", "https://b.example:8443"]) | st.text()
names = st.text(TOKEN, min_size=1, max_size=8)
headers = st.builds(StoredHeader, names, helds, origins)
auths = st.builds(StoredAuth, st.text(), st.dictionaries(st.text(), helds, max_size=3))
numbers = st.integers(1, 10**6) | st.floats(0.001, 1e6)
kinds: dict[Kind, st.SearchStrategy[Any]] = {
    YES_NO: st.booleans(),
    DURATION: st.integers(1, 10**6) | numbers,
    COUNT: st.integers(0, 1000),
    TRUST: st.booleans() | st.text(min_size=1),
    PLACE: st.sampled_from([{"env": "A"}, {"file": "/a"}, {"command": ["a", "b"]}, {"keyring": {"service": "s"}}]),
}
setting_values: dict[str, st.SearchStrategy[Any]] = {
    setting.name: st.sampled_from(setting.kind.words)
    if setting.kind.words and setting.kind not in kinds
    else kinds.get(setting.kind, st.text(min_size=1))
    for setting in SETTINGS.values()
}
settings = st.sampled_from(sorted(SETTINGS)).flatmap(lambda name: st.tuples(st.just(name), setting_values[name]))
cookies = st.builds(
    Cookie,
    st.text(max_size=8),
    st.text(),
    st.sampled_from(["a.example", "b.example", "sub.a.example", "127.0.0.1"]),
    st.sampled_from(["/", "/a", "/ä"]),
    host_only=st.booleans(),
    secure=st.booleans(),
    http_only=st.booleans(),
    same_site=st.sampled_from(["", "Strict", "Lax", "None"]),
    expires=st.none() | times,
    created=times,
)
policies = st.builds(
    Policy,
    origins=st.lists(st.sampled_from(["https://a.example", "http://[::1]:8080"])),
    methods=st.lists(names),
    paths=st.lists(st.text().map(lambda text: f"/{text}"), max_size=3),
    public_only=st.booleans(),
)
rules = st.sampled_from(
    [
        parse("header:X-Id -> header:X-Id drop=404"),
        parse("cookie:csrftoken -> header:X-CSRFToken methods=unsafe"),
        parse('json:/a b/0 -> header:Authorization="Token {}" ttl=60 once'),
        parse("match:<b>(.+) é</b> -> query:t public"),
    ]
)
values = st.builds(
    StoredValue,
    st.text(),
    issued=times,
    expires=st.none() | times,
    resource=st.text().map(lambda text: f"/{text}"),
)
captures = st.dictionaries(rules, st.dictionaries(origins, values, max_size=2), max_size=3).map(
    lambda found: {
        "rules": {rule.text: rule for rule in found},
        "values": {(rule.text, origin): value for rule, issued in found.items() for origin, value in issued.items()},
    }
)
"""The two fields of a state that belong together."""
plain_states = st.builds(
    SessionState,
    st.text("0123456789abcdef", min_size=32, max_size=32),
    rev=st.integers(0, 2**40),
    created=times,
    updated=times,
    used=times,
    policy=st.none() | policies,
    settings=st.lists(settings, max_size=4).map(dict),
    headers=st.lists(headers, max_size=4).map(lambda found: {header.key: header for header in found}),
    auth=st.dictionaries(origins, auths, max_size=3),
    cookies=st.lists(cookies, max_size=6).map(lambda found: tuple(Jar(found))),
)
states = st.builds(lambda state, fields: state.replace(**fields), plain_states, captures)


few_origins = st.sampled_from(["https://a.example", "https://b.example"])
few_names = st.sampled_from(["X-One", "x-one", "X-Two"])
operations = st.one_of(
    st.builds(SetHeader, st.builds(StoredHeader, few_names, st.sampled_from("abc"), few_origins)),
    st.builds(DeleteHeader, few_origins, few_names),
    st.builds(SetAuth, few_origins, st.builds(StoredAuth, st.just("bearer"), st.just({"token": "t"}))),
    st.builds(DeleteAuth, few_origins),
    settings.map(lambda pair: SetSetting(pair[0], pair[1])),
    st.builds(DeleteSetting, st.sampled_from(sorted(SETTINGS))),
    st.builds(SetCookie, cookies, secure_origin=st.just(True)),
    st.builds(ClearCookies),
    st.builds(SetRule, rules),
    st.builds(DeleteRule, rules),
    st.builds(SetValue, rules, few_origins, values),
    st.builds(DropValue, rules, few_origins, st.text()),
    st.builds(ClearValues),
    st.builds(DiscardExpired),
    st.builds(ExtendPolicy, policies, public_only=st.none() | st.booleans()),
    st.builds(ClearPolicy),
)
"""Operations that often meet on the same key."""
