# What is measured: a large download to a file and to /dev/null, whole processes: time, CPU and peak memory. Against:
# curl, http.client with readinto, and the shortest loop there is, recv_into a buffer of 256 KiB.
"""A large download."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks.harness import Aim, Figures, Report, interleave, present
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import Launcher, found, reqcli_script, serving, surroundings

RECV_INTO = """
import socket, sys
host, port, size, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
buffer = bytearray(256 * 1024)
view = memoryview(buffer)
with socket.create_connection((host, port)) as connection, open(path, "wb", buffering=0) as file:
    connection.sendall(b"GET /bytes/%d HTTP/1.1\\r\\nHost: %b\\r\\n\\r\\n" % (size, host.encode()))
    got = connection.recv_into(buffer)
    head = buffer.index(b"\\r\\n\\r\\n") + 4
    got = file.write(view[head:got])
    while got < size:
        got += file.write(view[: connection.recv_into(buffer)])
"""

HTTP_CLIENT = """
import http.client, sys
host, port, size, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
connection = http.client.HTTPConnection(host, port)
connection.request("GET", f"/bytes/{size}")
response = connection.getresponse()
buffer = bytearray(256 * 1024)
view = memoryview(buffer)
with open(path, "wb", buffering=0) as file:
    while got := response.readinto(buffer):
        file.write(view[:got])
"""

LIBRARY = """
import sys
from reqcli import RequestSpec, Session, Url
host, port, size, path = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
with Session() as session, open(path, "wb", buffering=0) as file:
    result = session.stream(RequestSpec("GET", Url.parse(f"http://{host}:{port}/bytes/{size}")))
    result.raise_for_error()
    for block in result.response.iter_bytes():
        file.write(block)
"""

NOWHERE = "/dev/null"
AIMS = (Aim("reqcli", "curl", 0.75), Aim("reqcli", "reqcli, one byte", 1.5, "memory"))
"""The first is for the whole size: in a quick run the start of the process would be most of it."""


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for a file, one for /dev/null."""
    size, rounds = (100_000_000, 4) if quick else (500_000_000, 15)
    with serving(directory) as server, Launcher() as launcher:
        environment = surroundings(directory)
        script = [*server.url.rpartition("/")[2].split(":"), str(size)]
        get = [*reqcli_script(directory), "get", "--stateless", "-o"]
        url = f"{server.url}/bytes/{size}"

        def fetch(path: str, expected: int, words: Sequence[str]) -> Figures:
            figures = launcher.run(words, environment, gives=0)
            if path != NOWHERE:
                assert Path(path).stat().st_size == expected, f"{words} left a file of another size"
                Path(path).unlink()
            return figures

        def contest(title: str, path: str) -> Report:
            whole = partial(partial, fetch, path, size)
            contenders, missing = present(
                {
                    "curl": lambda: whole([found("curl"), "-sS", "-o", path, url]),
                    "recv_into, 256 KiB": lambda: whole([sys.executable, "-c", RECV_INTO, *script, path]),
                    "http.client, readinto": lambda: whole([sys.executable, "-c", HTTP_CLIENT, *script, path]),
                    "reqcli": lambda: whole([*get, path, url]),
                    "reqcli, as a library": lambda: whole([sys.executable, "-c", LIBRARY, *script, path]),
                    "reqcli, one byte": lambda: partial(fetch, path, 1, [*get, path, f"{server.url}/bytes/1"]),
                }
            )
            base = "curl" if "curl" in contenders else "recv_into, 256 KiB"
            return Report(
                title,
                f"{size // 1_000_000} MB of known length over http, whole processes from their start to their end.",
                interleave(contenders, base=base, rounds=rounds, before=Quiet(2 if quick else 60)),
                AIMS[1:] if quick or path == NOWHERE else AIMS,
                missing,
                columns=("time", "cpu", "memory"),
            )

        return [
            contest("Download to a file", str(directory / "downloaded")),
            contest("Download to /dev/null", NOWHERE),
        ]
