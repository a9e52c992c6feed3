"""Which requests share a connection, which must not, and which go out a second time."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections import Counter
from typing import Any, Final

import pytest

from reqcli.errors import BadResponse, BodyIncomplete, EmptyReply, ReceiveFailed, ReqcliError, SendFailed, Timeout
from reqcli.model.body import StreamBody
from reqcli.model.origin import Origin
from reqcli.model.route import Dialling, Proxy, Route, TlsOptions
from reqcli.model.timing import Stopwatch
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from tests.net.calls import IN_CHUNKS, OK, deadline, get, post, request, route_to, send, start
from tests.net.conftest import Serving
from tests.sockets import NastyServer, Peer

FULL_ROUTE: Final[dict[str, Any]] = {"tls": TlsOptions(), "dialling": Dialling(), "proxy": Proxy("http", "p", 1)}
FULL_ROUTE["route"] = Route(Origin("https", "a.example", 443), **FULL_ROUTE)


def answer_once_and_close_on_the_next(peer: Peer) -> None:
    peer.answer(OK)
    peer.read_request()
    peer.reset()


def answer_once_and_close(peer: Peer) -> None:
    peer.answer(OK)


def test_ten_requests_in_one_pool_share_one_connection() -> None:
    with NastyServer(OK) as server, Pool() as pool:
        replies = [get(pool, server) for _ in range(10)]
    assert [reply.body for reply in replies] == [b"hi"] * 10
    assert [reply.watch.reused for reply in replies] == [False] + [True] * 9
    assert server.connections == 1


def test_both_ends_of_a_connection_are_known_for_each_of_its_requests() -> None:
    ends = []

    def answer_twice(peer: Peer) -> None:
        ends.append((peer.sock.getpeername(), peer.sock.getsockname()))
        peer.answer(OK)
        peer.answer(OK)

    with NastyServer(answer_twice) as server, NastyServer(answer_twice) as other, Pool() as pool:
        replies = [get(pool, here) for here in (server, other, server, other)]
    assert [reply.watch.ends for reply in replies] == ends * 2
    assert [reply.watch.connects for reply in replies] == [1, 1, 0, 0]


def test_ten_requests_one_by_one_have_ten_connections() -> None:
    with NastyServer(OK) as server:
        once = OneShot()
        assert all(get(once, server).body == b"hi" for _ in range(10))
        assert server.requests[0].get("connection") is None
    assert server.connections == 10


@pytest.mark.parametrize(
    ("method", "head"),
    [
        pytest.param("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", id="HEAD with a length"),
        pytest.param("HEAD", b"HTTP/1.1 200 OK\r\n\r\n", id="HEAD without a length"),
        pytest.param("GET", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", id="204 chunked"),
        pytest.param("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", id="304"),
        pytest.param("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", id="length 0"),
        pytest.param("GET", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", id="1.0"),
        pytest.param("GET", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", id="chunked"),
    ],
)
def test_a_connection_is_kept_after(method: str, head: bytes) -> None:
    with NastyServer(head) as server, Pool() as pool:
        for _ in range(3):
            send(pool, request(server.url(), method))
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", id="close"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nConnection: foo\r\nConnection: bar, CLOSE\r\nContent-Length: 0\r\n\r\n",
            id="close among others",
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", id="1.0"),
        pytest.param(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n", id="timeout 0"),
        pytest.param(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n", id="timeout 1"),
        pytest.param(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=9, max=0\r\nContent-Length: 0\r\n\r\n", id="max 0"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naJUNK", id="bytes after the body"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\nJUNK", id="bytes after no body"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
            id="two framings",
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na" + OK, id="a second response"),
    ],
)
def test_a_connection_is_not_kept_after(answer: bytes) -> None:
    with NastyServer(answer) as server, Pool() as pool:
        assert {get(pool, server).watch.reused for _ in range(3)} == {False}
    assert server.connections == 3


def test_an_idle_connection_that_the_server_closed_is_not_used() -> None:
    closed = threading.Event()

    def script(peer: Peer) -> None:
        peer.answer(OK)
        peer.close()
        closed.set()

    with NastyServer(script) as server, Pool() as pool:
        get(pool, server)
        closed.wait(5)
        reply = post(pool, server, b"x")
        assert reply.exchange.attempts == 1
    assert server.connections == 2


@pytest.mark.parametrize(
    "unsolicited",
    [
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL", id="a response"),
        pytest.param(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", id="408"),
        pytest.param(b"x", id="a byte"),
    ],
)
def test_what_comes_unasked_on_an_idle_connection_is_never_an_answer(unsolicited: bytes) -> None:
    sent = threading.Event()

    def talks_too_much(peer: Peer) -> None:
        peer.answer(OK)
        time.sleep(0.05)
        peer.send(unsolicited)
        sent.set()
        peer.hold()

    with NastyServer([talks_too_much, OK]) as server, Pool() as pool:
        assert get(pool, server).body == b"hi"
        sent.wait(5)
        assert get(pool, server).body == b"hi"
    assert server.connections == 2


def test_a_get_goes_out_once_more_when_its_kept_connection_dies_unanswered() -> None:
    with NastyServer([answer_once_and_close_on_the_next, OK]) as server, Pool() as pool:
        get(pool, server)
        reply = get(pool, server)
        assert (reply.body, reply.exchange.attempts, reply.watch.reused) == (b"hi", 2, False)
    assert (server.connections, len(server.requests)) == (2, 3)


def test_a_put_with_a_body_goes_out_once_more_with_all_of_it() -> None:
    with NastyServer([answer_once_and_close_on_the_next, OK]) as server, Pool() as pool:
        get(pool, server)
        send(pool, request(server.url(), "PUT", body=b"whole"))
        assert server.requests[-1].body == b"whole"


def test_it_does_not_go_out_a_third_time() -> None:
    def never_answer(peer: Peer) -> None:
        peer.read_request()

    with NastyServer([answer_once_and_close_on_the_next, never_answer]) as server, Pool() as pool:
        get(pool, server)
        with pytest.raises(EmptyReply) as caught:
            get(pool, server)
        assert caught.value.sent == "maybe"
    assert server.connections == 2


def test_a_post_that_may_have_been_seen_is_never_sent_twice() -> None:
    with NastyServer([answer_once_and_close_on_the_next, OK]) as server, Pool() as pool:
        get(pool, server)
        with pytest.raises((EmptyReply, ReceiveFailed)) as caught:
            post(pool, server, b"pay")
        assert caught.value.sent == "maybe"
    assert (server.connections, len(server.requests)) == (1, 2)


def test_a_body_that_comes_once_is_not_sent_twice() -> None:
    with NastyServer([answer_once_and_close_on_the_next, OK]) as server, Pool() as pool:
        get(pool, server)
        with pytest.raises((EmptyReply, ReceiveFailed, SendFailed)):
            send(pool, request(server.url(), "PUT", body=StreamBody(iter([b"a"]), name="a pipe")))
    assert server.connections == 1


def test_a_fresh_connection_that_dies_is_not_replaced() -> None:
    def never_answer(peer: Peer) -> None:
        peer.read_request()

    with NastyServer(never_answer) as server, Pool() as pool, pytest.raises(EmptyReply):
        get(pool, server)
    assert server.connections == 1


def test_a_kept_connection_that_stalls_is_not_replaced() -> None:
    def stall(peer: Peer) -> None:
        peer.answer(OK)
        peer.read_request()
        peer.hold()

    with NastyServer(stall) as server, Pool() as pool:
        get(pool, server)
        with pytest.raises(Timeout) as caught:
            get(pool, server, limits=deadline(read=0.2))
        assert (caught.value.phase, caught.value.sent) == ("wait", "maybe")
    assert server.connections == 1


def test_a_connection_that_dies_within_the_head_is_not_replaced() -> None:
    def half_a_head(peer: Peer) -> None:
        peer.answer(OK)
        peer.answer(b"HTTP/1.1 200 O")

    with NastyServer(half_a_head) as server, Pool() as pool:
        get(pool, server)
        with pytest.raises(ReqcliError) as caught:
            get(pool, server)
        assert (caught.value.code, caught.value.sent) == ("bad_response", "yes")
    assert server.connections == 1


def test_when_the_second_attempt_finds_nobody_the_first_may_still_have_been_seen() -> None:
    with NastyServer(answer_once_and_close_on_the_next) as server, Pool() as pool:
        get(pool, server)
        server.refuse()
        with pytest.raises(ReqcliError) as caught:
            get(pool, server)
        assert (caught.value.code, caught.value.sent) == ("connect_failed", "maybe")


def test_a_body_that_is_given_up_early_and_is_there_already_is_drained() -> None:
    with NastyServer(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000) as server, Pool() as pool:
        for _ in range(3):
            exchange = start(pool, request(server.url()))
            time.sleep(0.05)
            exchange.body.close()
            exchange.body.close()
    assert server.connections == 1


@pytest.mark.parametrize(
    "body",
    [pytest.param(b"some", id="the rest is not there yet"), pytest.param(b"x" * 200_000, id="too much")],
)
def test_a_body_that_is_given_up_early_costs_its_connection(body: bytes) -> None:
    with NastyServer(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + body) as server, Pool() as pool:
        for _ in range(2):
            start(pool, request(server.url())).body.close()
    assert server.connections == 2


def test_a_body_whose_reader_stops_halfway_costs_its_connection() -> None:
    def two_parts(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
        peer.hold()

    with NastyServer(two_parts) as server, Pool() as pool:
        chunks = start(pool, request(server.url())).body.chunks()
        assert next(chunks) == b"one"
        chunks.close()  # type: ignore[attr-defined]
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_a_body_cut_short_costs_its_connection() -> None:
    def cut(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")

    with NastyServer(cut) as server, Pool() as pool:
        with pytest.raises(BodyIncomplete) as caught:
            get(pool, server)
        assert caught.value.sent == "yes"
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_an_idle_connection_grows_old() -> None:
    with NastyServer(OK) as server, Pool(idle=0.05) as pool:
        get(pool, server)
        time.sleep(0.1)
        get(pool, server)
    assert server.connections == 2


def test_a_body_that_came_with_its_head_holds_no_connection() -> None:
    with NastyServer(OK) as server, Pool(per_route=1) as pool:
        first = start(pool, request(server.url()))
        assert get(pool, server).watch.reused
        assert b"".join(first.body.chunks()) == b"hi"
    assert server.connections == 1


CHUNKED: Final = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("chunks", [b"2\r\nhi\r\n0\r\n\r\n", b"1\r\nh\r\n1;x=1\r\ni\r\n0\r\n\r\n"], ids=["one", "two"])
def test_a_body_in_chunks_that_came_with_its_head_is_whole(chunks: bytes) -> None:
    with NastyServer(CHUNKED + chunks) as server, Pool() as pool:
        for _ in range(3):
            exchange = start(pool, request(server.url()))
            assert b"".join(exchange.body.chunks()) == b"hi"
    assert server.connections == 1


@pytest.mark.parametrize(
    "chunks", [b"2\r\nhi\r\n\r\n0\r\n\r\n", b"3\r\nhi\r\n0\r\n\r\n"], ids=["a line end too many", "a size too large"]
)
def test_chunks_that_are_broken_fail_when_they_are_read(chunks: bytes) -> None:
    with NastyServer(CHUNKED + chunks) as server, Pool() as pool:
        exchange = start(pool, request(server.url()))
        assert exchange.head.status == 200
        with pytest.raises(BadResponse):
            list(exchange.body.chunks())
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_what_looks_like_the_last_chunk_within_another_is_not_the_end() -> None:
    def in_two_parts(peer: Peer) -> None:
        peer.answer(CHUNKED + b"9\r\nhi\r\n0\r\n\r\n")
        peer.send(b"\r\n0\r\n\r\n")

    with NastyServer(in_two_parts) as server, Pool() as pool:
        assert get(pool, server).body == b"hi\r\n0\r\n\r\n"


def test_what_follows_the_last_chunk_costs_the_connection() -> None:
    with NastyServer(CHUNKED + b"2\r\nhi\r\n0\r\n\r\n0\r\n\r\n") as server, Pool() as pool:
        reply = get(pool, server)
        assert reply.body == b"hi"
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_a_full_pool_waits_for_a_free_connection() -> None:
    with NastyServer(IN_CHUNKS) as server, Pool(per_route=1) as pool:
        first = start(pool, request(server.url()))
        later = threading.Timer(0.1, first.body.close)
        later.start()
        assert get(pool, server).watch.reused
        later.join()
    assert server.connections == 1


def test_a_full_pool_does_not_wait_for_ever() -> None:
    with NastyServer(IN_CHUNKS) as server, Pool(per_route=1, patience=0.1) as pool:
        first = start(pool, request(server.url()))
        with pytest.raises(Timeout, match="became free") as caught:
            get(pool, server)
        assert (caught.value.phase, caught.value.sent) == ("connect", "no")
        first.body.close()
        assert get(pool, server).body == b"hi"


def test_the_total_time_bounds_the_wait_for_a_free_connection() -> None:
    with NastyServer(IN_CHUNKS) as server, Pool(per_route=1) as pool:
        first = start(pool, request(server.url()))
        with pytest.raises(Timeout, match="total time"):
            get(pool, server, limits=deadline(total=0.1))
        first.body.close()


def test_an_idle_connection_of_another_host_makes_room() -> None:
    with NastyServer(OK) as one, NastyServer(OK) as other, Pool(total=1) as pool:
        get(pool, one)
        get(pool, other)
        get(pool, one)
    assert (one.connections, other.connections) == (2, 1)


def test_twenty_threads_share_a_pool_within_its_limits() -> None:
    open_now: Counter[str] = Counter()
    lock = threading.Lock()

    def counting(peer: Peer) -> None:
        with lock:
            open_now["open"] += 1
            open_now["most"] = max(open_now["most"], open_now["open"])
        try:
            while True:
                peer.answer(OK)
        finally:
            with lock:
                open_now["open"] -= 1

    failures: list[BaseException] = []
    with NastyServer(counting) as server, Pool(per_route=4) as pool:

        def fifty_requests() -> None:
            try:
                for _ in range(50):
                    assert get(pool, server).body == b"hi"
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        threads = [threading.Thread(target=fifty_requests) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert len(server.requests) == 1000
        assert open_now["most"] <= 4
        assert server.connections <= 4


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], ids=["head", "body"])
def test_ctrl_c_closes_the_connection_and_frees_its_place(answer: bytes) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(peer: Peer) -> None:
        peer.answer(answer)
        time.sleep(0.1)
        signal.pthread_kill(main, signal.SIGINT)
        assert peer.hold() == b""

    with NastyServer(interrupt) as server, Pool() as pool:
        with pytest.raises(KeyboardInterrupt):
            get(pool, server)
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_close_may_be_called_again_and_the_pool_still_works_but_keeps_nothing() -> None:
    with NastyServer(OK) as server:
        pool = Pool()
        get(pool, server)
        pool.close()
        pool.close()
        assert get(pool, server).body == b"hi"
        assert get(pool, server).body == b"hi"
    assert server.connections == 3


def test_a_child_process_starts_with_an_empty_pool() -> None:
    with NastyServer(OK) as server, Pool() as pool:
        get(pool, server)
        body = start(pool, request(server.url())).body
        child = os.fork()
        if not child:
            status = 1
            try:
                body.close()
                reply = get(pool, server)
                pool.close()
                status = 0 if reply.body == b"hi" and not reply.watch.reused else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert b"".join(body.chunks()) == b"hi"
        body.close()
        assert get(pool, server).watch.reused
    assert server.connections == 2


def test_a_child_process_says_nothing_on_a_connection_that_the_parent_uses(serving: Serving) -> None:
    """Not even that it takes leave of it, as TLS has it."""
    is_left = threading.Event()

    def in_two(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhi")
        assert is_left.wait(10)
        assert not select.select([peer.sock], [], [], 0)[0], "the child spoke"
        peer.send(b"ho")

    with NastyServer(in_two, tls=serving()) as server, Pool() as pool:
        message = request(server.url())
        route = route_to(message).replace(tls=TlsOptions(verify=False))
        body = pool.exchange(message, route, deadline(), Stopwatch(time.monotonic)).body
        child = os.fork()
        if not child:
            body.close()
            os._exit(0)
        os.waitpid(child, 0)
        is_left.set()
        assert b"".join(body.chunks()) == b"hiho"
        body.close()


@pytest.mark.parametrize(
    ("part", "field"),
    [(part, field) for part in ("route", "tls", "dialling", "proxy") for field in type(FULL_ROUTE[part]).__slots__],
)
def test_whatever_shapes_a_connection_is_part_of_its_key(part: str, field: str) -> None:
    changed = FULL_ROUTE[part].replace(**{field: "changed"})
    route = FULL_ROUTE["route"]
    other = changed if part == "route" else route.replace(**{part: changed})
    assert route != other
    assert len({route, other}) == 2


def test_sessions_in_one_pool_do_not_share_connections() -> None:
    with NastyServer(OK) as server, Pool() as pool:
        message = request(server.url())
        for partition in ("one", "other"):
            route = route_to(message).replace(partition=partition)
            exchange = pool.exchange(message, route, deadline(), get(pool, server).watch)
            exchange.body.close()
    assert server.connections == 3


def test_a_refused_expectation_is_dropped_and_the_request_sent_again() -> None:
    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")

    with NastyServer([refuse, OK]) as server, Pool() as pool:
        body = StreamBody(iter([b"once"]), name="a pipe")
        reply = send(pool, request(server.url(), "POST", headers=(("Expect", "100-continue"),), body=body))
        assert (reply.body, reply.exchange.attempts) == (b"hi", 2)
        assert (server.requests[1].body, server.requests[1].get("expect")) == (b"once", None)


def test_a_refused_expectation_is_the_answer_when_the_body_is_gone() -> None:
    def refuse_late(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")

    with NastyServer(refuse_late) as server, Pool() as pool:
        body = StreamBody(iter([b"once"]), name="a pipe")
        reply = send(pool, request(server.url(), "POST", headers=(("Expect", "100-continue"),), body=body))
        assert (reply.status, reply.exchange.attempts) == (417, 1)
