"""Whom a TLS connection trusts: from TlsOptions to an `ssl.SSLContext`. Imported for https only.

What this room holds to, on every version of Python:

- names come from subjectAltName only (RFC 9525 §6.3), and OpenSSL does the matching;
- a trust file or directory given by the user is the only trust (CVE-2019-11324, CVE-2026-11564);
- VERIFY_X509_STRICT, on by default since 3.13, stays off: it turns away company CAs for formal faults, and
  curl, browsers and older Pythons take them. VERIFY_X509_PARTIAL_CHAIN, also new in 3.13, is on: a trust file may
  hold an intermediate or the server's own certificate, and the chain may end there;
- the system's trust is taken from its directory of hashed certificates where it has one. OpenSSL then looks up
  the one root it needs: 0.1 ms, where reading the whole bundle takes 15 to 20.

The places are those OpenSSL was built with; the environment arrives as `TlsOptions.verify`, never by itself.

A context costs half a handshake with one certificate in a file, and forty with a bundle of all there are, so a process
makes one for all that ask for the same. It keeps no TLS sessions, nor anything else of a connection. Files are read
again when they have changed. With a client certificate it is not shared, for it holds the key.
"""

from __future__ import annotations

import os
from time import time

from reqcli.errors import InputFailed, SecretUnavailable, TlsCaUnreadable
from reqcli.net.openssl import default_places, half, new_context, ssl
from reqcli.net.stream import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from reqcli.model.route import TlsOptions

    Stamp = tuple[int, ...] | None
    """What tells a file from one that was changed; None if it is not there."""

_VERSIONS: Final = {"1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304}
"""As they are written in TLS itself (RFC 8446 §4.2.1), in OpenSSL and in Python."""

_ENOUGH_LINKS: Final = 20
"""So many hashed names make a directory the system's store, and not a place where someone put a certificate."""


_SETTLED: Final = 2.0
"""Seconds after a change of a file from which on the next change is sure to bear another time."""

MOST_SHARED: Final = 16
"""So many contexts a process keeps; one more, and it begins anew."""

_shared: Final[dict[tuple[object, ...], ssl.SSLContext]] = {}


def shared_context(role: str, options: TlsOptions) -> ssl.SSLContext:
    """This process's context for these options and for what the files that they name hold now.

    Args:
        role: what the peers are, so that origins and proxies have nothing in common (CVE-2021-22890).
        options: how to connect, and whom to trust.

    Raises:
        TlsCaUnreadable, InputFailed, SecretUnavailable: as `make_context`.
    """
    verify = options.verify
    paths = default_places() if verify is True else (verify,) if verify else ()
    stamps = [(path, _stamp(path)) for path in paths]
    if options.certificate is not None or any(stamp and _is_new(stamp) for _, stamp in stamps):
        return make_context(options)
    key = (role, options, half(), *stamps)
    context = _shared.get(key)
    if context is None:
        context = make_context(options)
        if len(_shared) >= MOST_SHARED:
            _shared.clear()
        _shared[key] = context
    return context


def _stamp(path: str) -> Stamp:
    try:
        now = os.stat(path)
    except OSError:
        return None
    return now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev


def _is_new(stamp: tuple[int, ...]) -> bool:
    return stamp[0] > (time() - _SETTLED) * 1e9


def make_context(options: TlsOptions) -> ssl.SSLContext:
    """A context for these options. It costs up to 20 ms, so keep it.

    Raises:
        TlsCaUnreadable: the trusted certificates cannot be read, or there are none.
        InputFailed: the client certificate or its key cannot be read, or do not belong together.
        SecretUnavailable: the key is encrypted and its passphrase is missing or wrong.
    """
    context = new_context()
    context.verify_flags = context.verify_flags & ~ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    _set_minimum(context, options.minimum)
    if options.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.verify is True:
        _trust_system(context)
    else:
        _trust_only(context, options.verify)
    if options.certificate is not None:
        _present(context, options.certificate, options)
    return context


def _set_minimum(context: ssl.SSLContext, minimum: str) -> None:
    """TLS 1.0 and 1.1 (RFC 8996 retires them) also need OpenSSL's security level 0, for their SHA-1."""
    if minimum in ("1.0", "1.1"):
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = _VERSIONS[minimum]  # type: ignore[assignment]
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    else:
        context.minimum_version = _VERSIONS[minimum]  # type: ignore[assignment]


def _trust_system(context: ssl.SSLContext) -> None:
    """The hashed directory, else the bundle, else what certifi brings."""
    bundle, folder = default_places()
    if _count_hash_links(folder, _ENOUGH_LINKS) == _ENOUGH_LINKS:
        context.load_verify_locations(capath=folder)
        return
    if not os.path.isfile(bundle) or not os.path.getsize(bundle):
        try:
            from certifi import where
        except ImportError:
            raise TlsCaUnreadable(
                f"this system has no trusted certificates in {folder} or {bundle}",
                hint="install the ca-certificates package or certifi, or name a file with --verify FILE",
            ) from None
        bundle = where()
    _load_bundle(context, bundle)


def _trust_only(context: ssl.SSLContext, path: str) -> None:
    if not os.path.isdir(path):
        _load_bundle(context, path)
    elif _count_hash_links(path, 1):
        context.load_verify_locations(capath=path)
    else:
        raise TlsCaUnreadable(
            f"the directory {path} holds no certificates under hashed names",
            hint=f"run `openssl rehash {path}`, or name a PEM file",
        )


def _load_bundle(context: ssl.SSLContext, path: str) -> None:
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise TlsCaUnreadable(
            f"{path} holds no certificate in PEM form", hint="a PEM file has -----BEGIN CERTIFICATE----- in it"
        ) from error
    except OSError as error:
        raise TlsCaUnreadable(f"cannot read the trusted certificates in {path}: {reason(error)}") from error


def _count_hash_links(directory: str, limit: int) -> int:
    """How many entries have the names that OpenSSL looks certificates up by, counted up to a limit."""
    found = 0
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if _is_hash_link(entry.name):
                    found += 1
                    if found == limit:
                        break
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise TlsCaUnreadable(f"cannot read the directory {directory}: {reason(error)}") from error
    return found


def _is_hash_link(name: str) -> bool:
    """Whether a name is eight digits of a hash, a dot and a number."""
    return name[8:9] == "." and name.isascii() and name[9:].isdigit() and not name[:8].strip("0123456789abcdef")


def _present(context: ssl.SSLContext, certificate: str, options: TlsOptions) -> None:
    """Load the client certificate. OpenSSL is never left to ask for the passphrase on the terminal by itself."""
    key = options.key or certificate
    asked = False

    def passphrase() -> str:
        nonlocal asked
        asked = True
        if options.key_password is None:
            raise SecretUnavailable(f"the key in {key} is encrypted, and no passphrase was given for it")
        return options.key_password.reveal()

    try:
        context.load_cert_chain(certificate, options.key, passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InputFailed(f"the key in {key} does not belong to the certificate in {certificate}") from error
        if asked:
            raise SecretUnavailable(f"the passphrase given does not open the key in {key}") from error
        raise InputFailed(
            f"no certificate in {certificate} with its key in {key}, in PEM form",
            hint="name the key with --cert-key if it is in a file of its own",
        ) from error
    except OSError as error:
        raise InputFailed(f"cannot read the client certificate {certificate} or its key: {reason(error)}") from error
