"""A body compressed with gzip (RFC 1952) on its way out.

What is small, or in memory already, is compressed at once: its length is then known, which servers that cannot read
chunked requests need, and if it does not shrink it can be sent as it is. Anything else is compressed as it goes,
in flat memory, and its length is not known before the end. The gzip header has no time in it, so that a replay, or a
hash taken before sending, sees the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from reqcli.model.body import Body, BytesBody

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

AT_ONCE: Final = 1024 * 1024
"""A body that can be read twice and has no more bytes than this is compressed before it is sent."""

_GZIP: Final = zlib.MAX_WBITS + 16
"""The largest window, in gzip's wrapping."""


def compressed(body: Body) -> Body | None:
    """The body as it is sent with `Content-Encoding: gzip`, or None if it would be no shorter for that.

    Raises:
        InputFailed: a small file cannot be read.
    """
    coded = GzipBody(body)
    length = body.length
    if length is None or not body.replayable or (length > AT_ONCE and not isinstance(body, BytesBody)):
        return coded
    data = b"".join(coded.chunks())
    return BytesBody(data, body.content_type) if len(data) < length else None


class GzipBody(Body):
    """Another body, compressed piece by piece; replayable if that one is."""

    __slots__ = ("plain",)

    def __init__(self, plain: Body) -> None:
        super().__init__(None, plain.content_type, replayable=plain.replayable)
        self.plain: Final = plain

    def chunks(self) -> Iterator[bytes]:
        compressor = zlib.compressobj(wbits=_GZIP)
        for block in self.plain.chunks():
            data = compressor.compress(block)
            if self.plain.length is None:
                # What comes from a pipe may come slowly, and is not to be held back until there is more of it.
                data += compressor.flush(zlib.Z_SYNC_FLUSH)
            if data:
                yield data
        yield compressor.flush()
