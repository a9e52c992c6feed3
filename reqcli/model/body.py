"""A request body: bytes, a file or a stream, each telling its length and whether it can be sent twice."""

from __future__ import annotations

from reqcli.errors import InputFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO, Final

BLOCK: Final = 256 * 1024
"""Bytes read from a file at once."""


class Body:
    """What follows the head of a request.

    Attributes:
        length: bytes, or None when it is not known before the end (sent chunked).
        content_type: the media type it is sent as unless the request says otherwise, or None.
        replayable: whether `chunks` can be called again.
    """

    __slots__ = ("content_type", "length", "replayable")

    def __init__(self, length: int | None, content_type: str | None, *, replayable: bool) -> None:
        self.length: Final = length
        self.content_type: Final = content_type
        self.replayable: Final = replayable

    def chunks(self) -> Iterator[bytes]:
        """The body from its start, in pieces, none of them empty.

        Raises:
            InputFailed: the source cannot be read, or a stream was sent already.
        """
        raise NotImplementedError(type(self).__name__)


class BytesBody(Body):
    """A body held in memory."""

    __slots__ = ("data",)

    def __init__(self, data: bytes, content_type: str | None = None) -> None:
        super().__init__(len(data), content_type, replayable=True)
        self.data: Final = data

    def chunks(self) -> Iterator[bytes]:
        if self.data:
            yield self.data


class FileBody(Body):
    """An open, seekable file, sent from where it stood; a replay goes back to there and not to its beginning.

    Args:
        file: opened for reading in binary, seekable; the caller closes it.
        start: the offset of the first byte to send.
        length: bytes to send from there.
        name: how messages call it.
    """

    __slots__ = ("file", "name", "start")

    def __init__(self, file: BinaryIO, start: int, length: int, *, name: str, content_type: str | None = None) -> None:
        super().__init__(length, content_type, replayable=True)
        self.file: Final = file
        self.start: Final = start
        self.name: Final = name

    def chunks(self) -> Iterator[bytes]:
        left = self.length or 0
        try:
            self.file.seek(self.start)
            while left:
                block = self.file.read(min(left, BLOCK))
                if not block:
                    raise InputFailed(f"{self.name} became shorter while it was being sent")
                left -= len(block)
                yield block
        except OSError as error:
            raise InputFailed(f"cannot read {self.name}: {error.strerror or error}") from error


class StreamBody(Body):
    """Bytes that come from an iterable once, of unknown length unless the caller knows it."""

    __slots__ = ("_spent", "name", "source")

    def __init__(
        self,
        source: Iterable[bytes],
        *,
        name: str,
        length: int | None = None,
        content_type: str | None = None,
    ) -> None:
        super().__init__(length, content_type, replayable=False)
        self.source: Final = source
        self.name: Final = name
        self._spent = False

    def chunks(self) -> Iterator[bytes]:
        if self._spent:
            raise InputFailed(
                f"the body from {self.name} was sent already and cannot be sent again",
                hint="put it in a file to make it repeatable",
            )
        self._spent = True
        sent = 0
        try:
            for block in self.source:
                sent += len(block)
                if self.length is not None and sent > self.length:
                    raise InputFailed(f"{self.name} gave more than the {self.length} bytes that were announced")
                if block:
                    yield block
                del block  # before the next is made, which then takes its place in memory
            if self.length is not None and sent < self.length:
                raise InputFailed(f"{self.name} ended after {sent} of the {self.length} bytes that were announced")
        except OSError as error:
            raise InputFailed(f"cannot read {self.name}: {error.strerror or error}") from error


class UnannouncedBody(Body):
    """Another body, its length kept to oneself: it goes out in chunks (RFC 9112 §7.1)."""

    __slots__ = ("plain",)

    def __init__(self, plain: Body) -> None:
        super().__init__(None, plain.content_type, replayable=plain.replayable)
        self.plain: Final = plain

    def chunks(self) -> Iterator[bytes]:
        return self.plain.chunks()


def json_body(value: object) -> BytesBody:
    """A value as compact JSON (RFC 8259); NaN and infinities are refused, for no other program could read them.

    Raises:
        TypeError, ValueError: it is not a JSON value.
    """
    global _write
    if _write is None:
        from json import JSONEncoder

        _write = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
    return BytesBody(_write(value).encode(errors="surrogateescape"), "application/json")


_write: Callable[[object], str] | None = None
"""Makes the text of a value; `json.dumps` would make such a one for each."""


def form_body(pairs: Iterable[tuple[str, str]]) -> BytesBody:
    """Names and values as a form."""
    from reqcli.model.form import encode_form

    return BytesBody(encode_form(pairs).encode("ascii"), "application/x-www-form-urlencoded")
