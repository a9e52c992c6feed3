"""What all foreign session files share: JSON that is read with its place, cookies that are judged as a server's are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reqcli.cookies.receive import MAX_AGE, Refusal, received_cookie
from reqcli.cookies.scope import is_address
from reqcli.errors import InputFailed
from reqcli.model.fields import shown
from reqcli.model.host import normalise_host
from reqcli.model.url import Url
from reqcli.session.schema import ANY_ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reqcli.model.cookie import Cookie
    from reqcli.session.schema import SessionState

FAR: Final = 1e12
"""Seconds; a time further from the epoch is no time."""


def json_of(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        InputFailed: it is none, with line and column.
    """
    import json

    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise InputFailed(f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})") from error
    except (ValueError, RecursionError) as error:
        raise InputFailed("this is JSON that cannot be read: nested too deeply, or a number of too many digits") from (
            error
        )


def json_keys(text: str) -> frozenset[str]:
    """The keys of a JSON object; none for anything else."""
    if not text.lstrip().startswith("{"):
        return frozenset()
    try:
        value = json_of(text)
    except InputFailed:
        return frozenset()
    return frozenset(value) if isinstance(value, dict) else frozenset()


def typed(value: Any, kinds: type | tuple[type, ...], place: str) -> Any:
    """The value, if it is of the kind that it must be.

    Raises:
        InputFailed: it is not; the place is named, the value is not.
    """
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    if type(value) not in kinds:
        raise InputFailed(f"{place} is not {' or '.join(_KINDS.get(kind, kind.__name__) for kind in kinds)}")
    return value


_KINDS: Final = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number",
                 float: "a number", type(None): "null"}  # fmt: skip


def as_received(text: str) -> str:
    """Text as a cookie holds it: the bytes of its UTF-8, viewed as latin-1."""
    try:
        return text.encode(errors="surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass").decode("latin-1")


def foreign_cookie(
    name: str,
    value: str,
    domain: str,
    now: float,
    *,
    path: str = "/",
    host_only: bool = True,
    secure: bool = False,
    http_only: bool = False,
    same_site: str = "",
    expires: float | None = None,
) -> Cookie | Refusal:
    """A cookie out of a file, taken only if a server of that domain could have set it.

    Args:
        name, value: bytes viewed as latin-1.
        domain: as the file has it, with or without a leading dot.
        now: seconds since the epoch.
        path, host_only, secure, http_only, same_site: as for `Cookie`.
        expires: seconds since the epoch; None for a session cookie.
    """
    called = f"cookie {shown(name)}" if name else "a cookie without a name"
    if any(mark in text for mark in ";\r\n\0" for text in (name, value, path)) or "=" in name:
        return Refusal(f"{called} is left out: it holds a character that no server could have sent")
    bare = domain.strip().removeprefix(".")
    try:
        host = normalise_host(f"[{bare}]" if ":" in bare and not bare.startswith("[") else bare)
    except ValueError:
        return Refusal(f"{called} is left out: its domain is no host")
    if expires is not None and not -FAR < expires < FAR:
        return Refusal(f"{called} is left out: its expiry is no time")
    if expires is not None and expires <= now:
        return Refusal(f"{called} for {host} is left out: it has expired")
    attributes = [f"Path={path}" if path[:1] == "/" else "Path=/"]
    attributes += [f"Domain={host}"] if not host_only and not is_address(host) else []
    attributes += [word for word, is_so in (("Secure", secure), ("HttpOnly", http_only)) if is_so]
    attributes += [f"SameSite={same_site}"] if same_site else []
    url = Url("https", host, 443) if secure else Url("http", host, 80)
    cookie = received_cookie("; ".join([f"{name}={value}", *attributes]), url, now)
    if isinstance(cookie, Refusal):
        return Refusal(f"{called} for {host} is left out{cookie.reason.partition(' is refused')[2]}")
    return cookie if expires is None else cookie.replace(expires=min(-(-expires // 1), (now + MAX_AGE) // 1))


def left_out(state: SessionState, *, kinds: Iterable[str]) -> list[str]:
    """A sentence on each thing of a session that a format has no place for.

    Args:
        state: the session's.
        kinds: `settings`, `policy`, `rules`, `headers`, `auth`, `cookies`.
    """
    found: list[str] = []
    for kind in kinds:
        if kind == "settings":
            found += [f"setting {name} is left out" for name in state.settings]
        elif kind == "policy" and state.policy is not None:
            found.append("the policy is left out")
        elif kind == "rules":
            found += [f"the capture rule {text}, and what it took, is left out" for text in state.rules]
        elif kind == "headers":
            for header in state.headers.values():
                whom = "every origin" if header.origin == ANY_ORIGIN else header.origin
                found.append(f"header {header.name} for {whom} is left out")
        elif kind == "auth":
            found += [f"the {auth.scheme} credential for {origin} is left out" for origin, auth in state.auth.items()]
        elif kind == "cookies":
            found += [f"cookie {shown(cookie.name)} for {cookie.domain} is left out" for cookie in state.cookies]
    return found
