"""What a document holds beside cookies (settings, a policy, headers, credentials, captures), read strictly.

Most sessions have little of it and many have none, so `reqcli.session.document` loads this where there is some.
"""

from __future__ import annotations

from reqcli.model.fields import is_token, shown
from reqcli.session.schema import FAR_TIME, Malformed, StoredAuth, StoredHeader, StoredValue, check_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from reqcli.session.policy import Policy
    from reqcli.session.rules import Rule
    from reqcli.session.schema import Held, Json

MAX_REFERENCE_DEPTH: Final = 4
"""How deep objects and lists may nest inside a reference to a secret."""

_POLICY_LISTS: Final = ("origins", "methods", "paths")
_VALUE_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "value": (str,),
    "issued": (int, float),
    "expires": (int, float, type(None)),
    "resource": (str,),
}


def read(settings: Any, policy: Any, headers: Any, auth: Any, captures: Any) -> dict[str, Any]:
    """The arguments of a `SessionState` that these members of a document are.

    Raises:
        Malformed: one of them is not as it must be.
    """
    rules, values = _captures(_group(captures, "captures"))
    return {
        "settings": _settings(_group(settings, "settings")),
        "policy": None if policy is None else _policy(_group(policy, "policy")),
        "headers": _headers(_group(headers, "headers")),
        "auth": {origin: _auth(value, f"auth.{shown(origin)}") for origin, value in _group(auth, "auth").items()},
        "rules": rules,
        "values": values,
    }


def _group(value: Any, place: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise Malformed(f"{place} is not an object")
    return value


def _held(value: Any, place: str) -> Held:
    if type(value) is str or (type(value) is dict and value and _is_shallow(value, MAX_REFERENCE_DEPTH)):
        return value
    raise Malformed(f"{place} is neither a string nor a reference")


def _is_shallow(value: Any, depth: int) -> bool:
    """Whether a reference can be written back: nested no deeper than `depth`, and every number finite."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(_is_shallow(item, depth - 1) for item in inner)
    return type(value) is not float or -FAR_TIME < value < FAR_TIME


def _settings(group: dict[str, Any]) -> dict[str, Json]:
    if not group:
        return group
    from reqcli.session.settings import SETTINGS

    for name, value in group.items():
        if name not in SETTINGS:
            raise Malformed(f"there is no setting {shown(name)}")
        if not SETTINGS[name].kind.accepts(value):
            raise Malformed(f"settings.{name} is not {SETTINGS[name].kind.allowed}")
    return group


def _policy(fields: dict[str, Any]) -> Policy:
    from reqcli.session.policy import Policy

    if fields.keys() != {*_POLICY_LISTS, "public_only"} or type(fields["public_only"]) is not bool:
        raise Malformed("policy does not have exactly the fields of one")
    for field in _POLICY_LISTS:
        if type(fields[field]) is not list or not all(type(entry) is str for entry in fields[field]):
            raise Malformed(f"policy.{field} is not a list of strings")
    policy = Policy(**fields)
    if policy.unsound is not None:
        raise Malformed(f"policy.{policy.unsound} has an entry that can match no request")
    return policy


def _headers(group: dict[str, Any]) -> dict[tuple[str, str], StoredHeader]:
    headers: dict[tuple[str, str], StoredHeader] = {}
    for origin, fields in group.items():
        for name, value in _group(fields, f"headers.{shown(origin)}").items():
            place = f"headers.{shown(origin)}.{shown(name)}"
            if not is_token(name):
                raise Malformed(f"{place} is not a header name")
            header = StoredHeader(name, _held(value, place), origin)
            if header.key in headers:
                raise Malformed(f"{place} is there twice in different letter cases")
            headers[header.key] = header
    return headers


def _auth(value: Any, place: str) -> StoredAuth:
    fields = _group(value, place)
    if fields.keys() != {"scheme", "params"} or type(fields["scheme"]) is not str:
        raise Malformed(f"{place} is not a scheme with its params")
    params = _group(fields["params"], f"{place}.params")
    return StoredAuth(
        fields["scheme"], {name: _held(item, f"{place}.params.{shown(name)}") for name, item in params.items()}
    )


def _captures(group: dict[str, Any]) -> tuple[dict[str, Rule], dict[tuple[str, str], StoredValue]]:
    """The rules, each in the text that it would be written in, and under each what it took."""
    rules: dict[str, Rule] = {}
    values: dict[tuple[str, str], StoredValue] = {}
    for text, issued in group.items():
        rules[text] = _rule(text)
        place = f"captures.{shown(text)}"
        for origin, fields in _group(issued, place).items():
            values[text, origin] = _value(fields, f"{place}.{shown(origin)}")
    return rules, values


def _rule(text: str) -> Rule:
    from reqcli.errors import Usage
    from reqcli.session.rules import parse

    try:
        rule = parse(text)
    except Usage as error:
        raise Malformed(f"captures has {shown(text)}, which is no rule") from error
    if rule.text != text:
        raise Malformed(f"the rule captures.{shown(text)} is not written as rules are")
    return rule


def _value(fields: Any, place: str) -> StoredValue:
    if type(fields) is not dict or fields.keys() != _VALUE_KINDS.keys():
        raise Malformed(f"{place} does not have exactly the fields of a captured value")
    for field, kinds in _VALUE_KINDS.items():
        if type(fields[field]) not in kinds:
            raise Malformed(f"{place}.{field} is not of the kind that it must be")
    check_time(fields["issued"], f"{place}.issued")
    if fields["expires"] is not None:
        check_time(fields["expires"], f"{place}.expires")
    if fields["resource"][:1] != "/":
        raise Malformed(f"{place}.resource is no absolute path")
    return StoredValue(**fields)
