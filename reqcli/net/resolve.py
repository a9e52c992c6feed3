"""From a host to the addresses to try, in the order of RFC 8305.

Literals, overrides and `localhost` (which RFC 6761 §6.3 makes this machine, whatever a resolver says) need no
lookup. All else asks the system, and only in a thread can that be bounded: `getaddrinfo` knows no time limit. The
thread is a bare one: nobody waits for it at the end, and the `threading` module stays unimported.
"""

from __future__ import annotations

import _thread

from reqcli.errors import DnsFailed, PolicyDenied, Timeout
from reqcli.model.route import Dialling
from reqcli.net.readiness import by_program, socket
from reqcli.net.stream import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

    Address = tuple[socket.AddressFamily, tuple[Any, ...]]
    """A family, and what `socket.connect` takes for it."""

_FAMILIES: Final = {0: socket.AF_UNSPEC, 4: socket.AF_INET, 6: socket.AF_INET6}


def addresses_of(host: str, port: int, dialling: Dialling, timeout: float) -> list[Address]:
    """The addresses of a host, best first.

    Args:
        host: as in `Origin.host`.
        port: 1 to 65535.
        dialling: overrides and family are taken from it.
        timeout: seconds that a lookup may take.

    Raises:
        DnsFailed: there is none, or none of the family asked for.
        PolicyDenied: there is no public one, and only those are allowed.
        Timeout: phase `dns`.
    """
    family = _FAMILIES[dialling.family]
    given = [address for name, at, address in dialling.overrides if name == host and at == port]
    if given:
        found = [one for address in given for one in literal(address, port)]
        if len(found) < len(given):
            raise DnsFailed(f"one of {', '.join(given)}, given for {host}, is not an IP address", retryable=False)
    elif host == "localhost" or host.endswith(".localhost"):
        found = literal("::1", port) + literal("127.0.0.1", port)
    else:
        found = literal(host, port) or _look_up(host, port, family, timeout)
    fitting = [address for address in found if family in (socket.AF_UNSPEC, address[0])]
    if not fitting:
        raise DnsFailed(f"{host} has no address of IP version {dialling.family}", retryable=False)
    return interleaved(_public(host, fitting) if dialling.only_public else fitting)


def _public(host: str, addresses: list[Address]) -> list[Address]:
    """Those that may be connected to under a policy; what is connected to is what was checked, never looked up again.

    Raises:
        PolicyDenied: there is none among them.
    """
    from reqcli.model.address import is_public

    public = [address for address in addresses if is_public(address[1][0])]
    if not public:
        found = ", ".join(address[1][0] for address in addresses)
        raise PolicyDenied(
            f"the session's policy allows public addresses alone, and {host} is at {found}",
            details={"rule": "address", "addresses": [address[1][0] for address in addresses]},
        )
    return public


def interleaved(addresses: list[Address]) -> list[Address]:
    """The families by turns, starting with that of the first address, so one dead family costs one try (§4)."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    others = [address for address in addresses if address[0] != addresses[0][0]]
    woven: list[Address] = []
    for index in range(max(len(first), len(others))):
        woven += first[index : index + 1] + others[index : index + 1]
    return woven


def literal(host: str, port: int) -> list[Address]:
    """The one address that an IP literal is, or none. Nothing here can block.

    Args:
        host: as in `Origin.host`.
        port: 1 to 65535.

    Raises:
        DnsFailed: its zone is no network interface of this machine.
    """
    address, _, zone = host.partition("%")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, address)
    except (OSError, ValueError):
        return []
    if family == socket.AF_INET:
        return [(family, (host, port))]
    return [(family, (address, port, 0, _scope(zone)))]


def _scope(zone: str) -> int:
    """The number of the network interface that a zone names (RFC 4007 §11), 0 for no zone."""
    if not zone:
        return 0
    if zone.isdigit() and len(zone) < 10:
        return int(zone)
    try:
        return socket.if_nametoindex(zone)
    except OSError as error:
        raise DnsFailed(f"this machine has no network interface {zone!a}", retryable=False) from error


def _look_up(host: str, port: int, family: int, timeout: float) -> list[Address]:
    """Ask the system. The name goes in as bytes: text would be passed through the IDNA 2003 codec."""
    name = host.encode("ascii")
    answer: list[Any] = []
    waiting = _thread.allocate_lock()
    waiting.acquire()

    def ask() -> None:
        try:
            answer.append(by_program("getaddrinfo")(name, port, family, socket.SOCK_STREAM))
        except OSError as error:
            answer.append(error)
        finally:
            waiting.release()

    _thread.start_new_thread(ask, ())
    if not waiting.acquire(timeout=timeout):
        raise Timeout(f"the name {host} was not resolved within {timeout:g} s", phase="dns")
    found = answer[0]
    if isinstance(found, OSError):
        raise DnsFailed(
            f"cannot resolve {host}: {reason(found)}",
            retryable=found.errno == socket.EAI_AGAIN,
            details={"host": host},
        ) from found
    return list(dict.fromkeys((entry[0], entry[4]) for entry in found))
