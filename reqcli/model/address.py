"""Which IP addresses are public: whoever may connect to those alone cannot be led to this machine or its neighbours.

What is listed here is everything that the IANA special-purpose registries (RFC 6890; IPv4 and IPv6) do not call
globally reachable, with multicast and the cloud providers' metadata services. The lists are spelt out because
`is_global` of the standard library has changed between patch releases. For IPv6 the question is turned round: only
2000::/3 has been given out at all (RFC 4291 §2.4), so all else is not public.

An IPv6 address may carry an IPv4 one to which a translator on the way hands the packet on: `::ffff:a.b.c.d`
(RFC 4291 §2.5.5.2) and `64:ff9b::a.b.c.d` (NAT64, RFC 6052 §2.1) are judged by it. 6to4 and Teredo do the same and
are out of use, so they are not public.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

NOT_PUBLIC_V4: Final = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network; Linux takes 0.0.0.0 for this machine
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # shared by a provider's customers (RFC 6598), with a cloud's metadata at 100.100.100.200
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # a public address that Azure gives to the host of its virtual machines
        "169.254.0.0/16",  # link-local, with the metadata of most clouds at 169.254.169.254
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, with a cloud's metadata at 192.0.0.192
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, out of use (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
GIVEN_OUT_V6: Final = IPv6Network("2000::/3")
NOT_PUBLIC_V6: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address can belong to anybody on the internet.

    Args:
        address: IPv4 or IPv6, with or without a zone.

    Raises:
        ValueError: it is no address.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    carried = parsed.ipv4_mapped
    if carried is None and parsed in NAT64:
        carried = IPv4Address(int(parsed) & 0xFFFFFFFF)
    if carried is not None:
        return _is_public_v4(carried)
    return _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return not any(address in block for block in NOT_PUBLIC_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    return address in GIVEN_OUT_V6 and not any(address in block for block in NOT_PUBLIC_V6)
