"""What the interpreter's parts make of JSON is what the package `json` makes of it: values, texts and errors."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reqcli.model import quick_json
from reqcli.model.quick_json import Rules, checker, quoted, reader, writer

PAIRS = Rules(made=lambda pairs: ("object", *pairs), constant=lambda name: ("constant", name))
"""Keeps the order of members, and those that are there twice."""

AS_TYPED = Rules(made=None, constant=lambda name: ("constant", name), number=lambda text: ("number", text))
"""Keeps the text of numbers, and has objects as they usually are."""

MIXED = Rules(made=None, constant=lambda name: ("constant", name), number=lambda text: ("number", text), integer=int)


def refused(text: str) -> None:
    raise ValueError(text)


STRICT = Rules(made=None, constant=refused, number=float)

CHOOSY = Rules(made=dict, constant=lambda name: pytest.fail(f"{name} is there") if name == "NaN" else name)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.text(st.characters(categories=["Cs"]))
    | st.integers(10**300, 10**320)
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)
"""What can be written, but for numbers that are infinite or none."""

blanks = st.text(" \t\n\r", max_size=3)
texts = st.builds(
    lambda before, value, indent, plain, after: before + json.dumps(value, indent=indent, ensure_ascii=plain) + after,
    blanks, values, st.sampled_from([None, 0, 2]), st.booleans(), blanks,
)  # fmt: skip
tokens = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", ",", ":", '"', '"a"', '"b"', "\\", "\\u12", "\\ud800", "1", "-", "0", "01", "1.", "1e5",
         "-0.0", "1E400", "true", "nul", "null", "NaN", "-Infinity", " ", "\n", "\t", "\ufeff", "\x00", "\x1f", "é"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A text that was sound, with some of it cut out or something put in."""
    text: str = draw(texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 3)))
    patch: str = draw(st.sampled_from(["", '"', ",", "}", "]", "\\", "\n", "x", "1", "NaN"]))
    return text[:start] + patch + text[end:]


def outcome(make: Callable[[Any], Any], given: Any) -> str:
    """What came of it: `repr` tells 1 from 1.0 and True, 0.0 from -0.0, and NaN from nothing else."""
    try:
        return repr(make(given))
    except json.JSONDecodeError as error:
        return f"{error} at {error.pos}, {error.lineno}, {error.colno} of {error.doc!r}"
    except (ValueError, TypeError, RecursionError) as error:
        return repr(error)


def whole(rules: Rules) -> Callable[[str], Any]:
    return json.JSONDecoder(
        object_pairs_hook=rules.object_pairs_hook,
        parse_constant=rules.parse_constant,
        parse_int=rules.parse_int,
        parse_float=rules.parse_float,
    ).decode


@given(texts | tokens | damaged())
@example("")
@example(" \t\n\r")
@example("\u00a0{}")
@example("{}\u00a0")
@example("\ufeff{}")
@example('{"a": 1, "a": 2}')
@example("{} {}")
@example("[NaN, Infinity, -Infinity]")
@example("-NaN")
@example("1" * 5000)
@example(f"[{'1' * 5000}]")
@example('"\ud83d\\ude00 \\ud83d\\ude00 \\ud83d"')
@example('"\x1f"')
@example("tru")
@example("[1,")
def test_a_text_is_read_as_the_package_reads_it(text: str) -> None:
    for rules in (PAIRS, AS_TYPED, MIXED):
        assert outcome(reader(rules), text) == outcome(whole(rules), text)


@given(texts | tokens | damaged())
@example("")
@example("NaN")
@example("[1e999]")
@example(f"[{'1' * 5000}]")
def test_a_text_is_found_sound_where_the_package_reads_it(text: str) -> None:
    for rules in (AS_TYPED, MIXED, STRICT):
        try:
            whole(rules)(text)
            sound = True
        except ValueError:
            sound = False
        assert checker(rules)(text) == sound


def test_what_is_nested_too_deeply_is_not_sound() -> None:
    assert not checker(AS_TYPED)("[" * 200_000 + "]" * 200_000)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_what_is_nested_too_deeply_is_refused_alike(opening: str) -> None:
    with pytest.raises(RecursionError):
        reader(PAIRS)(opening * 200_000)


def test_what_the_rules_raise_comes_through() -> None:
    assert reader(CHOOSY)("[Infinity]") == ["Infinity"]
    with pytest.raises(pytest.fail.Exception, match="NaN is there"):
        reader(CHOOSY)(' {"a": [NaN]} x')


@given(values)
@example(math.nan)
@example([{"a": -math.inf}])
@example({1: 2, None: 3, False: 4, 2.5: 6})
@example({("a",): 1})
@example([object])
@example(b"bytes")
@example({"a": {1, 2}})
@example('\x7f\ud800é\U0001f600"\\/')
def test_a_value_is_written_as_the_package_writes_it(value: Any) -> None:
    assert outcome(writer(), value) == outcome(json.JSONEncoder(allow_nan=False).encode, value)
    package = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    assert outcome(writer(compact=True), value) == outcome(package, value)


@given(st.text() | st.text(st.characters(categories=["Cs"])))
def test_a_text_is_quoted_as_the_package_quotes_it(text: str) -> None:
    assert quoted(text) == json.dumps(text, ensure_ascii=False)


def test_one_writer_writes_on_after_a_failure() -> None:
    write = writer()
    inner = [math.nan]
    for _ in range(3):
        with pytest.raises(ValueError, match="Out of range"):
            write([inner])
    inner[0] = 1.5
    assert write([inner]) == "[[1.5]]"


def test_without_such_parts_the_package_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = reader(PAIRS)
    monkeypatch.setattr(quick_json, "parts", None)
    slow = reader(PAIRS)
    assert slow.__func__ is json.JSONDecoder.decode  # type: ignore[attr-defined]
    assert writer().__func__ is json.JSONEncoder.encode  # type: ignore[attr-defined]
    for text in ('{"a": [1, 2.5, NaN], "a": {}}', "[1] 2"):
        assert outcome(slow, text) == outcome(quick, text)
    assert [checker(STRICT)(text) for text in ("[1]", "[NaN]", "[1] 2", "[")] == [True, False, False, False]
    assert writer(compact=True)({"a": ["é", 1]}) == '{"a":["é",1]}'


@pytest.mark.parametrize("text", ["", "{", "x", '{"a": "b', '{"a": "\\e"}', '{"a" 1}', '{"a":1,}', "[1 2]", "[1] 2"])
def test_what_is_no_json_is_told_by_who_has_not_loaded_the_package(text: str) -> None:
    """In Python 3.11 the parser takes the error from the package, and raises none where that is not loaded."""
    code = (
        "import sys\n"
        "from reqcli.model.quick_json import Rules, reader\n"
        "assert 'json' not in sys.modules\n"
        "try:\n"
        "    reader(Rules(dict, str))(sys.argv[1])\n"
        "except ValueError as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=False, timeout=60)
    with pytest.raises(json.JSONDecodeError) as told:
        json.JSONDecoder().decode(text)
    assert (done.stdout, done.stderr) == (f"JSONDecodeError {told.value}\n", "")
