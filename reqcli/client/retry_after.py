"""How long a server asks to be left alone: `Retry-After` in both its forms (RFC 9110 §10.2.3)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.response import ResponseHead


def retry_after(head: ResponseHead) -> float | None:
    """The seconds asked for, or None: digits alone, or a date, measured against the response's own `Date`.

    A date in the past means 0. Without a `Date` a date tells nothing: our clock may not be the server's.
    """
    value = head.headers.get("retry-after")
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:12])
    from reqcli.cookies.dates import parse_cookie_date

    until, now = parse_cookie_date(value), parse_cookie_date(head.headers.get("date") or "")
    return None if until is None or now is None else max(0.0, until - now)
