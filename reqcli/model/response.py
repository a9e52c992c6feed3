"""What a server answered: the head as it came, and the body, read now or streamed."""

from __future__ import annotations

from reqcli.model.headers import Headers
from reqcli.model.lately import remembered
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final, Protocol, Self

    from reqcli.model.url import Url
else:
    Protocol = object


class _Seen(Value):
    """What the reader of a head has seen of its fields: it can be found in them again, and is no part of the value."""

    __slots__ = ("codings", "cookies", "framing", "keep_alive", "plain_length")


class ResponseHead(_Seen):
    """Status line and header fields of one response (RFC 9112 §4, §5).

    Args:
        minor_version: the 1 of HTTP/1.1.
        status: 100 to 999.
        reason: as sent, latin-1 view; may be empty.
        headers: as sent.
        warnings: what was tolerated in reading it, one sentence each.
        plain_length: the bytes of its body (unless the request forbids one), where nothing of the fields needs another
            look for it: one sound Content-Length on a connection that stays, no coding. None where that is not so, or
            not known.
        keep_alive: the value of Keep-Alive, None if there is none; told only with a `plain_length` or a `framing`.
        cookies: the values of its Set-Cookie fields, None where they are not known.

    Attributes:
        framing: what `reqcli.wire.http1.framing.body_framing` makes of the fields for a method that asks for a body,
            where that is another than a `plain_length` and was seen in passing; None elsewhere.
        codings: the members of its Content-Encoding, lower case, None where they are not known.
    """

    __slots__ = ("headers", "minor_version", "reason", "status", "warnings")

    def __init__(
        self,
        minor_version: int,
        status: int,
        reason: str,
        headers: Headers,
        warnings: tuple[str, ...] = (),
        plain_length: int | None = None,
        keep_alive: bytes | None = None,
        cookies: tuple[str, ...] | None = None,
    ) -> None:
        self.minor_version: Final = minor_version
        self.status: Final = status
        self.reason: Final = reason
        self.headers: Final = headers
        self.warnings: Final = warnings
        self.plain_length = plain_length
        self.keep_alive = keep_alive
        self.cookies = cookies
        self.framing: Any = None
        self.codings: tuple[str, ...] | None = None

    def replace(self, **changes: Any) -> Self:
        copy = super().replace(**changes)
        copy.plain_length = copy.keep_alive = copy.cookies = copy.framing = copy.codings = None
        return copy


class Limits(Value):
    """How much of everything but the body a response may have.

    Args:
        head_bytes: status line, fields and the empty line after them.
        fields: header fields of one head, and trailer fields.
        interim: 1xx responses before the final one.
        trailer_bytes: the lines after the last chunk.
        chunk_extension_bytes: what stands behind the size of one chunk.

    Each is an option too, under the name in `LIMIT_NAMES`.
    """

    __slots__ = ("chunk_extension_bytes", "fields", "head_bytes", "interim", "trailer_bytes")

    def __init__(
        self,
        *,
        head_bytes: int = 65536,
        fields: int = 256,
        interim: int = 32,
        trailer_bytes: int = 16384,
        chunk_extension_bytes: int = 4096,
    ) -> None:
        self.head_bytes: Final = head_bytes
        self.fields: Final = fields
        self.interim: Final = interim
        self.trailer_bytes: Final = trailer_bytes
        self.chunk_extension_bytes: Final = chunk_extension_bytes


DEFAULT_LIMITS: Final = Limits()

LIMIT_NAMES: Final = {
    "head": "head_bytes",
    "fields": "fields",
    "interim": "interim",
    "trailers": "trailer_bytes",
    "extension": "chunk_extension_bytes",
}
"""How the limits are called on the command line: `--limit head=131072`."""


class BodySource(Protocol):
    """Where the bytes of a response body come from. It belongs to one reader."""

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces, none of them empty; raises `ReqcliError` if it breaks or is cut short."""

    def close(self) -> None:
        """Let go of the connection, whether the body was read or not. May be called again."""


class WholeBody:
    """A body that is here already, or none at all: nothing of it is on a connection any more.

    Args:
        data: all of it.
    """

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data: Final = data

    def chunks(self) -> Iterator[bytes]:
        return iter((self.data,) if self.data else ())

    def close(self) -> None:
        return

    def discard(self) -> None:
        """Nothing to do."""


class Hop(Value):
    """A redirect that was followed: its status and the URL that answered with it."""

    __slots__ = ("status", "url")

    def __init__(self, status: int, url: Url) -> None:
        self.status: Final = status
        self.url: Final = url


class Response:
    """The final response of a run.

    The body is either read into `content` at once or taken piece by piece from `iter_bytes`; both decode
    content codings. Close it to give the connection back.

    Attributes:
        data: the whole decoded body as soon as it is here, None before.
    """

    __slots__ = ("_source", "data", "head", "interim", "redirects", "url")

    def __init__(
        self,
        head: ResponseHead,
        url: Url,
        source: BodySource,
        redirects: tuple[Hop, ...] = (),
        interim: tuple[ResponseHead, ...] = (),
    ) -> None:
        self.head: Final = head
        self.url: Final = url
        self.redirects: Final = redirects
        self.interim: Final = interim
        self._source = source
        self.data: bytes | None = source.data if type(source) is WholeBody else None

    @property
    def status(self) -> int:
        return self.head.status

    @property
    def reason(self) -> str:
        return self.head.reason

    @property
    def headers(self) -> Headers:
        return self.head.headers

    @property
    def http_version(self) -> str:
        return f"1.{self.head.minor_version}"

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, lower case; empty when there is none."""
        return media_type_of(self.headers.get("content-type"))

    @property
    def charset(self) -> str:
        """The charset that Content-Type names, else UTF-8 (RFC 8259 for JSON, and the web's habit).

        A name that Python has no text encoding for counts as none, so the body can be decoded with what this says.
        """
        return charset_of(self.headers.get("content-type"))

    def iter_bytes(self) -> Iterator[bytes]:
        """The decoded body, piece by piece; once, unless it was read into `content` before.

        Raises:
            ReqcliError: the body is cut short, broken, too large or too slow.
        """
        if self.data is not None:
            if self.data:
                yield self.data
            return
        try:
            yield from self._source.chunks()
        except Exception as error:  # noqa: BLE001 - `failed` raises a bug again
            from reqcli.model.boundary import failed

            failure = failed(error, "receive")
            raise failure from failure.__cause__
        finally:
            self.close()

    def read(self) -> bytes:
        """The whole decoded body; kept, so it can be asked for again. What came before an error is kept too."""
        if self.data is None:
            pieces: list[bytes] = []
            try:
                for piece in self.iter_bytes():
                    pieces.append(piece)
            finally:
                self.data = b"".join(pieces)
        return self.data

    @property
    def content(self) -> bytes:
        """The whole decoded body."""
        return self.read()

    @property
    def text(self) -> str:
        """The body as text in its charset; bytes that do not fit are replaced, an unknown charset is UTF-8."""
        return self.read().decode(self.charset, "replace")

    def json(self) -> Any:
        """The body parsed as JSON.

        Raises:
            ValueError: it is not JSON, or nested too deeply to be read.
        """
        import json

        try:
            return json.loads(self.read())
        except RecursionError:
            raise ValueError("the body is nested too deeply") from None

    def close(self) -> None:
        """Give the connection back, or close it if the body was not read to its end."""
        self._source.close()


def _media_type(content_type: str | None) -> str:
    return "" if content_type is None else content_type.partition(";")[0].strip(" \t").lower()


media_type_of: Final = remembered(64, _media_type)
"""What `Response.media_type` says where the field has this value, or is missing."""


def _charset(content_type: str | None) -> str:
    if content_type is None or ";" not in content_type:
        return "utf-8"
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value:
            charset = value.strip().strip('"').lower()
            return charset if is_charset(charset) else "utf-8"
    return "utf-8"


charset_of: Final = remembered(64, _charset)
"""What `Response.charset` says where the field has this value, or is missing."""


def is_charset(name: str) -> bool:
    """Whether Python can decode text of this name, and in a time that grows no faster than the text."""
    try:
        b"    ".decode(name)
    except UnicodeDecodeError:
        pass
    except (LookupError, ValueError):
        return False
    # Both are codecs and no charsets, and a megabyte of punycode takes minutes.
    return name not in ("idna", "punycode")
