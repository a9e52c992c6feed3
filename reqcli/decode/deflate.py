"""The coding `deflate` (RFC 9110 §8.4.1.2): deflate data (RFC 1951) in the wrapper of zlib (RFC 1950), or bare.

Servers send both under one name. The two bytes of a zlib header carry a check sum, so they tell which it is before
anything is decoded: to try one and then the other would mistake a broken stream for the other kind.
"""

from __future__ import annotations

import zlib

from reqcli.decode import Coding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ZLIB_WRAPPER: Final = zlib.MAX_WBITS
NO_WRAPPER: Final = -zlib.MAX_WBITS


class Inflate:
    """A zlib stream with the face of a `Decompressor`.

    Args:
        wrapper: the window bits, which tell zlib what is around the data.
    """

    __slots__ = ("_stream", "needs_input")

    def __init__(self, wrapper: int) -> None:
        self._stream: Final = zlib.decompressobj(wrapper)
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        stream = self._stream
        output = stream.decompress(stream.unconsumed_tail + data, max_length)
        # With all input taken there can still be output that did not fit, of a match that was cut off.
        self.needs_input = not stream.unconsumed_tail and len(output) < max_length
        return output

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data


def start(prefix: bytes) -> Inflate:
    """The stream that begins with these two bytes (RFC 1950 §2.2: method 8, and a multiple of 31)."""
    is_zlib = prefix[0] & 0x0F == 8 and int.from_bytes(prefix, "big") % 31 == 0
    return Inflate(ZLIB_WRAPPER if is_zlib else NO_WRAPPER)


CODING: Final = Coding("deflate", prefix=2, start=start, error=zlib.error, behind="junk")
