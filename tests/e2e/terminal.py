"""A pseudo-terminal for the program: what a person would see, and a keyboard."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from select import select
from time import monotonic
from typing import Any, Self

from tests.program import Program

_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(next(stream for stream in range(3) if os.isatty(stream)), termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the one that Ctrl-C comes from, then becomes the program."""


class Terminal:
    """A running command whose streams are a terminal, but for those given as `subprocess` takes them.

    Attributes:
        process: the command.
        seen: everything that was put on the screen so far, escape sequences included.
    """

    def __init__(
        self, reqcli: Program, *args: str, columns: int = 100, env: dict[str, str] | None = None, **streams: Any
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        environment = {**reqcli.environment, "TERM": "xterm-256color", **(env or {})}
        given = {"stdin": slave, "stdout": slave, "stderr": slave, **streams}
        command = [sys.executable, "-c", _TAKE_TERMINAL, *reqcli.command(*args)]
        self.process = subprocess.Popen(command, env=environment, start_new_session=True, **given)
        os.close(slave)
        self.seen = b""

    def wait_for(self, *words: bytes, seconds: float = 30.0) -> bytes:
        """Read until all the words have been seen, or raise what was seen instead."""
        ends = monotonic() + seconds
        while not all(word in self.seen for word in words):
            if not self._read(ends - monotonic()):
                raise AssertionError(f"{words!r} never came: {self.seen!r}")
        return self.seen

    def type(self, data: bytes) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._master, data)

    def end(self, seconds: float = 30.0) -> int:
        """Read to the end; the exit status, as a shell tells it: 128 and the number of a signal."""
        ends = monotonic() + seconds
        while self._read(ends - monotonic()):
            pass
        status = self.process.wait(max(ends - monotonic(), 1.0))
        return status if status >= 0 else 128 - status

    @property
    def screen(self) -> str:
        """What was put on the screen so far, as text with plain line breaks."""
        return self.seen.decode(errors="replace").replace("\r\n", "\n")

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select([self._master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.seen += data
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._master)


def on_terminal(reqcli: Program, *args: str, columns: int = 100, env: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit status of a command without a keyboard, and what it put on its screen."""
    with Terminal(reqcli, *args, columns=columns, env=env, stdin=subprocess.DEVNULL) as terminal:
        return terminal.end(), terminal.screen
