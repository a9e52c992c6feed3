"""A pool: connections kept between requests and shared by threads, and the rule for sending a request twice.

A kept connection may have been closed by the server, or hold bytes that nobody asked for, so it is polled every
time, right before it is written to (RFC 9112 §9.2). What that cannot see is a close that is still on its way. Then
the request goes out once more, on a new connection, if all of this holds:

- the connection had served a request before, and not one byte of this response arrived;
- it broke; it did not time out;
- nothing of the request was sent, or its method is idempotent (RFC 9110 §9.2.2) and its body can be sent again.
"""

from __future__ import annotations

from reqcli.errors import EmptyReply, ReceiveFailed, ReqcliError, SendFailed
from reqcli.model.exchange import Exchange, tell_nobody
from reqcli.net.connection import Connection
from reqcli.net.dial import Dialler
from reqcli.net.stock import Stock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Final, Self

    from reqcli.model.exchange import Tell
    from reqcli.model.request import Request
    from reqcli.model.route import Proxy, Route
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.net.turn import Turn


class Pool:
    """A transport that keeps its connections. Threads may share one; so may sessions, each in its partition.

    A child process starts with an empty pool after a fork. After `close` the pool still works and keeps nothing.

    Args:
        per_route: connections for one route (an origin, and how it is reached) at most.
        total: connections at most.
        idle: seconds that an unused connection is kept; 0 keeps none.
        patience: seconds to wait for a free place when a limit is reached.
    """

    __slots__ = ("_dialler", "_stock")

    def __init__(self, *, per_route: int = 32, total: int = 128, idle: float = 45.0, patience: float = 60.0) -> None:
        self._dialler: Final = Dialler()
        self._stock = Stock(per_route=per_route, total=total, idle=idle, patience=patience)

    def exchange(
        self, request: Request, route: Route, deadline: Deadline, watch: Stopwatch, tell: Tell = tell_nobody
    ) -> Exchange:
        """Send the request on a kept or a new connection and read the response's head.

        Args:
            request: what to send.
            route: where to; a connection serves equal routes only.
            deadline: the limits.
            watch: gets the times, and whether the connection was `reused`.
            tell: told of what was tolerated, or cost the connection, until the body is closed.

        Raises:
            ReqcliError: with `sent` telling whether the server may have seen the request.
        """
        if route.proxy is not None and route.is_forwarded:
            return self._forward(route.proxy, request, route, deadline, watch, tell)
        connection = self.take_idle(route) or self._check_out(route, deadline, watch)
        return self.carry(request, route, deadline, watch, tell, connection)

    def _forward(
        self, proxy: Proxy, request: Request, route: Route, deadline: Deadline, watch: Stopwatch, tell: Tell
    ) -> Exchange:
        from reqcli.net.forward import forwarded

        auth = self._dialler.proxy_auth(proxy)

        def carried(message: Request) -> Exchange:
            connection = self.take_idle(route) or self._check_out(route, deadline, watch)
            return self.carry(message, route, deadline, watch, tell, connection)

        return forwarded(request, auth, carried)

    def carry(
        self,
        request: Request,
        route: Route,
        deadline: Deadline,
        watch: Stopwatch,
        tell: Tell,
        connection: Connection,
        turn: Turn | None = None,
    ) -> Exchange:
        """`exchange` on a connection that was taken, with the turn that began there, if one did."""
        if connection.expires:  # it has served before
            watch.reused = True
            watch.ends = connection.ends
            if watch.inspect:
                watch.peer = connection.stream.describe().replace(reused=True)
        failure: ReqcliError | None = None
        try:
            exchange = connection.exchange(request, deadline, watch, tell, turn)
            if exchange.head.status != 417 or "expect" not in request.headers:
                return exchange
            if not (connection.held_back_body or request.can_replay):
                return exchange
            exchange.body.close()  # once more, without the expectation (RFC 9110 §10.1.1)
            request = request.replace(headers=request.headers.without("expect"))
        except (EmptyReply, ReceiveFailed, SendFailed) as error:
            if not (watch.reused and _may_replay(request, error)):
                raise
            failure = error
        try:
            connection = self._check_out(route, deadline, watch, fresh=True)
            exchange = connection.exchange(request, deadline, watch, tell)
        except ReqcliError as error:
            if failure is not None and error.sent == "no":
                error.sent = failure.sent
            raise
        return Exchange(exchange.head, exchange.body, exchange.interim, attempts=2)

    def take_idle(self, route: Route) -> Connection | None:
        """Take a connection that is kept and of use, if there is one."""
        stock = self._stock
        if stock.born != stock.forks:
            return None
        connection = stock.take_idle(route)
        if connection is None:
            return None
        if connection.stream.is_readable():
            stock.put_back(connection, 0.0)
            return None
        return connection

    def close(self) -> None:
        """Close every idle connection, and those in use as soon as they are free. May be called again."""
        self._stock_here().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_out(self, route: Route, deadline: Deadline, watch: Stopwatch, *, fresh: bool = False) -> Connection:
        stock = self._stock
        if stock.born != stock.forks:
            stock = self._stock_here()
        connection, number = stock.take(route, deadline, fresh)
        if connection is not None:
            if not connection.stream.is_readable():
                connection.route = route
                return connection
            connection.stream.close()  # its place is kept for the new one
        watch.reused = False
        try:
            stream = self._dialler.dial(route, deadline, watch)
        except BaseException:
            stock.give_up(number)
            raise
        if watch.inspect:
            watch.peer = stream.describe()
        connection = Connection(stream, number, stock.put_back, watch.ends, route.limits)
        connection.route = route
        return connection

    def _stock_here(self) -> Stock:
        """The stock of this process: a child begins with an empty one."""
        if self._stock.born != self._stock.forks:
            self._stock = self._stock.after_fork()
        return self._stock


class SentAhead:
    """A request that is out on a kept connection; see `reqcli.model.exchange.Sent`.

    Whoever has one calls `exchange` or `give_up`, for the connection's place in the pool is taken until then.

    Args:
        pool: that the connection is of.
        connection: of `Pool.take_idle`.
        turn: that began on it.
        request: what was sent.
        route: that the connection was taken for.
        deadline: the limits.
        watch: gets the times.

    Attributes:
        is_left: whether neither was called yet.
    """

    __slots__ = ("_connection", "_deadline", "_pool", "_turn", "is_left", "request", "route", "watch")

    def __init__(
        self,
        pool: Pool,
        connection: Connection,
        turn: Turn,
        request: Request,
        route: Route,
        deadline: Deadline,
        watch: Stopwatch,
    ) -> None:
        self.request: Final = request
        self.route: Final = route
        self.watch: Final = watch
        self._pool: Final = pool
        self._connection: Final = connection
        self._turn: Final = turn
        self._deadline: Final = deadline
        self.is_left = True

    def exchange(self, tell: Tell = tell_nobody) -> Exchange:
        """The response's head, and the body to be read."""
        self.is_left = False
        return self._pool.carry(
            self.request, self.route, self._deadline, self.watch, tell, self._connection, self._turn
        )

    def give_up(self) -> None:
        """Close the connection, unless `exchange` was called, which sees to it."""
        if self.is_left:
            self.is_left = False
            self._connection.give_up()


def _may_replay(request: Request, error: ReqcliError) -> bool:
    return error.sent == "no" or (error.sent == "maybe" and request.is_idempotent and request.can_replay)
