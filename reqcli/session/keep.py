"""What `--save` keeps of a call: its own headers and credential, bound to the origin the user named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reqcli.session.operations import SetAuth, SetHeader
from reqcli.session.schema import StoredAuth, StoredHeader

if TYPE_CHECKING:
    from reqcli.model.credential import Credential
    from reqcli.model.spec import RequestSpec
    from reqcli.session.operations import Operation

NEVER_KEPT: Final = frozenset(
    {"content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "host", "expect", "te",
     "trailer", "upgrade", "keep-alive", "proxy-authorization", "proxy-connection", "range", "cookie"}
)  # fmt: skip
"""Fields that belong to one message, one connection or the jar, and so to no session."""


def kept(spec: RequestSpec) -> list[Operation]:
    """The operations that store the call's headers and credential."""
    origin = str(spec.url.origin)
    operations: list[Operation] = [
        SetHeader(StoredHeader(name, value, origin))
        for name, value in spec.headers
        if value is not None and name.lower() not in NEVER_KEPT
    ]
    if spec.auth is not None:
        operations.append(SetAuth(origin, stored(spec.auth)))
    return operations


def stored(credential: Credential) -> StoredAuth:
    """A credential as the document keeps it: values inline, in a file that is the user's alone."""
    return StoredAuth(credential.scheme, {name: credential.reveal(name) for name in credential.params})
