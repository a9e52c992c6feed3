"""One context for all in a process that ask for the same: when it is shared, and when it must not be."""

from __future__ import annotations

import os
import shutil
import ssl
import time
from pathlib import Path

import pytest
import trustme

from reqcli.api.request import Request
from reqcli.api.session import Session
from reqcli.errors import TlsCaUnreadable, TlsCertInvalid
from reqcli.model.route import TlsOptions
from reqcli.net import openssl, trust
from reqcli.net.dial import Dialler
from reqcli.net.trust import MOST_SHARED, shared_context
from tests.net.calls import OK
from tests.net.conftest import ClientCertificate, Serving, system_places
from tests.sockets import NastyServer

pytestmark = pytest.mark.usefixtures("each_half")


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[object, ...], ssl.SSLContext]:
    """The contexts that are kept: none of another test's."""
    contexts: dict[tuple[object, ...], ssl.SSLContext] = {}
    monkeypatch.setattr(trust, "_shared", contexts)
    return contexts


def settle(path: Path, ago: float = 3600.0) -> None:
    """Have it changed some time ago."""
    then = time.time() - ago
    os.utime(path, (then, then))


@pytest.fixture
def bundle(trust_file: str, tmp_path: Path) -> Path:
    """A trust file of long standing."""
    path = tmp_path / "ca.pem"
    shutil.copy(trust_file, path)
    settle(path)
    return path


def test_what_is_trusted_is_read_once_by_all_sessions(
    serving: Serving, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[TlsOptions] = []
    make = trust.make_context

    def counted(options: TlsOptions) -> ssl.SSLContext:
        made.append(options)
        return make(options)

    monkeypatch.setattr(trust, "make_context", counted)
    with NastyServer(OK, tls=serving()) as server:
        for _ in range(2):
            assert Request.send("GET", server.url(), verify=str(bundle)).status == 200
            with Session() as session:
                assert session.get(server.url(), verify=str(bundle)).status == 200
    assert (server.connections, len(made)) == (4, 1)


@pytest.mark.parametrize("how", ["written over", "put in its place", "with its old times"])
def test_a_file_that_has_changed_is_read_again(serving: Serving, bundle: Path, how: str) -> None:
    """Whoever takes an issuer out of it is obeyed by the next session, though the process goes on."""
    before = bundle.stat()
    other = trustme.CA(organization_name="Test Authority").cert_pem.bytes()
    with NastyServer(OK, tls=serving()) as server:
        assert Request.send("GET", server.url(), verify=str(bundle)).status == 200
        if how == "put in its place":
            (bundle.parent / "new").write_bytes(other)
            settle(bundle.parent / "new", 1800)
            (bundle.parent / "new").replace(bundle)
        else:
            bundle.write_bytes(other)
        if how == "with its old times":
            os.utime(bundle, ns=(before.st_atime_ns, before.st_mtime_ns))
        result = Request.send("GET", server.url(), verify=str(bundle))
    assert isinstance(result.error, TlsCertInvalid)


def test_a_file_that_is_gone_is_an_error(bundle: Path) -> None:
    options = TlsOptions(verify=str(bundle))
    assert shared_context("origin", options) is shared_context("origin", options)
    bundle.unlink()
    with pytest.raises(TlsCaUnreadable):
        shared_context("origin", options)


def test_a_file_changed_just_now_is_read_each_time(bundle: Path) -> None:
    """It could change again within one tick of the clock that stamps files."""
    options = TlsOptions(verify=str(bundle))
    for ago, is_shared in ((0.0, False), (-60.0, False), (60.0, True)):
        settle(bundle, ago)
        assert (shared_context("origin", options) is shared_context("origin", options)) == is_shared


def test_the_systems_trust_is_shared_until_it_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    folder = tmp_path / "certs"
    folder.mkdir()
    settle(folder)
    system_places(monkeypatch, folder, bundle)
    first = shared_context("origin", TlsOptions())
    assert shared_context("origin", TlsOptions()) is first
    (folder / "01234567.0").touch()
    settle(folder, 60)
    second = shared_context("origin", TlsOptions())
    assert second is not first
    settle(bundle, 60)
    assert shared_context("origin", TlsOptions()) is not second
    system_places(monkeypatch, folder, tmp_path / "elsewhere.pem")
    shutil.copy(bundle, tmp_path / "elsewhere.pem")
    settle(tmp_path / "elsewhere.pem")
    assert shared_context("origin", TlsOptions()) is not second


def test_other_options_and_other_roles_have_contexts_of_their_own(
    monkeypatch: pytest.MonkeyPatch, bundle: Path, client_certificate: ClientCertificate
) -> None:
    """CVE-2021-22890, CVE-2021-28363: proxies and origins shared what they should not. A key is kept by nobody."""
    options = TlsOptions(verify=str(bundle))
    made = [shared_context("origin", options), shared_context("proxy", options)]
    made += [shared_context("origin", options.replace(minimum=minimum)) for minimum in ("1.0", "1.1", "1.3")]
    made += [shared_context("origin", options.replace(verify=verify)) for verify in (True, False)]
    presenting = options.replace(certificate=client_certificate.both)
    made += [shared_context("origin", presenting) for _ in range(2)]
    dialler = Dialler()
    assert dialler._context("origin", options) is made[0]
    assert dialler._context("proxy", options) is made[1]
    monkeypatch.setattr(trust, "half", object)
    made += [shared_context("origin", options) for _ in range(2)]
    assert len({id(context) for context in made}) == len(made)


def test_a_class_in_the_place_of_contexts_is_another_half(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {openssl.half()}
    monkeypatch.setattr(openssl, "is_alone", lambda: False)
    known.add(openssl.half())
    monkeypatch.setattr(ssl, "SSLContext", type("Other", (ssl.SSLContext,), {}))
    known.add(openssl.half())
    assert len(known) >= 2
    assert openssl.half() is ssl.SSLContext


def test_no_more_are_kept_than_that(bundle: Path, kept: dict[tuple[object, ...], ssl.SSLContext]) -> None:
    for number in range(2 * MOST_SHARED):
        shared_context("origin", TlsOptions(verify=str(bundle), pins=(b"%032d" % number,)))
        assert 1 <= len(kept) <= MOST_SHARED
