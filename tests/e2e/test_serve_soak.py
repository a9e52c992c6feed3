"""The service under fire: servers that fail in every way, callers that change their minds, for as long as it takes."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections import Counter
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest

from tests.program import Program
from tests.sockets import NastyServer, Peer

JOBS = 8
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def faulty(chance: random.Random) -> Any:
    """A script that answers well half of the time."""

    def script(peer: Peer) -> None:
        while True:
            peer.read_request()
            kind = chance.randrange(20)
            if kind < 10:
                peer.send(OK)
            elif kind < 13:
                sleep(chance.random() / 20)
                peer.send(OK)
            elif kind == 13:
                peer.send(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
            elif kind == 14:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
                return
            elif kind == 15:
                peer.reset()
                return
            elif kind == 16:
                peer.send(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
                return
            elif kind == 17:
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
                peer.hold(0.3)
                return
            elif kind == 18:
                peer.send(OK + b"HTTP/1.1 200 OK\r\n")  # more than was asked for
            else:
                return

    return script


class Chaos:
    """Sends requests for a while, cancels some, and notes every answer.

    Attributes:
        asked: lines that must be answered.
        answers: how often each line was.
        codes: how they went.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str, chance: random.Random) -> None:
        self.process = process
        self.url = url
        self.chance = chance
        self.line = 0
        self.asked: set[int] = set()
        self.answers: Counter[int] = Counter()
        self.codes: Counter[str] = Counter()
        self._listener = Thread(target=self._listen)
        self._listener.start()

    def run(self, seconds: float) -> None:
        """Keep the service busy, its queue never longer than a few hundred lines."""
        ends = monotonic() + seconds
        while monotonic() < ends:
            kind = self.chance.randrange(10)
            if kind < 6:
                self._say({"id": self.line + 1, "method": self.chance.choice(("GET", "POST")), "url": f"{self.url}/x"})
            elif kind < 9:
                self._say({"cancel": max(1, self.line - self.chance.randrange(40))}, is_asked=False)
            else:
                self._say("{ no sense", is_asked=True)
            while len(self.asked) - len(self.answers) > 200:
                sleep(0.005)

    def settle(self) -> None:
        """Wait until all is answered."""
        ends = monotonic() + 30
        while len(self.answers) < len(self.asked) and monotonic() < ends:
            sleep(0.02)

    def end(self) -> None:
        """Close the input, and hear the rest."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self._listener.join(30)
        assert self.process.wait(30) == 0

    def _say(self, line: dict[str, Any] | str, *, is_asked: bool = True) -> None:
        assert self.process.stdin is not None
        self.line += 1
        if is_asked:
            self.asked.add(self.line)
        self.process.stdin.write(f"{line if isinstance(line, str) else json.dumps(line)}\n".encode())
        self.process.stdin.flush()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            answer = json.loads(text)
            assert answer["id"] in (None, answer["line"])
            self.answers[answer["line"]] += 1
            self.codes["ok" if answer["ok"] else answer["error"]["code"]] += 1


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.soak)])
def test_every_line_is_answered_once_and_nothing_leaks(reqcli: Program, seconds: float) -> None:
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    command = ("serve", "--stdio", "-j", str(JOBS), "--timeout", "2", "--format", "brief")
    with NastyServer(faulty(chance)) as server, reqcli.start(*command, stdin=subprocess.PIPE) as process:
        chaos = Chaos(process, server.url(), chance)
        chaos.run(0.5)
        chaos.settle()
        before = len(os.listdir(f"/proc/{process.pid}/fd"))
        chaos.run(seconds)
        chaos.settle()
        after = len(os.listdir(f"/proc/{process.pid}/fd"))
        chaos.end()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert chaos.answers == dict.fromkeys(chaos.asked, 1)
    assert after <= before + JOBS, "more descriptors than connections that may be kept"
    for code in ("ok", "interrupted", "usage", "http_server_error", "body_incomplete", "bad_response"):
        assert chaos.codes[code], f"{code} never came: {chaos.codes}"
    assert not chaos.codes["internal"]
