"""One line of the input, read but not yet understood as a request: its id, and its members.

https://api.example/users/7
{"id": 7, "method": "PUT", "url": "https://api.example/users/7", "json": {"name": "Ann"}}
{"cancel": 7}                                                        (to the service alone)
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from reqcli.batch.source import LONGEST_LINE, TOO_LONG
from reqcli.errors import ReqcliError, Usage
from reqcli.render.json_text import dump

NO_ID: Final = "null"

_OF_HTTP: Final = ord("h")


class Line:
    """What a line says.

    Attributes:
        number: where it stands, from 1.
        id: what the caller knows it by, as JSON text; `null` if it has none.
        members: of the object; a URL alone is an object with this one member.
        error: why it is no request, or None.
    """

    __slots__ = ("error", "id", "members", "number")

    def __init__(self, number: int, text: bytes) -> None:
        self.number: Final = number
        self.id = NO_ID
        self.error: ReqcliError | None = None
        if text[0] == _OF_HTTP and text.isascii():  # a URL, and nothing can be wrong with the line
            self.members: dict[str, Any] = {"url": str(text, "ascii")}
            return
        self.members = {}
        try:
            self._read(text)
        except Usage as error:
            self.error = error

    @property
    def cancels(self) -> str | None:
        """The id that it asks to give up, as JSON text; None if it is a request."""
        return id_text(self.members["cancel"]) if self.error is None and "cancel" in self.members else None

    def _read(self, text: bytes) -> None:
        if text == TOO_LONG:
            raise Usage(
                f"line {self.number} is longer than {LONGEST_LINE >> 20} MiB",
                hint="put a large body in a file, and name it by body_file",
            )
        try:
            decoded = text.decode()
        except UnicodeDecodeError as error:
            raise Usage(f"line {self.number} is not UTF-8") from error
        if decoded[0] != "{":
            if decoded[0] in '["':
                raise Usage(f"line {self.number} is neither a JSON object nor a URL")
            self.members = {"url": decoded}
            return
        self.members = members = _object(decoded, self.number)
        if "id" in members:
            self.id = id_text(members["id"])
        if "cancel" in members:
            if len(members) > 1:
                raise Usage(f"line {self.number}: cancel stands alone: it is the id of another line")
            id_text(members["cancel"])


def id_text(value: object) -> str:
    """An id as JSON text: the same for equal ids, and for no others.

    Raises:
        Usage: it is neither text nor a whole number.
    """
    if isinstance(value, str):
        return dump(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return NO_ID
    raise Usage("an id is text or a whole number")


def _object(text: str, number: int) -> dict[str, Any]:
    try:
        read, end = _decode(text)  # there are no blanks around it
        if end < len(text):
            raise json.JSONDecodeError("Extra data", text, len(text) - len(text[end:].lstrip(_BLANKS)))
    except json.JSONDecodeError as error:
        raise Usage(f"line {number} is not JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error).partition(";")[0]
        raise Usage(f"line {number} is not JSON that can be read: {reason}") from error
    assert isinstance(read, dict), "it begins with a brace"
    return read


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_BLANKS: Final = " \t\n\r"
_decode: Final = json.JSONDecoder(parse_constant=_refuse).raw_decode  # `json.loads` would make one for every line
