"""The form serialiser (WHATWG URL §5.2): names and values as application/x-www-form-urlencoded."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

_KEPT: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._")
_ENCODED: Final = tuple(chr(byte) if byte in _KEPT else "+" if byte == 0x20 else f"%{byte:02X}" for byte in range(256))


def encode_form(pairs: Iterable[tuple[str, str]]) -> str:
    """The pairs joined by `&`, UTF-8, blanks as `+`; bytes that came undecodable from argv stay those bytes."""
    return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in pairs)


def _encode(text: str) -> str:
    return "".join([_ENCODED[byte] for byte in text.encode(errors="surrogateescape")])
