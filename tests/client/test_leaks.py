"""Every way a secret gets in, through every way across, and the other side has seen nothing: real sockets both ends."""

from __future__ import annotations

import ssl
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
import trustme

from reqcli import Credential, Secret, Session
from reqcli.model.retry import Retry
from reqcli.model.route import Dialling
from reqcli.session.operations import Operation, SetAuth, SetHeader
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from reqcli.session.schema import StoredAuth, StoredHeader
from reqcli.vault.netrc import Netrc
from tests.sockets import NastyServer, Peer

SECRET = "s3cr3t-v4lue"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SET_COOKIE = f"Set-Cookie: sid={SECRET}; Path=/\r\n"
HOME = "www.shop.example"

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
    "api key credential": {"auth": Credential("apikey", {"name": "?key", "key": Secret(SECRET)})},
    "userinfo": {"userinfo": f"user:{SECRET}@"},
}
"""What is given with one call."""


def stored(origin: str) -> dict[str, list[Operation]]:
    return {
        "session header": [SetHeader(StoredHeader("X-Api-Key", SECRET, origin))],
        "plainly named session header": [SetHeader(StoredHeader("X-Tenant", SECRET, origin))],
        "session credential": [SetAuth(origin, StoredAuth("bearer", {"token": SECRET}))],
        "captured value": [SetRule(parse("header:X-Id -> header:X-Id on=2xx,3xx"))],
    }


WAYS_IN = (*ONE_OFF, *stored(""), "cookie of the server", "netrc")

AWAY = {
    "another port": f"http://{HOME}:{{port}}/away",
    "another host": "http://other.example:{port}/away",
    "a subdomain": f"http://x.{HOME}:{{port}}/away",
    "the parent domain": "http://shop.example:{port}/away",
    "a name that ends alike": f"http://evil{HOME}:{{port}}/away",
    "another scheme": f"https://{HOME}:{{port}}/away",
    "there and back": "http://other.example:{port}/away",
    "a second redirect": "http://other.example:{port}/away",
    "a retry over there": "http://other.example:{port}/away",
}
NAMES = (HOME, f"x.{HOME}", f"evil{HOME}", "shop.example", "other.example")


def saw(server: NastyServer) -> bytes:
    """Everything that a server was sent, with what base64 hides laid open."""
    everything = b"".join(request.head + request.body for request in server.requests)
    for request in server.requests:
        scheme, _, token = (request.get("authorization") or "").partition(" ")
        if scheme.lower() == "basic":
            everything += b64decode(token)
    return everything


def redirect(status: int, location: str, extra: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nLocation: {location}\r\n{extra}Content-Length: 0\r\n\r\n".encode()


@pytest.fixture(scope="module")
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(HOME).configure_cert(context)
    return context


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("across", AWAY)
@pytest.mark.parametrize("way_in", WAYS_IN)
def test_nothing_crosses(way_in: str, across: str, status: int, tls: ssl.SSLContext, tmp_path: Path) -> None:
    """CVE-2018-20060, CVE-2018-25091, CVE-2018-1000007, CVE-2022-27774, CVE-2022-27776, CVE-2023-43804, CVE-2024-37891,
    CVE-2026-34518, CVE-2026-47265, CVE-2022-24737: each peer kept one of these for one way across.
    """
    issued = ""
    if way_in == "cookie of the server" and across not in ("another port", "another scheme"):  # these share cookies
        issued = SET_COOKIE
    if way_in == "captured value":
        issued = f"X-Id: {SECRET}\r\n"

    def home(peer: Peer) -> None:
        peer.read_request()
        peer.send(redirect(status, AWAY[across].format(port=other.port), issued))
        peer.answer(OK)

    def away(peer: Peer) -> None:
        peer.read_request()
        if across == "there and back":
            peer.send(redirect(status, f"http://{HOME}:{server.port}/back"))
        elif across == "a second redirect":
            peer.send(redirect(status, "/again"))
            peer.answer(OK)
        elif across == "a retry over there":
            peer.send(b"HTTP/1.1 503 X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
            peer.answer(OK)
        else:
            peer.send(OK)

    netrc = None
    if way_in == "netrc":
        (tmp_path / "netrc").write_text(f"machine {HOME} login u password {SECRET}\n")
        (tmp_path / "netrc").chmod(0o600)
        netrc = Netrc(str(tmp_path / "netrc"))
    other_tls = tls if across == "another scheme" else None
    with NastyServer(home) as server, NastyServer(away, tls=other_tls) as other, Session(netrc=netrc) as session:
        ports = (server.port, other.port)
        dialling = Dialling(overrides=tuple((name, port, "127.0.0.1") for name in NAMES for port in ports))
        options = dict(ONE_OFF.get(way_in, {}))
        session.commit(stored(f"http://{HOME}:{server.port}").get(way_in, []))
        url = f"http://{options.pop('userinfo', '')}{HOME}:{server.port}/start"
        result = session.request(
            "GET", url, follow=True, dialling=dialling, verify=False, retry=Retry(1, delay=0.01), **options
        )
        assert result.response is not None, result.error
        assert other.requests
        assert SECRET.encode() not in saw(other)
        assert not any(SECRET in notice.message for notice in result.warnings)
        if way_in in ONE_OFF:
            if way_in != "digest credential":
                assert SECRET.encode() in saw(server)
            assert "withheld" in {notice.code for notice in result.warnings}
            if across == "there and back":
                assert server.requests[-1].target == "/back"
                assert server.requests[-1].get("authorization") is None
                assert SECRET.encode() not in server.requests[-1].head
