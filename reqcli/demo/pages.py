"""What the demo server answers: every page is a function from what was asked and what is remembered to a reply.

Nothing here touches a socket, a clock or a file, so a path is only ever looked up in a table. Whoever calls
`answer` holds a lock over the memory; a page is done at once, and what takes time (`/slow`) is left to the
server as pieces to send one by one.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from gzip import compress
from typing import Final
from urllib.parse import parse_qsl, unquote

from reqcli.model.headers import Headers
from reqcli.model.value import Value

USER: Final = "alice"
PASSWORD: Final = "wonderland"
TOKEN: Final = "demo-token-123"
MOST_REMEMBERED: Final = 1000
"""Logins and issued ids that are kept; the oldest is forgotten first."""

INDEX: Final = f"""\
The reqcli demo server. It listens on loopback only and forgets everything when it stops.

POST /login                a form of user={USER} and password={PASSWORD}: sets the cookie sid, leads to /account
GET  /account              who is logged in, and how often they looked; 401 without the cookie
POST /logout               ends the login and deletes the cookie
GET  /basic                Basic authentication: {USER}:{PASSWORD}
GET  /bearer               Bearer authentication: {TOKEN}
GET  /issue                issues an id in the header X-Session-Id
GET  /needs-session        wants that header back
GET  /redirect             302 to /account
GET  /slow?lines=5&delay=0.2   lines that come one at a time, delay in seconds
GET  /events?lines=5&delay=0.2  server-sent events that come one at a time
GET  /ndjson?lines=5&delay=0.2  lines of JSON that come one at a time
GET  /cookie/NAME/VALUE    sets one cookie
ANY  /echo                 what you sent, as JSON
GET  /gzip                 JSON in the content coding gzip
GET  /page                 HTML
GET  /feed                 XML
GET  /image                a picture
GET  /status/CODE          that status
GET  /stats                connections and requests so far
"""

PAGE: Final = (
    b"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>Demo</title></head><body><h1>A page</h1>"
    b"<p>With <b>bold</b> &amp; <i>slanted</i> words.<ul><li>one<li>two</ul><pre>  as\n  it is</pre></body></html>\n"
)
FEED: Final = (
    b'<?xml version="1.0"?><!-- a feed --><feed xmlns="http://www.w3.org/2005/Atom"><title>Demo</title>'
    b"<entry id='1'><title>One &lt; two</title><link href='/1'/></entry><text>mixed <b>content</b> stays</text></feed>"
)
IMAGE: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A picture of one point."""

_COOKIE_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_COOKIE_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]{0,256}")  # cookie-octet, RFC 6265 section 4.1.1


class Asked(Value):
    """One request, read whole.

    Args:
        method: as sent.
        path: still percent-encoded, without the query.
        query: names and values in order.
        headers: as sent.
        body: its bytes.
    """

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(
        self, method: str, path: str, query: tuple[tuple[str, str], ...], headers: Headers, body: bytes
    ) -> None:
        self.method: Final = method
        self.path: Final = path
        self.query: Final = query
        self.headers: Final = headers
        self.body: Final = body

    def cookie(self, name: str) -> str | None:
        """The value of the first cookie of this name, or None."""
        for pair in "; ".join(self.headers.get_all("Cookie")).split(";"):
            found, _, value = pair.strip().partition("=")
            if found == name:
                return value
        return None

    def credential(self, scheme: str) -> str | None:
        """What the Authorization field gives for this scheme, or None."""
        found, _, rest = (self.headers.get("Authorization") or "").partition(" ")
        return rest.strip() if found.lower() == scheme else None


class Reply(Value):
    """One response.

    Args:
        status: 200 to 599.
        headers: all but those of the framing.
        body: its bytes, when they are all there.
        pieces: what is sent instead of `body`, chunk by chunk.
        delay: seconds between two pieces.
    """

    __slots__ = ("body", "delay", "headers", "pieces", "status")

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        *,
        pieces: Iterator[bytes] | None = None,
        delay: float = 0.0,
    ) -> None:
        self.status: Final = status
        self.body: Final = body
        self.headers: Final = headers
        self.pieces: Final = pieces
        self.delay: Final = delay


class Memory:
    """What the server remembers from one request to the next.

    Args:
        new_token: gives an unguessable name each time it is called.
    """

    def __init__(self, new_token: Callable[[], str]) -> None:
        self.new_token: Final = new_token
        self.connections = 0
        self.requests = 0
        self.visits: dict[str, int] = {}
        self.issued: dict[str, int] = {}

    def remember(self, names: dict[str, int]) -> str:
        """Put a new token among these names, and drop the oldest when there are too many."""
        token = self.new_token()
        names[token] = 0
        if len(names) > MOST_REMEMBERED:
            del names[next(iter(names))]
        return token


Page = Callable[[Asked, Memory], Reply]


def answer(asked: Asked, memory: Memory) -> Reply:
    """The reply to one request: 404 for a path that is none of the pages, 405 for a method that is not the page's."""
    first, _, rest = asked.path.removeprefix("/").partition("/")
    known = _PAGES.get(f"/{first}/*" if rest else asked.path)
    if known is None:
        return _problem(404, "there is no such page; GET / lists them")
    methods, page = known
    if methods and asked.method not in methods:
        return _problem(405, f"this page knows only {' and '.join(methods)}", (("Allow", ", ".join(methods)),))
    return page(asked, memory)


def _json(status: int, value: object, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    body = json.dumps(value, indent=2).encode() + b"\n"
    return Reply(status, body, (("Content-Type", "application/json"), *headers))


def _problem(status: int, sentence: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return _json(status, {"error": sentence}, headers)


def _index(asked: Asked, memory: Memory) -> Reply:
    return Reply(200, INDEX.encode(), (("Content-Type", "text/plain; charset=utf-8"),))


def _login(asked: Asked, memory: Memory) -> Reply:
    try:
        form = dict(parse_qsl(asked.body.decode(), max_num_fields=100))
    except ValueError:
        return _problem(400, "the body is not a form")
    if (form.get("user"), form.get("password")) != (USER, PASSWORD):
        return _problem(401, "wrong user or password", (("WWW-Authenticate", 'Form realm="demo"'),))
    sid = memory.remember(memory.visits)
    return Reply(303, headers=(("Location", "/account"), ("Set-Cookie", f"sid={sid}; HttpOnly; Path=/")))


def _account(asked: Asked, memory: Memory) -> Reply:
    sid = asked.cookie("sid")
    if sid not in memory.visits:
        return _problem(401, "log in first, at /login", (("WWW-Authenticate", 'Form realm="demo"'),))
    memory.visits[sid] += 1
    return _json(200, {"user": USER, "visits": memory.visits[sid]})


def _logout(asked: Asked, memory: Memory) -> Reply:
    memory.visits.pop(asked.cookie("sid") or "", None)
    return _json(200, {"user": None}, (("Set-Cookie", "sid=; Max-Age=0; HttpOnly; Path=/"),))


def _basic(asked: Asked, memory: Memory) -> Reply:
    try:
        given = b64decode(asked.credential("basic") or "", validate=True)
    except ValueError:
        given = b""
    if given != f"{USER}:{PASSWORD}".encode():
        return _problem(401, "a user and a password are needed", (("WWW-Authenticate", 'Basic realm="demo"'),))
    return _json(200, {"user": USER, "scheme": "basic"})


def _bearer(asked: Asked, memory: Memory) -> Reply:
    if asked.credential("bearer") != TOKEN:
        return _problem(401, "a token is needed", (("WWW-Authenticate", 'Bearer realm="demo"'),))
    return _json(200, {"user": USER, "scheme": "bearer"})


def _issue(asked: Asked, memory: Memory) -> Reply:
    return _json(200, {"issued": "X-Session-Id"}, (("X-Session-Id", memory.remember(memory.issued)),))


def _needs_session(asked: Asked, memory: Memory) -> Reply:
    given = asked.headers.get("X-Session-Id")
    if given is None:
        return _problem(400, "the header X-Session-Id is missing; GET /issue gives one")
    if given not in memory.issued:
        return _problem(404, "that session is not known here; GET /issue gives a new one")
    memory.issued[given] += 1
    return _json(200, {"session": "known", "visits": memory.issued[given]})


def _redirect(asked: Asked, memory: Memory) -> Reply:
    return Reply(302, headers=(("Location", "/account"),))


def _slow(asked: Asked, memory: Memory) -> Reply:
    return _dripping(asked, "text/plain; charset=utf-8", lambda number, lines: f"line {number} of {lines}\n")


def _events(asked: Asked, memory: Memory) -> Reply:
    return _dripping(
        asked,
        "text/event-stream",
        lambda number, lines: f'id: {number}\nevent: tick\ndata: {{"tick":{number},"of":{lines}}}\n\n',
    )


def _ndjson(asked: Asked, memory: Memory) -> Reply:
    return _dripping(
        asked, "application/x-ndjson", lambda number, lines: f'{{"tick":{number},"rest":[{lines - number}]}}\n'
    )


def _dripping(asked: Asked, media_type: str, piece: Callable[[int, int], str]) -> Reply:
    """So many pieces one after the other, each made of its number and their count."""
    wanted = dict(asked.query)
    try:
        lines, delay = int(wanted.get("lines", "5")), float(wanted.get("delay", "0.2"))
    except ValueError:
        return _problem(400, "lines is a whole number, delay a number of seconds")
    if not (1 <= lines <= 1000 and 0 <= delay <= 10):
        return _problem(400, "lines is from 1 to 1000, delay from 0 to 10 seconds")
    pieces = (piece(number, lines).encode() for number in range(1, lines + 1))
    return Reply(200, headers=(("Content-Type", media_type),), pieces=pieces, delay=delay)


def _cookie(asked: Asked, memory: Memory) -> Reply:
    name, _, value = (unquote(part) for part in asked.path.removeprefix("/cookie/").partition("/"))
    if not _COOKIE_NAME.fullmatch(name) or not _COOKIE_VALUE.fullmatch(value):
        return _problem(400, "that is no name and value that a cookie can have")
    return _json(200, {"cookie": name}, (("Set-Cookie", f"{name}={value}; Path=/"),))


def _echo(asked: Asked, memory: Memory) -> Reply:
    try:
        body, encoding = asked.body.decode(), "utf-8"
    except UnicodeDecodeError:
        body, encoding = b64encode(asked.body).decode(), "base64"
    shown = {
        "method": asked.method,
        "path": asked.path,
        "query": asked.query,
        "headers": asked.headers.items(),
        "body": body,
        "body_encoding": encoding,
    }
    return _json(200, shown)


def _gzip(asked: Asked, memory: Memory) -> Reply:
    body = compress(json.dumps({"coding": "gzip", "filler": "squeeze " * 500}).encode(), mtime=0)
    return Reply(200, body, (("Content-Type", "application/json"), ("Content-Encoding", "gzip")))


def _page(asked: Asked, memory: Memory) -> Reply:
    return Reply(200, PAGE, (("Content-Type", "text/html; charset=utf-8"),))


def _feed(asked: Asked, memory: Memory) -> Reply:
    return Reply(200, FEED, (("Content-Type", "application/xml"),))


def _image(asked: Asked, memory: Memory) -> Reply:
    return Reply(200, IMAGE, (("Content-Type", "image/gif"),))


def _status(asked: Asked, memory: Memory) -> Reply:
    code = asked.path.removeprefix("/status/")
    if not re.fullmatch(r"[2-5][0-9][0-9]", code):
        return _problem(400, "a status is a number from 200 to 599")
    return Reply(int(code)) if code in ("204", "205", "304") else _json(int(code), {"status": int(code)})


def _stats(asked: Asked, memory: Memory) -> Reply:
    return _json(200, {"connections": memory.connections, "requests": memory.requests})


_READ: Final = ("GET", "HEAD")
_PAGES: Final[dict[str, tuple[tuple[str, ...], Page]]] = {
    "/": (_READ, _index),
    "/login": (("POST",), _login),
    "/account": (_READ, _account),
    "/logout": (("POST",), _logout),
    "/basic": (_READ, _basic),
    "/bearer": (_READ, _bearer),
    "/issue": (_READ, _issue),
    "/needs-session": (_READ, _needs_session),
    "/redirect": (_READ, _redirect),
    "/slow": (_READ, _slow),
    "/events": (_READ, _events),
    "/ndjson": (_READ, _ndjson),
    "/page": (_READ, _page),
    "/feed": (_READ, _feed),
    "/image": (_READ, _image),
    "/cookie/*": (_READ, _cookie),
    "/echo": ((), _echo),
    "/gzip": (_READ, _gzip),
    "/status/*": ((), _status),
    "/stats": (_READ, _stats),
}
"""Path to its methods (none named: all of them) and its page; `/*` is anything below."""
