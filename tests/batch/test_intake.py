"""Lines are at hand as soon as they are there, and reading ahead has an end."""

from __future__ import annotations

import os
from io import BytesIO
from threading import Event

import pytest

from reqcli.batch.intake import MOST_BYTES, MOST_LINES, Intake
from reqcli.batch.source import Source
from reqcli.errors import InputFailed


class Woken:
    """Something that waits for news."""

    def __init__(self) -> None:
        self.news = Event()

    def until(self, intake: Intake, *, empty: bool) -> None:
        """Wait until the intake has a line, or has come to its end."""
        while intake.is_empty is not empty and not intake.is_over:
            assert self.news.wait(20), "nobody called"
            self.news.clear()


def taken(intake: Intake, woken: Woken) -> list[tuple[int, bytes, int]]:
    """Every line to the end, waiting only when there is none."""
    lines = []
    while not intake.is_over:
        text = intake.take()
        if text is None:
            woken.until(intake, empty=False)
        else:
            lines.append(text)
    return lines


@pytest.mark.parametrize("size", [1, 100, MOST_BYTES // 3, MOST_BYTES * 2])
def test_every_line_comes_once_in_order_with_its_number_and_where_it_ends(size: int) -> None:
    number = min(20 * MOST_LINES, 40_000_000 // size)
    texts = [b"%d" % line + b"x" * size for line in range(1, number + 1)]
    woken = Woken()
    intake = Intake(Source(BytesIO(b"\n".join(texts)), "here"), woken.news.set)
    intake.start()
    lines = taken(intake, woken)
    assert [text for _, text, _ in lines] == texts
    assert [line for line, _, _ in lines] == [*range(1, number + 1)]
    position = 0
    for line, text, end in lines:
        position += len(text) + (line < number)
        assert end == position
    assert intake.failure is None


@pytest.mark.parametrize(("line", "most"), [(b"x\n", MOST_LINES), (b"y" * (MOST_BYTES // 4) + b"\n", 4)])
def test_so_much_is_read_ahead_and_no_more(line: bytes, most: int) -> None:
    source = Source(BytesIO(line * (3 * MOST_LINES)), "here")
    woken = Woken()
    intake = Intake(source, woken.news.set)
    intake.start()
    while not intake._is_full:
        pass
    assert source.number == most
    taken(intake, woken)
    assert source.number == 3 * MOST_LINES


def test_a_line_is_there_before_the_next_is_written() -> None:
    reading, writing = os.pipe()
    woken = Woken()
    with os.fdopen(reading, "rb") as stream:
        intake = Intake(Source(stream, "a pipe"), woken.news.set)
        intake.start()
        for number in range(1, 6):
            os.write(writing, b"line %d\n" % number)
            woken.until(intake, empty=False)
            text = intake.take()
            assert text is not None
            assert text[:2] == (number, b"line %d" % number)
            assert intake.take() is None
            assert not intake.is_over
        os.close(writing)
        woken.until(intake, empty=False)
        assert intake.is_over


def test_what_ends_the_reading_is_kept_and_what_came_before_it_too() -> None:
    woken = Woken()
    stream = BytesIO(b"one\ntwo\n" + b"x" * 100)
    intake = Intake(Source(stream, "here", longest=10), woken.news.set)
    intake.start()
    assert [text for _, text, _ in taken(intake, woken)][:2] == [b"one", b"two"]
    assert isinstance(intake.failure, InputFailed)
