"""SOCKS 4, 4a, 5 and 5h, byte for byte, with rude and decent proxies (PRX-12 and PRX-13 of checklist.txt)."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import DnsFailed, ProxyHandshakeFailed, ReqcliError, Timeout, Usage
from reqcli.model.credential import Credential
from reqcli.model.origin import Origin
from reqcli.model.proxy import parse_proxy
from reqcli.model.route import DEFAULT_DIALLING, Dialling, Proxy, TlsOptions
from reqcli.model.secret import Secret
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.net.socks import Socks, hosts_for
from reqcli.net.stream import SocketStream
from tests.net.calls import OK, Reply, deadline, request, send
from tests.net.conftest import Serving
from tests.sockets import NastyServer, Peer, Script

GRANTED_4 = b"\0\x5a\0\x50\x7f\0\0\1"
GRANTED_5 = b"\5\0\0\1\x7f\0\0\1\0\x50"


class SocksProxy(NastyServer):
    """A proxy that says these bytes in turn, waiting for what comes before each, and is then the origin itself.

    Args:
        replies: what it says; in pieces of `size` bytes.
        origin: a server's context, if the origin speaks TLS.

    Attributes:
        heard: what it was told before each of its replies.
    """

    def __init__(self, *replies: bytes, size: int = 0, origin: Any = None) -> None:
        self.heard: list[bytes] = []

        def script(peer: Peer) -> None:
            for reply in replies:
                self.heard.append(peer.sock.recv(4096))
                peer.drip(reply, 0.0005 if size else 0, size or len(reply) or 1)
            if origin is not None:
                peer.sock = origin.wrap_socket(peer.sock, server_side=True)
            peer.answer(OK)

        super().__init__(script)


def ask(proxy: NastyServer, scheme: str, url: str = "http://a.example/", userinfo: str = "", **options: Any) -> Reply:
    through = parse_proxy(f"{scheme}://{userinfo}127.0.0.1:{proxy.port}")
    return send(OneShot(), request(url), proxy=through, **options)


RESOLVED = Dialling(overrides=(("a.example", 80, "10.1.2.3"), ("six.example", 80, "fd00::1")))
V6 = socket.inet_pton(socket.AF_INET6, "fd00::1")


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize(
    ("scheme", "url", "asked"),
    [
        pytest.param("socks5", "http://a.example/", b"\1\x0a\1\2\3\0\x50", id="5 is given the address"),
        pytest.param("socks5", "http://six.example/", b"\4" + V6 + b"\0\x50", id="5 is given an IPv6 address"),
        pytest.param("socks5h", "http://a.example/", b"\3\x09a.example\0\x50", id="5h is given the name"),
        pytest.param("socks5h", "http://a.example:8080/", b"\3\x09a.example\x1f\x90", id="and the port"),
        pytest.param("socks5h", "http://10.1.2.3/", b"\1\x0a\1\2\3\0\x50", id="5h is given an address as one"),
        pytest.param("socks5h", "http://[fd00::1]/", b"\4" + V6 + b"\0\x50", id="5h is given an IPv6 address as one"),
        pytest.param("socks5h", "http://bücher.example/", b"\3\x15xn--bcher-kva.example\0\x50", id="an A-label"),
    ],
)
def test_what_socks5_is_asked(scheme: str, url: str, asked: bytes, size: int) -> None:
    with SocksProxy(b"\5\0", GRANTED_5, size=size) as proxy:
        assert ask(proxy, scheme, url, dialling=RESOLVED).body == b"hi"
        assert proxy.heard == [b"\5\1\0", b"\5\1\0" + asked]


@pytest.mark.parametrize("size", [0, 1, 3])
@pytest.mark.parametrize(
    ("scheme", "url", "userinfo", "asked"),
    [
        pytest.param("socks4", "http://a.example/", "", b"\0\x50\x0a\1\2\3\0", id="4 is given the address"),
        pytest.param("socks4", "http://a.example/", "me@", b"\0\x50\x0a\1\2\3me\0", id="and the user"),
        pytest.param("socks4a", "http://a.example/", "", b"\0\x50\0\0\0\1\0a.example\0", id="4a is given the name"),
        pytest.param("socks4a", "http://a.example/", "me@", b"\0\x50\0\0\0\1me\0a.example\0", id="user and name"),
        pytest.param("socks4a", "http://10.1.2.3/", "", b"\0\x50\x0a\1\2\3\0", id="4a is given an address as one"),
    ],
)
def test_what_socks4_is_asked(scheme: str, url: str, userinfo: str, asked: bytes, size: int) -> None:
    with SocksProxy(GRANTED_4, size=size) as proxy:
        assert ask(proxy, scheme, url, userinfo, dialling=RESOLVED).body == b"hi"
        assert proxy.heard == [b"\4\1" + asked]


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    "bound",
    [b"\1\x7f\0\0\1", b"\4" + V6, b"\3\x04name", b"\3\0", b"\3\xff" + b"x" * 255],
    ids=["IPv4", "IPv6", "a name", "an empty name", "the longest name"],
)
def test_the_proxys_own_address_is_read_to_its_end_and_no_further(bound: bytes, size: int) -> None:
    with SocksProxy(b"\5\0", b"\5\0\0" + bound + b"\0\x50", size=size) as proxy:
        assert ask(proxy, "socks5h").body == b"hi"


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize(
    ("userinfo", "told"),
    [
        ("user:password@", b"\1\x04user\x08password"),
        ("us%40er:p%3Aw@", b"\1\x05us@er\x03p:w"),
        ("user@", b"\1\x04user\0"),
        (f"{'u' * 255}:{'p' * 255}@", b"\1\xff" + b"u" * 255 + b"\xff" + b"p" * 255),
    ],
)
def test_user_and_password_are_told_when_they_are_asked_for(userinfo: str, told: bytes, size: int) -> None:
    with SocksProxy(b"\5\2", b"\1\0", GRANTED_5, size=size) as proxy:
        assert ask(proxy, "socks5h", userinfo=userinfo).body == b"hi"
        assert proxy.heard[:2] == [b"\5\2\0\2", told]


def test_and_not_when_they_are_not() -> None:
    with SocksProxy(b"\5\0", GRANTED_5) as proxy:
        assert ask(proxy, "socks5h", userinfo="user:s3cr3t@").body == b"hi"
        assert b"s3cr3t" not in b"".join(proxy.heard)


def test_the_credential_is_not_the_origins() -> None:
    with SocksProxy(b"\5\2", b"\1\0", GRANTED_5) as proxy:
        ask(proxy, "socks5h", userinfo="user:s3cr3t@")
        assert b"uthorization" not in proxy.requests[0].head


def test_a_plain_request_in_a_socks_tunnel_is_in_origin_form() -> None:
    with SocksProxy(b"\5\0", GRANTED_5) as proxy:
        ask(proxy, "socks5h", "http://a.example/x?y")
        assert proxy.requests[0].head.startswith(b"GET /x?y HTTP/1.1\r\nHost: a.example")


@pytest.mark.parametrize(
    ("scheme", "replies"), [("socks5h", (b"\5\0", GRANTED_5)), ("socks4a", (GRANTED_4,))], ids=["5h", "4a"]
)
def test_tls_goes_through(scheme: str, replies: tuple[bytes, ...], serving: Serving, trust_file: str) -> None:
    with SocksProxy(*replies, size=1, origin=serving("a.example")) as proxy:
        assert ask(proxy, scheme, "https://a.example/", tls=TlsOptions(verify=trust_file)).body == b"hi"


def test_a_tunnel_is_kept_and_used_again() -> None:
    def script(peer: Peer) -> None:
        peer.sock.recv(100)
        peer.send(b"\5\0")
        peer.sock.recv(100)
        peer.send(GRANTED_5)
        for _ in range(2):
            peer.answer(OK)

    with NastyServer(script) as proxy, Pool() as pool:
        through = parse_proxy(f"socks5h://127.0.0.1:{proxy.port}")
        for _ in range(2):
            assert send(pool, request("http://a.example/"), proxy=through).body == b"hi"
    assert proxy.connections == 1


@pytest.mark.parametrize("code", [3, 4, 5, 6, 8])
def test_the_next_address_is_tried_when_one_cannot_be_reached(code: int) -> None:
    heard: list[bytes] = []

    def refusing_the_first(peer: Peer) -> None:
        peer.sock.recv(100)
        peer.send(b"\5\0")
        heard.append(peer.sock.recv(100))
        if peer.number == 1:
            peer.send(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
        else:
            peer.send(GRANTED_5)
            peer.answer(OK)

    with NastyServer(refusing_the_first) as proxy:
        assert ask(proxy, "socks5", "http://localhost/").body == b"hi"
    assert [each[3] for each in heard] == [4, 1]
    assert proxy.connections == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "general failure"),
        (2, "rules do not allow"),
        (3, "network is unreachable"),
        (4, "host is unreachable"),
        (5, "connection was refused"),
        (6, "time to live"),
        (7, "does not know CONNECT"),
        (8, "type of address"),
        (9, "unknown reply 9"),
        (255, "unknown reply 255"),
    ],
)
def test_the_replies_of_socks5_are_spelled_out(code: int, words: str) -> None:
    with SocksProxy(b"\5\0", bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0])) as proxy:
        with pytest.raises(ProxyHandshakeFailed, match=words) as caught:
            ask(proxy, "socks5h")
        assert f"the proxy socks5h://127.0.0.1:{proxy.port}" in caught.value.message
        assert (caught.value.phase, caught.value.sent, caught.value.details["reply"]) == ("proxy", "no", code)


@pytest.mark.parametrize(
    ("code", "words"),
    [(91, "rejected or failed"), (92, "cannot reach the identd"), (93, "another user"), (0, "unknown reply 0")],
)
def test_the_replies_of_socks4_are_spelled_out(code: int, words: str) -> None:
    with SocksProxy(bytes([0, code]) + bytes(6)) as proxy, pytest.raises(ProxyHandshakeFailed, match=words):
        ask(proxy, "socks4a")


def answer(*replies: bytes) -> Script:
    def script(peer: Peer) -> None:
        for reply in replies:
            peer.sock.recv(4096)
            peer.send(reply)

    return script


@pytest.mark.parametrize(
    ("scheme", "script", "words"),
    [
        pytest.param("socks5h", answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak SOCKS5", id="HTTP"),
        pytest.param("socks4a", answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "does not speak SOCKS4", id="HTTP, to 4"),
        pytest.param("socks5h", answer(b"\0\x5a"), "does not speak SOCKS5", id="version 4"),
        pytest.param("socks5h", answer(b"\5\0", b"\4\0\0\1"), "does not speak SOCKS5", id="another version later"),
        pytest.param("socks5h", answer(b"\5\xff"), "wants a user and a password", id="no way of signing in"),
        pytest.param("socks5h", answer(b"\5\2"), "not offered", id="a way that was not offered"),
        pytest.param("socks5h", answer(b"\5\1"), "not offered", id="GSSAPI"),
        pytest.param("socks5h", answer(b"\5\0", b"\5\0\0\2\0\0\0\0\0\0"), "unknown type 2", id="a type of address"),
        pytest.param("socks5h", answer(b""), "closed the connection", id="an end"),
        pytest.param("socks5h", answer(b"\5"), "closed the connection", id="an end within"),
        pytest.param("socks5h", answer(b"\5\0", b"\5\0\0\3\xff"), "closed the connection", id="an end within a name"),
        pytest.param("socks4a", answer(b"\0\x5a\0"), "closed the connection", id="an end within, of 4"),
        pytest.param("socks5h", lambda peer: (peer.sock.recv(9), peer.reset())[1], "the connection", id="a reset"),
    ],
)
def test_what_is_no_socks_is_the_proxys_failure(scheme: str, script: Script, words: str) -> None:
    with NastyServer(script) as proxy:
        with pytest.raises(ProxyHandshakeFailed, match=words) as caught:
            ask(proxy, scheme)
        assert f"the proxy {scheme}://127.0.0.1:{proxy.port}" in caught.value.message


@pytest.mark.parametrize("replies", [(b"\5\xff",), (b"\5\2", b"\1\1"), (b"\5\2", b"\5\xff")])
def test_a_credential_that_is_turned_down_is_not_shown(replies: tuple[bytes, ...]) -> None:
    with SocksProxy(*replies) as proxy, pytest.raises(ProxyHandshakeFailed, match="password") as caught:
        ask(proxy, "socks5h", userinfo="user:s3cr3t@")
    assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint} {caught.value.details}"


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
@pytest.mark.parametrize("scheme", ["socks4a", "socks5h"])
def test_a_proxy_that_says_nothing_is_given_up_in_the_connect_timeout(scheme: str, drips: bool) -> None:
    def script(peer: Peer) -> None:
        peer.sock.recv(100)
        if scheme == "socks5h":
            peer.send(b"\5\0")
            peer.sock.recv(100)
        if drips:
            peer.drip(b"\5\0\0\3\xff" + bytes(200), 0.05)
        peer.sleep_till_the_end()

    started = time.monotonic()
    with NastyServer(script) as proxy, pytest.raises(ReqcliError) as caught:
        ask(proxy, scheme, limits=deadline(connect=0.3))
    if not (drips and scheme == "socks4a"):
        assert (caught.type, caught.value.phase) == (Timeout, "proxy")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("scheme", ["socks4a", "socks5h"])
def test_a_name_longer_than_its_length_can_say_is_an_error(scheme: str) -> None:
    """CVE-2023-38545: it is neither cut nor resolved here instead."""
    message = request("http://a.example/")
    long = message.replace(url=message.url.replace(host="a" * 256))
    with SocksProxy(b"\5\0") as proxy, pytest.raises(ProxyHandshakeFailed, match="256 bytes"):
        send(OneShot(), long, proxy=Proxy(scheme, "127.0.0.1", proxy.port))


def test_the_longest_name_goes_through_byte_by_byte() -> None:
    name = ".".join(["a" * 63] * 3 + ["b" * 61])
    with SocksProxy(b"\5\0", GRANTED_5, size=1) as proxy:
        assert ask(proxy, "socks5h", f"http://{name}/").body == b"hi"
        assert proxy.heard[1] == b"\5\1\0\3" + bytes([len(name)]) + name.encode() + b"\0\x50"


@pytest.mark.parametrize("params", [{"user": "u" * 256}, {"user": "u", "password": Secret("s" * 256)}, {"user": "\0"}])
def test_a_credential_that_does_not_fit_is_an_error_before_anything_is_sent(params: dict[str, Any]) -> None:
    proxy = Proxy("socks5h", "127.0.0.1", 1, credential=Credential("basic", params))
    with pytest.raises(Usage) as caught:
        Socks(proxy, ["a.example"], 80)
    assert "sss" not in caught.value.message


def test_a_credential_of_another_kind_is_refused() -> None:
    proxy = Proxy("socks5h", "127.0.0.1", 1, credential=Credential("bearer", {"token": Secret("t")}))
    with pytest.raises(Usage, match="user and a password"):
        Socks(proxy, ["a.example"], 80)


def test_socks4_has_no_ipv6() -> None:
    with pytest.raises(ProxyHandshakeFailed, match="SOCKS4 cannot carry"):
        hosts_for(Proxy("socks4a", "p", 1), Origin("http", "::1", 80), DEFAULT_DIALLING, 1)
    with pytest.raises(DnsFailed, match="IP version 4"):
        hosts_for(Proxy("socks4", "p", 1), Origin("http", "::1", 80), DEFAULT_DIALLING, 1)
    assert hosts_for(Proxy("socks4", "p", 1), Origin("http", "localhost", 80), DEFAULT_DIALLING, 1) == [b"\x7f\0\0\1"]


def test_nothing_is_resolved_here_that_the_proxy_resolves(monkeypatch: pytest.MonkeyPatch) -> None:
    def getaddrinfo(*_: object) -> None:
        raise AssertionError("the resolver was asked")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with SocksProxy(b"\5\0", GRANTED_5) as proxy:
        assert ask(proxy, "socks5h", "http://hidden.onion/").body == b"hi"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40), st.sampled_from(["socks4", "socks4a", "socks5", "socks5h"]), st.booleans())
def test_no_answer_is_too_much_for_it(answer: bytes, scheme: str, with_user: bool) -> None:
    """Any bytes end in a tunnel or in the one error, and no byte behind the handshake is taken."""
    credential = Credential("basic", {"user": "u", "password": Secret("p")}) if with_user else None
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(answer + b"the origin's")
        theirs.shutdown(socket.SHUT_WR)
        way = Socks(Proxy(scheme, "p", 1, credential=credential), [b"\1\2\3\4"], 80)
        stream = SocketStream(ours, "the proxy p")
        try:
            way.open_on(stream, lambda: 5.0)
        except ProxyHandshakeFailed:
            return
        assert (answer + b"the origin's").endswith(stream.receive(100, 5.0))
