"""A call leaves nothing behind that only the garbage collector could free: requests hold secrets and large bodies."""

from __future__ import annotations

import gc

from reqcli import Session
from reqcli.session.operations import SetAuth, SetHeader
from reqcli.session.schema import StoredAuth, StoredHeader
from tests.sockets import NastyServer

ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"


def test_a_call_leaves_no_circle_of_objects() -> None:
    with NastyServer(ANSWER) as server, Session() as session:
        origin = server.url("/").rstrip("/")
        session.commit([SetAuth(origin, StoredAuth("bearer", {"token": "t"}))])
        session.commit([SetHeader(StoredHeader("X-A", "1", origin))])
        assert session.get(server.url("/")).ok
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                assert session.get(server.url("/")).ok
            assert gc.collect() == 0
        finally:
            gc.enable()
