"""Servers of other makers, started for a test and stopped behind it."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running(command: Sequence[str], ports: Sequence[int], directory: Path) -> Iterator[None]:
    """The program, from the moment it listens on all of its ports; everything that it writes stays in the directory.

    Args:
        command: must stay in the foreground.
        ports: of 127.0.0.1.
        directory: its home, and where its output goes, which is shown if it does not start.
    """
    log = directory / "output"
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=directory, env=environment
        )
    try:
        deadline = time.monotonic() + 30
        while not all(map(_listens, ports)):
            if time.monotonic() > deadline or process.poll() is not None:
                pytest.fail(f"{command[0]} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
