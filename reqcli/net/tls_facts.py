"""What a peer's certificate says, for people who look closely; loaded when they do."""

from __future__ import annotations

import ssl
from hashlib import sha256

from reqcli.model.peer import Certificate


def certificate_of(tls: ssl.SSLObject) -> Certificate | None:
    """The certificate that the peer showed, or None if it showed none."""
    der = tls.getpeercert(binary_form=True)
    if der is None:
        return None
    fingerprint = sha256(der).hexdigest()
    told = tls.getpeercert()
    if not told:  # OpenSSL was not asked to verify it, and Python does not read it then
        return Certificate(fingerprint)
    return Certificate(
        fingerprint,
        subject=_name(told.get("subject")),
        issuer=_name(told.get("issuer")),
        expires=ssl.cert_time_to_seconds(str(told["notAfter"])),
    )


def _name(parts: object) -> str:
    """A distinguished name in one line, its common name first, for that is what people look for."""
    pairs = [pair for group in parts for pair in group] if isinstance(parts, tuple) else []
    pairs.sort(key=lambda pair: pair[0] != "commonName")
    return ", ".join(str(value) for _, value in pairs)
