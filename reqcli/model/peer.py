"""What a connection is like: whom it leads to, and what TLS agreed on. For whoever wants to look closely."""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Certificate(Value):
    """What the peer showed for itself.

    Args:
        fingerprint: SHA-256 of the certificate, in hexadecimal.
        subject: whom it is for, or None where it was not verified: what it says is worth nothing then.
        issuer: who says so, or None likewise.
        expires: seconds since the epoch, or None likewise.
    """

    __slots__ = ("expires", "fingerprint", "issuer", "subject")

    def __init__(
        self, fingerprint: str, *, subject: str | None = None, issuer: str | None = None, expires: float | None = None
    ) -> None:
        self.fingerprint: Final = fingerprint
        self.subject: Final = subject
        self.issuer: Final = issuer
        self.expires: Final = expires


class Peer(Value):
    """The other end of a connection.

    Args:
        name: host and port as messages call it, and the proxy before it if there is one.
        address: the address and port it is connected to (the proxy's, if there is one), or a Unix socket's path.
        reused: whether the connection had served a request before.
        tls_version: like `TLSv1.3`; None without TLS.
        cipher: the name of the cipher suite; None without TLS.
        certificate: None without TLS.
    """

    __slots__ = ("address", "certificate", "cipher", "name", "reused", "tls_version")

    def __init__(
        self,
        name: str,
        address: str,
        *,
        reused: bool = False,
        tls_version: str | None = None,
        cipher: str | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.name: Final = name
        self.address: Final = address
        self.reused: Final = reused
        self.tls_version: Final = tls_version
        self.cipher: Final = cipher
        self.certificate: Final = certificate
