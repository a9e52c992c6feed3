"""A pin: the key that an origin's certificate must have, whoever signed it (the form of RFC 7469 §2.4).

It is the SHA-256 of the certificate's SubjectPublicKeyInfo, so it outlives a renewal that keeps the key. Only the
server's own certificate is looked at, not its issuers. A pin belongs to one origin: it says nothing of another one that
a redirect leads to, and holds again where a chain comes back. Loaded for calls that pin something.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Iterable

from reqcli.errors import Usage
from reqcli.model.fields import shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.origin import Origin

_PREFIX: Final = "sha256//"
_SIZE: Final = 32


class Pin(Value):
    """One key that an origin may have; with several pins it may have any of them.

    Args:
        origin: whom it is for.
        digest: the SHA-256 of the SubjectPublicKeyInfo, 32 bytes.
    """

    __slots__ = ("digest", "origin")

    def __init__(self, origin: Origin, digest: bytes) -> None:
        self.origin: Final = origin
        self.digest: Final = digest


def written(digest: bytes) -> str:
    """A digest as it is typed: `sha256//BASE64`."""
    return _PREFIX + b2a_base64(digest, newline=False).decode()


def parse_pins(texts: str | Iterable[str], origin: Origin) -> tuple[Pin, ...]:
    """The pins of one origin.

    Args:
        texts: each `sha256//BASE64`, or several of these with semicolons between.
        origin: whom they are for.

    Raises:
        Usage: one is of another form, or nothing at that origin has a certificate.
    """
    if not origin.is_secure:
        raise Usage(f"a pin needs https: {origin} shows no certificate", hint="write https://, or pin nothing")
    lists = [texts] if isinstance(texts, str) else texts
    return tuple(Pin(origin, _digest(text.strip())) for some in lists for text in some.split(";"))


def _digest(text: str) -> bytes:
    try:
        digest = a2b_base64(text.removeprefix(_PREFIX), strict_mode=True)
    except (Error, ValueError):
        digest = b""
    if not text.startswith(_PREFIX) or len(digest) != _SIZE:
        raise Usage(
            f"the pin {shown(text)} is not of the form {_PREFIX}BASE64, the SHA-256 of a public key",
            hint="a server whose pin is another is named with its own in the error",
        )
    return digest
