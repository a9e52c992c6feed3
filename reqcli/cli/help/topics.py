"""The topics of `reqcli help`: one text each in `texts/`, which the manual pages are made from as well.

A text's first line is its summary. Paragraphs are parted by empty lines; indented lines are kept as they are, and those
that begin with `$ ` are commands that a test runs, against `reqcli demo --serve --port 8000`.
"""

from __future__ import annotations

import os
from typing import Final

from reqcli.errors import all_errors

TOPICS: Final = (
    "items", "output", "download", "network", "sessions", "captures", "secrets", "batch", "contexts", "programs",
    "stores", "environment", "file", "exit",
)  # fmt: skip
"""In the order in which a newcomer would read them."""

SIGNALS: Final = (
    "On a terminal Ctrl-C ends the program by that signal itself, which a shell shows as 130 too: a loop of the",
    "shell ends with it. `batch` and `serve` that SIGTERM ended leave with 143.",
)
"""What stands below the exit statuses, lines."""


def topic(name: str) -> str:
    """The text of a topic."""
    if name == "exit":
        return _exit_statuses()
    with open(os.path.join(os.path.dirname(__file__), "texts", f"{name}.txt"), encoding="utf-8") as file:
        return file.read()


def summary(name: str) -> str:
    """The first line of a topic."""
    return topic(name).partition("\n")[0]


def _exit_statuses() -> str:
    width = max(len(error.code) for error in all_errors())
    rows = [(0, "(ok)", "everything went well"), *((e.exit_status, e.code, e.sentence) for e in all_errors())]
    lines = [f"    {status:>3}  {code:<{width}}  {sentence}" for status, code, sentence in rows]
    return "\n".join(
        ["What the exit status and the code of a failure mean", "",
         "A failure is one line on stderr that ends with its code, in brackets. The code is what to rely on; the exit",
         "status is a view of it, curl's number where curl has one. A status of 400 or more is a failure, its body",
         "still printed, and so is a redirect that is not followed; --no-check-status lets both count as success, and",
         "--expect 2xx,404 says what alone does. `reqcli errors` tells the phase and the way out of each as well.", "",
         *lines, "", *SIGNALS, ""]
    )  # fmt: skip
