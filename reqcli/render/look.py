"""How a body is to look, what kind of body it is, and what lays a whole document of a kind out."""

from __future__ import annotations

from reqcli.model.value import Value
from reqcli.render.colour import painter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

LARGEST_LAID_OUT: Final = 4 * 1024 * 1024
"""Characters of a document above which it is shown as it came: nobody reads it, and laying it out takes seconds."""

LINES: Final = ("ndjson", "jsonl", "jsonlines", "json-lines", "json-seq", "stream+json", "json-stream")
"""Ends of media types whose bodies are lines of JSON."""


class Look(Value):
    """How a body is shown.

    Args:
        layout: whether to lay it out anew where its type is known.
        colour: whether to paint it.
        sort: whether to sort the members of JSON objects by name.
        by_line: whether to take it line by line whatever its type is, and show each at once.
        charset: to be used instead of the one that the response names.
        media_type: to be believed instead of the response's.
    """

    __slots__ = ("by_line", "charset", "colour", "layout", "media_type", "sort")

    def __init__(
        self,
        *,
        layout: bool = False,
        colour: bool = False,
        sort: bool = False,
        by_line: bool = False,
        charset: str | None = None,
        media_type: str | None = None,
    ) -> None:
        self.layout: Final = layout
        self.colour: Final = colour
        self.sort: Final = sort
        self.by_line: Final = by_line
        self.charset: Final = charset
        self.media_type: Final = media_type


def kind_of(media_type: str) -> str:
    """What a body of this type is laid out as: `events`, `lines`, `json`, `xml` or `html`; empty for anything else."""
    if media_type == "text/event-stream":
        return "events"
    if media_type.endswith(LINES):
        return "lines"
    if media_type.endswith("json"):
        return "json"
    if media_type == "text/html":
        return "html"
    return "xml" if media_type.endswith("xml") else ""


def document_layout(kind: str, look: Look) -> Callable[[str], str | None] | None:
    """What lays a whole document of this kind out or paints it, and gives None where it is none of that kind.

    Args:
        kind: as `kind_of` names it.
        look: how to show it; None is returned where there is nothing to do.
    """
    if not (look.layout or look.colour) or kind not in ("json", "xml", "html"):
        return None
    paint = painter(colour=look.colour)
    if kind == "json":
        from reqcli.render.json_text import indented, is_json, painted, sorted_members

        def lay(text: str) -> str | None:
            if not is_json(text):
                return None
            text = sorted_members(text) if look.sort else text
            return indented(text, paint) if look.layout else painted(text, paint)

        return lay
    from reqcli.render.markup import markup_text

    return lambda text: markup_text(text, paint, is_html=kind == "html", layout=look.layout)
