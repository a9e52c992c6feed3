"""What the program asks of the system, in counts: files opened and looked for, network, syncs, connections.

They are the same on every machine and with every Python. A number here may be lowered by whoever makes the program
cheaper; whoever has to raise one says why.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Barrier

import pytest

from tests.e2e.test_start_up import BARE, ROOT
from tests.program import Program
from tests.sockets import NastyServer, Peer
from tests.store.traces import can_trace

pytestmark = pytest.mark.skipif(not can_trace(), reason="strace cannot trace here")

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"
OURS = f"{ROOT}/reqcli"


def same_cookie(peer: Peer) -> None:
    while True:
        peer.answer(ANSWER.replace(b"\r\n", b"\r\nSet-Cookie: sid=1; Path=/; HttpOnly\r\n", 1))


def other_cookies(peer: Peer) -> None:
    """Answers each request of all connections with another value of one cookie."""
    while True:
        peer.read_request()
        cookie = b"\r\nSet-Cookie: sid=%04d; Path=/; HttpOnly\r\n" % len(peer.server.requests)
        peer.send(ANSWER.replace(b"\r\n", cookie, 1))


class Traced:
    """One run of a program, as strace saw it.

    Attributes:
        calls: the name of each call and the path it names first, in their order; those that found nothing end in `?`.
    """

    def __init__(self, reqcli: Program, log: Path, words: list[str]) -> None:
        trace = "trace=%file,%network,read,write,writev,fsync,fdatasync,flock,poll,sendfile"
        subprocess.run(
            ["strace", "-f", "-qq", "-e", trace, "-o", str(log), *words],
            check=True, timeout=60, env=reqcli.environment, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
        self.calls: list[tuple[str, str]] = []
        for line in log.read_text().splitlines():
            name, _, rest = line.partition(" ")[2].strip().partition("(")
            path = re.match(r'(?:AT_FDCWD, )?"([^"]+)"', rest)
            known = {"open": "open", "openat": "open", "rename": "rename", "renameat": "rename", "renameat2": "rename"}
            if path:
                self.calls.append((known.get(name, "look") + "?" * (" = -1 " in rest), path[1]))
            else:
                self.calls.append((name, ""))

    def about(self, folder: str) -> Counter[str]:
        """How often each call named something in the folder, or the folder itself."""
        return Counter(name for name, path in self.calls if f"{path}/".startswith(f"{folder}/"))

    def count(self, *names: str) -> dict[str, int]:
        """How often each of these calls was made."""
        made = Counter(name for name, _ in self.calls)
        return {name: made[name] for name in names}


@pytest.fixture
def traced(reqcli: Program, tmp_path: Path) -> Callable[..., Traced]:
    """What runs the program until all it compiles is compiled and its session is there, and once more under strace."""

    def run(*words: str) -> Traced:
        command = [sys.executable, *BARE, *words]
        for _ in range(2):
            subprocess.run(command, check=True, timeout=60, env=reqcli.environment, capture_output=True)
        return Traced(reqcli, tmp_path / "log", command)

    return run


@pytest.fixture
def python(reqcli: Program, tmp_path: Path) -> set[str]:
    """The paths that the interpreter itself names, when it does nothing."""
    return {path for _, path in Traced(reqcli, tmp_path / "bare", [sys.executable, "-I", "-S", "-c", "pass"]).calls}


def test_a_plain_get_opens_its_modules_and_no_other_file(
    reqcli: Program, traced: Callable[..., Traced], python: set[str]
) -> None:
    with NastyServer(ANSWER) as server:
        seen = traced("get", server.url("/a"), "--stateless")
    ours = seen.about(OURS)
    opened = [path for name, path in seen.calls if name == "open" and path.startswith(f"{OURS}/")]
    assert len(opened) == len(set(opened)), "a file was opened twice"
    assert ours["open"] <= 89, "modules, and the folders they are in"
    # The interpreter asks three times for each module, and in vain three times more for each folder.
    assert ours["look"] <= 255
    assert ours["look?"] <= 36
    assert ours.keys() <= {"open", "look", "look?"}
    standard = str(Path(re.__file__).parent.parent)
    others = {path for _, path in seen.calls} - python
    others = {path for path in others if path and not f"{path}/".startswith((f"{OURS}/", f"{standard}/", f"{ROOT}/"))}
    assert others == {f"{reqcli.environment['HOME']}/.netrc"}
    library = [path for name, path in seen.calls if name == "open" and path.startswith(f"{standard}/")]
    assert len(set(library) - python) <= 3


def test_a_plain_get_goes_the_shortest_way_to_the_server(traced: Callable[..., Traced]) -> None:
    with NastyServer(ANSWER) as server:
        seen = traced("get", server.url("/a"), "--stateless")
    once = dict.fromkeys(("socket", "connect", "poll", "sendto", "recvfrom", "write"), 1)
    assert seen.count(*once) == once
    few = {"setsockopt": 3, "getsockopt": 3, "fsync": 0, "flock": 0}
    assert seen.count(*few) == few


def test_a_changed_cookie_costs_one_write_and_two_syncs(reqcli: Program, traced: Callable[..., Traced]) -> None:
    with NastyServer(other_cookies) as server:
        seen = traced("get", server.url("/a"), "--session", "work")
    kept = seen.about(str(reqcli.sessions))
    assert kept["open"] <= 5  # to read, the lock, to read under it, the new file, the folder to sync
    assert kept["look"] <= 3
    assert kept.keys() <= {"open", "look", "rename"}
    # Written are the session and the answer; synced are the file and, for its name, the folder.
    expected = {"write": 2, "fsync": 2, "fdatasync": 0, "rename": 1, "flock": 2}
    assert seen.count(*expected) == expected


def test_a_cookie_that_stays_the_same_costs_none(reqcli: Program, traced: Callable[..., Traced]) -> None:
    with NastyServer(same_cookie) as server:
        seen = traced("get", server.url("/a"), "--session", "work")
    kept = seen.about(str(reqcli.sessions))
    assert kept["open"] <= 1
    assert kept["look"] <= 1
    assert kept.keys() <= {"open", "look"}
    assert seen.count("write", "fsync", "rename", "flock") == {"write": 1, "fsync": 0, "rename": 0, "flock": 0}


# What a line of a batch costs


@pytest.fixture
def calls_of_a_batch(reqcli: Program, tmp_path: Path) -> Callable[..., Counter[str]]:
    """What runs a batch of so many lines and counts its calls."""

    def run(server: NastyServer, number: int, *words: str) -> Counter[str]:
        lines, log = tmp_path / "lines", tmp_path / "log"
        lines.write_text("".join(server.url(f"/{one}\n") for one in range(number)))
        subprocess.run(
            ["strace", "-f", "-c", "-o", str(log), *reqcli.command("batch", str(lines), *words)],
            check=True, timeout=60, env=reqcli.environment, stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
        rows = [line.split() for line in log.read_text().splitlines()]
        return Counter({row[-1]: int(row[3]) for row in rows if len(row) in (5, 6) and row[3].isdigit()})

    return run


def for_each_line(run: Callable[[int], Counter[str]], *names: str) -> dict[str, float]:
    """How often a line makes these calls: what 60 lines make more than 20 do, once the session and all else is there.

    Rounded, for a thread may or may not have to wake another, once a run.
    """
    run(1)
    less, more = run(20), run(60)
    return {name: round((more[name] - less[name]) / 40, 1) for name in names}


def test_a_line_of_a_batch_makes_four_calls(calls_of_a_batch: Callable[..., Counter[str]]) -> None:
    """One poll, to see that the connection still stands; one to send, one to receive, one to write the result."""
    expected = {
        **dict.fromkeys(("poll", "sendto", "recvfrom", "write"), 1),
        **dict.fromkeys(("openat", "newfstatat", "read", "close", "fsync", "socket", "connect", "setsockopt"), 0),
    }
    with NastyServer(ANSWER) as server:
        made = for_each_line(lambda lines: calls_of_a_batch(server, lines, "--stateless", "-j", "1"), *expected)
    assert made == expected


def test_a_line_of_several_at_a_time_sends_once_and_receives_once(
    calls_of_a_batch: Callable[..., Counter[str]],
) -> None:
    """How many answers come at once, and are written together, is not ours; who connected wakes another once."""
    lines, jobs = 60, 4
    with NastyServer(ANSWER) as server:
        made = calls_of_a_batch(server, lines, "--stateless", "-j", str(jobs))
    assert lines <= made["sendto"] <= lines + jobs
    assert lines <= made["recvfrom"] <= lines + jobs
    assert 1 <= made["write"] <= lines
    assert made["socket"] <= 2 * jobs
    assert made["poll"] <= 2 * lines + 2 * jobs


def test_a_line_that_changes_the_session_commits_it_once(calls_of_a_batch: Callable[..., Counter[str]]) -> None:
    expected = {"poll": 1, "sendto": 1, "recvfrom": 1, "write": 2, "fsync": 2, "rename": 1, "flock": 2}
    with NastyServer(other_cookies) as server:
        words = ("--session", "work", "-j", "1")
        made = for_each_line(lambda lines: calls_of_a_batch(server, lines, *words), *expected, "openat", "newfstatat")
    assert (made.pop("openat") <= 4, made.pop("newfstatat") <= 4) == (True, True)
    assert made == expected


def test_lines_that_change_the_session_at_once_commit_no_oftener(
    calls_of_a_batch: Callable[..., Counter[str]],
) -> None:
    """Those whose answers come during a commit are in the next one together: how many they are is not ours."""
    with NastyServer(other_cookies) as server:
        calls_of_a_batch(server, 1, "--session", "work")
        made = calls_of_a_batch(server, 60, "--session", "work", "-j", "10")
    assert 1 <= made["rename"] <= 60
    assert (made["fsync"], made["flock"]) == (2 * made["rename"], 2 * made["rename"])


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_a_batch_opens_as_many_connections_as_it_has_jobs(reqcli: Program, tmp_path: Path, jobs: int) -> None:
    together = Barrier(jobs)

    def script(peer: Peer) -> None:
        peer.read_request()
        together.wait(20)  # so that each of the first answers is awaited on a connection of its own
        peer.send(ANSWER)
        while True:
            peer.answer(ANSWER)

    with NastyServer(script) as server:
        (tmp_path / "lines").write_text("".join(server.url(f"/{one}\n") for one in range(50)))
        output = reqcli("batch", str(tmp_path / "lines"), "--stateless", "-j", str(jobs))
        assert (output.status, server.connections, len(server.requests)) == (0, jobs, 50), output
