"""The coding `zstd` (RFC 8878), from the standard library of Python 3.14 or its backport.

A body is one or more frames, and frames without data between them (§3.1.2). A frame may ask for a window of at most
8 MiB (RFC 9659 §3): that is what a decoder has to keep in memory.
"""

from __future__ import annotations

import sys

from reqcli.decode import Coding

if sys.version_info >= (3, 14):
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.decode import Decompressor

WINDOW_LOG: Final = 23
FRAME: Final = b"\x28\xb5\x2f\xfd"
SKIPPABLE: Final = b"\x2a\x4d\x18"
"""The end of the magic number of a frame without data; its first byte is 0x50 to 0x5F."""


def start(prefix: bytes) -> Decompressor | None:
    """The frame that begins with these four bytes."""
    if prefix != FRAME and not (prefix[0] >> 4 == 5 and prefix[1:] == SKIPPABLE):
        return None
    stream: Decompressor = ZstdDecompressor(options={DecompressionParameter.window_log_max: WINDOW_LOG})
    return stream


CODING: Final = Coding("zstd", prefix=len(FRAME), start=start, error=ZstdError, behind="streams")
