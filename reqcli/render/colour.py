"""Colours for a terminal: which part of a message is painted how, in the eight colours that follow the user's theme.

These few escape sequences are our own and not rich's: importing rich costs half of a whole run more, and its JSON
highlighter goes through Python's numbers, so that `1.10` would be shown as `1.1`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    Paint = Callable[[str, str], str]

# SGR parameters (ECMA-48 §8.3.117).
_STYLES: Final = {
    "method": "1;32",
    "target": "4;36",
    "version": "34",
    "status 1": "36",
    "status 2": "1;32",
    "status 3": "1;36",
    "status 4": "1;33",
    "status 5": "1;31",
    "name": "36",
    "notice": "2",
    "key": "1;34",
    "string": "32",
    "number": "33",
    "literal": "1;35",
}


def painter(*, colour: bool) -> Paint:
    """A function from a part's kind and its text, already escaped, to the painted text.

    Args:
        colour: whether to paint at all.
    """
    return _painted if colour else _plain


def _painted(kind: str, text: str) -> str:
    style = _STYLES.get(kind)
    return text if style is None else f"\x1b[{style}m{text}\x1b[0m"


def _plain(kind: str, text: str) -> str:
    return text
