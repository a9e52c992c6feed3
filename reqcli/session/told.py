"""A capture rule told in words, for whoever looks at a session and did not write it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

    from reqcli.session.rules import Rule

_DECODED: Final = {"url": "percent-decoded", "base64": "decoded from base64"}


def in_words(rule: Rule) -> str:
    """What the rule does, as one sentence without a full stop."""
    return "; ".join([f"{_taken(rule)} goes {_sent(rule)}", *_further(rule)])


def _taken(rule: Rule) -> str:
    if rule.source == "cookie":
        return f"what cookie {rule.name} holds"
    if rule.source == "header":
        what = f"header {rule.name}"
    elif rule.source == "match":
        what = f"what /{rule.name}/ finds in the body"
    else:
        what = f"the value at {rule.name} of the JSON body" if rule.name else "the JSON body"
    asked = f" to {rule.at_method}" if rule.at_method else ""
    place = "" if rule.at_path in (None, "/") and not rule.at_origin else f" at {rule.at_origin or ''}{rule.at_path}"
    return f"{what} of {_listed(rule.on, 'or')} answers{asked}{place}"


def _sent(rule: Rule) -> str:
    decoded = f"{_DECODED[rule.decode]}, " if rule.decode else ""
    if rule.target == "bearer":
        where = "as the bearer token"
    else:
        where = f"as {'header' if rule.target == 'header' else 'query parameter'} {rule.target_name}"
    if rule.template != "{}":
        where += f" («{rule.template}»)"
    if rule.source == "cookie":
        whom = "along with it" if not rule.send else f"along with it, and to {_listed(rule.send, 'and')}"
    else:
        whom = "back to the origin that issued it"
        if rule.send:
            whom += f", and to {_listed(rule.send, 'and')}"
    return f"{whom}, {decoded}{where}{_used(rule)}"


def _used(rule: Rule) -> str:
    names = {"unsafe": "methods that change something", "safe": "methods that change nothing"}
    methods = [names.get(method, method) for method in rule.methods]
    asked = f", with {_listed(methods, 'and')}" if methods else ""
    place = f", at {rule.path}" if rule.path not in (None, "/") else ""
    return f"{asked}{place}"


def _further(rule: Rule) -> Iterator[str]:
    if rule.once:
        yield "forgotten when it was sent once"
    if rule.ttl is not None:
        yield f"forgotten after {rule.ttl} s"
    if rule.drop:
        yield f"forgotten when the answer is {_listed(rule.drop, 'or')}"
    if rule.retry:
        yield f"when the answer is {_listed(rule.retry, 'or')}, the request is sent once more with a fresh one"
    if rule.goodbye is not None:
        method, path = rule.goodbye
        yield f"`session end` asks {method} {path or 'of what was issued'}"
    if rule.public:
        yield "no secret"


def _listed(words: Sequence[str], joint: str) -> str:
    return f" {joint} ".join(filter(None, (", ".join(words[:-1]), words[-1])))
