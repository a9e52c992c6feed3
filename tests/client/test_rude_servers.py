"""Servers that say the wrong thing, over real sockets and through the library's door, each told by its outcome.

Every case of the table is fed at once and byte by byte. What holds for each of them:

- the outcome is the table's: the error's code, or status, body and fields;
- nothing is leaked: no place in the pool stays taken, a connection of no further use is closed at once, and no cookie
  is learned but from a header of the response;
- nothing is reused that must not be: the next request of the same session gets its own answer, over the same
  connection if the table says so, else over a new one; and no request goes out twice.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from reqcli import Result, Session, Timeouts
from reqcli.net.pool import Pool
from tests.client.rude import RUDE, SMUGGLED, Rude
from tests.sockets import Gone, NastyServer, Peer

LIMITS = Timeouts(connect=10.0, read=10.0, total=30.0)
"""Long: a case that gets near them hangs, and fails by its code."""

WAYS = ("at once", "byte by byte")


class RudeServer:
    """Says `first` to the first request of its first connection; answers every other one with its target's name.

    Attributes:
        told: set when all of it is sent, or nobody listens any more.
        left: set when the client has closed the first connection.
    """

    def __init__(self, first: bytes, way: str, ends: str = "stays", *, after: bytes = b"") -> None:
        self._first = first
        self._after = after
        self._way = way
        self._ends = ends
        self.told = threading.Event()
        self.left = threading.Event()
        self.nasty = NastyServer([self._be_rude, self._be_kind])

    def _be_rude(self, peer: Peer) -> None:
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            peer.read_request()
            peer.send(self._first)
            self._say(peer, self._after)
        except Gone:
            self.left.set()
            raise
        finally:
            self.told.set()
        if self._ends == "resets":
            peer.reset()
        elif self._ends == "stays":
            try:
                self._be_kind(peer)
            finally:
                self.left.set()

    def _be_kind(self, peer: Peer) -> None:
        while True:
            body = f"{peer.read_request().target} on {peer.number}".encode()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body)

    def _say(self, peer: Peer, data: bytes) -> None:
        if self._way == "at once":
            peer.send(data)
            return
        for place in range(len(data)):
            peer.send(data[place : place + 1])


@pytest.fixture
def session() -> Iterator[Session]:
    """A session with a pool of its own, in which no place stays taken."""
    with Pool() as pool:
        with Session(transport=pool) as session:
            yield session
        assert "reserved=0" in repr(pool._stock)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", RUDE, ids=lambda case: case.name)
def test_a_rude_server_comes_to_what_the_table_says(case: Rude, way: str, session: Session) -> None:
    rude = RudeServer(b"", way, case.ends, after=case.raw)
    with rude.nasty as server:
        result = session.request(case.method, server.url("/rude"), timeouts=LIMITS, check_status=False)
        check_outcome(result, case)
        assert (result.sent, result.attempts) == ("maybe" if is_unheard(case) else "yes", 1)
        assert rude.told.wait(30)
        check_next_answer(session, server, 1 if case.kept else 2)
        assert {cookie.name for cookie in session.state.cookies} == cookies_in_the_head(result)
        if not case.kept and case.ends == "stays":
            assert rude.left.wait(10), "a connection of no further use is left open"
        assert len(server.requests) == 2


def is_unheard(case: Rude) -> bool:
    """Whether not one byte of answer comes."""
    return not case.raw


def check_outcome(result: Result, case: Rude) -> None:
    assert (result.error.code if result.error is not None else "") == case.code, result.error
    if result.response is None:
        assert case.code in ("bad_response", "empty_reply", "receive_failed", "decode_failed")
        return
    assert result.response.status == case.status
    if case.code != "bad_response":  # what came before the framing broke depends on how it was cut
        assert result.response.content == case.body
    assert tuple(head.status for head in result.response.interim) == case.interim
    assert case.fields is None or result.response.headers.items() == case.fields
    assert {notice.code for notice in result.warnings} == ({case.warned} if case.warned else set())


def check_next_answer(session: Session, server: NastyServer, connection: int) -> None:
    """The next request gets its own answer, and over the connection that it should."""
    following = session.post(server.url("/next"), data=b"x", timeouts=LIMITS)
    assert following.content == f"/next on {connection}".encode()
    assert following.attempts == 1
    assert server.connections == connection


def cookies_in_the_head(result: Result) -> set[str]:
    if result.response is None:
        return set()
    return {line.partition("=")[0] for line in result.response.headers.get_all("set-cookie")}


def test_there_are_enough_cases_and_no_two_share_a_name() -> None:
    assert len({case.name for case in RUDE}) == len(RUDE) >= 60


# On an idle connection

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
UNASKED = {
    "a whole answer": (SMUGGLED, "stays"),
    "a whole answer, and the end": (SMUGGLED, "closes"),
    "half an answer": (SMUGGLED[:30], "stays"),
    "408 and the end": (b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "closes"),
    "a single byte": (b"\n", "stays"),
    "the end": (b"", "closes"),
    "a reset": (b"", "resets"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("unasked", "ends"), UNASKED.values(), ids=UNASKED)
def test_what_comes_unasked_on_an_idle_connection_answers_nothing(
    unasked: bytes, ends: str, way: str, session: Session
) -> None:
    heard = threading.Event()
    rude = RudeServer(FINE, way, ends)

    def unasked_when_idle(peer: Peer) -> None:
        peer.answer(FINE)
        heard.wait(30)
        try:
            rude._say(peer, unasked)
        finally:
            if ends == "resets":
                peer.reset()
            elif ends == "closes":
                peer.sock.shutdown(socket.SHUT_WR)
            rude.told.set()
        assert peer.hold() == b""
