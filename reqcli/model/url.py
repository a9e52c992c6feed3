"""URLs of http and https: read strictly, resolved by RFC 3986, and never shown with their password.

A URL is split once (RFC 3986 Appendix B), and each part is then checked or encoded for the place it goes to, so what
was checked is what is sent. Parsing a URL's own text again gives the same URL.

- Control characters are refused wherever they stand, never stripped: they would end a line of the request, and
  a parser that strips them reads another URL than the one before it did.
- The authority holds what RFC 3986 §3.2 allows and nothing that another parser might split elsewhere: no blank,
  no backslash, one `@` at most, one port.
- In path, query and fragment only what cannot stand there is encoded: blank, quotes, angle brackets, caret, backtick,
  braces, bar, backslash, and everything outside ASCII as UTF-8 (bytes that are no UTF-8, which Python brings along
  as lone surrogates, as themselves). Existing escapes stay as they are, for a signed URL breaks if one is touched.
- Userinfo is decoded and kept apart from the rest: it is a credential, not a part of the address.
"""

from __future__ import annotations

from reqcli.errors import BadUrl
from reqcli.model.fields import DIGITS, HEX_DIGITS, LETTERS, UNRESERVED, as_text, has_control, shown
from reqcli.model.host import normalise_host
from reqcli.model.lately import LatePattern, remembered
from reqcli.model.origin import DEFAULT_PORTS, Origin
from reqcli.model.secret import Secret
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

_PLAIN_TARGET: Final = r"(?:/(?!\.)[!$-.0-;=@-Z_a-z~]*+)++(?:\?[!$-;=?-Z_a-z~]*+)?"
_plain: Final = LatePattern(
    r"(https?)://"
    r"((?:(?!xn--)[a-z][a-z0-9-]{0,61}\.){0,3}(?!xn--)[a-z][a-z0-9-]{0,61}"
    r"|(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?=[0-9])|(?=[:/]|$))){4})"
    r"(?::([1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    rf"({_PLAIN_TARGET})?",
    "fullmatch",
)
"""Most URLs: there is nothing in them to refuse, encode or resolve, and the host is a name or an IPv4 address."""

_plain_target: Final = LatePattern(_PLAIN_TARGET, "fullmatch")
"""The target of such a URL."""

_seen: Final[dict[str, tuple[str, str, int]]] = {}
"""What such URLs began with, up to the path, and what that came to: those of one program mostly begin alike."""

_MOST_SEEN: Final = 64

# Any other URL, and a process's first few, are read without patterns: to load what compiles them takes longer than all
# that is done for that URL.
_OF_SCHEMES: Final = LETTERS | DIGITS | frozenset("+.-")
_AS_THEY_ARE: Final = UNRESERVED | frozenset("!#$%&'()*+,/:;=?@[]")
"""What stands in a path, query or fragment as it is."""

_LONGEST_PORT: Final = 5
"""Digits."""


class Url(Value):
    """An absolute http or https URL, normalised.

    Args:
        scheme: `http` or `https`.
        host: as in `Origin`.
        port: 1 to 65535.
        target: path and query as they are sent: ASCII, encoded, beginning with a slash.
        fragment: encoded, never sent; None when there is no `#`.
        username: decoded, None when there is no userinfo.
        password: decoded, None when the userinfo has no colon.
    """

    __slots__ = ("fragment", "host", "password", "port", "scheme", "target", "username")

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        target: str = "/",
        *,
        fragment: str | None = None,
        username: str | None = None,
        password: Secret | None = None,
    ) -> None:
        self.scheme: Final = scheme
        self.host: Final = host
        self.port: Final = port
        self.target: Final = target
        self.fragment: Final = fragment
        self.username: Final = username
        self.password: Final = password

    @classmethod
    def parse(cls, text: str, *, path_as_is: bool = False) -> Url:
        """Read an absolute URL.

        Args:
            text: the URL; bytes that are no UTF-8 as `surrogateescape` gives them.
            path_as_is: keep `.` and `..` segments instead of resolving them.

        Raises:
            BadUrl: it is malformed, has no host, or is of another scheme; a password is never in the message.
        """
        path = text.find("/", 8)
        seen = _seen.get(text[:path]) if path > 0 else None
        if seen is not None and _plain_target.ask(target := text[path:]):
            url: Any = object.__new__(cls)  # the values without the call that would set them
            url.scheme, url.host, url.port = seen
            url.target = target
            url.fragment = url.username = url.password = None
            return url  # type: ignore[no-any-return]
        plain = _plain.ask(text)
        if plain is None:
            return cls._parse_strictly(text, path_as_is=path_as_is)
        scheme, host, port_digits, target = plain.groups()
        port = int(port_digits) if port_digits else DEFAULT_PORTS[scheme]
        if target is not None:
            if len(_seen) >= _MOST_SEEN:
                _seen.clear()
            _seen[text[:path]] = scheme, host, port
        return cls(scheme, host, port, target or "/")

    @classmethod
    def _parse_strictly(cls, text: str, *, path_as_is: bool) -> Url:
        """What `parse` does with a URL that may have anything in it."""
        scheme, authority, path, query, fragment = _parts(text)
        scheme = scheme and scheme.lower()
        if scheme not in DEFAULT_PORTS:
            raise _refusal(text, "does not begin with http:// or https://", "no other scheme is spoken")
        if not authority:
            raise _refusal(text, "has no host", "a URL looks like https://example.com/path")
        username, password, address = _userinfo(text, authority)
        host, port = _endpoint(text, address)
        if not path_as_is:
            path = _without_dots(path)
        return cls(
            scheme,
            host,
            DEFAULT_PORTS[scheme] if port is None else port,
            _target(path or "/", query),
            fragment=fragment,
            username=username,
            password=password,
        )

    def join(self, location: str, *, path_as_is: bool = False) -> Url:
        """Resolve a reference against this URL (RFC 3986 §5.2), as a redirect does (RFC 9110 §10.2.2).

        The fragment is inherited when the reference has none; userinfo never is.

        Args:
            location: the value of a Location field, viewed as latin-1; blanks and tabs around it do not count.
            path_as_is: keep the dot segments of an absolute path; those of a relative one are always resolved.

        Raises:
            BadUrl: the reference is malformed, has no host where it needs one, or is of another scheme.
        """
        text = as_text(location.strip(" \t"))
        if text.startswith("//"):
            text = f"{self.scheme}:{text}"
        scheme, _, path, query, fragment = _parts(text)
        if scheme is not None:
            url = Url.parse(text, path_as_is=path_as_is)
            return url if fragment is not None else url.replace(fragment=self.fragment)
        if not path:
            path = self.path
            query = self.query if query is None else query
        elif not path.startswith("/"):
            path = _without_dots(f"{self.path.rpartition('/')[0]}/{path}")
        elif not path_as_is:
            path = _without_dots(path)
        return Url(
            self.scheme,
            self.host,
            self.port,
            _target(path, query),
            fragment=self.fragment if fragment is None else fragment,
        )

    @property
    def origin(self) -> Origin:
        """Scheme, host and port."""
        return Origin(self.scheme, self.host, self.port)

    @property
    def authority(self) -> str:
        """What the Host field says (RFC 9112 §3.2): host, and port unless it is the default; never a zone."""
        host = self.host
        if ":" in host:
            host = f"[{host.partition('%')[0]}]"
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """The target up to the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str | None:
        """The target after the first `?`; None when there is none, which is not the same as an empty query."""
        _, mark, query = self.target.partition("?")
        return query if mark else None

    def with_query(self, pairs: Iterable[tuple[str, str]]) -> Url:
        """The same URL with names and values added to its query, everything but unreserved characters encoded.

        Raises:
            BadUrl: a name or value holds a surrogate that stands for no byte.
        """
        added = "&".join([f"{_query_part(name)}={_query_part(value)}" for name, value in pairs])
        if not added:
            return self
        path, _, query = self.target.partition("?")
        return Url(
            self.scheme,
            self.host,
            self.port,
            f"{path}?{query}&{added}" if query else f"{path}?{added}",
            fragment=self.fragment,
            username=self.username,
            password=self.password,
        )

    def without_userinfo(self) -> Url:
        """The same URL without username and password."""
        if self.username is None:
            return self
        return self.replace(username=None, password=None)

    def __str__(self) -> str:
        """The URL as it may be shown: without userinfo."""
        shown_fragment = "" if self.fragment is None else f"#{self.fragment}"
        if ":" in self.host:
            return f"{self.origin}{self.target}{shown_fragment}"  # an address in brackets, and maybe a zone
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.target}{shown_fragment}"

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"


def _parts(text: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    """Scheme, authority, path, query and fragment of a reference, the last three encoded; None for what is missing.

    Raises:
        BadUrl: it holds a control character or half a character.
    """
    if "\t" in text or has_control(text):
        end = "it is the last one, as from a file with Windows line ends" if text[-1:] in "\r\n" else None
        raise _refusal(text, "holds a control character (a line break, tab, NUL or the like)", end)
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise _refusal(text, "holds a lone surrogate") from error
    path, has_fragment, fragment = text.partition("#")
    path, has_query, query = path.partition("?")
    scheme, colon, rest = path.partition(":")
    has_scheme = colon != "" and _is_scheme(scheme)
    if has_scheme:
        path = rest
    authority = None
    if path.startswith("//"):
        authority, slash, path = path[2:].partition("/")
        path = slash + path
    return (
        scheme if has_scheme else None,
        authority,
        _encoded(path),
        _encoded(query) if has_query else None,
        _encoded(fragment) if has_fragment else None,
    )


def _is_scheme(text: str) -> bool:
    """Whether this may be a scheme (RFC 3986 §3.1)."""
    return text[:1] in LETTERS and _OF_SCHEMES.issuperset(text)


def _target(path: str, query: str | None) -> str:
    return path if query is None else f"{path}?{query}"


def _userinfo(text: str, authority: str) -> tuple[str | None, Secret | None, str]:
    """Username, password and what stands after them (RFC 3986 §3.2.1)."""
    if "\\" in authority or " " in authority:
        raise _refusal(text, "holds a blank or a backslash before its path", "write them as %20 and %5C in a password")
    userinfo, at, address = authority.rpartition("@")
    if not at:
        return None, None, address
    if "@" in userinfo:
        raise _refusal(text, "has more than one @ before its path", "write an @ in a user name or password as %40")
    if "[" in userinfo or "]" in userinfo:
        raise _refusal(text, "has a bracket in its user name or password", "write them as %5B and %5D")
    if not userinfo:
        return None, None, address
    username, colon, password = userinfo.partition(":")
    return _decoded(username), Secret(_decoded(password)) if colon else None, address


def _endpoint(text: str, address: str) -> tuple[str, int | None]:
    """Host and port; an empty port means the default (RFC 3986 §3.2.3), port 0 is none that can be dialled."""
    if address.startswith("["):
        name, bracket, rest = address.partition("]")
        is_host = bracket != "" and "[" not in name[1:] and rest[:1] in ("", ":")
        name, digits = name + bracket, rest[1:]
    else:
        name, _, digits = address.partition(":")
        is_host = "[" not in name and "]" not in name
    if not is_host or len(digits) > _LONGEST_PORT or not DIGITS.issuperset(digits):
        raise _refusal(
            text.replace(address, _without_password(address), 1),
            "has a host or port that cannot be understood",
            "a port is a number from 1 to 65535, an IPv6 address stands in brackets",
        )
    try:
        host = normalise_host(name)
    except ValueError as error:
        raise _refusal(text, str(error)) from error
    if not digits:
        return host, None
    port = int(digits)
    if not 1 <= port <= 65535:
        raise _refusal(text, "has a port that is not between 1 and 65535")
    return host, port


def _without_password(address: str) -> str:
    """What stands for host and port, less a port that is none: USER:PASSWORD may stand in the wrong place."""
    host, colon, port = address.partition("]:" if address.startswith("[") else ":")
    is_number = port[:1].isdigit() or not port.strip("0123456789abcdefABCDEF:.")  # or an IPv6 address without brackets
    return address if is_number else f"{host}{colon}***"


def _refusal(text: str, problem: str, hint: str | None = None) -> BadUrl:
    """The error for a URL, shown without anything that might be a password, or a token in query or fragment.

    A password with a raw slash, `?` or `#` in it ends the authority early, so the last `@` of the whole text counts;
    what follows an `@` that may as well stand in the query is not shown either.
    """
    before, at, after = text.rpartition("@")
    if at:
        scheme, slashes, _ = before.partition("://")
        hidden = "?" in before or "#" in before
        text = f"{scheme + slashes if slashes and _is_scheme(scheme) else ''}***@{'' if hidden else after}"
    path, mark, rest = text.partition("?" if "?" in text.partition("#")[0] else "#")
    public = f"{path}{mark}***" if rest else text
    return BadUrl(f"the URL {shown(public)} {problem}", hint=hint)


def _encoded(text: str) -> str:
    """The text with what cannot stand in a path, query or fragment percent-encoded (RFC 3986 §2.1)."""
    return text if _AS_THEY_ARE.issuperset(text) else _percent(_AS_THEY_ARE, text)


def _percent(fit: frozenset[str], text: str) -> str:
    """The text's bytes, each that is not fit to stand there written as an escape."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1").translate(_escapes(fit))


def _escapes_of(fit: frozenset[str]) -> dict[int, str]:
    return {byte: f"%{byte:02X}" for byte in range(256) if chr(byte) not in fit}


_escapes: Final = remembered(2, _escapes_of)


def _query_part(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    try:
        return _percent(UNRESERVED, text)
    except UnicodeEncodeError as error:
        raise BadUrl("a query parameter holds a lone surrogate") from error


def _decoded(text: str) -> str:
    """The text with its escapes taken for UTF-8; an escape that is none stays as it is."""
    first, *pieces = text.encode("utf-8", "surrogateescape").split(b"%")
    plain = [first]
    for piece in pieces:
        is_escape = len(piece) >= 2 and HEX_DIGITS.issuperset(piece[:2])
        plain.append(bytes([int(piece[:2], 16)]) + piece[2:] if is_escape else b"%" + piece)
    return b"".join(plain).decode("utf-8", "surrogateescape")


def _without_dots(path: str) -> str:
    """The path without `.` and `..` segments (RFC 3986 §5.2.4); `//` is kept, and so is an encoded dot."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
