from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.address import NOT_PUBLIC_V4, is_public

PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
)  # fmt: skip
NOT_PUBLIC = {
    "this machine": "127.0.0.1",
    "this machine, another address": "127.255.255.254",
    "this machine by the unspecified address": "0.0.0.0",
    "this network": "0.1.2.3",
    "private 10": "10.0.0.1",
    "private 172": "172.31.255.255",
    "private 192": "192.168.1.1",
    "shared (CGNAT)": "100.64.0.1",
    "a metadata service in CGNAT": "100.100.100.200",
    "link-local": "169.254.0.1",
    "the metadata service": "169.254.169.254",
    "a metadata service among protocol assignments": "192.0.0.192",
    "the host of an Azure machine": "168.63.129.16",
    "documentation": "203.0.113.9",
    "benchmarks": "198.19.255.255",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "v6 this machine": "::1",
    "v6 unspecified": "::",
    "v6 link-local": "fe80::1",
    "v6 link-local with a zone": "fe80::1%lo",
    "v6 unique local": "fd00::1",
    "v6 metadata service": "fd00:ec2::254",
    "v6 site-local": "fec0::1",
    "v6 multicast": "ff0e::1",
    "v6 documentation": "2001:db8::1",
    "v6 documentation, new": "3fff::1",
    "v6 Teredo": "2001::1",
    "v6 6to4 of a private address": "2002:7f00:1::",
    "v6 discard": "100::1",
    "v4-mapped this machine": "::ffff:127.0.0.1",
    "v4-mapped in hexadecimal": "::ffff:7f00:1",
    "v4-mapped metadata": "::ffff:169.254.169.254",
    "v4-compatible": "::127.0.0.1",
    "NAT64 of this machine": "64:ff9b::127.0.0.1",
    "NAT64 of a private address": "64:ff9b::a00:1",
    "NAT64, local prefix": "64:ff9b:1::808:808",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC.values(), ids=NOT_PUBLIC)
def test_an_address_of_this_machine_or_its_surroundings_is_not(address: str) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
@settings(max_examples=300, deadline=None)
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address) -> None:
    """Python's own lists have gaps that ours have not, and never the other way round."""
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(str(address)) or getattr(address, "ipv4_mapped", None) or str(address).startswith("64:")


@given(st.ip_addresses(v=4))
@settings(max_examples=300, deadline=None)
def test_an_address_that_is_carried_in_another_is_judged_as_itself(address: IPv4Address) -> None:
    expected = not any(address in block for block in NOT_PUBLIC_V4)
    assert is_public(str(address)) is is_public(f"::ffff:{address}") is is_public(f"64:ff9b::{address}") is expected


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "0x7f.0.0.1", "[::1]"])
def test_what_is_no_address_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        is_public(text)
