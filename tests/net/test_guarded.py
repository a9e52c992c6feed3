"""Proxies under a policy that allows public addresses alone: where they are, and what they are told."""

from __future__ import annotations

import socket

import pytest

from reqcli.errors import PolicyDenied, ProxyHandshakeFailed
from reqcli.model import address
from reqcli.model.proxy import parse_proxy
from reqcli.model.route import Dialling, TlsOptions
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from tests.net.calls import OK, request, send
from tests.net.conftest import Serving
from tests.proxies import RelayingProxy
from tests.sockets import NastyServer, Peer, Script

REALLY = address.is_public


@pytest.fixture
def public_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1, where servers of tests are, passes for public; every other loopback address is what it is."""
    monkeypatch.setattr(address, "is_public", lambda given: given == "127.0.0.1" or REALLY(given))


def only_public(*found: tuple[str, int, str]) -> Dialling:
    return Dialling(overrides=found, only_public=True)


@pytest.mark.parametrize("scheme", ["http", "https", "socks4", "socks4a", "socks5", "socks5h"])
@pytest.mark.parametrize("url", ["https://8.8.8.8/", "http://8.8.8.8/"])
def test_a_proxy_that_is_no_public_one_is_not_connected_to(scheme: str, url: str) -> None:
    with NastyServer(OK, must_be_called=False) as neighbour:
        proxy = parse_proxy(f"{scheme}://127.0.0.1:{neighbour.port}")
        with pytest.raises(PolicyDenied, match=r"127\.0\.0\.1") as caught:
            send(OneShot(), request(url), proxy=proxy, dialling=only_public())
        assert caught.value.hint is not None
        assert "that is the proxy" in caught.value.hint
        assert (caught.value.sent, neighbour.connections) == ("no", 0)


@pytest.mark.parametrize(
    ("proxy", "url"),
    [
        ("http", "http://a.example/"),
        ("https", "http://a.example/"),
        ("socks4a", "http://a.example/"),
        ("socks5h", "http://a.example/"),
        ("socks5h", "https://a.example/"),
    ],
)
@pytest.mark.usefixtures("public_loopback")
def test_a_proxy_that_would_look_a_name_up_is_not_asked(proxy: str, url: str) -> None:
    with NastyServer(OK, must_be_called=False) as server:
        chosen = parse_proxy(f"{proxy}://127.0.0.1:{server.port}")
        with pytest.raises(PolicyDenied, match=r"would look a\.example up itself") as caught:
            send(OneShot(), request(url), proxy=chosen, dialling=only_public())
        assert caught.value.hint is not None
        assert server.connections == 0


@pytest.mark.parametrize("scheme", ["http", "socks4a", "socks5h"])
@pytest.mark.parametrize("target", ["http://127.0.0.2/", "https://127.0.0.2/", "https://10.1.2.3/"])
@pytest.mark.usefixtures("public_loopback")
def test_an_address_that_is_not_public_is_not_told_to_a_proxy(scheme: str, target: str) -> None:
    with NastyServer(OK, must_be_called=False) as server:
        with pytest.raises(PolicyDenied, match="public addresses alone"):
            send(
                OneShot(),
                request(target),
                proxy=parse_proxy(f"{scheme}://127.0.0.1:{server.port}"),
                dialling=only_public(),
            )
        assert server.connections == 0


@pytest.mark.usefixtures("public_loopback")
def test_an_address_is_forwarded() -> None:
    with NastyServer(OK) as origin, RelayingProxy() as relaying, Pool() as pool:
        proxy = parse_proxy(relaying.url(""))
        for _ in range(2):
            assert send(pool, request(origin.url()), proxy=proxy, dialling=only_public()).body == b"hi"


@pytest.mark.usefixtures("public_loopback")
def test_a_tunnel_is_asked_for_by_the_address_that_was_checked(serving: Serving, trust_file: str) -> None:
    """A name could be looked up by the proxy once more, and lead elsewhere the second time."""
    with NastyServer(OK, tls=serving("a.example")) as origin, RelayingProxy(user="u:p") as relaying:
        proxy = parse_proxy(relaying.with_user("u:p"))
        dialling = only_public(("a.example", origin.port, "127.0.0.2"), ("a.example", origin.port, "127.0.0.1"))
        tls = TlsOptions(verify=trust_file)
        url = f"https://a.example:{origin.port}/"
        assert send(OneShot(), request(url), proxy=proxy, dialling=dialling, tls=tls).body == b"hi"
        assert relaying.tunnels == [f"127.0.0.1:{origin.port}"]
        assert origin.requests[0].get("host") == f"a.example:{origin.port}"


@pytest.mark.usefixtures("public_loopback")
def test_a_name_that_leads_to_this_network_gets_no_tunnel() -> None:
    with NastyServer(OK, must_be_called=False) as server:
        proxy = parse_proxy(f"http://127.0.0.1:{server.port}")
        dialling = only_public(("a.example", 443, "10.0.0.1"))
        with pytest.raises(PolicyDenied, match=r"a\.example is at 10\.0\.0\.1"):
            send(OneShot(), request("https://a.example/"), proxy=proxy, dialling=dialling)
        assert server.connections == 0


def refuses(status: int) -> Script:
    def script(peer: Peer) -> None:
        peer.answer(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())

    return script


@pytest.mark.parametrize(("status", "asked"), [(502, 2), (503, 2), (504, 2), (403, 1), (407, 1)])
@pytest.mark.usefixtures("public_loopback")
def test_the_next_address_is_tried_where_the_first_cannot_be_reached(status: int, asked: int) -> None:
    with NastyServer([refuses(status), refuses(403)]) as server:
        proxy = parse_proxy(f"http://127.0.0.1:{server.port}")
        dialling = only_public(("a.example", 443, "2600::1"), ("a.example", 443, "8.8.8.8"))
        with pytest.raises(ProxyHandshakeFailed, match=str(status if asked == 1 else 403)):
            send(OneShot(), request("https://a.example/"), proxy=proxy, dialling=dialling)
        assert [request.target for request in server.requests] == ["[2600::1]:443", "8.8.8.8:443"][:asked]
        assert server.requests[0].get("host") == "[2600::1]:443"


@pytest.mark.usefixtures("public_loopback")
def test_socks_is_told_the_address_that_was_checked() -> None:
    heard: list[bytes] = []

    def socks5(peer: Peer) -> None:
        peer.sock.recv(16)
        peer.send(b"\5\0")
        heard.append(peer.sock.recv(64))
        peer.send(b"\5\2\0\1" + bytes(6))

    with NastyServer(socks5) as server:
        proxy = parse_proxy(f"socks5://127.0.0.1:{server.port}")
        dialling = only_public(("a.example", 80, "10.0.0.1"), ("a.example", 80, "8.8.8.8"))
        with pytest.raises(ProxyHandshakeFailed):
            send(OneShot(), request("http://a.example/"), proxy=proxy, dialling=dialling)
    assert heard == [b"\5\1\0\1" + socket.inet_aton("8.8.8.8") + b"\0\x50"]
