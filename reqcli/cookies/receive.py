"""What a Set-Cookie line means: the parsing of RFC 6265bis §5.6 and the checks of §5.7 that need no jar.

The line is split at semicolons and nowhere else: commas, quotes and further equals signs belong to the value, and
nothing is ever unquoted. The first piece is name and value; without an equals sign it is a value without a name.
Each further piece is an attribute: the last one of a kind counts, those longer than 1024 bytes and dates or ages
that cannot be read count as not there. Only blank and tab are trimmed: Python's own idea of white space is wider.

Where this client decides what the RFC leaves to it:

- Secure connections are https and anything to this machine (`is_secure`).
- A Domain attribute is normalised as the URL's host was (trailing dot, other scripts, spellings of addresses) before
  it is compared; the RFC would ignore a cookie for other scripts, and compares the rest as it is written.
- A cookie of an address is host-only, with or without a Domain attribute that repeats it.
- Expiry is kept in whole seconds, as HTTP dates are, rounded up: the same answer repeated within a second then
  changes nothing that is stored.
"""

from __future__ import annotations

from reqcli.cookies.scope import default_path, domain_matches, is_address, is_secure
from reqcli.model.cookie import Cookie
from reqcli.model.fields import has_control, shown
from reqcli.model.lately import remembered
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

    from reqcli.model.url import Url

MAX_PAIR: Final = 4096
"""Bytes of name and value together (§5.6)."""

MAX_ATTRIBUTE: Final = 1024
"""Bytes of an attribute's value (§5.6); a longer one is ignored."""

MAX_AGE: Final = 400 * 86400
"""Seconds that a cookie lives at most, whatever the server says (§5.5)."""

USUAL_LENGTH: Final = 200
"""Characters of all the attributes of a cookie up to which it is remembered what they say."""

LONG_GONE: Final = 0.0
"""The expiry of a cookie whose Max-Age says that it is over (§5.6.2)."""

_WSP: Final = " \t"
_SAME_SITE: Final = {"strict": "Strict", "lax": "Lax", "none": "None"}


class Refusal(Value):
    """A cookie that is not taken, and why.

    Args:
        reason: one sentence with the cookie's name, never with its value.
    """

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason: Final = reason


class _Refused(Exception):
    """Ends the reading of a cookie: the end of the sentence that begins with its name."""


def received_cookie(
    line: str, url: Url, now: float, is_public_suffix: Callable[[str], bool] | None = None
) -> Cookie | Refusal:
    """The cookie that a response's Set-Cookie line stands for, every default filled in.

    What depends on the cookies already there is left to `Jar.put`.

    Args:
        line: one field value, viewed as latin-1.
        url: what was requested; a Host header sent with it has no say.
        now: seconds since the epoch.
        is_public_suffix: asked at most once, with a normalised domain; None for the list that is installed.

    Returns:
        The cookie, or a refusal. A cookie that is expired at `now` asks for the deletion of the one it would replace.
    """
    pair, _, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair
    name, value = name.strip(_WSP), value.strip(_WSP)
    try:
        if not line.isprintable() and has_control(line):
            raise _Refused("it holds a control character")
        if len(name) + len(value) > MAX_PAIR:
            raise _Refused(f"name and value are longer than {MAX_PAIR} bytes")
        said, dates = (_usual_attributes if len(attributes) <= USUAL_LENGTH else _attributes)(attributes)
        domain, host_only = _domain(said.get("domain", ""), url.host, is_public_suffix)
        path = said.get("path")
        cookie = Cookie(
            name,
            value,
            domain,
            path if path and path[0] == "/" else default_path(url.path),
            host_only=host_only,
            secure="secure" in said,
            http_only="httponly" in said,
            same_site=_SAME_SITE.get(said.get("samesite", "").lower(), ""),
            expires=_expiry(said.get("max-age"), dates, now),
            created=now,
        )
        _check(cookie, url, has_path=path is not None)
    except _Refused as refused:
        called = f"cookie {shown(name)}" if name else "a cookie without a name"
        return Refusal(f"{called} is refused: {refused}")
    return cookie


def _attributes(attributes: str) -> tuple[Mapping[str, str], list[str]]:
    """The last value of each attribute that counts, by its name in lower case, and every date of `Expires`."""
    said: dict[str, str] = {}
    dates: list[str] = []
    for piece in attributes.split(";"):
        key, _, text = piece.partition("=")
        key, text = key.strip(_WSP).lower(), text.strip(_WSP)
        if len(text) > MAX_ATTRIBUTE:
            continue
        if key == "expires":
            dates.append(text)
        elif key != "max-age" or _is_age(text):
            said[key] = text
    return said, dates


_usual_attributes: Final = remembered(64, _attributes)
"""A server mostly says the same of each of its cookies; a date, which changes, is not understood here."""


def _is_age(text: str) -> bool:
    """Whether the text is digits of ASCII, perhaps after a minus sign (§5.6.2)."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdigit()


def _expiry(max_age: str | None, dates: list[str], now: float) -> float | None:
    """When the cookie ends, in whole seconds since the epoch; None when it ends with the session (§5.7 step 6).

    Max-Age has precedence; of the dates the last readable one counts, and they are read only when they are needed.
    """
    expires: float | None = None
    if max_age is not None:
        seconds = min(int(max_age), MAX_AGE)
        expires = now + seconds if seconds > 0 else LONG_GONE
    elif dates:
        from reqcli.cookies.dates import parse_cookie_date

        readable = (parse_cookie_date(text) for text in reversed(dates))
        expires = next((date for date in readable if date is not None), None)
    return None if expires is None else min(-(-expires // 1), (now + MAX_AGE) // 1)


def _domain(said: str, host: str, is_public_suffix: Callable[[str], bool] | None) -> tuple[str, bool]:
    """The cookie's domain, and whether it is host-only (§5.7 steps 7 to 10).

    Raises:
        _Refused: the domain is not the host's own, or belongs to no one.
    """
    domain = said.removeprefix(".")
    if not domain:
        return host, True
    if is_address(host):
        if domain != host and _normalised(domain) != host:
            raise _Refused(f"its Domain {shown(said)} is not the address {host}")
        return host, True
    domain = domain.lower().removesuffix(".") or domain if domain.isascii() else _normalised(domain)
    if not domain_matches(host, domain):
        raise _Refused(f"its Domain {shown(said)} does not cover {host}")
    if not (is_public_suffix or _on_the_list)(domain):
        return domain, False
    if domain != host:
        raise _Refused(f"its Domain {shown(said)} is a public suffix, shared by strangers")
    return host, True


def _on_the_list(domain: str) -> bool:
    """Whether the installed list has the domain; the module is imported for the first Domain attribute only."""
    from reqcli.cookies.suffixes import is_public_suffix

    return is_public_suffix(domain)


def _normalised(said: str) -> str:
    """A Domain attribute as a URL's host would be written.

    Raises:
        _Refused: no host is written like this.
    """
    from reqcli.model.host import normalise_host

    try:
        return normalise_host(said.encode("latin-1").decode())
    except ValueError:
        raise _Refused(f"its Domain {shown(said)} is no host") from None


def _check(cookie: Cookie, url: Url, *, has_path: bool) -> None:
    """The promises that a cookie's name and attributes make (§5.7 steps 2, 13 and 19 to 22).

    Raises:
        _Refused: one of them is broken.
    """
    if not cookie.name:
        if not cookie.value:
            raise _Refused("it has no value either")
        if cookie.value[:2] == "__" and cookie.value.lower().startswith(("__secure-", "__host-")):
            raise _Refused("its value would read as a name with a prefix")
    if cookie.secure:
        if not is_secure(url):
            raise _Refused(f"it is Secure, but came from {url.origin}")
    elif cookie.same_site == "None":
        raise _Refused("SameSite=None asks for Secure")
    if cookie.name[:2] != "__":
        return
    prefixed = cookie.name.lower()
    if prefixed.startswith("__secure-") and not cookie.secure:
        raise _Refused("its prefix asks for Secure")
    if prefixed.startswith("__host-") and not (cookie.secure and cookie.host_only and has_path and cookie.path == "/"):
        raise _Refused("its prefix asks for Secure, Path=/ and no Domain")
