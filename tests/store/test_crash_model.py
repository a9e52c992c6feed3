"""What a crash of the whole machine can leave behind, by a model of a file system that promises no more than POSIX.

The operations are not made up: they are what strace saw a real process do. The model then crashes after each of them,
in every way that the rules allow, puts what is left on a real disk, and lets the real store read it.

The rules. What was written to a file and not fsynced may be there, or in part, or as zeros, or not at all. Of the
changes of a directory that were not fsynced (a new name, a renaming, a name taken away) any may be lost and any be
there, in spite of their order; each of them is there as a whole or not at all. What was fsynced is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import pytest

from reqcli.session.schema import SessionState
from reqcli.store.files import FileStore
from tests.store.traces import calls, can_trace, places, traced
from tests.store.writer import NAME, header, new_id

pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is missing or not permitted")

Step = tuple[str, ...]
"""`create FILE`, `write FILE CONTENT`, `sync FILE`, `rename FROM TO`, `unlink FILE` or `sync .`; content as latin-1."""
Files = Mapping[str, bytes]
"""The content of each file under its name in the directory."""
FILES = (".work.lock", ".work.tmp", "work.json", ".work.serial", ".play.lock", ".play.tmp", "play.json")


class Recording:
    """What a task did to a directory, step by step.

    Attributes:
        before: what was there at first, all of it on the disk.
        steps: what was done.
        old: the session's state before, None for none.
        new: the same after.
    """

    def __init__(self, base: Path, task: str, *, has_session: bool = True) -> None:
        directory, log = base / "sessions", base / "log"
        store = FileStore(str(directory), new_id)
        directory.mkdir(0o700)
        if has_session:
            store.commit(NAME, None, [header("X-A", "1")], 5.0)
        self.before: Files = {path.name: path.read_bytes() for path in directory.iterdir()}
        self.old = store.read(NAME)
        done = traced(directory, task, log, *places(directory, *FILES))
        assert done.returncode == 0, done.stderr
        self.new = store.read(NAME) or store.read("play")
        content = next((path.read_bytes() for path in directory.glob("*.json")), b"").decode("latin-1")
        self.steps = list(_steps(log, directory, set(self.before), content))


def _steps(log: Path, directory: Path, names: set[str], content: str) -> Iterator[Step]:
    for call in calls(log, directory):
        if call.result < 0:
            continue
        name = call.files[0]
        if call.name == "openat" and "O_CREAT" in call.flags and name not in names:
            names.add(name)
            yield "create", name
        elif call.name in ("write", "pwrite64"):
            yield "write", name, content[: call.result]
            content = content[call.result :]
        elif call.name in ("fsync", "fdatasync"):
            yield "sync", name
        elif call.name.startswith("rename"):
            names.discard(name)
            names.add(call.files[1])
            yield "rename", name, call.files[1]
        elif call.name.startswith("unlink"):
            names.discard(name)
            yield "unlink", name


class Crash:
    """A disk after some steps and a crash: for each way in which it could have gone, the files that are left.

    Args:
        before: what was on the disk at first.
        steps: what was done since.
    """

    def __init__(self, before: Files, steps: Sequence[Step]) -> None:
        self.contents: dict[int, bytes] = dict(enumerate(before.values()))
        self.pending: dict[int, bytes] = {}
        self.on_disk: dict[str, int] = dict(zip(before, self.contents, strict=True))
        self.changes: list[tuple[str | None, str | None, int]] = []
        seen = dict(self.on_disk)
        for kind, name, *more in steps:
            if kind == "create":
                seen[name] = len(self.contents)
                self.contents[seen[name]] = b""
                self.changes.append((None, name, seen[name]))
            elif kind == "write":
                self.pending[seen[name]] = self.pending.get(seen[name], b"") + more[0].encode("latin-1")
            elif kind == "rename":
                seen[more[0]] = seen.pop(name)
                self.changes.append((name, more[0], seen[more[0]]))
            elif kind == "unlink":
                self.changes.append((name, None, seen.pop(name)))
            elif name == ".":
                for change in self.changes:
                    _make(change, self.on_disk)
                self.changes.clear()
            elif seen[name] in self.pending:
                self.contents[seen[name]] += self.pending.pop(seen[name])

    def leaves(self) -> Iterator[Files]:
        """Every directory that may be found afterwards."""
        for kept in product((False, True), repeat=len(self.changes)):
            names = dict(self.on_disk)
            for change, is_kept in zip(self.changes, kept, strict=True):
                if is_kept:
                    _make(change, names)
            for written in product(*(_halfway(data) for data in self.pending.values())):
                contents = {**self.contents, **dict(zip(self.pending, written, strict=True))}
                yield {name: contents[inode] for name, inode in names.items()}


def _make(change: tuple[str | None, str | None, int], names: dict[str, int]) -> None:
    gone, new, inode = change
    if gone is not None and names.get(gone) == inode:
        del names[gone]
    if new is not None:
        names[new] = inode


def _halfway(data: bytes) -> tuple[bytes, ...]:
    """What may be found of data that was written and not synced."""
    half = len(data) // 2
    return b"", data[:half], data[:half] + b"\0" * (len(data) - half), b"\0" * len(data), data


def every_crash(before: Files, steps: Sequence[Step]) -> dict[tuple[bool, tuple[tuple[str, bytes], ...]], None]:
    """Each directory that may be found, with whether all steps were done by then: once each, in order."""
    return {
        (number == len(steps), tuple(sorted(files.items()))): None
        for number in range(len(steps) + 1)
        for files in Crash(before, steps[:number]).leaves()
    }


def faults(base: Path, recording: Recording, steps: Sequence[Step], name_after: str = NAME) -> list[str]:
    """What the real store says against what crashes leave: a torn session, or one acknowledged and lost."""
    found = []
    for number, (is_done, files) in enumerate(every_crash(recording.before, steps)):
        directory = base / f"crash-{len(steps)}-{number}"
        directory.mkdir(0o700)
        for name, content in files:
            (directory / name).write_bytes(content)
            (directory / name).chmod(0o600)
        store = FileStore(str(directory), new_id, lock_patience=1)
        try:
            states = {name: store.read(name) for name in dict.fromkeys((NAME, name_after))}
        except Exception as error:  # noqa: BLE001  whatever it says, the session is lost
            found.append(f"torn: {type(error).__name__}")
            continue
        there: list[SessionState | None] = [state for state in states.values() if state is not None] or [None]
        if len(there) > 1 or there[0] not in (recording.old, recording.new):
            found.append("neither the old session nor the new one")
        elif is_done and states[name_after] != recording.new:
            found.append("acknowledged and lost")
        else:
            # What was left over is in nobody's way.
            base_id = states[name_after].id if states[name_after] is not None else None  # type: ignore[union-attr]
            store.commit(name_after, base_id, [header("X-Next", "1")], 9.0)
    return found


CASES = {
    "a commit": ("once", True, NAME),
    "the first commit": ("once", False, NAME),
    "a deletion": ("delete", True, NAME),
    "a renaming": ("rename", True, "play"),
}


@pytest.mark.parametrize(("task", "has_session", "name_after"), CASES.values(), ids=CASES)
def test_whatever_a_crash_leaves_is_the_old_session_or_the_new_one_and_what_was_acknowledged_is_there(
    tmp_path: Path, task: str, has_session: bool, name_after: str
) -> None:
    recording = Recording(tmp_path, task, has_session=has_session)
    assert recording.old != recording.new or task == "rename"
    assert len(every_crash(recording.before, recording.steps)) > 3
    assert faults(tmp_path, recording, recording.steps, name_after) == []


@pytest.mark.parametrize(
    ("task", "name_after", "left_out", "fault"),
    [
        ("once", NAME, ("sync", ".work.tmp"), "torn: SessionCorrupt"),
        ("once", NAME, ("sync", "."), "acknowledged and lost"),
        ("delete", NAME, ("sync", "."), "acknowledged and lost"),
        ("rename", "play", ("sync", "."), "acknowledged and lost"),
    ],
    ids=["the file of a commit", "the directory of a commit", "the directory of a deletion", "the directory of a name"],
)
def test_without_any_one_of_its_syncs_a_crash_would_do_harm(
    tmp_path: Path, task: str, name_after: str, left_out: Step, fault: str
) -> None:
    """So the model is no rubber stamp, and every fsync there is, is needed."""
    recording = Recording(tmp_path, task)
    assert recording.steps.count(left_out) == 1
    steps = [step for step in recording.steps if step != left_out]
    assert fault in faults(tmp_path, recording, steps, name_after)


def test_a_sync_that_came_after_the_renaming_would_be_too_late(tmp_path: Path) -> None:
    recording = Recording(tmp_path, "once")
    steps = list(recording.steps)
    sync, rename = (steps.index(step) for step in (("sync", ".work.tmp"), ("rename", ".work.tmp", "work.json")))
    assert sync < rename
    steps[sync], steps[rename] = steps[rename], ("sync", "work.json")
    assert "torn: SessionCorrupt" in faults(tmp_path, recording, steps)


def test_writing_over_the_file_itself_would_tear_it(tmp_path: Path) -> None:
    """The way of the peers: no temporary file, no renaming."""
    recording = Recording(tmp_path, "once")
    content = next(step[2] for step in recording.steps if step[0] == "write")
    over = [("unlink", "work.json"), ("create", "work.json"), ("write", "work.json", content)]
    assert set(faults(tmp_path, recording, over)) > {"torn: SessionCorrupt"}
