"""What `session import` and `session export` do: take in what other programs keep of a session, and give it to them."""

from __future__ import annotations

import os
from time import time

from reqcli.cli.credentials import read_text
from reqcli.cli.sessions.actions import base_url_of, changed, existing
from reqcli.cli.shorthand import complete_url
from reqcli.cookies.jar import MAX_COOKIES, MAX_PER_DOMAIN
from reqcli.errors import InputFailed, OutputFailed, Usage
from reqcli.interop.sessions import Scope, load, sniffed
from reqcli.model.fields import shown
from reqcli.model.url import Url
from reqcli.session.operations import SetAuth, SetCookie, SetHeader, SetSetting, apply
from reqcli.session.rule_operations import SetValue
from reqcli.session.schema import ANY_ORIGIN
from reqcli.session.upkeep import ClearPolicy, DiscardExpired, Expire, ExtendPolicy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Final

    from reqcli.cli.world import World
    from reqcli.model.cookie import Cookie, CookieKey
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

MOST_OF_AN_IMPORT: Final = 128 * 1024 * 1024
"""Bytes; an archive of a browser's requests is large, and all of it is in memory when it is read."""


def import_session(
    world: World, name: str, file: str, format_: str | None, *, origins: Sequence[str], replace: bool, trusted: bool
) -> int:
    """Merge what a file holds into a session, in one transaction; what is there already stays, or is replaced."""
    state = world.store_of(name).read(name)
    now = time()
    text = read_text(f"@{file}", world, "a session to import", MOST_OF_AN_IMPORT)
    scope = Scope(now, chosen=_urls(origins), default=base_url_of(state), trusted=trusted)
    found = load(format_) if format_ is not None else sniffed(text)
    try:
        imported = found.read(text, scope)
    except InputFailed as error:
        raise InputFailed(f"{'standard input' if file == '-' else file}: {error.message}") from error
    remarks = list(imported.remarks)
    base = None if state is None else apply(state, [Expire()], now)
    cookies = {} if base is None else {cookie.key: cookie for cookie in base.cookies}
    operations: list[Operation] = []
    for operation in imported.operations:
        called = _clash(operation, base, cookies)
        if called is not None and not replace:
            remarks.append(f"{called} is in the session already and stays as it is; --replace takes the file's")
            continue
        operations += [ClearPolicy(), operation] if called == "a policy" else [operation]
    if operations:
        kept = {cookie.key for cookie in changed(world, name, state, operations).cookies}
        given = [op for op in operations if not isinstance(op, SetCookie) or op.cookie.key in kept]
        if len(given) < len(operations):
            remarks.append(
                f"{len(operations) - len(given)} cookies were not kept:"
                f" a session has room for {MAX_PER_DOMAIN} of one domain and {MAX_COOKIES} in all"
            )
        operations = given
    for remark in remarks:
        world.say(f"reqcli: note: {remark}")
    world.say(f"reqcli: {_counted(operations)} imported into session {name}")
    return 0


def export_session(
    world: World, name: str, format_: str, *, output: str | None, origins: Sequence[str], reveal: bool, trusted: bool
) -> int:
    """Write a session in a format: into a new file, closed to others, or, revealed, to standard output."""
    state = existing(world, name)
    now = time()
    alive = apply(state, [Expire(), DiscardExpired()], now)
    if state.created != alive.created:
        world.say(f"reqcli: warning: session {name} has expired; only what stays is exported [session_expired]")
    chosen = _urls(origins)
    scope = Scope(now, chosen=chosen, default=base_url_of(state) or _only_server(alive), trusted=trusted)
    exported = load(format_).write(alive, scope)
    to_stdout = output is None or output == "-"
    if to_stdout and not reveal and (alive.cookies or alive.headers or alive.auth or alive.values):
        raise Usage(
            "an export holds secrets as they are, and is not written to standard output unasked",
            hint="write it to a file with -o FILE, or add --reveal",
        )
    data = exported.text.encode(errors="surrogateescape")
    if to_stdout or output is None:
        world.write(data)
    else:
        _write_new(output, data)
    for remark in dict.fromkeys(exported.remarks):
        world.say(f"reqcli: note: {remark}")
    return 0


def _urls(origins: Sequence[str]) -> tuple[Url, ...]:
    return tuple(Url.parse(complete_url(origin, None)) for origin in origins)


def _only_server(state: SessionState) -> Url | None:
    """The one server that the session has something for, if there is but one."""
    origins = {*state.auth, *(header.origin for header in state.headers.values())} - {ANY_ORIGIN}
    if not origins:
        origins = {complete_url(cookie.domain, None) for cookie in state.cookies if ":" not in cookie.domain}
    return Url.parse(origins.pop()) if len(origins) == 1 else None


def _clash(operation: Operation, state: SessionState | None, cookies: Mapping[CookieKey, Cookie]) -> str | None:
    """What the operation would change in the session, in words; None if that is not there or the same."""
    if state is None:
        return None
    there: object = None
    given: object = None
    called = ""
    if isinstance(operation, SetCookie):
        cookie = operation.cookie
        old_cookie = there = cookies.get(cookie.key)
        given = None if old_cookie is None else cookie.replace(created=old_cookie.created)
        called = f"cookie {shown(cookie.name)} for {cookie.domain}"
    elif isinstance(operation, SetHeader):
        header = operation.header
        old = state.headers.get(header.key)
        there, given = old and old.value, header.value
        called = f"header {header.name} for {header.origin}"
    elif isinstance(operation, SetAuth):
        there, given = state.auth.get(operation.origin), operation.auth
        called = f"a credential for {operation.origin}"
    elif isinstance(operation, SetSetting):
        there, given = state.settings.get(operation.name), operation.value
        called = f"setting {operation.name}"
    elif isinstance(operation, SetValue):
        there, given = state.values.get((operation.rule.text, operation.origin)), operation.stored
        called = f"what the rule {operation.rule.text} took from {operation.origin}"
    elif isinstance(operation, ExtendPolicy):
        there, given, called = state.policy, operation.more, "a policy"
    return called if there is not None and there != given else None


def _counted(operations: Sequence[Operation]) -> str:
    """What was taken in, by its kinds."""
    words = {"cookie": "cookie", "header": "header", "auth": "credential", "capture": "rule or value", "var": "setting"}
    counts: dict[str, int] = {}
    for operation in operations:
        kind = operation.describe().kind
        if not isinstance(operation, ClearPolicy):
            counts[kind] = counts.get(kind, 0) + 1
    listed = [f"{count} {words[kind]}{'s' if count > 1 else ''}" for kind, count in counts.items()]
    return ", ".join(listed) or "nothing"


def _write_new(path: str, data: bytes) -> None:
    """Write a file that did not exist, closed to others from its birth."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise OutputFailed(f"{path} exists already", hint="exports overwrite nothing: choose another name") from error
    except OSError as error:
        raise OutputFailed(f"cannot write {path}: {error.strerror}") from error
