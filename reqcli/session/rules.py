"""The rules by which a session picks up what servers issue and sends it back: one line each, read, written and told.

    FROM -> TO [option…]

    FROM     header:NAME  cookie:NAME  json:/pointer (RFC 6901; `json:` is the whole body)  match:REGEX (first group)
    TO       header:NAME[=TEMPLATE]    bearer    query:NAME        TEMPLATE has one {}: header:Authorization="Token {}"
    on       statuses to take it from: 2xx (unless said otherwise), 201, 2xx,409
    at       where it is issued: [METHOD:][https://host]/prefix; a `*` stands for any one segment of the path
    path     where it is used: /prefix
    methods  what it is used with: unsafe (all that change something, RFC 9110 §9.2.1), safe, or POST,PUT
    drop     statuses by which the server says that it does not know the value any more
    retry    the same, and with a fresh value the request is sent once more
    send     origins that get it beside the one that issued it
    decode   url (percent-decoding) or base64, before it is sent
    goodbye  what `session end` asks: METHOD of what was issued (its Location, RFC 9110 §15.3.2), or METHOD:/path
    ttl      seconds that it lives
    once     it goes out with one request
    public   it is no secret, and is shown

FROM ends at the first ` -> ` (a regular expression that needs one writes `\\s->`). What a server hands out goes back
to that server alone. With `send=` it goes further, so there `at=` says which origin it is taken from: else any server
that a redirect leads to could plant a value of its own.

A cookie is special: it lives in the jar, by the jar's rules. The header has to repeat the cookie that goes along with
it («double submit»), whichever answer set it, so it is read from the jar when a request is made, and nothing is said
of how it is taken or forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from reqcli.errors import BadUrl, Usage
from reqcli.model.fields import is_token, shown
from reqcli.model.url import Url
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 §9.2.1)."""

NO_TARGETS: Final = frozenset(
    {"connection", "content-encoding", "content-length", "content-range", "content-type", "cookie", "expect", "host",
     "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "range",
     "set-cookie", "te", "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
"""Fields that frame a message or belong to one connection or to the jar: no server may decide them."""

SOURCES: Final = ("header", "cookie", "json", "match")
_FLAGS: Final = ("once", "public")
_NOT_FOR_COOKIES: Final = ("on", "drop", "once", "ttl", "goodbye")

_find_words: Final = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*"?)+').finditer
_is_status: Final = re.compile(r"[2-5](?:[0-9]{2}|xx)").fullmatch
_is_method: Final = re.compile(r"[A-Z][A-Z-]*").fullmatch
_is_pointer: Final = re.compile(r"(?:/(?:[^~]|~[01])*)?", re.DOTALL).fullmatch
_is_age: Final = re.compile(r"[1-9][0-9]{0,8}").fullmatch
_at: Final = re.compile(r"(?:([A-Z][A-Z-]*):)?(https?://[^/]+)?(/.*)?").fullmatch
_goodbye: Final = re.compile(r"([A-Z][A-Z-]*)(?::(/.*))?").fullmatch
_find_control: Final = re.compile(r"[\x00-\x1f\x7f]").search


class Rule(Value):
    """One rule, checked. Made by `parse`; equal rules have equal texts.

    Args:
        source: one of `SOURCES`.
        name: the header's or cookie's name, the pointer, the expression.
        target: `header`, `bearer` or `query`.
        target_name: of the header or parameter; empty for `bearer`.
        template: what is sent, `{}` standing for the value.
        on, drop, retry: statuses, `404` or `4xx`.
        at_method, at_origin, at_path: where it is issued; None for anywhere.
        path: below which it is used, or None.
        methods: `safe`, `unsafe` or methods; none for all.
        send: origins, as `str(Origin)`.
        decode: `url`, `base64` or None.
        goodbye: method and path (None for what was issued), or None.
        ttl: seconds, or None.
        once, public: as in the text.
    """

    __slots__ = (
        "at_method", "at_origin", "at_path", "decode", "drop", "goodbye", "methods", "name", "on", "once", "path",
        "public", "retry", "send", "source", "target", "target_name", "template", "text", "ttl",
    )  # fmt: skip

    def __init__(self, source: str, name: str, target: str, target_name: str, template: str, **said: Any) -> None:
        self.source: Final = source
        self.name: Final = name
        self.target: Final = target
        self.target_name: Final = target_name
        self.template: Final = template
        self.on: Final[tuple[str, ...]] = said.get("on", () if source == "cookie" else ("2xx",))
        at: tuple[str | None, str | None, str | None] = said.get("at", (None, None, None))
        self.at_method: Final = at[0]
        self.at_origin: Final = at[1]
        self.at_path: Final = at[2]
        self.path: Final[str | None] = said.get("path")
        self.methods: Final[tuple[str, ...]] = said.get("methods", ())
        self.drop: Final[tuple[str, ...]] = said.get("drop", ())
        self.retry: Final[tuple[str, ...]] = said.get("retry", ())
        self.send: Final[tuple[str, ...]] = said.get("send", ())
        self.decode: Final[str | None] = said.get("decode")
        self.goodbye: Final[tuple[str, str | None] | None] = said.get("goodbye")
        self.ttl: Final[int | None] = said.get("ttl")
        self.once: Final[bool] = said.get("once", False)
        self.public: Final[bool] = said.get("public", False)
        self.text: Final = _written(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rule) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Rule({self.text!r})"

    @property
    def taken_from(self) -> str:
        """FROM as it stands in the text; names the value where one is spoken of."""
        return f"{self.source}:{self.name}"

    def is_issued_at(self, method: str, url: Url) -> bool:
        """Whether the answer to such a request may give the value."""
        return (
            self.at_method in (None, method)
            and self.at_origin in (None, str(url.origin))
            and is_below(url.path, self.at_path)
        )

    def is_used_by(self, method: str, url: Url) -> bool:
        """Whether such a request carries the value, as far as method and path go; its origin is another matter."""
        if not is_below(url.path, self.path):
            return False
        methods = self.methods
        return not methods or method in methods or ("safe" if method in SAFE else "unsafe") in methods


def covers(statuses: Iterable[str], status: int) -> bool:
    """Whether a status is among them, by itself or by its class."""
    return any(said == str(status) or said == f"{status // 100}xx" for said in statuses)


def is_below(path: str, prefix: str | None) -> bool:
    """Whether the path is the prefix or lies below it, compared by segments as they are written."""
    if prefix is None:
        return True
    wanted = prefix.rstrip("/").split("/")
    segments = path.split("/")
    return len(segments) >= len(wanted) and all(
        want in ("*", segment) for want, segment in zip(wanted, segments, strict=False)
    )


def parse(text: str, issuer: str | None = None) -> Rule:
    """Read a rule.

    Args:
        text: one line.
        issuer: the origin that a rule with `send=` takes its value from when its `at=` names none.

    Raises:
        Usage: it is none; the message quotes the word that is wrong and where it stands.
    """
    if _find_control(text):
        raise Usage("a capture rule is one line, and holds no control character")
    arrow = re.search(r"\s->\s", text)
    if arrow is None:
        raise Usage(
            f"the capture rule {shown(text)} has no -> between what is taken and where it goes",
            hint="for example 'header:X-Session-Id -> header:X-Session-Id drop=404', quoted for the shell",
        )
    source, name = _read_source(_Word(text[: arrow.start()].strip(), len(text) - len(text.lstrip())))
    words = [_Word(found[0], found.start() + arrow.end()) for found in _find_words(text[arrow.end() :])]
    if not words:
        raise Usage(f"the capture rule {shown(text)} does not say where the value goes", hint=_TARGETS)
    target, target_name, template = _read_target(words[0])
    said: dict[str, Any] = {}
    for word in words[1:]:
        option, value = _read_option(word, source)
        if option in said:
            raise word.wrong(f"says {option} a second time")
        said[option] = value
        if option == "at" and source == "cookie" and (value[0] or not any(w.text.startswith("send=") for w in words)):
            raise word.wrong("says where a cookie comes from, which matters only for send=, and whatever the method")
    if "send" in said and said.get("at", (None, None, None))[1] is None:
        method, _, path = said.get("at", (None, None, None))
        if issuer is None:
            word = next(word for word in words if word.text.startswith("send="))
            raise word.wrong("needs at= with the origin that issues the value", "for example at=https://login.example/")
        said["at"] = (method, issuer, path or "/")
    return Rule(source, name, target, target_name, template, **said)


class _Word:
    """A word of a rule and the column, from 0 on, that it begins in."""

    __slots__ = ("column", "text")

    def __init__(self, text: str, column: int) -> None:
        self.text: Final = text
        self.column: Final = column

    def wrong(self, why: str, hint: str | None = None) -> Usage:
        """The error that points at this word."""
        from reqcli.model.redact import masked_url
        from reqcli.model.secret import MASK

        word = masked_url(self.text).replace(MASK, "***")
        return Usage(
            f"the capture rule's word {shown(word)} (column {self.column + 1}) {why}",
            hint=hint,
            details={"word": word, "column": self.column + 1},
        )


_ORIGINS: Final = "a value comes from header:NAME, cookie:NAME, json:/pointer or match:REGEX"
_TARGETS: Final = "a value goes to header:NAME, header:NAME=TEMPLATE, bearer or query:NAME"


def _read_source(word: _Word) -> tuple[str, str]:
    source, colon, name = word.text.partition(":")
    if source not in SOURCES or not colon:
        raise word.wrong("is nothing to take", _ORIGINS)
    if source in ("header", "cookie") and not is_token(name):
        raise word.wrong(f"is not the name of a {source}")
    if source == "header" and name.lower() == "set-cookie":
        raise word.wrong("is the jar's", "cookie:NAME takes a cookie's value")
    if source == "json" and not _is_pointer(name):
        raise word.wrong("is no JSON pointer", "like json:/auth/client_token; RFC 6901")
    if source == "match":
        try:
            re.compile(name)
        except (re.error, RecursionError, OverflowError) as error:
            raise word.wrong(f"is no regular expression: {error}") from error
        if not name:
            raise word.wrong("matches everything")
    return source, name


def _read_target(word: _Word) -> tuple[str, str, str]:
    target, colon, rest = word.text.partition(":")
    if target == "bearer" and not colon:
        return "bearer", "", "{}"
    if target not in ("header", "query") or not rest:
        raise word.wrong("is no place for a value", _TARGETS)
    name, equals, template = rest.partition("=")
    if target == "query":
        if equals or '"' in rest or "&" in rest:
            raise word.wrong("is not the name of a query parameter")
        return "query", name, "{}"
    if not is_token(name):
        raise word.wrong("does not name a header")
    if name.lower() in NO_TARGETS:
        raise word.wrong("is a header that no server may decide", "it frames the message, or is the connection's own")
    if not equals:
        return "header", name, "{}"
    return "header", name, _unquoted(template, word)


def _unquoted(text: str, word: _Word) -> str:
    if text.startswith('"'):
        quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"', text)
        if quoted is None:
            raise word.wrong("has a quote that is not closed")
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    elif '"' in text:
        raise word.wrong("has a quote inside", "quote the whole template")
    if text.count("{}") != 1:
        raise word.wrong("needs {} once, where the value goes")
    return text


def _read_option(word: _Word, source: str) -> tuple[str, Any]:
    option, equals, value = word.text.partition("=")
    if option not in _READERS and option not in _FLAGS:
        known = ", ".join([*(f"{name}=" for name in _READERS), *_FLAGS])
        raise word.wrong("is no option", f"there are {known}")
    if source == "cookie" and option in _NOT_FOR_COOKIES:
        raise word.wrong("is not for a cookie, which comes and goes by the jar's rules")
    if (option in _FLAGS) == bool(equals):
        raise word.wrong("takes no value" if option in _FLAGS else "needs a value")
    return option, True if option in _FLAGS else _READERS[option](value, word)


def _read_statuses(value: str, word: _Word) -> tuple[str, ...]:
    statuses = tuple(dict.fromkeys(value.split(",")))
    if not all(map(_is_status, statuses)):
        raise word.wrong("is not a list of statuses", "like 404 or 2xx,409")
    return statuses


def _read_at(value: str, word: _Word) -> tuple[str | None, str | None, str | None]:
    match = _at(value)
    if match is None or not (match[2] or match[3]):
        raise word.wrong("is no place", "like /login, POST:/login or https://login.example/")
    origin = None if match[2] is None else _origin(match[2], word)
    return match[1], origin, _read_path(match[3], word) if match[3] else "/" if origin else None


def _read_path(value: str, word: _Word) -> str:
    if value[:1] != "/" or value[:2] == "//" or "?" in value or "#" in value:
        raise word.wrong("is not the beginning of a path", "like /api; without ? and #")
    return value


def _read_methods(value: str, word: _Word) -> tuple[str, ...]:
    methods = tuple(dict.fromkeys(value.split(",")))
    if not all(method in ("safe", "unsafe") or _is_method(method) for method in methods):
        raise word.wrong("is not a list of methods", "like unsafe or POST,PUT")
    return methods


def _read_send(value: str, word: _Word) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_origin(text, word) for text in value.split(",")))


def _origin(text: str, word: _Word) -> str:
    try:
        url = Url.parse(text)
    except BadUrl as error:
        raise word.wrong("names no origin", error.message) from error
    if url.target != "/" or url.username is not None or url.fragment is not None:
        raise word.wrong("is more than an origin", "scheme, host and port, like https://api.example:8443")
    return str(url.origin)


def _read_decode(value: str, word: _Word) -> str:
    if value not in ("url", "base64"):
        raise word.wrong("is no way to decode", "url or base64")
    return value


def _read_ttl(value: str, word: _Word) -> int:
    if not _is_age(value):
        raise word.wrong("is not a number of seconds")
    return int(value)


def _read_goodbye(value: str, word: _Word) -> tuple[str, str | None]:
    match = _goodbye(value)
    if match is None:
        raise word.wrong("is no request", "like DELETE or POST:/logout")
    return match[1], match[2]


_READERS: Final[dict[str, Callable[[str, _Word], Any]]] = {
    "on": _read_statuses,
    "at": _read_at,
    "path": _read_path,
    "methods": _read_methods,
    "drop": _read_statuses,
    "retry": _read_statuses,
    "send": _read_send,
    "decode": _read_decode,
    "goodbye": _read_goodbye,
    "ttl": _read_ttl,
}
"""The options with a value, in the order of the text."""


def _written(rule: Rule) -> str:
    """The text of a rule, always the same for the same rule."""
    to = rule.target if rule.target == "bearer" else f"{rule.target}:{rule.target_name}"
    if rule.template != "{}":
        is_bare = re.fullmatch(r'[^\s"\\]+', rule.template)
        quoted = re.sub(r'(["\\])', r"\\\1", rule.template)
        to += f"={rule.template}" if is_bare else f'="{quoted}"'
    at = f"{rule.at_method}:" if rule.at_method else ""
    options = {
        "on": ",".join(() if rule.on == ("2xx",) else rule.on),
        "at": "" if rule.at_path is None else f"{at}{rule.at_origin or ''}{rule.at_path}",
        "path": rule.path or "",
        "methods": ",".join(rule.methods),
        "drop": ",".join(rule.drop),
        "retry": ",".join(rule.retry),
        "send": ",".join(rule.send),
        "decode": rule.decode or "",
        "goodbye": "" if rule.goodbye is None else ":".join(part for part in rule.goodbye if part),
        "ttl": str(rule.ttl or ""),
    }
    words = [f"{name}={value}" for name, value in options.items() if value]
    words += [flag for flag in _FLAGS if getattr(rule, flag)]
    return " ".join([rule.taken_from, "->", to, *words])
