"""Which part of a whole a response brings: Content-Range in bytes (RFC 9110 §14.4)."""

from __future__ import annotations

import re

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_matched: Final = re.compile(r"bytes[ \t]+(?:([0-9]{1,18})-([0-9]{1,18})|\*)/([0-9]{1,18}|\*)", re.IGNORECASE).fullmatch


class ContentRange(Value):
    """A part, or the word that there is none.

    Args:
        first: offset of its first byte; None in the answer to a range that cannot be had.
        last: offset of its last byte, or None likewise.
        total: bytes of the whole, or None if that is not known.
    """

    __slots__ = ("first", "last", "total")

    def __init__(self, first: int | None, last: int | None, total: int | None) -> None:
        self.first: Final = first
        self.last: Final = last
        self.total: Final = total


def parse_content_range(value: str | None) -> ContentRange | None:
    """The part that a field names; None if it is missing, of another unit, or makes no sense.

    Args:
        value: the field's.
    """
    match = _matched((value or "").strip(" \t"))
    if match is None:
        return None
    total = None if match[3] == "*" else int(match[3])
    if match[1] is None:
        return None if total is None else ContentRange(None, None, total)
    first, last = int(match[1]), int(match[2])
    return None if last < first or (total is not None and last >= total) else ContentRange(first, last, total)
