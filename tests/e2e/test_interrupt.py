"""Ctrl-C, whenever it comes: one line, and an end that the shell around the command understands."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

from reqcli.errors import Interrupted
from tests.e2e.terminal import Terminal
from tests.program import Program
from tests.sockets import NastyServer, Peer


@pytest.mark.parametrize(
    ("streams", "ends_by_signal"),
    [({}, True), ({"stdout": subprocess.DEVNULL}, True), ({"stderr": subprocess.DEVNULL}, True),
     ({"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}, False)],
    ids=["a terminal", "to a file", "without messages", "nobody looks"],
)  # fmt: skip
def test_a_loop_of_the_shell_ends_with_the_command(
    reqcli: Program, streams: dict[str, int], ends_by_signal: bool
) -> None:
    has_asked = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        has_asked.set()
        peer.hold()

    with NastyServer(script) as server, Terminal(reqcli, "get", server.url("/"), **streams) as terminal:
        assert has_asked.wait(30)
        terminal.type(b"\x03")
        assert terminal.end() == Interrupted.exit_status
    # A shell goes on with its loop unless the command died of the signal.
    assert terminal.process.returncode == (-signal.SIGINT if ends_by_signal else Interrupted.exit_status)
    assert ("interrupted [interrupted]" in terminal.screen) is ("stderr" not in streams)


EARLY = """
import sys
class Pressed:
    def find_spec(self, name, *_):
        if name == "reqcli.cli.world":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Pressed())
from reqcli.__main__ import main
main()
"""


def test_it_may_come_while_the_program_is_loaded(reqcli: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EARLY, "session", "list"], env=reqcli.environment, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (Interrupted.exit_status, b"")
    assert done.stderr == b"reqcli: error: interrupted [interrupted]\n"
