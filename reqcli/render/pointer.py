"""One value out of a JSON text, by a JSON pointer (RFC 6901): numbers as they were written, strings as they are.

/items/0/name      the member `name` of the first element of the member `items`
/a~1b/m~0n         `~1` is a slash in a name and `~0` a tilde
"""

from __future__ import annotations

import json

from reqcli.errors import OutputFailed, Usage
from reqcli.render.json_text import dump

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_SHOWN_NAMES: Final = 8
"""Names of an object that an error lists."""

LONGEST_SHOWN: Final = 80
"""Characters of a pointer or name that an error shows."""


class _Number(str):
    """A number or literal as it was written."""

    __slots__ = ()


class Selected:
    """A value that a pointer led to.

    Attributes:
        is_text: whether it is a string.
        text: the string itself, or the value as JSON on one line.
    """

    __slots__ = ("is_text", "text")

    def __init__(self, value: Any) -> None:
        self.is_text: Final = isinstance(value, str) and not isinstance(value, _Number)
        self.text: Final = str(value) if self.is_text else _json(value)


def check_pointer(pointer: str) -> None:
    """Make sure that it is a JSON pointer.

    Raises:
        Usage: it is none.
    """
    if pointer and not pointer.startswith("/"):
        raise Usage(
            f"--select {_quoted(pointer)} is no JSON pointer", hint=f"did you mean {_quoted('/' + pointer)}? RFC 6901"
        )
    if "~" in pointer.replace("~0", "").replace("~1", ""):
        raise Usage(f"--select {_quoted(pointer)}: a tilde is written ~0 in a JSON pointer, and a slash in a name ~1")


def document(text: str) -> Any:
    """What `select` takes values from.

    Args:
        text: the whole body.

    Raises:
        OutputFailed: it is not JSON.
    """
    if not text.strip():
        raise OutputFailed("--select finds nothing: the body is empty")
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    except (ValueError, RecursionError) as error:
        reason = str(error)
        if isinstance(error, json.JSONDecodeError):
            reason = f"{error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1}"
        raise OutputFailed(
            f"--select finds nothing, for the body is not JSON: {reason}", hint="leave --select out to see the body"
        ) from error


def select(whole: Any, pointer: str) -> Selected:
    """The value that a pointer leads to.

    Args:
        whole: what `document` gave.
        pointer: a JSON pointer; the empty one is the whole document.

    Raises:
        OutputFailed: it leads to nothing; the message names the nearest part that there is. Or what it leads to is
            nested too deep to be written.
    """
    value = whole
    steps = pointer.split("/")[1:]
    for place, step in enumerate(steps):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _is_index(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            nearest = "".join(f"/{part}" for part in steps[:place])
            raise OutputFailed(
                f"--select {_quoted(pointer)} finds nothing: {_quoted(nearest) if nearest else 'the body'} is"
                f" {_described(value)}",
                details={"select": pointer, "nearest": nearest},
            )
    try:
        return Selected(value)
    except RecursionError as error:
        raise OutputFailed(f"what --select {_quoted(pointer)} finds is nested too deep to be written") from error


def _quoted(text: str) -> str:
    """A pointer or a name for a message, which is made safe where it is shown."""
    return f"'{text[:LONGEST_SHOWN]}{'…' if len(text) > LONGEST_SHOWN else ''}'"


def _is_index(name: str) -> bool:
    """Digits without a leading zero (RFC 6901 §4), and not so many that it takes long to read them."""
    return name.isascii() and name.isdigit() and len(name) < 16 and (name == "0" or name[0] != "0")


def _described(value: Any) -> str:
    if isinstance(value, dict):
        names = ", ".join(_quoted(name) for name in list(value)[:_SHOWN_NAMES])
        more = f" and {len(value) - _SHOWN_NAMES} more" if len(value) > _SHOWN_NAMES else ""
        return f"an object with {names}{more}" if value else "an empty object"
    if isinstance(value, list):
        count = f"{len(value)} element{'' if len(value) == 1 else 's'}"
        return f"an array of {count}" if value else "an empty array"
    if isinstance(value, _Number):
        return "a number"
    return "a string" if isinstance(value, str) else "null" if value is None else "true" if value else "false"


def _json(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join([f"{dump(name)}:{_json(member)}" for name, member in value.items()]) + "}"
    if isinstance(value, list):
        return f"[{','.join([_json(element) for element in value])}]"
    return dump(value)
