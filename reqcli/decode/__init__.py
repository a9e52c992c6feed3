"""Content codings: one file is one coding, found by its name and loaded when a response uses it (RFC 9110 §8.4).

The libraries differ in what they do at the end of a stream and in how they bound their output; each file gives its own
the one face of `Decompressor`, and `StreamDecoder` holds the rules, once for all codings:

- Output comes in pieces of at most `PIECE` bytes, made when they are asked for: a body of a kilobyte that unpacks to a
  gigabyte costs no more memory than any other, and none of it is unpacked for a reader who stopped reading.
- A body that ends before its coding does is cut short and an error; a body without a byte is an empty body.
- What may stand behind the end of a stream is up to the coding: more streams, bytes without meaning, or nothing.

Nothing here is loaded for a response that is not coded.
"""

from __future__ import annotations

from reqcli.errors import DecodeFailed
from reqcli.model import shelf
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final, Protocol
else:
    Protocol = object

PIECE: Final = 64 * 1024
"""Bytes in the largest piece of output."""

STEP: Final = 16 * 1024
"""Bytes of input in one go. Libraries copy what they leave over, so with large steps tiny streams, or a high ratio,
would make the copying outgrow the decoding."""

MAX_CODINGS: Final = 5
"""More layers than any honest server uses (CVE-2022-32206, CVE-2025-66418)."""

ALIASES: Final = {"x-gzip": "gzip"}
"""Other names of codings (RFC 9110 §8.4.1.3)."""


class Decoder(Protocol):
    """Takes one coding, or several, off a body.

    Attributes:
        warnings: what was tolerated, one sentence each; complete after `finish`.
    """

    @property
    def warnings(self) -> tuple[str, ...]: ...

    def decode(self, data: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, in pieces of 1 to `PIECE` bytes; to be drained before the next call.

        Raises:
            DecodeFailed: they are not in the coding.
        """

    def finish(self) -> None:
        """The body ended.

        Raises:
            DecodeFailed: its coding had not.
        """


class Decompressor(Protocol):
    """One stream of a coding: the face that the standard library's bz2, lzma and zstd share.

    Attributes:
        eof: whether the stream is complete.
        needs_input: whether there is no more output to be had without more input.
        unused_data: what was given behind the end of the stream.
    """

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes of output; with more to come, `needs_input` is false and no data is due."""


class Coding(Value):
    """What every file of this folder ends in, under the name `CODING`.

    Args:
        name: as in Content-Encoding.
        prefix: how many bytes show that, and how, a stream begins.
        start: given those, a decompressor; None if no stream begins with them.
        error: what the library raises for bytes that are not in the coding.
        behind: what may stand behind the end of a stream: `streams`, and behind the last of them junk; `junk`; or
            `nothing`. Junk is ignored, with a warning.
    """

    __slots__ = ("behind", "error", "name", "prefix", "start")

    def __init__(
        self,
        name: str,
        *,
        prefix: int,
        start: Callable[[bytes], Decompressor | None],
        error: type[Exception],
        behind: str,
    ) -> None:
        self.name: Final = name
        self.prefix: Final = prefix
        self.start: Final = start
        self.error: Final = error
        self.behind: Final = behind


_loaded: Final[dict[str, Coding]] = {}
"""What was loaded by now: no more than there are files here, and other names of them."""


def names() -> list[str]:
    """The codings there are."""
    return shelf.names(__path__)


def load(name: str) -> Coding | None:
    """The coding of this name, lower case; None if there is none or its library is not installed."""
    coding = _loaded.get(name)
    if coding is None:
        try:
            coding = shelf.load(__name__, ALIASES.get(name, name), "CODING")
        except ImportError:
            return None
        if coding is not None:
            _loaded[name] = coding
    return coding


def at_once(codings: list[str], data: bytes) -> bytes | None:
    """A small body as a whole without its coding, for most have one and are small.

    Args:
        codings: as for `decoder_for`.
        data: all of the body.

    Returns:
        None if that takes more than one step of a decoder, or anything is to be said of it: then ask `decoder_for`.
    """
    coding = load(codings[0]) if len(codings) == 1 else None
    if coding is None or not coding.prefix <= len(data) <= STEP:
        return None
    stream = coding.start(data[: coding.prefix])
    if stream is None:
        return None
    try:
        body = stream.decompress(data, PIECE)
    except coding.error:
        return None
    return body if stream.eof and not stream.unused_data else None


def decoder_for(codings: list[str]) -> Decoder | None:
    """A decoder for a body with these codings.

    Args:
        codings: over all Content-Encoding lines, in the order they were applied, lower case.

    Returns:
        None if the body is to be taken as it is: no coding but `identity`, or one that is not known here (then even
        the known ones stay, for half decoded would be neither what was sent nor what was meant).

    Raises:
        DecodeFailed: there are more than MAX_CODINGS.
    """
    applied = [name for name in codings if name != "identity"]
    if len(applied) > MAX_CODINGS:
        raise DecodeFailed(
            f"the response body has {len(applied)} content codings on top of each other, more than {MAX_CODINGS}"
        )
    decoder: Decoder | None = None
    for name in applied:
        coding = load(name)
        if coding is None:
            return None
        outer = StreamDecoder(coding)
        decoder = outer if decoder is None else ChainedDecoder(outer, decoder)
    return decoder


class StreamDecoder:
    """Takes one coding off."""

    __slots__ = ("_coding", "_complete", "_held", "_junk", "_stream")

    def __init__(self, coding: Coding) -> None:
        self._coding: Final = coding
        self._stream: Decompressor | None = None
        self._held = b""
        self._complete = False
        self._junk = False

    @property
    def warnings(self) -> tuple[str, ...]:
        return (f"bytes behind the end of the {self._coding.name} data were ignored",) if self._junk else ()

    def decode(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), STEP):
            yield from self._decode_step(data[start : start + STEP])

    def finish(self) -> None:
        if self._stream is not None or (self._held and not self._complete):
            raise DecodeFailed(f"the response body is cut short: its {self._coding.name} data is truncated")
        self._junk = self._junk or bool(self._held)

    def _decode_step(self, data: bytes) -> Iterator[bytes]:
        while data and not self._junk:
            if self._stream is None:
                data = self._held + data
                if len(data) < self._coding.prefix:
                    self._held = data
                    return
                self._held = b""
                self._stream = self._next_stream(data[: self._coding.prefix])
                if self._stream is None:
                    self._junk = True
                    return
            yield from self._drain(self._stream, data)
            if not self._stream.eof:
                return
            data, self._stream, self._complete = self._stream.unused_data, None, True

    def _next_stream(self, prefix: bytes) -> Decompressor | None:
        """The stream that begins with these bytes; None if they are junk behind a complete one.

        Raises:
            DecodeFailed: they may not stand here.
        """
        coding = self._coding
        if self._complete and coding.behind == "junk":
            return None
        stream = None if self._complete and coding.behind == "nothing" else coding.start(prefix)
        if stream is None and not (self._complete and coding.behind == "streams"):
            raise self._broken()
        return stream

    def _drain(self, stream: Decompressor, data: bytes) -> Iterator[bytes]:
        try:
            piece = stream.decompress(data, PIECE)
            while True:
                if piece:
                    yield piece
                if stream.eof or stream.needs_input:
                    return
                piece = stream.decompress(b"", PIECE)
        except self._coding.error as error:
            raise self._broken() from error

    def _broken(self) -> DecodeFailed:
        name = self._coding.name
        return DecodeFailed(f"the response body is not valid {name} data", details={"coding": name})


class ChainedDecoder:
    """Takes two codings off, the outer one first."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer: Final = outer
        self._inner: Final = inner

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._outer.warnings + self._inner.warnings

    def decode(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.decode(data):
            yield from self._inner.decode(piece)

    def finish(self) -> None:
        self._outer.finish()
        self._inner.finish()
