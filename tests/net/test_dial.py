"""From a route to a connection: addresses, overrides, the race, Unix sockets, the one time limit over all."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest

from reqcli.errors import ConnectFailed, DnsFailed, PolicyDenied, Timeout
from reqcli.model.address import is_public
from reqcli.model.route import Dialling
from reqcli.model.timing import Stopwatch
from reqcli.net.dial import Dialler
from reqcli.net.once import OneShot
from reqcli.net.pool import Pool
from reqcli.net.resolve import addresses_of, interleaved
from reqcli.net.stream import SocketStream
from tests.net.calls import OK, deadline, get, request, route_to, send
from tests.sockets import Blackhole, NastyServer, Peer, unused_port


def resolved(name: str, port: int, *addresses: str) -> Dialling:
    return Dialling(overrides=tuple((name, port, address) for address in addresses))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_address_is_connected_to(address: str) -> None:
    with NastyServer(OK, address=address) as server:
        assert get(OneShot(), server).body == b"hi"
        assert server.requests[0].get("host") == server.url().removeprefix("http://").rstrip("/")


def test_a_zone_is_used_to_connect_and_left_out_of_host() -> None:
    with NastyServer(OK, address="::1") as server:
        send(OneShot(), request(f"http://[::1%25lo]:{server.port}/"))
        assert server.requests[0].get("host") == f"[::1]:{server.port}"


def test_a_zone_that_is_no_interface_is_an_error() -> None:
    with pytest.raises(DnsFailed, match="no network interface 'nosuch0'"):
        send(OneShot(), request("http://[fe80::1%25nosuch0]/"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("name", ["localhost", "app.localhost"])
def test_localhost_is_this_machine_by_either_version_of_ip(name: str, address: str) -> None:
    with NastyServer(OK, address=address) as server:
        reply = send(OneShot(), request(f"http://{name}:{server.port}/"))
        assert reply.body == b"hi"
        assert reply.watch.dns is not None


def test_an_override_replaces_the_resolver() -> None:
    with NastyServer(OK) as server:
        dialling = resolved("no.such.example", server.port, "127.0.0.1")
        assert send(OneShot(), request(f"http://no.such.example:{server.port}/"), dialling=dialling).body == b"hi"
        assert server.requests[0].get("host") == f"no.such.example:{server.port}"


def test_an_override_for_another_port_is_not_used() -> None:
    dialling = resolved("no.such.invalid", 81, "127.0.0.1")
    with pytest.raises((DnsFailed, Timeout)):
        send(OneShot(), request("http://no.such.invalid:82/"), dialling=dialling, limits=deadline(connect=2))


def test_an_override_that_is_no_address_is_an_error() -> None:
    with pytest.raises(DnsFailed, match="is not an IP address"):
        send(OneShot(), request("http://a.example/"), dialling=resolved("a.example", 80, "b.example"))


def test_a_name_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(DnsFailed, match=r"no\.such\.invalid") as caught:
        send(OneShot(), request("http://no.such.invalid/"))
    assert (caught.value.phase, caught.value.sent) == ("dns", "no")


def test_the_system_is_asked_for_other_names_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2026-34513: what is remembered without a bound fills the memory; nothing is remembered here."""
    asked: list[object] = []

    def getaddrinfo(host: bytes, *rest: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

    with NastyServer(OK) as server:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert send(OneShot(), request(f"http://a.example:{server.port}/")).body == b"hi"
        send(OneShot(), request(f"http://a.example:{server.port}/"))
    assert asked == [b"a.example"] * 2


def test_a_resolver_that_hangs_is_bounded_by_the_connect_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def getaddrinfo(*_: object) -> list[object]:
        over.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    started = time.monotonic()
    with pytest.raises(Timeout, match=r"no connection to a\.example:80 within 0\.2 s") as caught:
        send(OneShot(), request("http://a.example/"), limits=deadline(connect=0.2))
    over.set()
    assert caught.value.phase == "dns"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(("family", "host"), [(4, "::1"), (6, "127.0.0.1")])
def test_an_address_of_the_other_version_of_ip_is_refused(family: int, host: str) -> None:
    with pytest.raises(DnsFailed, match="has no address of IP version"):
        send(
            OneShot(),
            request(f"http://[{host}]/" if ":" in host else f"http://{host}/"),
            dialling=Dialling(family=family),
        )


def test_only_addresses_of_the_chosen_version_are_tried() -> None:
    with NastyServer(OK, address="::1") as server:
        dialling = Dialling(family=6)
        assert send(OneShot(), request(f"http://localhost:{server.port}/"), dialling=dialling).body == b"hi"


def test_a_refused_connection_names_every_address_and_errno() -> None:
    port = unused_port()
    with pytest.raises(ConnectFailed, match=f"cannot connect to a.example:{port}: Connection refused") as caught:
        send(
            OneShot(),
            request(f"http://a.example:{port}/"),
            dialling=resolved("a.example", port, "127.0.0.1", "127.0.0.2"),
        )
    assert caught.value.details["addresses"] == [
        {"address": address, "port": port, "errno": "ECONNREFUSED", "message": "Connection refused"}
        for address in ("127.0.0.1", "127.0.0.2")
    ]
    assert caught.value.sent == "no"


def test_a_refused_address_gives_way_to_the_next_at_once() -> None:
    with NastyServer(OK) as server:
        dialling = resolved("a.example", server.port, "127.0.0.2", "127.0.0.3", "127.0.0.1")
        started = time.monotonic()
        assert send(OneShot(), request(f"http://a.example:{server.port}/"), dialling=dialling).body == b"hi"
        assert time.monotonic() - started < 0.2


def test_a_silent_address_is_overtaken_by_the_next() -> None:
    with NastyServer(OK) as server, Blackhole("127.0.0.2", server.port):
        dialling = resolved("a.example", server.port, "127.0.0.2", "127.0.0.1")
        reply = send(OneShot(), request(f"http://a.example:{server.port}/"), dialling=dialling)
        assert reply.body == b"hi"
        assert reply.watch.connect is not None
        assert 0.2 < reply.watch.connect < 2


def test_the_connect_timeout_bounds_all_addresses_together() -> None:
    with Blackhole("127.0.0.2") as one, Blackhole("127.0.0.3", one.port), Blackhole("127.0.0.4", one.port):
        dialling = resolved("a.example", one.port, "127.0.0.2", "127.0.0.3", "127.0.0.4")
        started = time.monotonic()
        with pytest.raises(Timeout, match=r"within 0\.6 s") as caught:
            send(OneShot(), request(f"http://a.example:{one.port}/"), dialling=dialling, limits=deadline(connect=0.6))
        assert time.monotonic() - started < 1.5
    assert (caught.value.phase, caught.value.sent) == ("connect", "no")
    addresses = caught.value.details["addresses"]
    assert isinstance(addresses, list)
    assert len(addresses) == 3


def test_the_total_time_bounds_connecting_too() -> None:
    with Blackhole() as hole, pytest.raises(Timeout, match="total time") as caught:
        send(OneShot(), request(f"http://127.0.0.1:{hole.port}/"), limits=deadline(total=0.2))
    assert caught.value.phase == "connect"


def test_families_take_turns() -> None:
    v6 = [(socket.AF_INET6, (f"::{index}", 80, 0, 0)) for index in range(3)]
    v4 = [(socket.AF_INET, ("127.0.0.1", 80))]
    assert interleaved([*v6, *v4]) == [v6[0], v4[0], v6[1], v6[2]]


def test_a_unix_socket_is_connected_to(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with NastyServer(OK, address=path) as server, Pool() as pool:
        for _ in range(2):
            assert send(pool, request("http://a.example/x"), dialling=Dialling(unix_socket=path)).body == b"hi"
        assert server.requests[0].get("host") == "a.example"
    assert server.connections == 1


@pytest.mark.parametrize("path", ["/no/such/socket", "x" * 200])
def test_a_unix_socket_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(ConnectFailed, match="Unix socket"):
        send(OneShot(), request("http://a.example/"), dialling=Dialling(unix_socket=path))


def test_the_local_address_is_used() -> None:
    callers: list[str] = []

    def script(peer: Peer) -> None:
        callers.append(peer.sock.getpeername()[0])
        peer.answer(OK)

    with NastyServer(script) as server:
        get(OneShot(), server, dialling=Dialling(local_address="127.0.0.9"))
    assert callers == ["127.0.0.9"]


def test_the_interface_is_used() -> None:
    with NastyServer(OK) as server:
        assert get(OneShot(), server, dialling=Dialling(local_address="lo")).body == b"hi"


def test_a_local_address_that_is_not_ours_is_an_error() -> None:
    with pytest.raises(ConnectFailed, match="Cannot assign"):
        send(OneShot(), request("http://127.0.0.1/"), dialling=Dialling(local_address="203.0.113.1"))


def test_a_local_address_of_the_other_version_of_ip_is_an_error() -> None:
    with pytest.raises(ConnectFailed, match="Address family"):
        send(OneShot(), request("http://[::1]/"), dialling=Dialling(local_address="127.0.0.1"))


@pytest.mark.parametrize(
    "dialling",
    [
        pytest.param(Dialling(family=4), id="family"),
        pytest.param(Dialling(local_address="127.0.0.1"), id="local address"),
        pytest.param(Dialling(overrides=(("x.example", 1, "127.0.0.1"),)), id="overrides"),
    ],
)
def test_another_way_of_dialling_is_another_connection(dialling: Dialling) -> None:
    with NastyServer(OK) as server, Pool() as pool:
        get(pool, server)
        get(pool, server, dialling=dialling)
    assert server.connections == 2


# A policy of public addresses alone


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("rebound.example", ["127.0.0.1"]),
        ("meta.example", ["169.254.169.254", "fd00:ec2::254"]),
        ("mapped.example", ["::ffff:127.0.0.1"]),
        ("localhost", []),
        ("127.0.0.1", []),
    ],
    ids=["a name that leads here", "metadata", "mapped", "localhost", "literal"],
)
def test_an_address_that_is_not_public_is_not_connected_to_when_only_those_are_allowed(
    name: str, addresses: list[str]
) -> None:
    """The server is there and would answer: nobody may knock."""
    with NastyServer(OK, must_be_called=False) as server:
        dialling = resolved(name, server.port, *addresses).replace(only_public=True)
        with pytest.raises(PolicyDenied, match="public addresses alone") as caught:
            send(OneShot(), request(f"http://{name}:{server.port}/"), dialling=dialling)
        assert (caught.value.exit_status, caught.value.sent, server.connections) == (108, "no", 0)
        assert caught.value.details["rule"] == "address"


def test_a_name_that_the_system_resolves_is_checked_by_its_addresses() -> None:
    """What the hosts file says of this machine's own name is as good as any other resolver's answer."""
    host = socket.gethostname()
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)}
    except OSError:
        pytest.skip("this machine does not know its own name")
    if any(is_public(str(address)) for address in found):
        pytest.skip("this machine has a public address")
    with pytest.raises(PolicyDenied):
        send(OneShot(), request(f"http://{host}/"), dialling=Dialling(only_public=True))


def test_of_mixed_addresses_only_the_public_ones_are_tried() -> None:
    with NastyServer(OK, must_be_called=False) as server:
        dialling = resolved("mixed.example", server.port, "127.0.0.1", "192.0.2.1", "8.8.8.8")
        found = addresses_of("mixed.example", server.port, dialling.replace(only_public=True), 1.0)
        assert [address[1][0] for address in found] == ["8.8.8.8"]
        assert server.connections == 0


def test_a_unix_socket_is_not_connected_to_when_only_public_addresses_are_allowed(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with NastyServer(OK, address=path, must_be_called=False) as server:
        with pytest.raises(PolicyDenied, match="Unix socket"):
            get(OneShot(), server, dialling=Dialling(unix_socket=path, only_public=True))
        assert server.connections == 0


def test_a_connection_made_without_the_policy_is_not_used_under_it() -> None:
    with NastyServer(OK) as server, Pool() as pool:
        assert get(pool, server).body == b"hi"
        with pytest.raises(PolicyDenied):
            get(pool, server, dialling=Dialling(only_public=True))
        assert len(server.requests) == 1


def test_another_unix_socket_is_another_connection(tmp_path: Path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    with NastyServer(OK, address=one) as first, NastyServer(OK, address=other) as second, Pool() as pool:
        for path in (one, other, one, other):
            send(pool, request("http://a.example/"), dialling=Dialling(unix_socket=path))
    assert (first.connections, second.connections) == (1, 1)


def test_small_pieces_are_not_held_back() -> None:
    with NastyServer(OK) as server:
        message = request(server.url())
        stream = Dialler().dial(route_to(message), deadline(), Stopwatch(time.monotonic))
        assert isinstance(stream, SocketStream)
        assert stream._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        stream.close()
