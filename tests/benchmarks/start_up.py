# What is measured: one small GET as a whole process, its output to a pipe: without a session, with the default one,
# with one whose cookie changes each time, over https; time, CPU and peak memory. Against: `python -c pass` (1.00),
# a script that imports click, socket, json and httptools and makes one raw GET, HTTPie, curl, and xh.
"""One request, from the start of the process to its end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.harness import Aim, Measure, Report, Unavailable, interleave
from tests.benchmarks.processes import Launcher, found, reqcli_script, serving, surroundings
from tests.benchmarks.server import BODY

SCRIPT = """
import click, socket, json, httptools, sys
class Answer:
    done = False
    body = b""
    def on_body(self, data): self.body += data
    def on_message_complete(self): self.done = True
answer = Answer()
parser = httptools.HttpResponseParser(answer)
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as connection:
    connection.sendall(b"GET /small HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n")
    while not answer.done:
        parser.feed_data(connection.recv(65536))
sys.stdout.buffer.write(answer.body)
"""

BASE = "python -c pass"
AIMS = (
    Aim("reqcli", BASE, 5.0),
    Aim("reqcli", "script with click and httptools", 1.15),
    Aim("reqcli, session with a changed cookie", "reqcli --stateless", 1.1),
    Aim("reqcli", "HTTPie", 1 / 4.5),
    Aim("reqcli, https", "reqcli", 1.35),
    Aim("reqcli", "HTTPie", 1.0, "memory"),
)


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """The one report."""
    (directory / "httpie").mkdir(exist_ok=True)
    (directory / "httpie" / "config.json").write_text('{"disable_update_warnings": true}')
    with serving(directory) as server, Launcher() as launcher:
        environment = surroundings(directory)
        host, _, port = server.url.rpartition("/")[2].partition(":")
        get, url = [*reqcli_script(directory), "get"], f"{server.url}/small"
        secure = [f"{server.secure_url}/small", "--verify", server.authority]
        ways: dict[str, Callable[[], list[str]]] = {
            BASE: lambda: [sys.executable, "-c", "pass"],
            "script with click and httptools": lambda: [sys.executable, "-c", SCRIPT, host, port],
            "reqcli --stateless": lambda: [*get, url, "--stateless"],
            "reqcli": lambda: [*get, url],
            "reqcli, session with a changed cookie": lambda: [*get, f"{server.url}/cookie", "--session", "work"],
            "reqcli, https": lambda: [*get, *secure] if server.authority else _without_tls(),
            "HTTPie": lambda: [found("http"), "--ignore-stdin", "--body", url],
            "curl": lambda: [found("curl"), "-sS", url],
            "xh": lambda: [found("xh"), "--ignore-stdin", "--body", url],
        }
        missing: list[str] = []
        contenders: dict[str, Measure] = {}
        for name, words_of in ways.items():
            try:
                words = words_of()
            except Unavailable as error:
                missing.append(str(error))
            else:
                gives = 0 if name == BASE else len(BODY)
                contenders[name] = lambda words=words, gives=gives: launcher.run(  # type: ignore[misc]
                    words, environment, gives=gives
                )
                contenders[name]()  # compiles what is to be compiled, makes the files that only the first run makes
        measured = interleave(contenders, base=BASE, rounds=10 if quick else 61)
    return [
        Report(
            "Start-up: one GET, a whole process",
            f"An answer of {len(BODY)} bytes to a pipe, from the start of the process to its end.",
            measured,
            AIMS,
            missing,
            columns=("time", "cpu", "memory"),
        )
    ]


def _without_tls() -> list[str]:
    raise Unavailable("https: trustme is not installed")
