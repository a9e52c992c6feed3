"""Output formats for whole results: one file is one format, found by its name and loaded when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from reqcli.errors import Usage
from reqcli.model.fields import shown

if TYPE_CHECKING:
    from reqcli.model.redact import Redactor
    from reqcli.model.result import Result


class Format(Protocol):
    """What every file of this folder ends in, under the name `FORMAT`."""

    def __call__(self, result: Result, redactor: Redactor | None = None) -> bytes:
        """The whole result, its line break included.

        Args:
            result: with its body read already.
            redactor: what to mask; without one, what the request itself carries is.
        """


def names() -> list[str]:
    """The formats there are: the files of this folder."""
    from pkgutil import iter_modules

    return sorted(module.name for module in iter_modules(__path__))


def load(name: str) -> Format:
    """The format of this name.

    Raises:
        Usage: there is none.
    """
    from importlib import import_module

    if name not in names():
        raise Usage(f"there is no output format {shown(name)}", hint=f"one of {', '.join(names())}")
    return cast("Format", import_module(f"{__name__}.{name}").FORMAT)
