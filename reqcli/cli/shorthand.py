"""What may be left out of a URL on the command line, and how it is filled in.

:3000/x  :/x        http://localhost:3000/x, http://localhost/x
/x                  below the session's base URL
host/x  ://host/x   https, but http for localhost and loopback addresses; or the default scheme, if one is set
"""

from __future__ import annotations

from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import DIGITS, shown
from reqcli.model.url import Url

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_SCHEMES: Final = ("http", "https")
_MISTAKEN: Final = (
    r"""(?i)\s|\Z|[a-z][a-z0-9+.-]*://|https?(?::(?![0-9])|//)|["'<@-]|[\w\[\].-]+:?=|(?-i:[A-Z])[a-z-]*:(?![0-9]{1,5}(?:[/?#]|\Z))[^@]*\Z"""
    r"""|(?:get|head|post|put|patch|delete|options)\Z"""
)
"""What is no URL however it is completed: nothing, another scheme or half of one, quotes, an item, a method."""

_OF_HOSTS: Final = DIGITS | frozenset("abcdefghijklmnopqrstuvwxyz.-")


def complete_url(text: str, base_url: str | None, default_scheme: str | None = None) -> str:
    """The absolute URL that is meant; one that begins with http:// or https:// is left alone, malformed or not.

    A word before a colon alone is a host with a port (`host:8080/x`), not a scheme.

    Args:
        text: as typed.
        base_url: the session's, absolute; its path is kept and the typed one appended, its query is not.
        default_scheme: of a URL that has none, wherever it leads; None for https, and http on this machine.

    Raises:
        Usage: a path alone, and no base URL; or what is no URL but something else that was meant.
    """
    scheme, separator, rest = text.partition("://")
    if separator and scheme.lower() in _SCHEMES and not rest[:8].lower().startswith(("http:/", "https:/")):
        return text
    if text.startswith("/") and not text.startswith("//"):
        if base_url is None:
            raise Usage(
                f"{shown(text)} is a path, and the session has no base URL to put before it",
                hint="type the whole URL, or give the session one: `reqcli session set NAME base_url URL`",
            )
        return base_url.partition("#")[0].partition("?")[0].rstrip("/") + text
    if text.startswith(":") and not text.startswith("://"):
        return f"{default_scheme or 'http'}://localhost{text if text[1:2] not in ('', '/', '?', '#') else text[1:]}"
    if not _begins_with_host(text):
        import re

        if re.match(_MISTAKEN, text):
            from reqcli.cli.advice.mistakes import no_url

            raise no_url(text)
    address = text.removeprefix(":").removeprefix("//")
    return f"{default_scheme or ('http' if _is_loopback(address) else 'https')}://{address}"


def _begins_with_host(text: str) -> bool:
    """Whether it begins with what can only be meant as a host: a name with a dot in it, or `localhost`, that a path, a
    query, a port or nothing follows. Most do, and are not held against `_MISTAKEN`, which takes a while to load."""
    host, _, path = text.partition("/")
    name, colon, port = host.partition("?")[0].partition(":")
    return (
        ("." in name[1:] or name == "localhost")
        and name[:1] not in (".", "-")
        and _OF_HOSTS.issuperset(name)
        and (not colon or 0 < len(port) <= 5)
        and DIGITS.issuperset(port)
        and not path.startswith("/")
    )


def _is_loopback(address: str) -> bool:
    try:
        return Url.parse(f"https://{address}").origin.is_loopback
    except BadUrl:
        # Whoever parses the completed URL says what is wrong with it.
        return False
