"""What the `session` commands show: a list of sessions, one session, its cookies; secrets masked unless revealed."""

from __future__ import annotations

from time import time

from reqcli.errors import ReqcliError
from reqcli.model.secret import MASK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

    from reqcli.cli.world import World
    from reqcli.model.cookie import Cookie
    from reqcli.session.schema import Json, SessionState


def list_sessions(world: World, format_: str | None) -> int:
    """List the sessions; one that cannot be read is listed with the reason, and the exit status says so."""
    store = world.sessions()
    rows: list[dict[str, Any]] = []
    status = 0
    now = time()
    for name, found, size in store.survey():
        if isinstance(found, ReqcliError):
            world.say(_failure(found))
            status = found.exit_status
        else:
            rows.append(_summary(name, found, size, now))
    print_rows(world, format_, ("name", "age", "bytes", "cookies", "origins", "expires"), rows, "no session is stored")
    return status


def show(world: World, name: str, format_: str | None, *, reveal: bool) -> int:
    """Show one session: as JSON for programs, in words for people."""
    from reqcli.cli.sessions.actions import existing

    state = existing(world, name)
    record = _record(world, name, state, reveal=reveal)
    if format_ == "json":
        from reqcli.render.json_text import dump

        world.write(f"{dump(record)}\n".encode())
        return 0
    from reqcli.render.escape import escape_line

    lines = [f"session {name}: {record['path']}", f"revision {state.rev}, changed {moment(state.updated)}"]
    if state.has_lifetime:
        lines.append("expired, to be emptied" if record["expired"] else f"expires {moment(record['expires'])}")
    if state.policy is not None:
        lines.append(f"allows {state.policy}")
    lines += [f"setting {_setting(key, value, reveal=reveal)}" for key, value in record["settings"].items()]
    lines += [
        f"header {_held(h['name'], ': ', h['value'], reveal=reveal)}  (for {_whom(h['origin'])})"
        for h in record["headers"]
    ]
    for auth in record["auth"]:
        params = ", ".join(_held(key, "=", value, reveal=reveal) for key, value in auth["params"].items())
        lines.append(f"credential {auth['scheme']} {params}  (for {auth['origin']})")
    for capture in record["captures"]:
        lines += [f"capture {capture['rule']}", f"    {capture['words']}"]
        lines += [f"    {_captured(value)}" for value in capture["values"]]
    lines += [
        f"cookie {c['name']}={c['value']}  (for {c['domain']}{c['path']}, {_lifetime(c)})" for c in record["cookies"]
    ]
    world.write("".join(f"{escape_line(line)}\n" for line in lines).encode(errors="backslashreplace"))
    return 0


def cookies(world: World, name: str, format_: str | None, *, reveal: bool) -> int:
    """List a session's cookies."""
    from reqcli.cli.sessions.actions import existing

    state = existing(world, name)
    rows = [_cookie(cookie, reveal=reveal) for cookie in state.cookies if not cookie.is_expired(time())]
    for row in rows if format_ != "json" else ():
        row["expires"] = _lifetime(row)
    print_rows(world, format_, ("domain", "path", "name", "value", "expires"), rows, f"session {name} has no cookies")
    return 0


def _summary(name: str, state: SessionState, size: int | None, now: float) -> dict[str, Any]:
    if size is None:  # it is in no file
        from reqcli.session.document import dump

        size = len(dump(state))
    is_told = state.auth or state.headers
    end = _end(state, now) if state.settings else _NO_END
    return {
        "name": name,
        "age": max(int(now - state.created), 0),
        "cookies": len([cookie for cookie in state.cookies if cookie.expires is None or cookie.expires > now]),
        "origins": sorted({*state.auth, *[header.origin for header in state.headers.values()]}) if is_told else [],
        "rev": state.rev,
        "created": state.created,
        "updated": state.updated,
        **end,
        "bytes": size,
    }


_NO_END: Final[dict[str, Any]] = {"expires": None, "expired": False}


def _end(state: SessionState, now: float) -> dict[str, Any]:
    if not state.has_lifetime:
        return _NO_END
    from reqcli.session.lifetime import expiry, is_expired

    return {"expires": expiry(state), "expired": is_expired(state, now)}


def _record(world: World, name: str, state: SessionState, *, reveal: bool) -> dict[str, Any]:
    """Everything a session holds, as JSON values."""
    from reqcli.auth import load
    from reqcli.model.redact import is_secret_header, masked_url

    def masked(value: Json, *, is_secret: bool) -> Json:
        if isinstance(value, dict):
            from reqcli.cli.references import masked_place

            return value if reveal else masked_place(value)
        return MASK if isinstance(value, str) and is_secret and value and not reveal else value

    auth = []
    for origin, credential in state.auth.items():
        plain = {param.name for param in load(credential.scheme).params if not param.secret}
        params = {key: masked(value, is_secret=key not in plain) for key, value in credential.params.items()}
        auth.append({"origin": origin, "scheme": credential.scheme, "params": params})
    return {
        "name": name,
        "path": world.store_of(name).location(name),
        "rev": state.rev,
        "created": state.created,
        "updated": state.updated,
        **_end(state, time()),
        "policy": None if state.policy is None else state.policy.as_json(),
        "settings": {
            key: masked_url(value) if isinstance(value, str) and not reveal else masked(value, is_secret=False)
            for key, value in state.settings.items()
        },
        "headers": [
            {"origin": h.origin, "name": h.name, "value": masked(h.value, is_secret=is_secret_header(h.name))}
            for h in state.headers.values()
        ],
        "auth": auth,
        "captures": _captures(state, reveal=reveal),
        "cookies": [_cookie(cookie, reveal=reveal) for cookie in state.cookies],
    }


def _held(name: str, sign: str, value: Json, *, reveal: bool) -> str:
    """A stored value, or where it is."""
    if not isinstance(value, dict):
        return f"{name}{sign}{value}"
    from reqcli.cli.references import in_words

    return f"{name} from {in_words(value, moment, reveal=reveal)}"


def _setting(name: str, value: Json, *, reveal: bool) -> str:
    """A setting as it would be typed; of a duration the seconds."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return _held(name, " = ", value, reveal=reveal)


def _captures(state: SessionState, *, reveal: bool) -> list[dict[str, Any]]:
    """Each rule, told in words, with what it took."""
    if not state.rules:
        return []
    from reqcli.session.told import in_words

    captures = []
    for rule in state.rules.values():
        values = [
            {
                "origin": origin,
                "value": stored.value if reveal or rule.public else MASK,
                "issued": stored.issued,
                "expires": stored.expires,
            }
            for (text, origin), stored in state.values.items()
            if text == rule.text and not stored.is_expired(time())
        ]
        captures.append({"rule": rule.text, "words": in_words(rule), "values": values})
    return captures


def _captured(value: Mapping[str, Any]) -> str:
    until = "" if value["expires"] is None else f", until {moment(value['expires'])}"
    return f"has {value['value']}  (from {value['origin']}, since {moment(value['issued'])}{until})"


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


def print_rows(
    world: World, format_: str | None, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], none: str = ""
) -> None:
    """Rows as JSON, as a table for a person, or separated by tabs for a program.

    Args:
        world: where to write.
        format_: `json`, or None for what suits the output.
        columns: which members of a row are shown, and how they are headed.
        rows: what there is.
        none: what a person is told in place of a heading with nothing below it.
    """
    from reqcli.render.tables import json_rows, plain_rows, table

    if format_ == "json":
        text = json_rows(rows)
    else:
        for_person = world.has_terminal
        # Most cells are such as need no thought, and there may be thousands.
        cells = [
            [
                value
                if type(value := row[column]) is str
                else "-"
                if value is None
                else _cell(column, row, for_person=for_person)
                for column in columns
            ]
            for row in rows
        ]
        if for_person and not rows:
            world.say(f"reqcli: {none}")
            text = ""
        elif for_person:
            text = table(columns, cells, width=world.width_of(world.stdout), colour=world.wants_colour)
        else:
            text = plain_rows(cells)
    world.write(text.encode(errors="backslashreplace"))


def _cell(column: str, row: Mapping[str, Any], *, for_person: bool) -> str:
    """A value that is neither text nor missing, as text."""
    value = row[column]
    if type(value) is list:
        return ", ".join(map(str, value)) or "-"
    if column == "expires":
        return "expired" if row["expired"] else moment(value)
    if column == "age" and for_person:
        from reqcli.cli.durations import in_words

        return in_words(value)
    if column == "bytes" and for_person:
        return f"{value} B" if value < 1024 else f"{value / 1024:.1f} KiB"
    return str(value)


def moment(seconds: float) -> str:
    """A moment in the form that sorts: UTC, to the second (RFC 3339)."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lifetime(cookie: Mapping[str, Any]) -> str:
    return "session" if cookie["expires"] is None else f"until {moment(cookie['expires'])}"


def _whom(origin: str) -> str:
    return "every origin" if origin == "*" else origin


def _failure(error: ReqcliError) -> str:
    from reqcli.render.failure import failure_line

    return failure_line(error)
