"""A real redis-server (or valkey-server) for a test: on a Unix socket, with nothing on disk."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.real import require


class RedisServer:
    """A running server.

    Args:
        directory: its own.
        settings: words of its command line: `--maxmemory`, `2mb` …
        program: which one.

    Attributes:
        url: of its Unix socket.
    """

    def __init__(self, directory: Path, *settings: str, program: str = "redis-server") -> None:
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._log = directory / "log"
        self._command = [
            require(program), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--save", "", "--appendonly", "no", "--dir", str(directory), "--logfile", str(self._log), *settings,
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        ends = time.monotonic() + 20
        while True:
            try:
                self.command("PING")
                return
            except redis.AuthenticationError:
                return
            except redis.ConnectionError:
                assert time.monotonic() < ends and self._process.poll() is None, self._log.read_text()  # noqa: PT018
                time.sleep(0.02)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def command(self, *words: str) -> object:
        """What the server answers to one command."""
        at = str(self.socket)
        with redis.Redis(unix_socket_path=at, decode_responses=True, retry=Retry(NoBackoff(), 0)) as client:
            return client.execute_command(*words)

    def __exit__(self, *_: object) -> None:
        self.stop()
