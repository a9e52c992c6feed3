"""Nested names of JSON fields: what HTTPie makes of them, and where a malformed one is pointed at."""

from __future__ import annotations

import json
import re
import sys
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cli.items import body_of, parse_items
from reqcli.cli.nested import MAX_DEPTH, MAX_GAPS, JsonText, Tree, path_of
from reqcli.errors import Usage
from reqcli.render.failure import failure_line


def made(*items: str) -> object:
    """The JSON value that the items make."""
    body = body_of(parse_items(items), lambda path: b"")
    assert body is not None
    return json.loads(body.data)


AS_HTTPIE = (
    ("category=tools search[type]=id search[id]:=1", {"category": "tools", "search": {"type": "id", "id": 1}}),
    (
        "category=tools search[platforms][]=Terminal search[platforms][1]=Desktop search[platforms][]=Web",
        {"category": "tools", "search": {"platforms": ["Terminal", "Desktop", "Web"]}},
    ),
    ("search[keywords][0]=APIs search[keywords][2]=CLI", {"search": {"keywords": ["APIs", None, "CLI"]}}),
    ('a:=["x","y"] a[]=z', {"a": ["x", "y", "z"]}),
    (r"foo\[bar\]:=1 baz[\[]:=2 baz[\]]:=3", {"baz": {"[": 2, "]": 3}, "foo[bar]": 1}),
    (r"a\\\\:=1", {"a\\": 1}),
    (r"b[\\x]:=1", {"b": {"\\x": 1}}),
    (r"object[\1]=text array[1]=place", {"object": {"1": "text"}, "array": [None, "place"]}),
    (r"x[\-1]=text", {"x": {"-1": "text"}}),
    ("[]:=1 []:=2 []:=3", [1, 2, 3]),
    ("[0][type]=a [0][name]=b [1][type]=c", [{"type": "a", "name": "b"}, {"type": "c"}]),
    ("[][k]=v [][k]=w", [{"k": "v"}, {"k": "w"}]),
    ("[2]=x [0]=y", ["y", None, "x"]),
    ("a[][b]=1 a[][b]=2 a[0][c]=3", {"a": [{"b": "1", "c": "3"}, {"b": "2"}]}),
    ("a[0][0][]=x a[0][0][]=y", {"a": [[["x", "y"]]]}),
    ("a[]:=null a[0][b]=filled", {"a": [{"b": "filled"}]}),
    ("a[b]=1 a=2", {"a": "2"}),
    ("a[0]=1 a[0]=2", {"a": ["2"]}),
    ("a[d.e]=1 a[é]=ü", {"a": {"d.e": "1", "é": "ü"}}),
    ("1=x 2[3]=y", {"1": "x", "2": [None, None, None, "y"]}),
    ("a[01]=x", {"a": [None, "x"]}),
    (r"a\b=1 c[\d]=1", {"a\\b": "1", "c": {"\\d": "1"}}),
    ("n[]:=1.5 n[]:=1e3 n[]:=true", {"n": [1.5, 1000.0, True]}),
)
"""Each of these was given to HTTPie 3.2.4, which made the same."""


@pytest.mark.parametrize(("items", "value"), AS_HTTPIE)
def test_nested_names_mean_what_they_mean_to_httpie(items: str, value: object) -> None:
    assert made(*items.split(" ")) == value


def test_what_a_value_of_json_holds_can_be_added_to() -> None:
    """HTTPie loses such additions without a word."""
    assert made('a:={"b":{"c":[1.10]}}', "a[b][c][]:=2", "a[d]=x") == {"a": {"b": {"c": [1.10, 2]}, "d": "x"}}


def test_numbers_and_texts_stay_what_they_are_when_they_are_taken_apart() -> None:
    body = body_of(parse_items(['a:={"n": 1.10, "s": "1.10", "t": true, "z": null}', "a[x]:=2.50"]), lambda path: b"")
    assert body is not None
    assert body.data == b'{"a":{"n":1.10,"s":"1.10","t":true,"z":null,"x":2.50}}'


@pytest.mark.parametrize(
    ("items", "start", "length", "problem"),
    [
        ("a[b=1", 3, 1, "a ] is missing here"),
        ("a[=1", 2, 1, "a ] is missing here"),
        ("a]b=1", 1, 1, "a [ is expected here"),
        ("]=1", 0, 1, "a [ is expected here"),
        ("a[b]c=1", 4, 1, "a [ is expected here"),
        ("[a]=1", 1, 1, "a number or ] is expected here"),
        ("[a=1", 1, 1, "a number or ] is expected here"),
        ("a[[b]]=1", 2, 1, "a ] is missing here"),
        ("a[-10]=1", 2, 3, "the places of an array are counted from 0"),
        ("a=1 a[b]=2", 1, 3, "'a' is a text already, and this needs an object"),
        ("a:=5 a[x]=1", 1, 3, "'a' is a number already, and this needs an object"),
        ("a:=true a[]=1", 1, 2, "'a' is true already, and this needs an array"),
        ("a:=null a[]=1", 1, 2, "'a' is null already, and this needs an array"),
        ('a:={"b":"x"} a[b][]=1', 4, 2, "'a[b]' is a text already, and this needs an array"),
        ('a:={"b":true} a[b][]=1', 4, 2, "'a[b]' is true already, and this needs an array"),
        ("a[0]=1 a[b]=2", 1, 3, "'a' is an array already, and this needs an object"),
        ("a[b]=1 a[0]=2", 1, 3, "'a' is an object already, and this needs an array"),
        ("[0]=1 a=2", 0, 1, "the body is an array already, and this needs an object"),
        ("a=1 [0]=2", 0, 3, "the body is an object already, and this needs an array"),
        ("a[b][]=1 a[b][c][d]=2", 4, 3, "'a[b]' is an array already, and this needs an object"),
    ],
)
def test_an_error_points_at_the_character(items: str, start: int, length: int, problem: str) -> None:
    with pytest.raises(Usage) as caught:
        made(*items.split(" "))
    assert problem in caught.value.message
    name = re.split(":?=", items.split(" ")[-1], maxsplit=1)[0]
    first, word, mark = failure_line(caught.value).split("\n")
    assert f"character {start + 1}: " in first
    assert first.endswith("[usage]")
    assert (word, mark) == (f"  {name}", f"  {' ' * start}{'^' * length}")


@pytest.mark.parametrize(
    "items",
    [
        ["a[999999999]=x"],
        ["[99999999999999999999999999]=x"],
        [f"a[{MAX_GAPS + 1}]=x"],
        [f"a[{MAX_GAPS // 2}][{MAX_GAPS // 2}][{MAX_GAPS // 2}]=x"],
        [f"a{number}[{MAX_GAPS // 10}]=x" for number in range(11)],
    ],
    ids=["far", "farther", "just", "nested", "many"],
)
def test_empty_places_are_bounded(items: list[str]) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Usage, match=f"leaves more than {MAX_GAPS} places of arrays empty"):
            made(*items)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_as_many_empty_places_as_are_allowed() -> None:
    assert made(f"a[{MAX_GAPS}]=x", "a[0]=y") == {"a": ["y", *[None] * (MAX_GAPS - 1), "x"]}


def test_a_name_has_an_end() -> None:
    made("a" + "[b]" * (MAX_DEPTH - 1) + "=x")
    with pytest.raises(Usage, match=f"more than {MAX_DEPTH} levels deep"):
        made("a" + "[b]" * MAX_DEPTH + "=x")


def test_what_is_nested_too_deeply_to_be_written_again_is_refused() -> None:
    deep = "[" * 900 + "]" * 900
    assert body_of(parse_items([f"a:={deep}"]), lambda path: b"")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(500)
    try:
        with pytest.raises(Usage, match="nested too deeply"):
            made(f"a:={deep}", "a[]=x")
    finally:
        sys.setrecursionlimit(limit)


TEXTS = st.text(st.one_of(st.sampled_from("[]\\0-1ab"), st.characters()), min_size=1, max_size=8)


def quoted(text: str) -> str:
    """A text as a name gives it: brackets and backslashes escaped, a number marked as text."""
    return rf"\{text}" if re.fullmatch("-?[0-9]+", text) else re.sub(r"[\[\]\\]", r"\\\g<0>", text)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.one_of(TEXTS, st.none(), st.integers(0, 30)), max_size=5))
def test_any_path_can_be_written(first: str, steps: list[str | int | None]) -> None:
    name = quoted(first) + "".join(
        "[]" if step is None else f"[{step if isinstance(step, int) else quoted(step)}]" for step in steps
    )
    assert [step for step, _, _ in path_of(name)] == [first, *steps]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.text("[]\\01-ab", max_size=10), min_size=1, max_size=4))
def test_any_names_make_json_or_an_error_that_points_into_the_name(names: list[str]) -> None:
    tree = Tree()
    for name in names:
        try:
            tree.put(name, JsonText('"v"'))
        except Usage as error:
            pointer = error.details["pointer"]
            assert isinstance(pointer, dict)
            assert pointer["text"] == name
            assert 0 <= pointer["start"] < pointer["end"] <= len(name) + 1
            return
    json.loads(tree.text())


@pytest.mark.parametrize("item", ["a[b]=x y", "a[=x y", r"a\[b=x y"])
def test_a_form_takes_brackets_as_they_are(item: str) -> None:
    body = body_of(parse_items([item]), lambda path: b"", as_form=True)
    assert body is not None
    name = item.partition("=")[0]
    expected = "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in name)
    assert body.data.decode() == f"{expected}=x+y"
