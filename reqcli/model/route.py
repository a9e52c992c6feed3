"""A route: every input that shapes a connection, and so the key under which it may be used again.

Two requests share a connection only when their routes are equal. Whatever changes how a connection is made or
whom it trusts belongs in here; each field left out was a published advisory somewhere (curl CVE-2022-27782,
CVE-2026-8932, CVE-2022-27775, CVE-2026-3784; requests CVE-2024-35195).
"""

from __future__ import annotations

from reqcli.model.credential import Credential
from reqcli.model.origin import Origin
from reqcli.model.response import DEFAULT_LIMITS, Limits
from reqcli.model.secret import Secret
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class TlsOptions(Value):
    """How a TLS connection is made and what it trusts.

    Args:
        verify: True for the system's trust, False for none, or the path of a PEM file or hashed directory.
        certificate: path of the client certificate (PEM), or None.
        key: path of its key when that is not in the same file.
        key_password: the passphrase of an encrypted key.
        minimum: lowest protocol version accepted, "1.0" to "1.3".
        pins: SHA-256 digests of the public keys that the server may have (`reqcli.model.pin`); empty for any.
    """

    __slots__ = ("certificate", "key", "key_password", "minimum", "pins", "verify")

    def __init__(
        self,
        *,
        verify: bool | str = True,
        certificate: str | None = None,
        key: str | None = None,
        key_password: Secret | None = None,
        minimum: str = "1.2",
        pins: tuple[bytes, ...] = (),
    ) -> None:
        self.verify: Final = verify
        self.certificate: Final = certificate
        self.key: Final = key
        self.key_password: Final = key_password
        self.minimum: Final = minimum
        self.pins: Final = pins


class Dialling(Value):
    """How the address of an origin is found and reached.

    Args:
        overrides: (host, port, address) triples that replace name resolution.
        family: 4 or 6 to use only that version of IP, 0 for both.
        unix_socket: path of a Unix socket to connect to instead of any address.
        local_address: the address or interface name to connect from.
        only_public: connect to public addresses alone (`reqcli.model.address`), and have a proxy, which must be at one
            itself, do so: it is told no names (`reqcli.net.guarded`).
    """

    __slots__ = ("family", "local_address", "only_public", "overrides", "unix_socket")

    def __init__(
        self,
        *,
        overrides: tuple[tuple[str, int, str], ...] = (),
        family: int = 0,
        unix_socket: str | None = None,
        local_address: str | None = None,
        only_public: bool = False,
    ) -> None:
        self.overrides: Final = overrides
        self.family: Final = family
        self.unix_socket: Final = unix_socket
        self.local_address: Final = local_address
        self.only_public: Final = only_public


DEFAULT_TLS: Final = TlsOptions()
DEFAULT_DIALLING: Final = Dialling()


class Proxy(Value):
    """Who stands between this machine and an origin.

    Args:
        scheme: `http` or `https`, which forward plain requests and tunnel the others; `socks4` or `socks5`, which
            are given addresses; `socks4a` or `socks5h`, which are given names and resolve them.
        host: as in `Origin`.
        port: 1 to 65535.
        credential: for the proxy alone, or None. `basic` stands for a user and a password, however the proxy
            wants them: it is given them as Basic at once, and as Digest where it asks for that.
        tls: how the TLS connection to an `https` proxy is made; the options of the origin never count for it.
    """

    __slots__ = ("credential", "host", "port", "scheme", "tls")

    def __init__(
        self,
        scheme: str,
        host: str,
        port: int,
        *,
        credential: Credential | None = None,
        tls: TlsOptions = DEFAULT_TLS,
    ) -> None:
        self.scheme: Final = scheme
        self.host: Final = host
        self.port: Final = port
        self.credential: Final = credential
        self.tls: Final = tls

    @property
    def forwards(self) -> bool:
        """Whether it speaks HTTP and fetches plain URLs itself."""
        return self.scheme in ("http", "https")

    def __str__(self) -> str:
        """`http://127.0.0.1:3128`, as it may be shown: without its credential."""
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class Route(Value):
    """Where a connection leads and how it is made.

    Args:
        origin: whom the request is for.
        tls: None for a plain connection.
        dialling: how the address is found; a Unix socket leaves no room for a proxy.
        partition: keeps the connections of different sessions apart in a shared pool.
        proxy: who is asked to reach the origin, or None to reach it directly.
        limits: how much of everything but the body a response may have, a proxy's to CONNECT too.
    """

    __slots__ = ("dialling", "limits", "origin", "partition", "proxy", "tls")

    def __init__(
        self,
        origin: Origin,
        *,
        tls: TlsOptions | None = None,
        dialling: Dialling = DEFAULT_DIALLING,
        partition: str = "",
        proxy: Proxy | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.origin: Final = origin
        self.tls: Final = tls
        self.dialling: Final = dialling
        self.partition: Final = partition
        self.limits: Final = limits
        self.proxy: Final = proxy if dialling.unix_socket is None else None

    @property
    def is_forwarded(self) -> bool:
        """Whether the request itself goes to the proxy, which reads it and asks the origin in its own name."""
        return self.proxy is not None and self.proxy.forwards and not self.origin.is_secure

    def __eq__(self, other: object) -> bool:
        """Compared for every request; mostly the options are the very same objects."""
        return (
            isinstance(other, Route)
            and self.origin == other.origin
            and self.partition == other.partition
            and (self.tls is other.tls or self.tls == other.tls)
            and (self.dialling is other.dialling or self.dialling == other.dialling)
            and (self.limits is other.limits or self.limits == other.limits)
            and (self.proxy is other.proxy or self.proxy == other.proxy)
        )

    def __hash__(self) -> int:
        return hash((self.origin, self.partition))
