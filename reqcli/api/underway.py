"""A call whose first request is out before anybody waits for its answer, so that one thread can wait for many."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from reqcli.api.call import UNBOUNDED, Call, WouldWait
from reqcli.auth import load
from reqcli.client.authenticated import spoken_for
from reqcli.errors import ReqcliError
from reqcli.model.body import BytesBody
from reqcli.model.timing import DEFAULT_TIMEOUTS, Deadline
from reqcli.net.begun import Begun
from reqcli.net.pool import Pool
from reqcli.session.bend import timeouts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Self

    from reqcli.api.call import Surroundings
    from reqcli.api.record import Record
    from reqcli.model.body import Body
    from reqcli.model.credential import Credential
    from reqcli.model.exchange import Awaited
    from reqcli.model.request import Request as Message
    from reqcli.model.result import Notice, Result
    from reqcli.model.spec import RequestSpec

_SMALL: Final = 16 * 1024
"""Bytes of a body that the system takes at once on a connection that is idle."""


class Underway(Call):
    """What `Session.begin` gives: wait for what `begun` tells of, then have the `whole_result`, in any thread."""

    begun: Awaited | None
    _exposed: Credential | None = None

    @classmethod
    def begun_for(
        cls, spec: RequestSpec, record: Record, around: Surroundings, told: Sequence[Notice], max_body: int | None
    ) -> Self | None:
        """A call whose first request is out; None if nothing was sent, for that or making it may take its time.

        Args:
            spec: the call.
            record: the session's; it learns.
            around: what the session's calls share.
            told: notices that arose before the call.
            max_body: bytes of decoded body to accept, None for any number, unless the spec says otherwise.
        """
        settings = record.state.settings
        if "cert_key_pass" in settings:
            return None
        timeouts = spec.timeouts or (timeouts_of(record.state) if settings else DEFAULT_TIMEOUTS)
        deadline = UNBOUNDED if timeouts is DEFAULT_TIMEOUTS else Deadline(timeouts, monotonic)
        if around.kept is None:
            around.begin_call()
        limit = max_body if spec.max_body is None else spec.max_body
        try:
            call = cls(record, spec, deadline, around, told, None, None, limit)
        except ReqcliError:
            return None
        return call if call._begin() else None

    def _begin(self) -> bool:
        """Send the first request; tells whether it is out."""
        spec, transport = self._spec, self.transport
        if (
            not isinstance(transport, Pool)
            or not self.deadline.is_plain
            or self.policy is not None
            or self.captures is not None
            or spec.proxies is not None
            or not _is_small(spec.body)
        ):
            return False
        self._may_wait = False
        try:
            known = super().known(spec)
            if known is None:
                message, exposed, _ = spoken_for(self.bend(spec), spec, self)
            else:
                message, exposed = known
            if spec.body is not None and "expect" in message.headers:
                return False
            route = self.route(message, spec)
            connection = transport.take_idle(route)
            if connection is None:
                return False
            self.watch.begin()
            self.begun = Begun(transport, connection, message, route, self.deadline, self.watch)
        except (ReqcliError, WouldWait):
            return False
        self._exposed = exposed
        self._may_wait = True
        return True

    @property
    def is_at_hand(self) -> bool:
        """Whether the result waits for nothing: the answer is here, no other request follows, nothing is stored."""
        answer = self.begun
        if answer is None or not answer.is_whole:
            return False
        head = answer.head
        if self._record.store is not None and (head.cookies != () or self._state.has_lifetime):
            return False  # what is to be stored has to reach the disk
        if head.status == 417:
            return False  # it may be asked again without an expectation
        return head.status < 300 or (head.status >= 400 and self._spec.retry is None)

    def whole_result(self) -> Result:
        """What `Session.send` gives; it waits for what is not here yet."""
        result = self.result()
        response = result.response
        if response is not None and response.data is None:
            try:
                response.read()
            except ReqcliError as error:
                result.error = error
        return result

    def credential(self, hop: RequestSpec) -> Credential | None:
        found = super().credential(hop)
        if found is not None and not (self._may_wait or load(found.scheme).is_fixed):
            raise WouldWait  # such a scheme counts its requests, and hears what comes of them
        return found

    def known(self, hop: RequestSpec) -> tuple[Message, Credential | None] | None:
        return super().known(hop) if self.begun is None else (self.begun.request, self._exposed)


def _is_small(body: Body | None) -> bool:
    """Whether a request with this body goes out at once: there is none, or it is in memory and goes with the head."""
    return body is None or (isinstance(body, BytesBody) and len(body.data) <= _SMALL)
