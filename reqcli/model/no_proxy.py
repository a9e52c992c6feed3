"""Which hosts are reached without a proxy: the list that NO_PROXY and `--noproxy` hold.

Entries are separated by commas or blanks; case, outer blanks and trailing dots do not count, and names are compared
as A-labels, so `bücher.example` and `xn--bcher-kva.example` are one.

    *                       every host
    example.com .example.com        that host and those below it; `notexample.com` is neither
    *.example.com           only those below it
    10.1.2.3 ::1 [::1]      that address
    10.0.0.0/8 fd00::/8 [fd00::]/8  the addresses of that network
    ENTRY:8080              any of these, on that port only (`[::1]:8080` for IPv6); 80 and 443 are the default ports'

Nothing is resolved to match: an address stands for itself and never for the names that lead to it. IPv4 addresses
and their IPv6 form (`::ffff:10.1.2.3`) are the same. There is no entry that nobody wrote: `localhost` and loopback
addresses go through the proxy like all others unless the list names them, as with curl; an entry for them is
`localhost 127.0.0.0/8 ::1`.

No entry is given up silently: what cannot be understood bypasses nothing, and a warning says so.
"""

from __future__ import annotations

import re

from reqcli.model.fields import shown
from reqcli.model.host import normalise_host
from reqcli.model.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_entries: Final = re.compile(r"[^,\s]+").findall
_split: Final = re.compile(r"(\[[^\[\]]*\](?:/[0-9]+)?|[^:\[\]]*):([0-9]{1,5})").fullmatch
_bracketed: Final = re.compile(r"\[([^\[\]/]*)(?:\](/[^\[\]]*)?|(/[^\[\]]*)\])").fullmatch
_is_address: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}").fullmatch

_V4: Final = 96
"""Bits that stand before an IPv4 address in its IPv6 form (RFC 4291 §2.5.5.2)."""
_MAPPED: Final = 0xFFFF << 32

_NEITHER: Final = "is neither a host nor a network"


class NoProxy(Value):
    """The list, read.

    Args:
        text: the entries.

    Attributes:
        warnings: a sentence on each entry that is none.
    """

    __slots__ = ("_rules", "warnings")

    def __init__(self, text: str = "") -> None:
        rules: list[_Rule] = []
        warnings: list[str] = []
        for entry in _entries(text):
            try:
                rules.append(_rule(entry))
            except ValueError as error:
                warnings.append(f"the entry {shown(entry)} among the hosts without a proxy {error}; it is ignored")
        self._rules: Final = tuple(rules)
        self.warnings: Final = tuple(warnings)

    def covers(self, host: str, port: int) -> bool:
        """Whether this host is to be reached without a proxy.

        Args:
            host: as in `Origin.host`.
            port: 1 to 65535.
        """
        if not self._rules:
            return False
        address = _address(host)
        return any(rule.covers(host, address, port) for rule in self._rules)


class _Rule(Value):
    """One entry: a name (empty for every name there is), or a network of `prefix` bits."""

    __slots__ = ("below_only", "name", "network", "port", "prefix")

    def __init__(
        self,
        name: str = "",
        *,
        below_only: bool = False,
        network: int | None = None,
        prefix: int = 128,
        port: int | None = None,
    ) -> None:
        self.name: Final = name
        self.below_only: Final = below_only
        self.network: Final = network
        self.prefix: Final = prefix
        self.port: Final = port

    def covers(self, host: str, address: int | None, port: int) -> bool:
        """Whether the entry is for this host; `address` is the host as a number, if it is one."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            # A network wider than all of IPv4 is one of IPv6 and has no IPv4 address in it (`::/0`).
            if address is None or (self.prefix < _V4 and address >> 32 == 0xFFFF):
                return False
            return (address ^ self.network) >> (128 - self.prefix) == 0
        if not self.name:
            return True
        return (host == self.name and not self.below_only) or host.endswith(f".{self.name}")


def _rule(entry: str) -> _Rule:
    """Raises ValueError, saying what is wrong with the entry."""
    with_port = _split(entry)
    host, port = (with_port[1], int(with_port[2])) if with_port else (entry, None)
    if port is not None and port > 65535:
        raise ValueError("has a port above 65535")
    if host == "*":
        return _Rule(port=port)
    if "/" in host or ":" in host:
        return _network(host, port)
    below_only = host.startswith("*.")
    try:
        name = normalise_host(host.removeprefix("*." if below_only else "."))
    except ValueError:
        raise ValueError(_NEITHER) from None
    address = _address(name)
    return _Rule(name, below_only=below_only, port=port) if address is None else _Rule(network=address, port=port)


def _network(text: str, port: int | None) -> _Rule:
    """An address with or without brackets, and its prefix, which may stand inside of them."""
    brackets = _bracketed(text)
    text, slash, suffix = "".join(brackets.groups("")).partition("/") if brackets else text.partition("/")
    address = _address(text)
    if address is None:
        raise ValueError(_NEITHER)
    most = 128 if ":" in text else 32
    bits = int(suffix) if re.fullmatch(r"[0-9]{1,3}", suffix) else most + 1 if slash else most
    if bits > most:
        raise ValueError(f"has a prefix that is not a number from 0 to {most}")
    return _Rule(network=address, prefix=128 - most + bits, port=port)


def _address(host: str) -> int | None:
    """A dotted IPv4 or an IPv6 address as a number of 128 bits, its zone left out; None for a name."""
    if ":" in host:
        from ipaddress import IPv6Address

        try:
            return int(IPv6Address(host.partition("%")[0]))
        except ValueError:
            return None
    if not _is_address(host):
        return None
    parts = [int(part) for part in host.split(".")]
    if max(parts) > 255:
        return None
    return _MAPPED | parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]
