"""Header fields: order and duplicates as they came, names found in any case."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.headers import Headers

FIELDS = (("Set-Cookie", "a=1, 2"), ("Host", "h"), ("set-cookie", "b=2"), ("X", ""))


def test_fields_stay_as_they_came() -> None:
    headers = Headers(FIELDS)
    assert headers.items() == FIELDS
    assert tuple(headers) == FIELDS
    assert len(headers) == 4


def test_a_name_is_found_in_any_case() -> None:
    headers = Headers(FIELDS)
    assert headers.get("HOST") == "h"
    assert headers["hOsT"] == "h"
    assert "host" in headers
    assert headers.get("Missing") is None
    assert headers.get("Missing", "default") == "default"
    assert "missing" not in headers
    assert 1 not in headers
    with pytest.raises(KeyError):
        headers["Missing"]


def test_an_empty_value_is_present() -> None:
    assert Headers(FIELDS).get("x", "default") == ""


def test_duplicates_are_never_joined() -> None:
    headers = Headers(FIELDS)
    assert headers.get("set-cookie") == "a=1, 2"
    assert headers.get_all("set-cookie") == ["a=1, 2", "b=2"]
    assert headers.get_all("missing") == []


def test_the_list_of_values_is_the_callers_own() -> None:
    headers = Headers(FIELDS)
    headers.get_all("set-cookie").clear()
    assert headers.get_all("set-cookie") == ["a=1, 2", "b=2"]


@pytest.mark.parametrize(
    ("lines", "tokens"),
    [
        ([], []),
        ([""], []),
        ([" , ,\t"], []),
        (["gzip"], ["gzip"]),
        (["GZip,\tbr ,"], ["gzip", "br"]),
        (["gzip", "chunked, x"], ["gzip", "chunked", "x"]),
    ],
)
def test_tokens_are_the_members_of_all_lines(lines: list[str], tokens: list[str]) -> None:
    headers = Headers([("Transfer-Encoding", line) for line in lines])
    assert headers.tokens("transfer-encoding") == tokens


def test_a_field_is_set_in_the_place_of_the_first_of_its_name() -> None:
    changed = Headers(FIELDS).with_field("SET-COOKIE", "c=3")
    assert changed.items() == (("SET-COOKIE", "c=3"), ("Host", "h"), ("X", ""))


def test_a_new_field_is_set_at_the_end() -> None:
    assert Headers(FIELDS).with_field("New", "v").items() == (*FIELDS, ("New", "v"))


def test_fields_are_taken_out_by_name_in_any_case() -> None:
    assert Headers(FIELDS).without("SET-cookie", "missing").items() == (("Host", "h"), ("X", ""))


def test_a_change_leaves_the_original_alone() -> None:
    headers = Headers(FIELDS)
    headers.with_field("Host", "other")
    headers.without("Host")
    assert headers == Headers(FIELDS)
    assert hash(headers) == hash(Headers(FIELDS))
    assert headers != Headers(reversed(FIELDS))
    assert headers != FIELDS


def test_values_are_not_in_the_repr() -> None:
    assert repr(Headers([("Authorization", "Bearer hunter2"), ("A", "b")])) == "Headers(Authorization, A)"


_fields = st.lists(st.tuples(st.sampled_from(["A", "a", "B", "b-c", "B-C"]), st.text(max_size=5)), max_size=8)


@given(_fields, st.sampled_from(["a", "B-c", "new"]), st.text(max_size=5))
@settings(max_examples=200, deadline=None)
def test_after_setting_a_field_it_has_that_one_value_and_others_are_untouched(
    fields: list[tuple[str, str]], name: str, value: str
) -> None:
    changed = Headers(fields).with_field(name, value)
    assert changed.get_all(name) == [value]
    assert changed.without(name) == Headers(fields).without(name)
