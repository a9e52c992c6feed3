"""From TLS options to a context: where trust comes from, client certificates, and what is wrong with a file."""

from __future__ import annotations

import _ssl
import shutil
import ssl
import subprocess
from pathlib import Path

import certifi
import pytest
import trustme

from reqcli.errors import InputFailed, SecretUnavailable, TlsCaUnreadable, TlsCertInvalid
from reqcli.model.route import TlsOptions
from reqcli.model.secret import Secret
from reqcli.net.once import OneShot
from reqcli.net.trust import make_context
from tests.net.calls import OK, get
from tests.net.conftest import ClientCertificate, Serving, system_places
from tests.real import require
from tests.sockets import NastyServer

pytestmark = pytest.mark.usefixtures("each_half")


def hashed(folder: Path, certificate: Path) -> Path:
    folder.mkdir(exist_ok=True)
    shutil.copy(certificate, folder / "ca.pem")
    subprocess.run([require("openssl"), "rehash", str(folder)], check=True, capture_output=True)
    return folder


def test_what_every_context_holds_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    context = make_context(TlsOptions())
    assert context.keylog_filename is None
    assert context.check_hostname
    assert context._host_flags & _ssl.HOSTFLAG_NEVER_CHECK_SUBJECT
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN


@pytest.mark.parametrize("minimum", ["1.0", "1.1", "1.2", "1.3"])
def test_the_minimum_version_is_a_choice(minimum: str) -> None:
    name = "TLSv" + minimum.removesuffix(".0").replace(".", "_")
    assert ssl.TLSVersion(make_context(TlsOptions(minimum=minimum)).minimum_version).name == name


def test_a_hashed_system_directory_is_looked_up_and_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:08x}.0").touch()
    system_places(monkeypatch, tmp_path, tmp_path / "none")
    assert make_context(TlsOptions()).cert_store_stats()["x509_ca"] == 0


def test_a_few_links_are_no_system_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trust_file: str) -> None:
    (tmp_path / "00000000.0").touch()
    system_places(monkeypatch, tmp_path, Path(trust_file))
    assert make_context(TlsOptions()).cert_store_stats()["x509_ca"] == 1


OTHER_NAMES = (
    "0123456.0", "012345678.0", "g1234567.0", "ABCDEF01.0", "01234567.", "01234567.r0", "01234567.1a", "........0",
    "01234567.\N{ARABIC-INDIC DIGIT THREE}", "ca.pem", ".0",
)  # fmt: skip


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names_are_no_hashed_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trust_file: str, name: str
) -> None:
    folder = tmp_path / "certs"
    folder.mkdir()
    for number in range(19):
        (folder / f"{number:08x}.{number}").touch()
    (folder / name).touch()
    system_places(monkeypatch, folder, Path(trust_file))
    assert make_context(TlsOptions()).cert_store_stats()["x509_ca"] == 1
    (folder / "abcdef09.12").touch()
    assert make_context(TlsOptions()).cert_store_stats()["x509_ca"] == 0


@pytest.mark.parametrize("bundle", ["missing", "empty"])
def test_certifi_is_the_last_resort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: str) -> None:
    (tmp_path / "empty").touch()
    system_places(monkeypatch, tmp_path / "nowhere", tmp_path / bundle)
    roots = Path(certifi.where()).read_text().count("BEGIN CERTIFICATE")
    assert make_context(TlsOptions()).cert_store_stats()["x509_ca"] == roots


def test_a_system_without_any_trust_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    system_places(monkeypatch, tmp_path, tmp_path / "missing")
    monkeypatch.setitem(__import__("sys").modules, "certifi", None)
    with pytest.raises(TlsCaUnreadable, match="no trusted certificates") as caught:
        make_context(TlsOptions())
    assert "--verify FILE" in str(caught.value.hint)


def test_a_hashed_directory_may_be_named_and_is_the_only_trust(
    tmp_path: Path, trust_file: str, serving: Serving
) -> None:
    right = hashed(tmp_path / "right", Path(trust_file))
    (tmp_path / "other.pem").write_bytes(trustme.CA().cert_pem.bytes())
    wrong = hashed(tmp_path / "wrong", tmp_path / "other.pem")
    with NastyServer(OK, tls=serving()) as server:
        assert get(OneShot(), server, tls=TlsOptions(verify=str(right))).body == b"hi"
        with pytest.raises(TlsCertInvalid):
            get(OneShot(), server, tls=TlsOptions(verify=str(wrong)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("missing.pem", "No such file", id="missing"),
        pytest.param("junk.pem", "holds no certificate", id="no certificate"),
        pytest.param("unhashed", "under hashed names", id="unhashed directory"),
    ],
)
def test_trust_that_cannot_be_read_is_an_error(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "junk.pem").write_text("junk")
    (tmp_path / "unhashed").mkdir()
    with pytest.raises(TlsCaUnreadable, match=message) as caught:
        make_context(TlsOptions(verify=str(tmp_path / name)))
    assert name in caught.value.message


# Client certificates


def encrypted(client_certificate: ClientCertificate, folder: Path) -> str:
    path = str(folder / "encrypted.pem")
    command = [
        require("openssl"),
        "pkcs8",
        "-topk8",
        "-in",
        client_certificate.key,
        "-out",
        path,
        "-passout",
        "pass:open",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return path


def presented(certificate: str, key: str | None = None, password: str | None = None) -> TlsOptions:
    secret = Secret(password) if password is not None else None
    return TlsOptions(verify=False, certificate=certificate, key=key, key_password=secret)


def test_an_encrypted_key_is_opened_with_its_passphrase(client_certificate: ClientCertificate, tmp_path: Path) -> None:
    make_context(presented(client_certificate.certificate, encrypted(client_certificate, tmp_path), "open"))


@pytest.mark.parametrize(("password", "message"), [(None, "no passphrase was given"), ("guess", "does not open")])
def test_without_its_passphrase_a_key_stays_shut(
    client_certificate: ClientCertificate, tmp_path: Path, password: str | None, message: str
) -> None:
    key = encrypted(client_certificate, tmp_path)
    with pytest.raises(SecretUnavailable, match=message) as caught:
        make_context(presented(client_certificate.certificate, key, password))
    assert "guess" not in str(caught.value)


def test_a_key_of_another_certificate_is_an_error(
    client_certificate: ClientCertificate, authority: trustme.CA, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(authority.issue_cert("other@example.com").private_key_pem.bytes())
    with pytest.raises(InputFailed, match="does not belong to the certificate"):
        make_context(presented(client_certificate.certificate, str(other)))


def test_a_certificate_without_its_key_asks_for_it(client_certificate: ClientCertificate) -> None:
    with pytest.raises(InputFailed, match="with its key") as caught:
        make_context(presented(client_certificate.certificate))
    assert "--cert-key" in str(caught.value.hint)


def test_a_missing_client_certificate_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputFailed, match="cannot read the client certificate"):
        make_context(presented(str(tmp_path / "missing.pem")))
