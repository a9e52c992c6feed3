"""A response body for a person: JSON laid out, other text as it is but harmless, binary data not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.render.colour import painter
from reqcli.render.escape import escape_line, escape_text

if TYPE_CHECKING:
    from reqcli.model.response import Response

LARGEST_LAID_OUT: Final = 4 * 1024 * 1024
"""Characters of JSON above which it is shown as it came: nobody reads it, and laying it out takes seconds."""

_TEXTUAL: Final = ("json", "xml", "javascript", "ecmascript", "yaml", "csv", "x-www-form-urlencoded", "graphql")


def body_for_terminal(response: Response, content: bytes, *, colour: bool = False) -> str:
    """The body as text that is safe for a terminal, with a line break at its end; empty for an empty body.

    Args:
        response: whose body it is; only its head is looked at.
        content: the decoded body, or what came of it.
        colour: whether to paint it.
    """
    if not content:
        return ""
    paint = painter(colour=colour)
    media_type = response.media_type
    text = text_of(content, media_type, response.charset)
    if text is None:
        kind = f" ({escape_line(media_type)})" if media_type else ""
        return paint("notice", f"[{len(content)} bytes of binary data{kind}: save them with -o FILE]") + "\n"
    if _may_be_json(media_type, text):
        from reqcli.render.json_text import indented, is_json

        if is_json(text):
            return indented(text, paint) + "\n"
    shown = escape_text(text)
    return shown if shown.endswith("\n") else shown + "\n"


def text_of(content: bytes, media_type: str, charset: str) -> str | None:
    """The body as text, or None if it is binary data.

    Bytes that do not fit the charset make it binary, unless its media type says that it is text: then they are shown as
    `\\xff`. A NUL makes it binary in any case.

    Args:
        content: the decoded body.
        media_type: lower case, without parameters; may be empty.
        charset: as `Response.charset` gives it.
    """
    text = decoded(content, charset)
    if text is None:
        if not (media_type.startswith("text/") or media_type.endswith(_TEXTUAL)):
            return None
        text = content.decode("utf-8", "backslashreplace")
    return None if "\0" in text else text.removeprefix("\ufeff")


def decoded(content: bytes, charset: str) -> str | None:
    """The text that the bytes spell in the charset; None if they spell none."""
    try:
        return content.decode(charset)
    except UnicodeError:
        return None


def _may_be_json(media_type: str, text: str) -> bool:
    """Whether it is worth a try: the type says so, or it says nothing better and the text begins like an object."""
    if len(text) > LARGEST_LAID_OUT:
        return False
    if media_type.endswith("json"):
        return True
    return media_type in ("", "text/plain", "text/javascript") and text.lstrip(" \t\r\n")[:1] in ("{", "[")
