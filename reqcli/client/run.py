"""Everything that one run of the client needs from outside, in one place, handed from layer to layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from reqcli.model.result import Notice

if TYPE_CHECKING:
    from reqcli.auth import Space
    from reqcli.client.captures import Captures
    from reqcli.client.held import Held
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Exchange, Transport
    from reqcli.model.leg import Leg
    from reqcli.model.origin import Origin
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.model.url import Url
    from reqcli.session.policy import Policy


class Run:
    """The world of one run, and what is known of it so far; a failed run is reported from here.

    Args:
        transport: carries requests.
        bend: makes the request for one hop from the session and the spec.
        credential: chooses the credential for one hop.
        renew: asks again for the secrets of the hop under way; tells whether one is another now.
        space: what the authentication schemes remember of an origin.
        learn: is told of every response head as soon as it is in, before the body is read; it is handed the run,
            for if it kept it, every request would leave a circle of objects behind.
        deadline: the time the run has.
        watch: measures the exchange under way.
        sleep: waits so many seconds.
        chance: gives a random number from 0 up to 1.
        heard: is given each notice as it arises, so that a long wait is not silent.
        secrets: what was fetched for the run by now, to be masked in what is heard.
        partition: keeps this session's connections to itself in a shared pool.
        policy: what may be sent at all, None for everything.
        captures: the values that servers issued, None if the session has no rules for any.
        held: the turn to send, None if runs need not send one after the other.
    """

    __slots__ = (
        "attempts", "bend", "captures", "chance", "credential", "deadline", "heard", "held", "learn", "legs",
        "notices", "partition", "policy", "renew", "request", "secrets", "sent", "sleep", "space", "transport", "watch",
    )  # fmt: skip

    def __init__(
        self,
        *,
        transport: Transport,
        bend: Callable[[RequestSpec], Request],
        credential: Callable[[RequestSpec], Credential | None],
        renew: Callable[[], bool],
        space: Callable[[Origin], Space],
        learn: Callable[[ResponseHead, Url, Run], None],
        deadline: Deadline,
        watch: Stopwatch,
        sleep: Callable[[float], None],
        chance: Callable[[], float],
        heard: Callable[[Notice], None] | None,
        secrets: Sequence[Secret],
        partition: str,
        policy: Policy | None = None,
        captures: Captures | None = None,
        held: Held | None = None,
    ) -> None:
        self.transport: Final = transport
        self.bend: Final = bend
        self.credential: Final = credential
        self.renew: Final = renew
        self.space: Final = space
        self.learn: Final = learn
        self.deadline: Final = deadline
        self.watch: Final = watch
        self.sleep: Final = sleep
        self.chance: Final = chance
        self.heard: Final = heard
        self.secrets: Final = secrets
        self.partition: Final = partition
        self.policy: Final = policy
        self.captures: Final = captures
        self.held: Final = held
        self.request: Request | None = None
        self.attempts = 0
        self.sent = "no"
        self.notices: list[Notice] = []
        self.legs: list[Leg] = []

    def permit(self, request: Request | RequestSpec) -> None:
        """Pass by what the session's policy allows, before anything is fetched, looked up or sent for it.

        Args:
            request: one hop of a call, or a message on its way out.

        Raises:
            PolicyDenied: it is not allowed.
        """
        denied = self.policy.check(request) if self.policy is not None else None
        if denied is not None:
            raise denied

    def leave(self, exchange: Exchange) -> None:
        """Let go of a response that another request follows, and remember both heads."""
        exchange.body.close()
        if self.request is not None:
            from reqcli.model.leg import Leg  # most runs have one request

            self.legs.append(Leg(self.request, exchange.head, interim=exchange.interim, peer=self.watch.peer))

    def tell(self, code: str, message: str) -> None:
        """Something the user should know: it goes into the result, and to whoever listens, at once.

        Args:
            code: stable.
            message: one sentence, without a secret in it.
        """
        self.notices.append(Notice(code, message))
        if self.heard is not None:
            from reqcli.model.redact import Redactor

            # A server may have put a secret into what it is blamed for; the result is masked where it is shown.
            masked = Redactor.for_request(self.request, self.secrets).text(message)
            self.heard(Notice(code, masked))
