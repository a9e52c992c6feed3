"""How much of a response is taken, as a program says it: the limits reach the reader, and belong to a connection."""

from __future__ import annotations

import pytest

from reqcli import Limits, Session
from reqcli.model.proxy import Proxies
from tests.proxies import RelayingProxy
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n2;"
LARGE = OK + b"X: " + b"a" * 900 + b"\r\nContent-Length: 2\r\n\r\nhi"


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(head_bytes=900), LARGE),
        (Limits(fields=1), LARGE),
        (Limits(interim=0), b"HTTP/1.1 100 Continue\r\n\r\n" + LARGE),
        (Limits(chunk_extension_bytes=5), CHUNKED + b"abcdef\r\nhi\r\n0\r\n\r\n"),
        (Limits(trailer_bytes=5), CHUNKED + b"abcdef\r\nhi\r\n0\r\nA: bcd\r\n\r\n"),
        (Limits(fields=1), CHUNKED + b"abcdef\r\nhi\r\n0\r\nA: b\r\nC: d\r\n\r\n"),
    ],
)
def test_a_limit_holds_for_the_call_that_has_it(limits: Limits, said: bytes) -> None:
    with NastyServer(said) as server, Session() as session:
        for _ in range(2):
            assert session.get(server.url()).content == b"hi"
        refused = session.get(server.url(), limits=limits)
        assert refused.error is not None
        assert refused.error.code == "bad_response"
        assert refused.error.hint is not None
        assert "--limit" in refused.error.hint
        assert server.connections == 2, "what is asked of answers is the connection's: it does not change on the way"


def test_the_limits_hold_for_a_proxys_own_answer() -> None:
    def refuses(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 900 + b"\r\n\r\n")

    with NastyServer(refuses) as server, Session() as session:
        result = session.get(
            "https://a.example/", proxies=Proxies.parse(https=server.url("")), limits=Limits(head_bytes=500)
        )
        assert result.error is not None
        assert result.error.code == "proxy_handshake_failed"
        assert "larger than 500 bytes" in result.error.message


def test_they_hold_through_a_proxy_too() -> None:
    with NastyServer(LARGE) as server, RelayingProxy() as relaying, Session() as session:
        proxies = Proxies.parse(http=relaying.url(""))
        assert session.get(server.url(), proxies=proxies).content == b"hi"
        assert session.get(server.url(), proxies=proxies, limits=Limits(fields=1)).error is not None
