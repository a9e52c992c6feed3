"""Every example in README.md and in `reqcli help` is a command that was run: here, against the embedded server.

Each block begins with an empty home. What an example shows of the output must be in what it printed; `…` stands for
anything. Names under .example are the embedded server, and so is port 8000.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reqcli.cli.topics import TOPICS, topic
from reqcli.demo.pages import PASSWORD, TOKEN
from reqcli.demo.server import DemoServer
from tests.generate import ROOT
from tests.program import Program
from tests.real import require

Example = tuple[str, list[str]]
"""A command and the lines of output that are shown under it."""


def examples(lines: list[str]) -> list[Example]:
    """The commands among the lines, and what is shown under each; a command that ends with a backslash goes on."""
    found: list[Example] = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (f"{found[-1][0][:-1]} {line}", [])
        elif found and line:
            found[-1][1].append(line)
    return found


def readme_blocks() -> list[tuple[str, list[Example]]]:
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [(f"README {number}", examples(block.splitlines())) for number, block in enumerate(blocks)]


def topic_blocks() -> list[tuple[str, list[Example]]]:
    indented = {name: [line[4:] for line in topic(name).splitlines() if line.startswith("    $ ")] for name in TOPICS}
    return [(name, examples(lines)) for name, lines in indented.items() if lines]


BLOCKS = [*readme_blocks(), *topic_blocks()]


def place(text: str, server: DemoServer) -> str:
    """The text with the names of examples replaced by the server's."""
    text = text.replace("Host: localhost:8000", f"Host: {server.url.removeprefix('http://')}")
    return re.sub(r"https?://((?:127\.0\.0\.1|localhost):8000|[a-z]+\.example)", server.url, text)


def test_there_are_examples() -> None:
    assert sum(len(block) for _, block in BLOCKS) > 25


@pytest.mark.parametrize("block", [block for _, block in BLOCKS], ids=[name for name, _ in BLOCKS])
def test_the_examples_do_what_they_show(block: list[Example], reqcli: Program, tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, line in {"reqcli": f'exec {sys.executable} -m reqcli "$@"', "op": f"echo {TOKEN}"}.items():
        (commands / name).write_text(f"#!/bin/sh\n{line}\n")
        (commands / name).chmod(0o755)
    (tmp_path / "token.txt").write_text(TOKEN)
    (tmp_path / "token.txt").chmod(0o600)
    environment = {**reqcli.environment, "PATH": f"{commands}:{os.environ['PATH']}", "API_TOKEN": TOKEN}
    with DemoServer() as server:
        for command, shown in block:
            run_example(command, shown, server, environment, tmp_path)


def run_example(command: str, shown: list[str], server: DemoServer, environment: dict[str, str], home: Path) -> None:
    if command.startswith("cat "):  # shows a file that the next command reads
        (home / command[4:]).write_text("".join(f"{place(line, server)}\n" for line in shown))
    done = subprocess.run(
        [require("bash"), "-eu", "-c", place(command, server)],
        input=f"{PASSWORD}\n", capture_output=True, text=True, env=environment, cwd=home, timeout=60,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    fails = any(line.startswith("reqcli: error:") for line in shown)
    assert (done.returncode != 0) is fails, (command, done)
    for line in shown:
        pattern = ".*".join(map(re.escape, place(line, server).split("…")))
        assert re.search(pattern, printed), (command, line, printed)
