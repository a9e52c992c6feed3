"""What a command answered, kept beside each reference to it until it expires, and which run is asking it just now.

    {"command": ["op", "read", "op://x/y"], "memo": {"answer": "…", "until": 1764.5, "run": "", "turn": 0}}

A fleet of short runs that share a session would run the command once each, and each would store its token over the
others'. So a run that needs a fresh answer first takes the turn: it writes its own number into the memo, by compare and
set, and the others wait for its answer. No lock is held meanwhile. A turn ends by itself at the time it names, for its
run may be killed. A command that names no expiry is noted as one whose answers cannot be shared, so that nobody waits
for it again. All references to the same command share its memo, and it goes when they go.
"""

from __future__ import annotations

from reqcli.model.result import SessionChange
from reqcli.model.secret import Secret
from reqcli.model.value import Value
from reqcli.session.operations import Operation
from reqcli.session.schema import StoredAuth, StoredHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from reqcli.session.operations import Draft
    from reqcli.session.schema import Held, Json, SessionState

KEY: Final = "memo"
"""Where it stands in a reference, beside the one key that says what is referred to."""


class Memo(Value):
    """What is known of one command that was asked before, or is asked just now.

    Args:
        answer: its last one, None if that came without an expiry or has yet to come.
        until: seconds since the epoch up to which the answer may be used.
        run: whose turn it is to ask again, empty for nobody's.
        turn: seconds since the epoch at which the turn ends.
    """

    __slots__ = ("answer", "run", "turn", "until")

    def __init__(self, answer: Secret | None = None, until: float = 0, run: str = "", turn: float = 0) -> None:
        self.answer: Final = answer
        self.until: Final = until
        self.run: Final = run
        self.turn: Final = turn

    @classmethod
    def of(cls, held: object) -> Memo | None:
        """The memo of a reference; one that cannot be understood counts as none, for it can be had again."""
        found: Any = held.get(KEY) if isinstance(held, dict) else None
        if not isinstance(found, dict) or found.keys() != set(cls.__slots__):
            return None
        answer, until, run, turn = found["answer"], found["until"], found["run"], found["turn"]
        if type(answer) not in (str, type(None)) or type(run) is not str or not {type(until), type(turn)} <= _NUMBERS:
            return None
        return cls(None if answer is None else Secret(answer), until, run, turn)

    def as_json(self) -> Json:
        """What `of` reads."""
        answer = None if self.answer is None else self.answer.reveal()
        return {"answer": answer, "until": self.until, "run": self.run, "turn": self.turn}

    def good(self, now: float) -> Secret | None:
        """The answer, if it may still be used."""
        return self.answer if now < self.until else None

    def is_awaited(self, now: float) -> bool:
        """Whether a run has the turn, and may be expected to give an answer."""
        return self.run != "" and now < self.turn


UNSHARED: Final = Memo()
"""Of a command whose answers say nothing of an expiry."""

_NUMBERS: Final = {int, float}


def memo_of(state: SessionState | Draft, command: Json) -> Memo | None:
    """What a session knows of a command, wherever it refers to it."""
    memos = (Memo.of(held) for held in _held(state) if _is_for(held, command))
    return next((memo for memo in memos if memo is not None), None)


class ReplaceMemo(Operation):
    """Note what a command answered, or whose turn it is, but only in place of what this run had read.

    Where another run was quicker, its memo stands: the caller sees it in the state that comes back.

    Args:
        command: as it stands in the references to it.
        memo: the new one, or None for none.
        expected: what this run had read.
    """

    __slots__ = ("command", "expected", "memo")

    def __init__(self, command: Json, memo: Memo | None, *, expected: Memo | None) -> None:
        self.command: Final = command
        self.memo: Final = memo
        self.expected: Final = expected

    def __repr__(self) -> str:
        """Shows no arguments of the command: one of them may be a secret."""
        return f"ReplaceMemo({self.memo!r} for {self.expected!r})"

    def is_news(self, state: SessionState) -> bool:
        """Whether it put an answer into the session, which is worth telling; whose turn it is is not."""
        memo = self.memo
        return memo is not None and memo.answer is not None and not memo.run and memo_of(state, self.command) == memo

    def describe(self) -> SessionChange:
        if self.memo is None or self.memo.answer is None:
            return SessionChange("del", "auth", "command")
        return SessionChange("set", "auth", "command", expires=self.memo.until)

    def change(self, draft: Draft) -> None:
        if memo_of(draft, self.command) != self.expected:
            return
        for key, header in draft.headers.items():
            draft.headers[key] = StoredHeader(header.name, self._noted(header.value), header.origin)
        for origin, auth in draft.auth.items():
            params = {name: self._noted(held) for name, held in auth.params.items()}
            draft.auth[origin] = StoredAuth(auth.scheme, params)

    def _noted(self, held: Held) -> Held:
        if not (isinstance(held, dict) and _is_for(held, self.command)):
            return held
        bare = {key: value for key, value in held.items() if key != KEY}
        return bare if self.memo is None else {**bare, KEY: self.memo.as_json()}


def _held(state: SessionState | Draft) -> Iterator[Held]:
    for header in state.headers.values():
        yield header.value
    for auth in state.auth.values():
        yield from auth.params.values()


def _is_for(held: Held, command: Json) -> bool:
    return isinstance(held, dict) and held.get("command") == command
