"""OpenSSL as Python has it: by `_ssl`, the half of `ssl` that is written in C, as long as nobody loaded the other half.

The other half sets nothing of its own in a context (the tests compare them fact by fact, and the messages on the wire);
it is enumerations and what wraps sockets, and loading it takes a tenth of the start of a command. A program that has
loaded it may have put something in the place of what is there (truststore, gevent), and has its own way.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl as ssl
    from typing import Any, Final
else:
    # All of this room has its errors and `MemoryBIO` from here: they are the same, whichever half is asked for them.
    try:
        import _ssl as ssl
    except ImportError:  # another Python than CPython
        import ssl as ssl

_IS_KNOWN: Final = sys.implementation.name == "cpython" and sys.version_info < (3, 14)
"""Whether this is a Python whose halves were compared: in another one, that in Python might do its part for safety."""


def is_alone() -> bool:
    """Whether the half that is written in C is all that this process has and needs."""
    return _IS_KNOWN and sys.modules.get("ssl") is None


def half() -> object:
    """What contexts are made of: another one has another (a program may load `ssl`, or put another class there)."""
    return None if is_alone() else getattr(sys.modules.get("ssl"), "SSLContext", None)


def new_context() -> ssl.SSLContext:
    """A context for a client that speaks HTTP/1.1, that verifies, and looks for names in subjectAltName alone."""
    if is_alone():
        bare: Any = ssl
        context = bare._SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context._host_flags |= bare.HOSTFLAG_NEVER_CHECK_SUBJECT
        context._set_alpn_protocols(b"\x08http/1.1")
    else:
        import ssl as whole

        context = whole.SSLContext(whole.PROTOCOL_TLS_CLIENT)
        context.hostname_checks_common_name = False
        context.set_alpn_protocols(["http/1.1"])
    return context  # type: ignore[no-any-return]


def new_engine(context: ssl.SSLContext, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, host: str) -> ssl.SSLObject:
    """What encrypts and decrypts for one connection, between two buffers.

    Args:
        context: of `new_context`, or any `ssl.SSLContext`; what that makes only passes on what is called here.
        incoming: ciphertext from the peer.
        outgoing: ciphertext for the peer.
        host: a DNS name in ASCII, which the server is told, or an address; the certificate must be for it.
    """
    if hasattr(context, "wrap_bio"):
        # As bytes, or the standard library passes the name through its IDNA 2003 codec and imports it first.
        return context.wrap_bio(incoming, outgoing, server_hostname=host.encode("ascii"))
    bare: Any = context
    return bare._wrap_bio(incoming, outgoing, server_side=False, server_hostname=host)  # type: ignore[no-any-return]


def say_goodbye(engine: ssl.SSLObject) -> None:
    """Leave close_notify in the outgoing buffer.

    Raises:
        ssl.SSLError: the peer has not said it yet, or worse.
    """
    (getattr(engine, "shutdown", None) or engine.unwrap)()


def default_places() -> tuple[str, str]:
    """The file and the directory in which OpenSSL was built to look for whom to trust."""
    if is_alone():
        bare: Any = ssl.get_default_verify_paths()  # each with the variable that overrules it before it
        return bare[1], bare[3]
    import ssl as whole

    places = whole.get_default_verify_paths()
    return places.openssl_cafile, places.openssl_capath
