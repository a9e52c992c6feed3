"""A session's state as flat fields, text by text, for stores that change single fields instead of a document.

    version id rev created updated used    as in the document (`reqcli.session.document`)
    policy                                 the same, absent where there is none
    s["NAME"]                              a setting
    h["ORIGIN","NAME"]                     a header
    a["ORIGIN"]                            a credential
    r["RULE"]                              a capture rule, its value `null`
    v["RULE","ORIGIN"]                     what the rule took
    c["DOMAIN","PATH","NAME"]              a cookie: [its place among the others, its members]; the domain of one that
                                           goes to subdomains too begins with a dot

Each value is JSON. Fields are put together into the document's members and read by its rules: there is one description
of what a session can hold.
"""

from __future__ import annotations

import json

from reqcli.session.document import members, read_members
from reqcli.session.schema import Malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

    from reqcli.session.schema import SessionState

SINGLE: Final = ("version", "id", "rev", "created", "updated", "used")
"""Fields that there is one of in any case."""


def fields_of(state: SessionState, before: Mapping[str, str]) -> dict[str, str]:
    """The fields of a state.

    Args:
        state: the state.
        before: the fields of an earlier one, whose cookies keep their places where they can.
    """
    document = members(state)
    found = {name: _text(document[name]) for name in SINGLE}
    if document["policy"] is not None:
        found["policy"] = _text(document["policy"])
    for name, value in document["settings"].items():
        found[_field("s", name)] = _text(value)
    for origin, headers in document["headers"].items():
        for name, value in headers.items():
            found[_field("h", origin, name)] = _text(value)
    for origin, auth in document["auth"].items():
        found[_field("a", origin)] = _text(auth)
    for rule, issued in document["captures"].items():
        found[_field("r", rule)] = "null"
        for origin, stored in issued.items():
            found[_field("v", rule, origin)] = _text(stored)
    place = 0
    for cookie in document["cookies"]:
        domain = cookie["domain"] if cookie["host_only"] else f".{cookie['domain']}"
        field = _field("c", domain, cookie["path"], cookie["name"])
        place = max(_place(before.get(field)), place + 1)
        found[field] = _text([place, cookie])
    return found


def state_of(fields: Mapping[str, str], name: str, *, location: str) -> SessionState:
    """The state that fields describe.

    Args:
        fields: all of them; what a store adds for itself is left out by it.
        name: what messages call the session.
        location: where they are kept, for the way out.

    Raises:
        SessionCorrupt: they describe none.
    """
    return read_members(lambda: _members(fields), name, location=location)


def _members(fields: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "policy": None, "settings": {}, "headers": {}, "auth": {}, "captures": {}, "cookies": [],
    }  # fmt: skip
    cookies = []
    for field in sorted(fields):  # a rule comes before what it took
        kind, parts = (field[:1], _parsed(field[1:], field)) if field.endswith("]") else (field, [])
        value = _parsed(fields[field], field)
        match kind, parts:
            case "s", [name]:
                found["settings"][name] = value
            case "h", [origin, name]:
                found["headers"].setdefault(origin, {})[name] = value
            case "a", [origin]:
                found["auth"][origin] = value
            case "r", [rule]:
                found["captures"][rule] = {}
            case "v", [rule, origin]:
                found["captures"].setdefault(rule, {})[origin] = value
            case "c", [_, _, _] if isinstance(value, list) and len(value) == 2 and type(value[0]) is int:
                cookies.append(value)
            case _, [] if kind in SINGLE or kind == "policy":
                found[kind] = value
            case _:
                raise Malformed(f"it has an unknown field {field!a}")
    found["cookies"] = [cookie for _, cookie in sorted(cookies, key=lambda entry: entry[0])]
    return found


def _text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _field(kind: str, *parts: str) -> str:
    return kind + _text(parts)


def _parsed(text: str, field: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the field {field!a} is not JSON") from error


def _place(text: str | None) -> int:
    if text is None:
        return 0
    place = json.loads(text)[0]
    return place if type(place) is int else 0
