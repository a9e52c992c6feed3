"""The store in Redis, on real servers: what every store promises, and what happens when the server fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from reqcli.errors import SessionConflict, SessionCorrupt, SessionLocked, StoreUnavailable, Usage
from reqcli.model.cookie import Cookie
from reqcli.model.secret import Secret
from reqcli.session.operations import SetCookie, SetSetting, apply
from reqcli.session.policy import Policy
from reqcli.session.schema import new_state
from reqcli.session.upkeep import ExtendPolicy
from reqcli.store import redis as module
from reqcli.store import redis_server
from reqcli.store.redis import RedisStore
from reqcli.vault.seal import FieldSeal, new_key
from tests.redis import RedisServer
from tests.sockets import NastyServer, Peer
from tests.store.contract import StoreContract, in_threads
from tests.store.writer import NAME, header, new_id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def store(server: RedisServer) -> Iterator[RedisStore]:
    server.command("FLUSHALL")
    store = RedisStore(server.url, new_id, patience=60)
    yield store
    store.close()


@pytest.fixture
def other(server: RedisServer) -> Iterator[RedisStore]:
    """The same sessions, as another machine sees them."""
    other = RedisStore(server.url, new_id)
    yield other
    other.close()


class TestRedis(StoreContract):
    @pytest.fixture
    def race(self, store: RedisStore) -> Callable[[str, int], None]:
        return lambda task, writers: in_threads(store, task, writers)


def test_sixteen_processes_lose_nothing(store: RedisStore, server: RedisServer) -> None:
    store.create(NAME, new_state(new_id(), time.time()))
    command = [sys.executable, "-m", "tests.store.writer", server.url, "many_keys"]
    processes = [subprocess.Popen([*command, str(index)]) for index in range(16)]
    assert [process.wait(timeout=120) for process in processes] == [0] * 16
    state = store.read(NAME)
    assert state is not None
    assert state.rev == 16 * 25
    assert set(state.headers) == {("*", f"x-{i}-{n}") for i in range(16) for n in range(25)}


def test_a_commit_gives_up_when_others_are_quicker_for_too_long(server: RedisServer, store: RedisStore) -> None:
    class Late(RedisStore):
        """Whenever it is about to write, somebody else has just written."""

        ahead = 0

        def _write(self, *arguments: Any) -> Any:
            self.ahead += 1
            if self.ahead < 300:
                store.commit(NAME, None, [header(f"X-{self.ahead}", "1")], 5.0)
            return super()._write(*arguments)

    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    late = Late(server.url, new_id, patience=0.1)
    with pytest.raises(SessionLocked, match="changed by others without pause"):
        late.commit(NAME, None, [header("X-B", "1")], 5.0)
    late.close()
    state = store.read(NAME)
    assert state is not None
    assert ("*", "x-b") not in state.headers


def test_a_killed_writer_leaves_what_was_acknowledged_and_nothing_half(store: RedisStore, server: RedisServer) -> None:
    store.create(NAME, new_state(new_id(), time.time()))
    command = [sys.executable, "-m", "tests.store.writer", server.url, "endless", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(50)][-1]
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split()
    state = store.read(NAME)
    assert state is not None
    stored = int(str(state.headers["*", "x-0"].value))
    assert stored in (n := int(rest[-1] if rest else acknowledged), n + 1)
    assert state.rev == stored


class Calls:
    """How many commands a server has carried out since this was made."""

    def __init__(self, server: RedisServer) -> None:
        self._server = server
        self._start = self._all()

    def _all(self) -> dict[str, int]:
        found: Any = self._server.command("INFO", "commandstats")
        return {name.removeprefix("cmdstat_"): stats["calls"] for name, stats in found.items()}

    def since(self) -> dict[str, int]:
        counts = {name: count - self._start.get(name, 0) for name, count in self._all().items()}
        connecting = ("hello", "client|setinfo", "client|setname", "select", "info", "client")
        inside = ("hmget", "hset", "hdel", "persist", "pexpire", "publish")  # of the script
        return {name: count for name, count in counts.items() if count and name not in (*connecting, *inside)}


def test_a_run_takes_one_round_trip_to_read_and_one_to_write(store: RedisStore, server: RedisServer) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    reading = RedisStore(server.url, new_id)
    reading.names()
    calls = Calls(server)
    assert reading.read(NAME) == state
    assert calls.since() == {"hgetall": 1}
    reading.commit(NAME, state.id, [header("X-B", "2")], 6.0)
    assert calls.since() == {"hgetall": 1, "evalsha": 1}
    reading.commit(NAME, state.id, [header("X-B", "2")], 7.0)
    assert calls.since() == {"hgetall": 1, "evalsha": 1}
    reading.close()


def test_only_fields_that_changed_are_written(store: RedisStore, server: RedisServer) -> None:
    cookies = [Cookie(f"c{n}", "v", "a.example", "/", host_only=True, created=1.0) for n in range(150)]
    state = store.commit(NAME, None, [SetCookie(cookie, secure_origin=True) for cookie in cookies], 5.0)
    before: Any = server.command("HGETALL", f"reqcli:{{{NAME}}}:s")
    changed = cookies[70].replace(value="w")
    store.commit(NAME, state.id, [SetCookie(changed, secure_origin=True)], 6.0)
    after: Any = server.command("HGETALL", f"reqcli:{{{NAME}}}:s")
    different = {field for field in after if after[field] != before.get(field)}
    assert different == {"rev", "updated", "last", 'c["a.example","/","c70"]'}


def test_what_others_committed_meanwhile_is_kept_though_it_was_not_read(store: RedisStore, other: RedisStore) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    other.commit(NAME, None, [header("X-B", "2")], 6.0)
    after = store.commit(NAME, state.id, [header("X-C", "3")], 7.0)
    assert sorted(name for _, name in after.headers) == ["x-a", "x-b", "x-c"]
    assert other.read(NAME) == after


def test_a_commit_that_seems_to_change_nothing_looks_again_when_what_was_read_is_old(
    store: RedisStore, other: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    other.commit(NAME, state.id, [header("X-A", "2")], 6.0)
    monkeypatch.setattr(module, "FRESH", -1.0)
    assert store.commit(NAME, state.id, [header("X-A", "1")], 7.0).headers["*", "x-a"].value == "1"
    found = other.read(NAME)
    assert found is not None
    assert found.headers["*", "x-a"].value == "1"


def test_a_session_deleted_elsewhere_does_not_come_back(store: RedisStore, other: RedisStore) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    assert other.delete(NAME)
    with pytest.raises(SessionConflict, match="deleted"):
        store.commit(NAME, state.id, [header("X-B", "2")], 6.0)
    assert other.names() == []


def test_forgotten_scripts_are_sent_again(store: RedisStore, server: RedisServer) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    server.command("SCRIPT", "FLUSH")
    assert store.commit(NAME, state.id, [header("X-B", "2")], 6.0).rev == 2


def lifetime(server: RedisServer) -> int:
    left = server.command("PTTL", f"reqcli:{{{NAME}}}:s")
    assert isinstance(left, int)
    return left


def test_the_hash_outlives_the_session_and_its_end_moves_with_each_commit(
    store: RedisStore, server: RedisServer
) -> None:
    now = time.time()
    state = store.commit(NAME, None, [header("X-A", "1")], now)
    assert lifetime(server) == -1
    store.commit(NAME, state.id, [SetSetting("idle_ttl", 100)], now)
    assert 0 <= (100 + module.GRACE) * 1000 - lifetime(server) < 60_000
    store.commit(NAME, state.id, [SetSetting("idle_ttl", 100_000)], now)
    assert 0 <= (100_000 + module.GRACE) * 1000 - lifetime(server) < 60_000


@pytest.mark.parametrize("field", ["junk", 's["timeout"]', "id", 'c["a","/","b"]'])
def test_what_cannot_be_understood_is_refused_and_left(store: RedisStore, server: RedisServer, field: str) -> None:
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    server.command("HSET", f"reqcli:{{{NAME}}}:s", field, "\xff{")
    with pytest.raises(SessionCorrupt, match="session work cannot be read"):
        RedisStore(server.url).read(NAME)
    assert server.command("HGET", f"reqcli:{{{NAME}}}:s", field) == "\xff{"


def test_bytes_that_are_no_text_are_refused(store: RedisStore, server: RedisServer) -> None:
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    subprocess.run(
        ["redis-cli", "-s", server.socket, "-x", "HSET", f"reqcli:{{{NAME}}}:s", "junk"], input=b"\xff\xfe", check=True
    )
    with pytest.raises(SessionCorrupt):
        RedisStore(server.url).read(NAME)


def test_another_kind_of_key_of_that_name_is_an_error(store: RedisStore, server: RedisServer) -> None:
    server.command("SET", f"reqcli:{{{NAME}}}:s", "x")
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        store.read(NAME)


@pytest.mark.parametrize("url", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:1"])
def test_a_server_that_is_down_is_an_error(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "REACH", 0.2)
    store = RedisStore(url)
    for call in (lambda: store.read(NAME), lambda: store.commit(NAME, None, [header("X-A", "1")], 5.0), store.names):
        with pytest.raises(StoreUnavailable, match="cannot be reached") as caught:
            call()
        assert caught.value.retryable


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "REACH", 0.2)
    monkeypatch.setattr(redis_server, "SILENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = RedisStore(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreUnavailable, match="does not answer in time"):
            store.read(NAME)


@pytest.mark.parametrize("answer", [b":1\r\n", b"+OK\r\n", b"*1\r\n" * 20_000, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_does_not_speak_redis_is_no_store(answer: bytes) -> None:
    def script(peer: Peer) -> None:
        while peer.sock.recv(65536):
            peer.send(answer)

    with NastyServer(script) as impostor, pytest.raises(StoreUnavailable):
        RedisStore(f"redis://u:p@127.0.0.1:{impostor.port}").read("work")


def test_a_wrong_password_is_said_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with RedisServer(tmp_path, "--requirepass", "right-one") as guarded:
        in_url = guarded.url.replace("unix://", "unix://:wrong-one@")
        for url, password in ((guarded.url, "wrong-one"), (guarded.url, None), (in_url, None)):
            with pytest.raises(StoreUnavailable, match="refuses the login") as caught:
                RedisStore(url, password=password).read(NAME)
            assert "wrong-one" not in f"{caught.value} {caught.value.hint}"
            assert not caught.value.retryable
        assert RedisStore(guarded.url, password="right-one").read(NAME) is None


def test_a_full_server_stores_nothing_and_keeps_what_it_has(tmp_path: Path) -> None:
    with RedisServer(tmp_path, "--maxmemory-policy", "noeviction") as small:
        store = RedisStore(small.url)
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        small.command("CONFIG", "SET", "maxmemory", "1kb")
        with pytest.raises(StoreUnavailable, match="is full"):
            store.commit(NAME, state.id, [header("X-B", "2")], 6.0)
        assert RedisStore(small.url).read(NAME) == state
        small.command("CONFIG", "SET", "maxmemory", "0")
        assert store.commit(NAME, state.id, [header("X-B", "2")], 7.0).rev == 2


def test_a_replica_is_named_as_one_and_becomes_good_when_it_is_promoted(
    server: RedisServer, store: RedisStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RedisServer(tmp_path) as replica:
        replica.command("REPLICAOF", "127.0.0.1", "1")
        replica.command("CONFIG", "SET", "replica-serve-stale-data", "yes")
        onto = RedisStore(replica.url)
        monkeypatch.setattr(redis_server, "REACH", 0.2)
        with pytest.raises(StoreUnavailable, match="is a replica"):
            onto.commit(NAME, None, [header("X-A", "1")], 5.0)
        monkeypatch.setattr(redis_server, "REACH", 20.0)
        promoting = threading.Timer(0.3, lambda: replica.command("REPLICAOF", "NO", "ONE"))
        promoting.start()
        assert onto.commit(NAME, None, [header("X-A", "1")], 5.0).rev == 1
        promoting.join()


def test_a_server_that_restarts_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "REACH", 20.0)
    with RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as restarting:
        store = RedisStore(restarting.url)
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        restarting.stop()
        starting = threading.Timer(0.3, restarting.start)
        starting.start()
        assert store.commit(NAME, state.id, [header("X-B", "2")], 6.0).rev == 2
        starting.join()


class Losing:
    """A way to a server on which the answer to a chosen command is lost, and the connection with it."""

    def __init__(self, target: Path, command: bytes) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.listening.getsockname()[1]}"
        self._target, self._command, self.lost = target, command, 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(str(self._target))
            while data := client.recv(1 << 20):
                server.sendall(data)
                answer = server.recv(1 << 20)
                if self._command in data.upper() and not self.lost:
                    self.lost += 1
                    return
                client.sendall(answer)


def test_a_commit_whose_answer_was_lost_is_made_once(store: RedisStore, server: RedisServer) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)  # the script is known by now
    losing = Losing(server.socket, b"EVALSHA")
    with losing.listening:
        over = RedisStore(losing.url, new_id)
        after = over.commit(NAME, state.id, [header("X-B", "2")], 6.0)
        over.close()
    assert losing.lost == 1
    assert after.rev == 2
    assert RedisStore(server.url).read(NAME) == after


def test_a_turn_ends_when_its_holder_is_gone_and_is_kept_while_it_lives(
    store: RedisStore, other: RedisStore, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEASE", 0.3)
    with store.turn(NAME, 0.0):
        time.sleep(0.7)
        with pytest.raises(SessionLocked), other.turn(NAME, 0.0):
            pass
    server.command("SET", f"reqcli:{{{NAME}}}:t", "of one that was killed", "PX", "200")
    with other.turn(NAME, 20.0):
        assert store.read(NAME) is None


def test_a_turn_that_was_lost_is_not_taken_from_its_next_holder(
    store: RedisStore, other: RedisStore, server: RedisServer
) -> None:
    first, second = store.turn(NAME, 0.0), other.turn(NAME, 0.0)
    first.__enter__()
    server.command("DEL", f"reqcli:{{{NAME}}}:t")  # as if the lease had run out while its holder was stopped
    with second:
        first.__exit__()
        with pytest.raises(SessionLocked), store.turn(NAME, 0.0):
            pass


def test_what_others_change_can_be_watched(store: RedisStore, other: RedisStore) -> None:
    heard: list[object] = []
    watching = other.watch(NAME)
    thread = threading.Thread(target=lambda: heard.append(next(watching)), daemon=True)
    thread.start()
    ends = time.monotonic() + 20
    rev = 0
    while not heard and time.monotonic() < ends:
        rev += 1
        store.commit(NAME, None, [header("X-Secret", f"value {rev}")], 5.0)
        time.sleep(0.02)
    thread.join(20)
    assert heard == [[{"op": "set", "kind": "header", "name": "X-Secret", "origin": "*"}]]
    assert "value" not in json.dumps(heard)


def test_the_users_rights_that_are_documented_are_enough(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as guarded:
        kinds = ("hash", "scripting", "keyspace", "pubsub", "string", "connection")
        rights = ["~reqcli:*", "&reqcli:*", *(f"+@{kind}" for kind in kinds)]
        guarded.command("ACL", "SETUSER", "fleet", "on", ">pw", *rights)
        guarded.command("ACL", "SETUSER", "reader", "on", ">pw", "~reqcli:*", "+hgetall", "+@connection")
        url = f"unix://fleet:pw@{guarded.socket}"
        store = RedisStore(url)
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        with store.turn(NAME, 1.0):
            store.rename(NAME, "play")
        assert store.names() == ["play"]
        assert (store.read("play"), store.delete("play")) == (state, True)
        reader = RedisStore(url.replace("fleet", "reader"))
        assert reader.read(NAME) is None
        with pytest.raises(StoreUnavailable, match="does not permit") as caught:
            reader.commit(NAME, None, [header("X-A", "1")], 5.0)
        assert "~reqcli:*" in str(caught.value.hint)
        assert ("fleet" in store.kind, "pw" in store.kind) == (False, False)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "REACH", 0.2)
    ca, port = trustme.CA(), free_port()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = ca.issue_cert("localhost")
    own.private_key_pem.write_to_path(tmp_path / "key.pem")
    own.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    files = ("--tls-cert-file", "cert.pem", "--tls-key-file", "key.pem", "--tls-ca-cert-file", "ca.pem")
    with RedisServer(tmp_path, "--tls-port", str(port), "--tls-auth-clients", "no", *files):
        trusting = f"rediss://localhost:{port}?ssl_ca_certs={tmp_path / 'ca.pem'}"
        assert RedisStore(trusting).commit(NAME, None, [header("X-A", "1")], 5.0).rev == 1
        for url in (f"rediss://localhost:{port}", trusting.replace("localhost", "127.0.0.1")):
            with pytest.raises(StoreUnavailable, match="certificate verify failed"):
                RedisStore(url).read(NAME)


def test_a_cluster_keeps_a_session_in_one_place(tmp_path: Path) -> None:
    port = free_port()
    words = ("--port", str(port), "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
    with RedisServer(tmp_path, *words) as node:
        node.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        ends = time.monotonic() + 20
        while "cluster_state:ok" not in str(node.command("CLUSTER", "INFO")) and "'cluster_state': 'ok'" not in str(
            node.command("CLUSTER", "INFO")
        ):
            assert time.monotonic() < ends
            time.sleep(0.05)
        store = RedisStore(f"redis://127.0.0.1:{port}?cluster=yes", new_id)
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        store.commit("play", None, [header("X-A", "1")], 5.0)
        with store.turn(NAME, 1.0):
            assert store.commit(NAME, state.id, [header("X-B", "2")], 6.0).rev == 2
        assert store.names() == ["play", NAME]
        with pytest.raises(Usage, match="in a cluster cannot be renamed"):
            store.rename(NAME, "other")
        assert store.delete("play")
        store.close()


@pytest.mark.parametrize(
    "url", ["redis://[::1", "ftp://h/", "redis://h:port", "redis://h?nothing=1&socket_timeout=x", "redis://h?nothing=1"]
)
def test_what_is_no_url_of_a_store_is_refused(url: str) -> None:
    with pytest.raises(Usage, match="is not the URL of a store"):
        RedisStore(url)


@pytest.mark.parametrize(
    "url",
    ["fleet:hunter2@h", "redis:/fleet:hunter2@h", "redis://fleet:hunter2@h:port", "redis://fleet:hunter2?@h",
     "redis://fleet:hunter2/@h", "redis://fleet:hunter2#@h", "redis://fleet@h:hunter2", "redis://h?hunter2=1@h"],
)  # fmt: skip
def test_a_url_that_cannot_be_understood_is_not_repeated_for_it_may_hold_a_password(url: str) -> None:
    with pytest.raises(Usage, match="is not the URL of a store") as caught:
        RedisStore(url)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.details}"


def test_a_mistyped_store_is_not_answered_with_a_library_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(Usage, match=r"^x is not the URL of a store$"):
        RedisStore("x")
    with pytest.raises(StoreUnavailable, match="not installed"):
        RedisStore("redis://h")


def test_a_session_that_would_grow_too_large_is_not_stored(store: RedisStore) -> None:
    state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
    with pytest.raises(StoreUnavailable, match="would grow to"):
        store.commit(NAME, state.id, [header(f"X-{n}", "v" * 60_000) for n in range(80)], 6.0)
    assert store.read(NAME) == state


SEALING = FieldSeal(Secret(new_key()))


class TestSealed(StoreContract):
    @pytest.fixture
    def store(self, server: RedisServer) -> Iterator[RedisStore]:
        server.command("FLUSHALL")
        store = RedisStore(server.url, new_id, seal=SEALING, patience=60)
        yield store
        store.close()

    @pytest.fixture
    def race(self, store: RedisStore) -> Callable[[str, int], None]:
        return lambda task, writers: in_threads(store, task, writers)


def test_who_runs_the_server_cannot_read_sealed_values(server: RedisServer) -> None:
    server.command("FLUSHALL")
    sealed = RedisStore(server.url, seal=SEALING)
    cookie = Cookie("sid", "secret-cookie", "a.example", "/", host_only=True, created=1.0)
    state = sealed.commit(NAME, None, [header("X-A", "secret-value"), SetCookie(cookie, secure_origin=True)], 5.0)
    stored: Any = server.command("HGETALL", f"reqcli:{{{NAME}}}:s")
    assert 'h["*","X-A"]' in stored
    assert "secret" not in json.dumps(list(stored.values()))
    assert RedisStore(server.url, seal=FieldSeal(Secret(new_key()))).names() == [NAME]
    with pytest.raises(StoreUnavailable, match="is sealed"):
        RedisStore(server.url).read(NAME)
    with pytest.raises(SessionCorrupt, match="not sealed with this key"):
        RedisStore(server.url, seal=FieldSeal(Secret(new_key()))).read(NAME)
    assert RedisStore(server.url, seal=SEALING).read(NAME) == state


@pytest.mark.parametrize("planted", ["'\"plain\"'", "another's", "changed"])
def test_a_value_that_the_server_changed_is_refused(server: RedisServer, planted: str) -> None:
    server.command("FLUSHALL")
    sealed = RedisStore(server.url, seal=SEALING)
    sealed.commit(NAME, None, [header("X-A", "1"), header("X-B", "2")], 5.0)
    key = f"reqcli:{{{NAME}}}:s"
    there: Any = server.command("HGETALL", key)
    value = {"another's": there['h["*","X-B"]'], "changed": there['h["*","X-A"]'][:-4] + "AAAA"}.get(planted, '"plain"')
    server.command("HSET", key, 'h["*","X-A"]', value)
    with pytest.raises(SessionCorrupt):
        RedisStore(server.url, seal=SEALING).read(NAME)


@pytest.mark.parametrize(
    ("dropped", "put_back"),
    [
        (['h["*","X-A"]'], []),
        (["policy"], []),
        (["sum"], []),
        ([], ['h["*","X-A"]']),
        ([], ["updated"]),
        (["policy"], ["sum"]),
    ],
)
def test_what_the_server_dropped_or_put_back_is_missed(
    server: RedisServer, dropped: list[str], put_back: list[str]
) -> None:
    """Each value is sound by itself: a policy that is gone, or a token that was replaced, would not be noticed."""
    server.command("FLUSHALL")
    sealed = RedisStore(server.url, seal=SEALING)
    first = sealed.commit(NAME, None, [header("X-A", "1")], 5.0)
    key = f"reqcli:{{{NAME}}}:s"
    before: Any = server.command("HGETALL", key)
    sealed.commit(NAME, first.id, [header("X-A", "2"), ExtendPolicy(Policy(methods=["GET"]))], 6.0)
    assert RedisStore(server.url, seal=SEALING).read(NAME) is not None
    for field in dropped:
        assert server.command("HDEL", key, field) == 1
    for field in put_back:
        server.command("HSET", key, field, before[field])
    reading = RedisStore(server.url, seal=SEALING)
    for _ in range(2):  # what was refused is not remembered
        with pytest.raises(SessionCorrupt) as refused:
            reading.read(NAME)
        assert f"reqcli session delete {NAME}" in str(refused.value.hint)
    assert reading.delete(NAME)
    assert reading.commit(NAME, None, [header("X-A", "3")], 7.0).rev == 1


def test_a_session_that_was_made_without_the_key_is_not_taken_for_one_of_another_key(server: RedisServer) -> None:
    server.command("FLUSHALL")
    RedisStore(server.url).create(NAME, new_state(new_id(), 5.0))
    with pytest.raises(SessionCorrupt, match="it was not sealed as a whole"):
        RedisStore(server.url, seal=SEALING).read(NAME)


def test_a_sealed_session_without_a_value_is_sealed_all_the_same(server: RedisServer) -> None:
    server.command("FLUSHALL")
    RedisStore(server.url, seal=SEALING).create(NAME, new_state(new_id(), 5.0))
    with pytest.raises(StoreUnavailable, match="is sealed"):
        RedisStore(server.url).read(NAME)


def test_many_fields_go_at_once(store: RedisStore, other: RedisStore) -> None:
    operations = [header(f"X-{n}", "v") for n in range(3000)]
    state = store.commit(NAME, None, operations, 5.0)
    assert other.read(NAME) == state == apply(state, operations, 9.0)


@pytest.mark.skipif(shutil.which("valkey-server") is None, reason="valkey-server is not installed")
def test_it_works_with_valkey_too(tmp_path: Path) -> None:
    with RedisServer(tmp_path, program="valkey-server") as server:
        store = RedisStore(server.url)
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        assert RedisStore(server.url).read(NAME) == state


def test_the_environment_of_the_machine_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "REDIS_URL", "redis://elsewhere")
    assert RedisStore("redis://127.0.0.1:1").kind == "redis://127.0.0.1:1"
