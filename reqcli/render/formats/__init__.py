"""Output formats for whole results: one file is one format, found by its name and loaded when asked for."""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model import shelf
from reqcli.model.fields import shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol

    from reqcli.model.redact import Redactor
    from reqcli.model.result import Result
else:
    Protocol = object


class SavedBody(Value):
    """A body that was not kept in memory: it went to a file, or all but its beginning was passed over.

    Args:
        path: where it is, None if it is nowhere.
        size: bytes that came, or None if that is not known.
        sha256: of what came, in hexadecimal, or None.
        start: its beginning and `render.excerpt.LOOK_AHEAD` bytes more, to be shown all the same; None for nothing.
    """

    __slots__ = ("path", "sha256", "size", "start")

    def __init__(
        self, path: str | None, size: int | None, sha256: str | None = None, start: bytes | None = None
    ) -> None:
        self.path: Final = path
        self.size: Final = size
        self.sha256: Final = sha256
        self.start: Final = start


class Format(Protocol):
    """What every file of this folder ends in, under the name `FORMAT`."""

    def __call__(
        self,
        result: Result,
        redactor: Redactor | None = None,
        *,
        saved: SavedBody | None = None,
        limit: int | None = None,
    ) -> bytes:
        """The whole result, its line break included.

        Args:
            result: with its body read already, or saved.
            redactor: what to mask; without one, what the request itself carries is.
            saved: what became of a body that is not in the response.
            limit: bytes of the body to show at most; None for all of them.
        """


def names() -> list[str]:
    """The formats there are."""
    return shelf.names(__path__)


def load(name: str) -> Format:
    """The format of this name.

    Raises:
        Usage: there is none.
    """
    form: Format | None = shelf.load(__name__, name, "FORMAT")
    if form is None:
        raise Usage(f"there is no output format {shown(name)}", hint=f"one of {', '.join(names())}")
    return form
