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

Most documents hold cookies and nothing else, in letters that need no escape. Those are written without an encoder, and
read without a parser, by the words that stand between the values. All others are read and written as JSON, and what
that takes is loaded for them.
"""

from __future__ import annotations

from reqcli.errors import SessionCorrupt
from reqcli.model.cookie import Cookie
from reqcli.session.schema import FAR_TIME, MIGRATIONS, VERSION, Malformed, SessionState, check_time, migrate

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

_NOTHING: Final = (
    ',\n  "settings": {},\n  "policy": null,\n  "headers": {},\n  "auth": {},\n  "captures": {},\n  "cookies": ['
)
"""What stands in a document without any of that, between the times and the cookies."""
_BETWEEN: Final = ",\n    "
_END: Final = "\n  ]\n}\n"
_WORD: Final = ("false", "true")
_FLAGS: Final = {
    f'{_WORD[host_only]}, "secure": {_WORD[secure]}, "http_only": {_WORD[http_only]}': (host_only, secure, http_only)
    for host_only in (False, True)
    for secure in (False, True)
    for http_only in (False, True)
}


def _plain_head(name: str, rev: int, created: float, updated: float, used: float) -> str | None:
    """The beginning of a document as it is written, up to `_NOTHING`; None where it needs to be written as JSON."""
    if not (name.isascii() and name.isalnum() and _are_near(created, updated, used)):
        return None
    return (
        f'{{\n  "version": {VERSION},\n  "id": "{name}",\n  "rev": {rev},\n  "created": {created!r},\n'
        f'  "updated": {updated!r},\n  "used": {used!r}'
    )


def _plain_cookie(
    name: str, value: str, domain: str, path: str, host_only: bool, secure: bool, http_only: bool, same_site: str,
    expires: float | None, created: float,
) -> str | None:  # fmt: skip
    """A cookie as it is written; None where it needs to be written as JSON: a string of it has what is escaped."""
    strings = f"{name}{value}{domain}{path}{same_site}"
    if not (strings.isascii() and strings.isprintable()) or '"' in strings or "\\" in strings:
        return None
    if not _are_near(created, created if expires is None else expires):
        return None
    return (
        f'{{"name": "{name}", "value": "{value}", "domain": "{domain}", "path": "{path}", '
        f'"host_only": {_WORD[host_only]}, "secure": {_WORD[secure]}, "http_only": {_WORD[http_only]}, '
        f'"same_site": "{same_site}", "expires": {"null" if expires is None else repr(expires)}, '
        f'"created": {created!r}}}'
    )


def _are_near(*times: float) -> bool:
    """Whether they are times; an infinite one, or none, is not to be written as a number."""
    for moment in times:  # noqa: SIM110 - thrice as quick
        if not -FAR_TIME < moment < FAR_TIME:
            return False
    return True


def _plain(data: bytes) -> tuple[Any, ...] | None:
    """The arguments of `_state` that a document comes to; None if it is not a plain one."""
    try:
        head, _, rest = data.decode("ascii").partition(_NOTHING)
        head, _, used = head.partition(',\n  "used": ')
        head, _, updated = head.partition(',\n  "updated": ')
        head, _, created = head.partition(',\n  "created": ')
        head, _, rev = head.partition('",\n  "rev": ')
        head, _, name = head.partition('": 1,\n  "id": "')
        if head != '{\n  "version' or not (name.isalnum() and rev.isdigit()) or rev[0] == "0" != rev:
            return None
        cookies = []
        if rest != "]\n}\n":
            if not (rest.startswith(_BETWEEN[1:]) and rest.endswith(_END)):
                return None
            cookies = [_plain_fields(entry) for entry in rest[len(_BETWEEN) - 1 : -len(_END)].split(_BETWEEN)]
        times = _time(created), _time(updated), _time(used)
        return VERSION, name, int(rev), *times, (), None, (), (), (), cookies, _of_fields
    except (ValueError, LookupError):
        return None


def _plain_fields(entry: str) -> tuple[Any, ...]:
    """The fields of a cookie.

    Raises:
        ValueError, LookupError: it is none that is plain.
    """
    start, _, rest = entry.partition('"name": "')
    name, _, rest = rest.partition('", "value": "')
    value, _, rest = rest.partition('", "domain": "')
    domain, _, rest = rest.partition('", "path": "')
    path, _, rest = rest.partition('", "host_only": ')
    flags, _, rest = rest.partition(', "same_site": "')
    same_site, _, rest = rest.partition('", "expires": ')
    expires, _, created = rest.partition(', "created": ')
    strings = f"{start}{name}{value}{domain}{path}{same_site}"
    if start != "{" or created[-1:] != "}" or not strings.isprintable() or '"' in strings or "\\" in strings:
        raise ValueError(entry)
    ends = None if expires == "null" else _time(expires)
    return name, value, domain, path, *_FLAGS[flags], same_site, ends, _time(created[:-1])


def _time(text: str) -> float:
    """The number of a text, which must be written as most times are.

    Raises:
        ValueError: it is not.
    """
    whole, _, part = text.partition(".")
    if not (whole.isdigit() and part.isdigit()) or whole[0] == "0" != whole:
        raise ValueError(text)
    return float(text)


def dump(state: SessionState) -> bytes:
    """The document of a state as text: each member on its line, and each cookie, header and so on, on one of its own.

    Laid out by hand, for Python's encoder in C knows no indentation, and the other one takes fifteen times as long.
    """
    head = None
    if not (state.settings or state.headers or state.auth or state.rules or state.values) and state.policy is None:
        head = _plain_head(state.id, state.rev, state.created, state.updated, state.used)
    if head is not None:
        head += _NOTHING
    else:
        from reqcli.session.groups import laid_out

        lines = [f'"{name}": {laid_out(value)}' for name, value in _members_but_cookies(state).items()]
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
    text = _plain_cookie(
        cookie.name, cookie.value, cookie.domain, cookie.path, cookie.host_only, cookie.secure, cookie.http_only,
        cookie.same_site, cookie.expires, cookie.created,
    )  # fmt: skip
    if text is None:
        from reqcli.session.groups import write_json

        text = write_json(_entry(cookie))
    return text.encode("ascii")


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

    return state.replace(cookies=fitting(state.cookies, MAX_DOCUMENT // 2, lambda cookie: len(_written(cookie))))


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
    elif (fields := _plain(data)) is not None:
        return _state(*fields)
    from reqcli.session.groups import pairs

    return _of_pairs(pairs(data))


def _read_in_part(data: bytes) -> SessionState | None:
    """The state of a long document, its cookies as they are written; None if that is none to be read so, or none."""
    from reqcli.session.entries import taken_apart

    apart = taken_apart(data, _understood)
    if apart is None:
        return None
    fields = _plain(apart[0])
    if fields is not None:
        fields = *fields[:-2], apart[1]
        return _state(*fields)
    from reqcli.session.groups import pairs

    try:
        found = pairs(apart[0])
    except Malformed:
        return None  # what is wrong with it, and where, the whole of it tells
    if found[:1] != (("version", VERSION),):
        return None
    return _of_pairs(tuple([(name, apart[1] if name == "cookies" else value) for name, value in found]))


def _of_pairs(pairs: tuple[tuple[str, Any], ...]) -> SessionState:
    names, values = zip(*pairs) if pairs else ((), ())  # noqa: B905 - all are pairs
    if names == _FIELDS and values[0] == VERSION and type(values[0]) is int:
        return _state(*values)
    from reqcli.session.groups import thawed

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
    auth: Any, captures: Any, cookies: Any, of: Callable[[Any], Cookie] | None = None,
) -> SessionState:  # fmt: skip
    """The state of the fields of a document, in their order; `of` makes a cookie of an entry, `_cookie` if need be."""
    if type(name) is not str or len(name) != 32 or name.encode("ascii", "replace").translate(None, _HEXADECIMAL):
        raise Malformed("id is not 32 hexadecimal digits")
    if type(rev) is not int or rev < 0:
        raise Malformed("rev is not a whole number from 0 on")
    check_time(created, "created")
    check_time(updated, "updated")
    check_time(used, "used")
    known = _cookies(cookies, of or _cookie)
    if settings == () and policy is None and headers == () and auth == () and captures == ():
        return SessionState(
            name, rev=rev, created=created, updated=updated, used=used, settings={}, headers={}, auth={}, cookies=known
        )
    from reqcli.session.groups import read, thawed

    groups = read(*map(thawed, (settings, policy, headers, auth, captures)))
    return SessionState(name, rev=rev, created=created, updated=updated, used=used, cookies=known, **groups)


def _cookies(entries: Any, of: Callable[[Any], Cookie]) -> tuple[Cookie, ...] | ByDomain:
    if type(entries) is not list:
        from reqcli.cookies.jar import ByDomain

        if type(entries) is ByDomain:
            return entries
        raise Malformed("cookies is not a list")
    cookies: list[Cookie] = []
    try:
        for entry in entries:
            cookies.append(of(entry))
    except Malformed as wrong:
        raise Malformed(f"cookies[{len(cookies)}] is no cookie: {wrong}") from wrong
    if len(cookies) > 1 and len({cookie.key for cookie in cookies}) != len(entries):
        raise Malformed("a cookie (domain, path, name) is there twice")
    return tuple(cookies)


def _understood(entries: Sequence[bytes]) -> list[Cookie]:
    """The cookies of entries that are known to be sound."""
    try:
        return [_of_fields(_plain_fields(entry.decode("ascii"))) for entry in entries]
    except (ValueError, LookupError):
        from reqcli.session.groups import read_json

        return [_cookie(entry) for entry in read_json(f"[{b','.join(entries).decode('ascii')}]")]


def _cookie(entry: Any) -> Cookie:
    if type(entry) is dict:  # from a migration or a shared store
        entry = tuple(entry.items())
    names, values = zip(*entry) if type(entry) is tuple and entry else ((), ())  # noqa: B905 - as above
    if names != _COOKIE:  # which would do in any order
        from reqcli.session.groups import thawed

        fields = thawed(entry)
        if type(fields) is not dict or fields.keys() != {*_COOKIE}:
            raise Malformed("it does not have exactly the fields of one")
        values = tuple([fields[field] for field in _COOKIE])
    return _of_fields(values)


def _of_fields(values: Sequence[Any]) -> Cookie:
    """The cookie of its fields, in their order."""
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
