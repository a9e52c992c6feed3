"""What the file store asks of the system, in which order, and what becomes of it when a step fails: seen by strace."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reqcli.store.files import FileStore
from tests.store.writer import NAME, header, new_id

ROOT = Path(__file__).parent.parent.parent


def can_trace() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is missing or not permitted")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def store(directory: Path) -> FileStore:
    store = FileStore(str(directory), new_id, lock_patience=5)
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    return store


def traced(directory: Path, task: str, log: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            "strace",
            "-y",
            "-o",
            str(log),
            *options,
            sys.executable,
            "-m",
            "tests.store.writer",
            str(directory),
            task,
            "0",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def steps(log: Path, directory: Path) -> list[str]:
    """The calls that name something in the directory, as `call what`, open ones as `open what FLAGS`."""
    found = []
    for line in log.read_text().splitlines():
        call, _, rest = line.partition("(")
        # A path stands in quotes, or after the number of a descriptor in brackets; AT_FDCWD has one of its own.
        paths = re.findall(r'[<"]([^<>"]*)[>"]', rest.replace(f"AT_FDCWD<{ROOT}>", ""))
        names = [path.removeprefix(str(directory)).lstrip("/") or "." for path in paths if str(directory) in path]
        if call == "openat" and names:
            found.append(f"open {names[0]} {re.findall(r'O_[A-Z_|]+(?:, 0[0-9]+)?', rest)[0]}")
        elif call.startswith("rename"):
            found.append(f"rename {names[0]} {names[1]}")
        elif names:
            found.append(f"{call} {names[0]}")
    return found


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(store: FileStore, directory: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = traced(
        directory, "once", log, "-e", "trace=openat,flock,write,fsync,fdatasync,rename,renameat,renameat2,unlink"
    )
    assert done.returncode == 0, done.stderr
    seen = [step for step in steps(log, directory) if not step.startswith("open work.json O_RDONLY")]
    assert seen == [
        "open .work.lock O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600",
        "flock .work.lock",
        "open .work.tmp O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0600",
        "write .work.tmp",
        "fsync .work.tmp",
        "rename .work.tmp work.json",
        "open . O_RDONLY|O_CLOEXEC",
        "fsync .",
        "flock .work.lock",
    ]


def test_a_deletion_is_on_the_disk_before_others_may_begin_anew(
    store: FileStore, directory: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    done = traced(directory, "delete", log, "-e", "trace=flock,fsync,unlink")
    assert done.returncode == 0, done.stderr
    assert [step for step in steps(log, directory) if step != "unlink .work.tmp"] == [
        "flock .work.lock",
        "unlink work.json",
        "fsync .",
        "unlink .work.lock",
        "flock .work.lock",
    ]


def test_a_new_directory_is_made_to_outlive_a_crash_before_it_is_used(tmp_path: Path) -> None:
    log, directory = tmp_path / "log", tmp_path / "one" / "two"
    traced(directory, "once", log, "-e", "trace=mkdir,fsync")
    calls = [line.partition("(") for line in log.read_text().splitlines() if "mkdir" in line or "fsync" in line]
    seen = [(call, re.findall(r'[<"]([^<>"]*)[>"]', rest)[0]) for call, _, rest in calls]
    assert seen[:4] == [
        ("mkdir", str(directory.parent)),
        ("fsync", str(tmp_path)),
        ("mkdir", str(directory)),
        ("fsync", str(directory.parent)),
    ]


def test_a_read_takes_no_lock_and_five_calls(store: FileStore, directory: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    traced(directory, "two_reads", log, "-e", "trace=%file,%desc")
    between = log.read_text().split("MARK")[1].splitlines()[1:-1]
    assert [line.partition("(")[0] for line in between if "mmap" not in line] == [
        "newfstatat",
        "openat",
        "newfstatat",
        "read",
        "close",
    ]


def delayed(directory: Path, task: str, log: Path, *options: str) -> subprocess.Popen[bytes]:
    """A writer that is halfway through a step: the options made strace hold it up for a second there."""
    process = subprocess.Popen(
        [
            "strace",
            "-y",
            "-o",
            str(log),
            *options,
            sys.executable,
            "-m",
            "tests.store.writer",
            str(directory),
            task,
            "0",
        ],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    while not log.exists() or str(directory) not in log.read_text():
        time.sleep(0.01)
    return process


def test_a_lock_on_a_file_that_was_taken_away_meanwhile_is_not_enough(
    store: FileStore, directory: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    held_up = ("-P", f"{directory}/.work.lock", "-e", "trace=openat,flock", "-e", "inject=flock:delay_enter=1s:when=1")
    with delayed(directory, "once", log, *held_up) as process:
        assert store.delete(NAME) is True
    assert process.returncode == 0
    assert [step.partition(" O_")[0] for step in steps(log, directory)].count("open .work.lock") == 2
    assert (directory / ".work.lock").exists()


def test_a_file_that_is_replaced_while_it_is_read_is_read_as_it_was(
    store: FileStore, directory: Path, tmp_path: Path
) -> None:
    """Its link count is 0 by then: it is nobody's hard link all the same."""
    log = tmp_path / "log"
    calls = "newfstatat,fstat"
    held_up = (
        "-P",
        f"{directory}/work.json",
        "-e",
        f"trace=openat,{calls}",
        "-e",
        f"inject={calls}:delay_enter=1s:when=1",
    )
    with delayed(directory, "two_reads", log, *held_up) as process:
        store.commit(NAME, None, [header("X-B", "2")], 6.0)
    assert "(DELAYED)" in log.read_text()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("inject", "is_stored"),
    [
        ("write:signal=KILL:when=1", False),
        ("fsync:signal=KILL:when=1", False),
        ("rename:signal=KILL:when=1", False),
        ("fsync:signal=KILL:when=2", True),
        ("flock:signal=KILL:when=1", False),
        ("flock:signal=KILL:when=2", True),
    ],
)
def test_a_writer_killed_at_any_step_leaves_the_old_session_or_the_new_one(
    store: FileStore, directory: Path, tmp_path: Path, inject: str, is_stored: bool
) -> None:
    """The signal comes when the call begins, so a killed rename has not happened."""
    paths = ("-P", f"{directory}/.work.tmp", "-P", f"{directory}/.work.lock", "-P", str(directory))
    done = traced(directory, "once", tmp_path / "log", *paths, "-e", f"inject={inject}")
    assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    state = store.read(NAME)
    assert state is not None
    assert set(state.headers) == {("*", "x-a"), ("*", "x-once")} if is_stored else {("*", "x-a")}
    assert store.commit(NAME, state.id, [header("X-B", "2")], 6.0).rev == state.rev + 1
    assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"]


@pytest.mark.parametrize(
    ("inject", "says"),
    [
        ("write:error=ENOSPC:when=1", "No space left on device"),
        ("write:error=EIO:when=1", "Input/output error"),
        ("fsync:error=EIO:when=1", "Input/output error"),
        ("fsync:error=ENOSPC:when=1", "No space left on device"),
        ("rename:error=EIO:when=1", "Input/output error"),
        ("rename:error=EROFS:when=1", "Read-only file system"),
    ],
)
def test_a_step_that_fails_is_an_error_and_leaves_the_old_session(
    store: FileStore, directory: Path, tmp_path: Path, inject: str, says: str
) -> None:
    before = (directory / "work.json").read_bytes()
    done = traced(directory, "once", tmp_path / "log", "-P", f"{directory}/.work.tmp", "-e", f"inject={inject}")
    assert done.returncode == 1
    assert "StoreUnavailable: session work cannot be read or written" in done.stderr
    assert says in done.stderr.splitlines()[-1]
    assert (directory / "work.json").read_bytes() == before
    assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"]


def test_a_name_that_may_not_outlive_a_crash_is_not_acknowledged(
    store: FileStore, directory: Path, tmp_path: Path
) -> None:
    done = traced(directory, "once", tmp_path / "log", "-P", str(directory), "-e", "inject=fsync:error=EIO:when=1")
    assert done.returncode == 1
    assert "StoreUnavailable" in done.stderr
    assert store.read(NAME) is not None


def test_a_write_taken_in_pieces_is_a_whole_document(store: FileStore, directory: Path, tmp_path: Path) -> None:
    """Interrupted writes are taken up again; strace makes the first one fail with EINTR."""
    done = traced(
        directory, "once", tmp_path / "log", "-P", f"{directory}/.work.tmp", "-e", "inject=write:error=EINTR:when=1"
    )
    assert done.returncode == 0, done.stderr
    state = store.read(NAME)
    assert state is not None
    assert state.rev == 2
