"""Which statuses count as success, where the usual rule (below 400, and no redirect left over) is not what is meant."""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.fields import shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Self


class Expect(Value):
    """A list of statuses.

    Args:
        statuses: each a status, `404`, or a class of them, `2xx`.
    """

    __slots__ = ("statuses",)

    def __init__(self, statuses: tuple[str, ...]) -> None:
        self.statuses: Final = statuses

    @classmethod
    def parse(cls, text: str) -> Self:
        """The list as it is typed: `2xx,404`.

        Raises:
            Usage: a word of it is no status.
        """
        statuses = tuple(word.strip() for word in text.lower().split(","))
        for word in statuses:
            if not _is_status(word):
                raise Usage(f"{shown(word)} is no status to expect", hint="like 404, 2xx or 2xx,404")
        return cls(statuses)

    def __contains__(self, status: int) -> bool:
        return f"{status}" in self.statuses or f"{status // 100}xx" in self.statuses

    def __str__(self) -> str:
        return ",".join(self.statuses)


def _is_status(word: str) -> bool:
    digits = word[:1] if word.endswith("xx") else word
    return len(word) == 3 and digits.isascii() and digits.isdigit() and digits[0] != "0"
