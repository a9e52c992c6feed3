"""Every way a secret gets in, through every way across, and the other side has seen nothing: real sockets both ends."""

from __future__ import annotations

from typing import Any

import pytest

from reqcli import Credential, Secret, Session
from reqcli.session.operations import Operation, SetAuth, SetHeader
from reqcli.session.schema import StoredAuth, StoredHeader
from tests.sockets import NastyServer, Peer

SECRET = "s3cr3t-v4lue"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SET_COOKIE = f"Set-Cookie: sid={SECRET}; Path=/\r\n"

ONE_OFF: dict[str, dict[str, Any]] = {
    "authorization header": {"headers": {"authorization": f"Token {SECRET}"}},
    "AUTHORIZATION header": {"headers": {"AUTHORIZATION": f"Token {SECRET}"}},
    "cookie header": {"headers": {"Cookie": f"sid={SECRET}"}},
    "proxy-authorization header": {"headers": {"Proxy-Authorization": f"Basic {SECRET}"}},
    "api key header": {"headers": {"X-Api-Key": SECRET}},
    "auth token header": {"headers": {"X-Auth-Token": SECRET}},
    "basic credential": {"auth": ("user", SECRET)},
    "bearer credential": {"auth": Credential("bearer", {"token": Secret(SECRET)})},
    "digest credential": {"auth": Credential("digest", {"user": "u", "password": Secret(SECRET)})},
    "userinfo": {"userinfo": f"user:{SECRET}@"},
}


def stored(origin: str) -> dict[str, list[Operation]]:
    return {
        "session header": [SetHeader(StoredHeader("X-Api-Key", SECRET, origin))],
        "plainly named session header": [SetHeader(StoredHeader("X-Tenant", SECRET, origin))],
        "session credential": [SetAuth(origin, StoredAuth("bearer", {"token": SECRET}))],
    }


WAYS_IN = (*ONE_OFF, *stored(""), "cookie of the server")
WAYS_ACROSS = ("another port", "another host", "there and back", "a second redirect")
STATUSES = (302, 307)


def other_host(url: str) -> str:
    return url.replace("127.0.0.1", "127.0.0.2")


def saw(server: NastyServer) -> bytes:
    """Everything that a server was sent, with what base64 hides laid open."""
    from base64 import b64decode

    everything = b"".join(request.head + request.body for request in server.requests)
    for request in server.requests:
        scheme, _, token = (request.get("authorization") or "").partition(" ")
        if scheme.lower() == "basic":
            everything += b64decode(token)
    return everything


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("across", WAYS_ACROSS)
@pytest.mark.parametrize("way_in", WAYS_IN)
def test_nothing_crosses(way_in: str, across: str, status: int) -> None:
    """CVE-2018-20060, CVE-2018-25091, CVE-2018-1000007, CVE-2022-27774, CVE-2022-27776, CVE-2023-43804, CVE-2024-37891,
    CVE-2026-34518, CVE-2026-47265, CVE-2022-24737: each peer kept one of these for one way across.
    """
    target: list[str] = []

    def home(peer: Peer) -> None:
        peer.read_request()
        extra = SET_COOKIE if way_in == "cookie of the server" and across != "another port" else ""
        peer.send(f"HTTP/1.1 {status} X\r\nLocation: {target[0]}\r\n{extra}Content-Length: 0\r\n\r\n".encode())
        peer.answer(OK)

    def away(peer: Peer) -> None:
        peer.read_request()
        if across == "there and back":
            peer.send(f"HTTP/1.1 {status} X\r\nLocation: {server.url('/back')}\r\nContent-Length: 0\r\n\r\n".encode())
        elif across == "a second redirect":
            peer.send(f"HTTP/1.1 {status} X\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n".encode())
            peer.answer(OK)
        else:
            peer.send(OK)

    with NastyServer(home) as server, NastyServer(away, address="0.0.0.0") as other, Session() as session:
        target.append(f"http://{'127.0.0.1' if across == 'another port' else '127.0.0.2'}:{other.port}/away")
        options = dict(ONE_OFF.get(way_in, {}))
        url = server.url("/start").replace("://", f"://{options.pop('userinfo', '')}")
        session.commit(stored(server.url("/").rstrip("/")).get(way_in, []))
        result = session.get(url, follow=True, **options)
        assert result.response is not None, result.error
        assert SECRET.encode() not in saw(other)
        if way_in in ONE_OFF and way_in != "digest credential":
            assert SECRET.encode() in saw(server)
            assert "withheld" in {notice.code for notice in result.warnings}
            assert not any(SECRET in notice.message for notice in result.warnings)
        if way_in in ONE_OFF and across == "there and back":
            assert SECRET not in (server.requests[-1].get("authorization") or "")
            assert SECRET.encode() not in server.requests[-1].head
