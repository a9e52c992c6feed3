"""Runs the real program in processes of its own, each test with a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Output:
    """What one command gave: its exit status, its two streams, and the body as JSON."""

    def __init__(self, status: int, out: bytes, err: bytes) -> None:
        self.status = status
        self.raw = out
        self.out = out.decode(errors="replace")
        self.err = err.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    def __repr__(self) -> str:
        return f"exit {self.status}\n--- out\n{self.out}\n--- err\n{self.err}"


class Program:
    """`reqcli` with its sessions under one directory and an environment that holds nothing else of the user's."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home / "no-home"),
            "REQCLI_HOME": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        }

    @property
    def sessions(self) -> Path:
        return self.home / "sessions"

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "reqcli", *args]

    def start(self, *args: str, **options: Any) -> subprocess.Popen[bytes]:
        """The running process, its streams piped unless said otherwise."""
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.command(*args), **{**streams, "env": self.environment, **options})

    def __call__(self, *args: str, stdin: bytes | None = None, env: dict[str, str] | None = None) -> Output:
        """Run to the end, in 60 seconds at most; without `stdin` the input is empty and no pipe."""
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            self.command(*args), capture_output=True, timeout=60, env={**self.environment, **(env or {})}, **given
        )
        return Output(done.returncode, done.stdout, done.stderr)
