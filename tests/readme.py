"""The parts of README that are made of something else: recorded screens, and the table of the twenty tasks."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from tests.generate import ROOT
from tests.screens import record, timeless

README: Final = ROOT / "README.md"
TASKS: Final = ROOT / "tests" / "e2e" / "twenty_tasks.toml"
COLUMNS: Final = {"httpie": "HTTPie", "xh": "xh", "curl": "curl", "reqcli": "reqcli"}


def part(name: str, text: str) -> str:
    """What stands between the two comments of this name."""
    return _found(name, text)[2].strip("\n")


def with_part(name: str, text: str, content: str) -> str:
    """The text with another content between the two comments of this name."""
    found = _found(name, text)
    return f"{text[: found.start()]}{found[1]}\n{content}\n{found[3]}{text[found.end() :]}"


def _found(name: str, text: str) -> re.Match[str]:
    found = re.search(rf"(<!-- {name}:[^>]*-->\n)(.*?)(<!-- /{name} -->)", text, re.DOTALL)
    assert found is not None, f"README has no comments that say where the {name} are"
    return found


def tasks_table() -> str:
    """The table of the tasks, from its source."""
    lines = [f"| | task | {' | '.join(COLUMNS.values())} |", "|---" * (2 + len(COLUMNS)) + "|"]
    for number, task in enumerate(tomllib.loads(TASKS.read_text())["task"], 1):
        cells = [_cell(task[who]) + (" (¹)" if who in task.get("leaks", ()) else "") for who in COLUMNS]
        lines.append(f"| {number} | {task['task']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(command: str) -> str:
    escaped = command.replace("|", "\\|")
    return escaped if command.startswith("—") else "<br>".join(f"`{step}`" for step in escaped.split(" && "))


def screens() -> str:
    """The screens, recorded now, as README shows them."""
    return f"```text\n{record()}```"


def up_to_date(text: str) -> str:
    """README with these parts as they are now; a recording that differs in times alone stays."""
    recorded = screens()
    if timeless(recorded) != timeless(part("screens", text)):
        text = with_part("screens", text, recorded)
    return with_part("tasks", text, tasks_table())
