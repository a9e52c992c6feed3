"""What one run knows of captured values: when the rules are asked what to take, to send and to forget.

The rules themselves are pure (`reqcli.session.captures`). Loaded for a run whose session has some, and for no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from reqcli.model.response import Response
from reqcli.model.secret import Secret
from reqcli.session import captures as rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.cookies.jar import Jar
    from reqcli.model.response import BodySource, ResponseHead
    from reqcli.model.spec import RequestSpec
    from reqcli.session.operations import Operation
    from reqcli.session.rule_operations import SetValue
    from reqcli.session.schema import SessionState

LONGEST_BODY: Final = 1024 * 1024
"""Bytes of a decoded body that are kept for the rules that look into it; nothing is taken from a longer one."""


class Captures:
    """The captured values of one run, hop by hop.

    Args:
        state: gives the session's state by now.
        jar: the run's.
        now: the clock, in seconds since the epoch.
        keep: stores what changed and reads what other runs stored meanwhile.
        body_done: is called when a body has taught something, after it was stored.
        tell: says something to the user, by its code and in a sentence.
        secrets: is given every value that is no `public` one.
    """

    __slots__ = (
        "_body_done", "_is_spent", "_jar", "_keep", "_now", "_secrets", "_spec", "_state", "_tell",
        "carried",
    )  # fmt: skip

    def __init__(
        self,
        *,
        state: Callable[[], SessionState],
        jar: Jar,
        now: Callable[[], float],
        keep: Callable[[Sequence[Operation]], None],
        body_done: Callable[[], None],
        tell: Callable[[str, str], None],
        secrets: list[Secret],
    ) -> None:
        self._state: Final = state
        self._jar: Final = jar
        self._now: Final = now
        self._keep: Final = keep
        self._body_done: Final = body_done
        self._tell: Final = tell
        self._secrets: Final = secrets
        self._spec: RequestSpec | None = None
        self._is_spent = False
        self.carried = rules.Carried()

    def carry(self, spec: RequestSpec) -> rules.Carried:
        """What the request for this hop carries."""
        self._spec = spec
        self._is_spent = False
        self.carried = rules.carried(spec, self._state(), self._jar, self._now())
        self._secrets.extend(
            Secret(one.value) for one in self.carried.sent if one.value is not None and not one.rule.public
        )
        return self.carried

    def spend(self) -> None:
        """Forget what may go out once: called before it does, so that a run that is killed sends it no second time."""
        if not self._is_spent:
            self._is_spent = True
            spent = rules.spent(self.carried.sent)
            if spent:
                self._keep(spent)

    def learn(self, head: ResponseHead) -> list[SetValue]:
        """What is to be stored of the head of a response to this hop."""
        if self._spec is None:
            return []
        taken = rules.taken(self._state(), head, self._spec.method, self._spec.url, self._now())
        return self._heard(*taken)

    def has_fresh_after(self, status: int) -> bool:
        """Forget what an answer of this status rejects, unless another run has renewed it already.

        Returns:
            Whether the request may be sent once more, and would carry another value now.
        """
        assert self._spec is not None, "a hop was sent"
        sent = self.carried.sent
        rejected = rules.rejected(sent, status)
        is_retried = rules.is_retried(sent, status)
        if rejected or is_retried:
            self._keep(rejected)
        if not is_retried:
            return False
        return rules.has_fresh(sent, rules.carried(self._spec, self._state(), self._jar, self._now()).sent, status)

    def tapped(self, body: BodySource, head: ResponseHead) -> BodySource:
        """The body of this hop's response, looked into at its end if a rule asks for it."""
        spec = self._spec
        if spec is None or not rules.wants_body(self._state(), head, spec.method, spec.url):
            return body

        def done(content: bytes) -> None:
            charset = Response(head, spec.url, body).charset
            taken = rules.taken_from_body(self._state(), content, charset, head, spec.method, spec.url, self._now())
            operations = self._heard(*taken)
            if operations:
                self._keep(operations)
                self._body_done()

        def too_long() -> None:
            self._tell("capture_refused", f"nothing was taken from a body longer than {LONGEST_BODY} bytes")

        return TappedBody(body, done, too_long)

    def _heard(self, operations: list[SetValue], refusals: Iterable[str]) -> list[SetValue]:
        for refusal in refusals:
            self._tell("capture_refused", refusal)
        self._secrets.extend(Secret(taken.stored.value) for taken in operations if not taken.rule.public)
        return operations


class TappedBody:
    """A body source around another one that hands over the whole of a short body when its end has come."""

    __slots__ = ("_done", "_inner", "_too_long")

    def __init__(self, inner: BodySource, done: Callable[[bytes], None], too_long: Callable[[], None]) -> None:
        self._inner: Final = inner
        self._done: Final = done
        self._too_long: Final = too_long

    def chunks(self) -> Iterator[bytes]:
        kept: list[bytes] = []
        room = LONGEST_BODY
        for block in self._inner.chunks():
            room -= len(block)
            if room >= 0:
                kept.append(block)
            else:
                kept.clear()
            yield block
        if room < 0:
            self._too_long()
        elif kept:
            self._done(b"".join(kept))

    def close(self) -> None:
        self._inner.close()
