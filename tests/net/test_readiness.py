from __future__ import annotations

import socket
import subprocess
import sys
from typing import Any

import pytest

from reqcli.net.readiness import (
    POLLIN,
    POLLOUT,
    SelectPoll,
    limit_receive,
    limit_send,
    limit_unsent,
    only_whole_segments,
    poll,
    whole_segments,
)


@pytest.mark.parametrize("kind", [poll, SelectPoll])
def test_both_kinds_say_the_same(kind: Any) -> None:
    near, far = socket.socketpair()
    with near, far:
        waiting = kind()
        waiting.register(near.fileno(), POLLIN)
        assert waiting.poll(0) == []
        far.send(b"x")
        assert waiting.poll(1000) == [(near.fileno(), POLLIN)]
        waiting.unregister(near.fileno())
        assert waiting.poll(0) == []
        waiting.register(near.fileno(), POLLIN | POLLOUT)
        assert waiting.poll(0) == [(near.fileno(), POLLIN | POLLOUT)]
        far.close()
        near.recv(10)
        assert waiting.poll(0)[0][1] & POLLIN


@pytest.mark.parametrize("seconds", [1e-9, 0.001, 0.05], ids=["less than the kernel counts", "little", "more"])
def test_a_limit_ends_a_blocking_call_and_never_means_for_ever(seconds: float) -> None:
    near, far = socket.socketpair()
    with near, far:
        limit_receive(near, seconds)
        limit_send(near, seconds)
        with pytest.raises(BlockingIOError):
            near.recv(1)
        with pytest.raises(BlockingIOError):
            near.sendall(b"x" * 16_000_000)
        far.send(b"y")
        assert near.recv(1) == b"y"


@pytest.mark.parametrize("is_first", [True, False], ids=["beforehand", "when the client stands already"])
@pytest.mark.parametrize(("name", "url"), [("socket", "http://127.0.0.1:9/"), ("getaddrinfo", "http://a.example:9/")])
def test_what_a_program_put_in_the_place_of_sockets_is_what_is_used(name: str, url: str, is_first: bool) -> None:
    guard = f"""
import socket
def refused(*words):
    raise OSError(13, "guarded")
socket.{name} = refused
"""
    client = """
from reqcli import Session
session = Session()
"""
    call = f"""
result = session.get("{url}")
print(result.error.details, result.error)
"""
    code = guard + client + call if is_first else client + guard + call
    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}{code}"],
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert "guarded" in done.stdout or "Permission denied" in done.stdout, done


def taken_by_the_kernel(limit: int | None) -> int:
    """The bytes that a TCP socket takes without waiting, for a peer that reads nothing."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as near, listener.accept()[0]:
            if limit is not None:
                limit_unsent(near, limit)
            near.setblocking(False)
            taken = 0
            try:
                while True:
                    taken += near.send(b"x" * 65536)
            except BlockingIOError:
                return taken


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="the system knows no such limit")
def test_the_kernel_takes_little_that_it_cannot_send_yet() -> None:
    assert taken_by_the_kernel(128 * 1024) < 512 * 1024 < taken_by_the_kernel(None)


def test_a_socket_without_such_a_limit_is_left_as_it_is() -> None:
    near, far = socket.socketpair()
    with near, far:
        limit_unsent(near, 128 * 1024)
        near.send(b"x")
        assert far.recv(10) == b"x"


def test_whole_segments_are_what_the_socket_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as near:
        segment = near.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        assert whole_segments(near, 10 * segment + segment - 1) == 10 * segment
        assert whole_segments(near, 10 * segment) == 10 * segment
        assert whole_segments(near, segment - 1) == 0
    near, far = socket.socketpair()
    with near, far:
        assert whole_segments(near, 1_000_000) == 0


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="the system holds nothing back")
def test_what_fills_no_segment_is_held_back_until_it_may_go() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as near:
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        only_whole_segments(near, is_so=True)
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK) == 1
        near.send(b"x")
        only_whole_segments(near, is_so=False)
        with listener.accept()[0] as far:
            assert far.recv(10) == b"x"
        assert near.getsockopt(socket.IPPROTO_TCP, socket.TCP_CORK) == 0
    only_whole_segments(near, is_so=True)  # closed: whoever sends will see
    near, far = socket.socketpair()
    with near, far:
        only_whole_segments(near, is_so=True)


def test_the_client_works_where_poll_sendfile_and_unix_sockets_are_missing() -> None:
    """What Windows lacks, taken away before anything is imported: a request with a body goes out and comes back."""
    code = """
import os, select, socket, tempfile
del select.poll, os.sendfile, socket.AF_UNIX
for name in ("geteuid", "getegid", "fork"):
    delattr(os, name)
import threading
from reqcli import Session, Request
from reqcli.model.body import FileBody
from reqcli.demo.server import DemoServer
with DemoServer() as server, Session() as session, tempfile.TemporaryFile() as file:
    file.write(b"a" * 300000)
    body = FileBody(file, 0, 300000, name="file")
    result = session.post(server.url + "/echo", data=body)
    assert len(result.json()["body"]) == 300000, result.error
    assert session.get(server.url + "/echo").ok
    assert server.connections == 1
    from reqcli.model.route import Dialling
    refused = session.get(server.url, dialling=Dialling(unix_socket="/x"))
    assert refused.error.code == "connect_failed", refused.error
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("fine\n", "")
