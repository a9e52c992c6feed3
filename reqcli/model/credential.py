"""A credential: the name of an authentication scheme and the values it needs."""

from __future__ import annotations

from reqcli.model.secret import Secret
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final


class Credential(Value):
    """Parameters of one authentication scheme (`basic`: user, password; `bearer`: token).

    Secret parameters are `Secret`, the others plain strings.

    Args:
        scheme: the scheme's name.
        params: its parameters.
        places: references to where parameters were fetched from; whoever stores the credential stores these instead.
    """

    __slots__ = ("params", "places", "scheme")

    def __init__(
        self, scheme: str, params: Mapping[str, str | Secret], *, places: Mapping[str, dict[str, Any]] | None = None
    ) -> None:
        self.scheme: Final = scheme
        self.params: Final = dict(params)
        self.places: Final = {} if places is None else dict(places)

    def __hash__(self) -> int:
        return hash((self.scheme, tuple(sorted(self.params.items(), key=lambda item: item[0]))))

    def reveal(self, name: str) -> str:
        """The value of one parameter, secret or not; empty when it is missing."""
        value = self.params.get(name, "")
        return value.reveal() if isinstance(value, Secret) else value

    def secrets(self) -> list[Secret]:
        """The parameters that must never be shown."""
        return [value for value in self.params.values() if isinstance(value, Secret)]
