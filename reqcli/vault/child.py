"""A program run for what it prints: without a shell, without input, for a limited time, and never left behind.

It gets a session and a process group of its own. So a limit that runs out ends whatever it started as well, and it
cannot ask on our terminal: that fails at once instead of waiting for an answer. When it exits while a daemon that it
started holds its output open, what is there by then counts. Its standard error is kept for the case that it fails.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from reqcli.errors import SecretUnavailable, Timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Final

LAST_WORDS: Final = 4096
"""Bytes of standard error that are kept, the last ones."""

GLANCE: Final = 0.05
"""Seconds between two looks at whether the program has ended without closing its output."""


class Done:
    """A program that has ended.

    Args:
        status: its exit status, or the signal that ended it as a negative number.
        output: what it printed.
        complaint: the end of what it printed on standard error.
    """

    __slots__ = ("complaint", "output", "status")

    def __init__(self, status: int, output: bytes, complaint: bytes) -> None:
        self.status: Final = status
        self.output: Final = output
        self.complaint: Final = complaint


def run(argv: Sequence[str], environment: Mapping[str, str], patience: float, limit: int) -> Done:
    """Run a program to its end.

    Args:
        argv: the program, looked up in the environment's PATH, and its arguments.
        environment: all of its environment variables.
        patience: seconds it may take.
        limit: bytes it may print.

    Raises:
        SecretUnavailable: it cannot be run, or prints too much; the message names it, and no argument.
        Timeout: it took too long.
    """
    if os.name != "posix":
        raise SecretUnavailable("commands that print a secret are not run on this system", hint="use --token-file")
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a NUL in it"
        raise SecretUnavailable(
            f"cannot run the command {argv[0]!a}: {reason}",
            hint="no shell takes part: name a program, or write sh -c '…'",
        ) from error
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout as output, process.stderr as complaint:
        try:
            return _listen(process, output, complaint, _Limits(argv[0], patience, limit))
        finally:
            if process.returncode is None:
                _end(process)


class _Limits:
    """What it may take and print, and the errors when it does more."""

    def __init__(self, program: str, patience: float, size: int) -> None:
        self._program: Final = program
        self._patience: Final = patience
        self._ends: Final = time.monotonic() + patience
        self._size: Final = size

    def left(self) -> float:
        """Seconds, more than 0."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise Timeout(
                f"the command {self._program!a} took longer than {self._patience:g} s and was killed", phase="secret"
            )
        return left

    def check_size(self, output: bytes) -> None:
        if len(output) > self._size:
            raise SecretUnavailable(f"the command {self._program!a} printed more than {self._size} bytes")


def _listen(process: subprocess.Popen[bytes], output: IO[bytes], complaint: IO[bytes], limits: _Limits) -> Done:
    """Collect what it prints until it ends."""
    heard = {output.fileno(): b"", complaint.fileno(): b""}
    with selectors.DefaultSelector() as selector:
        for fd in heard:
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            has_ended = process.poll() is not None  # asked first: what it prints at its end is there to be read then
            ready = selector.select(0 if has_ended else min(GLANCE, limits.left()))
            if has_ended and not ready:
                break
            for key, _ in ready:
                block = os.read(key.fd, 65536)
                if not block:
                    selector.unregister(key.fd)
                heard[key.fd] += block
            heard[complaint.fileno()] = heard[complaint.fileno()][-LAST_WORDS:]
            limits.check_size(heard[output.fileno()])
    while process.poll() is None:
        time.sleep(min(GLANCE / 10, limits.left()))
    return Done(process.returncode, heard[output.fileno()], heard[complaint.fileno()])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
