"""A run's turn to send, for a session whose runs send one after the other: let go when what was taught is stored.

That is when the response's head is in, and its cookies with it. Only where a captured value is to come out of the body
the turn lasts until the body has ended or was given up.
"""

from __future__ import annotations

from collections.abc import Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Final, Self

    from reqcli.model.response import BodySource


class Held:
    """A turn from its taking to its end, which comes once, whoever brings it.

    Args:
        turn: not yet taken; entering takes it, and may wait for it.
    """

    __slots__ = ("_turn", "_waits_for_body")

    def __init__(self, turn: AbstractContextManager[object]) -> None:
        self._turn: AbstractContextManager[object] | None = turn
        self._waits_for_body = False

    def __enter__(self) -> Self:
        assert self._turn is not None, "a turn is taken once"
        self._turn.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._waits_for_body:
            self.let_go()

    def until_the_end_of(self, body: BodySource) -> BodySource:
        """The body, whose end (or `close`) is the end of the turn."""
        self._waits_for_body = True
        return _LastBody(body, self)

    def let_go(self) -> None:
        """End it; may be called again."""
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.__exit__(None, None, None)


class _LastBody:
    __slots__ = ("_held", "_inner")

    def __init__(self, inner: BodySource, held: Held) -> None:
        self._inner: Final = inner
        self._held: Final = held

    def chunks(self) -> Iterator[bytes]:
        try:
            yield from self._inner.chunks()
        finally:
            self._held.let_go()

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._held.let_go()
