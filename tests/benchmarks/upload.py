# What is measured: a large upload from a file (length known) and from a pipe (sent in chunks), whole processes: time,
# CPU and peak memory. Against: curl, and http.client with the file as its body.
"""A large upload."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.harness import Aim, Measure, Report, interleave, present
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import Launcher, found, reqcli_script, serving, surroundings

HTTP_CLIENT = """
import http.client, os, sys
host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
connection = http.client.HTTPConnection(host, port, blocksize=256 * 1024)
with open(path, "rb") as file:
    size = os.fstat(file.fileno()).st_size
    connection.request("PUT", "/sink", body=file, headers={"Content-Length": str(size)})
print(connection.getresponse().read().decode(), end="")
"""


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for a file, one for a pipe."""
    size, rounds = (50_000_000, 5) if quick else (200_000_000, 15)
    large, small = str(directory / "large"), str(directory / "small")
    Path(small).write_bytes(b"x")
    with open(large, "wb") as file:
        for _ in range(size // 1_000_000):
            file.write(os.urandom(1_000_000))
    with serving(directory) as server, Launcher() as launcher:
        # Where the scheduler puts the two decides, by a factor of three: see `sequential`.
        server.child.stay_on({min(os.sched_getaffinity(0))})
        launcher.stay_on({max(os.sched_getaffinity(0))})
        environment = surroundings(directory)
        host, _, port = server.url.rpartition("/")[2].partition(":")
        url = f"{server.url}/sink"
        put = [*reqcli_script(directory), "put", "--stateless", url]

        def send(words: Sequence[str], source: Sequence[str] = ()) -> Measure:
            return partial(launcher.run, words, environment, source=source)

        def piped(path: str, words: Sequence[str]) -> Measure:
            return send(words, ["|", found("cat"), path])

        def curl(path: str) -> list[str]:
            return [found("curl"), "-sS", "-H", "Expect:", "-T", path, url]

        def contest(title: str, text: str, entries: Mapping[str, Callable[[], Measure]], aim: float) -> Report:
            contenders, missing = present(entries)
            return Report(
                title,
                f"{size // 1_000_000} MB over http, {text}; whole processes from their start to their end.",
                interleave(
                    contenders,
                    base="curl" if "curl" in contenders else "reqcli",
                    rounds=rounds,
                    before=Quiet(2 if quick else 60),
                ),
                (
                    *((Aim("reqcli", "curl", aim),) if not quick else ()),
                    Aim("reqcli", "reqcli, one byte", 1.5, "memory"),
                ),
                missing,
                columns=("time", "cpu", "memory"),
            )

        from_file = {
            "curl": lambda: send(curl(large)),
            "http.client": lambda: send([sys.executable, "-c", HTTP_CLIENT, host, port, large]),
            "reqcli": lambda: send([*put, f"@{large}"]),
            "reqcli, one byte": lambda: send([*put, f"@{small}"]),
        }
        from_pipe = {
            "curl": lambda: piped(large, curl("-")),
            "reqcli": lambda: piped(large, [*put, "@-"]),
            "reqcli, one byte": lambda: piped(small, [*put, "@-"]),
        }
        return [
            contest("Upload from a file", "its length known beforehand", from_file, 0.9),
            contest("Upload from a pipe", "`cat` feeding it, sent in chunks", from_pipe, 1.1),
        ]
