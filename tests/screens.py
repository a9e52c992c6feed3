"""Records what README shows of a terminal: the real program at a pseudo-terminal, against the embedded server.

What differs from run to run is made alike: ports, dates, ages. Times and the bars that are drawn of them stay as they
were recorded; two recordings are the same when they differ in nothing but those.
"""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from reqcli.demo.server import DemoServer
from tests.e2e.terminal import on_terminal
from tests.program import Program

SCREENS: Final = (
    ("get", ":8000/cookie/theme/dark", "X-Tenant:acme", "--session", "work", "-v"),
    ("session", "show", "work"),
    ("get", ":8000/slow", "lines==3", "delay==0.02", "--session", "work", "-b", "-m"),
    ("get", ":8000/acount", "--session", "work", "-q"),
)
"""The commands, in one home."""

COLUMNS: Final = 80

_ALIKE: Final = (
    (r"\x1b\[[0-9;]*m", ""),
    (r"Date: .*", "Date: Sat, 21 Nov 2026 12:00:00 GMT"),
    (r"Accept-Encoding: .*", "Accept-Encoding: gzip, deflate"),
    (r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*", "2026-11-21 12:00:00"),
)
_TIMES: Final = r"[ █▏▎▍▌▋▊▉━╸]+\d+\.\d+ m?s$"


def record() -> str:
    """What the terminal showed, each command behind a `$`."""
    with TemporaryDirectory() as home, DemoServer() as server:
        reqcli = Program(Path(home))
        port = server.url.rpartition(":")[2]
        shown = []
        for command in SCREENS:
            words = [word.replace(":8000", f":{port}") for word in command]
            _, screen = on_terminal(reqcli, *words, columns=COLUMNS)
            screen = screen.replace(port, "8000").replace(home, "~/.local/share/reqcli")
            shown.append(f"$ {' '.join(['reqcli', *command])}\n{screen.rstrip()}\n")
    text = "\n".join(shown)
    for pattern, instead in _ALIKE:
        text = re.sub(pattern, instead, text)
    return text


def timeless(recorded: str) -> str:
    """A recording without its times, the bars that are drawn of them, and the step that is drawn only if it is long."""
    return re.sub(r"^before …\n", "", re.sub(_TIMES, " …", recorded, flags=re.MULTILINE), flags=re.MULTILINE)
