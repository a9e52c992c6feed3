"""How the runs that share a session take turns at running a command of it; see `session.memo` for what they note."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from reqcli.errors import SessionError, StoreUnavailable
from reqcli.session.memo import UNSHARED, Memo, ReplaceMemo, memo_of
from reqcli.vault.answer import Answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.session.schema import Json, SessionState

GLANCE: Final = 0.05
"""Seconds between two looks at what the run whose turn it is has answered."""


class Shared:
    """The stored session, where the runs that share it leave notes for each other.

    Args:
        read: gives what is stored now.
        note: applies an operation to what is stored, and gives what is stored then.
    """

    __slots__ = ("note", "read")

    def __init__(self, read: Callable[[], SessionState | None], note: Callable[[ReplaceMemo], SessionState]) -> None:
        self.read: Final = read
        self.note: Final = note


class Turn:
    """The queue for one command, as one run sees it.

    Args:
        command: as it stands in the references to it.
        shared: the stored session.
        memo: what stood there when this run found that it needs an answer.

    Attributes:
        memo: what stands there as far as this run knows.
    """

    __slots__ = ("_before", "_command", "_run", "_shared", "memo")

    def __init__(self, command: Json, shared: Shared, memo: Memo | None) -> None:
        self._command: Final = command
        self._shared: Final = shared
        self._before = memo
        self._run: Final = os.urandom(8).hex()
        self.memo = memo

    def awaited(self, patience: Callable[[], float]) -> Answer | None:
        """The answer of the run whose turn it is; None if the turn is this run's own, or nobody answered.

        Args:
            patience: gives the seconds that a command may take from now on.

        Raises:
            Timeout: the call has no time left to wait.
        """
        stale = None if self.memo is None else self.memo.answer
        began, limit = time.time(), patience()
        has_waited = False
        while True:
            answer, now = kept(self.memo), time.time()
            if answer is not None and answer.value != stale:
                return answer
            is_in_time = began <= now < began + limit
            if self.memo is not None and self.memo.is_awaited(now) and is_in_time:
                patience()
                time.sleep(GLANCE)
                state = self._shared.read()
                self.memo = None if state is None else memo_of(state, self._command)
                has_waited = True
            elif has_waited or not is_in_time or self.memo == UNSHARED or self._takes_turn(now + limit + 1):
                return None

    def _takes_turn(self, ends: float) -> bool:
        """Take it, or find that it cannot be noted; False if somebody else noted something since this run looked."""
        before = self._before = self.memo
        answer, until = (None, 0.0) if before is None else (before.answer, before.until)
        self.memo = noted(self._shared, self._command, Memo(answer, until, self._run, ends), before)
        return self.memo == before or (self.memo is not None and self.memo.run == self._run)

    def give_up(self) -> None:
        """Leave the turn to the others, for this run has no answer to give."""
        if self.memo is not None and self.memo.run == self._run:
            noted(self._shared, self._command, self._before, self.memo)


def kept(memo: Memo | None) -> Answer | None:
    """The answer of a memo, if it may still be used."""
    secret = None if memo is None else memo.good(time.time())
    return None if memo is None or secret is None else Answer(secret, memo.until)


def noted(shared: Shared, command: Json, memo: Memo | None, expected: Memo | None) -> Memo | None:
    """Put a memo in the place of another; what stands there then, which is `expected` if nothing could be noted.

    A session that cannot be written, or is gone, is no reason to send nothing: the run does without the others.
    """
    try:
        return memo_of(shared.note(ReplaceMemo(command, memo, expected=expected)), command)
    except (SessionError, StoreUnavailable):
        return expected
