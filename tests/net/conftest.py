"""A certificate authority, made once, and what it issues."""

from __future__ import annotations

import _ssl
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from reqcli.net import openssl

Serving = Callable[..., ssl.SSLContext]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An issuer that nobody trusts unless told to."""
    return trustme.CA(organization_name="Test Authority")


@pytest.fixture(scope="session")
def trust_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The authority's certificate as a PEM file, for TlsOptions.verify."""
    path = tmp_path_factory.mktemp("trust") / "ca.pem"
    path.write_bytes(authority.cert_pem.bytes())
    return str(path)


@pytest.fixture
def serving(authority: trustme.CA) -> Serving:
    """`serving(*names, **what trustme.issue_cert takes)`: a server's context with a certificate for these names."""

    def make(*names: str, **options: object) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["h2", "http/1.1"])
        authority.issue_cert(*(names or ("127.0.0.1", "localhost")), **options).configure_cert(context)  # type: ignore[arg-type]
        return context

    return make


class ClientCertificate:
    """A certificate and its key on disk."""

    def __init__(self, folder: Path, leaf: trustme.LeafCert) -> None:
        self.certificate = str(folder / "cert.pem")
        self.key = str(folder / "key.pem")
        self.both = str(folder / "both.pem")
        Path(self.certificate).write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        Path(self.key).write_bytes(leaf.private_key_pem.bytes())
        Path(self.both).write_bytes(leaf.private_key_and_cert_chain_pem.bytes())


@pytest.fixture
def client_certificate(authority: trustme.CA, tmp_path: Path) -> ClientCertificate:
    """A client's certificate from the same authority."""
    return ClientCertificate(tmp_path, authority.issue_cert("client@example.com"))


@pytest.fixture(params=["bare", "whole"])
def each_half(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contexts as a command makes them, of `_ssl`, and as a program gets them that has loaded `ssl`."""
    monkeypatch.setattr(openssl, "is_alone", lambda: request.param == "bare")


def system_places(monkeypatch: pytest.MonkeyPatch, folder: Path, bundle: Path) -> None:
    """A system whose OpenSSL was built to look here."""
    places = ("SSL_CERT_FILE", str(bundle), "SSL_CERT_DIR", str(folder))
    monkeypatch.setattr(_ssl, "get_default_verify_paths", lambda: places)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: ssl.DefaultVerifyPaths("", "", *places))
