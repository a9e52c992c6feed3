"""Compares the key that a server showed with those pinned for it, before a byte of the request is sent.

Imported for calls that pin something. It comes after the handshake and so after the verification, which it does not
replace: without one (`-k`), the pin is all that is known of the server.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import sha256

from reqcli.errors import TlsCertInvalid
from reqcli.model.pin import written
from reqcli.wire.spki import public_key_info


def check_key(certificate: bytes, pins: Collection[bytes], peer: str) -> None:
    """Compare the key in a server's certificate with the pinned ones.

    Args:
        certificate: of the server itself, in DER.
        pins: SHA-256 digests of the keys that it may have.
        peer: host and port, as messages call it.

    Raises:
        TlsCertInvalid: its key is none of them, or cannot be found.
    """
    try:
        digest = sha256(public_key_info(certificate)).digest()
    except ValueError as error:
        raise TlsCertInvalid(f"the certificate of {peer} cannot be compared with its pin: {error}") from error
    if digest in pins:
        return
    theirs = written(digest)
    raise TlsCertInvalid(
        f"the key of {peer} is not the one that is pinned: its pin is {theirs}",
        hint="if the server was given another key, pin that; if not, somebody else answers in its place",
        details={"pin": theirs, "pinned": [written(pin) for pin in pins]},
    )
