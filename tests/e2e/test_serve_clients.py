"""The clients in `reqcli help batch`: they are run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from reqcli.cli.help.topics import topic
from tests.program import Program
from tests.real import require
from tests.server import DemoServer

BEGINNINGS = {"python": "import json", "bash": "coproc "}


def block(language: str) -> str:
    """The indented lines that begin as a client in this language does."""
    texts = map(dedent, re.findall(r"(?:^    .*\n|^\n)+", topic("batch"), re.MULTILINE))
    (found,) = [text.strip("\n") for text in texts if text.lstrip("\n").startswith(BEGINNINGS[language])]
    assert found.count("\n") <= 15
    return found


def run(reqcli: Program, tmp_path: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command that finds the program under its name."""
    program = tmp_path / "bin" / "reqcli"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reqcli "$@"\n')
    program.chmod(0o755)
    environment = {**reqcli.environment, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_the_client_in_python(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    urls = [f"{demo_server.url}/status/{status}" for status in (200, 404, 503)]
    done = run(reqcli, tmp_path, [sys.executable, "-c", block("python"), *urls, "nowhere://x"])
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.splitlines()) == ["0 200", "1 404", "2 503", "3 bad_url"]


def test_the_client_in_a_shell(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    bash = require("bash")
    require("jq")
    urls = [f"{demo_server.url}/status/{status}" for status in (200, 404)]
    done = run(reqcli, tmp_path, [bash, "-euo", "pipefail", "-c", block("bash"), "client", *urls, "nowhere://x"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{urls[0]} 200", f"{urls[1]} 404", "nowhere://x bad_url"]
    assert demo_server.connections == 1
