"""What a function gave lately, and patterns that are compiled late.

`functools` and `re` do both, and to load them takes a start longer than all that one request asks of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final, TypeVar

    K = TypeVar("K")
    V = TypeVar("V")


PATIENCE: Final = 8
"""Uses of a pattern before it is compiled. That takes as long as some hundred readings without it, which is also why a
call that is redirected a few times should not come to it."""


def remembered(most: int, function: Callable[[K], V]) -> Callable[[K], V]:
    """The function, which no longer works out again what it gave lately for the same argument.

    Args:
        most: results to keep; with one more all are forgotten.
        function: gives the same for equal arguments, and nothing that may be changed. What it raises is not kept.
    """
    return _Given(most, function).__getitem__  # type: ignore[return-value]


class _Given(dict[object, object]):
    __slots__ = ("_function", "_most")

    def __init__(self, most: int, function: Callable[[Any], object]) -> None:
        self._most: Final = most
        self._function: Final = function

    def __missing__(self, argument: object) -> object:
        value = self._function(argument)
        if len(self) >= self._most:
            self.clear()
        self[argument] = value
        return value


class LatePattern:
    """A regular expression that finds nothing at first: it is compiled when it has been asked so often that it pays.

    It is for what can be read in another way too: that way is for those who read a few such things and no more.

    Args:
        pattern: as for `re.compile`.
        how: the method to be called, `match` or `fullmatch`.

    Attributes:
        ask: that method.
    """

    __slots__ = ("_asked", "_how", "_pattern", "ask")

    def __init__(self, pattern: str | bytes, how: str) -> None:
        self._pattern: Final = pattern
        self._how: Final = how
        self._asked = 0
        self.ask: Callable[[Any], Any] = self._count

    def _count(self, text: object) -> Any:
        self._asked += 1
        if self._asked <= PATIENCE:
            return None
        import re

        self.ask = getattr(re.compile(self._pattern), self._how)
        return self.ask(text)
