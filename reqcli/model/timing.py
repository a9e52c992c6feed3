"""Time: the limits a run is given, and where the time of an exchange went. All in seconds."""

from __future__ import annotations

from reqcli.errors import Timeout
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from reqcli.model.peer import Peer


class Timeouts(Value):
    """The limits of a run.

    Args:
        connect: name resolution, all addresses, proxy and TLS handshake together.
        read: the longest silence while sending or receiving, and the longest wait for a whole response head.
        total: everything, redirects and retries included; None for no limit, so a long download may go on.
    """

    __slots__ = ("connect", "read", "total")

    def __init__(self, *, connect: float = 10.0, read: float = 60.0, total: float | None = None) -> None:
        self.connect: Final = connect
        self.read: Final = read
        self.total: Final = total


DEFAULT_TIMEOUTS: Final = Timeouts()


class Timing(Value):
    """Where the time of one exchange went; None for a step that did not happen.

    `connect` ends when TCP is up, `tls` is the handshake after it, `wait` runs from the last byte sent to the
    first byte received, `receive` from there to the end of the body. `before` is what passed before this exchange
    began: secrets were fetched, redirects followed, attempts failed. The total is of everything.
    """

    __slots__ = ("before", "connect", "dns", "receive", "reused", "send", "tls", "total", "wait")

    def __init__(
        self,
        *,
        dns: float | None = None,
        connect: float | None = None,
        tls: float | None = None,
        send: float | None = None,
        wait: float | None = None,
        receive: float | None = None,
        total: float = 0.0,
        reused: bool = False,
        before: float = 0.0,
    ) -> None:
        self.before: Final = before
        self.dns: Final = dns
        self.connect: Final = connect
        self.tls: Final = tls
        self.send: Final = send
        self.wait: Final = wait
        self.receive: Final = receive
        self.total: Final = total
        self.reused: Final = reused


class Deadline:
    """The time a run has left, asked for before every step that may block.

    Args:
        timeouts: the limits of the run.
        now: a monotonic clock, in seconds.

    Attributes:
        is_plain: whether there is nothing but each step's own limit, so `left` and `attach` need not be asked.
    """

    __slots__ = ("ends", "is_plain", "now", "timeouts")

    def __init__(self, timeouts: Timeouts, now: Callable[[], float]) -> None:
        self.timeouts: Final = timeouts
        self.now: Final = now
        self.ends: Final = None if timeouts.total is None else now() + timeouts.total
        self.is_plain = self.ends is None

    def left(self, limit: float, phase: str) -> float:
        """How long a step may block: its own limit, or what is left of the total if that is less (above 0).

        Args:
            limit: seconds that the step alone may take.
            phase: the name of the step, for the error.

        Raises:
            Timeout: the total time is used up.
        """
        if self.ends is None:
            return limit
        left = self.ends - self.now()
        if left <= 0:
            raise Timeout(f"the total time of {self.timeouts.total:g} s ran out", phase=phase)
        return left if left < limit else limit

    def attach(self, interrupt: Callable[[], None]) -> None:
        """Tell what would wake this run from the wait that may follow; nobody asks for it here.

        Args:
            interrupt: may be called by another thread until `detach`, and must not block.

        Raises:
            Interrupted: the run was given up already.
        """

    def detach(self) -> None:
        """The wait is over: from here on nothing is interrupted."""


Address = tuple[str, int]
"""An IP address and a port."""


class Stopwatch:
    """Collects when the steps of an exchange happened and what it moved; the transport writes. Times in seconds.

    It holds what is known at any moment, so a failed exchange has its timing too, and another thread may look on.

    Args:
        now: a monotonic clock, in seconds.
        inspect: whether the transport should also note in `peer` what the connection is like.

    Attributes:
        body_received: bytes of the response's body, its framing taken off and its codings still on.
        body_sent: bytes of the request's body, without framing.
        ended: when the body of the response ended, on the watch's clock; None before.
        connects: connections that were made, in all exchanges of the run.
        ends: this end of the connection and the other one; None where they have no IP address, or were not reached.
        head_bytes: bytes of response heads, in all exchanges of the run.
        receive: from the first byte of the response to the end of its body.
    """

    # What a run begins with; most of it stays so in an exchange over a connection that stands already.
    body_received = body_sent = connects = 0
    ends: tuple[Address, Address] | None = None
    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    send: float | None = None
    wait: float | None = None
    reused = False
    peer: Peer | None = None
    receive: float | None = None
    ended: float | None = None

    def __init__(self, now: Callable[[], float], inspect: bool = False) -> None:
        self._now = now
        self.started = self._began = now()
        self.inspect = inspect
        self.head_bytes = 0
        self.dns = self.connect = self.send = None  # of its own, for these are asked for

    def begin(self) -> None:
        """Another exchange of the run begins, and nothing of it has happened yet."""
        self._began = self._now()
        if self.send is None and self.connect is None and self.dns is None:
            return  # as for the first one of a run
        self.dns = self.connect = self.tls = self.send = self.wait = self.receive = self.ended = None
        self.body_received = self.body_sent = 0

    @property
    def phase(self) -> str:
        """How far the exchange under way has come, for a failure that does not say so itself."""
        if self.wait is not None:
            return "receive"
        if self.send is not None:
            return "wait"
        return "connect" if self.connect is None and not self.reused else "send"

    @property
    def total(self) -> float:
        """From the beginning of the run to the body's end, or until now."""
        return (self._now() if self.ended is None else self.ended) - self.started

    def timing(self) -> Timing:
        """The figures so far."""
        return Timing(
            dns=self.dns,
            connect=self.connect,
            tls=self.tls,
            send=self.send,
            wait=self.wait,
            receive=self.receive,
            total=self.total,
            reused=self.reused,
            before=self._began - self.started,
        )
