"""What the tests of this room say often: a request, a route, an exchange read to its end."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from reqcli.model.body import Body, BytesBody
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.route import DEFAULT_DIALLING, Dialling, Proxy, Route, TlsOptions
from reqcli.model.timing import Deadline, Stopwatch, Timeouts
from reqcli.model.url import Url

if TYPE_CHECKING:
    from reqcli.model.exchange import Exchange, Transport
    from tests.sockets import NastyServer

OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
IN_CHUNKS: Final = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: identity\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
)
"""What has a coding stays on its connection until it is read."""


def request(
    url: str,
    method: str = "GET",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    body: Body | bytes | None = None,
) -> Request:
    """A request message."""
    return Request(method, Url.parse(url), Headers(headers), BytesBody(body) if isinstance(body, bytes) else body)


def deadline(connect: float = 5.0, read: float = 5.0, total: float | None = None) -> Deadline:
    """Limits short enough for a test."""
    return Deadline(Timeouts(connect=connect, read=read, total=total), monotonic)


def route_to(
    message: Request,
    *,
    tls: TlsOptions | None = None,
    dialling: Dialling = DEFAULT_DIALLING,
    proxy: Proxy | None = None,
) -> Route:
    """The route of a request."""
    return Route(message.url.origin, tls=tls, dialling=dialling, proxy=proxy)


class Reply:
    """An exchange whose body was read to its end."""

    def __init__(self, exchange: Exchange, watch: Stopwatch) -> None:
        self.status: Final = exchange.head.status
        self.exchange: Final = exchange
        self.watch: Final = watch
        self.body: Final = b"".join(exchange.body.chunks())
        exchange.body.close()


def start(
    transport: Transport,
    message: Request,
    *,
    limits: Deadline | None = None,
    watch: Stopwatch | None = None,
    **route: Any,
) -> Exchange:
    """Send it, and read no further than the head."""
    return transport.exchange(message, route_to(message, **route), limits or deadline(), watch or Stopwatch(monotonic))


def send(transport: Transport, message: Request, **options: Any) -> Reply:
    """Send it and read the whole body."""
    watch = Stopwatch(monotonic)
    return Reply(start(transport, message, watch=watch, **options), watch)


def get(transport: Transport, server: NastyServer, target: str = "/", **options: Any) -> Reply:
    """GET a target of a server."""
    return send(transport, request(server.url(target)), **options)


def post(transport: Transport, server: NastyServer, body: Body | bytes, **options: Any) -> Reply:
    """POST a body to a server."""
    return send(transport, request(server.url(), "POST", body=body), **options)
