"""The half of `ssl` written in C makes the very contexts that the whole makes: compared attribute for attribute, by
what goes over the wire, and by what each failure says."""

from __future__ import annotations

import _ssl
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reqcli.cookies.dates import parse_cookie_date
from reqcli.errors import ReqcliError
from reqcli.model.route import Dialling, TlsOptions
from reqcli.net import openssl
from reqcli.net.once import OneShot
from reqcli.net.openssl import new_engine
from reqcli.net.trust import make_context
from tests.net.calls import OK, request, send
from tests.net.conftest import ClientCertificate, Serving
from tests.sockets import NastyServer, Peer

HALVES = ("bare", "whole")


def by_each_half(monkeypatch: pytest.MonkeyPatch, options: TlsOptions) -> list[ssl.SSLContext]:
    """The two contexts for these options."""
    made = []
    for half in HALVES:
        monkeypatch.setattr(openssl, "is_alone", lambda half=half: half == "bare")
        made.append(make_context(options))
    return made


def facts(context: Any) -> dict[str, Any]:
    """All that a context can be asked for, by every name that the half in C has for it."""
    known = {name: getattr(context, name) for name in dir(_ssl._SSLContext) if not name.startswith("__")}
    return {
        **{name: value for name, value in known.items() if not callable(value)},
        "ciphers": context.get_ciphers(),
        "store": context.cert_store_stats(),
        "authorities": context.get_ca_certs(True),
    }


MOST_TELLING = {"_host_flags", "check_hostname", "keylog_filename", "maximum_version", "minimum_version", "options",
                "post_handshake_auth", "protocol", "verify_flags", "verify_mode"}  # fmt: skip


@pytest.mark.parametrize("trusts", ["system", "file", "nobody"])
@pytest.mark.parametrize("minimum", ["1.0", "1.1", "1.2", "1.3"])
@pytest.mark.parametrize("presents", [False, True], ids=["anonymous", "client certificate"])
def test_both_halves_make_the_same_context(
    monkeypatch: pytest.MonkeyPatch,
    trust_file: str,
    client_certificate: ClientCertificate,
    trusts: str,
    minimum: str,
    presents: bool,
) -> None:
    verify: Any = {"system": True, "file": trust_file, "nobody": False}[trusts]
    certificate = client_certificate.both if presents else None
    bare, whole = by_each_half(monkeypatch, TlsOptions(verify=verify, minimum=minimum, certificate=certificate))
    assert (type(bare), type(whole)) == (_ssl._SSLContext, ssl.SSLContext)
    assert facts(bare).keys() >= MOST_TELLING
    assert facts(bare) == facts(whole)


def test_the_half_in_python_sets_nothing_of_its_own() -> None:
    """Nor does `create_default_context`, but for what `net.trust` decides itself."""
    plain: Any = _ssl._SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    assert facts(plain) == facts(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    usual, ours = facts(ssl.create_default_context(cadata=None, capath="/nowhere")), facts(plain)
    strictness = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    assert usual.pop("verify_flags") == ours.pop("verify_flags") | (strictness if sys.version_info >= (3, 13) else 0)
    assert usual == ours


def test_a_fact_that_differs_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison itself: what would weaken a context is in it."""
    changes = {
        "check_hostname": False, "verify_flags": 0, "minimum_version": ssl.TLSVersion.TLSv1_3, "_host_flags": 0,
        "maximum_version": ssl.TLSVersion.TLSv1_2, "options": ssl.OP_NO_TICKET, "post_handshake_auth": True,
    }  # fmt: skip
    for name, value in changes.items():
        bare, whole = by_each_half(monkeypatch, TlsOptions(verify=False))
        whole.check_hostname = bare.check_hostname = True
        setattr(bare, name, value)
        assert facts(bare) != facts(whole), name
    bare.set_ciphers("ECDHE+AESGCM")
    assert facts(bare)["ciphers"] != facts(whole)["ciphers"]


# On the wire


def hello(context: ssl.SSLContext, host: str) -> bytes:
    """The first message to a server."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        new_engine(context, incoming, outgoing, host).do_handshake()
    return outgoing.read()


KEY_SHARE = 51


def extensions(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Those of a ClientHello (RFC 8446 §4.1.2), in their order; of keys offered, what they are for and how long."""
    at = 5 + 4 + 2 + 32  # record, handshake, version, random
    at += 1 + message[at]  # session id
    at += 2 + int.from_bytes(message[at : at + 2])  # ciphers
    at += 1 + message[at]  # compressions
    at += 2
    while at < len(message):
        kind, size = (int.from_bytes(message[at + part : at + part + 2]) for part in (0, 2))
        value = message[at + 4 : at + 4 + size]
        if kind == KEY_SHARE:
            value = value[:6] + b"\0" * (size - 6)
        yield kind, value
        at += 4 + size


def ciphers(message: bytes) -> bytes:
    at = 5 + 4 + 2 + 32
    at += 1 + message[at]
    return message[at : at + 2 + int.from_bytes(message[at : at + 2])]


@pytest.mark.parametrize("host", ["app.example", "xn--caf-dma.example", "127.0.0.1", "::1", "a" * 63 + ".example"])
@pytest.mark.parametrize("minimum", ["1.0", "1.2", "1.3"])
def test_both_halves_say_the_same_to_a_server(monkeypatch: pytest.MonkeyPatch, host: str, minimum: str) -> None:
    bare, whole = (hello(made, host) for made in by_each_half(monkeypatch, TlsOptions(minimum=minimum)))
    assert len(bare) == len(whole)
    assert bare[:11] == whole[:11]
    assert ciphers(bare) == ciphers(whole)
    told = dict(extensions(bare))
    assert [*extensions(bare)] == [*extensions(whole)]
    assert told[16] == b"\0\x09\x08http/1.1"  # application_layer_protocol_negotiation
    is_address = host in ("127.0.0.1", "::1")
    assert told.get(0) == (None if is_address else b"\0%c\0\0%c" % (len(host) + 3, len(host)) + host.encode())
    assert KEY_SHARE in told


@pytest.mark.parametrize("host", ["", ".example", "a\0b.example", "café.example"])
def test_both_halves_refuse_the_same_names(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """None of them gets past a URL; that OpenSSL would not take them for another name is a second wall."""
    for context in by_each_half(monkeypatch, TlsOptions()):
        with pytest.raises((ValueError, TypeError)):
            new_engine(context, ssl.MemoryBIO(), ssl.MemoryBIO(), host)


# What fails


def failure(server: NastyServer, host: str, options: TlsOptions) -> dict[str, object]:
    """All that is said of a call that fails, by reqcli and by OpenSSL below it."""
    dialling = Dialling(overrides=((host, server.port, "127.0.0.1"),))
    with pytest.raises(ReqcliError) as caught:
        send(OneShot(), request(f"https://{host}:{server.port}/"), tls=options, dialling=dialling)
    error, cause = caught.value, caught.value.__cause__
    said = {
        name: getattr(cause, name, None) for name in ("library", "reason", "errno", "verify_code", "verify_message")
    }
    return {"type": type(error), "message": error.message, "hint": error.hint, "details": error.details,
            "cause": type(cause), "args": getattr(cause, "args", None), **said}  # fmt: skip


def drop(peer: Peer) -> None:
    peer.sock.recv(65536)


def garble(peer: Peer) -> None:
    peer.sock.recv(65536)
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.hold()


FAILURES = {"issuer": 20, "name": 62, "address": 64, "common name": 62, "expired": 10, "future": 9, "version": None,
            "wants a certificate": None, "closes": None, "plain": None}  # fmt: skip
"""What is wrong, and the number that OpenSSL has for it if it is the certificate."""


@pytest.mark.parametrize(("kind", "number"), FAILURES.items())
def test_each_failure_says_the_same_by_both_halves(
    monkeypatch: pytest.MonkeyPatch, serving: Serving, trust_file: str, kind: str, number: int | None
) -> None:
    host, options, script, context = "app.example", TlsOptions(verify=trust_file), OK, serving("app.example")
    match kind:
        case "issuer":
            options = TlsOptions()
        case "name":
            context = serving("other.example", "*.app.example")
        case "address":
            context = serving("127.0.0.2")
            host = "127.0.0.1"
        case "common name":
            context = serving("other.example", common_name=host)
        case "expired":
            context = serving(host, not_before=datetime(2019, 1, 1), not_after=datetime(2020, 1, 1))
        case "future":
            context = serving(host, not_before=datetime(2090, 1, 1), not_after=datetime(2091, 1, 1))
        case "version":
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            options = options.replace(minimum="1.3")
        case "wants a certificate":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(trust_file)
    server = NastyServer({"closes": drop, "plain": garble}.get(kind, script),
                         tls=None if kind in ("closes", "plain") else context)  # fmt: skip
    said = []
    with server:
        for half in HALVES:
            monkeypatch.setattr(openssl, "is_alone", lambda half=half: half == "bare")
            said.append(failure(server, host, options))
    assert said[0] == said[1]
    assert said[0]["verify_code"] == number
    assert isinstance(said[0]["reason"], str) or kind == "closes"


# Who is asked

GUARD = """
import ssl
def guarded(context, *words, usual=ssl.SSLContext.wrap_bio, **more):
    print("guarded")
    return usual(context, *words, **more)
ssl.SSLContext.wrap_bio = guarded
"""
CLIENT = """
from reqcli import Session
session = Session()
"""
CALL = """
import sys
print(session.get("https://127.0.0.1:{port}/", verify="{trust}").status, "ssl" in sys.modules)
"""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (GUARD + CLIENT + CALL, "guarded\n200 True\n"),
        (CLIENT + GUARD + CALL, "guarded\n200 True\n"),
        (CLIENT + CALL, "200 False\n"),
    ],
    ids=["beforehand", "when the client stands already", "nobody"],
)
def test_what_a_program_put_in_the_place_of_contexts_is_what_is_used(
    serving: Serving, trust_file: str, code: str, says: str
) -> None:
    with NastyServer(OK, tls=serving()) as server:
        code = f"import sys; sys.path[:] = {sys.path!r}" + code.format(port=server.port, trust=trust_file)
        done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == says, done


def test_in_an_unknown_python_the_whole_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openssl, "_IS_KNOWN", False)
    monkeypatch.delitem(sys.modules, "ssl")
    assert not openssl.is_alone()


@given(st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31)))
def test_a_certificates_date_is_read_as_the_standard_library_reads_it(when: datetime) -> None:
    text = when.strftime("%b %e %H:%M:%S %Y GMT")  # as OpenSSL prints it
    assert parse_cookie_date(text) == ssl.cert_time_to_seconds(text)
