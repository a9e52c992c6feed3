"""What the `session` commands show: a list of sessions, one session, its cookies; secrets masked unless revealed."""

from __future__ import annotations

import os
from time import time
from typing import TYPE_CHECKING, Any

from reqcli.cli.session_actions import existing
from reqcli.errors import ReqcliError
from reqcli.model.redact import is_secret_header
from reqcli.model.secret import MASK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from reqcli.cli.world import World
    from reqcli.model.cookie import Cookie
    from reqcli.session.schema import Json, SessionState


def list_sessions(world: World, format_: str | None) -> int:
    """List the sessions; one that cannot be read is listed with the reason, and the exit status says so."""
    store = world.sessions()
    rows: list[dict[str, Any]] = []
    status = 0
    for name in store.names():
        try:
            state = store.read(name)
        except ReqcliError as error:
            world.say(_failure(error))
            status = error.exit_status
            continue
        if state is not None:
            rows.append(_summary(name, state, os.path.getsize(store.location(name))))
    _print(world, format_, ("name", "cookies", "origins", "rev", "updated", "bytes"), rows)
    return status


def show(world: World, name: str, format_: str | None, *, reveal: bool) -> int:
    """Show one session: as JSON for programs, in words for people."""
    state = existing(world, name)
    record = _record(world, name, state, reveal=reveal)
    if format_ == "json":
        from reqcli.render.json_text import dump

        world.write(f"{dump(record)}\n".encode())
        return 0
    from reqcli.render.escape import escape_line

    lines = [f"session {name}: {record['path']}", f"revision {state.rev}, changed {_moment(state.updated)}"]
    lines += [f"setting {key} = {value}" for key, value in record["settings"].items()]
    lines += [f"header {h['name']}: {h['value']}  (for {_whom(h['origin'])})" for h in record["headers"]]
    for auth in record["auth"]:
        params = ", ".join(f"{key}={value}" for key, value in auth["params"].items())
        lines.append(f"credential {auth['scheme']} {params}  (for {auth['origin']})")
    lines += [
        f"cookie {c['name']}={c['value']}  (for {c['domain']}{c['path']}, {_lifetime(c)})" for c in record["cookies"]
    ]
    world.write("".join(f"{escape_line(line)}\n" for line in lines).encode(errors="backslashreplace"))
    return 0


def cookies(world: World, name: str, format_: str | None, *, reveal: bool) -> int:
    """List a session's cookies."""
    state = existing(world, name)
    rows = [_cookie(cookie, reveal=reveal) for cookie in state.cookies if not cookie.is_expired(time())]
    for row in rows if format_ != "json" else ():
        row["expires"] = _lifetime(row)
    _print(world, format_, ("domain", "path", "name", "value", "expires"), rows)
    return 0


def _summary(name: str, state: SessionState, size: int) -> dict[str, Any]:
    return {
        "name": name,
        "cookies": sum(not cookie.is_expired(time()) for cookie in state.cookies),
        "origins": sorted({*state.auth, *(header.origin for header in state.headers.values())}),
        "rev": state.rev,
        "created": state.created,
        "updated": state.updated,
        "bytes": size,
    }


def _record(world: World, name: str, state: SessionState, *, reveal: bool) -> dict[str, Any]:
    """Everything a session holds, as JSON values."""
    from reqcli.auth import load

    def masked(value: Json, *, is_secret: bool) -> Json:
        return MASK if isinstance(value, str) and is_secret and value and not reveal else value

    auth = []
    for origin, credential in state.auth.items():
        plain = {param.name for param in load(credential.scheme).params if not param.secret}
        params = {key: masked(value, is_secret=key not in plain) for key, value in credential.params.items()}
        auth.append({"origin": origin, "scheme": credential.scheme, "params": params})
    return {
        "name": name,
        "path": world.sessions().location(name),
        "rev": state.rev,
        "created": state.created,
        "updated": state.updated,
        "settings": dict(state.settings),
        "headers": [
            {"origin": h.origin, "name": h.name, "value": masked(h.value, is_secret=is_secret_header(h.name))}
            for h in state.headers.values()
        ],
        "auth": auth,
        "cookies": [_cookie(cookie, reveal=reveal) for cookie in state.cookies],
    }


def _cookie(cookie: Cookie, *, reveal: bool) -> dict[str, Any]:
    return {
        "name": cookie.name,
        "value": cookie.value if reveal else MASK,
        "domain": cookie.domain,
        "path": cookie.path,
        "host_only": cookie.host_only,
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "same_site": cookie.same_site,
        "expires": cookie.expires,
        "created": cookie.created,
    }


def _print(world: World, format_: str | None, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows as JSON, as a table for a person, or separated by tabs for a program."""
    from reqcli.render.tables import json_rows, plain_rows, table

    if format_ == "json":
        text = json_rows(rows)
    else:
        cells = [[_cell(column, row[column]) for column in columns] for row in rows]
        if world.has_terminal:
            text = table(columns, cells, width=_width(world), colour=world.wants_colour)
        else:
            text = plain_rows(cells)
    world.write(text.encode(errors="backslashreplace"))


def _cell(column: str, value: object) -> str:
    if column == "updated" and isinstance(value, float):
        return _moment(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _width(world: World) -> int:
    try:
        return os.get_terminal_size(world.stdout.fileno()).columns
    except OSError:
        return 80


def _moment(seconds: float) -> str:
    """A moment in the form that sorts: UTC, to the second (RFC 3339)."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lifetime(cookie: Mapping[str, Any]) -> str:
    return "session" if cookie["expires"] is None else f"until {_moment(cookie['expires'])}"


def _whom(origin: str) -> str:
    return "every origin" if origin == "*" else origin


def _failure(error: ReqcliError) -> str:
    from reqcli.render.failure import failure_line

    return failure_line(error)
