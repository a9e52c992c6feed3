"""What a peer's certificate says, for people who look closely; loaded when they do."""

from __future__ import annotations

from hashlib import sha256

from reqcli.cookies.dates import parse_cookie_date
from reqcli.model.peer import Certificate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLObject


def certificate_of(tls: SSLObject) -> Certificate | None:
    """The certificate that the peer showed, or None if it showed none."""
    der = tls.getpeercert(True)  # noqa: FBT003 - it takes it by position only
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
        expires=parse_cookie_date(str(told["notAfter"])),  # a date as any: May  9 12:00:00 2026 GMT
    )


def _name(parts: object) -> str:
    """A distinguished name in one line, its common name first, for that is what people look for."""
    pairs = [pair for group in parts for pair in group] if isinstance(parts, tuple) else []
    pairs.sort(key=lambda pair: pair[0] != "commonName")
    return ", ".join(str(value) for _, value in pairs)
