# What is measured: small GETs one after the other on one kept-alive connection, over http and over https, with a
# session in use (three cookies, two headers, a bearer token) and without. Against: a loop over a bare socket (1.00),
# http.client, pycurl, aiohttp, urllib3, httpx, niquests and requests, each in a process of its own.
"""Requests one after the other on one connection."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.clients import CLIENTS
from tests.benchmarks.harness import Aim, Figures, Measure, Report, interleave
from tests.benchmarks.processes import HERE, Child, Loopback, serving, surroundings

BASE = "raw socket"
AIMS = (
    Aim("reqcli, session in use", BASE, 2.0),
    Aim("reqcli, session in use", "pycurl", 1.0),
    Aim("reqcli, session in use", "http.client", 1.0),
)


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for http, one for https."""
    with serving(directory) as server:
        made = [_report("http", server, server.url, "", directory, quick=quick)]
        if server.authority:
            made.append(_report("https", server, server.secure_url, server.authority, directory, quick=quick))
    return made


def _report(scheme: str, server: Loopback, url: str, authority: str, directory: Path, *, quick: bool) -> Report:
    each, rounds = (150, 7) if quick else (500, 31)
    missing: list[str] = []
    contenders: dict[str, Measure] = {}
    with ExitStack() as stack:
        for name in CLIENTS:
            words = [sys.executable, str(HERE / "clients.py"), name, url, authority]
            child = stack.enter_context(Child(*words, environment=surroundings(directory)))
            said = child.hear()
            if said == "ready":
                contenders[name] = lambda child=child: _measured(child, each)  # type: ignore[misc]
            else:
                missing.append(f"{name}: {said.removeprefix('unavailable: ')}")
        measured = interleave(contenders, base=BASE, rounds=rounds)
    return Report(
        f"Small GETs on one connection, {scheme}",
        f"Each round, every client makes {each} requests one after the other for an answer of 12 fields and 108 bytes;"
        " each checks status and body. «In use»: three cookies, two headers and a bearer token go along.",
        measured,
        AIMS,
        missing,
        unit=(1e6 / each, "µs a request"),
        columns=("time", "cpu"),
    )


def _measured(child: Child, number: int) -> Figures:
    seconds, cpu = child.ask(str(number)).split()
    return {"time": float(seconds), "cpu": float(cpu)}
