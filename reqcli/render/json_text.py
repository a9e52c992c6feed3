"""JSON as text: laid out anew without being read into numbers, and written so that any reader can take it.

A value that goes through Python's floats comes out changed (`1.10`, `1e400`, an integer of 30 digits where the next
reader has doubles only), and a repeated name is lost. So a text is only checked by the parser and then laid out token
by token: every number, every order and every repetition stays as it was sent.
"""

from __future__ import annotations

from reqcli.model.quick_json import Rules, checker, quoted, writer
from reqcli.render.escape import escape_json, escape_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from re import Match
    from typing import Final, NoReturn

    from reqcli.render.colour import Paint

INDENT: Final = "    "

DEEPEST: Final = 100
"""Levels of nesting that are still indented further, and that the envelope passes on: many readers take 128 or so, and
each level more would turn every short line into a longer one."""

SWELLING: Final = 8
"""Blanks for each character of a document at most, beyond the first million: deep and dense text is not laid out, for a
few megabytes of it would become some hundred."""

_FREE_BLANKS: Final = 1024 * 1024

BLANKS: Final = " \t\n\r"
"""What may stand between tokens."""

# Compiled when a text is to be laid out, or has an escape sequence: most results need neither.
_TOKEN: Final = r'("[^"\\]*(?:\\.[^"\\]*)*")([ \t\r\n]*:)?|([{\[][ \t\r\n]*[}\]])|([{\[])|([}\]])|(,)|([^\s{}\[\],:"]+)'
_STRING: Final = r'("[^"\\]*(?:\\.[^"\\]*)*")'
_ESCAPE_SEQUENCE: Final = r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\."

quote: Final = quoted
"""A text as a JSON string, not yet made safe for a terminal: that is for `escape_json`, once for all of a line."""

_encode: Final = writer(compact=True)


class TooWide(Exception):
    """A text would swell beyond measure if it were laid out."""


class Margin:
    """The blanks before the lines of a document.

    Args:
        text: the document.
        indent: the blanks for one level.
    """

    __slots__ = ("_indent", "_left")

    def __init__(self, text: str, indent: str) -> None:
        self._indent: Final = indent
        self._left = _FREE_BLANKS + SWELLING * len(text)

    def at(self, depth: int) -> str:
        """Those of a line at this depth.

        Raises:
            TooWide: there were too many already.
        """
        blanks = self._indent * min(depth, DEEPEST)
        self._left -= len(blanks)
        if self._left < 0:
            raise TooWide
        return blanks


def is_json(text: str) -> bool:
    """Whether the text is one JSON value (RFC 8259)."""
    return _holds_numbers(text)


def is_portable(text: str) -> bool:
    """Whether the text is one JSON value that every usual reader takes (after RFC 7493).

    So no number beyond a double, no half of a surrogate pair, no more than `DEEPEST` levels. Repeated names pass.
    """
    size = len(text)
    return (
        (_holds_doubles if size >= _LONGEST_INTEGER else _holds_short_doubles)(text)
        and not ("\\u" in text and _has_lone_surrogate(text))
        and (size <= 2 * DEEPEST or text.count("[") + text.count("{") <= DEEPEST or _depth(text) <= DEEPEST)
    )


def in_one_line(text: str) -> str:
    """JSON text with no blanks around it as one line: as it was sent if it is one, for to take other blanks out as well
    costs as much as all else that is done to it; if not, without those between its tokens."""
    return compact(text) if "\n" in text or "\t" in text or "\r" in text else text


def compact(text: str) -> str:
    """JSON text without the blanks between its tokens; every token as it was."""
    pieces, glue = _pieces(text.strip(BLANKS))
    outside = "\0".join(pieces[::2])  # one call for all of them; no token holds a NUL
    pieces[::2] = outside.replace(" ", "").replace("\n", "").replace("\t", "").replace("\r", "").split("\0")
    return glue.join(pieces)


def _pieces(text: str) -> tuple[list[str], str]:
    """What is no string of JSON text, and strings, by turns; and what stands between them, if it is in neither."""
    if "\\" in text:
        import re

        return re.split(_STRING, text), ""
    return text.split('"'), '"'  # the same, and quicker: every quote begins or ends a string


def indented(text: str, paint: Paint) -> str:
    """JSON text, one member or element a line, safe for a terminal; it means what it meant.

    Escapes of readable characters (`\\u00e9`) are shown as the characters. What would swell too much is only painted.

    Args:
        text: valid JSON.
        paint: gives each token its colour.
    """
    try:
        return "".join(_indented(text, paint))
    except TooWide:
        return painted(text, paint)


def _indented(text: str, paint: Paint) -> list[str]:
    import re

    pieces: list[str] = []
    margin, depth = Margin(text, INDENT), 0
    for match in re.finditer(_TOKEN, re.sub(_ESCAPE_SEQUENCE, _readable, escape_json(text))):
        string, colon, empty, opening, closing, comma, scalar = match.groups()
        if string is not None:
            pieces.append(f"{paint('key', string)}: " if colon else paint("string", string))
        elif scalar is not None:
            pieces.append(paint("literal" if scalar[0] in "tfn" else "number", scalar))
        elif comma is not None:
            pieces.append(",\n" + margin.at(depth))
        elif opening is not None:
            depth += 1
            pieces.append(f"{opening}\n{margin.at(depth)}")
        elif closing is not None:
            depth -= 1
            pieces.append(f"\n{margin.at(depth)}{closing}")
        else:
            pieces.append(empty[0] + empty[-1])
    return pieces


def painted(text: str, paint: Paint) -> str:
    """JSON text as it was written, its tokens painted, safe for a terminal.

    Args:
        text: valid JSON.
        paint: gives each token its colour.
    """

    import re

    def token(match: Match[str]) -> str:
        string, colon, *_, scalar = match.groups()
        if string is not None:
            return f"{paint('key', string)}{colon}" if colon else paint("string", string)
        return match[0] if scalar is None else paint("literal" if scalar[0] in "tfn" else "number", scalar)

    return re.sub(_TOKEN, token, escape_json(text).replace("\r\n", "\n").replace("\r", "\n"))


def sorted_members(text: str) -> str:
    """JSON text without blanks, the members of each object sorted by name; those of one name keep their order.

    Args:
        text: valid JSON; given back as it is if it is nested deeper than `DEEPEST`.
    """
    if _depth(text) > DEEPEST:
        return text
    import re

    inside: list[tuple[str, list[tuple[str, str]]]] = [("", [])]
    names = [""]
    for match in re.finditer(_TOKEN, text):
        string, colon, empty, opening, closing, comma, scalar = match.groups()
        if colon:
            names[-1] = string
        elif opening:
            inside.append((opening, []))
            names.append("")
        elif not comma:
            value = string or scalar or (empty and empty[0] + empty[-1])
            if closing:
                value = _container(*inside.pop())
                names.pop()
            inside[-1][1].append((names[-1], value))
    return inside[0][1][0][1]


def with_strings(text: str, change: Callable[[str], str]) -> str:
    """JSON text with every string, quotes included, replaced by what `change` makes of it.

    A number that it would make something else of becomes a string, for it may be none any more. A string that it leaves
    half an escape sequence of is changed as the text that it stands for.
    """

    import re

    def string(token: str) -> str:
        text = change(token)
        if text == token or is_json(text):
            return text
        from json import loads

        return dump(change(loads(token)))

    def changed(match: Match[str]) -> str:
        if match[1] is not None:
            return string(match[1]) + (match[2] or "")
        is_number = match[7] is not None and match[7][0] not in "tfn"
        return f'"{change(match[7])}"' if is_number and change(match[7]) != match[7] else match[0]

    return re.sub(_TOKEN, changed, text)


def dump(value: object) -> str:
    """A value as compact JSON text that is safe for a terminal and readable as it is.

    Raises:
        TypeError, ValueError: it is not a JSON value.
    """
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return escape_json(_encode(value))


def dump_object(members: Iterable[tuple[str, str]]) -> str:
    """A JSON object out of plain names, in which nothing is to be escaped, and texts that are JSON already."""
    return "{" + ",".join([f'"{name}":{text}' for name, text in members]) + "}"


def _container(opening: str, members: list[tuple[str, str]]) -> str:
    if opening == "[":
        return f"[{','.join([value for _, value in members])}]"
    import json

    members.sort(key=lambda member: str(json.loads(member[0])))
    return "{" + ",".join([f"{name}:{value}" for name, value in members]) + "}"


def _readable(match: Match[str]) -> str:
    """An escape sequence as the character it stands for, unless it is there for a reason."""
    high, low, single = match.groups()
    if single is not None:
        code = int(single, 16)
    elif high is not None:
        code = 0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
    else:
        return match[0]
    character = chr(code)
    return match[0] if code < 0x80 or escape_line(character) != character else character


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _double(text: str) -> float:
    number = float(text)
    if -_INFINITE < number < _INFINITE:
        return number
    raise ValueError("beyond the range of a double")


_INFINITE: Final = float("inf")
_holds_numbers: Final = checker(Rules(None, _refuse, number=str))
_holds_doubles: Final = checker(Rules(None, _refuse, number=_double))
_holds_short_doubles: Final = checker(Rules(None, _refuse, number=_double, integer=int))

_LONGEST_INTEGER: Final = 309
"""Digits that an integer beyond a double has at least; in a shorter text none needs to be looked at."""


def _has_lone_surrogate(text: str) -> bool:
    import re

    singles = (single for _, _, single in re.findall(_ESCAPE_SEQUENCE, text))
    return any(single and 0xD800 <= int(single, 16) <= 0xDFFF for single in singles)


_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_ALL_BUT_BRACKETS: Final = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _depth(text: str) -> int:
    """Levels of nesting; of more than `DEEPEST` one more than that, however many there are."""
    brackets = "".join(_pieces(text)[0][::2]).encode().translate(_BRACKETS, _ALL_BUT_BRACKETS)
    depth = 0
    while brackets and depth <= DEEPEST:
        brackets = brackets.replace(b"[]", b"")  # what is innermost
        depth += 1
    return depth
