"""Whom a NO_PROXY list covers (PRX-3 to PRX-7 of checklist.txt)."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.no_proxy import NoProxy
from reqcli.model.url import Url


def covers(entries: str, url: str) -> bool:
    parsed = Url.parse(url)
    return NoProxy(entries).covers(parsed.host, parsed.port)


@pytest.mark.parametrize(
    ("entries", "url"),
    [
        pytest.param("*", "http://any.example/", id="everything"),
        pytest.param("a.example, *", "http://any.example/", id="everything, within a list"),
        pytest.param("example.com", "http://example.com/", id="a name"),
        pytest.param("example.com", "http://www.example.com/", id="what is below a name"),
        pytest.param("example.com", "http://a.b.example.com/", id="far below"),
        pytest.param(".example.com", "http://example.com/", id="a name with a dot before it"),
        pytest.param(".example.com", "http://www.example.com/", id="below a name with a dot before it"),
        pytest.param("*.example.com", "http://www.example.com/", id="a star for what is below"),
        pytest.param("EXAMPLE.com", "http://example.COM/", id="any letter case"),
        pytest.param("a.example,b.example", "http://b.example/", id="commas"),
        pytest.param("a.example b.example", "http://b.example/", id="blanks"),
        pytest.param(" a.example ,\tb.example , ,", "http://b.example/", id="commas and blanks"),
        pytest.param("host:8080", "http://host:8080/", id="a port"),
        pytest.param("host:80", "http://host/", id="the default port of http"),
        pytest.param("host:443", "https://host/", id="the default port of https"),
        pytest.param("*:8080", "http://any.example:8080/", id="every host on a port"),
        pytest.param("127.0.0.2:9", "http://127.0.0.2:9/", id="an address with a port"),
        pytest.param("10.1.2.3", "http://10.1.2.3/", id="an address"),
        pytest.param("10.1.2.3", "http://0xa.1.515/", id="an address written otherwise"),
        pytest.param("10.0.0.0/8", "http://10.255.0.1/", id="a network"),
        pytest.param("10.1.2.3/32", "http://10.1.2.3/", id="a network of one"),
        pytest.param("0.0.0.0/0", "http://10.1.2.3/", id="every IPv4 address"),
        pytest.param("::1", "http://[::1]/", id="an IPv6 address"),
        pytest.param("[::1]", "http://[::1]/", id="in brackets"),
        pytest.param("[::1]:8080", "http://[::1]:8080/", id="in brackets with a port"),
        pytest.param("0:0::0001", "http://[::1]/", id="an IPv6 address written otherwise"),
        pytest.param("FD00::/8", "http://[fd12::1]/", id="an IPv6 network"),
        pytest.param("[fd00::]/8", "http://[fd12::1]/", id="an IPv6 network, the address in brackets"),
        pytest.param("[fd00::/8]", "http://[fd12::1]/", id="an IPv6 network in brackets"),
        pytest.param("[fd00::]/8:8080", "http://[fd12::1]:8080/", id="an IPv6 network with a port"),
        pytest.param("fe80::1", "http://[fe80::1%25lo]/", id="an address with a zone"),
        pytest.param("::ffff:10.1.2.3", "http://10.1.2.3/", id="a mapped address for IPv4"),
        pytest.param("10.1.2.3", "http://[::ffff:10.1.2.3]/", id="IPv4 for a mapped address"),
        pytest.param("10.0.0.0/8", "http://[::ffff:a01:203]/", id="an IPv4 network for a mapped address"),
        pytest.param("example.com.", "http://example.com/", id="a dot at the end of the entry"),
        pytest.param("example.com", "http://example.com./", id="a dot at the end of the host"),
        pytest.param("bücher.example", "http://xn--bcher-kva.example/", id="a name in another script"),
        pytest.param("xn--bcher-kva.example", "http://BÜCHER.example/", id="its A-label"),
        pytest.param(".bücher.example", "http://www.bücher.example/", id="below it"),
    ],
)
def test_these_are_reached_without_a_proxy(entries: str, url: str) -> None:
    assert covers(entries, url)
    assert not NoProxy(entries).warnings


@pytest.mark.parametrize(
    ("entries", "url"),
    [
        pytest.param("", "http://localhost/", id="nothing, not even loopback"),
        pytest.param("", "http://127.0.0.1/", id="nor its address"),
        pytest.param("example.invalid", "http://notexample.invalid/", id="no boundary between labels"),
        pytest.param("*.example.com", "http://example.com/", id="the name itself, with a star"),
        pytest.param("*.example.com", "http://notexample.com/", id="no boundary, with a star"),
        pytest.param("example.com", "http://example.com.evil/", id="a name that begins so"),
        pytest.param("host:8080", "http://host/", id="another port"),
        pytest.param("host:443", "http://host/", id="the default port of the other scheme"),
        pytest.param("localhost", "http://127.0.0.1/", id="an address for its name: nothing is resolved"),
        pytest.param("127.0.0.1", "http://localhost/", id="a name for its address"),
        pytest.param("10.0.0.0/8", "http://11.0.0.1/", id="outside of the network"),
        pytest.param("10.0.0.0/8", "http://10.example/", id="a name that begins like an address"),
        pytest.param("::/0", "http://10.1.2.3/", id="IPv4, for a network of IPv6"),
        pytest.param("0.0.0.0/0", "http://[::1]/", id="IPv6, for a network of IPv4"),
        pytest.param("1.2.3", "http://10.1.2.3/", id="an address that ends so"),
    ],
)
def test_these_are_not(entries: str, url: str) -> None:
    assert not covers(entries, url)


@pytest.mark.parametrize(
    "entry",
    [
        *("10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "[::1", "::1::", "example.com/8"),
        *("*example.com", "a..b", ":80", "host:99999", "http://host", "*."),
    ],
)
def test_what_is_no_entry_is_ignored_with_a_warning(entry: str) -> None:
    listed = NoProxy(f"a.example {entry} b.example")
    assert len(listed.warnings) == 1
    assert entry in listed.warnings[0]
    assert listed.covers("a.example", 80)
    assert listed.covers("b.example", 80)
    assert not listed.covers("c.example", 80)
    assert not listed.covers("10.0.0.1", 80)


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses(v=4), st.ip_addresses(v=4), st.integers(0, 32))
def test_ipv4_networks_are_those_of_the_standard_library(host: object, address: object, prefix: int) -> None:
    network = ip_network(f"{address}/{prefix}", strict=False)
    for each in (str(host), str(network[0]), str(network[-1])):
        assert NoProxy(f"{address}/{prefix}").covers(each, 80) == (ip_address(each) in network)


@settings(max_examples=200, deadline=None)
@given(st.ip_addresses(v=6), st.ip_addresses(v=6), st.integers(0, 128))
def test_ipv6_networks_are_those_of_the_standard_library(host: object, address: object, prefix: int) -> None:
    network = ip_network(f"{address}/{prefix}", strict=False)
    for each in (str(host), str(network[-1])):
        parsed = Url.parse(f"http://[{each}]/")
        mapped = ip_address(each).ipv4_mapped  # type: ignore[union-attr]
        expected = ip_address(each) in network and not (mapped and prefix < 96)
        assert NoProxy(f"[{address}]/{prefix}").covers(parsed.host, 80) == expected


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["a.example", "127.0.0.1", "::1", "localhost"]))
def test_no_text_is_too_much_for_it(text: str, host: str) -> None:
    NoProxy(text).covers(host, 80)
