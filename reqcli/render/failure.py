"""What goes to standard error: one line for a failure, one for each notice, in a form that programs can search.

    reqcli: error: cannot resolve nosuch.example — check the spelling [dns_failed]
    reqcli: warning: header X-Api-Key was not sent to https://b.example, where … redirected to [withheld]

The code stands last and in brackets: it is the part of the line that never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reqcli.render.escape import escape_line

if TYPE_CHECKING:
    from reqcli.errors import ReqcliError
    from reqcli.model.redact import Redactor
    from reqcli.model.result import Notice


def failure_line(error: ReqcliError, redactor: Redactor | None = None) -> str:
    """The error as one line without a line break: what failed, the way out if there is one, the code.

    Args:
        error: why the run failed.
        redactor: masks the secrets of the run, should a message from outside repeat one.
    """
    advice = f" — {error.hint}" if error.hint else ""
    return _line("error", f"{error.message}{advice}", error.code, redactor)


def notice_line(notice: Notice, redactor: Redactor | None = None) -> str:
    """The notice as one line without a line break.

    Args:
        notice: what the user should know.
        redactor: as for `failure_line`.
    """
    return _line("warning", notice.message, notice.code, redactor)


def _line(kind: str, words: str, code: str, redactor: Redactor | None) -> str:
    return f"reqcli: {kind}: {escape_line(words if redactor is None else redactor.text(words))} [{code}]"
