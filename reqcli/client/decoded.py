"""The layer that takes content codings off a body (RFC 9110 §8.4), piece by piece and within a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reqcli.errors import BodyTooLarge

if TYPE_CHECKING:
    from reqcli.client.run import Run
    from reqcli.decode import Decoder
    from reqcli.model.exchange import Exchange
    from reqcli.model.response import BodySource

PARTIAL_CONTENT: Final = 206


def decoded(exchange: Exchange, run: Run) -> BodySource:
    """The exchange's body without its codings; as it is, with a notice, where one of them is not known here.

    A part (206) stays as it is: a slice of a gzip stream is no gzip stream.

    Raises:
        DecodeFailed: more codings than any honest server uses.
    """
    codings = exchange.head.headers.tokens("content-encoding")
    if not codings or exchange.head.status == PARTIAL_CONTENT:
        return exchange.body
    from reqcli.decode import decoder_for

    decoder = decoder_for(codings)
    if decoder is None:
        if set(codings) != {"identity"}:
            run.tell("coding_unknown", f"the body is left as it came, in the coding {', '.join(codings)}")
        return exchange.body
    return DecodedBody(exchange.body, decoder, run)


class DecodedBody:
    """A body source around another one, with a decoder between."""

    __slots__ = ("_decoder", "_inner", "_run")

    def __init__(self, inner: BodySource, decoder: Decoder, run: Run) -> None:
        self._inner: Final = inner
        self._decoder: Final = decoder
        self._run: Final = run

    def chunks(self) -> Iterator[bytes]:
        for block in self._inner.chunks():
            yield from self._decoder.decode(block)
        self._decoder.finish()
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

    def close(self) -> None:
        self._inner.close()
