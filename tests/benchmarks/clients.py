"""The clients that ask for one small thing again and again over one connection: one function is one client.

Each is given the URL and the certificate to trust, and gives back a function that makes so many requests and
checks each answer. As a script (`clients.py NAME URL CA`) this is one such client in a process of its own; for each
number on standard input it makes as many requests and answers with the seconds and the seconds of CPU that they took.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

Many = Callable[[int], None]

COOKIES = {"sid": "0123456789abcdef0123456789abcdef", "theme": "dark", "csrf": "f00dfacef00dface"}
HEADERS = {"X-Tenant": "acme", "X-Client": "benchmark"}
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0NzExIn0.c2lnbmF0dXJl"
HEAD_AND_BODY = 512
"""The least number of bytes of a whole answer; the loops without a parser need to know the number."""


def raw_socket(url: str, authority: str) -> Many:
    """No client at all: send and receive, as many bytes as the first answer had."""
    from socket import IPPROTO_TCP, TCP_NODELAY, create_connection

    host, port = url.split("/")[2].split(":")
    connection: Any = create_connection((host, int(port)))
    connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
    if authority:
        import ssl

        connection = ssl.create_default_context(cafile=authority).wrap_socket(connection, server_hostname=host)
    request = f"GET /small HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: */*\r\n\r\n".encode()
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
            connection.request("GET", "/small")
            response = connection.getresponse()
            _check(response.status, response.read())

    return many


def urllib3(url: str, authority: str) -> Many:
    """A pool manager."""
    import urllib3

    _refuse_fork()
    pool = urllib3.PoolManager(ca_certs=authority or None)

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
    session.headers.update({**HEADERS, "Authorization": f"Bearer {TOKEN}"})
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

    headers = {**HEADERS, "Authorization": f"Bearer {TOKEN}"}
    return _like_httpx(httpx.Client(verify=_context(authority), cookies=COOKIES, headers=headers), url)


def aiohttp(url: str, authority: str) -> Many:
    """A client session, one request after the other in one task."""
    import asyncio

    import aiohttp

    loop = asyncio.new_event_loop()

    async def start() -> Any:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_context(authority)))

    session = loop.run_until_complete(start())

    async def run(number: int) -> None:
        for _ in range(number):
            async with session.get(f"{url}/small") as response:
                _check(response.status, await response.read())

    return lambda number: loop.run_until_complete(run(number))


def pycurl(url: str, authority: str) -> Many:
    """One handle, the body and the header lines into Python."""
    import pycurl

    handle = pycurl.Curl()
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
    "reqcli, bare session": reqcli_bare,
    "reqcli, session in use": reqcli_session,
    "reqcli, in use, each for another target": reqcli_targets,
    "http.client": http_client,
    "pycurl": pycurl,
    "aiohttp": aiohttp,
    "urllib3": urllib3,
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
