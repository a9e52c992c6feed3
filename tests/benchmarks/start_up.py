# What is measured: one small GET as a whole process, its output to a pipe: without a session, with the default one,
# with one whose cookie changes each time, over https; time, CPU and peak memory. Against: `python -c pass` (1.00),
# a script that imports click, socket, json and httptools and makes one raw GET, HTTPie, curl, and xh.
"""One request, from the start of the process to its end."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from tests.benchmarks.harness import Aim, Ceiling, Measure, Report, Unavailable, interleave, present
from tests.benchmarks.machine import Quiet
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
CEILINGS = (Ceiling("reqcli", 16.0), Ceiling("reqcli, https", 22.0))


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """The one report."""
    (directory / "httpie").mkdir(exist_ok=True)
    (directory / "httpie" / "config.json").write_text('{"disable_update_warnings": true}')
    with serving(directory) as server, Launcher() as launcher:
        environment = surroundings(directory)
        url = f"{server.url}/small"
        get = [*reqcli_script(directory), "get"]

        def program(*words: str, gives: int = len(BODY)) -> Measure:
            measure = partial(launcher.run, words, environment, gives=gives)
            measure()  # compiles what is to be compiled, makes the files that only the first run makes
            return measure

        def over_tls() -> Measure:
            if not server.authority:
                raise Unavailable("trustme is not installed")
            return program(*get, f"{server.secure_url}/small", "--verify", server.authority)

        contenders, missing = present(
            {
                BASE: lambda: program(sys.executable, "-c", "pass", gives=0),
                "script with click and httptools": lambda: program(
                    sys.executable, "-c", SCRIPT, *server.url.rpartition("/")[2].split(":")
                ),
                "reqcli --stateless": lambda: program(*get, url, "--stateless"),
                "reqcli": lambda: program(*get, url),
                "reqcli, session with a changed cookie": lambda: program(
                    *get, f"{server.url}/cookie", "--session", "work"
                ),
                "reqcli, https": over_tls,
                "HTTPie": lambda: program(found("http"), "--ignore-stdin", "--body", url),
                "curl": lambda: program(found("curl"), "-sS", url),
                "xh": lambda: program(found("xh"), "--ignore-stdin", "--body", url),
            }
        )
        measured = interleave(contenders, base=BASE, rounds=10 if quick else 61, before=Quiet(2 if quick else 60))
    return [
        Report(
            "Start-up: one GET, a whole process",
            f"An answer of {len(BODY)} bytes to a pipe, from the start of the process to its end.",
            measured,
            AIMS,
            missing,
            CEILINGS,
            columns=("time", "cpu", "memory"),
        )
    ]
