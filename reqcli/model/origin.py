"""An origin (RFC 6454, RFC 9110 §4.3.1): scheme, host and port, the wall that no secret crosses."""

from __future__ import annotations

from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(Value):
    """Scheme, host and port, already normalised.

    Args:
        scheme: `http` or `https`, lower case.
        host: lower-case A-label, dotted IPv4, or IPv6 without brackets (with `%zone` if it has one); no trailing dot.
        port: 1 to 65535, the default filled in.
    """

    __slots__ = ("host", "port", "scheme")

    def __init__(self, scheme: str, host: str, port: int) -> None:
        self.scheme: Final = scheme
        self.host: Final = host
        self.port: Final = port

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Origin)
            and self.host == other.host
            and self.port == other.port
            and self.scheme == other.scheme
        )

    def __hash__(self) -> int:
        return hash((self.scheme, self.host, self.port))

    def __str__(self) -> str:
        """`https://example.com`, `http://[::1]:8080`, a zone as `%25lo` (RFC 6874 §2): what a user types to name it."""
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        if self.port == DEFAULT_PORTS[self.scheme]:
            return f"{self.scheme}://{host}"
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by name or address (potentially trustworthy, W3C Secure Contexts §3.1)."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a normalised host is this machine by name or address; see `Origin.is_loopback`."""
    return host == "localhost" or host == "::1" or is_loopback_v4(host) or host.endswith(".localhost")


def is_loopback_v4(host: str) -> bool:
    """Whether a normalised host is a dotted IPv4 address in 127.0.0.0/8."""
    return host.startswith("127.") and host.count(".") == 3 and host.replace(".", "").isdigit()
