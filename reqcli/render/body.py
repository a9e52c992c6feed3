"""A response body for a person, shown as it comes: laid out where its type is known, harmless always, or not at all.

What is laid out as a whole (JSON, XML, HTML) is held until its end; events and lines are laid out one by one, each
shown as soon as it is there; any other text is shown as it arrives, binary data never.
"""

from __future__ import annotations

import codecs

from reqcli.errors import ReqcliError
from reqcli.model.response import media_type_of
from reqcli.render.colour import painter
from reqcli.render.escape import escape_line, escape_text, field_text
from reqcli.render.look import LARGEST_LAID_OUT, LINES, document_layout, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from reqcli.model.redact import Redactor
    from reqcli.model.response import Response
    from reqcli.render.colour import Paint
    from reqcli.render.look import Look

LARGEST_COUNTED: Final = 8 * 1024 * 1024
"""Bytes of binary data that are read, where no length was announced, only to say how many they are."""

LARGEST_HELD: Final = 1024 * 1024
"""Characters without a blank that are held because a secret might begin in them; then they are shown."""

_TOLD_BY: Final = 512
"""Bytes that are waited for before data of no textual type is taken for text."""

_TEXTUAL: Final = ("json", "xml", "javascript", "ecmascript", "yaml", "csv", "x-www-form-urlencoded", "graphql")


def body_text(response: Response, look: Look, redactor: Redactor) -> Iterator[str]:
    """The body as text that is safe for a terminal, piece by piece as it comes, with a line break at its end.

    Args:
        response: its body is read, unless it is binary data.
        look: how to show it.
        redactor: masks the secrets of the run.

    Raises:
        ReqcliError: the body broke; what came of it was given before.
    """
    media_type = look.media_type or response.media_type
    blocks = response.iter_bytes()
    first, failure = _beginning(blocks, is_textual=_is_textual(media_type))
    last = ""
    if first:
        decoder = _decoder(first, media_type, look.charset or response.charset)
        if decoder is None:
            told = look.media_type or media_type_of(
                redactor.text(field_text(response.headers.get("content-type") or ""))
            )
            yield _binary(response, first, blocks, told, painter(colour=look.colour))
        else:
            texts = _texts(decoder, first, blocks, failure)
            for piece in _shown(texts, media_type, response, look, redactor):
                last = piece or last
                yield piece
            failure = None
    if last and not last.endswith("\n"):
        yield "\n"
    if failure is not None:
        raise failure


def text_of(content: bytes, media_type: str, charset: str) -> str | None:
    """The body as text, or None if it is binary data.

    Bytes that do not fit the charset make it binary, unless its media type says that it is text: then they are shown as
    `\\xff`. A NUL makes it binary in any case.

    Args:
        content: the decoded body.
        media_type: lower case, without parameters; may be empty.
        charset: as `Response.charset` gives it.
    """
    text = decoded(content, charset)
    if text is None:
        if not _is_textual(media_type):
            return None
        text = content.decode("utf-8", "backslashreplace")
    return None if "\0" in text else text.removeprefix("\ufeff")


def decoded(content: bytes, charset: str) -> str | None:
    """The text that the bytes spell in the charset; None if they spell none."""
    try:
        return content.decode(charset)
    except UnicodeError:
        return None


def _beginning(blocks: Iterator[bytes], *, is_textual: bool) -> tuple[bytes, ReqcliError | None]:
    """The first bytes, as many as it takes to know what they are, and what went wrong meanwhile."""
    first = b""
    try:
        for block in blocks:
            first += block
            if is_textual or len(first) >= _TOLD_BY:
                break
    except ReqcliError as error:
        return first, error
    return first, None


def _is_textual(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith((*_TEXTUAL, *LINES))


def _decoder(first: bytes, media_type: str, charset: str) -> codecs.IncrementalDecoder | None:
    """What makes text of the body, or None if it is binary data."""
    try:
        make = codecs.getincrementaldecoder(charset)
    except LookupError:
        make = codecs.getincrementaldecoder("utf-8")
    try:
        text = make().decode(first)
    except UnicodeError:
        if not _is_textual(media_type):
            return None
        make = codecs.getincrementaldecoder("utf-8")
        text = ""
    return None if "\0" in text else make("backslashreplace")


def _texts(
    decoder: codecs.IncrementalDecoder, first: bytes, blocks: Iterator[bytes], failure: ReqcliError | None
) -> Iterator[str]:
    yield decoder.decode(first).removeprefix("\ufeff")
    if failure is not None:
        raise failure
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _binary(response: Response, first: bytes, blocks: Iterator[bytes], media_type: str, paint: Paint) -> str:
    """What is said instead of binary data. It is not read if its size is known without that."""
    announced = response.headers.get("content-length", "")
    if "content-encoding" not in response.headers and announced.isascii() and announced.isdigit():  # type: ignore[union-attr]
        size, more = int(announced), ""  # type: ignore[arg-type]
    else:
        size, more = len(first), ""
        for block in blocks:
            size += len(block)
            if size > LARGEST_COUNTED:
                size, more = LARGEST_COUNTED, "more than "
                break
    response.close()
    kind = f" ({escape_line(media_type)})" if media_type else ""
    return paint("notice", f"[{more}{size} bytes of binary data{kind}: save them with -o FILE]") + "\n"


def _shown(texts: Iterator[str], media_type: str, response: Response, look: Look, redactor: Redactor) -> Iterator[str]:
    """The texts as their kind is shown."""
    kind = kind_of(media_type)
    first = next(texts)
    if not kind and media_type in ("", "text/plain", "text/javascript") and first.lstrip(" \t\r\n")[:1] in ("{", "["):
        # It may be JSON. With a length it will end; without one it may be a log that never does.
        kind = "json" if "content-length" in response.headers else "lines"
    texts = _resumed(first, texts)
    if kind in ("events", "lines") or look.by_line:
        from reqcli.render.lines import events_text, lines_text

        shown = events_text if kind == "events" else lines_text
        yield from (redactor.text(piece) for piece in shown(texts, look))
        return
    lay = document_layout(kind, look)
    if lay is None:
        yield from as_it_comes(texts, redactor)
    else:
        yield from _whole(texts, lay, redactor)


def _resumed(first: str, texts: Iterator[str]) -> Iterator[str]:
    yield first
    yield from texts


def _whole(texts: Iterator[str], lay: Callable[[str], str | None], redactor: Redactor) -> Iterator[str]:
    """A document laid out at its end; as it came if it is too large, broken off, or not what it says."""
    held: list[str] = []
    size = 0
    failure: BaseException | None = None
    is_large = False
    try:
        for text in texts:
            held.append(text)
            size += len(text)
            if is_large := size > LARGEST_LAID_OUT:
                break
    except (ReqcliError, KeyboardInterrupt) as error:
        failure = error
    if is_large:
        yield from as_it_comes(_resumed("".join(held), texts), redactor)
        return
    document = "".join(held)
    laid_out = lay(document) if failure is None else None
    yield redactor.text(escape_text(document) if laid_out is None else laid_out)
    if failure is not None:
        raise failure


def as_it_comes(texts: Iterator[str], redactor: Redactor) -> Iterator[str]:
    """Text made safe and masked, each piece as soon as it can be: what may be the beginning of a secret waits.

    Args:
        texts: pieces of one text.
        redactor: masks the secrets of the run.
    """
    held = ""
    try:
        for text in texts:
            held += text
            ready = redactor.divisible(held.removesuffix("\r"))  # the LF that belongs to it is still to come
            if not ready and len(held) > LARGEST_HELD:
                ready = len(held)
            if ready:
                yield redactor.text(escape_text(held[:ready]))
                held = held[ready:]
    except (ReqcliError, KeyboardInterrupt):
        if held:
            yield redactor.text(escape_text(held))
        raise
    if held:
        yield redactor.text(escape_text(held))
