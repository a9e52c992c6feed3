"""A context: a session's state as an explicit value, handed from one stateless call to the next.

    {"reqcli": "context", "version": 1, "origins": [ORIGIN…], "issued": TIME, "expires": TIME, "state": {document}}

The state is a session's document (`reqcli.session.document`), less what does not travel: it leaves the machine that
keeps secrets, so it holds what a conversation needs and what is worth little after it. Cookies, captured values and
their rules, bearer tokens, headers that are no secrets, the base URL and the policy travel. Passwords, keys and all
that refers to a secret (a command, a variable, a file, a keyring) never do, nor anything that is called a refresh
token. A context that holds such a thing was not made here, and is refused: else whoever hands one over could have a
command run.

It is for calls to the origins it names and to no others, ends at the time it names, and has a size that fits into a
variable of the environment.
"""

from __future__ import annotations

import json

from reqcli.errors import BadUrl, ContextExpired, ContextInvalid, SessionCorrupt
from reqcli.model.redact import is_secret_header
from reqcli.model.url import Url
from reqcli.model.value import Value
from reqcli.session import document
from reqcli.session.schema import Malformed, SessionState, check_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

    from reqcli.model.origin import Origin
    from reqcli.session.schema import StoredHeader

VERSION: Final = 1

MAX_CONTEXT: Final = 96 * 1024
"""Bytes of a context as text; Linux takes 128 KiB in a variable."""

LIFETIME: Final = 900.0
"""Seconds that a context can be used, unless said otherwise."""

LONGEST_LIFETIME: Final = 86400.0
"""Seconds that can be said; a context that claims more was not made here."""

MOST_ORIGINS: Final = 100

_FIELDS: Final = {"reqcli", "version", "origins", "issued", "expires", "state"}


class Context(Value):
    """What one call hands to the next.

    Args:
        origins: those that may be asked, each the `str` of an `Origin`.
        issued: seconds since the epoch.
        expires: the same.
        state: holds nothing that does not travel.
    """

    __slots__ = ("expires", "issued", "origins", "state")

    def __init__(self, origins: tuple[str, ...], *, issued: float, expires: float, state: SessionState) -> None:
        self.origins: Final = origins
        self.issued: Final = issued
        self.expires: Final = expires
        self.state: Final = state

    def check_origin(self, origin: Origin) -> None:
        """Refuse a call to an origin that the context is not for.

        Raises:
            ContextInvalid: it is another one.
        """
        if str(origin) not in self.origins:
            raise ContextInvalid(
                f"the context is for {', '.join(self.origins)}, and not for {origin}",
                hint="make one for it: `reqcli context export NAME --origin URL`, or a first call without --context",
                details={"origins": list(self.origins)},
            )


def made(state: SessionState, origins: Iterable[str], now: float, lifetime: float = LIFETIME) -> Context:
    """The context of a state.

    Args:
        state: a session's, or what a call left.
        origins: whom it is for.
        now: seconds since the epoch.
        lifetime: seconds.
    """
    names = tuple(sorted(set(origins)))
    return Context(names, issued=now, expires=now + lifetime, state=travelling(state))


def travelling(state: SessionState) -> SessionState:
    """The state less what does not travel."""
    return SessionState(
        state.id,
        rev=state.rev,
        created=state.created,
        updated=state.updated,
        settings={name: value for name, value in state.settings.items() if name == "base_url"},
        headers={key: header for key, header in state.headers.items() if _travels(header)},
        auth={
            origin: auth
            for origin, auth in state.auth.items()
            if auth.scheme == "bearer" and all(isinstance(value, str) for value in auth.params.values())
        },
        cookies=tuple(cookie for cookie in state.cookies if not _is_refresh_token(cookie.name)),
        policy=state.policy,
        rules=state.rules,
        values={
            key: value
            for key, value in state.values.items()
            if key[0] in state.rules and not _is_refresh_token(state.rules[key[0]].name)
        },
    )


def bound_to(state: SessionState, origins: Iterable[Url]) -> SessionState:
    """The state less what belongs to other origins.

    Args:
        state: a session's.
        origins: URLs of those that it is to be for.
    """
    from reqcli.cookies.scope import domain_matches

    urls = tuple(origins)
    names = {str(url.origin) for url in urls} | {"*"}
    return state.replace(
        settings={name: value for name, value in state.settings.items() if name != "base_url" or _is_of(value, names)},
        headers={key: header for key, header in state.headers.items() if header.origin in names},
        auth={origin: auth for origin, auth in state.auth.items() if origin in names},
        cookies=tuple(
            cookie
            for cookie in state.cookies
            if any(
                cookie.domain == url.host or (not cookie.host_only and domain_matches(url.host, cookie.domain))
                for url in urls
            )
        ),
        values={key: value for key, value in state.values.items() if key[1] in names},
    )


def dump(context: Context) -> bytes:
    """A context as one line of text.

    Raises:
        ContextInvalid: it is too large.
    """
    whole = {
        "reqcli": "context",
        "version": VERSION,
        "origins": list(context.origins),
        "issued": context.issued,
        "expires": context.expires,
        "state": json.loads(document.dump(context.state)),
    }
    text = json.dumps(whole, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"
    if len(text) > MAX_CONTEXT:
        raise ContextInvalid(
            f"what is to be handed on takes {len(text)} bytes, and a context has at most {MAX_CONTEXT}",
            hint="keep so much in a named session",
        )
    return text


def load(data: bytes, now: float) -> Context:
    """The context that a text describes.

    Args:
        data: what was handed over.
        now: seconds since the epoch.

    Raises:
        ContextExpired: its time is up.
        ContextInvalid: it is no context, or none that was made here.
    """
    whole = _parsed(data)
    if whole.keys() != _FIELDS or whole["reqcli"] != "context":
        raise _invalid("it does not have exactly the fields of one")
    if type(whole["version"]) is not int or whole["version"] != VERSION:
        raise _invalid(f"it is not of version {VERSION}")
    issued, expires = _time(whole["issued"], "issued"), _time(whole["expires"], "expires")
    if expires <= now:
        raise ContextExpired("the context has expired", details={"expired": expires})
    if expires - now > LONGEST_LIFETIME:
        raise _invalid("it claims to live longer than any context does")
    return Context(_origins(whole["origins"]), issued=issued, expires=expires, state=_state(whole["state"]))


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_CONTEXT:
        raise _invalid(f"it is longer than {MAX_CONTEXT} bytes")
    try:
        whole = document.strict(data.decode("utf-8"))
    except (ValueError, RecursionError, Malformed) as error:
        raise _invalid("it is not JSON, or not such as a context is written in") from error
    if type(whole) is not dict:
        raise _invalid("it is not a JSON object")
    return whole


def _time(value: Any, field: str) -> float:
    try:
        return float(check_time(value, field))
    except Malformed as error:
        raise _invalid(str(error)) from error


def _origins(value: Any) -> tuple[str, ...]:
    if type(value) is not list or not 0 < len(value) <= MOST_ORIGINS:
        raise _invalid("origins is not a list of some origins")
    for origin in value:
        if type(origin) is not str or not _is_origin(origin):
            raise _invalid("origins has what is no origin")
    return tuple(value)


def _state(value: Any) -> SessionState:
    try:
        state = document.load(json.dumps(value).encode(), "of the context")
    except SessionCorrupt as error:
        raise _invalid(f"in its state {error.__cause__}") from error
    if travelling(state) != state:
        raise _invalid("it holds what no context may: a password, a key, a setting, or a reference to a secret")
    return state


def _travels(header: StoredHeader) -> bool:
    if not isinstance(header.value, str):
        return False
    is_bearer = header.name.lower() == "authorization" and header.value.lower().startswith("bearer ")
    return is_bearer or not is_secret_header(header.name)


def _is_refresh_token(name: str) -> bool:
    key = name.lower()
    return "refresh" in key and "token" in key


def _is_origin(text: str) -> bool:
    try:
        return str(Url.parse(text).origin) == text
    except BadUrl:
        return False


def _is_of(url: object, origins: set[str]) -> bool:
    try:
        return isinstance(url, str) and str(Url.parse(url).origin) in origins
    except BadUrl:
        return False


def _invalid(what: str) -> ContextInvalid:
    return ContextInvalid(f"the context cannot be used: {what}", hint="make a new one")
