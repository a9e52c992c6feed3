"""What `--save` keeps of a call: its own headers, credential and cookies, bound to the origin the user named."""

from __future__ import annotations

from reqcli.session.operations import SetAuth, SetCookie, SetHeader
from reqcli.session.schema import StoredAuth, StoredHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import Final

    from reqcli.model.credential import Credential
    from reqcli.model.spec import RequestSpec
    from reqcli.model.url import Url
    from reqcli.session.operations import Operation

NEVER_KEPT: Final = frozenset(
    {"content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "host", "expect", "te",
     "trailer", "upgrade", "keep-alive", "proxy-authorization", "proxy-connection", "range", "cookie"}
)  # fmt: skip
"""Fields that belong to one message, one connection or the jar, and so to no session; cookies go into the jar."""


def kept(spec: RequestSpec, now: float, answered: Collection[str] = ()) -> tuple[list[Operation], list[str]]:
    """The operations that store the call's headers, credential and typed cookies.

    Args:
        spec: the call as it was made.
        now: seconds since the epoch.
        answered: names of cookies that the server has set or taken away since, which are left alone.

    Returns:
        The operations, and a sentence on each cookie that no server could have set.
    """
    origin = str(spec.url.origin)
    operations: list[Operation] = [
        SetHeader(StoredHeader(name, value, origin))
        for name, value in spec.headers
        if value is not None and name.lower() not in NEVER_KEPT
    ]
    if spec.auth is not None:
        operations.append(SetAuth(origin, stored(spec.auth)))
    typed = "; ".join(value for name, value in spec.headers if value is not None and name.lower() == "cookie")
    refusals: list[str] = []
    if typed:
        operations += _cookies(typed, spec.url, now, answered, refusals)
    return operations, refusals


def _cookies(typed: str, url: Url, now: float, answered: Collection[str], refusals: list[str]) -> Iterator[SetCookie]:
    """The cookies of a typed header: of that host alone, for all its paths, encrypted if this call was."""
    from reqcli.cookies.receive import Refusal, received_cookie
    from reqcli.cookies.scope import is_secure

    attributes = "; Path=/; Secure" if url.scheme == "https" else "; Path=/"
    for pair in typed.split(";"):
        if not pair.strip(" \t"):
            continue
        # Typed in UTF-8, a cookie is the bytes that the server would have sent.
        line = pair.encode(errors="surrogateescape").decode("latin-1") + attributes
        cookie = received_cookie(line, url, now)
        if isinstance(cookie, Refusal):
            refusals.append(cookie.reason)
        elif cookie.name not in answered:
            yield SetCookie(cookie, secure_origin=is_secure(url))


def stored(credential: Credential) -> StoredAuth:
    """A credential as the document keeps it: a reference where a value was fetched, the others inline."""
    inline = {name: credential.reveal(name) for name in credential.params}
    return StoredAuth(credential.scheme, {**inline, **credential.places})
