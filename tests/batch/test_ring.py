"""Sockets that are awaited together: what is no longer awaited is not heard, and what comes again is."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic

import pytest

from reqcli.batch.ring import Ring
from reqcli.model.exchange import Exchange
from reqcli.model.request import Request
from reqcli.model.response import ResponseHead
from reqcli.model.route import Route


class Answer:
    """What is awaited on a socket: it is whole with the first byte."""

    request: Request
    route: Route
    head: ResponseHead
    expires = float("inf")
    is_whole = False

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def fileno(self) -> int:
        return self.sock.fileno()

    def take_in(self, events: int) -> bool:
        self.is_whole = bool(self.sock.recv(1))
        return self.is_whole

    def exchange(self, tell: object = None) -> Exchange:
        raise AssertionError("nobody asks here")


@pytest.fixture
def ring() -> Iterator[Ring[str]]:
    """One that awaits nothing yet."""
    made: Ring[str] = Ring()
    yield made
    made.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    near, far = socket.socketpair()
    with near, far:
        yield near, far


def test_what_came_is_no_longer_awaited_whatever_else_comes(
    ring: Ring[str], pair: tuple[socket.socket, socket.socket]
) -> None:
    near, far = pair
    ring.add(Answer(near), "first")
    far.send(b"12")
    assert ring.wait(float("inf")) == ["first"]
    assert ring.wait(monotonic()) == []


def test_a_connection_is_awaited_again_at_once_and_later(
    ring: Ring[str], pair: tuple[socket.socket, socket.socket]
) -> None:
    near, far = pair
    for is_at_once in (True, True, False, True):
        if not is_at_once:
            assert ring.wait(monotonic()) == []
        ring.add(Answer(near), "again")
        far.send(b"1")
        assert ring.wait(float("inf")) == ["again"]


def test_another_connection_of_the_same_number_is_awaited(ring: Ring[str]) -> None:
    for is_at_once in (True, True, False, True):
        near, far = socket.socketpair()
        if not is_at_once:
            assert ring.wait(monotonic()) == []
        with near, far:
            ring.add(Answer(near), "new")
            far.send(b"1")
            assert ring.wait(float("inf")) == ["new"]
