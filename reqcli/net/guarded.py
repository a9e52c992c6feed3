"""What may go through a proxy while a policy allows public addresses alone. Imported for such a policy only.

The proxy itself is connected to from here, so its address is checked like any other: or whoever chooses the proxy could
have anything in the neighbourhood spoken to. What it then connects to is known only where it is told an address. So
CONNECT and SOCKS are given addresses that were looked up and checked here; what cannot be put so is refused.
"""

from __future__ import annotations

from reqcli.errors import PolicyDenied
from reqcli.net.resolve import addresses_of, literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from reqcli.model.route import Proxy, Route


def check_way(proxy: Proxy, route: Route) -> None:
    """Refuse a proxy that would have to look the origin up itself.

    Args:
        proxy: which is to reach the origin.
        route: under `only_public`.

    Raises:
        PolicyDenied: the proxy would be told a name, or an address that is not public.
    """
    origin = route.origin
    if literal(origin.host, origin.port):
        addresses_of(origin.host, origin.port, route.dialling, 0.0)  # an address takes no time, but may not be public
    elif route.is_forwarded:
        raise _looks_up(proxy, origin.host, "https, which is tunnelled, or a socks5 proxy works under it")
    elif proxy.scheme in ("socks4a", "socks5h"):
        told = "socks4" if proxy.scheme == "socks4a" else "socks5"
        raise _looks_up(proxy, origin.host, f"{told}:// tells the proxy an address that was looked up here")


def _looks_up(proxy: Proxy, host: str, hint: str) -> PolicyDenied:
    return PolicyDenied(
        f"the session's policy allows public addresses alone, and the proxy {proxy} would look {host} up itself",
        hint=hint,
        details={"rule": "address"},
    )
