"""Events and lines, each shown as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.errors import BodyIncomplete
from reqcli.render.lines import events_text, lines_text
from reqcli.render.look import LARGEST_LAID_OUT, Look

LAYOUT = Look(layout=True)


def events(*texts: str, look: Look = LAYOUT) -> list[str]:
    return list(events_text(iter(texts), look))


def lines(*texts: str, look: Look = LAYOUT) -> list[str]:
    return list(lines_text(iter(texts), look))


def test_an_event_is_shown_when_it_ends() -> None:
    asked: list[int] = []

    def texts() -> Iterator[str]:
        for number, text in enumerate(["event: a\ndata: 1", "\n\ndata: {", '"x":1}\n', "\n"]):
            asked.append(number)
            yield text

    shown = events_text(texts(), LAYOUT)
    assert next(shown) == "event: a\ndata: 1\n\n"
    assert asked == [0, 1]
    assert next(shown) == 'data: {\n    "x": 1\n}\n\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('data: {"a":1}\n\n', 'data: {\n    "a": 1\n}\n\n'),
        ('data:{"a":\ndata: 1}\nid: 3\n\n', 'data: {\n    "a": 1\n}\nid: 3\n\n'),
        ('id: 3\r\ndata: ["a"]\r\n\r\n', 'id: 3\ndata: [\n    "a"\n]\n\n'),
        ("data: 1\n\n", "data: 1\n\n"),
        ("data: one\ndata: two\n\n", "data: one\ndata: two\n\n"),
        ("data: {no\n\n", "data: {no\n\n"),
        (": keep-alive\n\n", ": keep-alive\n\n"),
        ("data\n\n", "data\n\n"),
        ("retry:100\n\n", "retry:100\n\n"),
        ("data: \x1b[2J\n\n", "data: \\x1b[2J\n\n"),
        ("data: cut", "data: cut\n"),
        ("a: 1\rb: 2\r\rc: 3\r", "a: 1\nb: 2\n\nc: 3\n"),
    ],
)
def test_events(text: str, shown: str) -> None:
    assert "".join(events(text)) == shown


def test_events_are_not_laid_out_unless_asked() -> None:
    text = 'data: {"a":1}\n\n'
    assert events(text, look=Look()) == ['data: {"a":1}\n', "\n"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":1}\n[2]\n', '{\n    "a": 1\n}\n[\n    2\n]\n'),
        ("no json\n\n3\r\n", "no json\n\n3\n"),
        ('\x1e{"a":1}\n', '{\n    "a": 1\n}\n'),
        ("\x1b[2J\n", "\\x1b[2J\n"),
        ("cut", "cut"),
    ],
)
def test_lines(text: str, shown: str) -> None:
    assert "".join(lines(text)) == shown


@given(st.text('{}[]":1, \n\r', max_size=30).flatmap(lambda text: st.tuples(st.just(text), st.integers(0, len(text)))))
def test_it_makes_no_difference_where_the_pieces_are_cut(cut: tuple[str, int]) -> None:
    text, place = cut
    assert "".join(lines(text[:place], text[place:])) == "".join(lines(text))
    assert "".join(events(f"data: {text}"[: place + 6], text[place:])) == "".join(events(f"data: {text}"))


def test_a_line_that_comes_in_many_pieces_takes_no_longer_than_one_that_comes_at_once() -> None:
    began = time.process_time()
    assert "".join(lines(*["xxxxxxxx"] * 100_000)) == "x" * 800_000
    assert "".join(events(*["xxxxxxxx"] * 100_000)) == "x" * 800_000 + "\n"
    assert time.process_time() - began < 10  # minutes, if each piece has all before it looked through again


def test_what_came_before_a_break_is_shown() -> None:
    def texts() -> Iterator[str]:
        yield 'data: {"a":1}\n'
        raise BodyIncomplete("cut")

    shown = events_text(texts(), LAYOUT)
    assert next(shown) == 'data: {"a":1}\n'
    with pytest.raises(BodyIncomplete):
        next(shown)


def test_an_endless_line_is_not_held_for_ever() -> None:
    def texts() -> Iterator[str]:
        while True:
            yield "x" * (LARGEST_LAID_OUT // 2)

    assert len(next(lines_text(texts(), LAYOUT))) > LARGEST_LAID_OUT
    assert next(events_text(texts(), LAYOUT)).startswith("xx")
