"""The whole client fed with given bytes: a session whose every connection answers with the same ones, and ends.

The transport is the client's own connection over a real socket pair; nothing below the library's door is replaced but
the dialling. The bytes lie in the socket before the request goes out, so no thread is needed and nothing can wait: what
waits nevertheless hangs, and ends as a `timeout`, which no bytes may come to.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from reqcli import Credential, Secret, Session, Timeouts
from reqcli.errors import ReqcliError
from reqcli.model.exchange import tell_nobody
from reqcli.model.spec import RequestSpec, spec_for
from reqcli.net.connection import Connection
from reqcli.net.stream import SocketStream

if TYPE_CHECKING:
    from reqcli.model.exchange import Exchange, Tell
    from reqcli.model.request import Request
    from reqcli.model.route import Route
    from reqcli.model.timing import Deadline, Stopwatch

FITS: Final = 100_000
"""Bytes that a socket takes without anybody reading them."""

CODES: Final = frozenset(
    {"", "bad_response", "body_incomplete", "body_too_large", "decode_failed", "empty_reply", "too_many_redirects"}
)
"""What bytes of a server can come to: nothing that blames the user, the network or this program."""

CALLS: Final[dict[str, dict[str, Any]]] = {
    "a GET": {"method": "GET"},
    "a HEAD": {"method": "HEAD"},
    "a POST": {"method": "POST", "data": b"body"},
    "a followed GET": {"method": "GET", "follow": True, "max_redirects": 2, "allow_downgrade": True},
    "a followed POST": {"method": "POST", "follow": True, "max_redirects": 2, "data": b"body"},
    "a GET with Digest": {
        "method": "GET",
        "follow": True,
        "max_redirects": 2,
        "auth": Credential("digest", {"user": "user", "password": Secret("s3cret")}),
    },
}
"""The calls that the bytes are an answer to, and what else of the client reads them."""


MAX_BODY: Final = 1_000_000
"""Bytes of decoded body that a call accepts."""

COMMON: Final[dict[str, Any]] = {
    "url": "http://server.example/dir/start?q",
    "max_body": MAX_BODY,
    "check_status": False,
    "timeouts": Timeouts(connect=5.0, read=5.0, total=5.0),
}


class Fed:
    """A transport on which every server says the same bytes and then no more."""

    def __init__(self, raw: bytes) -> None:
        assert len(raw) <= FITS
        self._raw: Final = raw
        self.open = 0

    def exchange(
        self, request: Request, route: Route, deadline: Deadline, watch: Stopwatch, tell: Tell = tell_nobody
    ) -> Exchange:
        near, far = socket.socketpair()
        far.sendall(self._raw)
        far.shutdown(socket.SHUT_WR)
        self.open += 1

        def end(connection: Connection, _keep: float) -> None:
            connection.stream.close()
            far.close()
            self.open -= 1

        return Connection(SocketStream(near, "the server"), 1, end).exchange(request, deadline, watch, tell)

    def close(self) -> None:
        """Every connection closed itself behind its exchange."""


class Outcome(NamedTuple):
    """What became of one call: the error's code, or none, and the bytes of decoded body that came."""

    code: str
    size: int


def feed(raw: bytes, call: str) -> list[Outcome]:
    """Make one of CALLS, answered with these bytes, and then again in the same session.

    Raises:
        AssertionError: a connection stays open.
    """
    transport = Fed(raw)
    with Session(transport=transport) as session:
        outcomes = [_outcome(session, spec_for(**CALLS[call], **COMMON)) for _ in range(2)]
    assert not transport.open, "a connection stays open"
    return outcomes


def _outcome(session: Session, spec: RequestSpec) -> Outcome:
    result = session.stream(spec)
    code, size = result.error.code if result.error is not None else "", 0
    if result.response is not None:
        try:
            for piece in result.response.iter_bytes():
                size += len(piece)
        except ReqcliError as error:
            code = error.code
    return Outcome(code, size)
