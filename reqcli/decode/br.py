"""The coding `br` (RFC 7932), if the library brotli is installed in a version that can bound its output (1.2).

Without that bound a kilobyte could take gigabytes before we get to see any of it, so an older one does not count as
installed. The library says nothing about bytes behind the end of the stream but that they are an error.
"""

from __future__ import annotations

import brotli

from reqcli.decode import Coding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

OUTPUT_LIMIT: Final = 16 * 1024
"""The library fills the block it is at, and its first one is of 32 KiB: with a larger limit it would give 96."""

if not hasattr(brotli.Decompressor, "can_accept_more_data"):
    raise ImportError("brotli before 1.2 cannot bound its output")


class Unbrotli:
    """A brotli stream with the face of a `Decompressor`."""

    __slots__ = ("_stream", "needs_input")

    unused_data: Final = b""

    def __init__(self) -> None:
        self._stream: Final[Any] = brotli.Decompressor()
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        limit = min(max_length, OUTPUT_LIMIT)
        output: bytes = self._stream.process(data, output_buffer_limit=limit)
        # The library speaks only of its input: with all of that taken there can still be output that did not fit.
        self.needs_input = self._stream.can_accept_more_data() and len(output) < limit
        return output

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())


def start(_: bytes) -> Unbrotli:
    """A stream; nothing at its beginning tells that it is one."""
    return Unbrotli()


CODING: Final = Coding("br", prefix=1, start=start, error=brotli.error, behind="nothing")
