"""The boundary where an exception that is no bug becomes one of the house's errors; what is a bug stays what it is.

Nearly all are translated where they are born, in better words than can be found here. What slips through (a system
call that nobody thought could fail, a transport or a store of the program's own) is known by its class and by how far
the run had come. Classes of modules that may not be loaded are compared by their names, so that nothing is loaded
to look at them.
"""

from __future__ import annotations

from errno import errorcode

from reqcli import errors
from reqcli.errors import ReqcliError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

NETWORK: Final = ("dns", "connect", "proxy", "tls", "send", "wait", "receive")
"""The phases in which a peer, and not this machine, is what failed."""

OF_THE_SYSTEM: Final[Mapping[str, type[ReqcliError]]] = {
    "usage": errors.InputFailed,
    "secret": errors.SecretUnavailable,
    "store": errors.StoreUnavailable,
    "dns": errors.DnsFailed,
    "connect": errors.ConnectFailed,
    "proxy": errors.ProxyHandshakeFailed,
    "tls": errors.TlsHandshakeFailed,
    "send": errors.SendFailed,
    "wait": errors.ReceiveFailed,
    "receive": errors.ReceiveFailed,
    "output": errors.OutputFailed,
}
"""What an error of the operating system, or of TLS, is called in each phase."""

IN_NETWORK: Final[Mapping[str, type[ReqcliError]]] = {
    "builtins.TimeoutError": errors.Timeout,
    "builtins.ConnectionRefusedError": errors.ConnectFailed,
    "socket.gaierror": errors.DnsFailed,
    "socket.herror": errors.DnsFailed,
    "ssl.SSLCertVerificationError": errors.TlsCertInvalid,
    "zlib.error": errors.DecodeFailed,
    "brotli.error": errors.DecodeFailed,
    "backports.zstd.ZstdError": errors.DecodeFailed,
    "compression.zstd.ZstdError": errors.DecodeFailed,
    "builtins.MemoryError": errors.BodyTooLarge,
}
"""What certain classes are called in every phase of the network, before anything else."""

IN_USAGE: Final[Mapping[str, type[ReqcliError]]] = {
    "builtins.ValueError": errors.Usage,
    "builtins.RecursionError": errors.Usage,
}
"""What a call is made of may be unfit to be sent: text that is no Unicode, a number that JSON does not have."""


def failed(error: Exception, phase: str) -> ReqcliError:
    """The error that an exception means.

    Args:
        error: caught.
        phase: how far the run had come, a key of `OF_THE_SYSTEM`.

    Returns:
        The same object if it is one of the house's, else a new one that was caused by it. Beyond the connecting
        the server may have seen the request, so its `sent` is `maybe`.

    Raises:
        Exception: the same again, for it is a bug.
    """
    if isinstance(error, ReqcliError):
        return error
    kind = _kind(error, phase)
    if kind is None:
        raise error
    known = kind(
        f"{_PLACES[phase]} failed: {_words(error)}",
        phase=phase if kind is errors.Timeout else None,
        details=_details(error),
    )
    known.__cause__ = error
    if phase in ("send", "wait", "receive"):
        known.sent = "maybe"
    return known


_PLACES: Final = {
    "usage": "reading what was asked for",
    "secret": "fetching a secret",
    "store": "the store of sessions",
    "dns": "resolving the host's name",
    "connect": "connecting",
    "proxy": "connecting through the proxy",
    "tls": "the TLS handshake",
    "send": "sending the request",
    "wait": "waiting for the response",
    "receive": "receiving the response",
    "output": "writing the result",
}


def _kind(error: Exception, phase: str) -> type[ReqcliError] | None:
    names = [f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__]
    special = IN_NETWORK if phase in NETWORK else IN_USAGE if phase == "usage" else {}
    for name in names:
        if name in special:
            return special[name]
    return OF_THE_SYSTEM[phase] if isinstance(error, OSError) else None


def _words(error: Exception) -> str:
    """The system's or OpenSSL's own words; other words may hold what was being sent."""
    if reason := _reason(error):
        return reason.lower().replace("_", " ")
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _details(error: Exception) -> dict[str, object]:
    details: dict[str, object] = {"exception": type(error).__name__}
    if reason := _reason(error):
        details["reason"] = reason
    elif isinstance(error, OSError) and error.errno is not None:
        details["errno"] = errorcode.get(error.errno, error.errno)
    return details


def _reason(error: Exception) -> str | None:
    """OpenSSL's name for what went wrong; its `errno` has nothing to do with the system's."""
    reason = getattr(error, "reason", None)
    return reason if isinstance(error, OSError) and isinstance(reason, str) else None
