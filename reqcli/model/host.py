"""Hosts in the one form that every comparison uses: DNS, cookies, NO_PROXY, pool keys and logs see the same name.

Two spellings of one host must not look like two hosts, and no spelling may turn into another host after it was
checked. So the order is fixed: map first (UTS 46, non-transitional: `ＧＯ` and `。` become ASCII here), then
decide what it is, then check what will be used.

- A name whose last label is a number is an IPv4 address or an error (WHATWG URL §3.5): the operating system reads
  `127.1`, `0x7f.0.0.1` and `2130706433` as addresses, so they are written out as such before anyone compares.
- IPv6 (RFC 4291 §2.2) is written as RFC 5952 says, with its zone (RFC 6874) if it has one.
- Any other name is labels of 1 to 63 letters, digits, hyphens and underscores, at most 253 in all (RFC 1035 §2.3.4);
  other scripts as A-labels (RFC 5891), and an A-label that is no valid one is refused.
"""

from __future__ import annotations

from reqcli.model.fields import DIGITS, UNRESERVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

MAX_NAME: Final = 253
"""Characters in the longest name that fits a DNS message."""

MAX_LABEL: Final = 63
"""Characters in a label (RFC 1035 §2.3.4)."""

# Spelt out: to load what compiles patterns would cost a start more than all that it asks of them.
_HEX_DIGITS: Final = DIGITS | frozenset("abcdef")
_OCTAL_DIGITS: Final = frozenset("01234567")
_OF_LABELS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")

_BYTES: Final = frozenset(map(str, range(256)))


def normalise_host(text: str) -> str:
    """The one form of a host: lower-case A-labels, dotted IPv4, or IPv6 without brackets (`fe80::1%lo` with a zone).

    Args:
        text: as it stands in a URL's authority; IPv6 in brackets.

    Raises:
        ValueError: it is no host. The message continues the sentence "the URL …" and never repeats the text.
    """
    if text.startswith("["):
        return _ipv6(text)
    if len(text) > MAX_NAME + 1:
        raise ValueError(f"has a host longer than {MAX_NAME} characters")
    name = text.lower() if text.isascii() else _mapped(text)
    name = name.removesuffix(".")
    if not name:
        raise ValueError("has no host")
    if _is_number(name[name.rfind(".") + 1 :]):
        return _ipv4(name)
    if not name.isascii() or "xn--" in name:
        name = ".".join(map(_a_label, name.split(".")))
    if len(name) > MAX_NAME:
        raise ValueError(f"has a host longer than {MAX_NAME} characters")
    if not all(0 < len(label) <= MAX_LABEL and _OF_LABELS.issuperset(label) for label in name.split(".")):
        raise ValueError("has a host that is no name: labels are 1 to 63 letters, digits, hyphens and underscores")
    return name


def _mapped(text: str) -> str:
    """A name in other scripts after the mapping step of UTS 46 §4: case, width, dots and composition."""
    import idna

    try:
        return idna.uts46_remap(text, std3_rules=False)  # its ASCII is checked after it, underscores allowed
    except UnicodeError as error:
        raise ValueError("has a host with a character that no name may have") from error


def _a_label(label: str) -> str:
    """The A-label of a label in another script; an A-label itself is checked, and other ASCII passes as it is."""
    if label.isascii() and not label.startswith("xn--"):
        return label
    import idna

    try:
        return idna.alabel(label).decode("ascii")
    except UnicodeError as error:
        raise ValueError("has a host with a label that is no valid international name (IDNA 2008)") from error


def _ipv4(name: str) -> str:
    """Dotted decimal for any spelling of an IPv4 address: 1 to 4 parts, decimal, octal or hexadecimal."""
    parts = name.split(".")
    if len(parts) == 4 and _BYTES.issuperset(parts):
        return name
    if len(parts) > 4 or not all(map(_is_part, parts)):
        raise ValueError("has a host that ends in a number but is no IPv4 address")
    *leading, last = map(_number, parts)
    if any(number > 255 for number in leading) or last >= 256 ** (4 - len(leading)):
        raise ValueError("has an IPv4 address with a part that is too large")
    packed = last + sum(number << 8 * (3 - place) for place, number in enumerate(leading))
    return ".".join(str(packed >> shift & 255) for shift in (24, 16, 8, 0))


def _is_number(label: str) -> bool:
    """Whether a name that ends in this label is an IPv4 address or an error."""
    if label.startswith("0x"):
        return _HEX_DIGITS.issuperset(label[2:])
    return label != "" and DIGITS.issuperset(label)


def _is_part(label: str) -> bool:
    return _is_number(label) and (label[:1] != "0" or label[1:2] == "x" or _OCTAL_DIGITS.issuperset(label))


def _number(part: str) -> int:
    """One part of an IPv4 address; `0x` alone is zero, a leading zero means octal."""
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)


def _ipv6(text: str) -> str:
    """An address in brackets, as RFC 5952 writes it; a zone is kept as the interface's own name, in its case."""
    from ipaddress import IPv6Address

    address, percent, zone = text[1:].removesuffix("]").partition("%")
    if not text.endswith("]"):
        raise ValueError("has a host with an opening bracket but no closing one")
    if percent:
        zone = zone[2:] if zone.startswith("25") and len(zone) > 2 else zone
        if not zone or not UNRESERVED.issuperset(zone):
            raise ValueError("has an IPv6 zone that is no interface's name")
    try:
        parsed = IPv6Address(address)
    except ValueError as error:
        raise ValueError("has a host in brackets that is no IPv6 address") from error
    mapped = parsed.ipv4_mapped
    shown = f"::ffff:{mapped}" if mapped else str(parsed)
    return f"{shown}%{zone}" if percent else shown
