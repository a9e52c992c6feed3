"""Our own documents, from another machine or another person.

A document can say where a secret is instead of holding it. Taken over from elsewhere, such a reference would have this
machine run a command, or send one of its files or variables, to a server that the document names: so references come
along only when they are trusted. What a command answered last (its memo) never travels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.errors import InputFailed, SessionCorrupt
from reqcli.interop.foreign import json_keys, left_out
from reqcli.interop.sessions import Exported, Format, Imported, Scope
from reqcli.model.redact import is_secret_header
from reqcli.session.document import dump, load
from reqcli.session.memo import KEY
from reqcli.session.operations import SetAuth, SetCookie, SetHeader, SetSetting
from reqcli.session.rule_operations import SetRule, SetValue
from reqcli.session.schema import ANY_ORIGIN, StoredAuth, StoredHeader
from reqcli.session.upkeep import ExtendPolicy

if TYPE_CHECKING:
    from reqcli.session.operations import Operation
    from reqcli.session.schema import Held, SessionState


class Reqcli:
    """A session's document."""

    def recognises(self, text: str) -> bool:
        return {"version", "id", "rev", "captures"} <= json_keys(text)

    def read(self, text: str, scope: Scope) -> Imported:
        try:
            state = load(text.encode(errors="surrogateescape"), "file")
        except (SessionCorrupt, UnicodeEncodeError) as error:
            message = error.message if isinstance(error, SessionCorrupt) else "it is not text"
            raise InputFailed(message.partition("cannot be read: ")[2] or message) from error
        state, remarks = portable(state, scope)
        for header in [header for header in state.headers.values() if header.origin == ANY_ORIGIN]:
            if is_secret_header(header.name):
                remarks.append(f"header {header.name} is left out: it is a secret by its name, and for every origin")
                state = state.replace(headers={k: h for k, h in state.headers.items() if k != header.key})
        remarks += [
            f"{what}, as the file's setting {name} says" for name, what in _WEIGHTY.items() if name in state.settings
        ]
        operations: list[Operation] = [SetSetting(name, value) for name, value in state.settings.items()]
        operations += [SetHeader(header) for header in state.headers.values()]
        operations += [SetAuth(origin, auth) for origin, auth in state.auth.items()]
        operations += [SetCookie(cookie, secure_origin=True) for cookie in state.cookies]
        operations += [SetRule(rule) for rule in state.rules.values()]
        for (rule, origin), value in state.values.items():
            if not value.is_expired(scope.now):
                operations.append(SetValue(state.rules[rule], origin, value))
        if state.policy is not None:
            operations.append(ExtendPolicy(state.policy, public_only=state.policy.public_only or None))
        return Imported(tuple(operations), tuple(remarks))

    def write(self, state: SessionState, scope: Scope) -> Exported:
        state, remarks = portable(state, scope)
        return Exported(dump(state).decode("ascii"), tuple(remarks))


FORMAT: Final[Format] = Reqcli()

_WEIGHTY: Final = {
    "verify": "what certificates are trusted is changed",
    "proxy": "requests go through a proxy",
    "tls_min": "the lowest TLS version is changed",
}
"""Settings that decide who can read along: they are taken, and it is said."""


def portable(state: SessionState, scope: Scope) -> tuple[SessionState, list[str]]:
    """The state without memos, without references unless they are trusted, and for the chosen origins alone."""
    remarks: list[str] = []
    headers = {}
    for key, header in state.headers.items():
        if scope.chosen and header.origin not in (ANY_ORIGIN, *scope.origins):
            remarks += left_out(state.replace(headers={key: header}), kinds=["headers"])
        elif (
            value := _portable(header.value, scope, f"header {header.name} for {header.origin}", remarks)
        ) is not None:
            headers[key] = StoredHeader(header.name, value, header.origin)
    credentials = {}
    for origin, auth in state.auth.items():
        if scope.chosen and origin not in scope.origins:
            remarks += left_out(state.replace(auth={origin: auth}), kinds=["auth"])
            continue
        params = {
            name: _portable(held, scope, f"the {auth.scheme} credential for {origin}", remarks)
            for name, held in auth.params.items()
        }
        whole = {name: value for name, value in params.items() if value is not None}
        if len(whole) == len(params):
            credentials[origin] = StoredAuth(auth.scheme, whole)
    if "store" in state.settings:
        remarks.append("setting store is left out: where a session is kept is not for its document to say")
    settings = {
        name: value
        for name, value in state.settings.items()
        if name != "store"
        if not isinstance(value, dict) or _portable(value, scope, f"setting {name}", remarks) is not None
    }
    return state.replace(settings=settings, headers=headers, auth=credentials), remarks


def _portable(held: Held, scope: Scope, called: str, remarks: list[str]) -> Held | None:
    """A value, or a reference without its memo; None for one that is not trusted."""
    if isinstance(held, str):
        return held
    bare = {key: value for key, value in held.items() if key != KEY}
    if not scope.trusted:
        kind = next(iter(bare), "place")
        remarks.append(f"{called} is left out: its secret comes from a {kind}, and --trust-commands is not given")
        return None
    return bare
