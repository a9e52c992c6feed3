"""Pinned keys over real TLS (TLS-11 of checklist.txt): the wrong one sees no byte of the request, and no connection
that was made under one pin serves another."""

from __future__ import annotations

import ssl
from hashlib import sha256
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from reqcli.errors import TlsCertInvalid
from reqcli.model.pin import written
from reqcli.model.proxy import parse_proxy
from reqcli.model.route import TlsOptions
from reqcli.net.once import OneShot
from reqcli.net.pinned import check_key
from reqcli.net.pool import Pool
from tests.net.calls import OK, get
from tests.proxies import RelayingProxy
from tests.sockets import NastyServer, Peer

OTHER = bytes(32)


@pytest.fixture(scope="module")
def leaf(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("127.0.0.1", "localhost")


@pytest.fixture
def context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(made)
    return made


def digest_of(pem: bytes) -> bytes:
    key = x509.load_pem_x509_certificate(pem).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return sha256(key.public_bytes(serialization.Encoding.DER, form)).digest()


@pytest.fixture
def pin(leaf: trustme.LeafCert) -> bytes:
    return digest_of(leaf.cert_chain_pems[0].bytes())


def test_the_pinned_key_is_let_in_and_reused(context: ssl.SSLContext, trust_file: str, pin: bytes) -> None:
    tls = TlsOptions(verify=trust_file, pins=(OTHER, pin))
    with NastyServer(OK, tls=context) as server, Pool() as pool:
        assert [get(pool, server, tls=tls).body for _ in range(2)] == [b"hi"] * 2
        assert server.connections == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_another_key_ends_the_connection_before_the_request(
    context: ssl.SSLContext, trust_file: str, pin: bytes, version: ssl.TLSVersion
) -> None:
    context.minimum_version = context.maximum_version = version
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        heard.append(peer.sock.recv(1))

    with NastyServer(script, tls=context) as server, Pool() as pool:
        with pytest.raises(TlsCertInvalid, match="is not the one that is pinned") as caught:
            get(pool, server, tls=TlsOptions(verify=trust_file, pins=(OTHER,)))
        server.wait()
    assert heard == [b""], "the server heard the end of the connection and nothing before it"
    error = caught.value
    assert written(pin) in error.message
    assert f"127.0.0.1:{server.port}" in error.message
    assert error.details == {"pin": written(pin), "pinned": [written(OTHER)]}
    assert (error.sent, error.retryable) == ("no", False)


def test_the_issuers_key_is_not_the_servers(context: ssl.SSLContext, trust_file: str, authority: trustme.CA) -> None:
    tls = TlsOptions(verify=trust_file, pins=(digest_of(authority.cert_pem.bytes()),))
    with NastyServer(OK, tls=context, must_be_called=False) as server, pytest.raises(TlsCertInvalid):
        get(OneShot(), server, tls=tls)


def test_a_pin_counts_without_verification_too(context: ssl.SSLContext, pin: bytes) -> None:
    with NastyServer(OK, tls=context) as server:
        assert get(OneShot(), server, tls=TlsOptions(verify=False, pins=(pin,))).body == b"hi"
        with pytest.raises(TlsCertInvalid, match="pinned"):
            get(OneShot(), server, tls=TlsOptions(verify=False, pins=(OTHER,)))


def test_a_pin_does_not_stand_for_verification(context: ssl.SSLContext, pin: bytes) -> None:
    untrusted = pytest.raises(TlsCertInvalid, match="issuer that is not trusted")
    with NastyServer(OK, tls=context, must_be_called=False) as server, untrusted:
        get(OneShot(), server, tls=TlsOptions(pins=(pin,)))


def test_a_kept_connection_is_not_used_under_another_pin(context: ssl.SSLContext, trust_file: str, pin: bytes) -> None:
    """CVE-2022-27782 and its kin: whatever is asked of the server's key is part of the connection's."""
    tls = TlsOptions(verify=trust_file)
    with NastyServer(OK, tls=context) as server, Pool() as pool:
        get(pool, server, tls=tls)
        with pytest.raises(TlsCertInvalid):
            get(pool, server, tls=tls.replace(pins=(OTHER,)))
        get(pool, server, tls=tls.replace(pins=(pin,)))
        assert len(server.requests) == 2
        assert server.connections == 3


def test_behind_a_proxy_it_is_the_origins_key_that_is_pinned(
    context: ssl.SSLContext, serving: Any, trust_file: str, pin: bytes
) -> None:
    proxy_tls = serving("localhost")
    with NastyServer(OK, tls=context) as server, RelayingProxy(tls=proxy_tls) as relaying:
        proxy = parse_proxy(f"https://localhost:{relaying.port}").replace(tls=TlsOptions(verify=trust_file))
        tls = TlsOptions(verify=trust_file, pins=(pin,))
        assert get(OneShot(), server, tls=tls, proxy=proxy).body == b"hi"
        with pytest.raises(TlsCertInvalid, match="pinned"):
            get(OneShot(), server, tls=tls.replace(pins=(OTHER,)), proxy=proxy)
        assert len(server.requests) == 1


def test_a_certificate_that_cannot_be_read_is_not_the_pinned_one() -> None:
    with pytest.raises(TlsCertInvalid, match=r"the certificate of a\.example:443 cannot be compared with its pin"):
        check_key(b"", (OTHER,), "a.example:443")
