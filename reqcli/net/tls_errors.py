"""What OpenSSL says when TLS fails, put into words that help. Imported only when it does."""

from __future__ import annotations

from reqcli.errors import ReceiveFailed, ReqcliError, SendFailed, TlsCertInvalid, TlsHandshakeFailed
from reqcli.net.openssl import ssl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

# X509_V_ERR_* of OpenSSL's x509_vfy.h: the standard library has no names for them.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED: Final = 18
_UNTRUSTED: Final = frozenset({2, 19, 20, 21, 27})
_WRONG_HOST: Final = frozenset({62, 64})

_NOT_TLS: Final = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNKNOWN_PROTOCOL",
        "HTTP_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",
        "UNEXPECTED_MESSAGE",
    }
)
_VERSION: Final = frozenset({"UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE"})
_CLIENT_CERTIFICATE: Final = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    }
)


def handshake_error(error: ssl.SSLError, tls: ssl.SSLObject, peer: str) -> ReqcliError:
    """The error for a handshake that failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_error(error, _server_certificate(tls), peer)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TlsHandshakeFailed(f"{peer} closed the connection during the TLS handshake", retryable=True)
    return _refusal(error, peer)


def receive_error(error: ssl.SSLError, peer: str) -> ReqcliError:
    """The error for a read that failed; in TLS 1.3 a server turns a client's certificate down only here."""
    if error.reason in _CLIENT_CERTIFICATE:
        return _refusal(error, peer)
    return ReceiveFailed(f"TLS with {peer} broke while receiving: {_words(error)}", details=_details(error))


def send_error(error: ssl.SSLError, peer: str) -> ReqcliError:
    """The error for a write that failed."""
    return SendFailed(f"TLS with {peer} broke while sending: {_words(error)}", details=_details(error))


def _refusal(error: ssl.SSLError, peer: str) -> ReqcliError:
    hint = None
    if error.reason in _NOT_TLS:
        message = f"{peer} does not speak TLS"
        hint = "the server may be a plain one: try http:// instead of https://"
    elif error.reason in _VERSION:
        message = f"{peer} and this client have no TLS version in common"
    elif error.reason == "TLSV13_ALERT_CERTIFICATE_REQUIRED":
        message = f"{peer} wants a client certificate"
        hint = "give one with --cert FILE"
    elif error.reason in _CLIENT_CERTIFICATE:
        message = f"{peer} turned the client certificate down"
        hint = "check the file given with --cert"
    elif error.reason == "TLSV1_UNRECOGNIZED_NAME":
        message = f"{peer} does not know the host by that name"
    else:
        message = f"the TLS handshake with {peer} failed: {_words(error)}"
    return TlsHandshakeFailed(message, hint=hint, details=_details(error))


def _certificate_error(error: ssl.SSLCertVerificationError, certificate: dict[str, Any], peer: str) -> ReqcliError:
    code = error.verify_code
    names = [name for _, name in certificate.get("subjectAltName", ())]
    trust = "trust its issuer with --verify FILE, if you know the file to be right"
    hint = None
    if code in _WRONG_HOST:
        known = ", ".join(names) or "no name at all"
        message = f"the certificate of {peer} is for {known}, and not for the host that was asked for"
        hint = "ask for the server by a name that its certificate has"
    elif code == _EXPIRED:
        message = f"the certificate of {peer} has expired{_when(' on ', certificate, 'notAfter')}"
        hint = "if it should still be valid, check the clock of this machine"
    elif code == _NOT_YET_VALID:
        message = f"the certificate of {peer} is not valid yet{_when(', but only from ', certificate, 'notBefore')}"
        hint = "if it should be valid, check the clock of this machine"
    elif code == _SELF_SIGNED:
        message = f"the certificate of {peer} is self-signed"
        hint = "trust it with --verify FILE, if you know the file to be right"
    elif code in _UNTRUSTED:
        message = f"the certificate of {peer} is from an issuer that is not trusted{_issuer(certificate)}"
        hint = trust
    else:
        message = f"the certificate of {peer} is not to be trusted: {error.verify_message}"
    details: dict[str, object] = {"verify_code": code, "verify_message": error.verify_message, "names": names}
    return TlsCertInvalid(message, hint=hint, details=details)


def _server_certificate(tls: ssl.SSLObject) -> dict[str, Any]:
    """What the certificate that failed says of itself, for the message only; empty when it cannot be had.

    The standard library gives a certificate away only after a good handshake. The engine below has it all the
    same, under a name that is not promised, so its absence must not matter.
    """
    try:
        engine: Any = getattr(tls, "_sslobj", tls)
        return engine.get_unverified_chain()[0].get_info()  # type: ignore[no-any-return]
    except (AttributeError, IndexError, TypeError, ValueError, ssl.SSLError):
        return {}


def _when(words: str, certificate: dict[str, Any], field: str) -> str:
    return words + certificate[field] if field in certificate else ""


def _issuer(certificate: dict[str, Any]) -> str:
    fields = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    name = fields.get("commonName") or fields.get("organizationName")
    return f" ({name!a})" if name else ""


def _words(error: ssl.SSLError) -> str:
    return error.reason.lower().replace("_", " ") if error.reason else str(error)


def _details(error: ssl.SSLError) -> dict[str, object]:
    return {"reason": error.reason}
