"""Every example in README.md, in `reqcli help` and in the help of commands is a command that was run: here.

Each block begins with an empty home; in that of a command's help there are a session `work` and some files. What an
example shows of the output must be in what it printed; `…` stands for anything. Names under .example are the embedded
server, and so is port 8000; redis://cache.example is a real server of its kind.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree

import certifi
import click
import pytest

from reqcli.cli.advice.suggestions import commands
from reqcli.cli.help.topics import TOPICS, topic
from reqcli.cli.tree import cli
from reqcli.demo.pages import PASSWORD, TOKEN
from reqcli.demo.server import DemoServer
from tests.generate import ROOT
from tests.program import Program
from tests.real import require, require_package

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


def command_blocks() -> list[tuple[str, list[Example]]]:
    """The examples that the help of each command ends with."""
    root = click.Context(cli, info_name="reqcli")
    known: list[tuple[str, click.Command]] = [("reqcli", cli), *commands(root)]
    lines = {path: inspect.cleandoc(command.epilog or "").splitlines() for path, command in known}
    return [(path, [(line[4:], []) for line in told if line.startswith("  $ ")]) for path, told in lines.items()]


BLOCKS = [*readme_blocks(), *topic_blocks()]

UNTIL_CTRL_C = ("reqcli demo --serve", "reqcli session watch")
"""Commands that go on until they are interrupted."""

FILES = {
    "data.json": '{"name": "alice"}',
    "photo.png": "no real picture",
    "urls.txt": "https://api.example/echo\nhttps://api.example/status/204\n",
    "cookies.txt": "127.0.0.1\tFALSE\t/\tFALSE\t0\ttheme\tdark\n",
    "copied.txt": "curl 'https://api.example/echo' -H 'X-Tenant: acme' -b 'a=1'",
    "ca.pem": Path(certifi.where()).read_text(),
}
"""What lies about where the examples of commands' help run."""

WORK = (
    "reqcli session create work --base-url https://api.example",
    "reqcli session set-header work X-Tenant:acme",
    "reqcli session set-auth work -a alice:wonderland",
    "reqcli session set work timeout 20s",
    "reqcli get /cookie/a/b --session work",
)


def place(text: str, server: DemoServer) -> str:
    """The text with the names of examples replaced by the server's."""
    text = text.replace("Host: localhost:8000", f"Host: {server.url.removeprefix('http://')}")
    return re.sub(r"https?://((?:127\.0\.0\.1|localhost):8000|[a-z]+\.example)", server.url, text)


def test_there_are_examples() -> None:
    assert sum(len(block) for _, block in BLOCKS) > 25


@pytest.mark.parametrize("name", ["README", *(name for name in TOPICS if name != "exit")])
def test_what_is_to_be_read_fits_a_page(name: str) -> None:
    text = (ROOT / "README.md").read_text() if name == "README" else topic(name)
    assert [line for line in text.splitlines() if len(line) > 120 and not line.startswith("| ")] == []


@pytest.mark.parametrize("block", [block for _, block in BLOCKS], ids=[name for name, _ in BLOCKS])
def test_the_examples_do_what_they_show(block: list[Example], reqcli: Program, tmp_path: Path) -> None:
    with DemoServer() as server:
        environment = surroundings(reqcli, tmp_path)
        for command, shown in block:
            run_example(command, shown, server, environment, tmp_path)


@pytest.fixture(scope="module")
def arranged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoServer, Path]]:
    """A server, and a home with the session `work` and the files that the examples of commands' help find."""
    home = tmp_path_factory.mktemp("arranged")
    program = Program(home)
    environment = surroundings(program, home)
    with DemoServer() as server:
        for name, text in FILES.items():
            (home / name).write_text(place(text, server))
        for command in WORK:
            run_example(command, [], server, environment, home)
        yield server, home


@pytest.mark.parametrize(("path", "block"), command_blocks(), ids=[path for path, _ in command_blocks()])
def test_the_help_of_each_command_ends_with_examples_that_work(
    path: str, block: list[Example], arranged: tuple[DemoServer, Path], tmp_path: Path
) -> None:
    assert 1 <= len(block) <= 4, f"reqcli/cli/help/examples.py has none for {path}, or too many"
    assert any(path in command for command, _ in block)
    assert max(len(command) for command, _ in block) <= 96, "too long for help, whose lines are not broken"
    server, home = arranged
    copytree(home, tmp_path, dirs_exist_ok=True)
    environment = surroundings(Program(tmp_path), tmp_path)
    with ExitStack() as stack:
        if any("redis://" in command for command, _ in block):
            require_package("redis")
            from tests.redis import RedisServer

            (tmp_path / "redis").mkdir()
            cache = stack.enter_context(RedisServer(tmp_path / "redis"))
            block = [(command.replace("redis://cache.example", cache.url), shown) for command, shown in block]
            if path.endswith("watch"):
                run_example(f"reqcli session copy work --to-store {cache.url} work", [], server, environment, tmp_path)
        for command, shown in block:
            run_example(command, shown, server, environment, tmp_path)


def surroundings(reqcli: Program, home: Path) -> dict[str, str]:
    """Put the commands and files there that the examples use, and give the environment that finds them."""
    commands = home / "commands"
    commands.mkdir(exist_ok=True)
    for name, line in {"reqcli": f'exec {sys.executable} -m reqcli "$@"', "op": f"echo {TOKEN}"}.items():
        (commands / name).write_text(f"#!/bin/sh\n{line}\n")
        (commands / name).chmod(0o755)
    (home / "token.txt").write_text(TOKEN)
    (home / "token.txt").chmod(0o600)
    return {**reqcli.environment, "PATH": f"{commands}:{os.environ['PATH']}", "API_TOKEN": TOKEN}


def run_example(command: str, shown: list[str], server: DemoServer, environment: dict[str, str], home: Path) -> None:
    """Run one command in bash and look for what is shown of its output."""
    if command.startswith("cat "):  # shows a file that the next command reads
        (home / command[4:]).write_text("".join(f"{place(line, server)}\n" for line in shown))
    placed = place(command, server)
    endless = command.startswith(UNTIL_CTRL_C)
    if endless:
        placed = f"timeout --preserve-status --signal=INT 2 {placed}"
    done = subprocess.run(
        [require("bash"), "-eu", "-c", placed],
        input=f"{PASSWORD}\n", capture_output=True, text=True, env=environment, cwd=home, timeout=60,
    )  # fmt: skip
    printed = done.stdout + done.stderr
    fails = any(line.startswith("reqcli: error:") for line in shown)
    assert (done.returncode == 130) if endless else ((done.returncode != 0) is fails), (command, done)
    for line in shown:
        pattern = ".*".join(map(re.escape, place(line, server).split("…")))
        assert re.search(pattern, printed), (command, line, printed)
