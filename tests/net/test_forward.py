"""Plain requests handed to a proxy (PRX-8, PRX-11, AUTH-16 of checklist.txt)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reqcli.errors import EmptyReply, ReqcliError, TlsCertInvalid, Usage
from reqcli.model.body import StreamBody
from reqcli.model.credential import Credential
from reqcli.model.proxy import parse_proxy
from reqcli.model.route import Proxy, TlsOptions
from reqcli.model.secret import Secret
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from tests.net.calls import OK, Reply, request, send
from tests.net.conftest import Serving
from tests.proxies import RelayingProxy, checked_digest
from tests.sockets import NastyServer, Peer, unused_port

DIGEST = 'Digest realm="proxy", nonce="n1", qop="auth", algorithm=SHA-256'


def challenge(*schemes: str) -> bytes:
    lines = "".join(f"Proxy-Authenticate: {scheme}\r\n" for scheme in schemes)
    return f"HTTP/1.1 407 Who are you\r\n{lines}Content-Length: 2\r\n\r\nno".encode()


def in_turn(*answers: bytes) -> Any:
    """A script that gives these answers on one connection, and then no more."""

    def script(peer: Peer) -> None:
        for answer in answers:
            peer.answer(answer)
        peer.hold()

    return script


def ask(proxy: NastyServer, userinfo: str = "", url: str = "http://a.example/x", **options: Any) -> Reply:
    return send(OneShot(), request(url, **options), proxy=parse_proxy(f"{userinfo}127.0.0.1:{proxy.port}"))


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("http://a.example/x?y#z", "http://a.example/x?y", "a.example"),
        ("http://u:p@a.example:80/", "http://a.example/", "a.example"),
        ("http://a.example:8080", "http://a.example:8080/", "a.example:8080"),
        ("http://[fe80::1%25lo]:81/", "http://[fe80::1]:81/", "[fe80::1]:81"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC", "xn--bcher-kva.example"),
    ],
)
def test_the_target_is_the_whole_url_and_host_is_the_origins(url: str, target: str, host: str) -> None:
    with NastyServer(OK) as proxy:
        assert ask(proxy, url=url).body == b"hi"
        assert proxy.requests[0].target == target
        assert proxy.requests[0].fields == [("Host", host)]


def test_the_origin_gets_what_was_meant_for_it() -> None:
    with NastyServer(OK) as origin, RelayingProxy(user="u:p") as proxy:
        reply = ask(proxy, "u:p@", origin.url("/x"), method="POST", body=b"body", headers=(("Authorization", "T t"),))
        assert reply.body == b"hi"
        (seen,) = origin.requests
        assert (seen.method, seen.target, seen.body, seen.get("authorization")) == ("POST", "/x", b"body", "T t")
        assert seen.get("proxy-authorization") is None
        assert proxy.requests[0].get("authorization") == "T t"


def test_the_callers_request_stays_as_it_was() -> None:
    with NastyServer(OK) as proxy:
        message = request("http://a.example/x")
        send(OneShot(), message, proxy=parse_proxy(f"u:p@127.0.0.1:{proxy.port}"))
        assert "proxy-authorization" not in message.headers
        assert message.url.target == "/x"


def test_a_connection_to_the_proxy_is_kept_for_one_origin() -> None:
    with NastyServer(OK) as proxy, Pool() as pool:
        through = parse_proxy(f"127.0.0.1:{proxy.port}")
        for host in ("a.example", "a.example", "b.example", "b.example"):
            send(pool, request(f"http://{host}/"), proxy=through)
    assert proxy.connections == 2


def test_user_and_password_go_along_at_once() -> None:
    with NastyServer(OK) as proxy:
        ask(proxy, "us%40er:p%3Aw@")
        assert [each.get("proxy-authorization") for each in proxy.requests] == ["Basic dXNAZXI6cDp3"]


def test_a_407_that_cannot_be_answered_is_the_answer() -> None:
    with NastyServer(challenge('Basic realm="x"')) as proxy:
        for userinfo in ("", "u:wrong@"):
            reply = ask(proxy, userinfo)
            assert (reply.status, reply.body, reply.exchange.attempts) == (407, b"no", 1)
    assert len(proxy.requests) == 2


def test_a_digest_challenge_is_answered_on_the_same_connection_and_its_nonce_used_again() -> None:
    with NastyServer(in_turn(challenge("Basic", DIGEST), OK, OK)) as proxy, Pool() as pool:
        through = parse_proxy(f"u:p@127.0.0.1:{proxy.port}")
        replies = [send(pool, request(f"http://a.example/{n}"), proxy=through) for n in range(2)]
        assert [reply.exchange.attempts for reply in replies] == [2, 1]
        told = [each.get("proxy-authorization") for each in proxy.requests]
    assert proxy.connections == 1
    assert told[0] == "Basic dTpw"
    assert [checked_digest(each, "GET", "p")["uri"] for each in told[1:]] == [
        "http://a.example/0",
        "http://a.example/1",
    ]
    assert [checked_digest(each, "GET", "p")["nc"] for each in told[1:]] == ["00000001", "00000002"]


def test_a_next_nonce_of_the_proxy_is_used_and_one_of_the_origin_is_not() -> None:
    first = OK.replace(b"\r\n\r\n", b'\r\nAuthentication-Info: nextnonce="origin"\r\n\r\n')
    second = OK.replace(b"\r\n\r\n", b'\r\nProxy-Authentication-Info: nextnonce="n2"\r\n\r\n')
    with NastyServer(in_turn(challenge(DIGEST), first, second, OK)) as proxy, Pool() as pool:
        through = parse_proxy(f"u:p@127.0.0.1:{proxy.port}")
        for _ in range(3):
            send(pool, request("http://a.example/"), proxy=through)
        told = [checked_digest(each.get("proxy-authorization"), "GET", "p") for each in proxy.requests[1:]]
    assert [each["nonce"] for each in told] == ["n1", "n1", "n2"]


def test_a_credential_for_digest_is_never_sent_as_basic() -> None:
    with NastyServer(challenge('Basic realm="x"')) as proxy:
        credential = Credential("digest", {"user": "u", "password": Secret("p")})
        through = Proxy("http", "127.0.0.1", proxy.port, credential=credential)
        assert send(OneShot(), request("http://a.example/"), proxy=through).status == 407
        assert [each.get("proxy-authorization") for each in proxy.requests] == [None]


def test_a_bearer_token_goes_to_the_proxy() -> None:
    with NastyServer(OK) as proxy:
        through = Proxy("http", "127.0.0.1", proxy.port, credential=Credential("bearer", {"token": Secret("t0k")}))
        send(OneShot(), request("http://a.example/"), proxy=through)
        assert proxy.requests[0].get("proxy-authorization") == "Bearer t0k"


def test_a_401_of_the_origin_is_not_answered_with_the_proxys_credential() -> None:
    answer = (
        f"HTTP/1.1 401 No\r\nWWW-Authenticate: {DIGEST}\r\nProxy-Authenticate: {DIGEST}\r\nContent-Length: 0\r\n\r\n"
    )
    with NastyServer(answer.encode()) as proxy:
        for scheme in ("basic", "digest"):
            credential = Credential(scheme, {"user": "u", "password": Secret("p")})
            through = Proxy("http", "127.0.0.1", proxy.port, credential=credential)
            assert send(OneShot(), request("http://a.example/"), proxy=through).status == 401
        assert [each.get("authorization") for each in proxy.requests] == [None, None]


def test_the_origins_own_authorization_survives_the_proxys_digest() -> None:
    with NastyServer(in_turn(challenge(DIGEST), OK)) as proxy, Pool() as pool:
        message = request("http://a.example/", headers=(("Authorization", "Bearer origin"),))
        send(pool, message, proxy=parse_proxy(f"u:p@127.0.0.1:{proxy.port}"))
        assert [each.get("authorization") for each in proxy.requests] == ["Bearer origin"] * 2


def test_a_body_goes_out_again_with_the_answer() -> None:
    with NastyServer(in_turn(challenge(DIGEST), OK)) as proxy, Pool() as pool:
        message = request("http://a.example/", "POST", body=b"body")
        assert send(pool, message, proxy=parse_proxy(f"u:p@127.0.0.1:{proxy.port}")).status == 200
        assert [each.body for each in proxy.requests] == [b"body", b"body"]


def test_a_body_that_can_be_sent_once_leaves_the_407_as_the_answer() -> None:
    with NastyServer(challenge(DIGEST)) as proxy:
        body = StreamBody([b"body"], name="stdin")
        assert ask(proxy, "u:p@", method="POST", body=body).status == 407
        assert len(proxy.requests) == 1


def test_a_typed_credential_for_the_proxy_is_left_alone() -> None:
    with NastyServer(challenge(DIGEST)) as proxy:
        ask(proxy, "u:p@", headers=(("Proxy-Authorization", "Token typed"),))
        assert [each.get("proxy-authorization") for each in proxy.requests] == ["Token typed"]


def test_threads_never_count_a_nonce_twice() -> None:
    told: list[str | None] = []

    def script(peer: Peer) -> None:
        while True:
            asked = peer.read_request().get("proxy-authorization")
            told.append(asked)
            peer.send(OK if (asked or "").startswith("Digest") else challenge(DIGEST))

    with NastyServer(script) as proxy, Pool() as pool:
        through = parse_proxy(f"u:p@127.0.0.1:{proxy.port}")
        send(pool, request("http://a.example/"), proxy=through)

        def work() -> None:
            for _ in range(10):
                send(pool, request("http://a.example/"), proxy=through)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    counts = [checked_digest(each, "GET", "p")["nc"] for each in told[1:]]
    assert sorted(counts) == [f"{number:08x}" for number in range(1, 82)]


def test_two_proxies_have_each_their_own_credential_and_nonce() -> None:
    """CVE-2026-6253, CVE-2026-7168."""
    with NastyServer(in_turn(challenge(DIGEST), OK)) as one, NastyServer(OK) as two, Pool() as pool:
        send(pool, request("http://a.example/"), proxy=parse_proxy(f"u:p@127.0.0.1:{one.port}"))
        for userinfo in ("", "v:q@"):
            send(pool, request("http://a.example/"), proxy=parse_proxy(f"{userinfo}127.0.0.1:{two.port}"))
        assert [each.get("proxy-authorization") for each in two.requests] == [None, "Basic djpx"]


def test_a_stale_connection_to_the_proxy_is_replaced() -> None:
    def once_and_no_more(peer: Peer) -> None:
        peer.answer(OK)
        peer.read_request()
        peer.reset()

    with NastyServer([once_and_no_more, OK]) as proxy, Pool() as pool:
        through = parse_proxy(f"u:p@127.0.0.1:{proxy.port}")
        replies = [send(pool, request("http://a.example/"), proxy=through) for _ in range(2)]
        assert [reply.exchange.attempts for reply in replies] == [1, 2]
        assert {each.get("proxy-authorization") for each in proxy.requests} == {"Basic dTpw"}


def test_a_proxy_that_hangs_up_is_named() -> None:
    with NastyServer(lambda peer: peer.close()) as proxy, pytest.raises(EmptyReply, match="the proxy http://127"):
        ask(proxy)


def test_a_proxy_that_is_not_there_is_named_as_one() -> None:
    port = unused_port()
    with pytest.raises(ReqcliError, match=f"cannot connect to the proxy http://127.0.0.1:{port}"):
        send(OneShot(), request("http://a.example/"), proxy=Proxy("http", "127.0.0.1", port))


@pytest.mark.parametrize("userinfo", ["u%0D%0AX:p@", "u%3Av:p@", "u:p%00@"])
def test_a_credential_cannot_end_a_line(userinfo: str) -> None:
    with pytest.raises(Usage):
        send(OneShot(), request("http://a.example/"), proxy=parse_proxy(f"{userinfo}127.0.0.1:1"))


def test_plain_requests_go_to_an_https_proxy_in_tls(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("127.0.0.1")) as proxy:
        through = Proxy("https", "127.0.0.1", proxy.port, tls=TlsOptions(verify=trust_file))
        assert send(OneShot(), request("http://a.example/x"), proxy=through).body == b"hi"
        assert proxy.requests[0].target == "http://a.example/x"


def test_and_not_to_one_that_is_another(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("b.example")) as proxy:
        through = Proxy("https", "127.0.0.1", proxy.port, tls=TlsOptions(verify=trust_file))
        with pytest.raises(TlsCertInvalid, match="the proxy"):
            send(OneShot(), request("http://a.example/"), proxy=through)
