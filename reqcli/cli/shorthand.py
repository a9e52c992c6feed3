"""What may be left out of a URL on the command line, and how it is filled in.

:3000/x  :/x        http://localhost:3000/x, http://localhost/x
/x                  below the session's base URL
host/x  ://host/x   https, but http for localhost and loopback addresses
"""

from __future__ import annotations

import re

from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import shown
from reqcli.model.url import Url


def complete_url(text: str, base_url: str | None) -> str:
    """The absolute URL that is meant; a full one is left alone, malformed or not.

    A word before a colon alone is a host with a port (`host:8080/x`), not a scheme.

    Args:
        text: as typed.
        base_url: the session's, absolute; its path is kept and the typed one appended, its query is not.

    Raises:
        Usage: a path alone, and no base URL.
    """
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|https?:(?![0-9])", text, re.IGNORECASE):
        return text
    if text.startswith("/") and not text.startswith("//"):
        if base_url is None:
            raise Usage(
                f"{shown(text)} is a path, and the session has no base URL to put before it",
                hint="type the whole URL, or give the session one: `reqcli session create NAME --base-url URL`",
            )
        return re.split(r"[?#]", base_url, maxsplit=1)[0].rstrip("/") + text
    if text.startswith(":") and not text.startswith("://"):
        return "http://localhost" + (text if text[1:2] not in ("", "/", "?", "#") else text[1:])
    address = text.removeprefix(":").removeprefix("//")
    return f"{'http' if _is_loopback(address) else 'https'}://{address}"


def _is_loopback(address: str) -> bool:
    try:
        return Url.parse(f"https://{address}").origin.is_loopback
    except BadUrl:
        # Whoever parses the completed URL says what is wrong with it.
        return False
