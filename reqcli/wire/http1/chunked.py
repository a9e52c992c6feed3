"""Takes the chunks off a response body (RFC 9112 §7.1), and reads the trailers behind them.

They are read here and not by llhttp, which httptools would bring. Loading it takes as long as reading several
thousand chunks here; it refuses the blanks that the grammar has before an extension and that old servers pad sizes
with (RFC 9112 §7.1.1), accepts sizes of 16 digits, bounds neither extensions nor trailers, and swallows a CRLF behind
the end of the message, where every byte that belongs to no message has to be noticed. The grammar is small:

    chunk-size [ BWS ] [ ";" extension ] CRLF   data   CRLF   …   "0" … CRLF   trailer-field CRLF   …   CRLF

With a CRLF put in front of the first size, one thing repeats: CRLF, size, CRLF, data. It is taken whole or not at all,
and then again when more has arrived, so that it cannot matter how the network cut it. Each line end is CRLF and
nothing else, the one behind the data too: readers that skip two bytes unseen there let one message pass for two
(CVE-2025-43859). Extensions mean nothing to us and are dropped.
"""

from __future__ import annotations

from reqcli.errors import BadResponse, BodyIncomplete
from reqcli.model.fields import HEX_DIGITS
from reqcli.model.headers import Headers
from reqcli.model.response import DEFAULT_LIMITS, Limits
from reqcli.wire.http1.head import find_stop, over, read_trailers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.wire.http1 import Data

_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {0x09})
"""What stands in no extension."""

MOST_DIGITS: Final = 15
"""No size needs more digits, and none of as many can overflow."""

_NO_TRAILERS: Final = Headers()

_FIXED_BYTES: Final = len("\r\n" + MOST_DIGITS * "f" + "\r\n")


class ChunkedBody:
    """A body in chunks, each with its own length."""

    __slots__ = ("_held", "_in_trailers", "_left", "_limits", "_received", "done", "leftover", "trailers")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits: Final = limits
        self._left = 0
        self._held = b"\r\n"
        self._in_trailers = False
        self._received = 0
        self.done = False
        self.leftover = b""
        self.trailers = _NO_TRAILERS

    def feed(self, data: Data) -> Data | bytes:
        size = len(data)
        if size <= self._left:
            self._left -= size
            self._received += size
            return data
        held = self._held
        arrived = held + data if held else bytes(data)
        if self._in_trailers:
            self._read_trailers(arrived, len(held))
            return b""
        pieces = self._read_chunks(arrived)
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._received += len(body)
        return body

    def eof(self) -> None:
        if not self.done:
            raise BodyIncomplete(
                f"the response body, sent in chunks, ended after {self._received} bytes without its last chunk",
                details={"received": self._received, "expected": None},
            )

    def _read_chunks(self, arrived: bytes) -> list[bytes]:
        """The data in these bytes, which begin inside a chunk's data or at the CRLF behind it."""
        position, self._left, self._held = self._left, 0, b""
        pieces = [arrived[:position]] if position else []
        limit = self._limits.chunk_extension_bytes
        while position <= len(arrived):
            end = arrived.find(b"\r\n", position + 2)
            length = _chunk_size(arrived[position:end], limit) if end >= 0 else None
            if length is None:
                self._held = arrived[position:]
                _check_unfinished(self._held, limit)
                return pieces
            position = end + 2
            if not length:
                self._in_trailers = True
                self._read_trailers(arrived[position - 2 :], 0)
                return pieces
            pieces.append(arrived[position : position + length])
            position += length
        self._left = position - len(arrived)
        return pieces

    def _read_trailers(self, arrived: bytes, seen: int) -> None:
        """Look for the end of the message in bytes that begin with the CRLF of the last chunk's line."""
        if arrived.startswith(b"\r\n\r\n"):  # as mostly: there are none
            self.leftover = arrived[4:]
            self.done = True
            return
        end, is_bare = find_stop(arrived, max(0, seen - 2))
        limit = 2 + self._limits.trailer_bytes
        if len(arrived) > limit and not 0 < end <= limit:
            bound = self._limits.trailer_bytes
            raise over(bound, "the trailer fields of the response are larger than {} bytes", "trailers")
        if not end:
            self._held = arrived
            return
        if is_bare:
            raise BadResponse("the trailer fields of the response hold a carriage return without a line feed")
        self.trailers = read_trailers(str(arrived[2:end], "latin-1"), self._limits)
        self.leftover = arrived[end:]
        self.done = True


def _chunk_size(line: bytes, limit: int) -> int | None:
    """Bytes of data that a chunk has by its line, None if that is no such line.

    Args:
        line: from the CRLF in front of the size up to the one behind it, which is left out.
        limit: bytes in an extension.

    Raises:
        BadResponse: the extension is longer.
    """
    size = line[2:]
    behind = 0
    if not HEX_DIGITS.issuperset(size):
        size, _, extension = size.partition(b";")
        size = size.rstrip(b" \t")
        if not HEX_DIGITS.issuperset(size) or extension.translate(None, _CONTROLS) != extension:
            return None
        behind = len(line) - 2 - len(size)
    if not 0 < len(size) <= MOST_DIGITS or not line.startswith(b"\r\n"):
        return None
    if behind > limit:
        raise _extension_too_long(limit)
    return int(size, 16)


def _check_unfinished(line: bytes, limit: int) -> None:
    """Raise BadResponse if no further bytes can make this the beginning of a chunk.

    Args:
        line: from the CRLF in front of the size.
        limit: bytes in an extension.
    """
    if not line.startswith(b"\r\n"[: len(line)]):
        raise BadResponse("a chunk of the response body is not followed by a line end where its size says so")
    if b"\n" in line[2:]:
        raise BadResponse("the response body has a malformed chunk size")
    if len(line) > _FIXED_BYTES + limit:
        raise _extension_too_long(limit)


def _extension_too_long(limit: int) -> BadResponse:
    return over(limit, "a chunk of the response body has a size with an extension of more than {} bytes", "extension")
