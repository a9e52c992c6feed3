"""Programs run for what they print: real ones, well and badly behaved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.vault.child import LAST_WORDS, Done, run

HERE = {"PATH": os.environ["PATH"]}


def sh(script: str, patience: float = 30.0, limit: int = 1000, **environment: str) -> Done:
    return run(["sh", "-c", script], {**HERE, **environment}, patience, limit)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


def is_gone(pid: int) -> bool:
    ends = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < ends:
        time.sleep(0.01)
    return not is_alive(pid)


class EndsMeanwhile(subprocess.Popen[bytes]):
    """A program that ends while we are about to look whether it has ended, which takes a busy machine otherwise."""

    def poll(self) -> int | None:
        return self.wait(30)


def test_what_is_printed_just_before_the_end_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", EndsMeanwhile)
    assert sh("sleep 0.3; echo token").output == b"token\n"


def pid_in(path: Path) -> int:
    ends = time.monotonic() + 10
    while not (path.exists() and path.read_text().strip()) and time.monotonic() < ends:
        time.sleep(0.01)
    return int(path.read_text())


def test_what_it_prints_says_and_ends_with() -> None:
    done = sh("echo out; echo err >&2; exit 3")
    assert (done.status, done.output, done.complaint) == (3, b"out\n", b"err\n")
    assert sh("kill -TERM $$").status == -signal.SIGTERM


def test_it_has_the_environment_that_it_was_given_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_OURS", "x")
    assert sh('echo "$GIVEN-$SECRET_OF_OURS"', GIVEN="yes").output == b"yes-\n"


def test_its_program_is_looked_up_in_the_path_that_it_was_given(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho here\n")
    tool.chmod(0o755)
    assert run(["tool"], {"PATH": str(tmp_path)}, 30.0, 100).output == b"here\n"
    with pytest.raises(SecretUnavailable, match="cannot run the command 'tool'"):
        run(["tool"], HERE, 30.0, 100)


def test_arguments_go_to_it_as_they_are() -> None:
    done = run([sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME", "a b", "*"], HERE, 30.0, 100)
    assert done.output == b"['$HOME', 'a b', '*']\n"


def test_it_can_read_nothing_and_ask_nobody() -> None:
    assert sh("cat; echo read").output == b"read\n"
    assert sh("true </dev/tty && echo asked || echo nobody").output == b"nobody\n"


@pytest.mark.parametrize(
    ("program", "reason"),
    [("no-such-program", "No such file"), ("/", "Permission denied"), ("a\0b", "a NUL")],
    ids=["missing", "a directory", "NUL"],
)
def test_what_cannot_be_run_is_named_and_its_arguments_are_not(program: str, reason: str) -> None:
    with pytest.raises(SecretUnavailable, match=reason) as caught:
        run([program, "hunter2"], HERE, 30.0, 100)
    assert "hunter2" not in caught.value.message


def test_one_that_takes_too_long_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    with pytest.raises(Timeout, match=r"'sh' took longer than 0\.5 s") as caught:
        sh(f"sleep 300 & echo $! >{tmp_path}/child; echo $$ >{tmp_path}/self; trap '' TERM; wait; wait", 0.5)
    assert caught.value.phase == "secret"
    assert is_gone(int((tmp_path / "child").read_text()))
    assert is_gone(int((tmp_path / "self").read_text()))


def test_one_that_closes_its_output_and_goes_on_is_waited_for_and_killed_in_time(tmp_path: Path) -> None:
    assert sh("exec >&- 2>&-; sleep 0.2; exit 4").status == 4
    with pytest.raises(Timeout):
        sh(f"echo $$ >{tmp_path}/self; exec >&- 2>&-; sleep 300", 0.5)
    assert is_gone(int((tmp_path / "self").read_text()))


def test_a_daemon_that_holds_its_output_open_is_neither_waited_for_nor_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    assert sh(f"sleep 300 & echo $! >{tmp_path}/daemon; echo t0ken").output == b"t0ken\n"
    assert time.monotonic() - began < 20
    pid = int((tmp_path / "daemon").read_text())
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_one_that_prints_without_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="more than 1000 bytes"):
        sh(f"echo $$ >{tmp_path}/self; exec yes")
    assert is_gone(int((tmp_path / "self").read_text()))


def test_of_a_long_complaint_the_end_is_kept() -> None:
    done = sh("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo the end >&2")
    assert done.complaint.endswith(b"xthe end\n")
    assert len(done.complaint) == LAST_WORDS


def test_an_interrupt_ends_it_too(tmp_path: Path) -> None:
    pid_file = tmp_path / "self"

    def interrupt() -> None:
        pid_in(pid_file)
        signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        sh(f"echo $$ >{pid_file}; sleep 300")
    thread.join()
    assert is_gone(pid_in(pid_file))


def test_no_descriptor_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for script, patience in (("echo x", 30.0), ("exit 1", 30.0), ("sleep 60", 0.1), ("exec yes", 30.0)):
        try:
            sh(script, patience)
        except (SecretUnavailable, Timeout):
            pass
    assert len(os.listdir("/proc/self/fd")) == before
