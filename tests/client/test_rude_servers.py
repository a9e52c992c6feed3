"""Servers that say the wrong thing, over real sockets and through the library's door, each told by its outcome.

Every case of the table is fed at once, byte by byte, and through TLS. What holds for each of them:

- the outcome is the table's: the error's code, or status, body and fields;
- nothing is leaked: no place in the pool stays taken, a connection of no further use is closed, and no cookie is
  learned but from a header of the response itself;
- nothing is reused that must not be: the next request of the same session gets its own answer, over the same
  connection if the table says so, else over a new one; and no request goes out twice.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
import trustme

from reqcli import Credential, Result, Secret, Session, Timeouts
from reqcli.model.retry import Retry
from reqcli.net.pool import Pool
from reqcli.session.schema import new_state
from tests.client.rude import RUDE, SMUGGLED, Rude
from tests.sockets import Gone, NastyServer, Peer

LIMITS = Timeouts(connect=10.0, read=10.0, total=30.0)
"""Long: a case that comes near them hangs, and fails by its code."""

WAYS = ("at once", "byte by byte", "at once, over TLS")
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class RudeServer:
    """Says something to the first request of its first connection; answers every other with its target's name.

    Args:
        said: to the first request.
        way: one of WAYS.
        ends: what it does behind that: `stays`, `closes` or `resets`.
        unasked: what it says when `idle` is set, before it ends.
        tls: a server's context.

    Attributes:
        idle: to be set by the test when the first answer is in.
        told: set when all is said and done, or nobody listens any more.
        left: set when the client has closed the first connection.
    """

    def __init__(
        self, said: bytes, way: str, ends: str, *, unasked: bytes | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self._said = said
        self._way = way
        self._ends = ends
        self._unasked = unasked
        self.idle = threading.Event()
        self.told = threading.Event()
        self.left = threading.Event()
        self.nasty = NastyServer([self._be_rude, self._be_kind], tls=tls if way == WAYS[2] else None)

    def _be_rude(self, peer: Peer) -> None:
        peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            peer.read_request()
            self._say(peer, self._said)
            if self._unasked is not None:
                assert self.idle.wait(30)
                self._say(peer, self._unasked)
            if self._ends == "resets":
                peer.reset()
                return
            if self._ends == "closes" and isinstance(peer.sock, ssl.SSLSocket):
                peer.close()
            elif self._ends == "closes":
                peer.sock.shutdown(socket.SHUT_WR)
            self.told.set()
            self._be_kind(peer)
        except Gone:
            self.left.set()
            raise
        finally:
            self.told.set()

    def _be_kind(self, peer: Peer) -> None:
        while True:
            body = f"{peer.read_request().target} on {peer.number}".encode()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body)

    def _say(self, peer: Peer, data: bytes) -> None:
        size = 1 if self._way == "byte by byte" else max(1, len(data))
        for place in range(0, len(data), size):
            peer.send(data[place : place + size])


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What the rude server shows of itself over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def session(trust_file: str) -> Iterator[Session]:
    """A session with a pool, in which no place may stay taken."""
    state = new_state("0" * 32, 0.0).replace(settings={"verify": trust_file})
    with Pool() as pool, Session(state, transport=pool) as session:
        yield session
        assert "reserved=0" in repr(pool._stock)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", RUDE, ids=lambda case: case.name)
def test_a_rude_server_comes_to_what_the_table_says(
    case: Rude, way: str, session: Session, tls: ssl.SSLContext
) -> None:
    rude = RudeServer(case.raw, way, case.ends, tls=tls)
    with rude.nasty as server:
        result = session.request(case.method, server.url("/rude"), timeouts=LIMITS, check_status=False)
        check_outcome(result, case)
        assert rude.told.wait(30)
        check_next_answer(session, server, 1 if case.kept else 2)
        assert {cookie.name for cookie in session.state.cookies} == cookies_in_the_head(result)
        is_useless = server.connections == 2 and case.ends != "resets"
        assert not is_useless or rude.left.wait(10), "a useless connection is left open"
        assert len(server.requests) == 2


def check_outcome(result: Result, case: Rude) -> None:
    assert (result.error.code if result.error is not None else "") == case.code, result.error
    assert result.attempts == 1
    assert result.sent == ("yes" if case.raw else "maybe") or case.ends == "resets"
    if result.response is None:
        assert case.code in ("bad_response", "decode_failed", "empty_reply", "receive_failed")
        return
    assert result.response.status == case.status
    assert tuple(head.status for head in result.response.interim) == case.interim
    assert case.fields is None or result.response.headers.items() == case.fields
    assert {notice.code for notice in result.warnings} - {"surplus"} == ({case.warned} if case.warned else set())
    if case.code in ("", "body_incomplete"):
        assert result.response.content == case.body
    elif case.code != "bad_response":  # a reset may take with it what had arrived
        assert case.body.startswith(result.response.content)


@pytest.mark.parametrize(
    ("method", "raw"),
    [
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        ("GET", b"HTTP/1.1 302 X\r\nLocation: /fine\r\nContent-Length: 5\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"),
    ],
    ids=["a length", "chunks", "nothing", "HEAD", "a redirect", "a coding"],
)
@pytest.mark.parametrize("behind", [b"\r\n", SMUGGLED], ids=["a line end", "an answer"])
def test_bytes_behind_a_response_are_told(method: str, raw: bytes, behind: bytes, session: Session) -> None:
    """RFC 9112 §11.2: whoever put them there may have meant them for somebody else's request."""
    rude = RudeServer(raw + behind, WAYS[0], "stays")
    with rude.nasty as server:
        result = session.request(method, server.url("/rude"), timeouts=LIMITS, follow=True)
        assert [notice.code for notice in result.warnings] == ["surplus"]
        assert f"127.0.0.1:{server.port}" in result.warnings[0].message
        assert "EVIL" not in result.warnings[0].message
        rude.told.wait(30)


def check_next_answer(session: Session, server: NastyServer, connection: int) -> None:
    """The next request gets its own answer, at the first attempt, over the connection that it should."""
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


# On a connection that is idle

UNASKED = {
    "a whole answer": (SMUGGLED, "stays"),
    "a whole answer, and the end": (SMUGGLED, "closes"),
    "half an answer": (SMUGGLED[:30], "stays"),
    "408 and the end": (b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "closes"),
    "an empty line": (b"\r\n", "stays"),
    "a single byte": (b"H", "stays"),
    "the end": (b"", "closes"),
    "a reset": (b"", "resets"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("unasked", "ends"), UNASKED.values(), ids=UNASKED)
def test_what_comes_unasked_on_an_idle_connection_answers_nothing(
    unasked: bytes, ends: str, way: str, session: Session, tls: ssl.SSLContext
) -> None:
    rude = RudeServer(FINE, way, ends, unasked=unasked, tls=tls)
    with rude.nasty as server:
        assert session.get(server.url("/rude"), timeouts=LIMITS).content == b"hi"
        rude.idle.set()
        assert rude.told.wait(30)
        check_next_answer(session, server, 2)
        assert not list(session.state.cookies)


@pytest.mark.parametrize(("method", "attempts"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)])
@pytest.mark.parametrize("ends", ["closes", "resets"])
def test_a_kept_connection_that_dies_without_a_byte_is_replaced_once_for_what_may_be_repeated(
    method: str, attempts: int, ends: str, session: Session
) -> None:
    """RFC 9110 §9.2.2, RFC 9112 §9.3.1: a POST that the server may have seen is never sent again."""

    def die_at_the_second(peer: Peer) -> None:
        peer.answer(FINE)
        peer.read_request()
        if ends == "resets":
            peer.reset()

    with NastyServer([die_at_the_second, FINE]) as server:
        session.get(server.url("/"))
        result = session.request(method, server.url("/"), data=b"once", timeouts=LIMITS)
        assert result.attempts == attempts
        assert len(server.requests) == 1 + attempts
        if attempts == 2:
            assert (result.content, server.requests[-1].body) == (b"hi", b"once")
        else:
            assert result.error is not None
            assert result.error.code == ("empty_reply" if ends == "closes" else "receive_failed")
            assert result.sent == "maybe"


# Between two requests of one call

CHALLENGE = b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n'
LAYERS: dict[str, tuple[bytes, dict[str, object]]] = {
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /next\r\n", {"follow": True}),
    "a challenge": (
        b"HTTP/1.1 401 X\r\n" + CHALLENGE,
        {"auth": Credential("digest", {"user": "u", "password": Secret("p")})},
    ),
    "an answer that is worth a retry": (b"HTTP/1.1 503 X\r\nRetry-After: 0\r\n", {"retry": Retry(1)}),
}


@pytest.mark.parametrize(("head", "options"), LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("framing", [b"Content-Length: 0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_an_answer_smuggled_in_behind_a_step_of_a_call_is_not_taken_for_the_next_step(
    head: bytes, options: dict[str, object], framing: bytes, session: Session
) -> None:
    rude = RudeServer(head + framing + SMUGGLED, "at once", "stays")
    with rude.nasty as server:
        result = session.get(server.url("/next"), timeouts=LIMITS, **options)
        assert result.content == b"/next on 2"
        assert not list(session.state.cookies)
        assert server.connections == 2
