"""Bodies that come in parts, each laid out and shown as soon as it is there: lines of JSON, and server-sent events.

An event (WHATWG HTML §9.2.6) is lines up to an empty one. Its `data` lines together are one text; if that is JSON it
is laid out in their place, and everything else stays as it was sent.
"""

from __future__ import annotations

import re

from reqcli.errors import ReqcliError
from reqcli.render.colour import painter
from reqcli.render.escape import escape_line, escape_text
from reqcli.render.look import LARGEST_LAID_OUT, document_layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from reqcli.render.colour import Paint
    from reqcli.render.look import Look

_line_end: Final = re.compile(r"\r\n|\n|\r(?!\Z)")
"""The ends of a line of events; a CR at the very end may be half of one."""

_RECORD_SEPARATOR: Final = "\x1e"
"""Stands before each text of a JSON sequence (RFC 7464)."""


def lines_text(texts: Iterator[str], look: Look) -> Iterator[str]:
    """Line by line, those that are JSON laid out.

    Args:
        texts: pieces of the body.
        look: how to show it.

    Raises:
        ReqcliError: the body broke; what came of it was given before.
    """
    lay = document_layout("json", look)
    for line in _lines(texts, re.compile(r"\n")):
        bare = line.strip(f" \t\r\n{_RECORD_SEPARATOR}")
        laid_out = lay(bare) if lay is not None and bare else None
        yield escape_text(line) if laid_out is None else f"{laid_out}\n"


def events_text(texts: Iterator[str], look: Look) -> Iterator[str]:
    """Event by event, JSON among their data laid out; line by line where nothing is to be done about them.

    Args:
        texts: pieces of the body.
        look: how to show it.

    Raises:
        ReqcliError: the body broke; what came of it was given before.
    """
    lay = document_layout("json", look)
    paint = painter(colour=look.colour)
    event: list[str] = []
    size = 0
    try:
        for line in _lines(texts, _line_end):
            bare = line.rstrip("\r\n")
            event.append(bare)
            size += len(bare)
            if not bare or lay is None or size > LARGEST_LAID_OUT:
                yield _event(event, lay, paint)
                event, size = [], 0
    except (ReqcliError, KeyboardInterrupt):
        if event:
            yield _event(event, None, paint)
        raise
    if event:
        yield _event(event, lay, paint)


def _event(lines: list[str], lay: Callable[[str], str | None] | None, paint: Paint) -> str:
    """The lines of an event, its data laid out if they are an object or array."""
    data = "\n".join(_value(line) for line in lines if _name(line) == "data")
    laid_out = lay(data) if lay is not None and data.lstrip()[:1] in ("{", "[") else None
    shown: list[str] = []
    is_done = False
    for line in lines:
        name = _name(line)
        if name == "data" and laid_out is not None:
            if not is_done:
                shown.append(f"{paint('name', 'data')}: {laid_out}\n")
            is_done = True
        elif line.startswith(":"):
            shown.append(f"{paint('notice', escape_line(line))}\n")
        else:
            shown.append(f"{paint('name', escape_line(name))}{escape_line(line[len(name) :])}\n" if line else "\n")
    return "".join(shown)


def _name(line: str) -> str:
    return line.partition(":")[0]


def _value(line: str) -> str:
    return line.partition(":")[2].removeprefix(" ")


def _lines(texts: Iterator[str], line_end: re.Pattern[str]) -> Iterator[str]:
    """Whole lines with their ends, the last one perhaps without; one that is too long comes in parts."""
    held = ""
    try:
        for text in texts:
            searched = max(0, len(held) - 1)  # of what is held only the last character may belong to an end of line
            held += text
            start = 0
            for match in line_end.finditer(held, searched):
                yield held[start : match.end()]
                start = match.end()
            held = held[start:]
            if len(held) > LARGEST_LAID_OUT:
                yield held
                held = ""
    except (ReqcliError, KeyboardInterrupt):
        if held:
            yield held
        raise
    if held:
        yield held
