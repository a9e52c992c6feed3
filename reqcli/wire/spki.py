"""Finds the public key in a certificate, for its pin: the few steps of DER that lead there, and no more.

    Certificate     ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }            RFC 5280 §4.1
    tbsCertificate  ::= SEQUENCE { [0] version DEFAULT v1, serialNumber INTEGER, signature SEQUENCE, issuer SEQUENCE,
                                   validity SEQUENCE, subject SEQUENCE, subjectPublicKeyInfo SEQUENCE, … }

An element is a tag, a length and so many bytes of content (X.690 §8.1). DER writes a length in one way only: below 128
as itself, else as the number of its bytes and these, without a zero in front (§10.1). Whatever is written otherwise, or
reaches beyond what it stands in, is refused. Nothing is nested deeper than this walk goes, so nothing is recursive.
"""

from __future__ import annotations

from typing import Final

_SEQUENCE: Final = 0x30
_INTEGER: Final = 0x02
_VERSION: Final = 0xA0

_BEFORE_THE_KEY: Final = (_INTEGER, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE)
"""The tags of serialNumber, signature, issuer, validity and subject."""

_LONGEST_LENGTH: Final = 4
"""Bytes in the length of an element; with more of them it could not be a certificate that came over TLS."""


def public_key_info(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, as it stands there: tag, length and content.

    Args:
        certificate: X.509 in DER.

    Raises:
        ValueError: it is none.
    """
    start, end = _element(certificate, 0, len(certificate), _SEQUENCE)
    if end != len(certificate):
        raise ValueError("bytes behind the certificate")
    position, end = _element(certificate, start, end, _SEQUENCE)
    if position < end and certificate[position] == _VERSION:
        _, position = _element(certificate, position, end, _VERSION)
    for tag in _BEFORE_THE_KEY:
        _, position = _element(certificate, position, end, tag)
    _, behind = _element(certificate, position, end, _SEQUENCE)
    return certificate[position:behind]


def _element(data: bytes, position: int, end: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at this position begins and ends.

    Raises:
        ValueError: there is no such element, or it reaches beyond `end`.
    """
    if end - position < 2 or data[position] != tag:
        raise ValueError(f"no element of the tag {tag:#x} at byte {position}")
    length = data[position + 1]
    start = position + 2
    if length >= 0x80:
        size = length - 0x80
        written = data[start : min(start + size, end)]
        length = int.from_bytes(written)
        start += size
        if not 0 < size == len(written) <= _LONGEST_LENGTH or not written[0] or length < 0x80:
            raise ValueError(f"the length at byte {position + 1} is not written as DER writes it")
    if length > end - start:
        raise ValueError(f"the element at byte {position} is cut short")
    return start, start + length
