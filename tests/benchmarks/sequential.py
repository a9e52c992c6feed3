# What is measured: small GETs one after the other on one kept-alive connection, over http and over https, with a
# session in use (three cookies, two headers, a bearer token) and without. Against: a loop over a bare socket (1.00),
# http.client, pycurl, aiohttp, urllib3, httpx, niquests and requests, most of them bare and in use, each in a process
# of its own.
"""Requests one after the other on one connection.

The server keeps to one processor and the clients to another: where the scheduler puts two processes that wait for each
other decides how long a round trip takes, by a factor of three, and it puts them elsewhere every other moment.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.benchmarks.clients import CLIENTS
from tests.benchmarks.harness import Aim, Figures, Measure, Report, Unavailable, interleave, present
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import HERE, Child, serving, surroundings
from tests.benchmarks.server import BODY

BASE = "raw socket"
IN_USE, BARE = "reqcli, session in use", "reqcli, bare session"
AIMS = (
    Aim(IN_USE, BASE, 2.0),
    Aim(IN_USE, "pycurl", 1.0),
    Aim(IN_USE, "http.client", 1 / 1.5),
    Aim(IN_USE, "raw socket, the same request", 2.0, is_alike=True),
    Aim(IN_USE, "pycurl, in use", 1.0, is_alike=True),
    Aim(IN_USE, "pycurl, in use, its own cookies", 1.0, is_alike=True),
    Aim(BARE, "pycurl", 1.0, is_alike=True),
    Aim(IN_USE, "http.client, in use", 1 / 1.5, is_alike=True),
    Aim(BARE, "http.client", 1 / 1.5, is_alike=True),
    *(
        Aim(IN_USE, other, 1 / 1.5, is_alike=True)
        for other in ("aiohttp, in use", "urllib3, in use", "httpx, client in use", "requests, session in use")
    ),
)
"""The first three are harder than what was asked for: they set a session in use beside clients that carry nothing."""


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """One report for http, one for https."""
    with serving(directory) as server:
        server.child.stay_on({min(os.sched_getaffinity(0))})
        made = [_report("http", server.url, "", directory, quick=quick)]
        if server.authority:
            made.append(_report("https", server.secure_url, server.authority, directory, quick=quick))
    return made


def _report(scheme: str, url: str, authority: str, directory: Path, *, quick: bool) -> Report:
    turn, rounds = (0.02, 9) if quick else (0.1, 41)
    with ExitStack() as stack:

        def client(name: str) -> Measure:
            words = [sys.executable, str(HERE / "clients.py"), name, url, authority]
            child = stack.enter_context(Child(*words, environment=surroundings(directory)))
            said = child.hear()
            if said != "ready":
                raise Unavailable(said)
            child.stay_on({max(os.sched_getaffinity(0))})
            return _turns(child, turn)

        contenders, missing = present({name: partial(client, name) for name in CLIENTS})
        measured = interleave(contenders, base=BASE, rounds=rounds, before=Quiet(2 if quick else 60))
    return Report(
        f"Small GETs on one connection, {scheme}",
        f"Each round, every client makes requests one after the other for about {turn * 1000:g} ms, for an answer of"
        f" 12 fields and {len(BODY)} bytes, checking status and body. «In use»: three cookies, two headers and a bearer"
        " token go along, and User-Agent, Accept and Accept-Encoding. «Like for like» are the aims between two in use"
        " or two bare ones; the others set our session in use beside a client that carries nothing.",
        measured,
        AIMS,
        missing,
        unit=(1e6, "µs a request"),
        columns=("time", "cpu"),
    )


def _turns(child: Child, turn: float) -> Measure:
    """What lets the client make as many requests as fit into so many seconds, and gives the figures for one request."""

    def requests(number: int) -> Figures:
        seconds, cpu = child.ask(str(number)).split()
        return {"time": float(seconds) / number, "cpu": float(cpu) / number}

    number = max(10, round(turn / requests(100)["time"]))
    return lambda: requests(number)
