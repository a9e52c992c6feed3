"""A request that is out before anybody waits for its answer fails and ends as any other does."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from time import monotonic

import pytest

from reqcli.errors import ReceiveFailed
from reqcli.model.exchange import tell_nobody
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.route import Route
from reqcli.model.timing import Deadline, Stopwatch, Timeouts
from reqcli.model.url import Url
from reqcli.net.begun import Begun
from reqcli.net.pool import Pool
from reqcli.net.readiness import POLLIN
from reqcli.net.stream import SocketStream
from reqcli.net.turn import Turn
from tests.sockets import NastyServer, Peer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool() as pool:
        yield pool


def asked(server: NastyServer, target: str = "/") -> Request:
    return Request("GET", Url.parse(server.url(target)), Headers([]))


def first(pool: Pool, request: Request) -> tuple[Route, Deadline]:
    """Have a connection in the pool."""
    route, deadline = Route(request.url.origin), Deadline(Timeouts(read=10.0), monotonic)
    body = pool.exchange(request, route, deadline, Stopwatch(monotonic)).body
    assert b"".join(body.chunks()) == b"plain"
    return route, deadline


@pytest.mark.parametrize("is_told", [True, False], ids=["poll", "select"])
def test_a_body_that_breaks_off_while_it_is_taken_in_is_not_at_its_end(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    is_taken = Event()

    def script(peer: Peer) -> None:
        peer.answer(PLAIN)
        peer.answer(b"HTTP/1.1 200 OK\r\n\r\npart")
        is_taken.wait(20)
        peer.reset()

    with NastyServer(script) as server:
        request = asked(server)
        route, deadline = first(pool, request)
        connection = pool.take_idle(route)
        assert connection is not None
        begun = Begun(pool, connection, request, route, deadline, Stopwatch(monotonic))
        stream, receive = connection.stream, SocketStream.receive

        def received(self: SocketStream, *rest: object) -> bytes:
            data = receive(self, *rest)  # type: ignore[arg-type]
            is_taken.set()
            server.wait()  # it is broken by the time that this is looked at
            return data

        while not stream.is_readable():
            pass
        with monkeypatch.context() as patched:
            patched.setattr(SocketStream, "receive", received)
            begun.take_in(POLLIN)
        if not is_told:
            assert begun.take_in(POLLIN)
        with pytest.raises(ReceiveFailed):
            b"".join(begun.exchange(tell_nobody).body.chunks())


def test_a_bug_in_sending_does_not_keep_the_connection(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(_: Turn) -> None:
        raise RuntimeError("a bug")

    with NastyServer(PLAIN) as server:
        request = asked(server)
        route, deadline = first(pool, request)
        connection = pool.take_idle(route)
        assert connection is not None
        monkeypatch.setattr(Turn, "begin", begin)
        with pytest.raises(RuntimeError):
            Begun(pool, connection, request, route, deadline, Stopwatch(monotonic))
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"
