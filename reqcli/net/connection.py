"""One connection: exchanges follow one another on it, as long as each leaves it clean.

A connection is of further use only if the request went out whole, the response came in whole, its framing was
beyond doubt and nothing came after it (RFC 9112 §6.3, §9.3, §11.1). Anything else, and anything raised on the way
(Ctrl-C included), ends it.
"""

from __future__ import annotations

from reqcli.errors import BadResponse, ReqcliError
from reqcli.model.exchange import Exchange, HeldBody, tell_nobody
from reqcli.model.response import DEFAULT_LIMITS, WholeBody
from reqcli.net.incoming import IncomingBody, surplus
from reqcli.net.turn import Turn
from reqcli.wire.http1.bodies import body_reader
from reqcli.wire.http1.framing import CHUNKED, body_framing, keep_alive_timeout
from reqcli.wire.http1.writer import LAST_CHUNK, HeadWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from reqcli.model.exchange import ConnectedBody, Tell
    from reqcli.model.request import Request
    from reqcli.model.response import Limits, ResponseHead
    from reqcli.model.route import Route
    from reqcli.model.timing import Address, Deadline, Stopwatch
    from reqcli.net.stream import Stream

_new: Final = object.__new__
"""Makes what each exchange needs without its `__init__`, the call of which costs more than all the rest of that."""

_FOR_EVER: Final = float("inf")

_GIVES_A_BODY: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods whose answers are framed by what their heads say; HEAD and CONNECT have rules of their own."""

_ON_ITS_WAY: Final = 1.0
"""Seconds taken off what the server promises, for a close may be on its way when a request sets out."""


class Connection:
    """A stream that HTTP/1.1 is spoken on, one exchange at a time.

    Args:
        stream: open; owned by the connection from now on.
        number: what its owner calls it.
        at_end: called once for each exchange, when its body is read to the end or given up, with the seconds that
            the connection may be kept for another one: 0 if not at all. It keeps the connection or closes it.
        limits: how much of everything but the body a response may have.
        ends: the addresses of this end and the other one, if they have any.

    Attributes:
        held_back_body: whether the last request's body was never begun (`Expect: 100-continue`, and no 100).
        route: what it is for; its owner's.
        expires: when it is to be closed unless it is in use, on its owner's clock; its owner's.
    """

    __slots__ = ("_at_end", "_limits", "_writer", "ends", "expires", "held_back_body", "number", "route", "stream")

    def __init__(
        self,
        stream: Stream,
        number: int,
        at_end: Callable[[Connection, float], None],
        ends: tuple[Address, Address] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.stream: Final = stream
        self.number: Final = number
        self._at_end: Final = at_end
        self._writer: Final = HeadWriter()
        self._limits: Final = limits
        self.ends: Final = ends
        self.held_back_body = False
        self.route: Route | None = None
        self.expires = 0.0

    def begin(self, request: Request, deadline: Deadline, watch: Stopwatch) -> Turn:
        """Send a request and wait for nothing: `exchange` does the rest with the turn that this gives."""
        turn = Turn(self.stream, request, deadline, watch, self._writer, self._limits)
        try:
            turn.begin()
        except BaseException:
            self.give_up()
            raise
        return turn

    def give_up(self) -> None:
        """End it, and what began on it."""
        self._at_end(self, 0.0)

    def exchange(
        self,
        request: Request,
        deadline: Deadline,
        watch: Stopwatch,
        tell: Tell = tell_nobody,
        turn: Turn | None = None,
    ) -> Exchange:
        """Send a request and read its response's head; the body is still to come.

        Args:
            request: what to send.
            deadline: the limits; they hold for the body too.
            watch: gets `send`, `wait` and, in the end, `receive`.
            tell: told of bytes behind the response.
            turn: that `begin` gave, if the request is out already.

        Raises:
            ReqcliError: with `sent` set; the connection is closed.
        """
        if turn is None:
            turn = Turn(self.stream, request, deadline, watch, self._writer, self._limits)
        # Made before the answer is waited for, while the server is at work if the request is out.
        exchange: Any = _new(Exchange)
        whole: Any = _new(WholeBody)
        try:
            if not deadline.is_plain:
                deadline.attach(self.stream.interrupt)
            head = turn.run()
            self.held_back_body = turn.is_held_back
            here, size = turn.leftover, head.plain_length
            body: ConnectedBody
            if size == len(here) and request.method in _GIVES_A_BODY and turn.is_whole:
                body = whole
                whole.data = here
                watch.receive = 0.0
                watch.ended = turn.heard_at
                watch.body_received = size
                if not deadline.is_plain:
                    deadline.detach()
                self._at_end(self, _FOR_EVER if head.keep_alive is None else _keep_time(head))
            else:
                head, body = self._body(request.method, head, turn, deadline, watch, tell)
        except BaseException as error:
            self._free(0.0, deadline)
            if turn.sent != "no" and isinstance(error, ReqcliError):
                error.sent = turn.sent
            raise
        exchange.head = head
        exchange.body = body
        exchange.interim = turn.interim
        exchange.attempts = 1
        return exchange  # type: ignore[no-any-return]

    def _body(
        self, method: str, head: ResponseHead, turn: Turn, deadline: Deadline, watch: Stopwatch, tell: Tell
    ) -> tuple[ResponseHead, ConnectedBody]:
        """What follows any head, and the head, with a warning if there is something to be said of where that ends."""
        framing = body_framing(method, head)
        if framing.warnings:
            head = head.replace(warnings=head.warnings + framing.warnings)
        keep = _keep_time(head) if framing.reusable and turn.is_whole else 0.0
        size, here = 0 if framing.kind == "none" else framing.length, turn.leftover
        # Small answers mostly come with their heads. One in a content coding waits to be decoded, or discarded.
        is_clean = size is None or size == len(here)
        whole: bytes | None = None
        if framing.kind == "chunked":
            whole = _out_of_chunks(here, self._limits)
        elif size is not None and size <= len(here):
            whole = here[:size]
        is_coded = (
            whole != b"" and head.codings != () and (head.codings is not None or "content-encoding" in head.headers)
        )
        if whole is not None and (is_clean or not is_coded):
            watch.receive = 0.0
            watch.ended = turn.heard_at
            watch.body_received = len(whole)
            if is_coded:
                return head, HeldBody(whole, lambda is_fit: self._free(keep if is_fit else 0.0, deadline))
            if not is_clean:
                tell(*surplus(self.stream.peer))
            self._free(keep if is_clean else 0.0, deadline)
            return head, WholeBody(whole)
        return head, IncomingBody(
            self.stream,
            body_reader(framing, self._limits),
            here,
            turn.heard_at,
            deadline,
            watch,
            lambda is_clean: self._free(keep if is_clean else 0.0, deadline),
            tell,
        )

    def _free(self, keep: float, deadline: Deadline) -> None:
        if not deadline.is_plain:
            deadline.detach()  # first: the next to use this connection is not to be interrupted
        self._at_end(self, keep)


def _out_of_chunks(here: bytes, limits: Limits) -> bytes | None:
    """A body in chunks that came with its head and ends with these bytes; None for one that has to be read on, and for
    one that is broken, which is told to whoever reads it.
    """
    if not here.endswith(LAST_CHUNK):
        return None
    reader = body_reader(CHUNKED, limits)
    try:
        body = reader.feed(here)
    except BadResponse:
        return None
    return bytes(body) if reader.done and not reader.leftover else None


def _keep_time(head: ResponseHead) -> float:
    """How long the server says it keeps the connection; for ever if it says nothing."""
    timeout = keep_alive_timeout(head)
    return _FOR_EVER if timeout is None else max(0.0, timeout - _ON_ITS_WAY)
