"""Nothing for an origin reaches a proxy that only tunnels, nothing for a proxy reaches an origin or another proxy.

The matrix of `test_leaks.py` in small, through a forwarding proxy and through tunnels, and the published leaks:
CVE-2024-37891, CVE-2026-44431, CVE-2023-32681, CVE-2026-6253, CVE-2026-3784, CVE-2026-9079.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from reqcli import Proxies, Session
from reqcli.model.no_proxy import NoProxy
from reqcli.model.proxy import parse_proxy
from tests.client.test_leaks import OK, ONE_OFF, SECRET, SET_COOKIE, saw, stored
from tests.proxies import RelayingProxy
from tests.sockets import NastyServer, Peer, Script

PROXY_SECRET = "pr0xy-s3cr3t"
USER = f"proxyuser:{PROXY_SECRET}"
BASIC = b64encode(USER.encode()).decode()

Serving = Callable[..., ssl.SSLContext]


def redirecting(target: str, status: int = 302, extra: str = "") -> Script:
    """Lead the first request there, and answer the others."""

    def script(peer: Peer) -> None:
        first = not peer.server.requests
        peer.read_request()
        head = f"HTTP/1.1 {status} X\r\nLocation: {target}\r\n{extra}Content-Length: 0\r\n\r\n".encode()
        peer.send(head if first else OK)
        while True:
            peer.answer(OK)

    return script


def told(server: NastyServer) -> bytes:
    """Everything that was said to it, with what base64 hides of either secret laid open."""
    return saw(server) + b" ".join(USER.encode() for request in server.requests if BASIC.encode() in request.head)


@pytest.mark.parametrize("across", ["another host", "another port", "there and back"])
@pytest.mark.parametrize("way_in", [*ONE_OFF, *stored(""), "cookie of the server"])
@pytest.mark.parametrize("kind", ["forwarded", "tunnelled"])
def test_nothing_crosses(kind: str, way_in: str, across: str, serving: Serving, trust_file: str) -> None:
    """CVE-2026-44431."""
    scheme = "http" if kind == "forwarded" else "https"
    tls = serving("a.example", "b.example") if kind == "tunnelled" else None
    home_url = f"{scheme}://a.example"
    away_url = f"{scheme}://a.example:8443" if across == "another port" else f"{scheme}://b.example"
    extra = SET_COOKIE if way_in == "cookie of the server" and across != "another port" else ""
    home = NastyServer(redirecting(f"{away_url}/away", 307, extra), tls=tls)
    back = redirecting(f"{home_url}/back", 307) if across == "there and back" else OK
    with home, NastyServer(back, tls=tls) as away:
        default = 80 if kind == "forwarded" else 443
        where = {
            f"a.example:{default}": ("127.0.0.1", home.port),
            f"b.example:{default}": ("127.0.0.1", away.port),
            "a.example:8443": ("127.0.0.1", away.port),
        }
        user = None if way_in == "proxy-authorization header" else USER  # what is typed goes before the URL's
        with RelayingProxy(user=user, where=where) as proxy, Session() as session:
            options = dict(ONE_OFF.get(way_in, {}))
            url = f"{home_url}/start".replace("://", f"://{options.pop('userinfo', '')}")
            session.commit(stored(home_url).get(way_in, []))
            result = session.get(url, follow=True, proxy=proxy.with_user(USER), verify=trust_file, **options)
            assert result.response is not None, result.error
        assert [hop.status for hop in result.response.redirects][:1] == [307]
        assert SECRET.encode() not in saw(away)
        for server in (home, away):
            assert PROXY_SECRET.encode() not in told(server)
            assert not any("proxy-authorization" in str(request.fields).lower() for request in server.requests)
        if kind == "tunnelled":
            assert SECRET.encode() not in saw(proxy)
            assert {request.method for request in proxy.requests} == {"CONNECT"}
        else:
            onward = [request for request in proxy.requests if request.target.startswith(away_url)]
            assert onward
            assert not any(SECRET.encode() in request.head for request in onward)
        assert PROXY_SECRET not in repr(result.request.headers.items())  # type: ignore[union-attr]


def test_a_tunnel_is_asked_for_without_path_query_and_fields(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(where=where) as proxy, Session() as session:
            session.get(
                f"https://u:{SECRET}@a.example/{SECRET}?{SECRET}",
                proxy=proxy.url(""),
                verify=trust_file,
                headers={"User-Agent": SECRET, "Cookie": SECRET, "X-Own": SECRET, "Host": "c.example"},
            )
        assert [request.head for request in proxy.requests] == [
            b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443"
        ]
        assert saw(origin).count(SECRET.encode()) >= 5


@pytest.mark.parametrize("status", [301, 302, 307])
def test_from_http_to_https_behind_a_proxy_its_credential_stays_outside(
    status: int, serving: Serving, trust_file: str
) -> None:
    """CVE-2023-32681."""
    with NastyServer(OK, tls=serving("a.example")) as secure:
        with NastyServer(redirecting("https://a.example/next", status)) as plain:
            where = {"a.example:443": ("127.0.0.1", secure.port), "a.example:80": ("127.0.0.1", plain.port)}
            with RelayingProxy(user=USER, where=where) as proxy, Session() as session:
                result = session.get("http://a.example/", follow=True, proxy=proxy.with_user(USER), verify=trust_file)
                assert result.ok, result.error
        assert [request.method for request in proxy.requests] == ["GET", "CONNECT"]
        assert secure.requests[0].get("proxy-authorization") is None
        assert secure.requests[0].target == "/next"


def test_from_https_to_http_its_credential_goes_to_the_proxy_alone(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK) as plain, NastyServer(redirecting("http://a.example/"), tls=serving("a.example")) as secure:
        where = {"a.example:443": ("127.0.0.1", secure.port), "a.example:80": ("127.0.0.1", plain.port)}
        with RelayingProxy(user=USER, where=where) as proxy, Session() as session:
            options: dict[str, Any] = {"follow": True, "allow_downgrade": True, "verify": trust_file}
            assert session.get("https://a.example/", proxy=proxy.with_user(USER), **options).ok
        assert [request.method for request in proxy.requests] == ["CONNECT", "GET"]
        assert plain.requests[0].get("proxy-authorization") is None


def test_the_proxy_of_each_hop_has_its_own_credential(serving: Serving, trust_file: str) -> None:
    """CVE-2026-6253: the second proxy is not told the first one's."""
    with NastyServer(OK, tls=serving("a.example")) as secure, NastyServer(redirecting("https://a.example/")) as plain:
        one = RelayingProxy(where={"a.example:80": ("127.0.0.1", plain.port)})
        two = RelayingProxy(where={"a.example:443": ("127.0.0.1", secure.port)})
        with one, two, Session() as session:
            proxies = Proxies.parse(one.with_user(USER), two.url(""))
            assert session.get("http://a.example/", follow=True, proxies=proxies, verify=trust_file).ok
        assert [request.get("proxy-authorization") for request in one.requests] == [f"Basic {BASIC}"]
        assert [request.get("proxy-authorization") for request in two.requests] == [None]


def test_a_hop_without_a_proxy_is_told_nothing_of_it() -> None:
    with NastyServer(OK) as direct, NastyServer(redirecting(direct.url("/direct"))) as plain:
        where = {"a.example:80": ("127.0.0.1", plain.port)}
        with RelayingProxy(user=USER, where=where) as proxy, Session() as session:
            through = parse_proxy(proxy.with_user(USER))
            proxies = Proxies(through, through, no_proxy=NoProxy("127.0.0.0/8"))
            assert session.get("http://a.example/", follow=True, proxies=proxies).ok
        assert [request.target for request in direct.requests] == ["/direct"]
        assert direct.requests[0].get("proxy-authorization") is None
        assert len(proxy.requests) == 1


def test_a_hop_may_come_to_a_proxy_late() -> None:
    with NastyServer(OK) as plain, NastyServer(redirecting("http://a.example/late")) as direct:
        where = {"a.example:80": ("127.0.0.1", plain.port)}
        with RelayingProxy(user=USER, where=where) as proxy, Session() as session:
            proxies = Proxies.parse(proxy.with_user(USER), no_proxy="127.0.0.1")
            assert session.get(direct.url("/"), follow=True, proxies=proxies).ok
        assert direct.requests[0].get("proxy-authorization") is None
        assert [request.target for request in proxy.requests] == ["http://a.example/late"]


def test_changed_and_cleared_credentials_are_used_at_once() -> None:
    """CVE-2026-3784, CVE-2026-9079."""
    with NastyServer(OK) as plain:
        where = {"a.example:80": ("127.0.0.1", plain.port)}
        with RelayingProxy(where=where) as proxy, Session() as session:
            for url in (proxy.with_user("one:1"), proxy.with_user("two:2"), proxy.url("")):
                assert session.get("http://a.example/", proxy=url).ok
        told_it = [request.get("proxy-authorization") for request in proxy.requests]
    assert told_it == [f"Basic {b64encode(text).decode()}" for text in (b"one:1", b"two:2")] + [None]


@pytest.mark.parametrize("kind", ["tunnelled", "direct"])
def test_a_typed_proxy_authorization_is_not_sent_to_an_origin(kind: str, serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(where=where, must_be_called=kind == "tunnelled") as proxy, Session() as session:
            url = "https://a.example/" if kind == "tunnelled" else origin.url("/")
            result = session.get(
                url,
                proxies=Proxies.parse(proxy.url(""), proxy.url(""), no_proxy="127.0.0.1"),
                headers={"Proxy-Authorization": f"Basic {SECRET}"},
                verify=trust_file if kind == "tunnelled" else False,
            )
            assert result.ok, result.error
        assert origin.requests[0].get("proxy-authorization") is None
        assert "withheld" in {notice.code for notice in result.warnings}
        assert SECRET.encode() not in saw(proxy)


def test_but_to_a_proxy_that_forwards_it_is() -> None:
    with NastyServer(OK) as origin:
        with RelayingProxy(where={"a.example:80": ("127.0.0.1", origin.port)}) as proxy, Session() as session:
            session.get("http://a.example/", proxy=proxy.url(""), headers={"Proxy-Authorization": "Token t"})
        assert proxy.requests[0].get("proxy-authorization") == "Token t"
        assert origin.requests[0].get("proxy-authorization") is None


def test_cookies_of_the_refusal_of_a_tunnel_are_nobodys() -> None:
    answer = b"HTTP/1.1 407 No\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    with NastyServer(answer) as proxy, Session() as session:
        result = session.get("https://a.example/", proxy=proxy.url(""))
        assert result.error is not None
        assert (result.error.code, result.sent, result.attempts) == ("proxy_handshake_failed", "no", 0)
        assert session.state.cookies == ()


def test_a_407_of_a_forwarding_proxy_says_how_to_answer_it() -> None:
    with RelayingProxy(user=USER) as proxy, Session() as session:
        result = session.get("http://a.example/", proxy=proxy.url(""))
    assert result.error is not None
    assert (result.error.code, result.exit_status) == ("http_client_error", 4)
    assert "--proxy-auth" in (result.error.hint or "")


def test_the_credential_is_among_the_secrets_that_are_masked() -> None:
    with RelayingProxy(user="x:y") as proxy, Session() as session:
        result = session.get("http://a.example/", proxy=proxy.with_user(USER))
    assert [secret.reveal() for secret in result.secrets] == [PROXY_SECRET]


def test_an_entry_that_is_ignored_is_told_of_once() -> None:
    with NastyServer(redirecting("/next")) as origin, Session() as session:
        result = session.get(origin.url("/"), follow=True, proxies=Proxies(no_proxy=NoProxy("10.0.0.0/33")))
    assert [notice.code for notice in result.warnings] == ["no_proxy_ignored"]
