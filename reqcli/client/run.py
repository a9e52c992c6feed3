"""Everything that one run of the client needs from outside, in one place, handed from layer to layer."""

from __future__ import annotations

from reqcli.model.result import Notice
from reqcli.model.route import DEFAULT_TLS, Route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from reqcli.auth import Space
    from reqcli.client.captures import Captures
    from reqcli.client.held import Held
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Exchange, Sent, Transport
    from reqcli.model.leg import Leg
    from reqcli.model.origin import Origin
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead
    from reqcli.model.route import TlsOptions
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.timing import Deadline, Stopwatch
    from reqcli.model.url import Url
    from reqcli.session.policy import Policy

    Passing = Callable[[Request | None, Sequence[Leg], Sequence[Secret]], None]


class Run:
    """The world of one run, and what is known of it so far; a failed run is reported from here.

    This is what the layers ask and write to. Who makes runs answers the questions in a subclass of its own: a run that
    was handed the answers as functions would cost a dozen objects more for each request.

    Args:
        transport: carries requests.
        deadline: the time the run has.
        watch: measures the exchange under way.
        partition: keeps this session's connections to itself in a shared pool.
        heard: is given each notice as it arises, so that a long wait is not silent.
        notices: those that arose before the run.
        sleep: waits so many seconds.

    Attributes:
        begun: the first message, if it is out already.
        policy: what may be sent at all, None for everything.
        captures: the values that servers issued, None if the session has no rules for any.
        held: the turn to send, None if runs need not send one after the other.
        max_body: bytes of decoded response body to accept, None for any number.
        secrets: what was fetched for the run by now, to be masked in what is heard.
        passing: is given each request as it sets out, and None when an answer is left for another request; the hops
            behind it, and the secrets so far. None where nobody looks on.
    """

    held: Held | None = None
    passing: Passing | None = None
    max_body: int | None = None

    def __init__(
        self,
        transport: Transport,
        deadline: Deadline,
        watch: Stopwatch,
        partition: str,
        heard: Callable[[Notice], None] | None,
        notices: Sequence[Notice],
        sleep: Callable[[float], None],
    ) -> None:
        self.transport: Final = transport
        self.deadline: Final = deadline
        self.watch: Final = watch
        self.partition: Final = partition
        self.heard: Final = heard
        self.sleep: Final = sleep
        self.secrets: Final[list[Secret]] = []
        self.notices: Final[list[Notice]] = [*notices]
        self.legs: Final[list[Leg]] = []
        self.begun: Sent | None = None
        self.policy: Policy | None = None
        self.captures: Captures | None = None
        self.request: Request | None = None
        self.attempts = 0
        self.sent = "no"

    def known(self, hop: RequestSpec) -> tuple[Request, Credential | None] | None:
        """The message for one hop, if it need not be made, and the credential in it if that goes out in the open."""
        return None

    def note(self, hop: RequestSpec, message: Request, credential: Credential | None) -> None:
        """Hear of a message that was made for one hop and is the same whenever that is asked for."""

    def bend(self, hop: RequestSpec) -> Request:
        """Make the request for one hop from the session and the spec."""
        raise NotImplementedError

    def credential(self, hop: RequestSpec) -> Credential | None:
        """Choose the credential for one hop."""
        raise NotImplementedError

    def renew(self) -> bool:
        """Ask again for the secrets of the hop under way; tells whether one is another now."""
        raise NotImplementedError

    def space(self, origin: Origin) -> Space:
        """What the authentication schemes remember of an origin."""
        raise NotImplementedError

    def learn(self, head: ResponseHead, url: Url) -> None:
        """Take in a response's head as soon as it is there, before the body is read."""
        raise NotImplementedError

    def route(self, request: Request, spec: RequestSpec) -> Route:
        """How this message gets to where it is for."""
        origin = request.url.origin
        return Route(
            origin,
            tls=_tls(spec, origin) if origin.is_secure else None,
            dialling=spec.dialling,
            partition=self.partition,
            proxy=spec.proxies.choose(request.url) if spec.proxies is not None else None,
            limits=spec.limits,
        )

    def chance(self) -> float:
        """A random number from 0 up to 1."""
        raise NotImplementedError

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
            from reqcli.model.redact import secrets_in

            self.secrets.extend(secrets_in(self.request))  # what comes from elsewhere may repeat them
            self.legs.append(Leg(self.request, exchange.head, interim=exchange.interim, peer=self.watch.peer))
            if self.passing is not None:
                self.passing(None, self.legs, self.secrets)

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
            masked = Redactor.for_request(self.request, self.secrets).url(message)
            self.heard(Notice(code, masked))


def _tls(spec: RequestSpec, origin: Origin) -> TlsOptions:
    """How this origin is spoken to: with the pins that are its own."""
    tls = spec.tls or DEFAULT_TLS
    pins = tuple(pin.digest for pin in spec.pins if pin.origin == origin) if spec.pins else ()
    return tls.replace(pins=pins) if pins else tls
