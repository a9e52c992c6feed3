"""Authentication schemes: one file is one scheme, found by its name and loaded when asked for.

A scheme is a generator from request to request: it is given the request, yields what is to be sent, is fed
the response's head, and ends when it has nothing more to say. It knows no client, no thread and no socket.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model import shelf
from reqcli.model.fields import shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Final, Protocol

    from reqcli.model.credential import Credential
    from reqcli.model.request import Request
    from reqcli.model.response import ResponseHead

    AuthFlow = Generator[Request, ResponseHead, None]
else:
    Protocol = object


class Param(Value):
    """One value that a scheme needs: prompting, help, storing and masking follow from this declaration.

    Args:
        name: how it is stored.
        help: what it is, for prompts and help.
        secret: whether it must never be shown.
    """

    __slots__ = ("help", "name", "secret")

    def __init__(self, name: str, help: str, *, secret: bool = False) -> None:  # noqa: A002
        self.name: Final = name
        self.help: Final = help
        self.secret: Final = secret


class Space:
    """What a scheme remembers of one protection space while a run lasts; each origin has one of its own.

    Args:
        random_hex: gives 32 random hexadecimal digits.

    Attributes:
        memory: whatever the scheme put there last; None at first.
    """

    __slots__ = ("memory", "random_hex")

    def __init__(self, random_hex: Callable[[], str]) -> None:
        self.random_hex: Final = random_hex
        self.memory: object = None


class Scheme(Protocol):
    """What every file of this folder ends in, under the name `SCHEME`."""

    @property
    def params(self) -> tuple[Param, ...]:
        """The values it needs, all of them, in the order a person would be asked for them."""

    @property
    def is_fixed(self) -> bool:
        """Whether it sends one request, the same every time, and hears no answer."""

    def from_text(self, text: str) -> Credential:
        """The credential in the form a person types it (`user:password`); what is left out is not in it.

        Raises:
            Usage: the text cannot be one.
        """

    def flow(self, request: Request, credential: Credential, space: Space) -> AuthFlow:
        """The request with the credential, and further ones if the responses ask for them.

        Args:
            request: without a credential.
            credential: with every parameter of `params`.
            space: of the request's origin.

        Raises:
            Usage: the credential cannot be sent by this scheme.
        """


_LONGEST_SHOWN: Final = 16


def names() -> list[str]:
    """The schemes there are."""
    return shelf.names(__path__)


def load(name: str) -> Scheme:
    """The scheme of this name, in any letter case.

    Raises:
        Usage: there is none.
    """
    scheme: Scheme | None = shelf.load(__name__, name.lower(), "SCHEME")
    if scheme is None:
        may_be_token = not name.isalpha() or len(name) > _LONGEST_SHOWN
        word = f"{shown(name[:2])[:-1]}…'" if may_be_token else shown(name)
        raise Usage(f"there is no authentication scheme {word}", hint=f"one of {', '.join(names())}")
    return scheme
