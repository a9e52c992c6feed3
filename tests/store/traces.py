"""The system calls of a real process that uses a store, as strace saw them, and faults that strace brings about."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def can_trace() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0


def command(directory: Path, task: str, log: Path, *options: str) -> list[str]:
    """The command line that traces a task of `tests.store.writer`."""
    writer = [sys.executable, "-m", "tests.store.writer", str(directory), task, "0"]
    return ["strace", "-y", "-o", str(log), *options, *writer]


def traced(directory: Path, task: str, log: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(directory, task, log, *options), cwd=ROOT, capture_output=True, text=True, check=False
    )


class Call:
    """One system call that names something in a directory.

    Attributes:
        name: of the call.
        files: what it names, relative to the directory; the directory itself is a dot.
        flags: of an `openat`.
        result: what it returned, -1 for an error.
    """

    def __init__(self, line: str, directory: Path) -> None:
        self.name, _, rest = line.partition("(")
        arguments, _, outcome = rest.rpartition(" = ")
        # A path stands in quotes, or after the number of a descriptor in brackets; AT_FDCWD has one of its own.
        paths = re.findall(r'[<"]([^<>"]*)[>"]', arguments.replace(f"AT_FDCWD<{ROOT}>", ""))
        self.files = [path.removeprefix(str(directory)).lstrip("/") or "." for path in paths if str(directory) in path]
        self.flags = (re.findall(r"O_[A-Z_|]+(?:, 0[0-9]+)?", arguments) or [""])[0]
        self.result = int((re.match(r"-?\d+", outcome) or ["0"])[0])


def calls(log: Path, directory: Path) -> list[Call]:
    """The calls that name something in the directory."""
    found = [Call(line, directory) for line in log.read_text().splitlines() if "(" in line]
    return [call for call in found if call.files]


def places(directory: Path, *names: str) -> list[str]:
    """The options by which strace looks at these files and the directory itself alone."""
    return [word for path in (directory, *(directory / name for name in names)) for word in ("-P", str(path))]
