"""A call can be given up from another thread, whatever it waits for, and nobody else's call is touched."""

from __future__ import annotations

import socket
from collections.abc import Callable
from threading import Event, Thread, Timer
from time import monotonic, sleep

import pytest

from reqcli.api.cancel import Cancel
from reqcli.api.session import Session
from reqcli.model.result import Result
from reqcli.model.retry import Retry
from reqcli.model.spec import RequestSpec, spec_for
from reqcli.net.pool import Pool
from tests.sockets import Blackhole, NastyServer, Peer, answers, unused_port

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
IN_CHUNKS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
)


def given_up(
    spec: RequestSpec, ready: Event, session: Session | None = None, *, is_heard: bool = False
) -> tuple[Result, float]:
    """The result of a call that is cancelled when `ready` is set, and how many seconds that took.

    What the server has said need not have been read by then; with `is_heard` that is waited for too.
    """
    cancel = Cancel()
    began: list[float] = []

    def when_ready() -> None:
        ready.wait(20)
        while is_heard and not (run.watch is not None and run.watch.head_bytes):
            sleep(0.001)
        began.append(monotonic())
        cancel.cancel()

    with session or Session() as run:
        thread = Thread(target=when_ready)
        thread.start()
        result = run.send(spec, cancel)
    ended = monotonic()
    thread.join()
    return result, ended - began[0]


def assert_interrupted(result: Result, seconds: float, sent: str) -> None:
    assert result.error is not None
    assert (result.error.code, result.exit_status) == ("interrupted", 130)
    assert result.error.sent == sent
    assert seconds < 5


def silent_after(ready: Event, *said: bytes) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(*said)
        ready.set()
        assert peer.hold() == b""  # the client hung up

    return script


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="before the head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-", id="within the head"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", id="within the body"),
    ],
)
def test_a_call_that_waits_for_the_server_is_given_up(said: bytes) -> None:
    ready = Event()
    with NastyServer(silent_after(ready, said)) as server:
        result, seconds = given_up(spec_for("GET", server.url()), ready, is_heard=bool(said))
    assert_interrupted(result, seconds, "yes" if said else "maybe")


def test_a_call_that_waits_for_a_connection_is_given_up() -> None:
    ready = Event()
    Timer(0.3, ready.set).start()
    with Blackhole() as nobody:
        result, seconds = given_up(spec_for("GET", f"http://127.0.0.1:{nobody.port}/"), ready)
    assert_interrupted(result, seconds, "no")


def test_a_call_that_waits_for_the_handshake_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ready = Event()
        Timer(0.3, ready.set).start()
        port = listener.getsockname()[1]
        result, seconds = given_up(spec_for("GET", f"https://127.0.0.1:{port}/"), ready)
    assert_interrupted(result, seconds, "no")


def test_a_call_that_waits_for_its_turn_in_the_pool_is_given_up() -> None:
    held = Event()
    with NastyServer(answers(IN_CHUNKS)) as server, Pool(per_route=1) as pool, Session(transport=pool) as other:
        first = other.stream(spec_for("GET", server.url("/first")))
        Timer(0.3, held.set).start()
        result, seconds = given_up(spec_for("GET", server.url("/second")), held, other.afresh())
        assert_interrupted(result, seconds, "no")
        assert first.content == b"hello"
        assert other.get(server.url("/third")).content == b"hello"
        assert server.connections == 1


def test_a_call_that_waits_before_a_retry_is_given_up() -> None:
    ready = Event()
    Timer(0.5, ready.set).start()
    retry = Retry(3, delay=1000.0, longest=1000.0)
    with NastyServer(b"HTTP/1.1 503 Busy\r\nRetry-After: 900\r\nContent-Length: 0\r\n\r\n") as server:
        result, seconds = given_up(spec_for("GET", server.url(), retry=retry), ready)
        assert len(server.requests) == 1
    assert_interrupted(result, seconds, result.error.sent if result.error else "")


def test_a_call_that_was_given_up_before_it_began_sends_nothing() -> None:
    cancel = Cancel()
    cancel.cancel()
    with Session() as session:
        result = session.send(spec_for("GET", f"http://127.0.0.1:{unused_port()}/"), cancel)
    assert result.error is not None
    assert (result.error.code, result.attempts) == ("interrupted", 0)


def test_giving_up_a_call_that_is_over_touches_nobody_else() -> None:
    """The connection is back in the pool by then, and the next call is on it."""
    over, asked = Cancel(), Event()

    def slow(peer: Peer) -> None:
        peer.answer(HELLO)
        peer.read_request()
        asked.set()
        peer.server.over.wait(0.3)
        peer.send(HELLO)

    with NastyServer(slow) as server, Session() as session:
        assert session.send(spec_for("GET", server.url()), over).ok
        Thread(target=lambda: (asked.wait(20), over.cancel())).start()
        assert session.post(server.url()).content == b"hello"
        assert server.connections == 1


def test_an_answer_that_came_all_the_same_is_not_thrown_away() -> None:
    cancel = Cancel()
    with NastyServer(HELLO) as server, Session() as session:
        result = session.stream(spec_for("GET", server.url()), cancel)
        assert result.ok
        cancel.settle(result)
        assert result.content == b"hello"
