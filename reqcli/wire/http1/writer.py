"""Writes a request as HTTP/1.1 (RFC 9112 §3): what a `Request` holds was checked when it was made, so this only joins.

Values are ASCII as they are, everything else is UTF-8; bytes that came undecodable from the command line go out
as those bytes. No encoding that is used here can make a line end out of another character.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.headers import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.request import Request

_NO_FIELDS: Final = Headers()

LAST_CHUNK: Final = b"0\r\n\r\n"
"""The end of a chunked body without trailers (RFC 9112 §7.1)."""


def write_head(request: Request) -> bytes:
    """Request line, fields and the empty line.

    Args:
        request: what to send.

    Raises:
        Usage: a header value holds a lone surrogate that stands for no byte.
    """
    return HeadWriter().write(request)


class HeadWriter:
    """Writes the heads of one connection; the fields that it wrote last are kept, for mostly they come again."""

    __slots__ = ("_headers", "_written")

    def __init__(self) -> None:
        self._headers = _NO_FIELDS
        self._written = b" HTTP/1.1\r\n\r\n"

    def write(self, request: Request) -> bytes:
        """Request line, fields and the empty line.

        Raises:
            Usage: a header value holds a lone surrogate that stands for no byte.
        """
        if request.headers is not self._headers:
            self._written = b" HTTP/1.1\r\n" + _fields(request.headers)
            self._headers = request.headers
        return f"{request.method} {request.url.target}".encode() + self._written


def _fields(headers: Headers) -> bytes:
    try:
        return "".join([f"{name}: {value}\r\n" for name, value in headers] + ["\r\n"]).encode(
            "utf-8", "surrogateescape"
        )
    except UnicodeEncodeError as error:
        raise Usage("a header value holds a lone surrogate, which no encoding can write") from error


def write_chunk(data: bytes) -> bytes:
    """The data as one chunk; nothing for no data, because an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def write_message(request: Request) -> bytes:
    """The whole request, head and body, as it goes over a direct connection.

    Raises:
        InputFailed: the body cannot be read.
        Usage: a header value cannot be written.
    """
    pieces = [write_head(request)]
    if request.body is not None:
        if request.is_chunked:
            pieces += [*map(write_chunk, request.body.chunks()), LAST_CHUNK]
        else:
            pieces += request.body.chunks()
    return b"".join(pieces)
