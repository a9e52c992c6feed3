r"""Netscape's cookies.txt, as curl, wget and browsers' add-ons write it: a cookie a line, seven fields between tabs.

    domain  TRUE if subdomains get it too  path  TRUE if Secure  expiry, 0 for the session  name  value

A line that begins with `#HttpOnly_` is a cookie that is HttpOnly; any other `#` begins a comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from reqcli.cookies.receive import Refusal
from reqcli.cookies.scope import domain_matches
from reqcli.errors import InputFailed
from reqcli.interop.foreign import as_received, foreign_cookie, left_out
from reqcli.interop.sessions import Exported, Format, Imported, Scope
from reqcli.model.fields import as_text, shown
from reqcli.session.operations import SetCookie

if TYPE_CHECKING:
    from reqcli.model.cookie import Cookie
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

HEADING: Final = "# Netscape HTTP Cookie File"
HTTP_ONLY: Final = "#HttpOnly_"
FIELDS: Final = 7
_FLAGS: Final = {"TRUE": True, "FALSE": False}
_is_time: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?").fullmatch


class Netscape:
    """cookies.txt."""

    def recognises(self, text: str) -> bool:
        if re.match(r"# (?:Netscape )?HTTP Cookie File", text):
            return True
        return any(line.count("\t") >= FIELDS - 2 and not line.startswith("{") for line in text.split("\n")[:50])

    def read(self, text: str, scope: Scope) -> Imported:
        operations: list[Operation] = []
        remarks: list[str] = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            line = line.removesuffix("\r")
            if not line.strip(" \t") or (line.startswith("#") and not line.startswith(HTTP_ONLY)):
                continue
            cookie = _cookie(line, number, scope.now)
            if isinstance(cookie, Refusal):
                remarks.append(f"line {number}: {cookie.reason}")
            elif _is_chosen(cookie, scope):
                operations.append(SetCookie(cookie, secure_origin=True))
            else:
                remarks.append(
                    f"line {number}: cookie {shown(cookie.name)} is of {cookie.domain}, which was not chosen"
                )
        return Imported(tuple(operations), tuple(remarks))

    def write(self, state: SessionState, scope: Scope) -> Exported:
        lines = [HEADING, ""]
        remarks = left_out(state, kinds=("settings", "policy", "rules", "headers", "auth"))
        for cookie in state.cookies:
            if not _is_chosen(cookie, scope):
                continue
            if not cookie.name or "\t" in cookie.name + cookie.value + cookie.path:
                remarks.append(f"cookie {shown(cookie.name)} for {cookie.domain} is left out: it has no name, or a tab")
                continue
            if cookie.same_site:
                remarks.append(f"SameSite of cookie {shown(cookie.name)} for {cookie.domain} is left out")
            lines.append(_line(cookie))
        return Exported("".join(f"{line}\n" for line in lines), tuple(remarks))


FORMAT: Final[Format] = Netscape()


def _cookie(line: str, number: int, now: float) -> Cookie | Refusal:
    fields = line.removeprefix(HTTP_ONLY).split("\t", FIELDS - 1)
    if len(fields) == FIELDS - 1:
        fields.append("")  # an empty value, and an editor that took the tab at the line's end away
    if len(fields) != FIELDS:
        raise InputFailed(f"line {number} is no cookie: it has {len(fields)} of {FIELDS} fields between tabs")
    domain, subdomains, path, secure, expires, name, value = fields
    for column, flag in ((2, subdomains), (4, secure)):
        if flag.upper() not in _FLAGS:
            raise InputFailed(f"line {number}, field {column}: this is neither TRUE nor FALSE")
    if not _is_time(expires):
        raise InputFailed(f"line {number}, field 5: this is not a time in seconds")
    return foreign_cookie(
        as_received(name),
        as_received(value),
        domain,
        now,
        path=as_received(path),
        host_only=not _FLAGS[subdomains.upper()],
        secure=_FLAGS[secure.upper()],
        http_only=line.startswith(HTTP_ONLY),
        expires=None if float(expires) == 0 else float(expires),
    )


def _line(cookie: Cookie) -> str:
    fields = (
        cookie.domain if cookie.host_only else f".{cookie.domain}",
        "FALSE" if cookie.host_only else "TRUE",
        as_text(cookie.path),
        "TRUE" if cookie.secure else "FALSE",
        "0" if cookie.expires is None else str(int(-(-cookie.expires // 1))),
        as_text(cookie.name),
        as_text(cookie.value),
    )
    return (HTTP_ONLY if cookie.http_only else "") + "\t".join(fields)


def _is_chosen(cookie: Cookie, scope: Scope) -> bool:
    return not scope.chosen or any(domain_matches(url.host, cookie.domain) for url in scope.chosen)
