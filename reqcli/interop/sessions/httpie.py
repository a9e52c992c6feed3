"""HTTPie's session files, in the layouts of all its versions.

    cookies   to 3.0 {name: {value, path, secure, expires}}, bound to no host; since then [{name, …, domain}], where a
              leading dot says «and its subdomains», null or nothing «every host», and `.local` stands behind a host
              without a dot (which Python's cookie jar puts there)
    headers   to 3.1 {name: value}; since then [{name, value}]
    auth      in old files {type, username, password}, else {type, raw_auth}; raw_auth as typed, `\\:` being a colon

A session belongs to one host, which is not in the file but in its path: the scope says which. What is bound to no host
is bound to that one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from reqcli.cookies.receive import Refusal
from reqcli.errors import InputFailed, Usage
from reqcli.interop.foreign import as_received, foreign_cookie, json_keys, json_of, left_out, typed
from reqcli.interop.sessions import Exported, Format, Imported, Scope
from reqcli.model.fields import as_text, shown
from reqcli.session.keep import NEVER_KEPT
from reqcli.session.operations import SetAuth, SetCookie, SetHeader
from reqcli.session.schema import ANY_ORIGIN, StoredAuth, StoredHeader

if TYPE_CHECKING:
    from reqcli.model.cookie import Cookie
    from reqcli.model.url import Url
    from reqcli.session.operations import Operation
    from reqcli.session.schema import SessionState

WRITTEN_AS: Final = "3.2.4"
"""The version whose layout is written."""

_SCHEMES: Final = ("basic", "digest", "bearer")


class Httpie:
    """A session of HTTPie.

    Args:
        name: of the program.
    """

    __slots__ = ("name",)

    def __init__(self, name: str = "HTTPie") -> None:
        self.name: Final = name

    def recognises(self, text: str) -> bool:
        keys = json_keys(text)
        if "__meta__" not in keys:
            return {"cookies", "headers", "auth"} <= keys and "version" not in keys and self.name == "HTTPie"
        meta = json_of(text)["__meta__"]
        return isinstance(meta, dict) and ("xh" in meta) is (self.name == "xh")

    def read(self, text: str, scope: Scope) -> Imported:
        document = typed(json_of(text), dict, "the file")
        url = scope.one(self.name)
        operations: list[Operation] = []
        remarks: list[str] = []
        for place, fields in _entries(document.get("cookies"), "cookies"):
            cookie = self._cookie(fields, place, url, scope.now)
            if isinstance(cookie, Refusal):
                remarks.append(cookie.reason)
            else:
                operations.append(SetCookie(cookie, secure_origin=True))
        operations += _headers(document.get("headers"), str(url.origin), remarks)
        auth = typed(document.get("auth") or {}, dict, "auth")
        if auth.get("type"):
            operations += _auth(auth, str(url.origin), remarks)
        remarks += [f"{shown(key)} of the file is left out" for key in document if key not in _KEYS]
        if self.name == "xh" and any(isinstance(operation, SetCookie) for operation in operations):
            remarks.append("xh does not say which cookies go to subdomains too: all were taken for their host alone")
        return Imported(tuple(operations), tuple(remarks))

    def write(self, state: SessionState, scope: Scope) -> Exported:
        url = scope.one(self.name)
        origin = str(url.origin)
        remarks = left_out(state, kinds=("settings", "policy", "rules"))
        headers: list[dict[str, str]] = []
        for header in state.headers.values():
            if header.origin not in (origin, ANY_ORIGIN):
                remarks.append(f"header {header.name} is left out: it is for {header.origin}")
            elif isinstance(header.value, str):
                headers.append({"name": header.name, "value": header.value})
            else:
                remarks.append(
                    f"header {header.name} is left out: its value is elsewhere, and {self.name} knows no such"
                )
        cookies = [self._written(cookie, remarks) for cookie in state.cookies]
        document = {
            "__meta__": self._meta(),
            "auth": self._written_auth(state, origin, remarks, headers),
            "cookies": cookies,
            "headers": headers,
        }
        import json

        return Exported(f"{json.dumps(document, indent=4)}\n", tuple(remarks))

    def _cookie(self, fields: dict[str, Any], place: str, url: Url, now: float) -> Cookie | Refusal:
        name, value = (typed(fields.get(key), str, f"{place}.{key}") for key in ("name", "value"))
        domain = typed(fields.get("domain"), (str, type(None)), f"{place}.domain") or ""
        path = typed(fields.get("path"), (str, type(None)), f"{place}.path") or "/"
        if domain == f"{url.host}.local" and "." not in url.host:
            domain = url.host
        return foreign_cookie(
            _view(name),
            _view(value),
            domain or url.host,
            now,
            path=_view(path),
            host_only=not domain.startswith("."),
            secure=bool(typed(fields.get("secure"), (bool, type(None)), f"{place}.secure")),
            expires=typed(fields.get("expires"), (int, float, type(None)), f"{place}.expires"),
        )

    def _written(self, cookie: Cookie, remarks: list[str]) -> dict[str, Any]:
        called = f"cookie {shown(cookie.name)} for {cookie.domain}"
        lost = [word for word, there in (("HttpOnly", cookie.http_only), ("SameSite", cookie.same_site)) if there]
        remarks += [f"{word} of {called} is left out" for word in lost]
        domain = cookie.domain
        if self.name == "xh":
            if cookie.host_only:
                remarks.append(f"{called} is for that host alone, and xh sends it to subdomains too")
        elif not cookie.host_only:
            domain = f".{domain}"
        elif "." not in domain:
            domain = f"{domain}.local"
        return {
            "name": cookie.name,
            "value": cookie.value if self.name != "xh" else as_text(cookie.value),
            "domain": domain,
            "path": cookie.path,
            "secure": cookie.secure,
            "expires": None if cookie.expires is None else int(-(-cookie.expires // 1)),
        }

    def _written_auth(
        self, state: SessionState, origin: str, remarks: list[str], headers: list[dict[str, str]]
    ) -> dict[str, str | None]:
        for other, auth in state.auth.items():
            if other != origin:
                remarks.append(f"the {auth.scheme} credential is left out: it is for {other}")
        found = state.auth.get(origin)
        params = {} if found is None else found.params
        plain = {name: value for name, value in params.items() if isinstance(value, str)}
        if found is None:
            return {"type": None, "raw_auth": None} if self.name == "xh" else _NO_AUTH
        if len(plain) != len(params):
            remarks.append("the credential is left out: its secret is elsewhere, and other programs know no such")
        elif found.scheme == "bearer":
            return {"type": "bearer", "raw_auth": plain["token"]}
        elif found.scheme in _SCHEMES:
            user = plain["user"] if self.name == "xh" else plain["user"].replace("\\", "\\\\").replace(":", "\\:")
            return {"type": found.scheme, "raw_auth": f"{user}:{plain['password']}"}
        else:
            remarks.append(f"the {found.scheme} credential is left out: {self.name} has no such scheme")
        return {"type": None, "raw_auth": None} if self.name == "xh" else _NO_AUTH

    def _meta(self) -> dict[str, str]:
        if self.name == "xh":
            return {"about": "xh session file", "xh": "0.0.0"}
        return {"about": "HTTPie session file", "help": "https://httpie.io/docs#sessions", "httpie": WRITTEN_AS}


FORMAT: Final[Format] = Httpie()

_KEYS: Final = frozenset({"__meta__", "auth", "cookies", "headers"})
_NO_AUTH: Final[dict[str, str | None]] = {"type": None, "username": None, "password": None}


def _view(text: str) -> str:
    """A cookie's text as its bytes: Python's cookie jar shows them as latin-1 already, where they all fit."""
    return text if all(character <= "\xff" for character in text) else as_received(text)


def _entries(value: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    """The cookies of either layout, each with its place and name."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [
            (f"{place}.{shown(name)}", {"name": name, **typed(fields, dict, f"{place}.{shown(name)}")})
            for name, fields in value.items()
        ]
    return [
        (f"{place}[{index}]", typed(fields, dict, f"{place}[{index}]"))
        for index, fields in enumerate(typed(value, list, place))
    ]


def _headers(value: Any, origin: str, remarks: list[str]) -> list[Operation]:
    """The headers of either layout; of several with one name the last stays."""
    if value is None:
        return []
    if isinstance(value, dict):
        pairs = [(name, text, f"headers.{shown(name)}") for name, text in value.items()]
    else:
        entries = _entries(typed(value, list, "headers"), "headers")
        pairs = [(fields.get("name"), fields.get("value"), place) for place, fields in entries]
    found: dict[str, Operation] = {}
    for name, text, place in pairs:
        name, text = typed(name, str, f"{place}: the name"), typed(text, (str, type(None)), f"{place}: the value")
        key = name.lower()
        if text is None or key in NEVER_KEPT:
            remarks.append(f"header {shown(name)} is left out: it belongs to one request alone")
            continue
        if key in found:
            remarks.append(f"header {shown(name)} is there more than once: the last one is taken")
        try:
            found[key] = SetHeader(StoredHeader(name, text, origin))
        except Usage as error:
            raise InputFailed(f"{place} can be no header: {error.message}") from error
    return list(found.values())


def _auth(auth: dict[str, Any], origin: str, remarks: list[str]) -> list[Operation]:
    scheme = typed(auth["type"], str, "auth.type").lower()
    if scheme not in _SCHEMES:
        remarks.append(f"the credential is left out: there is no scheme {shown(scheme)} here")
        return []
    raw = typed(auth.get("raw_auth"), (str, type(None)), "auth.raw_auth")
    if scheme == "bearer":
        token = raw if raw is not None else typed(auth.get("password") or auth.get("username"), str, "auth.password")
        return [SetAuth(origin, StoredAuth("bearer", {"token": token}))]
    if raw is not None:
        # As HTTPie takes it apart: at the first colon that is not escaped.
        match = re.fullmatch(r"((?:\\.|[^:\\]|\\\Z)*)(?::(.*))?", raw, re.DOTALL)
        user, password = (match[1], match[2]) if match is not None else (raw, None)
        user = re.sub(r"\\([:\\])", r"\1", user)
    else:
        user = typed(auth.get("username"), str, "auth.username")
        password = typed(auth.get("password"), (str, type(None)), "auth.password")
    if password is None:
        remarks.append("the password is left out, for the file has none: an empty one is taken")
    return [SetAuth(origin, StoredAuth(scheme, {"user": user, "password": password or ""}))]
