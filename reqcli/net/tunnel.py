"""A tunnel through an HTTP proxy (RFC 9110 §9.3.6): CONNECT, and after a 2xx the connection is the origin's.

    CONNECT example.com:443 HTTP/1.1
    Host: example.com:443
    Proxy-Authorization: …                  only if there is a credential for the proxy

That is the whole of it: nothing that is meant for the origin (credential, cookies, headers of the user's) is told
to the proxy. The target always has its port, IPv6 stands in brackets, and the request is checked like any other,
so no host can end a line of it (CVE-2026-1502). Whatever the proxy sends between its 2xx and our first byte is
none of the origin's, and ends the connection.
"""

from __future__ import annotations

import re

from reqcli.errors import BadResponse, EmptyReply, ProxyHandshakeFailed, ReqcliError
from reqcli.model.exchange import tell_nobody
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import DEFAULT_LIMITS
from reqcli.model.timing import Deadline, Stopwatch, Timeouts
from reqcli.model.url import Url
from reqcli.net.incoming import IncomingBody
from reqcli.net.proxy_auth import PROXY_AUTH_REQUIRED
from reqcli.net.turn import Turn
from reqcli.wire.http1.bodies import body_reader
from reqcli.wire.http1.framing import body_framing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from reqcli.auth import AuthFlow
    from reqcli.model.origin import Origin
    from reqcli.model.response import Limits, ResponseHead
    from reqcli.net.proxy_auth import ProxyAuth
    from reqcli.net.stream import Stream

LONGEST_REFUSAL: Final = 64 * 1024
"""Bytes of a proxy's page that go into the error."""

_PAGE_WAIT: Final = 2.0
"""Seconds that the page may keep the error waiting."""

_OF_THE_ADDRESS: Final = frozenset({500, 502, 503, 504})
"""What a proxy says of an address that it cannot reach, when it may reach the next one."""

_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""What a proxy says of a trouble that may pass."""


class Tunnel:
    """The way through one proxy to one origin; asked for on one connection after another until it is open.

    Where a policy has the origin's addresses checked, the proxy is told these, one after the other, and no name that it
    could look up once more and find elsewhere.

    Args:
        origin: where it is to lead.
        auth: the credential for the proxy, or None.
        now: a monotonic clock.
        limits: of the proxy's answer.
        hosts: the addresses to name the origin by, the best first; none for its own name.

    Raises:
        BadUrl: the host cannot be written in a request.
        Usage: the credential cannot be sent to a proxy.
    """

    __slots__ = ("_auth", "_flow", "_limits", "_message", "_now", "_origin", "_target", "_waiting")

    def __init__(
        self,
        origin: Origin,
        auth: ProxyAuth | None,
        now: Callable[[], float],
        *,
        limits: Limits = DEFAULT_LIMITS,
        hosts: Sequence[str] = (),
    ) -> None:
        self._origin: Final = origin
        self._auth: Final = auth
        self._now: Final = now
        self._limits: Final = limits
        self._waiting: Final = list(reversed(hosts or [origin.host]))
        self._ask_for(self._waiting.pop())

    def _ask_for(self, host: str) -> None:
        """Put the question by this name or address."""
        origin = self._origin
        name = f"[{host.partition('%')[0]}]" if ":" in host else host
        self._target = f"{name}:{origin.port}"
        url = Url(origin.scheme, origin.host, origin.port, self._target)
        self._message = Request("CONNECT", url, Headers([("Host", self._target)]))
        self._flow: AuthFlow | None = None
        if self._auth is not None:
            self._flow = self._auth.flow(self._message)
            self._message = next(self._flow)

    def open_on(self, stream: Stream, left: Callable[[], float]) -> bool:
        """Ask for the tunnel.

        Args:
            stream: to the proxy, and unused.
            left: seconds left for it all; raises Timeout when there are none.

        Returns:
            False: the proxy wants the question put otherwise, on another connection.

        Raises:
            ProxyHandshakeFailed: the proxy refused, with its words in the details; or it broke the protocol.
            SendFailed, ReceiveFailed, Timeout: the connection broke or stalled.
        """
        timeout = left()
        deadline = Deadline(Timeouts(connect=timeout, read=timeout, total=timeout), self._now)
        turn = Turn(stream, self._message, deadline, Stopwatch(self._now), limits=self._limits)
        try:
            head = turn.run()
        except (BadResponse, EmptyReply) as error:
            raise ProxyHandshakeFailed(
                f"{stream.peer} gave no valid answer to the request for a tunnel: {error.message}",
                retryable=error.retryable,
                hint="check that it is an http proxy: its URL says which kind it is",
            ) from error
        if 200 <= head.status < 300:
            if turn.leftover or (stream.is_readable() and stream.receive(1, deadline.left(timeout, "proxy"))):
                raise ProxyHandshakeFailed(f"{stream.peer} sent bytes of its own through the tunnel it had just opened")
            return True
        if self._flow is not None:
            try:
                self._message = self._flow.send(head)
            except StopIteration:
                self._flow = None
            else:
                return False
        if self._waiting and head.status in _OF_THE_ADDRESS:
            self._ask_for(self._waiting.pop())
            return False
        raise _refusal(stream, self._target, head, self._page(stream, turn, head, left))

    def _page(self, stream: Stream, turn: Turn, head: ResponseHead, left: Callable[[], float]) -> str:
        """The body of a refusal, as much of it as comes in time and as the limit lets in."""
        pieces: list[bytes] = []
        try:
            wait = min(left(), _PAGE_WAIT)
            deadline = Deadline(Timeouts(read=wait, total=wait), self._now)
            reader = body_reader(body_framing("CONNECT", head), self._limits)
            watch = Stopwatch(self._now)
            body = IncomingBody(
                stream, reader, turn.leftover, turn.heard_at, deadline, watch, lambda _: None, tell_nobody
            )
            room = LONGEST_REFUSAL
            for piece in body.chunks():
                pieces.append(piece[:room])
                room -= len(pieces[-1])
                if not room:
                    break
        except ReqcliError:  # a broken page is still a page, and the refusal is the error
            pass
        return b"".join(pieces).decode(errors="replace")


def _refusal(stream: Stream, target: str, head: ResponseHead, page: str) -> ProxyHandshakeFailed:
    status = f"{head.status} {head.reason}".rstrip()
    words = first_words(page)
    hint = None
    if head.status == PROXY_AUTH_REQUIRED:
        hint = "give the proxy's user and password with --proxy-auth, or in its URL"
    return ProxyHandshakeFailed(
        f"{stream.peer} refused a tunnel to {target}: {status}{f' ({words})' if words else ''}",
        hint=hint,
        retryable=head.status in _TRY_AGAIN,
        details={"status": head.status, "reason": head.reason, "body": page},
    )


def first_words(page: str) -> str:
    """What a page of text or HTML begins to say, in one short line."""
    # Only its beginning: the patterns look further ahead at each bracket.
    text = re.sub(r"<(style|script)\b.*?(?:</\1\s*>|\Z)", " ", page[:8192], flags=re.DOTALL | re.IGNORECASE)
    words = " ".join(re.sub(r"<[^<>]*>?", " ", text).split())
    return f"{words[:99]}…" if len(words) > 100 else words
