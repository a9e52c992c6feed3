"""How often `session` commands open a session's file: once to see which store has it, once for what it holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.program import Program
from tests.store.traces import can_trace

ORIGIN = ("--origin", "http://h")


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace here")
@pytest.mark.parametrize(
    ("words", "most"),
    [
        (("session", "show", "work"), 2),
        (("session", "set-header", "work", "X-A:2", *ORIGIN), 3),  # the third under the lock
    ],
    ids=["show", "set-header"],
)
def test_a_session_is_opened_no_oftener_than_it_has_to_be(
    reqcli: Program, tmp_path: Path, words: tuple[str, ...], most: int
) -> None:
    assert reqcli("session", "set-header", "work", "X-A:1", *ORIGIN).status == 0
    log = tmp_path / "log"
    traced = ["strace", "-qq", "-e", "trace=openat", "-o", str(log), *reqcli.command(*words)]
    subprocess.run(
        traced, check=True, timeout=60, env=reqcli.environment, stdin=subprocess.DEVNULL, capture_output=True
    )
    assert 1 <= log.read_text().count('work.json"') <= most
