"""Multipart forms (RFC 7578): text fields and files, one after the other, as one body that is streamed.

    --BOUNDARY CRLF
    Content-Disposition: form-data; name="…"; filename="…" CRLF
    Content-Type: … CRLF
    CRLF
    content CRLF
    …
    --BOUNDARY-- CRLF

Names and file names are UTF-8 as they are, with `"`, CR and LF written as %22, %0D and %0A and nothing else
escaped: that is what browsers do (WHATWG HTML §4.10.21.8) and so what servers undo. Other control characters are
refused by the check that every header field passes, so no name can begin a line or a field of its own.

A boundary must not occur in what it bounds (RFC 2046 §5.1.1). It is an argument, chosen at random by the caller;
what is held in memory is searched for it, and for the rest 128 random bits are enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reqcli.errors import Usage
from reqcli.model.body import BLOCK, Body, BytesBody
from reqcli.model.fields import check_field, shown
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_is_boundary: Final = re.compile(r"[0-9A-Za-z'+_.-]{1,70}").fullmatch
"""RFC 2046 §5.1.1, less the characters that would have to be quoted in a Content-Type."""

_ESCAPES: Final = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


class Part(Value):
    """One field of a form.

    Args:
        name: of the field.
        body: its content; its `content_type`, if it has one, is the part's.
        filename: what a file is called, or None for a field that is no file.
    """

    __slots__ = ("body", "filename", "name")

    def __init__(self, name: str, body: Body, *, filename: str | None = None) -> None:
        self.name: Final = name
        self.body: Final = body
        self.filename: Final = filename


class MultipartBody(Body):
    """Parts as `multipart/form-data`; its length is known if every part's is, and it is replayable if every part is.

    Args:
        parts: in the order they are sent.
        boundary: 1 to 70 letters, digits and `'+_.-`, not to be guessed by whoever made the parts.

    Raises:
        Usage: the boundary is none or occurs in a part, or a name or media type cannot stand in a header.
    """

    __slots__ = ("_heads", "_tail", "parts")

    def __init__(self, parts: Iterable[Part], boundary: str) -> None:
        if not _is_boundary(boundary):
            raise Usage(
                f"{shown(boundary)} cannot be the boundary of a multipart body",
                hint="a boundary is 1 to 70 letters, digits and '+_.-",
            )
        self.parts: Final = tuple(parts)
        delimiter = f"--{boundary}".encode("ascii")
        self._heads: Final = tuple(delimiter + b"\r\n" + _head(part) for part in self.parts)
        self._tail: Final = delimiter + b"--\r\n"
        for part in self.parts:
            if isinstance(part.body, BytesBody) and delimiter in part.body.data:
                raise Usage(f"the part {shown(part.name)} contains the boundary that is to end it")
        length: int | None = sum(len(head) + 2 for head in self._heads) + len(self._tail)
        for part in self.parts:
            length = None if length is None or part.body.length is None else length + part.body.length
        super().__init__(
            length,
            f"multipart/form-data; boundary={boundary}",
            replayable=all(part.body.replayable for part in self.parts),
        )

    def chunks(self) -> Iterator[bytes]:
        # What is at hand is joined, so that a form of many fields does not go out in as many packets; what comes from
        # elsewhere goes out as it comes.
        ready = bytearray()
        for head, part in zip(self._heads, self.parts, strict=True):
            ready += head
            for block in part.body.chunks():
                if isinstance(part.body, BytesBody) and len(ready) + len(block) < BLOCK:
                    ready += block
                else:
                    yield from filter(None, (bytes(ready), block))
                    ready.clear()
            ready += b"\r\n"
        yield bytes(ready + self._tail)


def _head(part: Part) -> bytes:
    """The header fields of a part and the empty line, each checked as those of a request are."""
    disposition = f'form-data; name="{part.name.translate(_ESCAPES)}"'
    if part.filename is not None:
        disposition += f'; filename="{part.filename.translate(_ESCAPES)}"'
    fields = {"Content-Disposition": disposition}
    if part.body.content_type is not None:
        fields["Content-Type"] = part.body.content_type
    try:
        for name, value in fields.items():
            check_field(name, value)
        lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
        return f"{''.join(lines)}\r\n".encode(errors="surrogateescape")
    except (Usage, UnicodeEncodeError) as error:
        raise Usage(
            f"the part {shown(part.name)} cannot be sent: its name, file name or media type holds a character that"
            " no header can carry"
        ) from error
