"""Sealed contexts and fields: text that only a holder of the key can read, make or change (`reqcli[seal]`).

    reqcli1.KEYID.BASE64URL       nonce (12 bytes), then AES-256-GCM over the compressed context, tag included

What stands before the last full stop is authenticated too. The key's id (the first bytes of its SHA-256) says which of
several keys was used, and gives nothing of it away. A nonce is random: with 96 bits, one key is good for some four
thousand million contexts (NIST SP 800-38D §8.3). Nothing is unpacked before it is known to be our own, and then no
more than a context may have.
"""

from __future__ import annotations

import os
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from reqcli.errors import ContextInvalid, Usage
from reqcli.model.secret import SEALED
from reqcli.session.context import MAX_CONTEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    from reqcli.model.secret import Secret

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

MAX_SEALED: Final = 2 * MAX_CONTEXT
"""Characters of a sealed context; what is longer is no context, packed or not."""


def new_key() -> str:
    """A key, as text to be kept in a file or a variable."""
    return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode().rstrip("=")


def seal(data: bytes, key: Secret) -> bytes:
    """Seal a context.

    Args:
        data: the context as text.
        key: as `new_key` writes it.

    Raises:
        Usage: that is no key, or the library for it is not installed.
    """
    raw = _raw(key)
    head = f"{SEALED}{_id(raw)}"
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + _cipher(raw).encrypt(nonce, zlib.compress(data, 9), head.encode())
    return f"{head}.{_encoded(sealed)}\n".encode()


def unseal(data: bytes, key: Secret) -> bytes:
    """What was sealed.

    Raises:
        ContextInvalid: it is nothing that was sealed with this key, or not whole.
        Usage: that is no key, or the library for it is not installed.
    """
    raw = _raw(key)
    head, _, sealed = data.decode("ascii", "replace").strip().rpartition(".")
    if len(data) > MAX_SEALED or not head.startswith(SEALED):
        raise ContextInvalid("the context cannot be used: it is not sealed", hint="seal it, or leave the key out")
    if head != f"{SEALED}{_id(raw)}":
        raise ContextInvalid("the context cannot be used: it was sealed with another key")
    cipher = _cipher(raw)
    from cryptography.exceptions import InvalidTag

    try:
        packed = _decoded(sealed)
        plain = cipher.decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], head.encode())
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(plain, MAX_CONTEXT + 1)
    except (InvalidTag, ValueError, zlib.error) as error:
        raise ContextInvalid("the context cannot be used: it was changed, or is not whole") from error
    if len(text) > MAX_CONTEXT or not unpacker.eof or unpacker.unused_data:
        raise ContextInvalid(f"the context cannot be used: unpacked, it is longer than {MAX_CONTEXT} bytes")
    return text


class FieldSeal:
    """Seals single values for a store whose operator must not read them; each only fits where it was put.

    Args:
        key: as `new_key` writes it.

    Raises:
        Usage: that is no key, or the library for it is not installed.
    """

    __slots__ = ("_cipher", "_head")

    def __init__(self, key: Secret) -> None:
        raw = _raw(key)
        self._head: Final = f"{SEALED}{_id(raw)}."
        self._cipher: Final = _cipher(raw)

    def seal(self, text: str, place: str) -> str:
        """The sealed value.

        Args:
            text: the value.
            place: where it will be; authenticated with it.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed: bytes = self._cipher.encrypt(nonce, text.encode(), f"{self._head}{place}".encode())
        return f"{self._head}{_encoded(nonce + sealed)}"

    def unseal(self, sealed: str, place: str) -> str:
        """The value.

        Raises:
            ValueError: it was not sealed with this key for this place.
        """
        if not sealed.startswith(self._head):
            raise ValueError("it is not sealed with this key")
        from cryptography.exceptions import InvalidTag

        packed = _decoded(sealed.removeprefix(self._head))
        try:
            plain: bytes = self._cipher.decrypt(
                packed[:NONCE_BYTES], packed[NONCE_BYTES:], f"{self._head}{place}".encode()
            )
        except InvalidTag as error:
            raise ValueError("it was changed, or belongs elsewhere") from error
        return plain.decode()


def is_sealed(data: bytes) -> bool:
    """Whether it claims to be a sealed context."""
    return data.startswith(SEALED.encode())


def _raw(key: Secret) -> bytes:
    try:
        raw = _decoded(key.reveal().strip())
    except ValueError:
        raw = b""
    if len(raw) != KEY_BYTES:
        raise Usage("that is no key for contexts", hint="make one: `reqcli context keygen FILE`")
    return raw


def _id(key: bytes) -> str:
    return _encoded(sha256(b"reqcli context key" + key).digest()[:6])


def _cipher(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise Usage("sealed contexts need the library cryptography", hint="pip install 'reqcli[seal]'") from error
    return AESGCM(key)


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    """Strictly: of several texts that mean the same bytes, one is right."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _encoded(data) != text:
        raise ValueError("not base64url as it is written here")
    return data
