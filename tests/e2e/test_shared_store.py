"""Sessions in a shared store, from the command line: chosen, linked, copied, moved, watched; and a fleet at work."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.answering import reply, serving
from tests.program import Program
from tests.redis import RedisServer
from tests.server import DemoServer
from tests.sockets import NastyServer, RawRequest


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


def machine(tmp_path: Path, name: str, **environment: str) -> Program:
    """The program as another machine has it: with a home of its own."""
    home = tmp_path / name
    home.mkdir()
    program = Program(home)
    program.environment.update(environment)
    return program


def test_machines_share_a_login(redis: RedisServer, tmp_path: Path, demo_server: DemoServer) -> None:
    one, two = (machine(tmp_path, name, REQCLI_STORE=redis.url) for name in ("one", "two"))
    words = ("-f", "user=alice", "password=wonderland", "-L", "--session", "work")
    assert one("post", f"{demo_server.url}/login", *words).status == 0
    found = two("get", f"{demo_server.url}/account", "--session", "work", "--format", "json")
    assert found.status == 0
    assert found.json["session"]["store"] == redis.url
    assert not one.sessions.exists()
    assert not two.sessions.exists()
    assert two("session", "list").out.startswith("work\t")
    assert two("session", "path", "work").out == f"{redis.url} reqcli:{{work}}:s\n"
    assert two("session", "delete", "work").status == 0
    assert one("get", f"{demo_server.url}/account", "--session", "work").status == 4


def test_the_option_is_stronger_than_the_environment(redis: RedisServer, reqcli: Program) -> None:
    reqcli.environment["REQCLI_STORE"] = "redis://127.0.0.1:1"
    assert reqcli("session", "create", "work", "--store", redis.url).status == 0
    assert reqcli("session", "create", "home", "--store", "files").status == 0
    assert reqcli("session", "list", "--store", redis.url).out.partition("\t")[0] == "work"
    assert reqcli("session", "list", "--store", "files").out.partition("\t")[0] == "home"


def test_a_path_is_a_file_wherever_named_sessions_are(redis: RedisServer, reqcli: Program, tmp_path: Path) -> None:
    reqcli.environment["REQCLI_STORE"] = redis.url
    path = str(tmp_path / "own.json")
    assert reqcli("session", "set-header", path, "X-A:1", "--origin", "http://h").status == 0
    assert json.loads(Path(path).read_text())["headers"] == {"http://h": {"X-A": "1"}}
    assert redis.command("DBSIZE") == 0


def test_a_session_can_say_itself_where_it_is(redis: RedisServer, reqcli: Program, demo_server: DemoServer) -> None:
    assert reqcli("session", "set", "work", "store", redis.url).status == 0
    assert reqcli("session", "set", "work", "base_url", demo_server.url).status == 0
    assert reqcli("get", "/cookie/a/1", "--session", "work").status == 0
    assert redis.command("EXISTS", "reqcli:{work}:s") == 1
    assert json.loads((reqcli.sessions / "work.json").read_text())["cookies"] == []
    assert "a" in reqcli("session", "cookies", "work").out
    assert reqcli("get", "/echo", "--session", "work", "--dry-run").out.count("a=1") <= 1
    assert reqcli("session", "unset", "work", "store").status == 0
    assert reqcli("session", "cookies", "work").out == ""


def test_a_session_in_a_shared_store_is_read_once_and_sends_nowhere_else(redis: RedisServer, reqcli: Program) -> None:
    reqcli.environment["REQCLI_STORE"] = redis.url
    assert reqcli("session", "set", "work", "base_url", "https://h").status == 0
    redis.command("HSET", "reqcli:{work}:s", 's["store"]', '"redis://127.0.0.1:1"')
    redis.command("CONFIG", "RESETSTAT")
    shown = reqcli("session", "show", "work")
    assert (shown.status, "https://h" in shown.out) == (0, True), shown
    calls: Any = redis.command("INFO", "commandstats")
    assert calls["cmdstat_hgetall"]["calls"] == 1


def test_a_session_moves_between_stores(redis: RedisServer, reqcli: Program) -> None:
    assert reqcli("session", "set-header", "work", "X-A:1", "--origin", "http://h").status == 0
    before = json.loads((reqcli.sessions / "work.json").read_text())
    assert reqcli("session", "copy", "work", "twin", "--to-store", redis.url).status == 0
    assert reqcli("session", "move", "work", "--to-store", redis.url).status == 0
    assert reqcli("session", "list").out == ""
    assert reqcli("session", "move", "twin", "--to-store", redis.url, "--store", redis.url).status == 2
    assert reqcli("session", "move", "work", "back", "--to-store", "files", "--store", redis.url).status == 0
    after = json.loads((reqcli.sessions / "back.json").read_text())
    assert after == before
    assert reqcli("session", "list", "--store", redis.url).out.partition("\t")[0] == "twin"
    assert reqcli("session", "copy", "twin", "back", "--to-store", "files", "--store", redis.url).status == 104


@pytest.mark.parametrize(
    ("store", "status", "said"),
    [
        ("unix:///nowhere/redis.sock", 110, "cannot be reached"),
        ("ftp://host", 2, "is not the URL of a store"),
        ("redis://user:secret-pw@127.0.0.1:1", 110, "the store redis://127.0.0.1:1 cannot be reached"),
    ],
)
def test_a_store_that_is_not_there_is_an_error_and_no_file_takes_its_place(
    reqcli: Program, uncalled_server: DemoServer, store: str, status: int, said: str
) -> None:
    done = reqcli("get", uncalled_server.url, "--session", "work", "--store", store)
    assert (done.status, done.out) == (status, "")
    assert said in done.err
    assert "secret-pw" not in done.err
    assert not reqcli.sessions.exists()


def test_values_are_sealed_with_a_key(redis: RedisServer, reqcli: Program, tmp_path: Path) -> None:
    reqcli.environment["REQCLI_STORE"] = redis.url
    key = str(tmp_path / "key")
    assert reqcli("context", "keygen", key).status == 0
    words = ("session", "set-header", "work", "X-A:secret-value", "--origin", "http://h")
    assert reqcli(*words, env={"REQCLI_STORE_KEY": key}).status == 0
    assert "secret-value" not in str(redis.command("HGETALL", "reqcli:{work}:s"))
    shown = reqcli("session", "show", "work", "--reveal", env={"REQCLI_STORE_KEY": key})
    assert "secret-value" in shown.out
    without = reqcli("session", "show", "work")
    assert (without.status, "REQCLI_STORE_KEY" in without.err) == (110, True)
    assert reqcli("session", "show", "work", env={"REQCLI_STORE_KEY": "/nowhere"}).status in (2, 26, 107)


def test_changes_are_watched_from_the_command_line(redis: RedisServer, reqcli: Program) -> None:
    reqcli.environment["REQCLI_STORE"] = redis.url
    with reqcli.start("session", "watch", "work", "--format", "json") as watching:
        assert watching.stdout is not None
        assert watching.stderr is not None
        assert b"watching session work" in watching.stderr.readline()
        stop = threading.Event()

        def change() -> None:
            number = 0
            while not stop.wait(0.05):
                number += 1
                reqcli("session", "set-header", "work", f"X-A:secret-{number}", "--origin", "http://h")

        thread = threading.Thread(target=change)
        thread.start()
        line = watching.stdout.readline()
        stop.set()
        thread.join()
        watching.terminate()
    assert json.loads(line) == {"op": "set", "kind": "header", "name": "X-A", "origin": "http://h"}
    assert reqcli("session", "watch", "work", "--store", "files").status == 2


class Office:
    """A server whose sessions end when it says so: `/login` gives a token, `/work` wants it.

    Attributes:
        logins: how many there were.
        served: requests that had a good token.
    """

    def __init__(self) -> None:
        self.logins = 0
        self.served = 0
        self._lock = threading.Lock()
        self._good = ""

    def answer(self, request: RawRequest) -> bytes:
        with self._lock:
            if request.target == "/login":
                self.logins += 1
                self._good = f"token-{self.logins}"
                return reply(200, body={"token": self._good, "expires_in": 3600})
            if request.get("Authorization") != f"Bearer {self._good}":
                return reply(401, 'WWW-Authenticate: Bearer realm="office"')
            self.served += 1
            return reply(200, body={"served": self.served})

    def end_sessions(self) -> None:
        with self._lock:
            self._good = "none"


def test_a_fleet_shares_one_login_though_one_is_killed_and_the_session_ends_once(
    redis: RedisServer, tmp_path: Path
) -> None:
    """A drill: eight processes with homes of their own."""
    office = Office()
    with NastyServer(serving(office.answer)) as server:
        fleet = [machine(tmp_path, f"machine-{number}", REQCLI_STORE=redis.url) for number in range(8)]
        login = " ".join(fleet[0].command("post", server.url("/login"), "--stateless"))
        assert fleet[0]("session", "create", "shared", "--base-url", server.url("")).status == 0
        assert fleet[0]("session", "set-auth", "shared", "--token-command", login).status == 0

        def all_at_work(machines: list[Program]) -> list[int]:
            running = [program.start("get", "/work", "--session", "shared") for program in machines]
            for process in running:
                process.communicate(timeout=60)
            return [process.returncode for process in running]

        assert all_at_work(fleet) == [0] * 8
        assert (office.logins, office.served) == (1, 8)
        killed = fleet[7].start("get", "/work", "--session", "shared")
        time.sleep(0.1)
        killed.kill()
        killed.communicate()
        office.end_sessions()
        assert all_at_work(fleet[:7]) == [0] * 7
        assert office.logins == 2
        assert fleet[0]("session", "show", "shared").status == 0
