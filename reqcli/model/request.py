"""A request, complete and fit to be sent: what cannot stand on the wire cannot be made.

The framing is decided here (RFC 9112 §6): Host first, Content-Length where the body's length is known,
chunked where it is not, and never both. How the request becomes bytes is the wire's affair.
"""

from __future__ import annotations

from reqcli.errors import Usage
from reqcli.model.body import Body
from reqcli.model.fields import check_field, check_method, check_target
from reqcli.model.headers import Headers
from reqcli.model.url import Url
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

IDEMPOTENT: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods that may be sent again without harm (RFC 9110 §9.2.2)."""

EXPECTS_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose meaning expects a body, so an empty one is announced (RFC 9110 §8.6)."""


_OWN: Final = frozenset({"host", "content-length", "transfer-encoding"})
"""The fields that `Request` itself looks at; any other stands alone."""


class Request(Value):
    """One request message.

    Args:
        method: a token, its case kept.
        url: where to; its userinfo and fragment are not sent.
        headers: every other field. `Host`, when missing, is filled in from the URL; `Content-Length` and
            `Transfer-Encoding` are filled in from the body and may be given only if they agree with it.
        body: what follows the head, or None.

    Raises:
        Usage: method, name or value could break the message, or the framing given contradicts the body.
        BadUrl: the target holds what must be encoded.
    """

    __slots__ = ("body", "headers", "method", "url")

    def __init__(self, method: str, url: Url, headers: Headers, body: Body | None = None) -> None:
        check_method(method)
        check_target(url.target)
        fields = [(name, value.strip(" \t")) for name, value in headers]
        hosts = headers.get_all("host")
        if len(hosts) > 1:
            raise Usage("more than one Host header")
        if hosts:
            fields.sort(key=lambda field: field[0].lower() != "host")
        else:
            fields.insert(0, ("Host", url.authority))
        for name, value in fields:
            check_field(name, value)
        fields.extend(_framing(method, headers, body))
        self.method: Final = method
        self.url: Final = url
        self.headers: Final = Headers(fields)
        self.body: Final = body

    def with_header(self, name: str, value: str) -> Request:
        """The same request with this header set.

        Raises:
            Usage: the header could break the message, or contradicts the body.
        """
        value = value.strip(" \t")
        headers = self.headers.with_field(name, value)
        if name.lower() in _OWN:
            return Request(self.method, self.url, headers, self.body)
        check_field(name, value)
        return self.replace(headers=headers)

    def at(self, url: Url) -> Request:
        """The same request for another target, which has been checked; `replace`, where it has to be quick."""
        other: Any = object.__new__(Request)
        other.method = self.method
        other.url = url
        other.headers = self.headers
        other.body = self.body
        return other  # type: ignore[no-any-return]

    @property
    def is_idempotent(self) -> bool:
        """Whether sending it twice means the same as once (RFC 9110 §9.2.2)."""
        return self.method in IDEMPOTENT

    @property
    def can_replay(self) -> bool:
        """Whether the same body can be sent again."""
        return self.body is None or self.body.replayable

    @property
    def is_chunked(self) -> bool:
        """Whether the body goes out in chunks."""
        return "transfer-encoding" in self.headers


def _framing(method: str, headers: Headers, body: Body | None) -> list[tuple[str, str]]:
    """The framing fields that are still missing (RFC 9112 §6.1, §6.2)."""
    given_lengths = [value.strip(" \t") for value in headers.get_all("content-length")]
    if "transfer-encoding" in headers:
        is_one_line = len(headers.get_all("transfer-encoding")) == 1
        if not is_one_line or headers.tokens("transfer-encoding") != ["chunked"] or given_lengths or body is None:
            raise Usage("Transfer-Encoding can only be chunked, once, with a body and without Content-Length")
        return []
    length = body.length if body is not None else 0
    if given_lengths:
        if length is None:
            raise Usage("Content-Length is given for a body whose length is not known")
        if given_lengths != [str(length)]:
            raise Usage(f"Content-Length does not agree with the body, which has {length} bytes")
        return []
    if body is None:
        return [("Content-Length", "0")] if method in EXPECTS_BODY else []
    if length is None:
        return [("Transfer-Encoding", "chunked")]
    return [("Content-Length", str(length))]
