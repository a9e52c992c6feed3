from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import SessionCorrupt
from reqcli.session.document import dump
from reqcli.session.fields import fields_of, state_of
from reqcli.session.operations import apply
from reqcli.session.schema import new_state
from tests.session.states import operations, states

BASE = new_state("0" * 32, 1.0)


@given(states)
def test_what_is_written_is_read(state: object) -> None:
    fields = fields_of(state, {})  # type: ignore[arg-type]
    assert dump(state_of(fields, "work", location="here")) == dump(state)  # type: ignore[arg-type]


@given(states, st.lists(operations, max_size=5))
def test_what_is_written_over_an_earlier_state_is_read_in_the_jars_order(state: object, ops: list[object]) -> None:
    before = fields_of(state, {})  # type: ignore[arg-type]
    after = apply(state, ops, 1e9)  # type: ignore[arg-type]
    assert state_of(fields_of(after, before), "work", location="here") == after


def test_a_cookie_that_stays_is_not_written_again() -> None:
    def entry(name: str) -> dict[str, object]:
        times = {"expires": None, "created": 1.0}
        flags = {"host_only": True, "secure": False, "http_only": False, "same_site": ""}
        return {"name": name, "value": "v", "domain": "a.example", "path": "/", **flags, **times}

    fields = fields_of(BASE, {}) | {
        f'c["a.example","/","{name}"]': json.dumps([place, entry(name)], separators=(",", ":"))
        for place, name in ((3, "x"), (7, "y"), (9, "z"))
    }
    state = state_of(fields, "work", location="here")
    assert [cookie.name for cookie in state.cookies] == ["x", "y", "z"]
    assert fields_of(state, fields) == fields
    fewer = state.replace(cookies=state.cookies[1:])
    assert fields_of(fewer, fields).items() <= fields.items()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"id": "{"}, "the field 'id' is not JSON"),
        ({"extra": "1"}, "unknown field 'extra'"),
        ({'c["a"]': "1"}, "unknown field"),
        ({'c["a","/","b"]': '["x",{}]'}, "unknown field"),
        ({'c["a","/","b"]': "[1,{}]"}, "is no cookie"),
        ({'h["a"]': "1"}, "unknown field"),
        ({"h[": "1"}, "unknown field"),
        ({"h{]": "1"}, "is not JSON"),
        ({'z["a"]': "1"}, "unknown field"),
        ({'s["timeout"]': '"x"'}, "settings.timeout"),
        ({"version": "99"}, "newer reqcli"),
    ],
)
def test_what_is_not_understood_is_refused(fields: dict[str, str], said: str) -> None:
    with pytest.raises(SessionCorrupt, match=said):
        state_of(fields_of(BASE, {}) | fields, "work", location="here")


@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(['s["timeout"]', 'c["a","/","b"]', "id"]), st.text()))
def test_any_fields_are_a_state_or_refused(fields: dict[str, str]) -> None:
    try:
        state_of(fields_of(BASE, {}) | fields, "work", location="here")
    except SessionCorrupt:
        return
