"""A session bends a call into a request: its headers, cookies and credential for that one origin join it.

What is said nearer wins: the call's own headers over the session's, the session's over the built-in ones. A
header that the call sets to None is taken out, whoever would have set it.
"""

from __future__ import annotations

from reqcli import __version__
from reqcli.cookies.jar import merge_cookie_header
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.timing import DEFAULT_TIMEOUTS, Timeouts
from reqcli.session.schema import ANY_ORIGIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from reqcli.cookies.jar import Jar
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.captures import Carried
    from reqcli.session.schema import SessionState, StoredAuth

    Reveal = Callable[[object], Secret]
    """Turns a stored value, inline or a reference, into the secret itself."""

BUILT_IN: Final = (
    ("User-Agent", f"reqcli/{__version__}"),
    ("Accept", "*/*"),
)
"""Headers of every request unless the session or the call says otherwise, with the one for content codings."""

_BUILT_IN_BY_KEY: Final = tuple((field[0].lower(), field) for field in BUILT_IN)

PATIENCE: Final = 30.0
"""Seconds in which a command or the keyring has to give a secret, unless the session says otherwise."""

_LIMITS: Final = {"connect_timeout": "connect", "timeout": "read", "max_time": "total"}


def with_settings(spec: RequestSpec, state: SessionState, fetch: Reveal) -> RequestSpec:
    """The call with what it leaves unsaid filled in from the session's settings, bound to what its policy allows.

    Args:
        spec: the call.
        state: the session's.
        fetch: asked for a secret that a setting refers to.

    Raises:
        Usage, BadUrl: a setting makes no sense, or nothing says for whom it is.
        SecretUnavailable, Timeout: such a secret is not to be had.
    """
    said: dict[str, Any] = {}
    if state.policy is not None and state.policy.public_only:
        said["dialling"] = spec.dialling.replace(only_public=True)
    if state.settings:
        from reqcli.session.settings import filled

        said.update(filled(spec, state, fetch))
        if spec.timeouts is None:
            said["timeouts"] = timeouts_of(state)
    return spec.replace(**said) if said else spec


def timeouts_of(state: SessionState) -> Timeouts:
    """The session's limits, the built-in ones where it has none."""
    if not state.settings:
        return DEFAULT_TIMEOUTS
    limits = {limit: state.settings[name] for name, limit in _LIMITS.items() if name in state.settings}
    return DEFAULT_TIMEOUTS.replace(**limits) if limits else DEFAULT_TIMEOUTS


def patience_of(state: SessionState) -> float:
    """Seconds that a place has to give a secret that the session refers to."""
    return state.settings.get("secret_timeout", PATIENCE)  # type: ignore[return-value]


def bend(
    spec: RequestSpec,
    state: SessionState,
    jar: Jar,
    now: float,
    reveal: Reveal,
    carried: Carried | None = None,
    codings: str = "gzip, deflate",
) -> Request:
    """The request for the spec's URL, with everything the session has for that origin but the credential.

    Args:
        spec: the call, or one hop of it.
        state: the session's state as it was read.
        jar: its cookies, with what this run has learned.
        now: seconds since the epoch.
        reveal: resolves stored header values.
        carried: what capture rules have for it.
        codings: the content codings that can be taken off here, as Accept-Encoding has them.

    Raises:
        Usage, BadUrl: the call cannot be sent.
        SecretUnavailable: a stored header's value cannot be had.
    """
    fields: dict[str, list[tuple[str, str]]] = {key: [field] for key, field in _BUILT_IN_BY_KEY}
    fields["accept-encoding"] = [("Accept-Encoding", codings)]
    if state.headers:
        here = (ANY_ORIGIN, str(spec.url.origin))
        for header in state.headers.values():
            if header.origin in here:
                fields[header.name.lower()] = [(header.name, reveal(header.value).reveal())]
    url = spec.url
    if carried is not None:
        fields.update((name.lower(), [(name, value)]) for name, value in carried.fields)
        url = url.with_query(carried.query)
    if spec.body is not None and spec.body.content_type is not None:
        fields["content-type"] = [("Content-Type", spec.body.content_type)]
    said: set[str] = set()
    for name, value in spec.headers:
        key = name.lower()
        if value is None:
            fields.pop(key, None)
        elif key in said:
            fields[key].append((name, value))
        else:
            fields[key] = [(name, value)]
        said.add(key)
    if "range" in fields and fields.get("accept-encoding") == [("Accept-Encoding", codings)]:
        # Offsets are meant in the content: of a coded one a part cannot be decoded (Fetch §4.6, HTTP-network fetch).
        fields["accept-encoding"] = [("Accept-Encoding", "identity")]
    _add_cookies(fields, said, spec, jar, now)
    return Request(spec.method, url, Headers([f for same_name in fields.values() for f in same_name]), spec.body)


def _add_cookies(
    fields: dict[str, list[tuple[str, str]]], said: set[str], spec: RequestSpec, jar: Jar, now: float
) -> None:
    """The jar's cookies for this URL, merged with a Cookie header that the user typed; `Cookie:` sends none."""
    typed = fields.get("cookie")
    if typed is None and "cookie" in said:
        return
    if typed is not None:
        joined = "; ".join(value for _, value in typed)
        fields["cookie"] = [("Cookie", merge_cookie_header(joined, jar.matching(spec.url, now)))]
        return
    header = jar.header(spec.url, now)
    if header:
        fields["cookie"] = [("Cookie", header)]


def credential_for(
    spec: RequestSpec,
    state: SessionState,
    reveal: Reveal,
    fallback: Callable[[Url], Credential | None],
    carried: Carried | None = None,
) -> Credential | None:
    """The credential for this hop: an `Authorization` the user typed leaves no room for one; then the call's own,
    then userinfo that a redirect brought for this hop, then what a capture rule has for the header, then the
    session's for this origin, then the fallback's (curl's order).

    Args:
        spec: the call, or one hop of it.
        state: the session's state.
        reveal: resolves stored values.
        fallback: what is known outside of the session, in a netrc.
        carried: what capture rules have for this hop.

    Raises:
        SecretUnavailable: a stored parameter cannot be had.
    """
    if any(name.lower() == "authorization" for name, _ in spec.headers):
        return None
    if spec.auth is not None:
        return spec.auth
    if spec.url.username is not None:
        from reqcli.model.secret import Secret

        return Credential("basic", {"user": spec.url.username, "password": spec.url.password or Secret("")})
    if carried is not None and carried.token is not None:
        from reqcli.model.secret import Secret

        return Credential("bearer", {"token": Secret(carried.token)})
    if carried is not None and carried.sets_authorization:
        return None
    stored = state.auth.get(str(spec.url.origin)) if state.auth else None
    return fallback(spec.url) if stored is None else revealed(stored, reveal)


def revealed(stored: StoredAuth, reveal: Reveal) -> Credential:
    """A stored credential with its values fetched; what its scheme does not call a secret is none, unless fetched.

    Raises:
        Usage: there is no such scheme.
        SecretUnavailable, Timeout: a parameter cannot be had.
    """
    from reqcli.auth import load

    plain = {param.name for param in load(stored.scheme).params if not param.secret}
    return Credential(
        stored.scheme,
        {
            name: value if name in plain and isinstance(value, str) else reveal(value)
            for name, value in stored.params.items()
        },
    )
