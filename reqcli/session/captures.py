"""What capture rules take from a response, what a request carries of it, and what a rejection means. Pure.

A value is stored under its rule and the origin that issued it, and is looked up by these two: so it cannot cross to
another origin but by `send=`, which names both sides. Where several rules fill the same header, the newest value goes.
What the user said with the call itself is never overridden.
"""

from __future__ import annotations

import re

from reqcli.model.fields import as_text, shown
from reqcli.model.url import Url
from reqcli.model.value import Value
from reqcli.session.rule_operations import DropValue, SetValue
from reqcli.session.rules import covers
from reqcli.session.schema import StoredValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Final

    from reqcli.cookies.jar import Jar
    from reqcli.model.response import ResponseHead
    from reqcli.model.spec import RequestSpec
    from reqcli.session.rules import Rule
    from reqcli.session.schema import SessionState

LONGEST_VALUE: Final = 16 * 1024
"""Characters; more fits into no server's limit for a head."""

CREATED: Final = 201
PARTIAL_CONTENT: Final = 206

_is_sendable: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]+").fullmatch
_is_token68: Final = re.compile(r"[A-Za-z0-9\-._~+/]+=*").fullmatch  # RFC 6750 §2.1


class Unfit(Exception):
    """Why a value cannot be used: the end of a sentence, with nothing of the value in it."""


class Sent(Value):
    """One rule that a request came under, and the value that it carried for it.

    Args:
        rule: the rule.
        issuer: the origin that the value is of, as `str(Origin)`.
        value: None when there was none.
        issued: seconds since the epoch.
    """

    __slots__ = ("issued", "issuer", "rule", "value")

    def __init__(self, rule: Rule, issuer: str, value: str | None, issued: float) -> None:
        self.rule: Final = rule
        self.issuer: Final = issuer
        self.value: Final = value
        self.issued: Final = issued

    def __repr__(self) -> str:
        """Names the rule, never the value."""
        return f"Sent({self.rule.text!r} of {self.issuer})"


class Carried(Value):
    """What one request carries of captured values.

    Args:
        fields: header names and values.
        query: parameters and values.
        token: for `Authorization: Bearer`, or None.
        sent: what came from where, one for each rule that the request came under.
    """

    __slots__ = ("fields", "query", "sent", "token")

    def __init__(self, sent: tuple[Sent, ...] = ()) -> None:
        there = [(one.rule, one.rule.template.replace("{}", one.value)) for one in sent if one.value is not None]
        self.sent: Final = sent
        self.fields: Final = tuple((rule.target_name, text) for rule, text in there if rule.target == "header")
        self.query: Final = tuple((rule.target_name, text) for rule, text in there if rule.target == "query")
        self.token: Final = next((text for rule, text in there if rule.target == "bearer"), None)

    def __repr__(self) -> str:
        """Names the rules, never the values."""
        return f"Carried({self.sent!r})"

    @property
    def sets_authorization(self) -> bool:
        """Whether a rule writes the header that a stored credential would be in."""
        return any(name.lower() == "authorization" for name, _ in self.fields)


def carried(spec: RequestSpec, state: SessionState, jar: Jar, now: float) -> Carried:
    """What a request for this hop carries.

    Args:
        spec: the hop.
        state: the session's, newest values included.
        jar: the run's.
        now: seconds since the epoch.
    """
    said = _said(spec)
    chosen: dict[tuple[str, str], Sent] = {}
    for rule in state.rules.values():
        slot = _slot(rule)
        if slot in said or not rule.is_used_by(spec.method, spec.url):
            continue
        found = _found(rule, spec.url, state, jar, now)
        if found is None:
            continue
        rival = chosen.get(slot)
        if rival is None or rival.value is None or (found.value is not None and found.issued > rival.issued):
            chosen[slot] = found
    return Carried(tuple(chosen.values()))


def _slot(rule: Rule) -> tuple[str, str]:
    """What the rule fills: a header, whose name is the same in any letter case, or a parameter."""
    if rule.target == "query":
        return ("query", rule.target_name)
    return ("header", "authorization" if rule.target == "bearer" else rule.target_name.lower())


def _said(spec: RequestSpec) -> set[tuple[str, str]]:
    """The headers and parameters that the call itself decides."""
    said = {("header", name.lower()) for name, _ in spec.headers}
    if spec.auth is not None or spec.url.username is not None:
        said.add(("header", "authorization"))
    if spec.url.query:
        from urllib.parse import parse_qsl

        said.update(("query", name) for name, _ in parse_qsl(spec.url.query, keep_blank_values=True))
    return said


def _found(rule: Rule, url: Url, state: SessionState, jar: Jar, now: float) -> Sent | None:
    """The value that a rule has for a URL; None if the rule has nothing to do with its origin."""
    here = str(url.origin)
    issuer = rule.at_origin if rule.at_origin is not None and here in rule.send else here
    if rule.at_origin not in (None, issuer):
        return None
    if rule.source == "cookie":
        source = url if issuer == here else Url.parse(f"{issuer}{rule.at_path or '/'}")
        cookie = next((cookie for cookie in jar.matching(source, now) if cookie.name == rule.name), None)
        if cookie is None:
            return Sent(rule, issuer, None, 0.0)
        try:
            return Sent(rule, issuer, fit(rule, cookie.value), cookie.created)
        except Unfit:
            return Sent(rule, issuer, None, 0.0)
    stored = state.values.get((rule.text, issuer))
    if stored is None or stored.is_expired(now):
        return Sent(rule, issuer, None, 0.0)
    return Sent(rule, issuer, stored.value, stored.issued)


def taken(
    state: SessionState, head: ResponseHead, method: str, url: Url, now: float
) -> tuple[list[SetValue], list[str]]:
    """What the rules take from a response's head.

    Args:
        state: the session's.
        head: any response's.
        method: of the request.
        url: that was asked.
        now: seconds since the epoch.

    Returns:
        What to store (nothing of what is stored already), and a sentence on each value that could not be used.
    """
    return _taken(
        ((rule, head.headers.get(rule.name)) for rule in _rules_for(state, ("header",), head, method, url)),
        state, head, url, now,
    )  # fmt: skip


def wants_body(state: SessionState, head: ResponseHead, method: str, url: Url) -> bool:
    """Whether a rule looks into the body of this response; a part of one (206) is looked into by none."""
    return head.status != PARTIAL_CONTENT and any(_rules_for(state, ("json", "match"), head, method, url))


def taken_from_body(
    state: SessionState, body: bytes, charset: str, head: ResponseHead, method: str, url: Url, now: float
) -> tuple[list[SetValue], list[str]]:
    """What the rules take from a whole body, decoded; otherwise as `taken`.

    Args:
        body: all of it.
        charset: that its text is in.
    """
    rules = list(_rules_for(state, ("json", "match"), head, method, url))
    sources = {rule.source for rule in rules}
    text = body.decode(charset, "replace") if "match" in sources else ""
    value = _parsed(body) if "json" in sources else None
    pairs = [(rule, pointed(value, rule.name) if rule.source == "json" else _matched(rule, text)) for rule in rules]
    return _taken(pairs, state, head, url, now)


def _rules_for(
    state: SessionState, sources: tuple[str, ...], head: ResponseHead, method: str, url: Url
) -> Iterator[Rule]:
    for rule in state.rules.values():
        if rule.source in sources and covers(rule.on, head.status) and rule.is_issued_at(method, url):
            yield rule


def _taken(
    pairs: Iterable[tuple[Rule, str | None]], state: SessionState, head: ResponseHead, url: Url, now: float
) -> tuple[list[SetValue], list[str]]:
    operations: list[SetValue] = []
    refusals: list[str] = []
    origin = str(url.origin)
    for rule, raw in pairs:
        if raw is None:
            continue
        try:
            value = fit(rule, raw)
        except Unfit as why:
            refusals.append(f"the value of {shown(rule.taken_from)} from {origin} was not taken: {why}")
            continue
        known = state.values.get((rule.text, origin))
        if known is None or known.value != value or rule.ttl is not None:
            expires = None if rule.ttl is None else now + rule.ttl
            resource = _resource(head, url)
            stored = StoredValue(value, issued=now, expires=expires, resource=resource)
            operations.append(SetValue(rule, origin, stored))
    return operations, refusals


def _resource(head: ResponseHead, url: Url) -> str:
    """The path of what was issued: what a 201 created is at its Location, if it names one (RFC 9110 §15.3.2)."""
    location = head.headers.get("location") if head.status == CREATED else None
    if location is None:
        return url.target
    from reqcli.errors import BadUrl

    try:
        created = url.join(location)
    except BadUrl:
        return url.target
    return created.target if created.origin == url.origin else url.target


def fit(rule: Rule, raw: str) -> str:
    """The value as it is sent.

    Args:
        rule: says how it is decoded and where it goes.
        raw: as it came; a header's bytes viewed as latin-1.

    Raises:
        Unfit: it cannot be sent.
    """
    value = as_text(raw) if rule.source in ("header", "cookie") else raw
    if rule.decode is not None:
        value = _decoded(rule.decode, value)
    value = value.strip(" \t")
    if not value:
        raise Unfit("it is empty")
    if len(value) > LONGEST_VALUE:
        raise Unfit(f"it is longer than {LONGEST_VALUE} characters")
    if not _is_sendable(value):
        raise Unfit("it holds a control character")
    if rule.target == "bearer" and not _is_token68(value):
        raise Unfit("it holds a character that bearer tokens cannot have")
    return value


def _decoded(how: str, value: str) -> str:
    if how == "url":
        from urllib.parse import unquote

        return unquote(value, errors="surrogateescape")
    from binascii import Error, a2b_base64

    text = value.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True).decode()
    except (Error, ValueError) as error:
        raise Unfit("it is no text in base64") from error


def _parsed(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def pointed(value: Any, pointer: str) -> str | None:
    """The text or number that a JSON pointer leads to (RFC 6901 §4), as text; None if it leads to none."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", key) and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    if isinstance(value, str):
        return value
    return str(value) if type(value) in (int, float) else None


def _matched(rule: Rule, text: str) -> str | None:
    """The first group that took part in the first match, the whole of it where the expression has no groups."""
    match = re.search(rule.name, text)
    if match is None:
        return None
    return next((group for group in match.groups() if group is not None), None) if match.re.groups else match[0]


def spent(sent: Iterable[Sent]) -> list[DropValue]:
    """What is forgotten because it goes out now, and once is all."""
    return [DropValue(one.rule, one.issuer, one.value) for one in sent if one.rule.once and one.value is not None]


def rejected(sent: Iterable[Sent], status: int) -> list[DropValue]:
    """What is forgotten because the server does not know it any more; the jar's cookies are never."""
    return [
        DropValue(one.rule, one.issuer, one.value)
        for one in sent
        if one.value is not None and one.rule.source != "cookie" and covers((*one.rule.drop, *one.rule.retry), status)
    ]


def is_retried(sent: Iterable[Sent], status: int) -> bool:
    """Whether a rule says that such an answer may be had otherwise with a fresh value."""
    return any(covers(one.rule.retry, status) for one in sent)


def has_fresh(sent: Iterable[Sent], now_sent: Iterable[Sent], status: int) -> bool:
    """Whether the request would carry another value by now, for a rule that says to send it once more.

    Args:
        sent: what it carried.
        now_sent: what it would carry.
        status: of the answer.
    """
    before = {one.rule.text: one.value for one in sent}
    return any(
        one.value not in (None, before.get(one.rule.text)) and covers(one.rule.retry, status) for one in now_sent
    )


def goodbyes(state: SessionState, now: float) -> list[tuple[str, Url]]:
    """The requests that end what servers hold of this session: method and URL, each once.

    Args:
        state: the session's.
        now: seconds since the epoch.
    """
    found: dict[tuple[str, str], None] = {}
    for (text, origin), stored in state.values.items():
        rule = state.rules[text]
        if rule.goodbye is not None and not stored.is_expired(now):
            method, path = rule.goodbye
            found[method, f"{origin}{path or stored.resource}"] = None
    return [(method, Url.parse(url)) for method, url in found]
