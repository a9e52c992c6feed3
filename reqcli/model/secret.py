"""A secret is a type that cannot show itself: only `.reveal()` gives the value away."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, NoReturn

MASK: Final = "••••"

SEALED: Final = "reqcli1."
"""How a sealed text begins, which no JSON does (`reqcli.vault.seal`)."""


class Secret:
    """A password, token or key. `str`, `repr` and formatting show a mask; pickling and JSON refuse it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value: Final = value

    def reveal(self) -> str:
        """The value itself. Every call is a place to look at in a review."""
        return self._value

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled")
