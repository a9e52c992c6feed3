"""Formats that a session can be read from and written in: one file is one format, found by its name.

Reading gives operations, so that what comes in is merged like anything else that is learned; writing gives text. What
either cannot carry is a remark, one sentence for each thing: nothing is dropped in silence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from reqcli.errors import Usage
from reqcli.model import shelf
from reqcli.model.fields import shown
from reqcli.model.value import Value

if TYPE_CHECKING:
    from reqcli.model.url import Url
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState


class Scope(Value):
    """What a reader or writer is told beside the text.

    Args:
        now: seconds since the epoch.
        chosen: the URLs whose origins count, as the user named them; none for all there are.
        default: a URL of the session's own, or None.
        trusted: whether references to secrets are taken and given: a command would be run, a file or variable sent.
    """

    __slots__ = ("chosen", "default", "now", "trusted")

    def __init__(
        self, now: float, *, chosen: tuple[Url, ...] = (), default: Url | None = None, trusted: bool = False
    ) -> None:
        self.now: Final = now
        self.chosen: Final = chosen
        self.default: Final = default
        self.trusted: Final = trusted

    @property
    def origins(self) -> frozenset[str]:
        """The origins that were chosen, as text."""
        return frozenset(str(url.origin) for url in self.chosen)

    def one(self, format_: str) -> Url:
        """The one URL that a file of this format is for.

        Raises:
            Usage: there is none, or more than one.
        """
        if len(self.chosen) > 1:
            raise Usage(f"a session of {format_} belongs to one server, and several are named")
        url = self.chosen[0] if self.chosen else self.default
        if url is None:
            raise Usage(
                f"a session of {format_} belongs to one server, and the file does not say which",
                hint="give --origin URL; the folder that the file comes from is named after the host",
            )
        return url


class Imported(Value):
    """What a file brings.

    Args:
        operations: that put it into a session.
        remarks: a sentence on each thing that is not among them.
    """

    __slots__ = ("operations", "remarks")

    def __init__(self, operations: tuple[Operation, ...], remarks: tuple[str, ...] = ()) -> None:
        self.operations: Final = operations
        self.remarks: Final = remarks


class Exported(Value):
    """A session in a format.

    Args:
        text: the whole file; bytes that are no UTF-8 as lone surrogates.
        remarks: a sentence on each thing that is not in it.
    """

    __slots__ = ("remarks", "text")

    def __init__(self, text: str, remarks: tuple[str, ...] = ()) -> None:
        self.text: Final = text
        self.remarks: Final = remarks


class Format(Protocol):
    """What every file of this folder ends in, under the name `FORMAT`."""

    def recognises(self, text: str) -> bool:
        """Whether a text looks like this format.

        Args:
            text: without a byte order mark.
        """

    def read(self, text: str, scope: Scope) -> Imported:
        """What the text brings.

        Args:
            text: the whole file; bytes that are no UTF-8 as lone surrogates.
            scope: whom it is for.

        Raises:
            InputFailed: it is not of this format; the message names the place and no value.
            Usage: the scope does not say enough.
        """

    def write(self, state: SessionState, scope: Scope) -> Exported:
        """The session in this format.

        Args:
            state: without what has run out.
            scope: whom it is for.

        Raises:
            Usage: the format has no way to hold a session, or the scope does not say enough.
        """


def names() -> list[str]:
    """The formats there are."""
    return shelf.names(__path__)


def load(name: str) -> Format:
    """The format of this name.

    Raises:
        Usage: there is none.
    """
    found: Format | None = shelf.load(__name__, name, "FORMAT")
    if found is None:
        raise Usage(f"there is no format {shown(name)}", hint=f"one of {', '.join(names())}")
    return found


def sniffed(text: str) -> Format:
    """The format that a text looks like.

    Raises:
        Usage: it looks like none, or like several.
    """
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise Usage("the file is empty")
    found = [name for name in names() if load(name).recognises(text)]
    if len(found) != 1:
        raise Usage("the file's format cannot be told", hint=f"name it with --from: {', '.join(names())}")
    return load(found[0])
