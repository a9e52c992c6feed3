"""Heads of messages as lines of text: what `-v` and `-h` show, secrets masked, nothing in it able to act."""

from __future__ import annotations

from reqcli.render.colour import painter
from reqcli.render.escape import escape_line, field_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.headers import Headers
    from reqcli.model.redact import Redactor
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.render.colour import Paint


def request_head(request: Request, redactor: Redactor, *, colour: bool = False, sort: bool = False) -> str:
    """Request line, fields, and the empty line that ends a head.

    Args:
        request: as it was sent.
        redactor: knows what to mask; one made with `reveal` masks nothing.
        colour: whether to paint it.
        sort: whether to sort the fields by name.
    """
    paint = painter(colour=colour)
    target = escape_line(redactor.url(request.url.target))
    start = f"{paint('method', request.method)} {paint('target', target)} {paint('version', 'HTTP/1.1')}\n"
    return start + _fields(request.headers, redactor, paint, sort=sort)


def response_head(head: ResponseHead, redactor: Redactor, *, colour: bool = False, sort: bool = False) -> str:
    """Status line, fields, and the empty line that ends a head.

    Args:
        head: of the final or an interim response.
        redactor: knows what to mask; one made with `reveal` masks nothing.
        colour: whether to paint it.
        sort: whether to sort the fields by name; those of one name keep their order.
    """
    paint = painter(colour=colour)
    status = f"{head.status} {escape_line(redactor.text(field_text(head.reason)))}".rstrip()
    start = f"{paint('version', f'HTTP/1.{head.minor_version}')} {paint(f'status {head.status // 100}', status)}\n"
    return start + _fields(head.headers, redactor, paint, sort=sort)


def _fields(headers: Headers, redactor: Redactor, paint: Paint, *, sort: bool) -> str:
    lines = []
    for name, value in sorted(headers, key=lambda field: field[0].lower()) if sort else headers:
        shown = escape_line(redactor.header(name, field_text(value)))
        lines.append(f"{paint('name', escape_line(redactor.text(name)))}: {shown}\n")
    return "".join(lines) + "\n"
