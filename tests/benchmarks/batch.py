# What is measured: 10,000 different URLs of an nginx, 1, 10 and 50 at a time, as whole processes that write a line for
# each answer: time, CPU and peak memory. Against: curl --parallel with a config file of URLs, without a line (1.00) and
# with one of JSON for each; threads over a bare socket and httptools, pycurl's multi, aiohttp; 10 at a time httpx and
# requests too. Under all of them ab, which asks for one URL only and makes nothing of the answers: what the server and
# the kernel take. And the peak memory of a batch of 1,000 and of 100,000 lines.
"""Many requests in one process."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.batch_clients import CLIENTS
from tests.benchmarks.harness import Aim, Figures, Measure, Report, Unavailable, interleave, present
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import HERE, Launcher, found, reqcli_script, surroundings
from tests.benchmarks.server import BODY

CONFIGURATION = """
worker_processes 1; daemon off; master_process off;
pid {directory}/pid; error_log {directory}/error;
events {{ worker_connections 256; }}
http {{
    access_log off; keepalive_requests 1000000;
    client_body_temp_path {directory}/a; proxy_temp_path {directory}/b; fastcgi_temp_path {directory}/c;
    uwsgi_temp_path {directory}/d; scgi_temp_path {directory}/e;
    server {{ listen 127.0.0.1:{port}; location / {{ default_type application/json; return 200 '{body}'; }} }}
}}
"""

BASE, TOLD = "curl --parallel", "curl --parallel, a line of JSON each"
FLOOR = "ab, one URL again and again, no line"
WHOLE, BRIEF = "reqcli batch", "reqcli batch, brief results"
OTHERS = ("pycurl, multi", "aiohttp")
SLOW = ("httpx, async", "httpx, threads", "requests, threads")
SHARE = 4
"""The slow ones take twenty to thirty times as long: they are given a fourth of the lines."""


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for each number of jobs, one for the memory."""
    lines, rounds = (400, 1) if quick else (10_000, 9)
    with nginx(directory) as url, Launcher() as launcher:
        written = partial(_written, directory, url)
        made = [
            _contest(launcher, directory, url, jobs, lines, rounds=rounds, quick=quick)
            for jobs in ((10,) if quick else (1, 10, 50))
        ]
        few, many = (200, 2_000) if quick else (1_000, 100_000)
        batch = [*reqcli_script(directory), "batch", "--stateless", "-j", "10", "--format", "brief"]
        environment = surroundings(directory)
        sizes = {
            f"{number} lines": partial(launcher.run, [*batch, str(written(number))], environment, target="/dev/null")
            for number in (few, many)
        }
        made.append(
            Report(
                "Memory of a batch",
                "The same requests, 10 at a time, and nothing but their number differs.",
                interleave(sizes, base=f"{few} lines", rounds=1 if quick else 3, spare=0),
                (Aim(f"{many} lines", f"{few} lines", 1.15, "memory"),),
                columns=("memory",),
            )
        )
    return made


def _contest(
    launcher: Launcher, directory: Path, url: str, jobs: int, lines: int, *, rounds: int, quick: bool
) -> Report:
    environment = surroundings(directory)
    urls, fewer = (_written(directory, url, number) for number in (lines, lines // SHARE))
    batch = [*reqcli_script(directory), "batch", "--stateless", "-j", str(jobs), str(urls)]

    def program(*words: str, share: int = 1) -> Measure:
        measure = partial(launcher.run, words, environment, target="/dev/null")
        measure()  # compiles what is to be compiled, and shows whether it runs at all
        return (lambda: _scaled(measure(), share)) if share > 1 else measure

    def curl(config: str) -> Measure:
        silent = ("-s", "--stderr", "/dev/null", "--parallel", "--parallel-max", str(jobs))
        return program(found("curl"), *silent, "-K", str(urls.with_suffix(config)))

    def client(name: str) -> Measure:
        if find_spec(name.partition(",")[0].rpartition(" ")[2]) is None:
            raise Unavailable("not installed")
        words = (sys.executable, str(HERE / "batch_clients.py"), name)
        if name in SLOW:
            return program(*words, str(fewer), str(jobs), share=SHARE)
        return program(*words, str(urls), str(jobs))

    contenders, missing = present(
        {
            BASE: lambda: curl(".curl"),
            TOLD: lambda: curl(".told"),
            WHOLE: lambda: program(*batch),
            BRIEF: lambda: program(*batch, "--format", "brief"),
            **{name: partial(client, name) for name in CLIENTS if jobs == 10 or name not in SLOW},
            FLOOR: lambda: program(found("ab"), "-q", "-k", "-n", str(lines), "-c", str(jobs), f"{url}/1"),
        }
    )
    aims = [Aim(WHOLE, BASE, 1 / 1.5), Aim(WHOLE, TOLD, 1 / 1.5, is_alike=True)] if jobs == 10 else []
    return Report(
        f"{lines} requests, {jobs} at a time",
        f"Different URLs of an nginx, answers of {len(BODY) - 1} bytes; whole processes, their start included. All but"
        f" `{BASE}` and `ab` write a line for each answer." + (TEXT_OF_SLOW if jobs == 10 else ""),
        interleave(contenders, base=BASE, rounds=rounds, before=Quiet(2 if quick else 30)),
        [*aims, *(Aim(WHOLE, other, 1.0, is_alike=True) for other in (*OTHERS, *SLOW))],
        missing,
        unit=(1e6 / lines, "µs a request"),
        columns=("time", "cpu", "memory"),
    )


TEXT_OF_SLOW = (
    f" httpx and requests are given a fourth of the lines, and {SHARE} times what they took stands here, their start"
    " included."
)


def _scaled(figures: Figures, share: int) -> Figures:
    """What all lines would take that takes so long for a share of them; memory does not grow with them."""
    return {name: figure if name == "memory" else figure * share for name, figure in figures.items()}


def _written(directory: Path, url: str, lines: int) -> Path:
    """A file of so many URLs, and two beside it for curl: to write nothing, and a line for each answer."""
    path = directory / f"{lines}.urls"
    if not path.exists():
        urls = [f"{url}/{number}" for number in range(lines)]
        path.write_text("".join(f"{one}\n" for one in urls))
        quiet = [f'url = "{one}"\noutput = "/dev/null"\n' for one in urls]
        path.with_suffix(".curl").write_text("".join(quiet))
        path.with_suffix(".told").write_text("".join(f'{one}write-out = "%{{json}}\\n"\n' for one in quiet))
    return path


@contextmanager
def nginx(directory: Path) -> Iterator[str]:
    """A running nginx, and its URL.

    Raises:
        Unavailable: there is none here.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    home = directory / "nginx"
    home.mkdir()
    configuration = CONFIGURATION.format(directory=home, port=port, body=BODY.decode().strip())
    (home / "conf").write_text(configuration)
    program = subprocess.Popen([found("nginx"), "-c", str(home / "conf"), "-e", str(home / "error")])
    try:
        for _ in range(200):
            with socket.socket() as caller:
                if caller.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        program.terminate()
        program.wait(10)
