"""The table at the end of README: each of its commands is run, but for those of xh, which no test could install."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reqcli.demo.pages import PASSWORD, TOKEN, USER
from reqcli.demo.server import DemoServer
from tests.answering import reply
from tests.program import Program
from tests.readme import README, part, tasks_table
from tests.readme import TASKS as SOURCE
from tests.real import require, require_package
from tests.sockets import NastyServer, Peer, RawRequest

TASKS: list[dict[str, Any]] = tomllib.loads(SOURCE.read_text())["task"]
PROGRAMS = ("httpie", "xh", "curl", "reqcli")
RUN = [(task, who) for task in TASKS for who in PROGRAMS if who != "xh" and not task[who].startswith("—")]

LARGE = bytes(range(256)) * 2000
CUT = 200_000


class Files:
    """A server of files: one that breaks off at first and knows ranges, one elsewhere, one that is busy at first."""

    def __init__(self, elsewhere: str) -> None:
        self._elsewhere = elsewhere
        self.asked: list[RawRequest] = []

    def __call__(self, peer: Peer) -> None:
        while True:
            request = peer.read_request()
            is_first = request.target not in [each.target for each in self.asked]
            self.asked.append(request)
            if request.target == "/large.bin" and is_first:
                peer.send(reply(200, 'ETag: "v1"', "Accept-Ranges: bytes", body=LARGE)[:CUT])
                return
            peer.send(self._answer(request, is_first=is_first))

    def _answer(self, request: RawRequest, *, is_first: bool) -> bytes:
        if request.target == "/large.bin":
            begin = int(re.fullmatch(r"bytes=(\d+)-", request.get("range") or "")[1])  # type: ignore[index]
            span = f"Content-Range: bytes {begin}-{len(LARGE) - 1}/{len(LARGE)}"
            return reply(206, 'ETag: "v1"', span, body=LARGE[begin:])
        if request.target == "/busy":
            return reply(503, body="not yet\n") if is_first else reply(200, body="at last\n")
        if request.target in ("/moved", "/away"):
            return reply(302, f"Location: {'/small.txt' if request.target == '/moved' else self._elsewhere}")
        return reply(200, "Content-Type: text/plain", body="a small file\n")


@pytest.fixture
def keyboard() -> Iterator[int]:
    """A terminal that nobody types at: what standard input is for a person."""
    master, slave = pty.openpty()
    yield slave
    os.close(slave)
    os.close(master)


def test_the_table_in_the_readme_is_made_from_these() -> None:
    assert part("tasks", README.read_text()) == tasks_table(), "run `python -m tests.generate`"


def test_there_are_twenty() -> None:
    assert len(TASKS) == 20
    assert not [task["task"] for task in TASKS if task["reqcli"].startswith("—")]


@pytest.mark.parametrize(("task", "who"), RUN, ids=[f"{task['task']}: {who}" for task, who in RUN])
def test_the_command_does_the_task(
    task: dict[str, Any], who: str, reqcli: Program, tmp_path: Path, keyboard: int
) -> None:
    if who == "httpie":
        require_package("httpie")
    elif who == "curl":
        require("curl")
    with DemoServer() as server, NastyServer(Files(f"{server.url}/echo"), must_be_called=False) as files:
        environment = {**reqcli.environment, "U": server.url, "F": files.url("")}
        arrange(tmp_path, environment)
        command = task[who]
        if "redis://" in command:
            require_package("redis")
            from tests.redis import RedisServer

            (tmp_path / "redis").mkdir()
            with RedisServer(tmp_path / "redis") as cache:
                command = command.replace("redis://cache.example", cache.url)
                login = f"reqcli --store {cache.url} --session work -L -f $U/login user={USER} password={PASSWORD}"
                assert bash(login, tmp_path, environment, keyboard).returncode == 0
                done = bash(command, tmp_path, environment, keyboard)
        else:
            done = bash(command, tmp_path, environment, keyboard)
        if "saves" in task:
            assert done.returncode != 0, "it must have broken off"
            done = bash(command, tmp_path, environment, keyboard)
            assert (tmp_path / task["saves"]).read_bytes() == LARGE
            assert [request.get("range") for request in files.requests][-1]
    assert done.returncode == task.get("status", {}).get(who, 0), done
    for pattern in task.get("shows", ()):
        assert re.search(pattern, done.stdout, re.MULTILINE), (pattern, done)
    if "keeps" in task:
        assert files.requests[-1].get(task["keeps"])
        assert (task["keeps"] in done.stdout) is (who in task["leaks"]), done


def bash(command: str, where: Path, environment: dict[str, str], keyboard: int) -> subprocess.CompletedProcess[str]:
    words = [require("bash"), "-eu", "-o", "pipefail", "-c", command]
    return subprocess.run(words, cwd=where, env=environment, stdin=keyboard, capture_output=True, text=True, timeout=60)


def arrange(where: Path, environment: dict[str, str]) -> None:
    """Put the programs and the files there that the commands use."""
    (where / "bin").mkdir()
    for name, module in {"reqcli": "reqcli", "http": "httpie"}.items():
        (where / "bin" / name).write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        (where / "bin" / name).chmod(0o755)
    environment |= {"PATH": f"{where / 'bin'}:{os.environ['PATH']}", "API_TOKEN": TOKEN, "HOME": str(where)}
    url = environment["U"]
    (where / "photo.png").write_text("no real picture")
    (where / "urls.txt").write_text("".join(f"{url}/echo?n={number}\n" for number in range(1, 13)))
    (where / "copied.txt").write_text(f"curl '{url}/echo' \\\n  -H 'X-Tenant: acme' \\\n  --compressed\n")
