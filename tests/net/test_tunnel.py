"""CONNECT through rude and decent proxies (PRX-9 to PRX-11, PRX-14, TLS-12, H1-4, AUTH-16 of checklist.txt)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from reqcli.errors import BadUrl, ProxyHandshakeFailed, ReqcliError, Timeout, TlsCertInvalid, TlsHandshakeFailed, Usage
from reqcli.model.credential import Credential
from reqcli.model.origin import Origin
from reqcli.model.proxy import parse_proxy
from reqcli.model.route import Proxy, Route, TlsOptions
from reqcli.model.secret import Secret
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.net.tunnel import LONGEST_REFUSAL, Tunnel, first_words
from tests.net.calls import OK, Reply, deadline, request, send
from tests.net.conftest import Serving
from tests.proxies import RelayingProxy, checked_digest
from tests.sockets import NastyServer, Peer, Script, unused_port

OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextmanager
def asked(*scripts: Script | bytes, **options: Any) -> Iterator[tuple[NastyServer, pytest.ExceptionInfo[ReqcliError]]]:
    """The error that comes of asking for https://a.example/ through a proxy that behaves like this."""
    with NastyServer(list(scripts)) as proxy:
        with pytest.raises(ReqcliError) as caught:
            ask(proxy, **options)
        yield proxy, caught


def ask(proxy: NastyServer, userinfo: str = "", url: str = "https://a.example/", **options: Any) -> Reply:
    return send(OneShot(), request(url), proxy=parse_proxy(f"http://{userinfo}127.0.0.1:{proxy.port}"), **options)


def say(data: bytes) -> Script:
    """Answer the first question so, and close."""

    def script(peer: Peer) -> None:
        peer.answer(data)

    return script


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/x?y", "a.example:443"),
        ("https://a.example:8443/", "a.example:8443"),
        ("https://[::1]/", "[::1]:443"),
        ("https://[fe80::1%25lo]:8443/", "[fe80::1]:8443"),
        ("https://bücher.example/", "xn--bcher-kva.example:443"),
        ("https://A.EXAMPLE./", "a.example:443"),
    ],
)
def test_the_question_is_the_target_with_its_port_and_nothing_else(url: str, target: str) -> None:
    with NastyServer(say(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as proxy:
        message = request(url, headers=(("Authorization", "Bearer t"), ("Cookie", "a=b"), ("X-Own", "1")))
        with pytest.raises(ProxyHandshakeFailed):
            send(OneShot(), message, proxy=parse_proxy(f"127.0.0.1:{proxy.port}"))
        assert proxy.requests[0].head == f"CONNECT {target} HTTP/1.1\r\nHost: {target}".encode()


@pytest.mark.parametrize("host", ["a.example\r\nX: y", "a example", "a\0b", "é.example"])
def test_a_host_cannot_end_a_line_of_it(host: str) -> None:
    """CVE-2026-1502."""
    with pytest.raises(BadUrl):
        Tunnel(Origin("https", host, 443), None, time.monotonic)


def test_what_goes_through_the_tunnel_is_the_origins(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {f"a.example:{origin.port}": ("127.0.0.1", origin.port)}
        with RelayingProxy(where=where) as proxy, Pool() as pool:
            options: dict[str, Any] = {"proxy": parse_proxy(proxy.url("")), "tls": TlsOptions(verify=trust_file)}
            message = request(f"https://a.example:{origin.port}/x")
            replies = [send(pool, message, **options) for _ in range(2)]
        assert [reply.body for reply in replies] == [b"hi", b"hi"]
        assert [each.target for each in origin.requests] == ["/x", "/x"]
        assert proxy.tunnels == [f"a.example:{origin.port}"]
    first = replies[0].watch
    assert None not in (first.dns, first.connect, first.tls)


def test_the_certificate_is_the_origins(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("b.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with (
            RelayingProxy(where=where) as proxy,
            pytest.raises(TlsCertInvalid, match=r"a\.example:443 through the proxy"),
        ):
            ask(proxy, tls=TlsOptions(verify=trust_file))


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "299 Fine"])
def test_any_2xx_opens_it_and_a_length_in_it_does_not_count(status: str, serving: Serving, trust_file: str) -> None:
    context = serving("a.example")

    def script(peer: Peer) -> None:
        peer.answer(f"HTTP/1.1 {status}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        peer.sock = context.wrap_socket(peer.sock, server_side=True)
        peer.answer(OK)

    with NastyServer(script) as proxy:
        assert ask(proxy, tls=TlsOptions(verify=trust_file)).body == b"hi"


def test_the_answer_may_come_byte_by_byte(serving: Serving, trust_file: str) -> None:
    context = serving("a.example")

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.drip(b"HTTP/1.1 100 Continue\r\n\r\n" + OPEN, 0.0005)
        peer.sock = context.wrap_socket(peer.sock, server_side=True)
        peer.answer(OK)

    with NastyServer(script) as proxy:
        assert ask(proxy, tls=TlsOptions(verify=trust_file)).body == b"hi"


@pytest.mark.parametrize(
    "smuggled", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\x16\x03\x03\x00\x01\x00", b"x"]
)
def test_bytes_behind_the_answer_are_none_of_the_origins(smuggled: bytes) -> None:
    with asked(say(OPEN + smuggled)) as (_, caught):
        assert caught.type is ProxyHandshakeFailed
        assert "bytes of its own" in caught.value.message
        assert (caught.value.phase, caught.value.sent) == ("proxy", "no")


def test_bytes_that_come_a_moment_later_open_nothing_either() -> None:
    def script(peer: Peer) -> None:
        peer.answer(OPEN)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        peer.hold()

    with asked(script) as (_, caught):
        assert caught.type in (ProxyHandshakeFailed, TlsHandshakeFailed)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied", "403 Forbidden (denied)"),
        (b"502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nout\r\n0\r\n\r\n", "502 Bad Gateway (out)"),
        (b"503 Busy\r\n\r\nto the end", "503 Busy (to the end)"),
        (b"403 Forbidden\r\nContent-Length: 99\r\n\r\ncut", "403 Forbidden (cut)"),
        (b"404\r\nContent-Length: 0\r\n\r\n", "404"),
        (b"302 Found\r\nLocation: http://login/\r\nContent-Length: 0\r\n\r\n", "302 Found"),
    ],
)
def test_a_refusal_is_told_in_the_proxys_own_words(answer: bytes, words: str) -> None:
    with asked(say(b"HTTP/1.1 " + answer)) as (proxy, caught):
        assert caught.type is ProxyHandshakeFailed
        expected = f"the proxy http://127.0.0.1:{proxy.port} refused a tunnel to a.example:443: {words}"
        assert caught.value.message == expected
        assert caught.value.details["status"] == int(words[:3])
        assert caught.value.retryable == (words[:1] == "5")


def test_the_page_of_a_refusal_is_bounded() -> None:
    head = b"HTTP/1.1 403 No\r\nContent-Length: 1000000\r\n\r\n"
    with asked(say(head + b"<h1>" + b"x" * 1_000_000)) as (_, caught):
        assert len(str(caught.value.details["body"])) == LONGEST_REFUSAL
        assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("<html><head><style>p {x: 1}</style><title>ERROR</title></head>\n<body><p>No  way</p>", "ERROR No way"),
        ("<script>never ends", ""),
        ("<p", ""),
        ("word " * 100, f"{('word ' * 100)[:99]}…"),
    ],
)
def test_the_first_words_of_a_page(page: str, words: str) -> None:
    assert first_words(page) == words


@pytest.mark.parametrize("page", ["<" * 65536, "<style" * 11000, "<style>" * 9000, " " * 65536, "<a " * 20000])
def test_no_page_takes_long(page: str) -> None:
    started = time.perf_counter()
    first_words(page)
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(say(b"SSH-2.0-OpenSSH\r\n"), id="another protocol"),
        pytest.param(say(b"HTTP/1.1 2"), id="cut in the head"),
        pytest.param(say(b""), id="an end instead of an answer"),
        pytest.param(say(b"HTTP/1.1 101 Switching\r\n\r\n"), id="101"),
        pytest.param(lambda peer: (peer.read_request(), peer.reset())[1], id="reset"),
    ],
)
def test_what_is_no_answer_is_the_proxys_failure(script: Script) -> None:
    with asked(script) as (proxy, caught):
        assert caught.type is ProxyHandshakeFailed
        assert f"the proxy http://127.0.0.1:{proxy.port}" in caught.value.message
        assert (caught.value.sent, caught.value.exit_status) == ("no", 97)


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_a_proxy_that_says_nothing_is_given_up_in_the_connect_timeout(drips: bool) -> None:
    def script(peer: Peer) -> None:
        if drips:
            peer.read_request()
            peer.drip(b"HTTP/1.1 200 " + b"x" * 200, 0.05)
        else:
            peer.sleep_till_the_end()

    started = time.monotonic()
    with asked(script, limits=deadline(connect=0.3)) as (_, caught):
        assert caught.type is Timeout
        assert caught.value.phase == "proxy"
        assert "within 0.3 s" in caught.value.message
        assert time.monotonic() - started < 5


def test_the_total_time_bounds_it_too() -> None:
    with asked(lambda peer: peer.sleep_till_the_end(), limits=deadline(total=0.2)) as (_, caught):
        assert caught.type is Timeout
        assert "total time" in caught.value.message


def test_a_proxy_that_is_not_there_is_named_as_one() -> None:
    port = unused_port()
    with pytest.raises(ReqcliError, match=f"cannot connect to the proxy http://127.0.0.1:{port}") as caught:
        send(OneShot(), request("https://a.example/"), proxy=Proxy("http", "127.0.0.1", port))
    assert caught.value.hint is not None
    assert "--proxy no" in caught.value.hint


# Credentials


def challenge(*schemes: str) -> bytes:
    lines = "".join(f"Proxy-Authenticate: {scheme}\r\n" for scheme in schemes)
    return f"HTTP/1.1 407 Who are you\r\n{lines}Content-Length: 2\r\n\r\nno".encode()


DIGEST = 'Digest realm="proxy", nonce="n1", qop="auth", algorithm=SHA-256'


def test_user_and_password_go_to_the_proxy_at_once(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(user="us@er:p:w", where=where) as proxy:
            assert ask(proxy, "us%40er:p%3Aw@", tls=TlsOptions(verify=trust_file)).body == b"hi"
        assert len(proxy.requests) == 1
        assert b"uthorization" not in origin.requests[0].head


def test_a_407_without_a_credential_says_how_to_give_one() -> None:
    with asked(challenge('Basic realm="x"')) as (proxy, caught):
        assert caught.type is ProxyHandshakeFailed
        assert caught.value.details["status"] == 407
        assert caught.value.hint is not None
        assert "--proxy-auth" in caught.value.hint
        assert len(proxy.requests) == 1


def test_a_wrong_password_is_not_tried_twice() -> None:
    with asked(challenge('Basic realm="x"'), userinfo="u:s3cr3t@") as (proxy, caught):
        assert caught.value.details["status"] == 407
        assert "s3cr3t" not in f"{caught.value.message} {caught.value.hint}"
        assert len(proxy.requests) == 1


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_digest_challenge_is_answered_once_on_a_new_connection(
    scheme: str, serving: Serving, trust_file: str
) -> None:
    context = serving("a.example")

    def opens(peer: Peer) -> None:
        peer.answer(OPEN)
        peer.sock = context.wrap_socket(peer.sock, server_side=True)
        peer.answer(OK)

    credential = Credential(scheme, {"user": "u", "password": Secret("p")})
    with NastyServer([challenge(DIGEST), opens]) as proxy, Pool() as pool:
        through = Proxy("http", "127.0.0.1", proxy.port, credential=credential)
        options: dict[str, Any] = {"proxy": through, "tls": TlsOptions(verify=trust_file)}
        assert send(pool, request("https://a.example/"), **options).body == b"hi"
        assert send(pool, request("https://a.example:8443/"), **options).body == b"hi"
        first, second, third = (each for each in proxy.requests if each.method == "CONNECT")
    assert (first.get("proxy-authorization") or "").partition(" ")[0] == ("Basic" if scheme == "basic" else "")
    fields = checked_digest(second.get("proxy-authorization"), "CONNECT", "p")
    assert (fields["uri"], fields["nc"]) == ("a.example:443", "00000001")
    fields = checked_digest(third.get("proxy-authorization"), "CONNECT", "p")
    assert (fields["uri"], fields["nonce"], fields["nc"]) == ("a.example:8443", "n1", "00000002")
    assert proxy.connections == 3


def test_a_digest_that_is_turned_down_is_not_answered_again() -> None:
    with asked(challenge(DIGEST), userinfo="u:p@") as (proxy, caught):
        assert caught.value.details["status"] == 407
        assert len(proxy.requests) == 2


def test_a_stale_nonce_is_replaced_once() -> None:
    stale = challenge(DIGEST.replace("n1", "n2") + ", stale=true")
    with asked(challenge(DIGEST), stale, stale, stale, userinfo="u:p@") as (proxy, _):
        assert len(proxy.requests) == 3


@pytest.mark.parametrize("offered", [[], ["Negotiate"], ['Digest realm="x", nonce="n", algorithm=FOO'], ["Digest"]])
def test_a_challenge_that_cannot_be_answered_is_the_end(offered: list[str]) -> None:
    with asked(challenge(*offered), userinfo="u:p@") as (proxy, caught):
        assert caught.value.details["status"] == 407
        assert len(proxy.requests) == 1


def test_a_401_of_a_proxy_is_not_answered() -> None:
    answer = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="n"\r\nContent-Length: 0\r\n\r\n'
    with asked(answer, userinfo="u:p@") as (proxy, caught):
        assert caught.value.details["status"] == 401
        assert len(proxy.requests) == 1


def test_a_credential_that_only_an_origin_can_be_given_is_refused() -> None:
    credential = Credential("apikey", {"name": "X-Key", "key": Secret("k")})
    with pytest.raises(Usage, match="a proxy cannot be given"):
        send(OneShot(), request("https://a.example/"), proxy=Proxy("http", "127.0.0.1", 1, credential=credential))


def test_other_credentials_are_another_connection(serving: Serving, trust_file: str) -> None:
    """CVE-2026-3784, CVE-2026-9079: a tunnel belongs to whoever it was opened for."""
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(where=where) as proxy, Pool() as pool:
            for userinfo in ("one:1@", "two:2@", "one:other@", "", "one:1@"):
                through = parse_proxy(f"http://{userinfo}127.0.0.1:{proxy.port}")
                send(pool, request("https://a.example/"), proxy=through, tls=TlsOptions(verify=trust_file))
        assert len(proxy.tunnels) == 4
        assert [each.get("proxy-authorization") for each in proxy.requests][3] is None


# TLS to the proxy


def test_tls_to_the_proxy_carries_tls_to_the_origin(serving: Serving, trust_file: str) -> None:
    tls = TlsOptions(verify=trust_file)
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(tls=serving("127.0.0.1"), where=where) as proxy, Pool() as pool:
            through = Proxy("https", "127.0.0.1", proxy.port, tls=tls)
            for _ in range(2):
                assert send(pool, request("https://a.example/"), proxy=through, tls=tls).body == b"hi"
        assert proxy.connections == 1


def test_a_large_body_goes_both_ways_through_two_layers(serving: Serving, trust_file: str) -> None:
    tls, body = TlsOptions(verify=trust_file), bytes(range(256)) * 4096

    def echo(peer: Peer) -> None:
        sent = peer.read_request().body
        peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: {len(sent)}\r\n\r\n".encode(), sent)

    with NastyServer(echo, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(tls=serving("127.0.0.1"), where=where) as proxy:
            through = Proxy("https", "127.0.0.1", proxy.port, tls=tls)
            message = request("https://a.example/", "POST", body=body)
            assert send(OneShot(), message, proxy=through, tls=tls).body == body


@pytest.mark.parametrize("names", [("b.example",), ("127.0.0.2",)])
def test_the_proxys_certificate_has_to_be_for_the_proxy(
    names: tuple[str, ...], serving: Serving, trust_file: str
) -> None:
    """CVE-2021-28363."""
    with NastyServer(OK, tls=serving(*names)) as proxy:
        through = Proxy("https", "127.0.0.1", proxy.port, tls=TlsOptions(verify=trust_file))
        with pytest.raises(TlsCertInvalid, match="the certificate of the proxy https://127"):
            send(OneShot(), request("https://a.example/"), proxy=through, tls=TlsOptions(verify=False))


def test_not_verifying_the_origin_verifies_the_proxy_all_the_same(serving: Serving) -> None:
    with NastyServer(OK, tls=serving("127.0.0.1")) as proxy:
        through = Proxy("https", "127.0.0.1", proxy.port)
        with pytest.raises(TlsCertInvalid, match="the proxy") as caught:
            send(OneShot(), request("https://a.example/"), proxy=through, tls=TlsOptions(verify=False))
    assert caught.value.hint is not None
    assert "--proxy-verify" in caught.value.hint


def test_not_verifying_the_proxy_verifies_the_origin_all_the_same(serving: Serving) -> None:
    with NastyServer(OK, tls=serving("a.example")) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(tls=serving("127.0.0.1"), where=where) as proxy:
            through = Proxy("https", "127.0.0.1", proxy.port, tls=TlsOptions(verify=False))
            with pytest.raises(TlsCertInvalid, match=r"certificate of a\.example"):
                send(OneShot(), request("https://a.example/"), proxy=through, tls=TlsOptions())


def test_no_ticket_of_the_proxy_is_shown_to_the_origin(serving: Serving, trust_file: str) -> None:
    """CVE-2021-22890: the sessions of both are kept apart though their options are the same."""
    tls = TlsOptions(verify=trust_file)
    contexts: dict[str, ssl.SSLContext] = {"origin": serving("a.example"), "proxy": serving("127.0.0.1")}
    with NastyServer(OK, tls=contexts["origin"]) as origin:
        where = {"a.example:443": ("127.0.0.1", origin.port)}
        with RelayingProxy(tls=contexts["proxy"], where=where) as proxy, Pool(idle=0) as pool:
            for _ in range(3):
                through = Proxy("https", "127.0.0.1", proxy.port, tls=tls)
                send(pool, request("https://a.example/"), proxy=through, tls=tls)
    assert contexts["origin"].session_stats()["hits"] == contexts["proxy"].session_stats()["hits"] == 0
    assert contexts["origin"].session_stats()["misses"] == contexts["proxy"].session_stats()["misses"] == 0


def test_a_plain_proxy_that_is_spoken_to_in_tls_is_told_from_the_origin() -> None:
    def script(peer: Peer) -> None:
        peer.hold()
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with NastyServer(script) as proxy, pytest.raises(TlsHandshakeFailed, match=r"the proxy https://127.*not speak TLS"):
        send(OneShot(), request("https://a.example/"), proxy=Proxy("https", "127.0.0.1", proxy.port))


def test_silence_during_tls_with_the_proxy_is_the_proxys() -> None:
    with NastyServer(lambda peer: peer.sleep_till_the_end()) as proxy:
        through = Proxy("https", "127.0.0.1", proxy.port)
        with pytest.raises(Timeout) as caught:
            send(OneShot(), request("https://a.example/"), proxy=through, limits=deadline(connect=0.3))
    assert caught.value.phase == "proxy"


def test_a_unix_socket_leaves_no_room_for_a_proxy() -> None:
    from reqcli.model.route import Dialling

    route = Route(Origin("http", "a", 80), dialling=Dialling(unix_socket="/s"), proxy=Proxy("http", "p", 1))
    assert route.proxy is None


def test_a_page_that_does_not_come_keeps_nobody_waiting() -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 403 Forbidden\r\n\r\nbegun")
        peer.sleep_till_the_end()

    started = time.monotonic()
    with asked(script, limits=deadline(connect=30)) as (_, caught):
        assert caught.value.details["body"] == "begun"
        assert time.monotonic() - started < 10
