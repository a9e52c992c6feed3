"""What one call of a session leaves to the next, and what it must not."""

from __future__ import annotations

import pytest

from reqcli import Session
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_nothing_of_a_call_is_in_the_next() -> None:
    """CVE-2022-32221, CVE-2023-28322: a POST sent what the PUT before it had been given."""
    with NastyServer(OK) as server, Session() as session:
        url = server.url("/")
        session.put(url, json={"a": "s3cret"}, headers={"X-Once": "1", "Cookie": "once=1"}, auth=("u", "s3cret"))
        session.post(url)
        session.get(url)
        _, post, get = server.requests
        assert (post.method, post.body, post.get("content-length")) == ("POST", b"", "0")
        assert (get.method, get.body, get.get("content-length")) == ("GET", b"", None)
        for later in (post, get):
            for name in ("content-type", "x-once", "cookie", "authorization", "transfer-encoding"):
                assert later.get(name) is None


@pytest.mark.parametrize("value", [b"caf\xc3\xa9", b"caf\xe9", b"\xff\xfe", b"\xe2\x82\xac", b'"a, b"', b"%41+"])
def test_a_cookie_goes_back_byte_for_byte(value: bytes) -> None:
    """RFC 6265bis §5.6: what a server puts into a cookie is its own affair, whatever the charset."""
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=%b; Path=/\r\nContent-Length: 0\r\n\r\n" % value

    def script(peer: Peer) -> None:
        peer.answer(answer)
        peer.answer(OK)
        peer.answer(OK)

    with NastyServer(script) as server, Session() as session:
        session.get(server.url("/"))
        session.get(server.url("/"))
        session.get(server.url("/"), headers={"Cookie": "typed=é"})
        received = [(request.get("cookie") or "").encode("latin-1") for request in server.requests]
        assert received == [b"", b"a=" + value, b"typed=\xc3\xa9; a=" + value]
