"""The coding `gzip` (RFC 9110 §8.4.1.3): deflate data in members, each with a check sum at its end (RFC 1952 §2.2).

Several members are one body. Some servers pad the last one with zeros or worse, which means nothing.
"""

from __future__ import annotations

import zlib

from reqcli.decode import Coding
from reqcli.decode.deflate import Inflate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAGIC: Final = b"\x1f\x8b"
GZIP_WRAPPER: Final = 16 + zlib.MAX_WBITS


def start(prefix: bytes) -> Inflate | None:
    """The member that begins with these two bytes."""
    return Inflate(GZIP_WRAPPER) if prefix == MAGIC else None


CODING: Final = Coding("gzip", prefix=len(MAGIC), start=start, error=zlib.error, behind="streams")
