"""One call of a session, from the spec to the result: the client's layers are given the session's answers."""

from __future__ import annotations

import os
from time import monotonic, sleep, time

from reqcli.client.decoded import offered
from reqcli.client.run import Run
from reqcli.client.send import send
from reqcli.client.verdict import status_error
from reqcli.errors import ReqcliError
from reqcli.model.result import Result
from reqcli.model.timing import DEFAULT_TIMEOUTS, Deadline, Stopwatch
from reqcli.net.pool import Pool, SentAhead
from reqcli.session.bend import bend, credential_for, patience_of, with_settings
from reqcli.session.learn import learn
from reqcli.store.names import new_id
from reqcli.vault import Errand, Vault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from reqcli.api.record import Record
    from reqcli.auth import Space
    from reqcli.client.captures import Captures
    from reqcli.client.held import Held
    from reqcli.client.run import Passing
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Transport
    from reqcli.model.origin import Origin
    from reqcli.model.request import Request as Message
    from reqcli.model.response import ResponseHead
    from reqcli.model.result import Notice
    from reqcli.model.route import Route
    from reqcli.model.secret import Secret
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.kept import Kept
    from reqcli.session.operations import Operation
    from reqcli.session.policy import Policy
    from reqcli.vault.netrc import Netrc


UNBOUNDED: Final = Deadline(DEFAULT_TIMEOUTS, monotonic)
"""Of a call without a limit for all of it: nothing in it is that call's own."""


class Surroundings:
    """What all calls of one session have in common beside its record.

    Args:
        transport: carries the requests.
        vault: fetches what the session refers to.
        netrc: asked for a credential of the URL's own host where there is no other; never of a redirect's target.
        heard: is given each notice as it arises.
        partition: keeps this session's connections apart in a shared pool; one of its own by default.
        policy: what may be sent at all where the session has no policy of its own; None for everything.
        passing: is given what passes, see `Run`; None where nobody looks on.

    Attributes:
        spaces: what authentication schemes remember, by origin.
        kept: the last call, from the second one on.
        watch: measures the call under way, or did the last one.
    """

    __slots__ = (
        "_is_used", "_pool", "heard", "kept", "netrc", "partition", "passing", "policy", "spaces", "transport",
        "vault", "watch",
    )  # fmt: skip

    def __init__(
        self,
        transport: Transport,
        vault: Vault,
        netrc: Netrc | None,
        heard: Callable[[Notice], None] | None,
        partition: str | None = None,
        policy: Policy | None = None,
        passing: Passing | None = None,
    ) -> None:
        self.policy: Final = policy
        self.passing: Final = passing
        self.transport: Final = transport
        self.vault: Final = vault
        self.netrc: Final = netrc
        self.heard: Final = heard
        self.partition: Final = new_id() if partition is None else partition
        self.spaces: Final[dict[Origin, Space]] = {}
        self.watch: Stopwatch | None = None
        self.kept: Kept | None = None
        self._is_used = False
        is_watched = policy is not None or passing is not None
        self._pool: Final = transport if isinstance(transport, Pool) and not is_watched else None

    def begin_call(self) -> None:
        """Say that a call begins. Who makes one call needs no memory of it, so the first one finds none."""
        if self._is_used and self.kept is None:
            from reqcli.session.kept import Kept

            self.kept = Kept()
        self._is_used = True

    def send_ahead(self, spec: RequestSpec, record: Record) -> SentAhead | None:
        """Send a call's message before there is a call, if it is the one of the call before and takes no waiting.

        Everything else that a call is made of is then made while the server is at work, and so takes no time at all.

        Args:
            spec: the call; without a limit for all of it, and without a turn to be waited for.
            record: that of a session without settings.

        Returns:
            None if nothing was sent: the message has to be made or looked at, or no connection is free.
        """
        kept, pool, state = self.kept, self._pool, record.state
        if (
            kept is None
            or pool is None
            or spec.proxies is not None  # what goes to a proxy is another message, and the one for who is behind it too
            or state.policy is not None
            or state.rules
        ):
            return None
        try:
            message = kept.message(spec, state, record.jar, time())
        except ReqcliError:
            return None  # it is raised again when the message is made
        route = None if message is None else kept.route(message, spec)
        if message is None or route is None:
            return None
        watch = Stopwatch(monotonic, spec.inspect)
        connection = pool.take_idle(route)
        if connection is None:
            return None
        turn = connection.begin(message, UNBOUNDED, watch)
        return SentAhead(pool, connection, turn, message, route, UNBOUNDED, watch)

    def apart(self) -> Surroundings:
        """The same for another thread: connections in common, and nothing else that changes."""
        vault = Vault(self.vault.environment)
        return Surroundings(self.transport, vault, self.netrc, self.heard, self.partition, self.policy)


class Call(Run):
    """One call, and the run of the client that it is.

    Args:
        record: the session's; it learns.
        spec: what was asked for.
        deadline: the time there is.
        around: what the session's calls share.
        told: notices that arose before the call.
        held: the session's turn, to be let go when the final head is in.
        pause: waits so many seconds, in a way that can be cut short; None to sleep through.
        max_body: bytes of decoded body to accept, None for any number.
        sent: its message, if that is out already.
    """

    _errand: Errand | None = None
    _may_wait = True
    _result: Result | None = None

    def __init__(
        self,
        record: Record,
        spec: RequestSpec,
        deadline: Deadline,
        around: Surroundings,
        told: Sequence[Notice],
        held: Held | None = None,
        pause: Callable[[float], None] | None = None,
        max_body: int | None = None,
        sent: SentAhead | None = None,
    ) -> None:
        state = record.state
        self._as_found: Final = state
        if around.policy is not None and state.policy is None:
            state = state.replace(policy=around.policy)
        around.watch = watch = Stopwatch(monotonic, spec.inspect) if sent is None else sent.watch
        super().__init__(around.transport, deadline, watch, around.partition, around.heard, told, pause or sleep)
        self.begun = sent
        self._record: Final = record
        self._around: Final = around
        self._state: Final = state
        self._changes: Final[list[Operation]] = []
        self._kept: Final = around.kept
        self._unsaved: tuple[ReqcliError, ...] = ()
        self.max_body = max_body
        if held is not None:
            self.held = held
        if around.passing is not None:
            self.passing = around.passing
        if state.policy is not None:
            self.policy = state.policy
        if state.settings or state.policy is not None:
            spec = with_settings(spec, state, self._fetch_once)
        self._spec: Final = spec
        if spec.auth is not None:
            self.secrets.extend(spec.auth.secrets())
        if spec.proxies is not None:
            self.secrets.extend(spec.proxies.secrets())
        if state.rules:
            self.captures = self._make_captures()

    def result(self) -> Result:
        """Send, and stop before the body.

        The result does not know this call. Only capture rules, which read the body, need it later: they make a circle,
        which keeps the request with its secrets in memory until the garbage collector comes by.
        """
        spec, record = self._spec, self._record
        # Made first, for if the request is out already the server is at work now, and this takes no time.
        result = Result(session=record.report(), watch=self.watch, warnings=self.notices)
        try:
            result.response = response = send(spec, self)
            if record.store is not None:
                self._note_use()
            if self._unsaved:
                result.error = self._unsaved[0]
            elif spec.check_status is not False and (response.head.status >= 300 or spec.expect is not None):
                result.error = status_error(response, follow=bool(spec.follow), expect=spec.expect)
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            result.error = failed(error, "secret" if self.request is None else "receive")
        if self._changes or self._unsaved or record.state is not self._as_found:
            result.session = record.report(self._changes, saved=not self._unsaved)
        result.request = self.request
        result.attempts = self.attempts
        result.sent = self.sent
        result.secrets = tuple(self.secrets)
        if self.legs:
            result.hops = tuple(self.legs)
        if self.captures is not None:
            self._result = result
        return result

    def known(self, hop: RequestSpec) -> tuple[Message, Credential | None] | None:
        kept = self._kept
        if kept is None or hop is not self._spec or self.captures is not None:
            return None
        message: Message | None
        if self.begun is not None:
            message = self.begun.request
        else:
            message = kept.message(hop, self._as_found, self._record.jar, time())
            if message is None:
                return None
        self.secrets.extend(kept.secrets)
        return message, kept.exposed

    def note(self, hop: RequestSpec, message: Message, credential: Credential | None) -> None:
        if (
            self._kept is not None
            and hop is self._spec
            and self.captures is None
            and not (self._errand is not None and self._errand.has_asked)
        ):
            self._kept.keep(message, hop, self._as_found, self._record.jar, self._bent_at, credential)

    def _fetch_once(self, stored: object) -> Secret:
        """A secret that is none of a request's: no answer of a server can ask for a newer one."""
        secret = self._around.vault.fetch(stored, self.deadline.left(patience_of(self._state), "secret"))
        self.secrets.append(secret)
        return secret

    def route(self, request: Message, spec: RequestSpec) -> Route:
        kept = self._kept
        if kept is None:
            return super().route(request, spec)
        return kept.route(request, spec) or kept.keep_route(request, spec, super().route(request, spec))

    def bend(self, hop: RequestSpec) -> Message:
        if self._errand is not None:
            self._errand.begin_hop()
        carried = self.captures.carry(hop) if self.captures is not None else None
        self._bent_at = time()
        return bend(hop, self._state, self._record.jar, self._bent_at, self._fetch, carried, offered())

    def credential(self, hop: RequestSpec) -> Credential | None:
        carried = self.captures.carried if self.captures is not None else None
        found = credential_for(hop, self._state, self._fetch, self._from_netrc, carried)
        self.secrets.extend(found.secrets() if found is not None else ())
        return found

    def renew(self) -> bool:
        return self._errand is not None and self._errand.renew()

    def space(self, origin: Origin) -> Space:
        spaces = self._around.spaces
        if origin not in spaces:
            from reqcli.auth import Space

            spaces[origin] = Space(new_id)
        return spaces[origin]

    def learn(self, head: ResponseHead, url: Url) -> None:
        operations: list[Operation] = []
        if head.cookies != ():
            cookies, refusals = learn(head, url, self._record.jar, time(), _is_public_suffix)
            operations += cookies
            for refusal in refusals:
                self.tell("cookie_refused", refusal)
        if self.captures is not None:
            operations += self.captures.learn(head)
        if operations:
            self._keep(operations)

    def chance(self) -> float:
        return int.from_bytes(os.urandom(6)) / 2**48

    def _fetch(self, stored: object) -> Secret:
        """The secret that a stored value is or refers to; most calls need none, so whoever fetches is made late."""
        if not (self._may_wait or isinstance(stored, str)):
            raise WouldWait
        if self._errand is None:
            deadline, patience = self.deadline, patience_of(self._state)
            record, changes = self._record, self._changes
            self._errand = Errand(
                self._around.vault,
                self._state,
                patience=lambda: deadline.left(patience, "secret"),
                shared=lambda: record.shared(changes),
                secrets=self.secrets,
            )
        return self._errand.fetch(stored)

    def _from_netrc(self, url: Url) -> Credential | None:
        netrc = self._around.netrc
        return netrc.credential(url.host) if netrc is not None and url.origin == self._spec.url.origin else None

    def _keep(self, operations: Sequence[Operation]) -> None:
        self._changes.extend(operations)
        try:
            self._record.commit(operations)
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            # The answer is worth having all the same: the request was answered.
            self._unsaved += (failed(error, "store"),)

    def _note_use(self) -> None:
        if self._state.has_lifetime:
            from reqcli.session.upkeep import noted_use

            if operations := noted_use(self._record.state, time()):
                self._keep(operations)

    def _make_captures(self) -> Captures:
        from reqcli.client.captures import Captures

        return Captures(
            state=lambda: self._record.state,
            jar=self._record.jar,
            now=time,
            keep=self._keep,
            body_done=self._body_done,
            tell=self.tell,
            secrets=self.secrets,
        )

    def _body_done(self) -> None:
        """The body has taught something too: bring the result up to date."""
        result = self._result
        if result is None:
            return
        result.session = self._record.report(self._changes, saved=not self._unsaved)
        result.secrets = tuple(self.secrets)
        if self._unsaved and result.error is None:
            result.error = self._unsaved[0]


class WouldWait(Exception):
    """Raised by what takes its time, in a call that was told not to wait."""


def _is_public_suffix(domain: str) -> bool:
    # The list of suffixes is loaded when a Domain attribute needs it, and at no other time.
    from reqcli.cookies.suffixes import is_public_suffix

    return is_public_suffix(domain)
