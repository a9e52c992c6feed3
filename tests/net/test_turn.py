"""One request out, one head in: the order of things, broken sends, early answers, expectations and time."""

from __future__ import annotations

import io
import os
import resource
import socket
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import BinaryIO, Final

import pytest

from reqcli.errors import BadResponse, EmptyReply, InputFailed, ReqcliError, Timeout
from reqcli.model.body import Body, BytesBody, FileBody, StreamBody
from reqcli.model.timing import Stopwatch
from reqcli.net.incoming import IncomingBody
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.net.stream import CANNOT_SENDFILE
from reqcli.wire.http1.bodies import LengthBody
from tests.net.calls import OK, deadline, get, post, request, route_to, send
from tests.sockets import NastyServer, Peer

MIB: Final = 1024 * 1024
TOO_LARGE: Final = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"


def file_body(path: Path, file: BinaryIO, start: int = 0) -> FileBody:
    return FileBody(file, start, path.stat().st_size - start, name=str(path))


class NoDescriptor(io.BytesIO):
    """A seekable file that only Python knows of."""


@pytest.fixture
def big_file(tmp_path: Path) -> Path:
    path = tmp_path / "big"
    path.write_bytes(bytes(range(256)) * 4096 * 3)
    return path


def test_a_small_body_goes_out_with_its_head_in_one_piece(tmp_path: Path) -> None:
    pieces: list[bytes] = []

    def script(peer: Peer) -> None:
        pieces.append(peer.sock.recv(65536))
        peer.send(OK)

    (tmp_path / "small").write_bytes(b"x" * 1000)
    with NastyServer(script) as server, (tmp_path / "small").open("rb") as file:
        post(OneShot(), server, b"x" * 1000)
        post(OneShot(), server, file_body(tmp_path / "small", file))
    assert [piece.partition(b"\r\n\r\n")[2] for piece in pieces] == [b"x" * 1000] * 2


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 3 * MIB])
def test_a_body_of_any_size_arrives(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    with NastyServer(OK) as server, Pool() as pool:
        post(pool, server, data)
        assert get(pool, server).watch.reused
        assert server.requests[0].body == data


def test_a_body_of_unknown_length_goes_out_in_chunks() -> None:
    long = bytes(range(251)) * 20_000  # longer than a socket takes at once, and no two parts of it alike
    with NastyServer(OK) as server, Pool() as pool:
        post(pool, server, StreamBody(iter([b"one", b"", b"two", long]), name="a pipe"))
        assert get(pool, server).watch.reused
        assert server.requests[0].get("transfer-encoding") == "chunked"
        assert server.requests[0].body == b"onetwo" + long


@pytest.mark.parametrize("start", [0, 1000])
def test_a_file_is_sent_from_where_it_starts(big_file: Path, start: int) -> None:
    with NastyServer(OK) as server, big_file.open("rb") as file, Pool() as pool:
        post(pool, server, file_body(big_file, file, start))
        assert get(pool, server).watch.reused
        assert server.requests[0].body == big_file.read_bytes()[start:]


def test_a_file_without_a_descriptor_is_sent_in_blocks() -> None:
    with NastyServer(OK) as server:
        post(OneShot(), server, FileBody(NoDescriptor(b"abc" * MIB), 3, 3 * MIB - 3, name="memory"))
        assert server.requests[0].body == b"abc" * (MIB - 1)


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="no segment can be held back")
def test_a_file_goes_out_in_whole_segments(tmp_path: Path) -> None:
    """What the server's system counted, beside what the bytes need in segments of the loopback's size."""
    counted: list[int] = []

    def script(peer: Peer) -> None:
        peer.read_request()
        information = peer.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)
        counted.append(int.from_bytes(information[152:156], sys.byteorder))  # tcpi_data_segs_in
        peer.send(OK)

    largest = int(Path("/sys/class/net/lo/mtu").read_text()) - 52
    (path := tmp_path / "large").touch()
    os.truncate(path, 50 * MIB)
    with NastyServer(script) as server, path.open("rb") as file:
        post(OneShot(), server, file_body(path, file))
    needed = 50 * MIB / largest
    assert needed < counted[0] <= 1.1 * needed


@pytest.mark.skipif(not Path("/proc/kallsyms").exists(), reason="there is no such file")
def test_a_file_that_the_kernel_cannot_send_by_itself_is_read() -> None:
    path = Path("/proc/kallsyms")
    expected = path.read_bytes()
    with NastyServer(OK) as server, path.open("rb") as file:
        near, far = socket.socketpair()
        with near, far, pytest.raises(OSError) as caught:
            os.sendfile(near.fileno(), file.fileno(), 0, 1)
        assert caught.value.errno in CANNOT_SENDFILE
        watch = post(OneShot(), server, FileBody(file, 10, len(expected) - 10, name="symbols")).watch
        assert server.requests[0].body == expected[10:]
        assert watch.body_sent == len(expected) - 10


def test_a_file_that_shrinks_while_it_is_sent_is_an_error(big_file: Path) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()

    with NastyServer(script) as server, big_file.open("rb") as file:
        body = FileBody(file, 0, big_file.stat().st_size + 1, name="big")
        with pytest.raises(InputFailed, match="became shorter") as caught:
            post(OneShot(), server, body)
        assert caught.value.sent == "maybe"


def test_a_small_file_that_shrank_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"x" * 999)
    with NastyServer(OK) as server, (tmp_path / "small").open("rb") as file:
        with pytest.raises(InputFailed, match="became shorter") as caught:
            post(OneShot(), server, FileBody(file, 0, 1000, name="small"))
        assert caught.value.sent == "no"


@pytest.mark.parametrize(
    ("blocks", "length"), [pytest.param([b"toolong"], 3, id="longer"), pytest.param([b"ab"], 3, id="shorter")]
)
def test_a_body_that_is_not_as_long_as_announced_is_an_error(blocks: list[bytes], length: int) -> None:
    def script(peer: Peer) -> None:
        peer.read_head()
        assert len(peer.hold()) <= length

    with NastyServer(script) as server, pytest.raises(InputFailed, match="announced"):
        post(OneShot(), server, StreamBody(iter(blocks), name="a pipe", length=length))


def test_fifty_megabytes_go_out_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, 50 * MIB)

    def script(peer: Peer) -> None:
        head = peer.read_head()
        left = int(head.get("content-length") or 0) - len(peer._buffer)
        while left:
            left -= len(peer.sock.recv(min(left, MIB)))
        peer.send(OK)

    def blocks() -> list[Body]:
        return [file_body(path, path.open("rb")), StreamBody((b"x" * MIB for _ in range(50)), name="a pipe")]

    with NastyServer(script) as server:
        get_ready = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for body in blocks():
            assert post(OneShot(), server, body if body.length else _with_length(body)).status == 200
            if isinstance(body, FileBody):
                body.file.close()
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - get_ready < 16 * 1024


def _with_length(body: Body) -> Body:
    return StreamBody(body.chunks(), name="a pipe", length=50 * MIB)


# Answers that come while the body is on its way


def bodies() -> list[object]:
    return [
        pytest.param(lambda: BytesBody(b"x" * 30 * MIB), id="bytes"),
        pytest.param(lambda: StreamBody((b"x" * MIB for _ in range(30)), name="a pipe"), id="chunks"),
        pytest.param(lambda: FileBody(NoDescriptor(b"x" * 30 * MIB), 0, 30 * MIB, name="f"), id="blocks"),
    ]


@pytest.mark.parametrize("body", bodies())
def test_an_early_refusal_stops_the_body_and_is_delivered(body: object) -> None:
    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(TOO_LARGE)
        peer.sleep_till_the_end()

    with NastyServer(refuse) as server, Pool() as pool:
        reply = post(pool, server, body())  # type: ignore[operator]
        assert (reply.status, reply.body) == (413, b"big")
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


def test_an_early_refusal_stops_a_file(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, 50 * MIB)

    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(TOO_LARGE)
        peer.sleep_till_the_end()

    with NastyServer(refuse) as server, path.open("rb") as file:
        assert post(OneShot(), server, file_body(path, file)).body == b"big"


@pytest.mark.parametrize("length", [20 * MIB, None], ids=["bytes", "chunks"])
def test_an_early_success_does_not_cut_the_body(length: int | None) -> None:
    def eager(peer: Peer) -> None:
        head = peer.read_head()
        peer.send(OK)
        peer.read_body(head)

    with NastyServer(eager) as server:
        blocks = [bytes([number]) * MIB for number in range(20)]
        body = BytesBody(b"".join(blocks)) if length else StreamBody(blocks, name="a pipe")
        assert post(OneShot(), server, body).body == b"hi"
        server.wait()
        assert server.requests[0].body == b"".join(blocks)


@pytest.mark.parametrize("early", [OK, b"HTTP/1.1 103 Early Hints\r\n\r\n"], ids=["success", "interim"])
def test_an_early_word_does_not_cut_a_file(tmp_path: Path, early: bytes) -> None:
    def eager(peer: Peer) -> None:
        head = peer.read_head()
        peer.send(early)
        peer.read_body(head)
        if early is not OK:
            peer.send(OK)

    (path := tmp_path / "large").write_bytes(b"".join(bytes([number]) * MIB for number in range(20)))
    with NastyServer(eager) as server, path.open("rb") as file:
        reply = post(OneShot(), server, file_body(path, file))
        assert (reply.status, reply.watch.body_sent) == (200, 20 * MIB)
        server.wait()
        assert server.requests[0].body == path.read_bytes()


def test_an_interim_response_does_not_cut_the_body() -> None:
    def hints(peer: Peer) -> None:
        head = peer.read_head()
        peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        peer.read_body(head)
        peer.send(OK)

    with NastyServer(hints) as server, Pool() as pool:
        reply = post(pool, server, b"x" * 20 * MIB)
        assert (reply.body, [head.status for head in reply.exchange.interim]) == (b"hi", [103])
        assert len(server.requests[0].body) == 20 * MIB
        assert repr(pool._stock) == "<Ledger reserved=0 idle=1 waiting=0>"


def test_an_answer_is_found_though_the_connection_was_reset_while_sending() -> None:
    def refuse_and_reset(peer: Peer) -> None:
        peer.read_head()
        peer.send(TOO_LARGE)
        peer.reset()

    with NastyServer(refuse_and_reset) as server:
        assert post(OneShot(), server, b"x" * 30 * MIB).status == 413


def test_a_reset_while_sending_without_an_answer_is_an_error() -> None:
    def reset(peer: Peer) -> None:
        peer.read_head()
        peer.reset()

    with NastyServer(reset) as server, pytest.raises(ReqcliError) as caught:
        post(OneShot(), server, b"x" * 30 * MIB)
    assert caught.value.code in ("send_failed", "receive_failed")
    assert caught.value.sent == "maybe"


def test_a_server_that_reads_no_further_is_a_timeout_of_sending() -> None:
    def deaf(peer: Peer) -> None:
        peer.read_head()
        peer.sleep_till_the_end()

    with NastyServer(deaf) as server, pytest.raises(Timeout, match="took no more data") as caught:
        post(OneShot(), server, b"x" * 30 * MIB, limits=deadline(read=0.3))
    assert (caught.value.phase, caught.value.sent) == ("send", "maybe")


def test_a_server_that_reads_slowly_gets_its_time_as_long_as_it_reads() -> None:
    """The limit is on silence, and every block that is taken ends one."""
    release = threading.Event()

    def slow(peer: Peer) -> None:
        head = peer.read_head()
        for _ in range(16):
            peer._buffer += peer.sock.recv(MIB)
            release.wait(0.1)
        peer.read_body(head)
        peer.send(OK)

    with NastyServer(slow) as server:
        timing = post(OneShot(), server, b"x" * 30 * MIB, limits=deadline(read=1.0)).watch.timing()
        assert timing.send is not None
        assert timing.send > 1.0
        assert len(server.requests[0].body) == 30 * MIB


# Expect: 100-continue

EXPECT: Final = (("Expect", "100-continue"),)


def test_the_body_waits_for_the_100() -> None:
    def script(peer: Peer) -> None:
        head = peer.read_head()
        peer.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.sock.recv(1)
        peer.sock.settimeout(None)
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        peer.read_body(head)
        peer.send(OK)

    with NastyServer(script) as server, Pool() as pool:
        reply = send(pool, request(server.url(), "POST", headers=EXPECT, body=b"small"))
        assert [head.status for head in reply.exchange.interim] == [100]
        assert server.requests[0].body == b"small"
        assert repr(pool._stock) == "<Ledger reserved=0 idle=1 waiting=0>"


def test_the_body_does_not_wait_for_ever() -> None:
    with NastyServer(OK) as server:
        assert send(OneShot(), request(server.url(), "POST", headers=EXPECT, body=b"small")).body == b"hi"
        assert server.requests[0].body == b"small"


def test_a_final_answer_in_place_of_the_100_means_no_body() -> None:
    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        assert peer.hold() == b""

    with NastyServer(refuse) as server, Pool() as pool:
        reply = send(pool, request(server.url(), "POST", headers=EXPECT, body=b"small"))
        assert reply.status == 403
        assert repr(pool._stock) == "<Ledger reserved=0 idle=0 waiting=0>"


# Heads


def test_interim_responses_are_kept_apart_from_the_final_one() -> None:
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 199 X\r\n\r\n" + OK
    with NastyServer(answer) as server, Pool() as pool:
        for _ in range(2):
            reply = get(pool, server)
            assert (reply.status, reply.body) == (200, b"hi")
            assert [head.status for head in reply.exchange.interim] == [103, 199]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        pytest.param(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "switched", id="101"),
        pytest.param(b"HTTP/1.1 100 C\r\n\r\n" * 40, "more than 32 interim", id="endless 100"),
        pytest.param(b"SSH-2.0-OpenSSH\r\n", "does not speak HTTP", id="another protocol"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", "does not speak HTTP", id="TLS"),
    ],
)
def test_what_is_no_answer_is_a_bad_response(answer: bytes, message: str) -> None:
    with NastyServer(answer) as server, pytest.raises(BadResponse, match=message) as caught:
        get(OneShot(), server)
    assert caught.value.sent == "yes"


@pytest.mark.parametrize("head", [b"H", b"HTTP/1.1 200 O", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"])
def test_a_head_cut_short_is_a_bad_response(head: bytes) -> None:
    def cut(peer: Peer) -> None:
        peer.answer(head)

    with NastyServer(cut) as server, pytest.raises(BadResponse, match="within the response head") as caught:
        get(OneShot(), server)
    assert caught.value.sent == "yes"


def test_a_connection_closed_without_a_byte_is_an_empty_reply() -> None:
    def silent(peer: Peer) -> None:
        peer.read_request()

    with NastyServer(silent) as server, pytest.raises(EmptyReply, match=r"127\.0\.0\.1") as caught:
        get(OneShot(), server)
    assert caught.value.sent == "maybe"


# Time


def test_a_server_that_says_nothing_is_a_timeout_of_waiting() -> None:
    def mute(peer: Peer) -> None:
        peer.read_request()
        peer.hold()

    with NastyServer(mute) as server, pytest.raises(Timeout, match=r"sent nothing for 0\.2 s") as caught:
        get(OneShot(), server, limits=deadline(read=0.2))
    assert (caught.value.phase, caught.value.sent) == ("wait", "maybe")


def test_a_head_that_drips_in_must_be_whole_within_the_read_timeout() -> None:
    def drip(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        peer.drip(b"X-Slow: 1\r\n" * 1000, 0.05)

    with NastyServer(drip) as server, pytest.raises(Timeout, match="was not complete after") as caught:
        get(OneShot(), server, limits=deadline(read=0.4))
    assert (caught.value.phase, caught.value.sent) == ("receive", "yes")


def test_an_interim_response_gives_the_next_head_its_full_time() -> None:
    def working(peer: Peer) -> None:
        peer.read_request()
        peer.drip(b"HTTP/1.1 102 Processing\r\n\r\n" * 4, 0.2, len(b"HTTP/1.1 102 Processing\r\n\r\n"))
        peer.send(OK)

    with NastyServer(working) as server:
        assert get(OneShot(), server, limits=deadline(read=0.5)).body == b"hi"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], ids=["head", "body"])
def test_a_dripping_server_cannot_outlast_the_total(head: bytes) -> None:
    def drip(peer: Peer) -> None:
        peer.read_request()
        peer.send(head)
        peer.drip(b"HTTP/1.1 200 OK\r\n" + b"x" * 1000, 0.05)

    with NastyServer(drip) as server, pytest.raises(Timeout, match=r"the total time of 0\.4 s ran out"):
        get(OneShot(), server, limits=deadline(total=0.4))


def test_a_body_that_stalls_is_a_timeout_of_receiving() -> None:
    def stall(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        peer.hold()

    with NastyServer(stall) as server, pytest.raises(Timeout, match="sent nothing for") as caught:
        get(OneShot(), server, limits=deadline(read=0.2))
    assert (caught.value.phase, caught.value.sent) == ("receive", "yes")


def test_the_times_of_an_exchange_are_known() -> None:
    release = threading.Event()

    def slow(peer: Peer) -> None:
        peer.read_request()
        release.wait(0.1)
        peer.send(OK[:-1])
        release.wait(0.1)
        peer.send(OK[-1:])

    with NastyServer(slow) as server:
        timing = get(OneShot(), server).watch.timing()
    assert timing.wait is not None
    assert timing.wait >= 0.09
    assert timing.receive is not None
    assert timing.receive >= 0.09
    assert timing.connect is not None
    assert timing.send is not None
    assert timing.tls is None
    assert timing.total >= timing.wait + timing.receive


def test_what_was_moved_is_counted(big_file: Path) -> None:
    head = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with NastyServer(head + b"5\r\nhello\r\n2\r\n!!\r\n0\r\n\r\n") as server:
        with big_file.open("rb") as file:
            by_the_kernel = post(OneShot(), server, file_body(big_file, file, 1000)).watch
        chunked = post(OneShot(), server, StreamBody(iter([b"one", b"three"]), name="a pipe")).watch
        at_once = post(OneShot(), server, b"x" * 17).watch
        by_hand = post(OneShot(), server, FileBody(NoDescriptor(b"y" * 100_000), 0, 100_000, name="z")).watch
    watches = (by_the_kernel, chunked, at_once, by_hand)
    assert [watch.body_sent for watch in watches] == [big_file.stat().st_size - 1000, 8, 17, 100_000]
    assert [(watch.head_bytes, watch.body_received) for watch in watches] == [(len(head), 7)] * 4


def test_another_exchange_of_the_run_begins_anew() -> None:
    with NastyServer(OK) as server, Pool() as pool:
        reply = get(pool, server)
        watch = reply.watch
        assert watch.timing().connect is not None
        watch.begin()
        assert (watch.timing().connect, watch.body_received, watch.timing().receive) == (None, 0, None)
        exchange = pool.exchange(request(server.url()), route_to(request(server.url())), deadline(), watch)
        assert b"".join(exchange.body.chunks()) == b"hi"
        exchange.body.close()
    timing = watch.timing()
    assert (timing.reused, timing.dns, timing.connect, watch.body_received) == (True, None, None, 2)
    assert 0 < timing.before < timing.total
    assert (watch.connects, watch.head_bytes) == (1, 2 * len(OK[:-2]))


def asked_for(size: int, short: dict[int, int]) -> list[int]:
    """What is asked for at once while a body comes, in blocks that are short of that by so much at these turns."""
    asked: list[int] = []

    class Plenty:
        peer, truncated = "plenty", False

        def receive(self, limit: int, timeout: float, phase: str = "receive") -> bytes:
            asked.append(limit)
            return b"x" * (limit - short.get(len(asked), 0))

    body = IncomingBody(
        Plenty(),  # type: ignore[arg-type]
        LengthBody(size),
        b"",
        0.0,
        deadline(),
        Stopwatch(monotonic),
        lambda is_clean: None,
        lambda code, message: None,
    )
    assert sum(map(len, body.chunks())) == size
    return asked


def test_ever_more_of_a_body_is_asked_for_at_once_while_so_much_comes() -> None:
    asked = asked_for(5 * MIB, {4: MIB - 1})
    assert [limit // 1024 for limit in asked] == [64, 256, 1024, 1024, 1024, 1024, 1024, 1024]


def test_a_block_that_was_nearly_filled_is_followed_by_one_that_fits_in_its_place() -> None:
    block = 64 * 1024
    assert asked_for(3 * block, {1: 376}) == [block, block - 376, (block - 376) * 4]
    assert asked_for(2 * block, {1: 4096}) == [block, block, 4 * block]
    dripping = asked_for(10 * MIB, dict.fromkeys(range(1, 1000), 2000))
    assert min(dripping) >= block // 2  # and then from the start again
    assert dripping.count(block) > 1
