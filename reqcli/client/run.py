"""Everything that one run of the client needs from outside, in one place, handed from layer to layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from reqcli.model.result import Notice

if TYPE_CHECKING:
    from reqcli.auth import Space
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Transport
    from reqcli.model.origin import Origin
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.model.url import Url


class Run:
    """The world of one run, and what is known of it so far; a failed run is reported from here.

    Args:
        transport: carries requests.
        bend: makes the request for one hop from the session and the spec.
        credential: chooses the credential for one hop.
        space: what the authentication schemes remember of an origin.
        learn: is told of every response head as soon as it is in, before the body is read.
        deadline: the time the run has.
        watch: measures the exchange under way.
        sleep: waits so many seconds.
        chance: gives a random number from 0 up to 1.
        heard: is given each notice as it arises, so that a long wait is not silent.
        partition: keeps this session's connections to itself in a shared pool.
    """

    __slots__ = (
        "attempts", "bend", "chance", "credential", "deadline", "heard", "learn", "notices", "partition",
        "request", "sent", "sleep", "space", "transport", "watch",
    )  # fmt: skip

    def __init__(
        self,
        *,
        transport: Transport,
        bend: Callable[[RequestSpec], Request],
        credential: Callable[[RequestSpec], Credential | None],
        space: Callable[[Origin], Space],
        learn: Callable[[ResponseHead, Url], None],
        deadline: Deadline,
        watch: Stopwatch,
        sleep: Callable[[float], None],
        chance: Callable[[], float],
        heard: Callable[[Notice], None] | None,
        partition: str,
    ) -> None:
        self.transport: Final = transport
        self.bend: Final = bend
        self.credential: Final = credential
        self.space: Final = space
        self.learn: Final = learn
        self.deadline: Final = deadline
        self.watch: Final = watch
        self.sleep: Final = sleep
        self.chance: Final = chance
        self.heard: Final = heard
        self.partition: Final = partition
        self.request: Request | None = None
        self.attempts = 0
        self.sent = "no"
        self.notices: list[Notice] = []

    def tell(self, code: str, message: str) -> None:
        """Something the user should know: it goes into the result, and to whoever listens, at once.

        Args:
            code: stable.
            message: one sentence, without a secret in it.
        """
        notice = Notice(code, message)
        self.notices.append(notice)
        if self.heard is not None:
            self.heard(notice)
