"""Takes the framing off a response body: by length, by chunks, or until the connection ends (RFC 9112 §6, §7).

The readers have one face, `BodyReader`. None of them keeps data, and none makes room for more than it was given:
what a Content-Length promises is only believed as it arrives. A block that lies wholly inside the body comes back
as it is, without a copy.
"""

from __future__ import annotations

from reqcli.errors import BodyIncomplete
from reqcli.model.headers import Headers
from reqcli.model.response import DEFAULT_LIMITS, Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol

    from reqcli.wire.http1 import Data
    from reqcli.wire.http1.framing import Framing
else:
    Protocol = object

NO_TRAILERS: Final = Headers()


class BodyReader(Protocol):
    """Bytes of a connection in, bytes of the body out.

    Attributes:
        done: whether the body is complete; then nothing more is to be fed.
        leftover: what arrived behind its end. It belongs to no response: the connection has to be closed.
        trailers: the fields behind a chunked body, never to be merged with the headers.
    """

    @property
    def done(self) -> bool: ...

    @property
    def leftover(self) -> bytes: ...

    @property
    def trailers(self) -> Headers: ...

    def feed(self, data: Data) -> Data | bytes:
        """The part of the body that these bytes bring; may be empty.

        Raises:
            BadResponse: they break the framing.
        """

    def eof(self) -> None:
        """The connection ended.

        Raises:
            BodyIncomplete: too early, with `received` and `expected` bytes in its details.
        """


def body_reader(framing: Framing, limits: Limits = DEFAULT_LIMITS) -> BodyReader:
    """The reader for a body framed like this."""
    if framing.kind == "chunked":
        from reqcli.wire.http1.chunked import ChunkedBody

        return ChunkedBody(limits)
    return CloseBody() if framing.kind == "close" else LengthBody(framing.length or 0)


class LengthBody:
    """A body of a length known beforehand; of none at all, if that is 0."""

    __slots__ = ("_expected", "_left", "done", "leftover")

    trailers: Final = NO_TRAILERS

    def __init__(self, length: int) -> None:
        self._expected: Final = length
        self._left = length
        self.done = length == 0
        self.leftover = b""

    def feed(self, data: Data) -> Data | bytes:
        size, left = len(data), self._left
        if size < left:
            self._left = left - size
            return data
        self._left = 0
        self.done = True
        if size == left:
            return data
        self.leftover = bytes(data[left:])
        return data[:left]

    def eof(self) -> None:
        if not self.done:
            received = self._expected - self._left
            raise BodyIncomplete(
                f"the response body ended after {received} of {self._expected} bytes",
                details={"received": received, "expected": self._expected},
            )


class CloseBody:
    """A body that ends where the connection does; whether that end can be trusted, the connection must know."""

    __slots__ = ("done",)

    leftover: Final = b""
    trailers: Final = NO_TRAILERS

    def __init__(self) -> None:
        self.done = False

    def feed(self, data: Data) -> Data | bytes:
        return data

    def eof(self) -> None:
        self.done = True
