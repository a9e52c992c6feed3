"""A vault that asks no place: for a rehearsal every reference gives a stand-in, and it is known which were needed."""

from __future__ import annotations

from reqcli.model.secret import Secret
from reqcli.vault import Vault
from reqcli.vault.answer import Answer
from reqcli.vault.fetching import Reference

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class _StandIns(dict[Reference, Answer]):
    """Knows an answer to every reference, made up when it is asked for first."""

    def __init__(self, stand_in: Callable[[], str]) -> None:
        super().__init__()
        self._stand_in = stand_in

    def get(self, reference: Reference, default: object = None) -> Answer:
        return self.setdefault(reference, Answer(Secret(self._stand_in())))


class UnfetchedVault(Vault):
    """Gives stand-ins: no command is run, no file, variable or keyring is read.

    Args:
        stand_in: gives a text that any scheme can send and that stands nowhere else by chance.
    """

    __slots__ = ()

    def __init__(self, stand_in: Callable[[], str]) -> None:
        super().__init__(known=_StandIns(stand_in))

    def places(self) -> list[str]:
        """The places that would have been asked, in words that follow «from»."""
        return [reference.source.describe(reference.place) for reference in self.known]
