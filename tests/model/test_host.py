"""Hosts: one spelling for each, whatever was typed, and no spelling that becomes another host later."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.model.host import normalise_host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        ("example.com.", "example.com"),
        ("localhost", "localhost"),
        ("my_service", "my_service"),
        ("_dmarc.a_b.example", "_dmarc.a_b.example"),
        ("r3---sn-x.example", "r3---sn-x.example"),
        ("-a.example-", "-a.example-"),
        ("1.example", "1.example"),
        ("3com", "3com"),
        ("0xyz", "0xyz"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["a" * 49] * 5) + ".abc", ".".join(["a" * 49] * 5) + ".abc"),
        (".".join(["a" * 49] * 5) + ".abc.", ".".join(["a" * 49] * 5) + ".abc"),
    ],
)
def test_a_name_is_lower_case_without_its_trailing_dot(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        pytest.param("faß.de", "xn--fa-hia.de", id="sharp s is kept: non-transitional"),
        pytest.param("BÜCHER.example", "xn--bcher-kva.example", id="upper case"),
        pytest.param("bu\u0308cher.example", "xn--bcher-kva.example", id="decomposed"),
        pytest.param("xn--bcher-kva.example", "xn--bcher-kva.example", id="A-label"),
        pytest.param("XN--BCHER-KVA.example", "xn--bcher-kva.example", id="A-label in upper case"),
        pytest.param("ＧＯ.example", "go.example", id="full width"),
        pytest.param("a。b．c｡example", "a.b.c.example", id="dots of other scripts"),
        pytest.param("example.com。", "example.com", id="trailing dot of another script"),
        pytest.param("日本語.例え", "xn--wgv71a119e.xn--r8jz45g", id="every label"),
        pytest.param("a_b.bücher.example", "a_b.xn--bcher-kva.example", id="underscore in an ASCII label"),
        pytest.param("exam\u00adple.com", "example.com", id="soft hyphen"),
        pytest.param("１２７.0.0.1", "127.0.0.1", id="full-width digits are an address"),
        pytest.param("１２７。１", "127.0.0.1", id="full-width digits and dots are an address"),
        pytest.param("０x7f.1", "127.0.0.1", id="full-width hexadecimal"),
    ],
)
def test_other_scripts_are_mapped_first_and_then_encoded(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("255.255.255.255", "255.255.255.255"),
        ("127.0.0.1.", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("10.1.2", "10.1.0.2"),
        ("10.0xff.65535", "10.255.255.255"),
        ("2130706433", "127.0.0.1"),
        ("4294967295", "255.255.255.255"),
        ("0", "0.0.0.0"),
        ("0x7f.0.0.1", "127.0.0.1"),
        ("0X7F000001", "127.0.0.1"),
        ("0x", "0.0.0.0"),
        ("0x.0x.0x.0x", "0.0.0.0"),
        ("0177.0.0.01", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("192.168.010.1", "192.168.8.1"),
    ],
)
def test_every_spelling_of_an_ipv4_address_is_the_dotted_one(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "256.0.0.1", "1.2.3.256", "4294967296", "1.16777216", "1.2.65536", "1.2.3.4.5", "09", "1.2.3.08", "0x1g.1",
        "example.1", "example.0x1f", "1..2", "1.2.3.4.5.6.0x7", "-1.2.3.4", "+1.2.3.4", "1_0.1.1.1",
        "0b1.1", "9" * 250,
    ],
)  # fmt: skip
def test_a_host_that_ends_in_a_number_is_an_address_or_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="IPv4"):
        normalise_host(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("[2001:DB8::0:1]", "2001:db8::1"),
        ("[2001:db8:0:0:1:0:0:1]", "2001:db8::1:0:0:1"),
        ("[2001:db8:0:1:1:1:1:1]", "2001:db8:0:1:1:1:1:1"),
        ("[::]", "::"),
        ("[::ffff:7f00:1]", "::ffff:127.0.0.1"),
        ("[::FFFF:127.0.0.1]", "::ffff:127.0.0.1"),
        ("[64:ff9b::192.0.2.1]", "64:ff9b::c000:201"),
        ("[fe80::1%25lo]", "fe80::1%lo"),
        ("[fe80::1%lo]", "fe80::1%lo"),
        ("[FE80::1%25Eth0.1]", "fe80::1%Eth0.1"),
        ("[fe80::1%2525lo]", "fe80::1%25lo"),
        ("[fe80::1%2]", "fe80::1%2"),
        ("[fe80::1%25]", "fe80::1%25"),
    ],
)
def test_ipv6_is_written_as_rfc_5952_says_with_its_zone(text: str, host: str) -> None:
    assert normalise_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(".", id="only a dot"),
        pytest.param("a..b", id="empty label"),
        pytest.param(".a", id="empty first label"),
        pytest.param("a..", id="two trailing dots"),
        pytest.param("127.0.0.1..", id="address with two trailing dots"),
        pytest.param("a" * 64 + ".example", id="label of 64"),
        pytest.param(".".join(["a" * 49] * 5) + ".abcd", id="name of 254"),
        pytest.param("ü" * 60, id="A-label too long"),
        pytest.param(".".join(["ü" * 20] * 12), id="name too long only as A-labels"),
        pytest.param("a" * 100_000, id="endless name"),
        pytest.param("ü" * 100_000, id="endless international name"),
        pytest.param("a b", id="blank"),
        pytest.param("a%00b", id="escaped NUL"),
        pytest.param("a%2Fb", id="escaped slash"),
        pytest.param("a%2eb", id="escaped dot"),
        pytest.param("ex%61mple.com", id="escaped letter"),
        pytest.param("*.example", id="star"),
        pytest.param("a!b", id="sub-delimiter"),
        pytest.param("a\x00b", id="NUL"),
        pytest.param("a\nb", id="line break"),
        pytest.param("a\u2100.example", id="maps to a/c"),
        pytest.param("a\uff0fb", id="maps to a slash"),
        pytest.param("a\uff1fb", id="maps to a question mark"),
        pytest.param("a\uff03b", id="maps to a hash"),
        pytest.param("a\uff20b", id="maps to an at sign"),
        pytest.param("a\uff1a80", id="maps to a colon"),
        pytest.param("a\uff05b", id="maps to a percent sign"),
        pytest.param("a\uff3cb", id="maps to a backslash"),
        pytest.param("a\u00a0b", id="maps to a blank"),
        pytest.param("\uff3b::1\uff3d", id="maps to brackets"),
        pytest.param("\u00ad", id="maps to nothing"),
        pytest.param("a.\u00ad.b", id="label maps to nothing"),
        pytest.param("xn--", id="A-label of nothing"),
        pytest.param("xn--a", id="A-label that is no punycode"),
        pytest.param("xn--fass-", id="A-label of ASCII"),
        pytest.param("xn--bcher-kva8.example", id="A-label of characters no name may have"),
        pytest.param("xn--BCHER-.example", id="A-label that ends in a hyphen"),
        pytest.param("ｘn--a", id="fake A-label in full width"),
        pytest.param("a\udcffb", id="undecodable byte"),
        pytest.param("\u0301a", id="begins with an accent"),
        pytest.param("a\u200db", id="joiner out of place"),
        pytest.param("::1", id="IPv6 without brackets"),
        pytest.param("[]", id="empty brackets"),
        pytest.param("[::1", id="no closing bracket"),
        pytest.param("[::1]a", id="text after the bracket"),
        pytest.param("[example.com]", id="name in brackets"),
        pytest.param("[127.0.0.1]", id="IPv4 in brackets"),
        pytest.param("[v1.x]", id="a future version"),
        pytest.param("[1::2::3]", id="two gaps"),
        pytest.param("[12345::]", id="five digits"),
        pytest.param("[::1/64]", id="a network"),
        pytest.param("[fe80::1%]", id="empty zone"),
        pytest.param("[fe80::1%25a%25b]", id="two zones"),
        pytest.param("[fe80::1%25a b]", id="blank in the zone"),
        pytest.param("[%25lo]", id="only a zone"),
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """CVE-2019-9636, CVE-2019-10160, CVE-2022-42916: a character became a separator when it was normalised."""
    with pytest.raises(ValueError, match=r"has .*host|has an IPv6 zone") as caught:
        normalise_host(text)
    assert len(text) < 3 or text not in str(caught.value)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["{}", "0x{:x}", "0{:o}", "{}."]))
@settings(max_examples=200, deadline=None)
def test_a_number_is_the_address_it_stands_for(number: int, form: str) -> None:
    assert normalise_host(form.format(number)) == str(IPv4Address(number))


@given(st.integers(0, 2**128 - 1))
@settings(max_examples=200, deadline=None)
def test_ipv6_keeps_its_value(number: int) -> None:
    host = normalise_host(f"[{IPv6Address(number).exploded}]")
    assert int(IPv6Address(host)) == number
    assert normalise_host(f"[{host}]") == host


@given(
    st.one_of(
        st.text(max_size=30),
        st.text("aZ0-_.x1füß。٠１Ａ℀\u200d%@:/[]", max_size=12),
        st.builds("xn--{}".format, st.text("abcdefghijklmnopqrstuvwxyz0123456789-", max_size=12)),
    )
)
@settings(max_examples=300, deadline=None)
def test_a_normal_host_is_its_own_normal_form(text: str) -> None:
    try:
        host = normalise_host(text)
    except ValueError:
        return
    assert host.isascii()
    assert not set(host) & set("/?#@\\ \t\r\n\x00") or text.startswith("[")
    assert normalise_host(f"[{host.replace('%', '%25')}]" if ":" in host else host) == host
