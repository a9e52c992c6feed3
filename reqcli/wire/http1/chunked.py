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

import re

from reqcli.errors import BadResponse, BodyIncomplete
from reqcli.model.headers import Headers
from reqcli.model.response import DEFAULT_LIMITS, Limits
from reqcli.wire.http1.head import find_stop, over, read_trailers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.wire.http1 import Data

_match_chunk: Final = re.compile(rb"\r\n([0-9A-Fa-f]{1,15})[ \t]*+(?:;[^\x00-\x08\x0a-\x1f\x7f]*+)?\r\n").match
"""What stands between the data of two chunks. No size needs more than 15 digits, and none of 15 can overflow."""

_NO_TRAILERS: Final = Headers()

_FIXED_BYTES: Final = len("\r\n" + 15 * "f" + "\r\n")


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
            line = _match_chunk(arrived, position)
            if line is None:
                self._held = arrived[position:]
                _check_unfinished(self._held, limit)
                return pieces
            if line.end() - line.end(1) - 2 > limit:
                raise _extension_too_long(limit)
            position = line.end()
            length = int(line[1], 16)
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
        stop = find_stop(arrived, max(0, seen - 2))
        limit = 2 + self._limits.trailer_bytes
        if len(arrived) > limit and (stop is None or stop.end() > limit):
            bound = self._limits.trailer_bytes
            raise over(bound, "the trailer fields of the response are larger than {} bytes", "trailers")
        if stop is None:
            self._held = arrived
            return
        if stop[0].startswith(b"\r"):
            raise BadResponse("the trailer fields of the response hold a carriage return without a line feed")
        self.trailers = read_trailers(str(arrived[2 : stop.end()], "latin-1"), self._limits)
        self.leftover = arrived[stop.end() :]
        self.done = True


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
