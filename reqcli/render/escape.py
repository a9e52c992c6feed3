"""Untrusted text made safe for a terminal: what would act on it, or hide in it, is shown escaped.

Whoever writes a header, a reason or a body must not be able to move the cursor, retitle the window, write into the
clipboard, erase a line above, or make text read otherwise than it is (CVE-2021-42574 and its kin). So control
characters (C0, DEL, C1: an 8-bit CSI is an escape sequence too), format characters without a shape of their own
(bidi embeddings and overrides, zero-width characters, tags, fillers), line and paragraph separators and lone
surrogates appear as `\\x1b` or `\\u202e`. A zero-width joiner stays after a character outside the Latin blocks: emoji
and several scripts are written with it.
"""

from __future__ import annotations

from reqcli.model.secret import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Match
    from typing import Final

# Two classes for two passes: the first is small and quick to compile, and most text has nothing of the second. Both are
# compiled when there is something to look for.
_CONTROLS_IN_LINE: Final = r"[\x00-\x1f\x7f]"
_CONTROLS_IN_TEXT: Final = r"[\x00-\x08\x0b-\x1f\x7f]"
_INVISIBLE: Final = (
    r"[\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ud800-\udfff\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINERS: Final = "\u200c\u200d"


def escape_line(text: str) -> str:
    """The text as part of one line: tabs and line breaks are escaped too."""
    if text.isascii() and text.isprintable():
        return text
    return _escaped_all(_CONTROLS_IN_LINE, text)


def escape_text(text: str) -> str:
    """The text with its line breaks and tabs kept; CRLF becomes LF, a CR alone (which would overwrite) is escaped."""
    return _escaped_all(_CONTROLS_IN_TEXT, text.replace("\r\n", "\n"))


def escape_json(text: str) -> str:
    """JSON text with unsafe characters as JSON escapes: it means the same as before.

    Control characters need no thought, for a string holds none and between tokens they are blanks. A lone surrogate,
    which no JSON text can hold, becomes the visible text of its escape.
    """
    if text.isascii():
        return text if "\x7f" not in text else text.replace("\x7f", "\\u007f")
    rest = text.replace(MASK, "")  # a mask is harmless, and mostly all that is not ASCII
    is_safe = "\x7f" not in rest if rest.isascii() else _is_surely_visible(rest.removesuffix("\n"))
    if is_safe:
        return text
    import re

    return re.sub(_INVISIBLE, _json_escaped, text)


_PRINTABLE_ALL_THE_SAME: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d"
)
"""What Python calls printable, and nobody can see."""


def _is_surely_visible(text: str) -> bool:
    """Whether nothing in a line is invisible; in doubt, as with every character beyond 16 bits, it says no.

    The pattern takes several times as long.
    """
    if not text.isprintable() or len(text.encode("utf-16-le")) > 2 * len(text):
        return False
    for character in _PRINTABLE_ALL_THE_SAME:  # noqa: SIM110 - a generator would cost as much again
        if character in text:
            return False
    return True


def _escaped_all(controls: str, text: str) -> str:
    import re

    text = re.sub(controls, _escaped, text)
    return text if text.isascii() else re.sub(_INVISIBLE, _escaped, text)


def field_text(value: str) -> str:
    """A field value or reason, viewed as latin-1, as the text its bytes spell in UTF-8; as it is if they spell none.

    RFC 9110 §5.5 knows no charset for them, and UTF-8 is what servers send. The text is not yet safe to show.
    """
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value


def _escaped(match: Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if _joins(match):
        return character
    if 0xDC80 <= code <= 0xDCFF:
        # Python's stand-in for a byte that is no UTF-8.
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _json_escaped(match: Match[str]) -> str:
    code = ord(match[0])
    if _joins(match):
        return match[0]
    if 0xD800 <= code <= 0xDFFF:
        return f"\\\\u{code:04x}"
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def _joins(match: Match[str]) -> bool:
    """Whether it is a joiner in its place: after a mark, a letter of a script that has joiners, or an emoji."""
    before = match.string[match.start() - 1 : match.start()]
    return match[0] in _JOINERS and ("\u0300" <= before < "\u2000" or before > "\u206f")
