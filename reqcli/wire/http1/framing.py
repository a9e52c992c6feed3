"""Decides where a response's body ends, and whether its connection may carry another request.

RFC 9112 §6.3, in its order, each rule once and nowhere else:

1. HEAD, 1xx, 204 and 304 have no body, whatever their fields say, and the connection is none the worse for it.
2. A 2xx to CONNECT turns the connection into a tunnel.
3. Transfer-Encoding beats Content-Length; a message with both may be an attack on somebody who sees it the other
   way round, so its connection is not used again (§6.1).
4. The only transfer coding is one `chunked`: no other was asked for with TE, so a body in one cannot be understood.
5. Content-Length is plain decimal digits. The same value repeated is one value; anything else is an error.
6. With neither, the body ends where the connection does.

An ambiguous length is an error and never a guess: two parties who disagree on where a message ends take the next
one for something else (§11.1, §11.2).
"""

from __future__ import annotations

from reqcli.errors import BadResponse
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.headers import Headers
    from reqcli.model.response import ResponseHead

_TIMEOUT: Final = "timeout="

_LONGEST_TIMEOUT: Final = 9
"""Digits: some thirty years."""


class Framing(Value):
    """Where a body ends.

    Args:
        kind: `none`; `length`; `chunked`; `close`, which means that its length is not known before the end.
        length: bytes, for `length` only.
        reusable: whether the connection may carry another request once the body is complete.
        warnings: what was tolerated, one sentence each.
    """

    __slots__ = ("kind", "length", "reusable", "warnings")

    def __init__(self, kind: str, length: int | None = None, *, reusable: bool, warnings: tuple[str, ...] = ()) -> None:
        self.kind: Final = kind
        self.length: Final = length
        self.reusable: Final = reusable
        self.warnings: Final = warnings


CHUNKED: Final = Framing("chunked", reusable=True)
"""Of a body in chunks on a connection that stays."""


def body_framing(method: str, head: ResponseHead) -> Framing:
    """How the body behind this head is framed.

    Args:
        method: of the request that is answered.
        head: of an interim response too, which has no body.

    Raises:
        BadResponse: the length is ambiguous or malformed, or the server switched to a protocol nobody asked for.
    """
    status, headers = head.status, head.headers
    if status == 101:
        raise BadResponse("the server switched to another protocol without being asked (status 101)")
    if head.framing is not None and method != "HEAD" and method != "CONNECT":
        return head.framing  # type: ignore[no-any-return]
    keep_alive = _keeps_alive(head)
    if method == "HEAD" or status < 200 or status == 204 or status == 304:
        return Framing("none", reusable=keep_alive)
    if method == "CONNECT" and status < 300:
        return Framing("none", reusable=False)
    if "transfer-encoding" in headers:
        return _chunked(head, keep_alive=keep_alive)
    lengths = headers.get_all("content-length")
    if not lengths:
        return Framing("close", reusable=False)
    if len(lengths) == 1 and _is_length(lengths[0]):
        return Framing("length", int(lengths[0]), reusable=keep_alive)
    return Framing(
        "length", _repeated_length(lengths), reusable=keep_alive, warnings=("Content-Length is given more than once",)
    )


def keep_alive_timeout(head: ResponseHead) -> float | None:
    """Seconds that the server promises to keep an idle connection: `Keep-Alive: timeout=5, max=99`.

    Returns:
        0 if it says that this was the last request (`max=0`), None if it says nothing.
    """
    if head.plain_length is None and head.framing is None:
        parameters = head.headers.tokens("keep-alive")
    elif head.keep_alive is None:
        return None
    else:
        parameters = [part.strip(" \t") for part in str(head.keep_alive, "latin-1").lower().split(",")]
    if "max=0" in parameters:
        return 0.0
    promised = [
        float(seconds)
        for parameter in parameters
        if parameter.startswith(_TIMEOUT)
        and _is_length(seconds := parameter.removeprefix(_TIMEOUT))
        and len(seconds) <= _LONGEST_TIMEOUT
    ]
    return min(promised, default=None)


def _keeps_alive(head: ResponseHead) -> bool:
    """RFC 9112 §9.3: `close` in any of the Connection lines wins; before HTTP/1.1 it has to be asked for."""
    if head.headers.get("connection") is None:
        return head.minor_version >= 1
    options = head.headers.tokens("connection")
    return "close" not in options and (head.minor_version >= 1 or "keep-alive" in options)


def _chunked(head: ResponseHead, *, keep_alive: bool) -> Framing:
    """Raises BadResponse for every Transfer-Encoding but a single `chunked`."""
    headers: Headers = head.headers
    if len(headers.get_all("transfer-encoding")) > 1 or headers.tokens("transfer-encoding") != ["chunked"]:
        raise BadResponse(
            "the response has a Transfer-Encoding other than a single «chunked»: where it ends cannot be known"
        )
    if "content-length" in headers:
        warnings = ("the response has both Transfer-Encoding and Content-Length; the length was ignored",)
        return Framing("chunked", reusable=False, warnings=warnings)
    return Framing("chunked", reusable=keep_alive and head.minor_version >= 1)


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _repeated_length(lines: list[str]) -> int:
    """The one value of several; raises BadResponse if they differ or one is malformed (RFC 9110 §8.6)."""
    members = {member.strip(" \t") for line in lines for member in line.split(",")}
    if not all(map(_is_length, members)):
        raise BadResponse("the response has a Content-Length that is not a plain number of at most 18 digits")
    if len(members) > 1:
        raise BadResponse("the response has more than one Content-Length, and they differ")
    return int(members.pop())
