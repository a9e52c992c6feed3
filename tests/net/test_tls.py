"""TLS over real sockets: whom to trust, what each failure says, truncation, and the layer stacked on itself."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509

from reqcli.errors import (
    BodyIncomplete,
    EmptyReply,
    ReceiveFailed,
    ReqcliError,
    Timeout,
    TlsCertInvalid,
    TlsHandshakeFailed,
)
from reqcli.model.body import StreamBody
from reqcli.model.route import Dialling, TlsOptions
from reqcli.model.secret import Secret
from reqcli.net import trust
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.net.stream import SocketStream
from reqcli.net.tls import TlsStream
from reqcli.net.trust import make_context
from tests.net.calls import OK, deadline, get, post, request, send, start
from tests.net.conftest import ClientCertificate, Serving, system_places
from tests.real import require
from tests.sockets import Blackhole, NastyServer, Peer

pytestmark = pytest.mark.usefixtures("each_half")


def at(name: str, server: NastyServer) -> dict[str, Any]:
    """Reach the server by a name of its own."""
    return {"dialling": Dialling(overrides=((name, server.port, "127.0.0.1"),))}


def test_requests_share_a_connection(serving: Serving, trust_file: str) -> None:
    tls = TlsOptions(verify=trust_file)
    with NastyServer(OK, tls=serving()) as server, Pool() as pool:
        replies = [get(pool, server, tls=tls) for _ in range(5)]
    assert [reply.body for reply in replies] == [b"hi"] * 5
    assert replies[0].watch.tls is not None
    assert replies[1].watch.tls is None
    assert server.connections == 1


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_large_bodies_go_both_ways(serving: Serving, trust_file: str, version: ssl.TLSVersion) -> None:
    context = serving()
    context.minimum_version = context.maximum_version = version
    body = bytes(range(256)) * 20_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with NastyServer(answer, tls=context) as server, Pool() as pool:
        tls = TlsOptions(verify=trust_file)
        assert post(pool, server, body, tls=tls).body == body
        assert post(pool, server, StreamBody(iter([body, body]), name="a pipe"), tls=tls).watch.reused
        assert [request.body for request in server.requests] == [body, body * 2]


def test_only_http_1_1_is_offered(serving: Serving, trust_file: str) -> None:
    chosen: list[str | None] = []

    def script(peer: Peer) -> None:
        assert isinstance(peer.sock, ssl.SSLSocket)
        chosen.append(peer.sock.selected_alpn_protocol())
        peer.answer(OK)

    with NastyServer(script, tls=serving()) as server:
        get(OneShot(), server, tls=TlsOptions(verify=trust_file))
    assert chosen == ["http/1.1"]


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("app.example", "app.example"),
        ("App.Example.", "app.example"),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("[::1%25lo]", None),
    ],
)
def test_the_server_is_told_names_but_no_addresses(
    serving: Serving, trust_file: str, host: str, named: str | None
) -> None:
    told: list[str | None] = []
    context = serving("app.example", "127.0.0.1", "::1")
    context.sni_callback = lambda _, name, __: told.append(name)
    with NastyServer(OK, tls=context, address="::1" if ":" in host else "127.0.0.1") as server:
        options = at("app.example", server)
        message = request(f"https://{host}:{server.port}/")
        assert send(OneShot(), message, tls=TlsOptions(verify=trust_file), **options).body == b"hi"
    assert told == [named]


# Certificates


def refused(server: NastyServer, tls: TlsOptions, host: str = "127.0.0.1") -> ReqcliError:
    with pytest.raises(TlsCertInvalid) as caught:
        send(OneShot(), request(f"https://{host}:{server.port}/"), tls=tls, **at(host, server))
    assert (caught.value.phase, caught.value.sent) == ("tls", "no")
    assert not server.requests
    return caught.value


def test_an_unknown_issuer_is_named(serving: Serving) -> None:
    with NastyServer(OK, tls=serving()) as server:
        error = refused(server, TlsOptions())
    assert "from an issuer that is not trusted ('Test Authority')" in error.message
    assert "--verify FILE" in str(error.hint)


def test_a_custom_trust_file_is_the_only_trust(
    serving: Serving, trust_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2019-11324, CVE-2026-11564, CVE-2025-14819: the system's trust stayed on beside it, or came back."""
    system_places(monkeypatch, tmp_path / "none", Path(trust_file))
    other = tmp_path / "other.pem"
    other.write_bytes(trustme.CA().cert_pem.bytes())
    with NastyServer(OK, tls=serving()) as server, Pool() as pool:
        for _ in range(2):
            assert get(pool, server).body == b"hi"
            with pytest.raises(TlsCertInvalid, match="is not trusted"):
                get(pool, server, tls=TlsOptions(verify=str(other)))
    assert server.connections == 3


def test_a_certificate_for_another_name_says_for_which(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("a.example", "b.example")) as server:
        error = refused(server, TlsOptions(verify=trust_file), "c.example")
    assert "is for a.example, b.example, and not for the host" in error.message
    assert error.details["names"] == ["a.example", "b.example"]


def test_an_address_is_not_a_name(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("127.0.0.2")) as server:
        assert "is for 127.0.0.2" in refused(server, TlsOptions(verify=trust_file)).message


def test_the_common_name_does_not_count(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, tls=serving("other.example", common_name="c.example")) as server:
        assert "is for other.example" in refused(server, TlsOptions(verify=trust_file), "c.example").message


def test_an_expired_certificate_says_when(serving: Serving, trust_file: str) -> None:
    context = serving(not_before=datetime.datetime(2001, 1, 1), not_after=datetime.datetime(2002, 3, 4))
    with NastyServer(OK, tls=context) as server:
        error = refused(server, TlsOptions(verify=trust_file))
    assert "has expired on Mar  4 00:00:00 2002 GMT" in error.message
    assert "clock" in str(error.hint)


def test_a_certificate_of_the_future_says_from_when(serving: Serving, trust_file: str) -> None:
    context = serving(not_before=datetime.datetime(2999, 1, 1), not_after=datetime.datetime(2999, 3, 4))
    with NastyServer(OK, tls=context) as server:
        assert "is not valid yet, but only from Jan  1" in refused(server, TlsOptions(verify=trust_file)).message


def self_signed(tmp_path: Any) -> tuple[ssl.SSLContext, str]:
    """A context whose certificate signed itself, and that certificate's file."""
    key, certificate = str(tmp_path / "self.key"), str(tmp_path / "self.pem")
    made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=self"
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run([require("openssl"), *made.split(), *named], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate


def test_a_self_signed_certificate_is_called_so_and_can_be_trusted(tmp_path: Any) -> None:
    context, certificate = self_signed(tmp_path)
    with NastyServer(OK, tls=context) as server:
        assert "is self-signed" in refused(server, TlsOptions()).message
        assert get(OneShot(), server, tls=TlsOptions(verify=certificate)).body == b"hi"


def test_no_verification_is_possible_but_never_shared(serving: Serving) -> None:
    """CVE-2024-35195: a connection that was made without it served requests that asked for it."""
    with NastyServer(OK, tls=serving()) as server, Pool() as pool:
        assert get(pool, server, tls=TlsOptions(verify=False)).body == b"hi"
        with pytest.raises(TlsCertInvalid):
            get(pool, server)
        assert get(pool, server, tls=TlsOptions(verify=False)).watch.reused
        assert len(server.requests) == 2


def test_https_is_never_plain_though_the_route_says_nothing_of_tls(serving: Serving) -> None:
    with NastyServer(OK, tls=serving()) as server, pytest.raises(TlsCertInvalid):
        get(OneShot(), server, tls=None)


# Handshakes that fail for other reasons


def test_a_plain_server_is_recognised() -> None:
    def plain(peer: Peer) -> None:
        peer.sock.recv(9)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.hold()

    with NastyServer(plain) as server, pytest.raises(TlsHandshakeFailed, match="does not speak TLS") as caught:
        send(OneShot(), request(f"https://127.0.0.1:{server.port}/"))
    assert "http://" in str(caught.value.hint)


def test_a_tls_server_asked_in_plain_is_recognised(serving: Serving) -> None:
    with NastyServer(OK, tls=serving()) as server, pytest.raises(ReqcliError) as caught:
        send(OneShot(), request(f"http://127.0.0.1:{server.port}/"))
    assert "https://" in str(caught.value.hint)


def test_an_old_server_has_no_version_in_common(serving: Serving, trust_file: str) -> None:
    context = serving()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    tls = TlsOptions(verify=trust_file, minimum="1.3")
    with NastyServer(OK, tls=context) as server, pytest.raises(TlsHandshakeFailed, match="no TLS version in common"):
        get(OneShot(), server, tls=tls)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_a_server_that_breaks_off_the_handshake_is_retryable(how: str) -> None:
    def breaks_off(peer: Peer) -> None:
        peer.sock.recv(65536)
        if how == "reset":
            peer.reset()

    with NastyServer(breaks_off) as server, pytest.raises(TlsHandshakeFailed, match="TLS handshake") as caught:
        send(OneShot(), request(f"https://127.0.0.1:{server.port}/"))
    assert caught.value.retryable


def test_a_handshake_that_stalls_is_a_timeout_of_connecting() -> None:
    def stall(peer: Peer) -> None:
        peer.sleep_till_the_end()

    with NastyServer(stall) as server, pytest.raises(Timeout, match=r"no connection to .* within 0\.3 s") as caught:
        send(OneShot(), request(f"https://127.0.0.1:{server.port}/"), limits=deadline(connect=0.3))
    assert (caught.value.phase, caught.value.sent) == ("tls", "no")


def test_a_handshake_that_drips_is_a_timeout_of_connecting() -> None:
    def drip(peer: Peer) -> None:
        peer.send(b"\x16\x03\x03\x40\x00")
        peer.drip(b"\x02" * 1000, 0.05)

    with NastyServer(drip) as server, pytest.raises(Timeout) as caught:
        send(OneShot(), request(f"https://127.0.0.1:{server.port}/"), limits=deadline(connect=0.3))
    assert caught.value.phase == "tls"


# Client certificates


def asking(serving: Serving, authority: trustme.CA) -> ssl.SSLContext:
    context = serving()
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    return context


def test_a_client_certificate_is_presented(
    serving: Serving, authority: trustme.CA, trust_file: str, client_certificate: ClientCertificate
) -> None:
    names: list[object] = []

    def script(peer: Peer) -> None:
        assert isinstance(peer.sock, ssl.SSLSocket)
        names.append((peer.sock.getpeercert() or {}).get("subjectAltName"))
        peer.answer(OK)

    with NastyServer(script, tls=asking(serving, authority)) as server:
        for options in (
            TlsOptions(verify=trust_file, certificate=client_certificate.both),
            TlsOptions(verify=trust_file, certificate=client_certificate.certificate, key=client_certificate.key),
        ):
            assert get(OneShot(), server, tls=options).body == b"hi"
    assert names == [(("email", "client@example.com"),)] * 2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_missing_client_certificate_is_a_failed_handshake(
    serving: Serving, authority: trustme.CA, trust_file: str, version: ssl.TLSVersion
) -> None:
    context = asking(serving, authority)
    context.minimum_version = context.maximum_version = version
    with NastyServer(OK, tls=context) as server, pytest.raises(TlsHandshakeFailed) as caught:
        get(OneShot(), server, tls=TlsOptions(verify=trust_file))
    if version == ssl.TLSVersion.TLSv1_3:  # 1.2 has only a general alert for it
        assert "wants a client certificate" in caught.value.message
        assert "--cert" in str(caught.value.hint)


# The end of the stream


@pytest.mark.parametrize("ends_well", [True, False], ids=["close_notify", "cut"])
def test_a_body_that_ends_with_the_connection_needs_close_notify(
    serving: Serving, trust_file: str, ends_well: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\n\r\nall of it, or not")
        if not ends_well:
            peer.cut()

    with NastyServer(script, tls=serving()) as server:
        exchange = start(OneShot(), request(server.url()), tls=TlsOptions(verify=trust_file))
        if ends_well:
            assert b"".join(exchange.body.chunks()) == b"all of it, or not"
        else:
            with pytest.raises(BodyIncomplete, match="close_notify"):
                b"".join(exchange.body.chunks())


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 2\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"]
)
def test_a_body_that_knows_its_end_needs_no_close_notify(serving: Serving, trust_file: str, framing: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\n" + framing)
        peer.cut()

    with NastyServer(script, tls=serving()) as server, Pool() as pool:
        assert get(pool, server, tls=TlsOptions(verify=trust_file)).body == b"hi"
        assert get(pool, server, tls=TlsOptions(verify=trust_file)).body == b"hi"
    assert server.connections == 2


def test_a_connection_cut_before_the_head_is_an_empty_reply(serving: Serving, trust_file: str) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.cut()

    with NastyServer(script, tls=serving()) as server, pytest.raises(EmptyReply):
        get(OneShot(), server, tls=TlsOptions(verify=trust_file))


def test_a_reset_that_is_met_by_looking_is_told_by_receiving(serving: Serving, trust_file: str) -> None:
    with NastyServer(lambda peer: peer.reset(), tls=serving()) as server:
        below = SocketStream(socket.create_connection(("127.0.0.1", server.port)), "here")
        stream = TlsStream(below, make_context(TlsOptions(verify=trust_file)), "127.0.0.1")
        stream.shake_hands(10)
        server.wait()
        while not stream.is_readable():  # at first there are tickets
            pass
        assert stream.is_readable()
        for _ in range(2):
            with pytest.raises(ReceiveFailed, match="reset"):
                stream.receive(100, 10)
        stream.close()


def test_we_say_close_notify_when_we_close(serving: Serving, trust_file: str) -> None:
    ends: list[bytes] = []

    def script(peer: Peer) -> None:
        assert isinstance(peer.sock, ssl.SSLSocket)
        peer.sock.suppress_ragged_eofs = False  # an end that is a cut is an error
        peer.answer(OK)
        ends.append(peer.sock.recv(1))

    context = serving()
    with NastyServer(script, tls=context) as server:
        with Pool() as pool:
            get(pool, server, tls=TlsOptions(verify=trust_file))
        server.wait()
    assert ends == [b""]


def test_bytes_that_come_unasked_on_an_idle_connection_cost_it(serving: Serving, trust_file: str) -> None:
    def talks(peer: Peer) -> None:
        peer.answer(OK)
        time.sleep(0.05)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL")
        peer.hold()

    with NastyServer([talks, OK], tls=serving()) as server, Pool() as pool:
        tls = TlsOptions(verify=trust_file)
        get(pool, server, tls=tls)
        time.sleep(0.2)
        assert get(pool, server, tls=tls).body == b"hi"
    assert server.connections == 2


def test_an_early_refusal_stops_the_body(serving: Serving, trust_file: str) -> None:
    def refuse(peer: Peer) -> None:
        peer.read_head()
        peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
        peer.sleep_till_the_end()

    with NastyServer(refuse, tls=serving()) as server:
        reply = post(OneShot(), server, b"x" * 30_000_000, tls=TlsOptions(verify=trust_file))
        assert (reply.status, reply.body) == (413, b"big")


@pytest.mark.parametrize(
    "early", [b"HTTP/1.1 103 Early Hints\r\n\r\n", OK], ids=["an interim response", "an early success"]
)
def test_an_answer_that_wants_the_body_does_not_garble_it(serving: Serving, trust_file: str, early: bytes) -> None:
    body = bytes(range(251)) * 40_000

    def eager(peer: Peer) -> None:
        head = peer.read_head()
        time.sleep(0.1)  # until the socket is full, in the middle of a record
        peer.send(early)
        time.sleep(0.1)
        peer.read_body(head)
        if early != OK:
            peer.send(OK)

    with NastyServer(eager, tls=serving()) as server:
        assert post(OneShot(), server, body, tls=TlsOptions(verify=trust_file)).body == b"hi"
        server.wait()
        assert server.requests[0].body == body


def test_a_long_refusal_is_read_though_a_record_was_cut(serving: Serving, trust_file: str) -> None:
    def refuse(peer: Peer) -> None:
        peer.read_head()
        time.sleep(0.1)
        peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 300000\r\n\r\n")
        peer.drip(b"x" * 300_000, 0.01, 30_000)
        peer.sleep_till_the_end()

    with NastyServer(refuse, tls=serving()) as server:
        reply = post(OneShot(), server, b"x" * 30_000_000, tls=TlsOptions(verify=trust_file))
        assert (reply.status, len(reply.body)) == (413, 300_000)


def test_a_deaf_server_is_a_timeout_of_sending(serving: Serving, trust_file: str) -> None:
    def deaf(peer: Peer) -> None:
        peer.read_head()
        peer.sleep_till_the_end()

    with NastyServer(deaf, tls=serving()) as server, pytest.raises(Timeout) as caught:
        post(OneShot(), server, b"x" * 30_000_000, tls=TlsOptions(verify=trust_file), limits=deadline(read=0.3))
    assert (caught.value.phase, caught.value.sent) == ("send", "maybe")


def test_tls_stands_on_tls(serving: Serving, trust_file: str, authority: trustme.CA) -> None:
    """As for an https proxy: one layer to it, one through it."""
    inner = serving("inner.example")

    def script(peer: Peer) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tunnel = inner.wrap_bio(incoming, outgoing, server_side=True)
        step: Any = tunnel.do_handshake
        while True:
            try:
                data = step()
            except ssl.SSLWantReadError:
                peer.send(outgoing.read())
                incoming.write(peer.sock.recv(65536))
                continue
            if step == tunnel.do_handshake:
                step = tunnel.read
                continue
            tunnel.write(data.upper())
            peer.send(outgoing.read())
            break
        peer.hold()

    with NastyServer(script, tls=serving()) as server:
        context = make_context(TlsOptions(verify=trust_file))
        below = SocketStream(socket.create_connection(("127.0.0.1", server.port)), "outer")
        outer = TlsStream(below, context, "127.0.0.1")
        outer.shake_hands(5)
        stream = TlsStream(outer, context, "inner.example")
        stream.shake_hands(5)
        stream.send(b"through both", 5)
        assert stream.receive(100, 5) == b"THROUGH BOTH"
        stream.close()


CHANGES = {
    "other trust": {"verify": "CA.PEM"},
    "no client certificate": {"certificate": None, "key": None},
    "another client certificate": {"certificate": "COPY.PEM"},
    "another key": {"key": "KEY.PEM"},
    "a passphrase": {"key_password": Secret("x")},
    "another version": {"minimum": "1.3"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_tls_option_is_another_connection(
    serving: Serving, trust_file: str, client_certificate: ClientCertificate, tmp_path: Path, change: dict[str, Any]
) -> None:
    """CVE-2022-27782, CVE-2021-22924, CVE-2026-8932: options were left out of the key, or paths folded in case."""
    own = {"ca.pem": trust_file, "copy.pem": client_certificate.certificate, "key.pem": client_certificate.key}
    for name, source in own.items():
        for spelling in (name, name.upper()):
            (tmp_path / spelling).write_bytes(Path(source).read_bytes())
    paths = {"verify": "ca.pem", "certificate": "copy.pem", "key": "key.pem"}
    first = TlsOptions(**{option: str(tmp_path / name) for option, name in paths.items()})  # type: ignore[arg-type]
    other = {name: str(tmp_path / value) if name in paths and value else value for name, value in change.items()}
    with NastyServer(OK, tls=serving()) as server, Pool() as pool:
        get(pool, server, tls=first)
        assert not get(pool, server, tls=first.replace(**other)).watch.reused
        assert get(pool, server, tls=first).watch.reused
    assert server.connections == 2


def test_the_handshake_waits_behind_a_full_backlog_no_longer_than_allowed() -> None:
    with Blackhole() as hole, pytest.raises(Timeout) as caught:
        send(OneShot(), request(f"https://127.0.0.1:{hole.port}/"), limits=deadline(connect=0.3))
    assert caught.value.phase == "connect"


def test_a_child_process_says_nothing_on_its_parents_connection(serving: Serving, trust_file: str) -> None:
    child_is_over = threading.Event()

    def two_halves(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        child_is_over.wait(10)
        peer.send(b"half")
        peer.answer(OK)

    tls = TlsOptions(verify=trust_file)
    with NastyServer(two_halves, tls=serving()) as server, Pool() as pool:
        body = start(pool, request(server.url()), tls=tls).body
        chunks = body.chunks()
        assert next(chunks) == b"half"
        child = os.fork()
        if not child:
            try:
                chunks.close()  # type: ignore[attr-defined]
                pool.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        child_is_over.set()
        assert b"".join(chunks) == b"half"
        body.close()
        assert get(pool, server, tls=tls).watch.reused


def test_a_wildcard_covers_no_part_of_a_label(serving: Serving, trust_file: str, authority: trustme.CA) -> None:
    """CVE-2023-28321, RFC 9525 §6.3: `x*` is a name, and none that `xn--caf-dma` could pass for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with_wildcard("x*.app.example", authority).configure_cert(context)
    with NastyServer(OK, tls=context) as server:
        error = refused(server, TlsOptions(verify=trust_file), "xn--caf-dma.app.example")
    assert "is for x*.app.example" in error.message


def with_wildcard(name: str, authority: trustme.CA) -> trustme.LeafCert:
    """A certificate for a name that trustme would not issue."""
    placeholder = "p" * len(name)
    with pytest.MonkeyPatch.context() as patch:
        real = x509.DNSName
        patch.setattr(x509, "DNSName", lambda value: real(name if value == placeholder else value))
        return authority.issue_cert(placeholder)


def test_trust_is_read_once_for_many_connections(
    serving: Serving, trust_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the pool itself: a file that was written just now is read by each (`test_shared_trust`)."""
    (tmp_path / "ca.pem").write_bytes(Path(trust_file).read_bytes())
    made: list[TlsOptions] = []

    def counted(options: TlsOptions) -> ssl.SSLContext:
        made.append(options)
        return make_context(options)

    monkeypatch.setattr(trust, "make_context", counted)
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with NastyServer(closing, tls=serving()) as server, Pool() as pool:
        for _ in range(3):
            get(pool, server, tls=TlsOptions(verify=str(tmp_path / "ca.pem")))
    assert (server.connections, len(made)) == (3, 1)
