"""Header fields: an ordered list of names and values, found by name in any case (RFC 9110 §5).

Order and duplicates are kept as they came; nothing is ever joined by commas (Set-Cookie could not survive it).
Values are text: what a server sent is viewed as latin-1, so every byte has a character and comes back unchanged.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Final


class Headers:
    """An immutable, ordered multi-map of header fields."""

    __slots__ = ("_fields", "_first", "_has_repeated")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: Final = tuple(fields)
        first = {name.lower(): value for name, value in self._fields}
        self._has_repeated: Final = len(first) != len(self._fields)
        if self._has_repeated:
            first = {name.lower(): value for name, value in reversed(self._fields)}
        self._first: Final = first

    def get(self, name: str, default: str | None = None) -> str | None:
        """The first value of the field, or the default."""
        return self._first.get(name.lower(), default)

    def get_all(self, name: str) -> list[str]:
        """Every value of the field, in order; empty when it is absent."""
        key = name.lower()
        if key not in self._first:
            return []
        if not self._has_repeated:
            return [self._first[key]]
        return [value for name, value in self._fields if name.lower() == key]

    def tokens(self, name: str) -> list[str]:
        """The comma-separated members over all lines of the field, lower case, blanks trimmed (RFC 9110 §5.6.1)."""
        key = name.lower()
        if key not in self._first:
            return []
        if not self._has_repeated and "," not in self._first[key]:
            member = self._first[key].strip(" \t").lower()
            return [member] if member else []
        return [
            member
            for line in self.get_all(name)
            for member in (part.strip(" \t").lower() for part in line.split(","))
            if member
        ]

    def items(self) -> tuple[tuple[str, str], ...]:
        """All fields as they came."""
        return self._fields

    def lines(self) -> list[str] | None:
        """The lines that the fields came in, each a name, a colon and a value with blanks around it; None if they are
        not kept so."""
        return None

    def with_field(self, name: str, value: str) -> Headers:
        """The same fields with this one set: in the place of the first of its name, or at the end."""
        key = name.lower()
        if key not in self._first:
            return Headers((*self._fields, (name, value)))
        fields: list[tuple[str, str]] = []
        if not self._has_repeated:
            fields += self._fields
            fields[list(self._first).index(key)] = (name, value)  # where each name is once, both are in one order
            changed: Any = object.__new__(Headers)
            changed._fields, changed._first, changed._has_repeated = tuple(fields), {**self._first, key: value}, False
            return changed  # type: ignore[no-any-return]
        placed = False
        for old_name, old_value in self._fields:
            if old_name.lower() != key:
                fields.append((old_name, old_value))
            elif not placed:
                fields.append((name, value))
                placed = True
        return Headers(fields)

    def without(self, *names: str) -> Headers:
        """The same fields, less those of these names."""
        gone = {name.lower() for name in names}
        return Headers(field for field in self._fields if field[0].lower() not in gone)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._first

    def __getitem__(self, name: str) -> str:
        return self._first[name.lower()]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"Headers({', '.join(name for name, _ in self._fields)})"
