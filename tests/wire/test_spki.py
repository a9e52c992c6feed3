"""The public key in a certificate, found as `cryptography` finds it; anything else than a certificate is refused."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from reqcli.wire.spki import public_key_info

DAY = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey

KEYS: dict[str, Callable[[], Key]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
    "RSA 2048": lambda: rsa.generate_private_key(65537, 2048),
    "RSA 4096": lambda: rsa.generate_private_key(65537, 4096),
}


def certificate(key: Key, name: str = "a.example", serial: int = 77, extra: int = 0) -> bytes:
    """A self-signed certificate, with that many names in it."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), serial)
        .not_valid_before(DAY)
        .not_valid_after(DAY + datetime.timedelta(days=9))
    )
    if extra:
        names = x509.SubjectAlternativeName([x509.DNSName(f"h{number}.example") for number in range(extra)])
        builder = builder.add_extension(names, critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)


@cache
def key_of(kind: str) -> Key:
    """A key of this kind: a large one takes long to make."""
    return KEYS[kind]()


def expected(key: Key) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


SMALL_KEY = ed25519.Ed25519PrivateKey.generate()
SMALL = certificate(SMALL_KEY)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("extra", [0, 3, 3000])
def test_the_key_is_found_whatever_its_kind_and_however_large_the_certificate(kind: str, extra: int) -> None:
    key = key_of(kind)
    assert public_key_info(certificate(key, extra=extra)) == expected(key)


@given(st.text("abcdefgé", min_size=1, max_size=64), st.integers(1, 2**159 - 1))
def test_names_and_numbers_do_not_matter(name: str, serial: int) -> None:
    assert public_key_info(certificate(SMALL_KEY, name, serial)) == expected(SMALL_KEY)


def element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 + size]) + length.to_bytes(size) + content


NUMBER, SEQUENCE = element(2, b"\1"), element(0x30, b"")
KEY = element(0x30, b"the key")
FIELDS = NUMBER + 4 * SEQUENCE + KEY


def made(fields: bytes) -> bytes:
    return element(0x30, element(0x30, fields) + SEQUENCE + element(3, b"\0"))


def test_the_first_version_has_no_number_of_its_own() -> None:
    assert public_key_info(made(FIELDS)) == KEY
    assert public_key_info(made(element(0xA0, NUMBER) + FIELDS)) == KEY
    assert public_key_info(made(FIELDS + b"whatever comes behind")) == KEY


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x30", id="a tag alone"),
        pytest.param(SMALL + b"\0", id="a byte behind"),
        pytest.param(made(4 * SEQUENCE + KEY), id="no serial number"),
        pytest.param(made(NUMBER + 4 * SEQUENCE), id="no key"),
        pytest.param(made(NUMBER + 3 * SEQUENCE + KEY), id="a field less"),
        pytest.param(made(2 * element(0xA0, NUMBER) + FIELDS), id="two versions"),
        pytest.param(made(NUMBER + 4 * SEQUENCE + element(4, b"the key")), id="a key of another type"),
        pytest.param(made(NUMBER + 4 * SEQUENCE + b"\x30\x09the key"), id="a key longer than what it stands in"),
        pytest.param(made(b"\x02\x81\x01\1" + 4 * SEQUENCE + KEY), id="a short length written long"),
        pytest.param(made(b"\x02\x82\x00\x81" + b"\1" * 0x81 + 4 * SEQUENCE + KEY), id="a zero before a length"),
        pytest.param(made(b"\x02\x80\1\0\0" + 4 * SEQUENCE + KEY), id="a length that is not told"),
        pytest.param(made(b"\x02\x85\x01\0\0\0\0" + 4 * SEQUENCE + KEY), id="a length of five bytes"),
        pytest.param(made(b"\x02\xff" + 4 * SEQUENCE + KEY), id="a length of 127 bytes"),
        pytest.param(made(b"\x02\x84"), id="a length cut short"),
        pytest.param(b"\x30\x84\xff\xff\xff\xff" + FIELDS, id="four gigabytes"),
    ],
)
def test_what_is_no_certificate_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"no element|not written|cut short|bytes behind"):
        public_key_info(data)


def test_a_certificate_cut_anywhere_is_refused() -> None:
    for size in range(len(SMALL)):
        with pytest.raises(ValueError, match=r"no element|not written|cut short"):
            public_key_info(SMALL[:size])


@given(st.binary(max_size=200) | st.builds(made, st.binary(max_size=200)))
def test_any_bytes_give_a_key_or_a_refusal(data: bytes) -> None:
    try:
        found = public_key_info(data)
    except ValueError:
        return
    assert found[:1] == b"\x30"
    assert found in data


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_another_byte_anywhere_gives_no_other_key_unless_it_is_in_the_key(at: int, byte: int) -> None:
    """Whatever a forger changes around the key, the walk ends at that key or nowhere."""
    changed = SMALL[:at] + bytes([byte]) + SMALL[at + 1 :]
    start = SMALL.index(expected(SMALL_KEY))
    try:
        found = public_key_info(changed)
    except ValueError:
        return
    if not start <= at < start + len(expected(SMALL_KEY)):
        assert found == expected(SMALL_KEY)
