"""What goes to standard error: a line for a failure, and for each notice, in a form that programs can search.

    reqcli: error: cannot resolve nosuch.example — check the spelling [dns_failed]
    reqcli: warning: header X-Api-Key was not sent to https://b.example, where … redirected to [withheld]

The code stands last and in brackets: it is the part of the line that never changes. Where the trouble is at one place
of a typed word, two more lines show the word and point there:

      a[b]c
          ^
"""

from __future__ import annotations

from reqcli.render.escape import escape_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from reqcli.errors import ReqcliError
    from reqcli.model.redact import Redactor
    from reqcli.model.result import Notice

SHOWN: Final = 60
"""Characters of a word that are shown before the place that is pointed at, and as many after it."""


def failure_line(error: ReqcliError, redactor: Redactor | None = None) -> str:
    """The error as one line: what failed, the way out if there is one, the code; then what `details` point at.

    Args:
        error: why the run failed.
        redactor: masks the secrets of the run, should a message from outside repeat one.
    """
    advice = f" — {error.hint}" if error.hint else ""
    line = _line("error", f"{error.message}{advice}", error.code, redactor)
    pointer = error.details.get("pointer")
    return f"{line}\n{_pointed(pointer)}" if isinstance(pointer, dict) else line


def notice_line(notice: Notice, redactor: Redactor | None = None) -> str:
    """The notice as one line without a line break.

    Args:
        notice: what the user should know.
        redactor: as for `failure_line`.
    """
    return _line("warning", notice.message, notice.code, redactor)


def _pointed(pointer: dict[str, Any]) -> str:
    """A word, and under it what marks the characters from `start` to `end`."""
    text, start, end = pointer["text"], pointer["start"], pointer["end"]
    before, marked, after = text[:start], text[start:end], text[end:]
    before = f"…{before[-SHOWN:]}" if len(before) > SHOWN else before
    after = f"{after[:SHOWN]}…" if len(after) > SHOWN else after
    before, marked, after = (escape_line(piece) for piece in (before, marked[:SHOWN], after))
    return f"  {before}{marked}{after}\n  {' ' * _cells(before)}{'^' * max(_cells(marked), 1)}"


def _cells(text: str) -> int:
    """Columns of a terminal that the text takes."""
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _line(kind: str, words: str, code: str, redactor: Redactor | None) -> str:
    return f"reqcli: {kind}: {escape_line(words if redactor is None else redactor.url(words))} [{code}]"
