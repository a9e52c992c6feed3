"""The clients that ask for one small thing again and again over one connection: one function is one client.

Each is given the URL and the certificate to trust, and gives back a function that makes so many requests and
checks each answer. As a script (`clients.py NAME URL CA`) this is one such client in a process of its own; for each
number on standard input it makes as many requests and answers with the seconds and the seconds of CPU that they took.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from time import perf_counter, process_time
from typing import Any

Many = Callable[[int], None]

COOKIES = {"sid": "0123456789abcdef0123456789abcdef", "theme": "dark", "csrf": "f00dfacef00dface"}
HEADERS = {"X-Tenant": "acme", "X-Client": "benchmark"}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJl"
CARRIED = {**HEADERS, "Authorization": f"Bearer {TOKEN}"}
"""What every client «in use» sends beside the cookies."""
COOKIE = "; ".join(f"{name}={value}" for name, value in COOKIES.items())
USUAL = {"User-Agent": "measured/1.0", "Accept": "*/*", "Accept-Encoding": "gzip, deflate, br, zstd"}
"""What the larger clients send of themselves, for those that do not."""

HEAD_AND_BODY = 512
"""The least number of bytes of a whole answer; the loops without a parser need to know the number."""


def raw_socket(url: str, authority: str) -> Many:
    """No client at all: send and receive, as many bytes as the first answer had."""
    return _by_socket(url, authority, {"Accept": "*/*"})


def raw_socket_in_use(url: str, authority: str) -> Many:
    """The same with the request that our session in use makes."""
    return _by_socket(url, authority, {**USUAL, **HEADERS, "Cookie": COOKIE, "Authorization": f"Bearer {TOKEN}"})


def _by_socket(url: str, authority: str, fields: Mapping[str, str]) -> Many:
    from socket import IPPROTO_TCP, TCP_NODELAY, create_connection

    host, port = url.split("/")[2].split(":")
    connection: Any = create_connection((host, int(port)))
    connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    if authority:
        import ssl

        connection = ssl.create_default_context(cafile=authority).wrap_socket(connection, server_hostname=host)
    lines = [f"GET /small HTTP/1.1\r\nHost: {host}:{port}", *(f"{name}: {value}" for name, value in fields.items())]
    request = "\r\n".join([*lines, "\r\n"]).encode()
    connection.sendall(request)
    expected = len(connection.recv(65536))
    assert expected > HEAD_AND_BODY

    def many(number: int) -> None:
        for _ in range(number):
            connection.sendall(request)
            received = len(connection.recv(65536))
            while received < expected:
                received += len(connection.recv(65536))

    return many


def reqcli_bare(url: str, authority: str) -> Many:
    """A session without anything in it."""
    from reqcli import Session

    return _ours(Session(), url, authority)


def reqcli_session(url: str, authority: str) -> Many:
    """A session with three cookies, two headers and a bearer token for this origin."""
    return _ours(_in_use(url), url, authority)


def _in_use(url: str) -> Any:
    from time import time

    from reqcli import Session, Url
    from reqcli.model.cookie import Cookie
    from reqcli.session.operations import SetAuth, SetCookie, SetHeader
    from reqcli.session.schema import StoredAuth, StoredHeader

    origin = str(Url.parse(url).origin)
    now = time()
    return Session(
        _with(
            Session().state,
            now,
            [
                *(
                    SetCookie(Cookie(name, value, "127.0.0.1", "/", created=now, expires=now + 9e5), secure_origin=True)
                    for name, value in COOKIES.items()
                ),
                *(SetHeader(StoredHeader(name, value, origin)) for name, value in HEADERS.items()),
                SetAuth(origin, StoredAuth("bearer", {"token": TOKEN})),
            ],
        )
    )


def reqcli_targets(url: str, authority: str) -> Many:
    """The same session, with another target each time."""
    session, verify = _in_use(url), {"verify": authority} if authority else {}
    targets = [f"{url}/small?{number}" for number in range(1000)]

    def many(number: int) -> None:
        for count in range(number):
            result = session.get(targets[count % 1000], **verify)
            _check(result.status, result.content)

    return many


def http_client(url: str, authority: str) -> Many:
    """The standard library."""
    return _by_http_client(url, authority, {})


def http_client_in_use(url: str, authority: str) -> Many:
    """The same, all fields given with each request, for it keeps none."""
    return _by_http_client(url, authority, {**USUAL, **CARRIED, "Cookie": COOKIE})


def _by_http_client(url: str, authority: str, fields: dict[str, str]) -> Many:
    import http.client
    import ssl

    host, port = url.split("/")[2].split(":")
    connection: http.client.HTTPConnection
    if authority:
        context = ssl.create_default_context(cafile=authority)
        connection = http.client.HTTPSConnection(host, int(port), context=context)
    else:
        connection = http.client.HTTPConnection(host, int(port))

    def many(number: int) -> None:
        for _ in range(number):
            connection.request("GET", "/small", headers=fields)
            response = connection.getresponse()
            _check(response.status, response.read())

    return many


def urllib3(url: str, authority: str) -> Many:
    """A pool manager."""
    return _by_urllib3(url, authority, None)


def urllib3_in_use(url: str, authority: str) -> Many:
    """A pool manager with the fields, the cookies as a line: it knows none."""
    return _by_urllib3(url, authority, {**USUAL, **CARRIED, "Cookie": COOKIE})


def _by_urllib3(url: str, authority: str, fields: dict[str, str] | None) -> Many:
    import urllib3

    _refuse_fork()
    pool = urllib3.PoolManager(ca_certs=authority or None, headers=fields)

    def many(number: int) -> None:
        for _ in range(number):
            response = pool.request("GET", f"{url}/small")
            _check(response.status, response.data)

    return many


def requests(url: str, authority: str) -> Many:
    """A session without anything in it."""
    import requests

    _refuse_fork()
    return _like_requests(requests.Session(), url, authority)


def requests_session(url: str, authority: str) -> Many:
    """A session with the same cookies, headers and token as ours."""
    import requests

    _refuse_fork()
    session = requests.Session()
    session.cookies.update(COOKIES)
    session.headers.update(CARRIED)
    return _like_requests(session, url, authority)


def niquests(url: str, authority: str) -> Many:
    """A session without anything in it."""
    import niquests

    return _like_requests(niquests.Session(), url, authority)


def httpx(url: str, authority: str) -> Many:
    """A client without anything in it."""
    import httpx

    return _like_httpx(httpx.Client(verify=_context(authority)), url)


def httpx_session(url: str, authority: str) -> Many:
    """A client with the same cookies, headers and token as ours."""
    import httpx

    return _like_httpx(httpx.Client(verify=_context(authority), cookies=COOKIES, headers=CARRIED), url)


def aiohttp(url: str, authority: str) -> Many:
    """A client session, one request after the other in one task."""
    return _by_aiohttp(url, authority, is_in_use=False)


def aiohttp_in_use(url: str, authority: str) -> Many:
    """A client session with the same cookies, headers and token as ours."""
    return _by_aiohttp(url, authority, is_in_use=True)


def _by_aiohttp(url: str, authority: str, *, is_in_use: bool) -> Many:
    import asyncio

    import aiohttp
    from yarl import URL

    loop = asyncio.new_event_loop()

    async def start() -> Any:
        connector = aiohttp.TCPConnector(ssl=_context(authority))
        if not is_in_use:
            return aiohttp.ClientSession(connector=connector)
        jar = aiohttp.CookieJar(unsafe=True)  # or it keeps none for an address
        jar.update_cookies(COOKIES, URL(url))
        return aiohttp.ClientSession(connector=connector, headers=CARRIED, cookie_jar=jar)

    session = loop.run_until_complete(start())

    async def run(number: int) -> None:
        for _ in range(number):
            async with session.get(f"{url}/small") as response:
                _check(response.status, await response.read())

    return lambda number: loop.run_until_complete(run(number))


def pycurl(url: str, authority: str) -> Many:
    """One handle, the body and the header lines into Python."""
    import pycurl

    return _by_pycurl(pycurl.Curl(), url, authority)


def pycurl_in_use(url: str, authority: str) -> Many:
    """One handle with the fields, the cookies as a line."""
    import pycurl

    handle = pycurl.Curl()
    handle.setopt(pycurl.ENCODING, "")
    fields = {**CARRIED, "Cookie": COOKIE, "User-Agent": USUAL["User-Agent"]}
    handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in fields.items()])
    return _by_pycurl(handle, url, authority)


def pycurl_cookies(url: str, authority: str) -> Many:
    """One handle with the fields, and its own engine for the cookies, which a session needs."""
    import pycurl

    handle = pycurl.Curl()
    handle.setopt(pycurl.ENCODING, "")
    handle.setopt(pycurl.USERAGENT, USUAL["User-Agent"])
    handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in CARRIED.items()])
    handle.setopt(pycurl.COOKIEFILE, "")
    for name, value in COOKIES.items():
        handle.setopt(
            pycurl.COOKIELIST, f"Set-Cookie: {name}={value}; Domain={url.split('/')[2].split(':')[0]}; Path=/"
        )
    return _by_pycurl(handle, url, authority)


def _by_pycurl(handle: Any, url: str, authority: str) -> Many:
    import pycurl

    body: list[bytes] = []
    fields: list[bytes] = []
    handle.setopt(pycurl.URL, f"{url}/small")
    handle.setopt(pycurl.WRITEFUNCTION, body.append)
    handle.setopt(pycurl.HEADERFUNCTION, fields.append)
    if authority:
        handle.setopt(pycurl.CAINFO, authority)

    def many(number: int) -> None:
        for _ in range(number):
            body.clear()
            fields.clear()
            handle.perform()
            _check(handle.getinfo(pycurl.RESPONSE_CODE), b"".join(body))

    return many


def _ours(session: Any, url: str, authority: str) -> Many:
    target, verify = f"{url}/small", authority or None

    def many(number: int) -> None:
        for _ in range(number):
            result = session.get(target, verify=verify) if verify else session.get(target)
            _check(result.status, result.content)

    return many


def _with(state: Any, now: float, operations: list[Any]) -> Any:
    from reqcli.session.operations import apply

    return apply(state, operations, now)


def _like_requests(session: Any, url: str, authority: str) -> Many:
    session.trust_env = False
    session.verify = authority or True

    def many(number: int) -> None:
        for _ in range(number):
            response = session.get(f"{url}/small")
            _check(response.status_code, response.content)

    return many


def _like_httpx(client: Any, url: str) -> Many:
    def many(number: int) -> None:
        for _ in range(number):
            response = client.get(f"{url}/small")
            _check(response.status_code, response.content)

    return many


def _context(authority: str) -> Any:
    import ssl

    return ssl.create_default_context(cafile=authority or None)


def _refuse_fork() -> None:
    """niquests' fork of urllib3 may have put itself in urllib3's place: that would be measured under a wrong name."""
    import urllib3

    if os.path.exists(os.path.join(os.path.dirname(urllib3.__file__), ".u3f_sync")):
        raise ImportError("urllib3 was replaced by urllib3-future; tests/benchmarks/__init__.py says how to avoid it")


def _check(status: int, body: bytes) -> None:
    if status != 200 or body[:6] != b'{"id":':
        raise RuntimeError(f"a wrong answer: {status} {body[:60]!r}")


CLIENTS: dict[str, Callable[[str, str], Many]] = {
    "raw socket": raw_socket,
    "raw socket, the same request": raw_socket_in_use,
    "reqcli, bare session": reqcli_bare,
    "reqcli, session in use": reqcli_session,
    "reqcli, in use, each for another target": reqcli_targets,
    "http.client": http_client,
    "http.client, in use": http_client_in_use,
    "pycurl": pycurl,
    "pycurl, in use": pycurl_in_use,
    "pycurl, in use, its own cookies": pycurl_cookies,
    "aiohttp": aiohttp,
    "aiohttp, in use": aiohttp_in_use,
    "urllib3": urllib3,
    "urllib3, in use": urllib3_in_use,
    "httpx": httpx,
    "httpx, client in use": httpx_session,
    "niquests": niquests,
    "requests": requests,
    "requests, session in use": requests_session,
}
"""Every client under the name it has in the results; the order is theirs there."""


def main(name: str, url: str, authority: str) -> None:
    """Be one client: say whether there is one, then make requests by the number."""
    try:
        many = CLIENTS[name](url, authority)
    except ImportError as error:
        print(error, flush=True)
        return
    many(20)
    print("ready", flush=True)
    for line in sys.stdin:
        started, busy = perf_counter(), process_time()
        many(int(line))
        print(perf_counter() - started, process_time() - busy, flush=True)
    os._exit(0)  # what was left open closes by itself, and nobody is warned of it


if __name__ == "__main__":
    main(*sys.argv[1:])
