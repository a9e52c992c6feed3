"""The layer that takes content codings off a body (RFC 9110 §8.4), piece by piece and within a bound.

It also says which codings to offer a server: those that it can take off, and no others (§12.5.3).
"""

from __future__ import annotations

import os
import sys

from reqcli.errors import BodyTooLarge, DecodeFailed
from reqcli.model.exchange import HeldBody
from reqcli.model.response import WholeBody

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from reqcli.client.run import Run
    from reqcli.decode import Decoder
    from reqcli.model.exchange import ConnectedBody, Exchange
    from reqcli.model.response import BodySource

PARTIAL_CONTENT: Final = 206

ALWAYS: Final = "gzip, deflate"
"""The codings that every Python can take off."""

LIBRARIES: Final = {"brotli": ("br", (1, 2)), "backports_zstd": ("zstd", (1, 0))}
"""What others need: a library, its name as installers write it, and its lowest version."""


def offered() -> str:
    """The codings to ask for, as Accept-Encoding has them.

    A run asks before its first request, so nothing is loaded for the answer: a library that is installed has left its
    name and version in a directory that Python looks in. Reading those takes 0.2 ms; loading brotli to ask it, 2.
    """
    global _offered
    if _offered is None:
        _offered = ", ".join([ALWAYS, *_installed()])
    return _offered


_offered: str | None = None


def _installed() -> list[str]:
    """The codings that libraries take off, those of them that are installed."""
    known: dict[str, bool] = {}
    for directory in sys.path:
        try:
            names = os.listdir(directory)
        except OSError:  # no directory, or the empty name of the current one
            continue
        here = [found for name in names if name.endswith("-info") and (found := _library(name)) is not None]
        if sys.version_info >= (3, 14) and any(name.startswith("_zstd.") for name in names):
            here.append(("zstd", True))
        # The first directory counts, as in an import; what stands there in two versions, by the worse of them.
        known = {coding: all(fits for name, fits in here if name == coding) for coding, _ in here} | known
    return [coding for coding in sorted(known) if known[coding]]


def _library(entry: str) -> tuple[str, bool] | None:
    """The coding that a directory like `brotli-1.2.0.dist-info` is of, and whether its version will do."""
    name, _, rest = entry.lower().partition("-")
    if name not in LIBRARIES:
        return None
    coding, lowest = LIBRARIES[name]
    numbers = rest.split(".")[:2]
    return coding, all(map(str.isdecimal, numbers)) and tuple(map(int, numbers)) >= lowest


def decoded(exchange: Exchange, run: Run) -> BodySource:
    """The exchange's body without its codings; as it is, with a notice, where one of them is not known here.

    A part (206) stays as it is: a slice of a gzip stream is no gzip stream.

    Raises:
        DecodeFailed: more codings than any honest server uses.
    """
    head = exchange.head
    codings = [*head.codings] if head.codings is not None else head.headers.tokens("content-encoding")
    if not codings or head.status == PARTIAL_CONTENT:
        return exchange.body
    from reqcli.decode import at_once, decoder_for

    body = exchange.body
    if type(body) is HeldBody:
        whole = at_once(codings, body.data)
        if whole is not None:
            body.close()
            return WholeBody(whole)
    decoder = decoder_for(codings)
    if decoder is None:
        if set(codings) != {"identity"}:
            run.tell("coding_unknown", f"the body is left as it came, in the coding {', '.join(codings)}")
        return exchange.body
    return DecodedBody(exchange.body, decoder, run)


class DecodedBody:
    """A body source around another one, with a decoder between."""

    __slots__ = ("_decoder", "_inner", "_run")

    def __init__(self, inner: ConnectedBody, decoder: Decoder, run: Run) -> None:
        self._inner: Final = inner
        self._decoder: Final = decoder
        self._run: Final = run

    def chunks(self) -> Iterator[bytes]:
        blocks = self._inner.chunks()  # kept here, or an error would close them before they can be discarded
        try:
            for block in blocks:
                yield from self._decoder.decode(block)
            self._decoder.finish()
        except DecodeFailed:
            # It may be the length that was wrong, and the rest of the body be what comes next on this connection.
            self._inner.discard()
            raise
        for warning in self._decoder.warnings:
            self._run.tell("coding_tolerated", warning)

    def close(self) -> None:
        self._inner.close()


class BoundedBody:
    """A body source that ends in an error once it has given more than it may."""

    __slots__ = ("_inner", "_limit")

    def __init__(self, inner: BodySource, limit: int) -> None:
        self._inner: Final = inner
        self._limit: Final = limit

    def chunks(self) -> Iterator[bytes]:
        left = self._limit
        for block in self._inner.chunks():
            left -= len(block)
            if left < 0:
                raise BodyTooLarge(f"the response body is larger than {self._limit} bytes")
            yield block
            del block  # before the next is taken in, which then takes its place in memory

    def close(self) -> None:
        self._inner.close()
