"""Values out of a JSON text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import OutputFailed, Usage
from reqcli.render.pointer import check_pointer, document, select

TEXT = '{"a":{"b":[1.10,"two",null,{"c/d":{"m~n":1e400}}]},"":0,"é":"\\u00e9\\n","n":12345678901234567890123,"t":true}'


@pytest.mark.parametrize(
    ("pointer", "text", "is_text"),
    [
        ("/a/b/0", "1.10", False),
        ("/a/b/1", "two", True),
        ("/a/b/2", "null", False),
        ("/a/b/3/c~1d/m~0n", "1e400", False),
        ("/", "0", False),
        ("/é", "é\n", True),
        ("/n", "12345678901234567890123", False),
        ("/t", "true", False),
        ("/a/b", '[1.10,"two",null,{"c/d":{"m~n":1e400}}]', False),
    ],
)
def test_what_a_pointer_leads_to(pointer: str, text: str, is_text: bool) -> None:
    found = select(document(TEXT), pointer)
    assert (found.text, found.is_text) == (text, is_text)


def test_what_is_nested_too_deep_is_no_bug() -> None:
    whole = document("[" * 900 + "]" * 900)
    with pytest.raises(OutputFailed, match="too deep"):
        select(whole, "/0")


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        ("/x", "'/x' finds nothing: the body is an object with 'a', '', 'é', 'n', 't'"),
        ("/a/x/y", "'/a/x/y' finds nothing: '/a' is an object with 'b'"),
        ("/a/b/4", "'/a/b' is an array of 4 elements"),
        ("/a/b/-", "'/a/b' is an array of 4 elements"),
        ("/a/b/00", "'/a/b' is an array of 4 elements"),
        ("/a/b/0/x", "'/a/b/0' is a number"),
        ("/a/b/1/x", "'/a/b/1' is a string"),
        ("/a/b/2/x", "'/a/b/2' is null"),
        ("/t/x", "'/t' is true"),
        ("/a/b/" + "9" * 5000, "'/a/b' is an array"),
    ],
)
def test_a_pointer_that_leads_nowhere_names_the_nearest_part(pointer: str, message: str) -> None:
    with pytest.raises(OutputFailed) as caught:
        select(document(TEXT), pointer)
    assert message in caught.value.message


def test_an_object_of_many_names_is_not_listed_whole() -> None:
    with pytest.raises(OutputFailed, match="and 92 more"):
        select(document(json.dumps(dict.fromkeys(map(str, range(100))))), "/x")


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_body_that_is_empty_is_told(text: str) -> None:
    """As after a 204: that it is no JSON either would be beside the point."""
    with pytest.raises(OutputFailed, match="finds nothing: the body is empty"):
        document(text)


@pytest.mark.parametrize("text", ["{", "<html>", '{"a":1}x', "[" * 100_000])
def test_a_body_that_is_no_json_is_told(text: str) -> None:
    with pytest.raises(OutputFailed, match="is not JSON"):
        document(text)


@pytest.mark.parametrize(("pointer", "hint"), [("a", "did you mean '/a'"), ("/~", "~0"), ("/a~", "~1"), ("/~2", "~0")])
def test_what_is_no_pointer_is_refused(pointer: str, hint: str) -> None:
    with pytest.raises(Usage) as caught:
        check_pointer(pointer)
    assert hint in f"{caught.value.message} {caught.value.hint}"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_every_value_is_found_under_its_own_pointer(whole: Any) -> None:
    text = json.dumps(whole, ensure_ascii=False)

    def walk(value: Any, pointer: str) -> None:
        check_pointer(pointer)
        found = select(document(text), pointer)
        assert found.is_text is isinstance(value, str)
        assert (found.text if found.is_text else json.loads(found.text)) == value
        for name, inner in value.items() if isinstance(value, dict) else ():
            walk(inner, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
        for index, inner in enumerate(value) if isinstance(value, list) else ():
            walk(inner, f"{pointer}/{index}")

    walk(whole, "")
