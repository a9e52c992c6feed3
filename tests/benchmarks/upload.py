# What is measured: a large upload from a file (length known) and from a pipe (sent in chunks), whole processes: time,
# CPU and peak memory. Against: curl, and http.client with the file as its body.
"""A large upload."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.harness import Aim, Measure, Report, Unavailable, interleave
from tests.benchmarks.processes import Launcher, found, reqcli_script, serving, surroundings

HTTP_CLIENT = """
import http.client, sys
host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
connection = http.client.HTTPConnection(host, port, blocksize=256 * 1024)
with open(path, "rb") as file:
    import os
    size = os.fstat(file.fileno()).st_size
    connection.request("PUT", "/sink", body=file, headers={"Content-Length": str(size)})
print(connection.getresponse().read().decode(), end="")
"""


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for a file, one for a pipe."""
    size, rounds = (50_000_000, 5) if quick else (200_000_000, 15)
    large, small = directory / "large", directory / "small"
    with open(large, "wb") as file:
        for _ in range(size // 1_000_000):
            file.write(os.urandom(1_000_000))
    small.write_bytes(b"x")
    with serving(directory) as server, Launcher() as launcher:
        host, _, port = server.url.rpartition("/")[2].partition(":")
        environment = surroundings(directory)
        url = f"{server.url}/sink"
        put = [*reqcli_script(directory), "put", "--stateless", url]
        quiet_curl = ["-sS", "-H", "Expect:"]

        def contest(
            title: str, text: str, ways: dict[str, tuple[Callable[[], list[str]], Sequence[str]]], aim: float
        ) -> Report:
            missing: list[str] = []
            contenders: dict[str, Measure] = {}
            for name, (words_of, source) in ways.items():
                try:
                    words = words_of()
                except Unavailable as error:
                    missing.append(str(error))
                else:
                    contenders[name] = lambda words=words, source=source: launcher.run(  # type: ignore[misc]
                        words, environment, source=source
                    )
            base = "curl" if "curl" in contenders else "reqcli"
            return Report(
                title,
                f"{size // 1_000_000} MB over http, {text}; whole processes from their start to their end.",
                interleave(contenders, base=base, rounds=rounds),
                (Aim("reqcli", "curl", aim), Aim("reqcli", "reqcli, one byte", 1.5, "memory")),
                missing,
                columns=("time", "cpu", "memory"),
            )

        def cat(path: Path) -> list[str]:
            return ["|", found("cat"), str(path)]

        return [
            contest(
                "Upload from a file",
                "its length known beforehand",
                {
                    "curl": (lambda: [found("curl"), *quiet_curl, "-T", str(large), url], ()),
                    "http.client": (lambda: [sys.executable, "-c", HTTP_CLIENT, host, port, str(large)], ()),
                    "reqcli": (lambda: [*put, f"@{large}"], ()),
                    "reqcli, one byte": (lambda: [*put, f"@{small}"], ()),
                },
                0.9,
            ),
            contest(
                "Upload from a pipe",
                "`cat` feeding it, sent in chunks",
                {
                    "curl": (lambda: [found("curl"), *quiet_curl, "-T", "-", url], cat(large)),
                    "reqcli": (lambda: [*put, "@-"], cat(large)),
                    "reqcli, one byte": (lambda: [*put, "@-"], cat(small)),
                },
                1.1,
            ),
        ]
