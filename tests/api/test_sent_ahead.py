"""A request that is out before its call is made comes to the same end as one that is sent by its call."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme

from reqcli import Result, Session
from reqcli.api.call import Call
from reqcli.model.exchange import Exchange
from reqcli.model.retry import Retry
from reqcli.model.spec import spec_for
from reqcli.model.timing import Timeouts
from reqcli.net.pool import Pool
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from tests.proxies import RelayingProxy
from tests.sockets import NastyServer, Peer, Script

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"
OF_LENGTH = b"HTTP/1.1 %b\r\nContent-Length: %d\r\n%b\r\n%b"
WARM = 2
"""Calls after which the next one, if it is like them, is sent ahead."""


class OnlyCarries:
    """A pool of which a session knows nothing but that it carries requests, so that none is sent ahead."""

    def __init__(self) -> None:
        self.pool = Pool()

    def exchange(self, *rest: Any) -> Exchange:
        return self.pool.exchange(*rest)

    def close(self) -> None:
        self.pool.close()


def answer(status: bytes, body: bytes = b"", fields: bytes = b"") -> bytes:
    return OF_LENGTH % (status, len(body), fields, body)


def then(*answers: bytes | Callable[[Peer], object]) -> Script:
    """As many plain answers as make a session warm, then these, then plain ones; on the first connection."""

    def script(peer: Peer) -> None:
        if peer.number == 1:
            for _ in range(WARM):
                peer.answer(PLAIN)
            for each in answers:
                if isinstance(each, bytes):
                    peer.answer(each)
                else:
                    each(peer)
                    return
        while True:
            peer.answer(PLAIN)

    return script


def reset(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def cut_in_head(peer: Peer) -> None:
    peer.answer(b"HTTP/1.1 200 OK\r\nContent-")


def cut_in_body(peer: Peer) -> None:
    peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")


def in_pieces(peer: Peer) -> None:
    peer.read_request()
    peer.drip(answer(b"200 OK", b"dripping", b"X-A: 1\r\n"), 0.001, 9)


def facts(result: Result) -> tuple[object, ...]:
    """What of a result does not depend on the time or on the server's port."""
    response, error = result.response, result.error
    return (
        response and (response.status, response.data, response.headers, response.interim, len(response.redirects)),
        error and (error.code, error.phase, error.sent),
        [notice.code for notice in result.warnings],
        [(hop.request.method, hop.request.url.target, hop.head.status) for hop in result.hops],
        (result.attempts, result.sent, len(result.secrets), result.session),
        result.request and (result.request.method, result.request.url.target, len(result.request.headers)),
        result.watch and (result.watch.phase, result.watch.reused, result.watch.head_bytes, result.watch.body_received),
    )


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "options"),
    [
        pytest.param(then(), {}, id="plain"),
        pytest.param(then(), {"headers": {"X": "1"}, "check_status": False}, id="headers of its own"),
        pytest.param(then(), {"headers": {"X": "\xe9"}}, id="a header in UTF-8"),
        pytest.param(then(), {"inspect": True}, id="looked at"),
        pytest.param(then(answer(b"200 OK", b"x" * 200_000)), {}, id="a large body"),
        pytest.param(then(answer(b"200 OK", b"x" * 20)), {"max_body": 10}, id="a body too large"),
        pytest.param(then(answer(b"204 No Content")), {}, id="204"),
        pytest.param(then(answer(b"404 Not Found", b"no")), {}, id="404"),
        pytest.param(then(answer(b"401 No", b"", b"WWW-Authenticate: Basic realm=x\r\n")), {}, id="401"),
        pytest.param(then(REDIRECT), {}, id="a redirect"),
        pytest.param(then(REDIRECT), {"follow": True}, id="a redirect followed"),
        pytest.param(then(answer(b"503 Busy")), {"retry": Retry(limit=2, longest=0.01)}, id="503, tried again"),
        pytest.param(then(answer(b"200 OK", b"k", b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n")), {}, id="cookies"),
        pytest.param(then(answer(b"200 OK", gzip.compress(b"zip"), b"Content-Encoding: gzip\r\n")), {}, id="gzip"),
        pytest.param(then(answer(b"200 OK", b"no", b"Content-Encoding: gzip\r\n")), {}, id="no gzip"),
        pytest.param(then(CHUNKED), {}, id="chunked"),
        pytest.param(then(b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + answer(b"200 OK", b"k")), {}, id="interim"),
        pytest.param(then(b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx"), {}, id="bare line feeds"),
        pytest.param(then(b"SSH-2.0-x\r\n"), {}, id="another protocol"),
        pytest.param(then(answer(b"200 OK", b"k") + b"more"), {}, id="surplus"),
        pytest.param(then(answer(b"200 OK", b"k", b"Connection: close\r\n")), {}, id="the last on its connection"),
        pytest.param(then(in_pieces), {}, id="in pieces"),
        pytest.param(then(reset), {}, id="reset"),
        pytest.param(then(cut_in_head), {}, id="cut in its head"),
        pytest.param(then(cut_in_body), {}, id="cut in its body"),
        pytest.param(then(lambda peer: peer.hold()), {"timeouts": Timeouts(read=0.05)}, id="no answer"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
def test_the_result_is_the_same_whether_it_is_sent_ahead_or_not(
    script: Script, options: dict[str, Any], method: str
) -> None:
    found = []
    for transport in (None, OnlyCarries()):
        with NastyServer(script) as server, Session(transport=transport) as session:
            results = [session.request(method, server.url("/a"), **options) for _ in range(WARM + 3)]
            found.append(([facts(result) for result in results], [request.head for request in server.requests]))
            if transport is not None:
                transport.close()
    ours, theirs = found
    assert ours[0] == theirs[0]
    hosts = [[head.partition(b"Host:")[0] for head in heads] for _, heads in found]
    assert hosts[0] == hosts[1]


def test_the_server_has_a_request_before_the_call_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    is_heard = Event()

    def note(peer: Peer) -> None:
        peer.read_request()
        is_heard.set()
        peer.send(PLAIN)

    make, early = Call.__init__, []

    def made(self: Call, *rest: Any) -> None:
        early.append(is_heard.wait(20))
        make(self, *rest)

    with NastyServer(then(note)) as server, Session() as session:
        for _ in range(WARM):
            session.get(server.url())
        monkeypatch.setattr(Call, "__init__", made)
        assert session.get(server.url()).content == b"plain"
    assert early == [True]


def test_a_connection_whose_call_never_came_to_be_is_closed() -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    pool = Pool()
    headers = {"X": "\xe9"}
    with NastyServer(PLAIN) as server, pool, Session(transport=pool) as calm:
        for _ in range(WARM):
            calm.get(server.url(), headers=headers)
        calm._around.heard = interrupted  # type: ignore[misc]
        with pytest.raises(KeyboardInterrupt):
            calm.get(server.url(), headers=headers)
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"
        calm._around.heard = None  # type: ignore[misc]
        assert calm.get(server.url(), headers=headers).content == b"plain"
    assert server.connections == 2


def test_a_rule_for_what_the_next_call_takes_along_is_heeded() -> None:
    """Nothing that a call before had to know of has changed; what is to be sent has."""
    with NastyServer(answer(b"200 OK", b"k", b"X-Token: t\r\n")) as server, Session() as session:
        for _ in range(WARM + 1):
            session.get(server.url())
        session.commit([SetRule(parse("header:X-Token -> header:X-Token"))])
        for _ in range(2):
            session.get(server.url())
    assert [request.get("x-token") for request in server.requests] == [None] * (WARM + 2) + ["t"]


def test_a_call_by_a_proxy_is_the_same_each_time() -> None:
    with RelayingProxy(user="u:p") as proxy, NastyServer(PLAIN) as server, Session() as session:
        spec = spec_for("GET", server.url("/a"), proxy=proxy.url("").replace("//", "//u:p@"))
        assert [session.send(spec).error for _ in range(WARM + 2)] == [None] * (WARM + 2)
    assert {request.head for request in proxy.requests} == {proxy.requests[0].head}


def test_what_is_typed_for_a_proxy_never_goes_to_the_origin_behind_it(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    headers = {"Proxy-Authorization": "Basic c2VjcmV0"}
    with RelayingProxy() as proxy, NastyServer(PLAIN, tls=context) as server, Session() as session:
        spec = spec_for("GET", server.url(), headers=headers, proxy=proxy.url(""), verify=str(tmp_path / "ca.pem"))
        assert [session.send(spec).error for _ in range(WARM + 2)] == [None] * (WARM + 2)
    assert [request.get("proxy-authorization") for request in server.requests] == [None] * (WARM + 2)
