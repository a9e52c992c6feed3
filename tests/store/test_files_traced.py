"""What the file store asks of the system, in which order, and what becomes of it when a step fails: seen by strace."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reqcli.store.files import FileStore
from tests.store.traces import ROOT, calls, can_trace, command, places, traced
from tests.store.writer import NAME, header, new_id

pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is missing or not permitted")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "sessions"


@pytest.fixture
def store(directory: Path) -> FileStore:
    store = FileStore(str(directory), new_id, lock_patience=5)
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    return store


def steps(log: Path, directory: Path) -> list[str]:
    """The calls that name something in the directory, as `call what`, open ones as `open what FLAGS`."""
    found = []
    for call in calls(log, directory):
        if call.name == "openat":
            found.append(f"open {call.files[0]} {call.flags}")
        elif call.name.startswith("rename"):
            found.append(f"rename {call.files[0]} {call.files[1]}")
        else:
            found.append(f"{call.name} {call.files[0]}")
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


def test_a_renaming_takes_both_locks_in_one_order_whichever_way_it_goes(
    store: FileStore, directory: Path, tmp_path: Path
) -> None:
    """Were the order that of the names given, two that rename in opposite ways could wait for each other."""
    for task, names in (("rename", ["work.json", "play.json"]), ("rename_back", ["play.json", "work.json"])):
        log = tmp_path / task
        done = traced(directory, task, log, "-e", "trace=flock,rename,renameat,renameat2,fsync")
        assert done.returncode == 0, done.stderr
        renamed = f"rename {' '.join(names)}"
        assert steps(log, directory)[:4] == ["flock .play.lock", "flock .work.lock", renamed, "fsync ."]


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


def test_a_survey_takes_four_calls_a_session(store: FileStore, directory: Path, tmp_path: Path) -> None:
    for number in range(9):
        store.commit(f"more-{number}", None, [header("X-A", "1")], 5.0)
    log = tmp_path / "log"
    traced(directory, "survey", log, "-e", "trace=all")
    between = log.read_text().split("MARK")[1].splitlines()[1:-1]
    seen = Counter(line.partition("(")[0] for line in between if str(directory) in line)
    assert seen == {"openat": 11, "newfstatat": 12, "read": 10, "close": 11, "getdents64": 2}
    assert len(between) <= sum(seen.values()) + 3  # who is the user, and some memory


def delayed(directory: Path, task: str, log: Path, *options: str) -> subprocess.Popen[bytes]:
    """A writer that is halfway through a step: the options made strace hold it up for a second there."""
    process = subprocess.Popen(command(directory, task, log, *options), cwd=ROOT, stderr=subprocess.DEVNULL)
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


# Every call of a commit, cut off or failing

RENAMES = ("rename", "renameat", "renameat2")


def calls_of_a_commit(base: Path) -> list[tuple[str, int]]:
    """Every call of a commit that names something of the session's, with its number among those of its name."""
    directory, log = base / "recorded", base / "recorded.log"
    FileStore(str(directory), new_id).commit(NAME, None, [header("X-A", "1")], 5.0)
    done = traced(directory, "once", log, *places(directory, ".work.lock", ".work.tmp", "work.json"))
    assert done.returncode == 0, done.stderr
    seen: Counter[str] = Counter()
    found = []
    for call in calls(log, directory):
        seen[call.name] += 1
        found.append((call.name, seen[call.name]))
    return found


class Outcome:
    """What became of a commit that met a fault, and of the one after it."""

    def __init__(self, base: Path, call: tuple[str, int], fault: str) -> None:
        name, number = call
        directory = base / f"{name}-{number}"
        store = FileStore(str(directory), new_id, lock_patience=5)
        store.commit(NAME, None, [header("X-A", "1")], 5.0)
        watched = places(directory, ".work.lock", ".work.tmp", "work.json")
        inject = ("-e", f"inject={name}:{fault}:when={number}")
        done = traced(directory, "once", base / f"{name}-{number}.log", *watched, *inject)
        self.call = call
        self.status = done.returncode
        self.error = done.stderr.strip().rpartition("\n")[2]
        state = store.read(NAME)
        assert state is not None, call
        assert set(state.headers) in ({("*", "x-a")}, {("*", "x-a"), ("*", "x-once")}), call
        self.is_stored = len(state.headers) == 2
        assert store.commit(NAME, state.id, [header("X-B", "2")], 6.0).rev == state.rev + 1, call
        assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"], call


def outcomes(base: Path, fault: str, only: frozenset[str] = frozenset()) -> list[Outcome]:
    """One run for each call of a commit (of these names), in the order of the calls."""
    found = [call for call in calls_of_a_commit(base) if not only or call[0] in only]
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda call: Outcome(base, call, fault), found))


def test_a_writer_killed_at_any_call_leaves_the_old_session_or_the_new_one(tmp_path: Path) -> None:
    """The signal comes when the call begins, so a killed rename has not happened."""
    ends = outcomes(tmp_path, "signal=KILL")
    assert len(ends) >= 18
    assert {end.status for end in ends} <= {-signal.SIGKILL, 128 + signal.SIGKILL}
    renamed = next(index for index, end in enumerate(ends) if end.call[0] in RENAMES)
    assert [end.is_stored for end in ends] == [index > renamed for index in range(len(ends))]


@pytest.mark.parametrize(
    ("fault", "only"),
    [
        ("EIO", frozenset()),
        ("ENOSPC", frozenset({"openat", "write", "fsync", "close", *RENAMES})),
        ("EINTR", frozenset({"close", *RENAMES})),
    ],
    ids=["EIO", "ENOSPC", "EINTR"],
)
def test_a_call_that_fails_is_an_error_or_of_no_account_and_nothing_is_torn(
    tmp_path: Path, fault: str, only: frozenset[str]
) -> None:
    ends = outcomes(tmp_path, f"error={fault}", only)
    for end in ends:
        assert end.status in (0, 1), end.call
        assert end.is_stored or end.status == 1, f"{end.call}: acknowledged and not stored"
        assert end.status == 0 or end.error.startswith("reqcli.errors.StoreUnavailable: session work"), end.error
    renamed = next(index for index, end in enumerate(ends) if end.call[0] in RENAMES)
    assert not any(end.is_stored for end in ends[: renamed + 1])


def test_a_call_that_is_interrupted_is_made_again(tmp_path: Path) -> None:
    """By a signal whose handler returned. A close is not, for by then the descriptor may be another file's."""
    ends = outcomes(tmp_path, "error=EINTR", frozenset({"openat", "flock", "read", "write", "fsync"}))
    assert [(end.call, end.status, end.is_stored) for end in ends] == [(end.call, 0, True) for end in ends]


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
