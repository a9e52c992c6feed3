# What is measured: whole processes that have much to read: `session list` over one and over 1,000 sessions, a GET with
# an empty session and with one of 3,000 cookies (each GET changes one, so it is read, matched and written), TAB on a
# session's name among 1,000. Against: `python -c pass` (1.00), and the same command with little to read.
"""Many sessions, and a session with many cookies."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from reqcli.session.document import dump, load
from tests.benchmarks.harness import Aim, Measure, Report, interleave, present
from tests.benchmarks.machine import Quiet
from tests.benchmarks.processes import Launcher, reqcli_script, serving, surroundings
from tests.benchmarks.server import BODY

MANY = 1000
COOKIES = 3000
FULL = 120
"""Cookies of one domain; the server's own has so many, and the others of the 3,000 belong to 24 more domains."""

BASE = "python -c pass"
ONE, THOUSAND = "session list, one session", f"session list, {MANY:,} sessions"
EMPTY, LARGE = "get, an empty session", f"get, a session of {COOKIES:,} cookies"
TAB = f"TAB among {MANY:,} sessions"
AIMS = (
    Aim(THOUSAND, EMPTY, 1.5),
    Aim(THOUSAND, ONE, 1.5),
    Aim(THOUSAND, BASE, 3.0),
    Aim(LARGE, EMPTY, 1.5),
    Aim(TAB, BASE, 3.0),
)


def reports(directory: Path, *, quick: bool) -> list[Report]:
    """The one report."""
    with serving(directory) as server, Launcher() as launcher:
        reqcli = reqcli_script(directory)
        homes = {name: directory / name for name in ("one", "many", "large")}
        worlds = {name: surroundings(directory, REQCLI_HOME=str(home)) for name, home in homes.items()}
        get = [*reqcli, "get", f"{server.url}/cookie", "--session", "work"]

        def program(*words: str, home: str, gives: int | None = None, **more: str) -> Measure:
            measure = partial(launcher.run, words, {**worlds[home], **more}, gives=gives)
            measure()
            return measure

        for home in worlds:
            program(*get, home=home)
        _multiply(homes["many"] / "sessions" / "work.json", MANY)
        _fill(homes["large"] / "sessions" / "work.json", COOKIES)
        contenders, missing = present(
            {
                BASE: lambda: program(sys.executable, "-c", "pass", home="one", gives=0),
                ONE: lambda: program(*reqcli, "session", "list", home="one"),
                THOUSAND: lambda: program(*reqcli, "session", "list", home="many"),
                EMPTY: lambda: program(*get, home="one", gives=len(BODY)),
                LARGE: lambda: program(*get, home="large", gives=len(BODY)),
                TAB: lambda: program(
                    *reqcli, "reqcli get --session work-0", home="many", _REQCLI_COMPLETE="bash", COMP_POINT="27"
                ),
            }
        )
        measured = interleave(contenders, base=BASE, rounds=6 if quick else 31, before=Quiet(2 if quick else 30))
    text = f"`work` has one cookie that each request changes, or {COOKIES:,} with it; the rest are copies of `work`."
    return [Report("Many sessions, many cookies", text, measured, AIMS, missing, columns=("time", "cpu", "memory"))]


def _multiply(session: Path, number: int) -> None:
    """So many sessions, each with an id of its own."""
    text = session.read_text()
    for count in range(1, number):
        copy = session.with_name(f"work-{count:04}.json")
        copy.touch(0o600)
        copy.write_text(text.replace(json.loads(text)["id"], f"{count:032x}"))


def _fill(session: Path, number: int) -> None:
    """So many cookies in all: of the server itself, and of strangers."""
    state = load(session.read_bytes(), "work")
    cookies = [*state.cookies]
    for count in range(len(cookies), number):
        domain = cookies[0].domain if count < FULL else f"host{count // FULL}.example"
        cookies.append(cookies[0].replace(name=f"cookie-{count}", value="v" * 40, domain=domain))
    session.write_bytes(dump(state.replace(cookies=tuple(cookies))))
