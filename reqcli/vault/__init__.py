"""Where secret values come from: in the session's document itself, or from a place that it refers to."""

from __future__ import annotations

from reqcli.errors import SecretUnavailable
from reqcli.model.secret import Secret


def reveal(stored: object) -> Secret:
    """The secret that a stored value is or refers to.

    Raises:
        SecretUnavailable: it is a reference of a kind that is not known here.
    """
    if isinstance(stored, str):
        return Secret(stored)
    kind = next(iter(stored), "empty") if isinstance(stored, dict) else type(stored).__name__
    raise SecretUnavailable(
        f"the session refers to a secret by {kind!s}, which this version cannot fetch",
        hint="set it again with `reqcli session set-auth` or `set-header`",
    )
