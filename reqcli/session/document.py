"""A session's state as the JSON document that a person can read and a file can hold, and back, strictly.

The document is one object with exactly these members, in this order:

    version   the number of the last migration (`reqcli.session.schema`)
    id, rev, created, updated, used
    settings  {name: value}
    policy    null or {"origins": [origin], "methods": [name], "paths": [prefix], "public_only": whether}
    headers   {origin: {name: value or reference}}
    auth      {origin: {"scheme": name, "params": {name: value or reference}}}
    captures  {text of a rule: {origin: {"value", "issued", "expires", "resource"}}}
    cookies   [every field of each, none left out: a host-only cookie must stay one (CVE-2026-54279)]

It is ASCII: a byte that a server chose cannot reach a terminal as a control character when the file is shown.
What is not exactly this is refused, naming the place and never the value: a damaged session must not be taken
for an empty one, nor half of it for the whole. Whatever `dump` writes, `load` reads back as an equal state.
"""

from __future__ import annotations

from reqcli.errors import SessionCorrupt
from reqcli.model.cookie import Cookie
from reqcli.model.quick_json import Rules, reader, writer
from reqcli.session.schema import MIGRATIONS, VERSION, Malformed, SessionState, check_time, migrate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Final

    from reqcli.cookies.jar import ByDomain
    from reqcli.session.schema import Json

MAX_DOCUMENT: Final = 4 * 1024 * 1024
"""Bytes; a longer document is neither read nor written."""

LONG: Final = 16 * 1024
"""Bytes of a document whose cookies are understood only when they are asked for, see `reqcli.session.entries`."""

_FIELDS: Final = (
    "version", "id", "rev", "created", "updated", "used", "settings", "policy", "headers", "auth", "captures",
    "cookies",
)  # fmt: skip
_VALUE: Final = ("value", "issued", "expires", "resource")
_COOKIE: Final = (
    "name", "value", "domain", "path", "host_only", "secure", "http_only", "same_site", "expires", "created",
)  # fmt: skip
_KINDS: Final = (str, str, str, str, bool, bool, bool, str)
"""What the fields of a cookie are; after them come two times."""

_HEXADECIMAL: Final = b"0123456789abcdef"

_write: Final = writer()


def dump(state: SessionState) -> bytes:
    """The document of a state as text: each member on its line, and each cookie, header and so on, on one of its own.

    Laid out by hand, for Python's encoder in C knows no indentation, and the other one takes fifteen times as long.
    """
    lines = [f'"{name}": {_laid_out(value)}' for name, value in _members_but_cookies(state).items()]
    head = ",\n  ".join(["{\n  " + lines[0], *lines[1:], '"cookies": ['])
    entries = _entries(state.cookies)
    if not entries:
        return f"{head}]\n}}\n".encode("ascii")
    entries[0] = f"{head}\n    ".encode("ascii") + entries[0]
    entries[-1] += b"\n  ]\n}\n"
    return b",\n    ".join(entries)  # at once: they may be some megabytes


def _entries(cookies: tuple[Cookie, ...] | ByDomain) -> list[bytes]:
    """Each cookie as JSON; what was read or written before and is the same, in the words that it stood in."""
    if isinstance(cookies, tuple):
        return [_written(cookie) for cookie in cookies]
    entries = []
    for group in cookies.domains.values():
        entries += group.entries(_written)
    return entries


def _written(cookie: Cookie) -> bytes:
    return _write(_entry(cookie)).encode("ascii")


def _laid_out(value: Json) -> str:
    """A member of the document, its own members on lines of their own."""
    if not isinstance(value, dict) or not value:
        return _write(value)
    lines = [f"{_write(name)}: {_write(inner)}" for name, inner in value.items()]
    return "{\n    " + ",\n    ".join(lines) + "\n  }"


def members(state: SessionState) -> dict[str, Any]:
    """The document of a state, always of the newest version, in a stable order."""
    return {**_members_but_cookies(state), "cookies": [_entry(cookie) for cookie in state.cookies]}


def _members_but_cookies(state: SessionState) -> dict[str, Any]:
    headers: dict[str, dict[str, Json]] = {}
    for (origin, _), header in sorted(state.headers.items()):
        headers.setdefault(origin, {})[header.name] = header.value
    return {
        "version": VERSION,
        "id": state.id,
        "rev": state.rev,
        "created": state.created,
        "updated": state.updated,
        "used": state.used,
        "settings": dict(sorted(state.settings.items())),
        "policy": None if state.policy is None else state.policy.as_json(),
        "headers": headers,
        "auth": {
            origin: {"scheme": auth.scheme, "params": dict(sorted(auth.params.items()))}
            for origin, auth in sorted(state.auth.items())
        },
        "captures": _captured(state),
    }


def _captured(state: SessionState) -> dict[str, Json]:
    captures: dict[str, dict[str, Json]] = {text: {} for text in sorted(state.rules)}
    for (text, origin), stored in sorted(state.values.items(), key=lambda item: item[0]):
        captures[text][origin] = {field: getattr(stored, field) for field in _VALUE}
    return dict(captures)


def _entry(cookie: Cookie) -> dict[str, Json]:
    return {field: getattr(cookie, field) for field in _COOKIE}


def slimmed(state: SessionState) -> SessionState:
    """The state with cookies left out until they take half of a document's room, for when it has become too long.

    The domains with the most bytes give theirs up first, their oldest ones first: a server that floods the
    session loses its own cookies, and cannot keep the session from being written.
    """
    from reqcli.session.entries import fitting

    return state.replace(cookies=fitting(state.cookies, MAX_DOCUMENT // 2, lambda cookie: len(_write(_entry(cookie)))))


def load(data: bytes, name: str, *, location: str = "") -> SessionState:
    """The state that a document describes.

    Args:
        data: the whole document.
        name: what messages call the session.
        location: where the document is kept, for the way out.

    Raises:
        SessionCorrupt: it is no such document; the message names the place and holds no value.
    """
    try:
        return _read_whole(data)
    except (Malformed, RecursionError) as wrong:
        raise _corrupt(wrong, name, location) from wrong


def read_members(document: Callable[[], dict[str, Any]], name: str, *, location: str) -> SessionState:
    """The state that a document describes, once it is parsed.

    Args:
        document: gives the members, or raises `Malformed`.
        name: what messages call the session.
        location: where the document is kept, for the way out.

    Raises:
        SessionCorrupt: it is no such document; the message names the place and holds no value.
    """
    try:
        return _of_members(migrate(document(), MIGRATIONS))
    except (Malformed, RecursionError) as wrong:
        raise _corrupt(wrong, name, location) from wrong


def _corrupt(wrong: Malformed | RecursionError, name: str, location: str) -> SessionCorrupt:
    if isinstance(wrong, RecursionError):
        wrong = Malformed("it is nested too deeply")
    return SessionCorrupt(
        f"session {name} cannot be read: {wrong}",
        hint=wrong.hint or f"mend {location or 'it'}, or move it away to start anew; reqcli leaves it untouched",
    )


def _read_whole(data: bytes) -> SessionState:
    if len(data) > LONG:
        if len(data) > MAX_DOCUMENT:
            raise Malformed(f"it is longer than {MAX_DOCUMENT} bytes")
        if (state := _read_in_part(data)) is not None:
            return state
    return _of_pairs(_pairs(data))


def _read_in_part(data: bytes) -> SessionState | None:
    """The state of a long document, its cookies as they are written; None if that is none to be read so, or none."""
    from reqcli.session.entries import taken_apart

    apart = taken_apart(data, _understood)
    if apart is None:
        return None
    try:
        pairs = _pairs(apart[0])
    except Malformed:
        return None  # what is wrong with it, and where, the whole of it tells
    if pairs[:1] != (("version", VERSION),):
        return None
    return _of_pairs(tuple([(name, apart[1] if name == "cookies" else value) for name, value in pairs]))


def _pairs(data: bytes) -> tuple[tuple[str, Any], ...]:
    """The members of a document, by the strictest reading of JSON."""
    try:
        pairs = _read(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8") from error
    except ValueError as error:
        from json import JSONDecodeError

        if isinstance(error, JSONDecodeError):
            raise Malformed(f"it is not JSON at line {error.lineno}, column {error.colno}") from error
        raise Malformed("a number in it has too many digits") from error
    if type(pairs) is not tuple:
        raise Malformed("it is not a JSON object")
    return pairs


def _no_number(constant: str) -> None:
    raise Malformed(f"{constant} is not a number")


_read: Final = reader(Rules(tuple, _no_number))
"""Reads JSON as the RFC has it, an object as a tuple of its members: whether one has the fields that it should have, in
their order and each once, is told by one comparison, and most are looked at in no other way."""


def thawed(value: Any) -> Any:
    """What was read, with its objects as dicts.

    Raises:
        Malformed: a key stands twice in one object, and two readers could see two different sessions.
    """
    if type(value) is list:
        return [thawed(item) for item in value]
    if type(value) is not tuple:
        return value
    found = {name: thawed(item) for name, item in value}
    if len(found) != len(value):
        from reqcli.model.fields import shown

        names = [name for name, _ in value]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"the key {shown(twice)} stands twice in one object")
    return found


def strict(text: str) -> Any:
    """JSON as the RFC has it, and no key twice in one object.

    Raises:
        Malformed: it is not that.
        ValueError, RecursionError: it is none at all, as `json` says it.
    """
    return thawed(_read(text))


def _of_pairs(pairs: tuple[tuple[str, Any], ...]) -> SessionState:
    names, values = zip(*pairs) if pairs else ((), ())  # noqa: B905 - all are pairs
    if names == _FIELDS and values[0] == VERSION and type(values[0]) is int:
        return _state(*values)
    return _of_members(migrate(thawed(pairs), MIGRATIONS))


def _of_members(document: dict[str, Any]) -> SessionState:
    """The state of members in any order, their objects thawed."""
    for field in document:
        if field not in _FIELDS:
            from reqcli.model.fields import shown

            raise Malformed(f"it has an unknown field {shown(field)}")
    for field in _FIELDS:
        if field not in document:
            raise Malformed(f"the field {field} is missing")
    return _state(*[document[field] for field in _FIELDS])


def _state(
    _: int, name: Any, rev: Any, created: Any, updated: Any, used: Any, settings: Any, policy: Any, headers: Any,
    auth: Any, captures: Any, cookies: Any,
) -> SessionState:  # fmt: skip
    """The state of the fields of a document, in their order."""
    if type(name) is not str or len(name) != 32 or name.encode("ascii", "replace").translate(None, _HEXADECIMAL):
        raise Malformed("id is not 32 hexadecimal digits")
    if type(rev) is not int or rev < 0:
        raise Malformed("rev is not a whole number from 0 on")
    check_time(created, "created")
    check_time(updated, "updated")
    check_time(used, "used")
    known = _cookies(cookies)
    if settings == () and policy is None and headers == () and auth == () and captures == ():
        return SessionState(
            name, rev=rev, created=created, updated=updated, used=used, settings={}, headers={}, auth={}, cookies=known
        )
    from reqcli.session.groups import read

    groups = read(*map(thawed, (settings, policy, headers, auth, captures)))
    return SessionState(name, rev=rev, created=created, updated=updated, used=used, cookies=known, **groups)


def _cookies(entries: Any) -> tuple[Cookie, ...] | ByDomain:
    if type(entries) is not list:
        from reqcli.cookies.jar import ByDomain

        if type(entries) is ByDomain:
            return entries
        raise Malformed("cookies is not a list")
    cookies: list[Cookie] = []
    try:
        for entry in entries:
            cookies.append(_cookie(entry))
    except Malformed as wrong:
        raise Malformed(f"cookies[{len(cookies)}] is no cookie: {wrong}") from wrong
    if len(cookies) > 1 and len({cookie.key for cookie in cookies}) != len(entries):
        raise Malformed("a cookie (domain, path, name) is there twice")
    return tuple(cookies)


def _understood(entries: Sequence[bytes]) -> list[Cookie]:
    """The cookies of entries that are known to be sound."""
    return [_cookie(entry) for entry in _read(f"[{b','.join(entries).decode('ascii')}]")]


def _cookie(entry: Any) -> Cookie:
    if type(entry) is dict:  # from a migration or a shared store
        entry = tuple(entry.items())
    names, values = zip(*entry) if type(entry) is tuple and entry else ((), ())  # noqa: B905 - as above
    if names != _COOKIE:  # which would do in any order
        fields = thawed(entry)
        if type(fields) is not dict or fields.keys() != {*_COOKIE}:
            raise Malformed("it does not have exactly the fields of one")
        values = tuple([fields[field] for field in _COOKIE])
    name, value, domain, path, host_only, secure, http_only, same_site, expires, created = values
    if not (
        type(name) is type(value) is type(domain) is type(path) is type(same_site) is str
        and type(host_only) is type(secure) is type(http_only) is bool
    ):
        wrong = next(
            name for name, kind, value in zip(_COOKIE, _KINDS, values, strict=False) if type(value) is not kind
        )
        raise Malformed(f"{wrong} is not of the kind that it must be")
    check_time(created, "created")
    if expires is not None:
        check_time(expires, "expires")
    if path[:1] != "/" or not domain:
        raise Malformed("it has no domain or no absolute path")
    return Cookie(
        name, value, domain, path, host_only=host_only, secure=secure, http_only=http_only, same_site=same_site,
        expires=expires, created=created,
    )  # fmt: skip
