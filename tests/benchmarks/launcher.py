"""Starts programs from a process that is itself as small as can be, and says what each of them used.

The kernel counts what a process occupied before its `exec`, too, so the peak memory of a program that is started from
a large process is that of the large process. This one is run with -I -S and imports next to nothing; it is the
floor below which no peak is seen.

Each line of standard input is a command, a Python tuple: the words to run; the environment, all of it; standard input
(nothing: empty; a file; or `|` and the words of a program that feeds a pipe); the file for standard output (None: a
pipe that is read until it ends). The answer is one line: seconds, seconds of CPU, peak in KiB, exit status, bytes on
standard output.
"""

from __future__ import annotations

import os
import sys
from time import perf_counter

PIPE_READ = 1 << 16


def run(words: list[str], environment: dict[str, str], source: list[str], target: str | None) -> str:
    """Start, wait, and give the line that tells how it was."""
    actions: list[tuple[int | str, ...]] = []
    feeder = None
    read_out, write_out = os.pipe()
    started = perf_counter()
    if source and source[0] == "|":
        read_in, write_in = os.pipe()
        feeder = os.posix_spawn(source[1], source[1:], environment, file_actions=[(os.POSIX_SPAWN_DUP2, write_in, 1)])
        os.close(write_in)
        actions.append((os.POSIX_SPAWN_DUP2, read_in, 0))
    else:
        actions.append((os.POSIX_SPAWN_OPEN, 0, source[0] if source else "/dev/null", os.O_RDONLY, 0))
    if target:
        actions.append((os.POSIX_SPAWN_OPEN, 1, target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    else:
        actions.append((os.POSIX_SPAWN_DUP2, write_out, 1))
    child = os.posix_spawn(words[0], words, environment, file_actions=actions)
    os.close(write_out)
    if feeder is not None:
        os.close(read_in)
    size = 0
    while data := os.read(read_out, PIPE_READ):
        size += len(data)
    _, status, usage = os.wait4(child, 0)
    seconds = perf_counter() - started
    os.close(read_out)
    if feeder is not None:
        os.wait4(feeder, 0)
    code = os.waitstatus_to_exitcode(status)
    return f"{seconds} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss} {code} {size}"


def main() -> None:
    """Answer commands until there are no more."""
    for line in sys.stdin:
        print(run(*eval(line, {})), flush=True)


if __name__ == "__main__":
    main()
