"""How a reference becomes a secret: known in the run, kept in the session, or asked for, once or again."""

from __future__ import annotations

import json
import time

from reqcli.errors import SecretUnavailable
from reqcli.model.value import Value
from reqcli.session.memo import KEY, UNSHARED, Memo, memo_of
from reqcli.vault.sources import load
from reqcli.vault.turns import Turn, kept, noted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

    from reqcli.session.schema import SessionState
    from reqcli.vault.answer import Answer
    from reqcli.vault.sources import Source
    from reqcli.vault.turns import Shared


class Reference(Value):
    """What a reference refers to.

    Args:
        kind: of the place.
        where: the place, as JSON text.
    """

    __slots__ = ("kind", "where")

    def __init__(self, kind: str, where: str) -> None:
        self.kind: Final = kind
        self.where: Final = where

    @classmethod
    def of(cls, stored: object) -> Reference:
        """What a stored object says.

        Raises:
            SecretUnavailable: it does not name one place.
        """
        kinds = [key for key in stored if key != KEY] if isinstance(stored, dict) else []
        if not isinstance(stored, dict) or len(kinds) != 1:
            raise SecretUnavailable(
                "the session refers to a secret in a way that names no place",
                hint="set it again with `reqcli session set-auth`",
            )
        return cls(kinds[0], json.dumps(stored[kinds[0]], sort_keys=True))

    def __repr__(self) -> str:
        """Names the kind alone: an argument of a command may be a secret."""
        return f"Reference({self.kind!r})"

    @property
    def place(self) -> Any:
        """The place, as it stands in the reference."""
        return json.loads(self.where)

    @property
    def source(self) -> Source:
        """What fetches it."""
        return load(self.kind)


class Fetching:
    """The places that references name, as one call asks them.

    Args:
        environment: the environment variables.
        known: what the run has fetched; it grows.
        state: the session's, as the run read it.
        patience: gives the seconds that a place may take from now on.
        shared: the stored session, None if nothing is written there.
    """

    __slots__ = ("_environment", "_known", "_patience", "_shared", "_state")

    def __init__(
        self,
        environment: Mapping[str, str],
        known: dict[Reference, Answer],
        state: SessionState | None,
        patience: Callable[[], float],
        shared: Shared | None,
    ) -> None:
        self._environment: Final = environment
        self._known: Final = known
        self._state: Final = state
        self._patience: Final = patience
        self._shared: Final = shared

    def first(self, reference: Reference) -> Answer:
        """The answer that is known and still good, else a fresh one.

        Raises:
            SecretUnavailable, Timeout: it is not to be had.
        """
        known = self._known.get(reference)
        if known is None or (known.until is not None and known.until <= time.time()):
            memo = _memo(reference, self._state)
            known = self._known[reference] = kept(memo) or self._asked(reference, memo)
        return known

    def again(self, reference: Reference) -> bool:
        """Ask again, for a server refused the answer that is known; True if there is another one now.

        Raises:
            SecretUnavailable, Timeout: it is not to be had any more.
        """
        refused = self._known[reference]
        if not reference.source.may_change:
            return False
        memo = _memo(reference, self._state if self._shared is None else self._shared.read())
        answer = kept(memo)
        if answer is None or answer.value == refused.value:
            answer = self._asked(reference, memo)
        self._known[reference] = answer
        return answer.value != refused.value

    def _asked(self, reference: Reference, memo: Memo | None) -> Answer:
        """A fresh answer: from the place itself, or from another run that is asking it already."""
        if reference.kind != "command" or self._shared is None:
            return self._fetched(reference)
        if memo == UNSHARED:
            return self._fetched_for_all(reference, self._shared, memo)
        turn = Turn(reference.place, self._shared, memo)
        answer = turn.awaited(self._patience)
        if answer is not None:
            return answer
        try:
            return self._fetched_for_all(reference, self._shared, turn.memo)
        except BaseException:
            turn.give_up()
            raise

    def _fetched(self, reference: Reference) -> Answer:
        return reference.source.fetch(reference.place, self._environment, self._patience())

    def _fetched_for_all(self, reference: Reference, shared: Shared, memo: Memo | None) -> Answer:
        """Ask the place, and let the other runs know what it answered, if that holds for a while."""
        answer = self._fetched(reference)
        holds = answer.until is not None and answer.until > time.time()
        fresh = Memo(answer.value, answer.until or 0) if holds else UNSHARED
        if fresh != memo:
            noted(shared, reference.place, fresh, memo)
        return answer


def _memo(reference: Reference, state: SessionState | None) -> Memo | None:
    return None if state is None or reference.kind != "command" else memo_of(state, reference.place)


def described(stored: object) -> str:
    """The place that a reference names, in words that follow «from»; nothing in them is secret."""
    try:
        reference = Reference.of(stored)
        return reference.source.describe(reference.place)
    except SecretUnavailable:
        return "a place that this version does not know"
