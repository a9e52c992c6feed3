from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from reqcli.errors import SessionLocked
from reqcli.store.files import FileLock


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / ".work.lock")


def test_a_lock_excludes_others_until_it_is_let_go(path: str) -> None:
    with FileLock(path, 5, "work"), pytest.raises(SessionLocked, match=r"session work .* 0\.05 s") as caught:
        FileLock(path, 0.05, "work").__enter__()
    assert path in str(caught.value.hint)
    assert caught.value.retryable
    with FileLock(path, 0, "work"):
        pass


def test_who_waits_gets_the_lock_when_it_is_let_go(path: str) -> None:
    order = []

    def wait() -> None:
        with FileLock(path, 30, "work"):
            order.append("second")

    with FileLock(path, 5, "work"):
        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.1)
        order.append("first")
    waiter.join()
    assert order == ["first", "second"]


def test_a_fleeting_lock_leaves_no_file_and_any_other_leaves_it(path: str) -> None:
    with FileLock(path, 5, "work") as lock:
        lock.fleeting = True
    assert not os.path.exists(path)
    with FileLock(path, 5, "work"):
        pass
    assert os.path.exists(path)


def test_who_waited_on_a_file_that_was_taken_away_excludes_others_all_the_same(path: str) -> None:
    held, done = threading.Event(), threading.Event()

    def wait() -> None:
        with FileLock(path, 30, "work"):
            held.set()
            done.wait(30)

    with FileLock(path, 5, "work") as lock:
        waiter = threading.Thread(target=wait)
        waiter.start()
        time.sleep(0.1)
        lock.fleeting = True
    assert held.wait(30)
    try:
        with pytest.raises(SessionLocked):
            FileLock(path, 0.05, "work").__enter__()
    finally:
        done.set()
        waiter.join()


def test_a_lock_file_that_was_put_in_the_place_of_the_locked_one_is_the_lock(path: str) -> None:
    with FileLock(path, 5, "work"):
        os.unlink(path)
        with FileLock(path, 5, "work"), pytest.raises(SessionLocked):
            FileLock(path, 0.05, "work").__enter__()


def test_a_lock_is_let_go_when_the_work_fails(path: str) -> None:
    with pytest.raises(ZeroDivisionError), FileLock(path, 5, "work"):
        raise ZeroDivisionError
    with FileLock(path, 0, "work"):
        pass


def test_a_lock_dies_with_its_process(path: str) -> None:
    program = (
        "import sys, time; from reqcli.store.files import FileLock; "
        "FileLock(sys.argv[1], 5, 'x').__enter__(); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SessionLocked):
            FileLock(path, 0.05, "work").__enter__()
        holder.kill()
        holder.wait()
        with FileLock(path, 0, "work"):
            pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_that_inherited_the_descriptor_does_not_keep_the_lock(path: str) -> None:
    program = (
        "import os, sys, time; from reqcli.store.files import FileLock\n"
        "with FileLock(sys.argv[1], 5, 'x'):\n"
        "    child = os.fork()\n"
        "    if not child: time.sleep(60); os._exit(0)\n"
        "with FileLock(sys.argv[1], 0, 'x'): print('had it')\n"
        "os.kill(child, 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert done.stdout == "had it\n", done.stderr
