"""Places that a session's document may refer to for a secret: one file is one kind, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from reqcli.errors import SecretUnavailable
from reqcli.model import shelf
from reqcli.model.fields import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol

    from reqcli.vault.answer import Answer
else:
    Protocol = object

LARGEST: Final = 64 * 1024
"""Bytes of a secret: the longest tokens have a few thousand."""


class Source(Protocol):
    """What every file of this folder ends in, under the name `SOURCE`."""

    @property
    def may_change(self) -> bool:
        """Whether asking again, when a server refused the secret, may bring another one."""

    def describe(self, where: object) -> str:
        """The place in words, as they follow «from»; nothing in them is secret.

        Args:
            where: as it stands in the reference.

        Raises:
            SecretUnavailable: no place of this kind can be meant by that.
        """

    def fetch(self, where: object, environment: Mapping[str, str], patience: float) -> Answer:
        """The secret, and until when it holds if that is known.

        Args:
            where: as it stands in the reference.
            environment: the environment variables.
            patience: seconds it may take.

        Raises:
            SecretUnavailable: it is not to be had.
            Timeout: not in that time.
        """


def names() -> list[str]:
    """The kinds there are."""
    return shelf.names(__path__)


def load(name: str) -> Source:
    """The source of this kind.

    Raises:
        SecretUnavailable: there is none.
    """
    source: Source | None = shelf.load(__name__, name, "SOURCE")
    if source is None:
        raise SecretUnavailable(
            f"the session refers to a secret by {shown(name)}, which this version cannot fetch",
            hint=f"there are {', '.join(names())}; set it again with `reqcli session set-auth`",
        )
    return source


def malformed(kind: str, form: str) -> SecretUnavailable:
    """The error for a reference that says nothing.

    Args:
        kind: of the source.
        form: how it ought to be written.
    """
    return SecretUnavailable(
        f"the session refers to a secret by {kind}, but not in the form of one",
        hint=f"the form is {form}; `reqcli session set-auth` writes it",
    )
