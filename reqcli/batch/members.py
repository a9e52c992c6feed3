"""The members of a line become a `RequestSpec`: what the line does not say is as the command line has it.

method url headers query         body: one of json form body body_base64 body_file
auth session id expect           timeout connect_timeout max_time follow max_redirects retry
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from math import inf
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from reqcli.errors import InputFailed, Usage
from reqcli.model.body import Body, BytesBody, FileBody, form_body, json_body
from reqcli.model.credential import Credential
from reqcli.model.fields import shown
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.timing import DEFAULT_TIMEOUTS
from reqcli.model.url import Url

if TYPE_CHECKING:
    from reqcli.model.expect import Expect
    from reqcli.model.pin import Pin
    from reqcli.model.timing import Timeouts

MEMBERS: Final = (
    *("id", "session", "method", "url", "headers", "query"),
    *("json", "form", "body", "body_base64", "body_file"),
    *("auth", "expect", "timeout", "connect_timeout", "max_time", "follow", "max_redirects", "retry"),
)
"""What a line may say."""

_KNOWN: Final = frozenset(MEMBERS)
_PLAIN: Final = frozenset({"id", "session", "url"})
_BODIES: Final = ("json", "form", "body", "body_base64", "body_file")
_LIMITS: Final = {"timeout": "read", "connect_timeout": "connect", "max_time": "total"}

Members = dict[str, Any]


class Defaults:
    """What every line is sent with unless it says otherwise.

    Args:
        spec: the call that the command line's options describe, its URL apart.
        complete: makes a URL whole, by the session's base URL for one.
        path_as_is: keep dot segments.
    """

    __slots__ = ("_complete", "_headers", "_path_as_is", "_rest", "_spec")

    def __init__(self, spec: RequestSpec, complete: Callable[[str], str], *, path_as_is: bool) -> None:
        self._spec: Final = spec.replace(method="GET", body=None)
        self._complete: Final = complete
        self._path_as_is: Final = path_as_is
        self._headers: Final = spec.headers

    def spec_for(self, members: Members) -> RequestSpec:
        """The call that a line asks for; a file of its body is open then, see `close_body`.

        Raises:
            Usage, BadUrl: it makes no sense.
            InputFailed: the file cannot be read.
        """
        if "url" in members and members.keys() <= _PLAIN:
            return self._call(self._url(members["url"]), {})
        if not members.keys() <= _KNOWN:
            raise _unknown(members)
        if "url" not in members:
            raise Usage("url is missing")
        url = self._url(members["url"])
        if "query" in members:
            url = url.with_query(_pairs("query", members["query"]))
        try:
            said = self._said(members)
            if "headers" in members:
                said["headers"] = self._merged(members["headers"])
            if "method" in members:
                said["method"] = _text("method", members["method"])
            body = _body(members)
        except UnicodeEncodeError as error:
            raise Usage("a body, header or credential holds half a character (a lone surrogate)") from error
        if body is None:
            return self._call(url, said)
        try:
            return self._call(url, {"method": "POST", **said, "body": body})
        except BaseException:
            close_body(body)
            raise

    def _call(self, url: Url, said: dict[str, Any]) -> RequestSpec:
        """What the line says, over what the command line does."""
        if self._spec.pins:
            said["pins"] = self._pins(url)
        if url.username is None:
            return self._spec.at(url, said)
        spec = {name: getattr(self._spec, name) for name in self._spec.__slots__}
        return RequestSpec(**{**spec, "url": url, **said})

    def _url(self, text: object) -> Url:
        return Url.parse(self._complete(_text("url", text)), path_as_is=self._path_as_is)

    def _pins(self, url: Url) -> tuple[Pin, ...]:
        """The keys that the command line asks for, for the origin of this line."""
        if not url.origin.is_secure:
            raise Usage(f"a pin needs https: {url.origin} shows no certificate")
        return tuple(pin.replace(origin=url.origin) for pin in self._spec.pins)

    def _merged(self, said: object) -> tuple[tuple[str, str | None], ...]:
        """The line's headers, and those of the command line that it says nothing of."""
        own = _fields(said)
        if not self._headers:
            return tuple(own)
        names = {name.lower() for name, _ in own}
        return (*(field for field in self._headers if field[0].lower() not in names), *own)

    def _said(self, members: Members) -> dict[str, Any]:
        said: dict[str, Any] = {}
        limits = {limit: _seconds(name, members[name]) for name, limit in _LIMITS.items() if name in members}
        if limits:
            timeouts: Timeouts = self._spec.timeouts or DEFAULT_TIMEOUTS
            said["timeouts"] = timeouts.replace(**limits)
        if "follow" in members:
            if not isinstance(members["follow"], bool):
                raise Usage("follow is true or false")
            said["follow"] = members["follow"]
        if "max_redirects" in members:
            said["max_redirects"] = _count("max_redirects", members["max_redirects"])
        if "retry" in members:
            from reqcli.model.retry import NO_RETRY

            said["retry"] = (self._spec.retry or NO_RETRY).replace(limit=_count("retry", members["retry"]))
        if "expect" in members:
            said["expect"] = _expect(members["expect"])
        if "auth" in members:
            said["auth"] = _credential(members["auth"])
        return said


def close_body(body: Body | None) -> None:
    """Close the file that a body is read from, if it is."""
    if isinstance(body, FileBody):
        body.file.close()


def _unknown(members: Members) -> Usage:
    from difflib import get_close_matches

    name = next(name for name in members if name not in _KNOWN)
    close = get_close_matches(name, MEMBERS, 1)
    return Usage(
        f"{shown(name)} is no member of a request",
        hint=f"did you mean {close[0]}?" if close else f"there are {', '.join(MEMBERS)}",
    )


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Usage(f"{name} is not text")
    return value


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise Usage(f"{name} is not a number of seconds above 0")
    return float(value)


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 31:
        raise Usage(f"{name} is not a whole number of 0 or more")
    return value


def _scalar(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and -inf < value < inf:
        return repr(value)
    raise Usage(f"{name}: a value is text, a number, true or false")


def _entries(name: str, value: object) -> Iterable[tuple[str, object]]:
    """Names and values, out of an object (a list in it is several values) or a list of pairs."""
    if isinstance(value, dict):
        if list not in map(type, value.values()):
            return value.items()
        return [(key, each) for key, one in value.items() for each in (one if isinstance(one, list) else (one,))]
    if not isinstance(value, list):
        raise Usage(f"{name} is neither an object nor a list of pairs")
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise Usage(f"{name}: a pair is a name and a value, in a list of two")
    return [(key, one) for key, one in value]


def _pairs(name: str, value: object) -> list[tuple[str, str]]:
    return [(key, one if type(one) is str else _scalar(name, one)) for key, one in _entries(name, value)]


def _fields(value: object) -> list[tuple[str, str | None]]:
    """Header fields; null takes one out."""
    return [
        (name, one if one is None or type(one) is str else _scalar("headers", one))
        for name, one in _entries("headers", value)
    ]


def _body(members: Members) -> Body | None:
    kinds = [name for name in _BODIES if name in members]
    if not kinds:
        return None
    if len(kinds) > 1:
        raise Usage(f"a request has one body: {' and '.join(kinds)} contradict each other")
    kind, value = kinds[0], members[kinds[0]]
    if kind == "json":
        return _json(value)
    if kind == "form":
        return form_body(_pairs("form", value))
    if not isinstance(value, str):
        raise Usage(f"{kind} is not text")
    if kind == "body":
        return BytesBody(value.encode())
    return _decoded(value) if kind == "body_base64" else _file(_text(kind, value))


def _json(value: object) -> Body:
    try:
        return json_body(value)
    except UnicodeEncodeError:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise Usage("json holds a number that JSON has no form for, or is nested too deep") from error


def _decoded(text: str) -> Body:
    from binascii import Error, a2b_base64

    try:
        return BytesBody(a2b_base64(text, strict_mode=True))
    except (Error, ValueError) as error:
        raise Usage(f"body_base64 is not base64: {error}") from error


def _file(path: str) -> Body:
    try:
        file: BinaryIO = open(path, "rb", opener=_opened)
    except (OSError, ValueError) as error:
        raise InputFailed(f"cannot read {shown(path)}: {getattr(error, 'strerror', None) or error}") from error
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        file.close()
        raise InputFailed(f"cannot read {shown(path)}: it is no regular file")
    return FileBody(file, 0, status.st_size, name=path)


def _opened(path: str, flags: int) -> int:
    """Open a file that may be a pipe: nobody is waited for who would write to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _expect(value: object) -> Expect:
    """A status, or a list as the command line has it: 404, "2xx,404"."""
    from reqcli.model.expect import Expect

    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Usage('expect is a status, or text such as "2xx,404"')
    return Expect.parse(str(value))


def _credential(value: object) -> Credential | None:
    """`{"scheme": "bearer", "token": "…"}`, with every value as text; null for none."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Usage('auth is an object such as {"scheme": "bearer", "token": "..."}')
    from reqcli.auth import load

    scheme = _text("the scheme of auth", value.get("scheme"))
    params = {param.name: param for param in load(scheme).params}
    given = {name: one for name, one in value.items() if name != "scheme"}
    if given.keys() != params.keys() or not all(isinstance(one, str) for one in given.values()):
        raise Usage(f"auth of the scheme {scheme.lower()} has {' and '.join(params)}, as text")
    "".join(given.values()).encode()  # half a character has no bytes that could be sent
    return Credential(
        scheme.lower(), {name: Secret(one) if params[name].secret else one for name, one in given.items()}
    )
