"""Threads that take and give back connections in any order never share one, pass a limit or leave one open."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from threading import Lock, Thread
from time import monotonic, sleep

import pytest

from reqcli.errors import Timeout
from reqcli.model.origin import Origin
from reqcli.model.route import Route
from reqcli.model.timing import DEFAULT_TIMEOUTS, Deadline
from reqcli.net.connection import Connection
from reqcli.net.stock import Stock

THREADS = 4


class Dialled:
    """A stream with nothing behind it, that knows whether it is open."""

    peer = "nobody"

    def __init__(self, openings: Openings, route: Route) -> None:
        self._openings = openings
        self.route = route

    def close(self) -> None:
        self._openings.close(self)


class Openings:
    """What is open, and whose hands it is in."""

    def __init__(self, per_route: int, total: int) -> None:
        self.per_route, self.total = per_route, total
        self._lock = Lock()
        self.open: set[Dialled] = set()
        self.held: set[Connection] = set()
        self.wrong: list[str] = []

    def made(self, route: Route) -> Dialled:
        stream = Dialled(self, route)
        with self._lock:
            self.open.add(stream)
            if len(self.open) > self.total + THREADS:  # each may be about to close one, whose place is free already
                self.wrong.append(f"{len(self.open)} are open")
        return stream

    def close(self, stream: Dialled) -> None:
        with self._lock:
            if stream not in self.open:
                self.wrong.append("closed twice")
            self.open.discard(stream)

    def hold(self, connection: Connection, route: Route) -> None:
        with self._lock:
            if connection in self.held:
                self.wrong.append("in two hands")
            if connection.stream not in self.open:  # type: ignore[comparison-overlap]
                self.wrong.append("handed out when it was closed")
            if connection.stream.route != route or connection.route != route:  # type: ignore[attr-defined]
                self.wrong.append("of another route")
            self.held.add(connection)
            if len(self.held) > self.total:
                self.wrong.append(f"{len(self.held)} are in use")
            if sum(one.stream.route == route for one in self.held) > self.per_route:  # type: ignore[attr-defined]
                self.wrong.append("too many are in use for one route")

    def release(self, connection: Connection) -> None:
        with self._lock:
            self.held.discard(connection)


@pytest.fixture(autouse=True)
def _eager() -> Iterator[None]:
    """Threads that give way to one another at nearly every step."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def use(stock: Stock, openings: Openings, seed: int, rounds: int, thrown: list[BaseException]) -> None:
    """Be one thread: connections for one of four routes, kept, dropped, or never made."""
    dice = random.Random(seed)
    # Equal routes that are not the same one, too.
    routes = [Route(Origin("http", f"host-{number}", 80), partition=name) for number in (1, 2) for name in "ab"] * 2
    routes += [Route(each.origin, partition=each.partition) for each in routes[:2]]
    try:
        for _ in range(rounds):
            route = dice.choice(routes)
            connection = stock.take_idle(route) if dice.random() < 0.9 else None
            if connection is None:
                try:
                    connection, number = stock.take(route, Deadline(DEFAULT_TIMEOUTS, monotonic), dice.random() < 0.2)
                except Timeout:
                    openings.wrong.append("waited beside what was free")
                    continue
                if connection is None:
                    if dice.random() < 0.1:
                        stock.give_up(number)
                        continue
                    stream = openings.made(route)
                    connection = Connection(stream, number, stock.put_back)  # type: ignore[arg-type]
                connection.route = route
            openings.hold(connection, route)
            sleep(0)  # others go on
            openings.release(connection)
            stock.put_back(connection, dice.choice([0.0, 1e-4, 45.0, 45.0, 45.0, float("inf")]))
    except BaseException as error:  # noqa: BLE001 - told by the test
        thrown.append(error)


@pytest.mark.parametrize("seed", range(30))
def test_any_order_of_threads_keeps_the_books_right(seed: int) -> None:
    per_route, total = (2, 3) if seed % 2 else (1, 1)
    openings, thrown = Openings(per_route, total), list[BaseException]()
    stock = Stock(per_route=per_route, total=total, idle=45.0, patience=10.0)
    threads = [
        Thread(target=use, args=(stock, openings, THREADS * seed + number, 60, thrown), daemon=True)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    if seed % 3 == 0:
        stock.close()  # while they are at it: what is in use is closed when it is given back
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "somebody waits for ever"
    assert not thrown
    assert not openings.wrong
    assert seed % 3 or not openings.open
    stock.close()
    assert not openings.open
    assert repr(stock) == "<Ledger reserved=0 idle=0 waiting=0>"
