"""HTTP Archives (HAR 1.2), as browsers' developer tools save them: what a session can be made of, out of many requests.

Cookies are replayed as they came: a `Set-Cookie` is judged as if it had just been received, at the moment the file
names; a cookie that was sent and never set is taken for its host alone. A credential and headers that are
secret by their name go to the origin that they were sent to. A page asks many servers: where a file has something of
several origins, the user says which count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from reqcli.cookies.jar import Jar
from reqcli.cookies.receive import Refusal, received_cookie
from reqcli.cookies.scope import domain_matches, is_secure
from reqcli.errors import BadUrl, InputFailed, Usage
from reqcli.interop.foreign import as_received, foreign_cookie, json_keys, json_of, left_out, typed
from reqcli.interop.sessions import Exported, Format, Imported, Scope
from reqcli.model.cookie import Cookie
from reqcli.model.fields import as_text, shown
from reqcli.model.redact import is_secret_header
from reqcli.model.url import Url
from reqcli.session.operations import SetAuth, SetCookie, SetHeader
from reqcli.session.schema import ANY_ORIGIN, StoredAuth, StoredHeader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

SHOWN: Final = 12
"""Origins that are named to choose from."""

_NOT_KEPT: Final = frozenset({"cookie", "cookie2", "authorization", "proxy-authorization"})


class Har:
    """An archive of requests."""

    def recognises(self, text: str) -> bool:
        return "log" in json_keys(text)

    def read(self, text: str, scope: Scope) -> Imported:
        log = typed(typed(json_of(text), dict, "the file").get("log"), dict, "log")
        entries = typed(log.get("entries"), list, "log.entries")
        reading = _Reading(scope)
        for index, entry in enumerate(entries):
            reading.take(typed(entry, dict, f"entry {index}"), f"entry {index}")
        return reading.made()

    def write(self, state: SessionState, scope: Scope) -> Exported:
        import json

        remarks = left_out(state, kinds=("settings", "policy", "rules"))
        entries = [_entry(state, url, scope.now, remarks) for url in _servers(state, scope)]
        log = {"version": "1.2", "creator": {"name": "reqcli", "version": "1"}, "entries": entries}
        remarks.append("each entry stands for what the session would send and what it was given; none was sent")
        return Exported(f"{json.dumps({'log': log}, indent=2)}\n", tuple(remarks))


FORMAT: Final[Format] = Har()


class _Reading:
    """What was found by now, origin by origin."""

    def __init__(self, scope: Scope) -> None:
        self._scope: Final = scope
        self._jar: Final = Jar()
        self._found: Final[dict[str, list[Operation]]] = {}
        self._with_cookies: Final[set[str]] = set()
        self._remarks: Final[dict[str, None]] = {}
        self._sent: Final[list[tuple[Url, float, str, str]]] = []
        self._deleted: Final[set[tuple[str, str]]] = set()

    def take(self, entry: dict[str, Any], place: str) -> None:
        request = typed(entry.get("request"), dict, f"{place}.request")
        response = typed(entry.get("response") or {}, dict, f"{place}.response")
        try:
            url = Url.parse(typed(request.get("url"), str, f"{place}.request.url"))
        except BadUrl:
            self._remarks["entries for other than http and https URLs are left out"] = None
            return
        origin = str(url.origin)
        if self._scope.chosen and origin not in self._scope.origins:
            return
        moment = _moment(entry.get("startedDateTime"), self._scope.now)
        self._sent_cookies(request, url, moment, f"{place}.request")
        self._received_cookies(response, url, moment, f"{place}.response")
        for name, value in _fields(request, f"{place}.request"):
            if name.lower() == "authorization":
                self._credential(value, origin)
            elif is_secret_header(name) and name.lower() not in _NOT_KEPT and not name.startswith(":"):
                try:
                    self._note(origin, SetHeader(StoredHeader(name, value, origin)))
                except Usage:
                    self._remarks[f"header {shown(name)} for {origin} is left out: it could not be sent"] = None

    def made(self) -> Imported:
        """What the file brings.

        Raises:
            Usage: it has something of several origins, and none was chosen.
        """
        self._add_sent()
        origins = sorted({*self._found, *self._with_cookies})
        if len(origins) > 1 and not self._scope.chosen:
            listed = ", ".join(origins[:SHOWN]) + (", …" if len(origins) > SHOWN else "")
            raise Usage("the file has something of several origins", hint=f"choose with --origin, also twice: {listed}")
        operations: list[Operation] = [
            SetCookie(cookie, secure_origin=True) for cookie in self._jar if not cookie.is_expired(self._scope.now)
        ]
        gone = sum(cookie.is_expired(self._scope.now) for cookie in self._jar)
        if gone:
            self._remarks[f"{gone} cookies have expired since, and are left out"] = None
        for noted in self._found.values():
            operations += noted
        if not operations:
            self._remarks["the file has no cookie and no credential: browsers save them only when asked to"] = None
        return Imported(tuple(operations), tuple(self._remarks))

    def _note(self, origin: str, operation: SetHeader | SetAuth) -> None:
        """Keep the newest of each kind."""
        noted = self._found.setdefault(origin, [])
        key = _key(operation)
        noted[:] = [*(old for old in noted if _key(old) != key), operation]

    def _sent_cookies(self, request: dict[str, Any], url: Url, moment: float, place: str) -> None:
        header = "; ".join(value for name, value in _fields(request, place) if name.lower() == "cookie")
        pairs = [pair.strip(" \t").partition("=") for pair in header.split(";") if pair.strip(" \t")]
        sent = [(name, value) for name, equals, value in pairs if equals]
        if not sent:
            sent = [(cookie["name"], cookie["value"]) for cookie in _cookies(request, place)]
        self._sent.extend((url, moment, as_received(name), as_received(value)) for name, value in sent)

    def _add_sent(self) -> None:
        """Take in the cookies that were sent and that no answer of the file set or took away."""
        for url, moment, name, value in self._sent:
            if (name, url.host) in self._deleted or name in {cookie.name for cookie in self._jar.matching(url, moment)}:
                continue
            self._put(foreign_cookie(name, value, url.host, moment, secure=url.scheme == "https"), url, moment)

    def _received_cookies(self, response: dict[str, Any], url: Url, moment: float, place: str) -> None:
        lines = [
            line
            for name, value in _fields(response, place)
            if name.lower() == "set-cookie"
            for line in value.split("\n")  # so several are written into one value
            if line
        ]
        for line in lines:
            self._put(received_cookie(as_received(line), url, moment), url, moment)
        for fields in _cookies(response, place) if not lines else ():
            domain = typed(fields.get("domain"), (str, type(None)), f"{place}.cookies: domain") or ""
            expires = fields.get("expires")
            cookie = foreign_cookie(
                as_received(fields["name"]),
                as_received(fields["value"]),
                domain or url.host,
                moment,
                path=as_received(typed(fields.get("path"), (str, type(None)), f"{place}.cookies: path") or "/"),
                host_only=not domain.startswith("."),
                secure=fields.get("secure") is True,
                http_only=fields.get("httpOnly") is True,
                same_site=str(fields.get("sameSite") or "").title(),
                expires=_moment(expires, None) if expires else None,
            )
            if isinstance(cookie, Cookie) and not domain_matches(url.host, cookie.domain):
                cookie = Refusal(
                    f"cookie {shown(cookie.name)} is left out: {url.host} cannot set it for {cookie.domain}"
                )
            self._put(cookie, url, moment)

    def _put(self, cookie: Cookie | Refusal, url: Url, moment: float) -> None:
        outcome = (
            cookie if isinstance(cookie, Refusal) else self._jar.put(cookie, secure_origin=is_secure(url), now=moment)
        )
        if isinstance(outcome, Refusal):
            self._remarks[outcome.reason] = None
        elif isinstance(outcome, str):
            self._remarks[outcome] = None
        else:
            self._with_cookies.add(str(url.origin))
            if isinstance(cookie, Cookie) and cookie.is_expired(moment):
                self._deleted.add((cookie.name, url.host))

    def _credential(self, value: str, origin: str) -> None:
        from binascii import Error, a2b_base64

        scheme, _, rest = value.strip().partition(" ")
        params = None
        if scheme.lower() == "bearer" and rest.strip():
            params = {"token": rest.strip()}
        elif scheme.lower() == "basic":
            try:
                user, _, password = a2b_base64(rest.encode()).decode(errors="surrogateescape").partition(":")
                params = {"user": user, "password": password}
            except (Error, UnicodeEncodeError):
                params = None
        if params is None:
            self._remarks[f"the credential for {origin} is left out: {shown(scheme)} holds for one request alone"] = (
                None
            )
        else:
            self._note(origin, SetAuth(origin, StoredAuth(scheme.lower(), params)))


def _key(operation: Operation) -> object:
    return operation.header.key if isinstance(operation, SetHeader) else type(operation)


def _fields(message: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for index, field in enumerate(typed(message.get("headers") or [], list, f"{place}.headers")):
        pair = typed(field, dict, f"{place}.headers[{index}]")
        yield (
            typed(pair.get("name"), str, f"{place}.headers[{index}].name"),
            typed(pair.get("value"), str, f"{place}.headers[{index}].value"),
        )


def _cookies(message: dict[str, Any], place: str) -> Iterator[dict[str, Any]]:
    for index, entry in enumerate(typed(message.get("cookies") or [], list, f"{place}.cookies")):
        fields = typed(entry, dict, f"{place}.cookies[{index}]")
        for key in ("name", "value"):
            typed(fields.get(key), str, f"{place}.cookies[{index}].{key}")
        yield fields


def _moment(value: Any, default: float | None) -> float:
    """A time of the file (ISO 8601) in seconds since the epoch."""
    from datetime import UTC, datetime

    if value is None and default is not None:
        return default
    try:
        moment = datetime.fromisoformat(typed(value, str, "a time of the file"))
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise InputFailed("a time of the file is not written as ISO 8601 has it") from error


# Writing


def _servers(state: SessionState, scope: Scope) -> list[Url]:
    """A URL for each server that the session has something for."""
    if scope.chosen:
        return list(scope.chosen)
    found = {origin: Url.parse(origin) for origin in state.auth}
    found.update((header.origin, Url.parse(header.origin)) for header in state.headers.values() if header.origin != "*")
    if scope.default is not None:
        found.setdefault(str(scope.default.origin), scope.default)
    for cookie in state.cookies:
        if not any(domain_matches(url.host, cookie.domain) for url in found.values()):
            host = f"[{cookie.domain}]" if ":" in cookie.domain else cookie.domain
            url = Url.parse(f"https://{host}/")
            found[str(url.origin)] = url
    return [found[origin] for origin in sorted(found)]


def _entry(state: SessionState, url: Url, now: float, remarks: list[str]) -> dict[str, Any]:
    from datetime import UTC, datetime

    origin = str(url.origin)
    headers = [{"name": "Host", "value": url.authority}]
    for header in state.headers.values():
        if header.origin not in (ANY_ORIGIN, origin):
            continue
        if isinstance(header.value, str):
            headers.append({"name": header.name, "value": header.value})
        else:
            remarks.append(f"header {header.name} for {origin} is left out: its value is elsewhere")
    headers += _authorization(state, origin, remarks)
    jar = Jar(state.cookies)
    cookies = [cookie for cookie in state.cookies if domain_matches(url.host, cookie.domain)]
    if cookie_header := jar.header(url.replace(target="/"), now):
        headers.append({"name": "Cookie", "value": as_text(cookie_header)})
    sizes = {"headersSize": -1, "bodySize": -1}
    target = str(url.replace(target="/", fragment=None, username=None, password=None))
    return {
        "startedDateTime": datetime.fromtimestamp(now, UTC).isoformat(),
        "time": 0,
        "request": {
            "method": "GET", "url": target, "httpVersion": "HTTP/1.1", "queryString": [], "headers": headers,
            "cookies": [
                {"name": as_text(cookie.name), "value": as_text(cookie.value)}
                for cookie in jar.matching(url.replace(target="/"), now)
            ],
            **sizes,
        },
        "response": {
            "status": 0, "statusText": "not sent", "httpVersion": "HTTP/1.1", "redirectURL": "",
            "headers": [{"name": "Set-Cookie", "value": _set_cookie(cookie)} for cookie in cookies],
            "cookies": [_written(cookie) for cookie in cookies],
            "content": {"size": 0, "mimeType": "x-unknown"},
            **sizes,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
    }  # fmt: skip


def _authorization(state: SessionState, origin: str, remarks: list[str]) -> list[dict[str, str]]:
    from binascii import b2a_base64

    auth = state.auth.get(origin)
    if auth is None:
        return []
    plain = {name: value for name, value in auth.params.items() if isinstance(value, str)}
    if auth.scheme not in ("basic", "bearer") or len(plain) != len(auth.params):
        remarks.append(f"the {auth.scheme} credential for {origin} is left out: no request shows it as it is")
        return []
    if auth.scheme == "bearer":
        return [{"name": "Authorization", "value": f"Bearer {plain['token']}"}]
    pair = f"{plain['user']}:{plain['password']}".encode(errors="surrogateescape")
    return [{"name": "Authorization", "value": f"Basic {b2a_base64(pair, newline=False).decode('ascii')}"}]


def _set_cookie(cookie: Cookie) -> str:
    from datetime import UTC, datetime

    words = [as_text(f"{cookie.name}={cookie.value}" if cookie.name else cookie.value), f"Path={as_text(cookie.path)}"]
    if not cookie.host_only:
        words.append(f"Domain={cookie.domain}")
    if cookie.expires is not None:
        moment = datetime.fromtimestamp(cookie.expires, UTC)
        words.append(f"Expires={moment.strftime('%a, %d %b %Y %H:%M:%S GMT')}")
    words += [word for word, is_so in (("Secure", cookie.secure), ("HttpOnly", cookie.http_only)) if is_so]
    return "; ".join([*words, *([f"SameSite={cookie.same_site}"] if cookie.same_site else [])])


def _written(cookie: Cookie) -> dict[str, Any]:
    from datetime import UTC, datetime

    expires = None if cookie.expires is None else datetime.fromtimestamp(cookie.expires, UTC).isoformat()
    return {
        "name": as_text(cookie.name),
        "value": as_text(cookie.value),
        "path": as_text(cookie.path),
        "domain": cookie.domain if cookie.host_only else f".{cookie.domain}",
        "expires": expires,
        "httpOnly": cookie.http_only,
        "secure": cookie.secure,
        "sameSite": cookie.same_site,
    }
