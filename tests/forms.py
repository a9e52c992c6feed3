"""Reads multipart forms with werkzeug's parser, so that ours are judged by somebody else's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from werkzeug.sansio.multipart import Data, Epilogue, Event, Field, File, MultipartDecoder, NeedData

Parsed = tuple[str, str | None, str | None, bytes]
"""Name, file name, media type, content."""


def parsed(data: bytes, boundary: str) -> list[Parsed]:
    """The parts of a whole form."""
    parts: list[Parsed] = []
    for event in events([data], boundary):
        if isinstance(event, File | Field):
            filename = event.filename if isinstance(event, File) else None
            parts.append((event.name, filename, event.headers.get("Content-Type"), b""))
        elif isinstance(event, Data):
            name, filename, media_type, content = parts[-1]
            parts[-1] = (name, filename, media_type, content + event.data)
    return parts


def events(blocks: Iterable[bytes], boundary: str) -> Iterator[Event]:
    """What happens in a form, down to its proper end, as its blocks come in."""
    decoder = MultipartDecoder(boundary.encode())
    for block in chain(blocks, [None]):
        decoder.receive_data(block)
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            yield event
    assert event == Epilogue(b"")
