"""Writes a request as HTTP/1.1 (RFC 9112 §3): what a `Request` holds was checked when it was made, so this only joins.

Values are ASCII as they are, everything else is UTF-8; bytes that came undecodable from the command line go out
as those bytes. No encoding that is used here can make a line end out of another character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.errors import Usage

if TYPE_CHECKING:
    from reqcli.model.request import Request

LAST_CHUNK: Final = b"0\r\n\r\n"
"""The end of a chunked body without trailers (RFC 9112 §7.1)."""


def write_head(request: Request) -> bytes:
    """Request line, fields and the empty line.

    Args:
        request: what to send.

    Raises:
        Usage: a header value holds a lone surrogate that stands for no byte.
    """
    lines = [f"{request.method} {request.url.target} HTTP/1.1\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in request.headers.items()]
    try:
        return f"{''.join(lines)}\r\n".encode("utf-8", "surrogateescape")
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
