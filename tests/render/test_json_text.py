"""JSON laid out anew: the layout changes and nothing else."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.render.colour import painter
from reqcli.render.escape import escape_json
from reqcli.render.json_text import (
    compact,
    dump,
    dump_object,
    in_one_line,
    indented,
    is_json,
    is_portable,
    painted,
    sorted_members,
    with_strings,
)

PLAIN = painter(colour=False)
NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
SCALARS = st.one_of(NUMBERS, st.sampled_from(["true", "false", "null"]), st.text().map(json.dumps),
                    st.text().map(lambda text: json.dumps(text, ensure_ascii=False)))  # fmt: skip
BLANKS = st.text(" \t\r\n", max_size=2)


def _containers(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(['"a"', '"b"', '"\\u00e9"', '"{"', '""'])
    members = st.tuples(BLANKS, names, BLANKS, values).map(lambda parts: "{}{}{}:{}".format(*parts))
    return st.one_of(
        st.tuples(BLANKS, st.lists(values, max_size=4)).map(
            lambda parts: f"[{parts[0]}{','.join(parts[1])}{parts[0]}]"
        ),
        st.tuples(BLANKS, st.lists(members, max_size=4)).map(lambda parts: "{" + ",".join(parts[1]) + parts[0] + "}"),
    )


DOCUMENTS = st.recursive(SCALARS, _containers, max_leaves=12)


def exact(text: str) -> object:
    """What a document says, numbers as text and repeated names kept."""
    return json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=list)


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS)
def test_a_document_says_the_same_after_it_is_laid_out(text: str) -> None:
    assert exact(indented(text, PLAIN)) == exact(text)
    assert exact(compact(text)) == exact(text)


@settings(max_examples=300, deadline=None)
@given(BLANKS, DOCUMENTS, BLANKS)
def test_no_blank_is_left_between_tokens(before: str, document: str, after: str) -> None:
    text = before + document + after
    assert compact(text) == re.sub(r'("(?:[^"\\]|\\.)*")|[ \t\r\n]+', r"\1", text)


@given(DOCUMENTS)
def test_what_is_one_line_stays_as_it_is_and_what_is_not_becomes_one(document: str) -> None:
    text = document.strip()
    line = in_one_line(text)
    assert not set(line) & set("\n\r\t")
    assert line == (compact(text) if set(text) & set("\n\r\t") else text)


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"{}\[\],:]+|[{}\[\],:]')


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.data())
def test_one_blank_between_two_tokens_is_found_wherever_it_is(document: str, data: st.DataObject) -> None:
    tokens = TOKEN.findall(document)
    place = data.draw(st.integers(0, len(tokens)))
    blank = data.draw(st.sampled_from(" \t\r\n"))
    assert compact("".join([*tokens[:place], blank, *tokens[place:]])) == "".join(tokens)


@pytest.mark.parametrize("leaf", ["[]", "{}", "1", '"]["', '"\\"}"', "{ }"])
@pytest.mark.parametrize("opening", ["[", '{"[": ', '{"\\u005b\\"":'])
@pytest.mark.parametrize("beside", ["", "[]," * 150, '{"a":[[]]},' * 60])
def test_how_deep_a_document_is(opening: str, leaf: str, beside: str) -> None:
    closing = "]" if opening == "[" else "}"

    def nested(depth: int) -> str:
        return f"[{beside}{opening * depth}{leaf}{closing * depth}]"

    most = 99 - (leaf[0] in "[{")
    assert is_portable(nested(most))
    assert not is_portable(nested(most + 1))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS)
def test_colour_adds_nothing_but_colour(text: str) -> None:
    painted = indented(text, painter(colour=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == indented(text, PLAIN)


def test_the_layout() -> None:
    text = '{"a":1.10,"a":[1e400,{ },[\n]],"b" : {"c":-0.0, "d":12345678901234567890.50}}'
    assert indented(text, PLAIN) == (
        '{\n    "a": 1.10,\n    "a": [\n        1e400,\n        {},\n        []\n    ],\n'
        '    "b": {\n        "c": -0.0,\n        "d": 12345678901234567890.50\n    }\n}'
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(r'"\u65e5\u672c"', '"日本"', id="readable"),
        pytest.param(r'"\ud83d\ude00"', '"😀"', id="pair"),
        pytest.param(r'"\u001b[2J\u202e\u009b\u0041"', r'"\u001b[2J\u202e\u009b\u0041"', id="there for a reason"),
        pytest.param(r'"\ud83d"', r'"\ud83d"', id="half a pair"),
        pytest.param(r'"\\u00e9\n\""', r'"\\u00e9\n\""', id="an escaped backslash"),
        pytest.param('"\u202e\x7f\U000e0041"', r'"\u202e\u007f\udb40\udc41"', id="raw but dangerous"),
    ],
)
def test_how_characters_are_shown(text: str, shown: str) -> None:
    assert indented(text, PLAIN) == shown


def test_deep_nesting_does_not_multiply_the_output() -> None:
    depth = 900
    text = "[" * depth + ",".join(["0"] * 1000) + "]" * depth
    assert is_json(text)
    assert len(indented(text, PLAIN)) < 1_500_000


@pytest.mark.parametrize(
    "text",
    ["", "{", "NaN", "[1,]", "{'a':1}", '"\x01"', "01", "[1] [2]", "[" * 100_000],
    ids=["empty", "open", "NaN", "comma", "quotes", "control character", "leading zero", "two values", "too deep"],
)
def test_what_is_no_json(text: str) -> None:
    assert not is_json(text)


@pytest.mark.parametrize(
    ("text", "portable"),
    [
        pytest.param('{"a":[1.10,1e308,"\\ud83d\\ude00"]}', True, id="plain"),
        pytest.param("[1e400]", False, id="float beyond a double"),
        pytest.param("[" + "9" * 400 + "]", False, id="integer beyond a double"),
        pytest.param("9" * 309, False, id="the shortest of those"),
        pytest.param(" " + "9" * 308 + "\n", True, id="the longest integer that surely is a double"),
        pytest.param("1" * 309, True, id="a longer one that is"),
        pytest.param('"\\ud83d"', False, id="half a pair"),
        pytest.param('"\\\\ud83d"', True, id="text that looks like half a pair"),
        pytest.param("[" * 101 + "]" * 101, False, id="101 levels"),
        pytest.param("[" * 100 + "]" * 100, True, id="100 levels"),
    ],
)
def test_what_every_reader_takes(text: str, portable: bool) -> None:
    assert is_json(text)
    assert is_portable(text) is portable


def test_strings_and_nothing_else_can_be_changed() -> None:
    assert with_strings('{"a" : "b", "c":12}', str.upper) == '{"A" : "B", "C":12}'
    assert with_strings('{"1": [12, -1e1, true]}', lambda text: text.replace("1", "x")) == '{"x": ["x2", "-xex", true]}'


def test_values_are_written_as_readable_text_that_acts_on_nothing() -> None:
    assert dump({"é": ["\x1b\u202e", None, 1]}) == '{"é":["\\u001b\\u202e",null,1]}'
    assert json.loads(dump("\udc80").encode()) == "\\udc80"
    assert dump_object([("a", "1.10"), ("b", "[]")]) == '{"a":1.10,"b":[]}'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"b": 1.10, "a": [ {"d":1, "c":2} ]}', '{"a":[{"c":2,"d":1}],"b":1.10}'),
        ('{"b":1,"a":2,"a":1}', '{"a":2,"a":1,"b":1}'),
        ('{"\\u0062":1,"a":{ }}', '{"a":{},"\\u0062":1}'),
        ('[3, 1, "x"]', '[3,1,"x"]'),
        ("1e400", "1e400"),
        ('"x"', '"x"'),
        ("[]", "[]"),
    ],
)
def test_members_are_sorted_and_nothing_else_is(text: str, shown: str) -> None:
    assert sorted_members(text) == shown


def test_what_is_nested_too_deep_is_left_as_it_is() -> None:
    text = "[" * 200 + '{"b":1, "a":2}' + "]" * 200
    assert sorted_members(text) == text


@given(DOCUMENTS)
def test_sorting_keeps_the_meaning(text: str) -> None:
    def read(text: str) -> object:
        # Members of one name keep their order, and those of different names have none.
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: sorted(pairs, key=lambda pair: pair[0]),
            parse_float=str,
            parse_int=str,
        )

    assert read(sorted_members(text)) == read(text)


@given(DOCUMENTS)
def test_painting_changes_nothing(text: str) -> None:
    shown = painted(text, painter(colour=False))
    assert json.loads(shown, parse_float=str, parse_int=str) == json.loads(text, parse_float=str, parse_int=str)
    assert compact(shown) == compact(escape_json(text))


def test_tokens_are_painted_where_they_stand() -> None:
    def paint(kind: str, token: str) -> str:
        return f"<{kind} {token}>"

    assert painted('{"a" : [1,\r"b", null]}', paint) == '{<key "a"> : [<number 1>,\n<string "b">, <literal null>]}'


def test_deep_and_dense_json_does_not_swell_beyond_measure() -> None:
    text = "[" * 99 + "1," * 99_000 + "1" + "]" * 99
    assert indented(text, painter(colour=False)) == text
    assert indented("[" * 99 + "1," * 999 + "1" + "]" * 99, painter(colour=False)).count("\n") > 999
