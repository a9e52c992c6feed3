"""Durations as people write them: `90`, `30m`, `12h`, `7d`; a number alone is seconds."""

from __future__ import annotations

import re

import click

from reqcli.errors import Usage
from reqcli.model.fields import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_parse: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhdw]?)").fullmatch


def seconds(text: str) -> float:
    """The seconds that a duration has; a whole number if it is one.

    Raises:
        Usage: it is no duration.
    """
    found = _parse(text.strip())
    if found is None:
        raise Usage(f"{shown(text)} is not a duration", hint="write it as 90, 45s, 30m, 12h, 7d or 2w")
    number = float(found[1]) * _UNITS.get(found[2], 1)
    return int(number) if number.is_integer() else number


def in_words(duration: float) -> str:
    """A duration for a person, in its largest unit and rounded down: `3d`, `12h`, `45s`."""
    for unit in ("d", "h", "m"):
        if duration >= _UNITS[unit]:
            return f"{int(duration // _UNITS[unit])}{unit}"
    return f"{max(int(duration), 0)}s"


class Duration(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A duration as the value of an option."""

    name = "duration"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The value of the option in seconds."""
        if not isinstance(value, str):
            return value
        try:
            return seconds(value)
        except Usage as error:
            self.fail(f"{error.message}; {error.hint}", param, ctx)
