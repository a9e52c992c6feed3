from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reqcli.errors import SessionConflict, SessionCorrupt, SessionInsecure, SessionLocked, StoreUnavailable, Usage
from reqcli.model.cookie import Cookie
from reqcli.session import document
from reqcli.session.document import MAX_DOCUMENT, load
from reqcli.session.operations import SetCookie
from reqcli.session.schema import SessionState, new_state
from reqcli.store.files import FileLock, FileStore
from tests.store.contract import StoreContract, in_threads
from tests.store.writer import NAME, header, new_id

ROOT = Path(__file__).parent.parent.parent
is_root = os.name == "posix" and os.geteuid() == 0


def writer(directory: Path, task: str, index: object = 0, stdout: int | None = None) -> subprocess.Popen[bytes]:
    """A process that does a task of `tests.store.writer`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(directory), task, str(index)],
        cwd=ROOT,
        stdout=stdout,
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions"


@pytest.fixture
def store(directory: Path) -> FileStore:
    return FileStore(str(directory), new_id, lock_patience=60)


@pytest.fixture
def work(store: FileStore, directory: Path) -> Path:
    """The file of a session that has one header."""
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    return directory / "work.json"


class TestFiles(StoreContract):
    @pytest.fixture
    def race(self, directory: Path) -> Callable[[str, int], None]:
        def run(task: str, writers: int) -> None:
            processes = [writer(directory, task, index) for index in range(writers)]
            assert [process.wait() for process in processes] == [0] * writers

        return run


def test_threads_lose_nothing_either(store: FileStore) -> None:
    store.create(NAME, new_state(new_id(), 5.0))
    in_threads(store, "distinct_keys", 8)
    state = store.read(NAME)
    assert state is not None
    assert state.rev == 80
    assert len(state.headers) == 80


def test_readers_among_writers_always_see_a_whole_session(store: FileStore, directory: Path, work: Path) -> None:
    revisions: list[int] = []
    with writer(directory, "endless", stdout=subprocess.DEVNULL) as process:
        try:
            while len(revisions) < 2000 and (not revisions or revisions[-1] < 50):
                state = store.read(NAME)
                assert state is not None
                revisions.append(state.rev)
        finally:
            process.kill()
    assert revisions == sorted(revisions)


# What stands in the directory, and how


def test_the_directory_and_the_file_are_closed_to_others_whatever_the_umask(store: FileStore, directory: Path) -> None:
    before = os.umask(0)
    try:
        store.commit(NAME, None, [header("X-A", "1")], 5.0)
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in (directory.parent, directory, *directory.iterdir())}
    assert modes == {
        directory.parent: 0o700,
        directory: 0o700,
        directory / "work.json": 0o600,
        directory / ".work.lock": 0o600,
    }


def test_a_deleted_session_leaves_nothing_behind(store: FileStore, directory: Path, work: Path) -> None:
    (directory / ".work.tmp").write_text("left by a killed writer")
    assert store.delete(NAME) is True
    assert store.delete(NAME) is False
    assert list(directory.iterdir()) == []


def test_nothing_is_left_by_a_commit_that_is_refused(store: FileStore, directory: Path, work: Path) -> None:
    with pytest.raises(SessionConflict):
        store.commit("other", new_id(), [header("X-A", "1")], 5.0)
    assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"]


def test_asking_makes_nothing(store: FileStore, directory: Path) -> None:
    assert (store.read(NAME), store.names(), store.delete(NAME)) == (None, [], False)
    assert store.location(NAME) == str(directory / "work.json")
    assert not directory.parent.exists()


def test_other_files_in_the_directory_are_no_sessions(store: FileStore, directory: Path, work: Path) -> None:
    for name in (".hidden.json", "notes.txt", "a b.json", ".work.tmp"):
        (directory / name).write_text("{}")
    assert store.names() == ["work"]


def test_a_commit_that_changes_nothing_does_not_touch_the_file(store: FileStore, work: Path) -> None:
    before = work.stat()
    state = store.read(NAME)
    assert state is not None
    store.commit(NAME, state.id, [header("X-A", "1")], 6.0)
    assert (work.stat().st_ino, work.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_temporary_file_left_by_a_killed_writer_is_in_nobodys_way(
    store: FileStore, directory: Path, work: Path, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for leave in (
        lambda path: path.write_text("{"),
        lambda path: path.symlink_to(victim),
        lambda path: os.link(victim, path),
    ):
        leave(directory / ".work.tmp")
        rev = store.commit(NAME, None, [header("X-A", new_id())], 6.0).rev
        state = store.read(NAME)
        assert state is not None
        assert state.rev == rev
        assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"]
    assert victim.read_text() == "precious"


def test_a_lock_that_is_held_for_too_long_is_an_error_and_nothing_is_written(directory: Path, work: Path) -> None:
    hasty = FileStore(str(directory), new_id, lock_patience=0.05)
    before = work.read_bytes()
    with FileLock(str(directory / ".work.lock"), 1, "x"):
        assert hasty.read(NAME) is not None
        for call in (
            lambda: hasty.commit(NAME, None, [header("X-B", "2")], 6.0),
            lambda: hasty.create(NAME, new_state(new_id(), 6.0)),
            lambda: hasty.delete(NAME),
        ):
            with pytest.raises(SessionLocked, match="session work"):
                call()
    assert work.read_bytes() == before


# What is refused


def refusal(store: FileStore, name: str = NAME) -> SessionInsecure:
    """The one error with which everything that needs the session refuses it."""
    with pytest.raises(SessionInsecure) as caught:
        store.read(name)
    with pytest.raises(SessionInsecure) as again:
        store.commit(name, None, [header("X-B", "2")], 6.0)
    assert again.value.message == caught.value.message
    return caught.value


def mend(error: SessionInsecure) -> None:
    """Run the command that the hint ends with."""
    assert error.hint is not None
    subprocess.run(error.hint.partition(": ")[2], shell=True, check=True)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604, 0o610], ids=oct)
def test_a_file_open_to_others_is_refused_until_the_hint_is_followed(store: FileStore, work: Path, mode: int) -> None:
    before = work.read_bytes()
    work.chmod(mode)
    error = refusal(store)
    assert f"{work} is open to other users (mode {mode:04o})" in error.message
    assert work.read_bytes() == before
    mend(error)
    assert store.read(NAME) is not None


def test_a_directory_open_to_others_is_refused_until_the_hint_is_followed(
    store: FileStore, directory: Path, work: Path
) -> None:
    directory.chmod(0o750)
    error = refusal(store)
    assert "mode 0750" in error.message
    with pytest.raises(SessionInsecure):
        store.names()
    with pytest.raises(SessionInsecure):
        store.delete(NAME)
    mend(error)
    assert store.names() == ["work"]


def test_a_survey_tells_what_cannot_be_read_and_goes_on(store: FileStore, directory: Path, work: Path) -> None:
    for name in ("bare", "closed", "zero"):
        store.commit(name, None, [header("X-A", "1")], 5.0)
    (directory / "bare.json").write_bytes(b"{}")
    (directory / "closed.json").chmod(0o644)
    (directory / "link.json").symlink_to(work)
    found = {name: (type(found).__name__, size) for name, found, size in store.survey()}
    assert found == {
        "bare": ("SessionCorrupt", None),
        "closed": ("SessionInsecure", None),
        "link": ("SessionInsecure", None),
        "work": ("SessionState", work.stat().st_size),
        "zero": ("SessionState", work.stat().st_size),
    }
    directory.chmod(0o750)
    with pytest.raises(SessionInsecure, match="mode 0750"):
        next(store.survey())


def test_a_symbolic_link_is_refused_until_the_hint_is_followed(store: FileStore, work: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "it's elsewhere"
    work.rename(elsewhere)
    work.symlink_to(elsewhere)
    error = refusal(store)
    assert f"{work} is a symbolic link" in error.message
    mend(error)
    assert not work.is_symlink()
    assert store.read(NAME) is not None


def test_a_hard_link_is_refused_until_the_hint_is_followed(store: FileStore, work: Path, tmp_path: Path) -> None:
    os.link(work, tmp_path / "other name")
    error = refusal(store)
    assert "hard link: the same file has 2 names" in error.message
    mend(error)
    assert store.read(NAME) is not None


def test_a_directory_that_is_a_symbolic_link_is_refused(
    store: FileStore, directory: Path, work: Path, tmp_path: Path
) -> None:
    directory.rename(tmp_path / "elsewhere")
    directory.symlink_to(tmp_path / "elsewhere")
    assert str(tmp_path / "elsewhere") in str(refusal(store).hint)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["directory", "named pipe"])
def test_what_is_no_regular_file_is_refused(store: FileStore, directory: Path, make: Callable[[Path], None]) -> None:
    directory.mkdir(0o700, parents=True)
    make(directory / "work.json")
    assert "not a regular file" in refusal(store).message


def test_a_file_in_the_place_of_the_directory_is_refused(store: FileStore, directory: Path) -> None:
    directory.parent.mkdir()
    directory.touch(0o700)
    assert "not a directory" in refusal(store).message


@pytest.mark.skipif(not is_root, reason="only root can give files away")
@pytest.mark.parametrize("which", ["file", "directory"])
def test_what_belongs_to_another_user_is_refused(store: FileStore, work: Path, which: str) -> None:
    path = work if which == "file" else work.parent
    work.chmod(0o644)  # so that root without its power over modes can open it too: the owner is looked at first
    os.chown(path, 12345, 12345)
    error = refusal(store)
    assert f"{path} belongs to another user (uid 12345, and this is uid {os.geteuid()})" in error.message
    assert f"chown {os.geteuid()} {path}" in str(error.hint)


@pytest.fixture
def modes_bind(tmp_path: Path) -> None:
    """Skip where this user may read and write whatever a file's mode says, as root usually does."""
    closed = tmp_path / "closed"
    closed.touch(0)
    if os.access(closed, os.R_OK):
        pytest.skip("this user may read and write anything")


@pytest.mark.usefixtures("modes_bind")
@pytest.mark.parametrize("mode", [0o500, 0o000], ids=oct)
def test_a_directory_that_may_not_be_written_is_an_error_that_says_so(
    store: FileStore, directory: Path, work: Path, mode: int
) -> None:
    work.with_name(".work.lock").unlink()
    directory.chmod(mode)
    try:
        with pytest.raises(StoreUnavailable, match="Permission denied") as caught:
            store.commit(NAME, None, [header("X-B", "2")], 6.0)
    finally:
        directory.chmod(0o700)
    assert not caught.value.retryable
    assert "ls -ld" in str(caught.value.hint)
    state = store.read(NAME)
    assert state is not None
    assert state.rev == 1


@pytest.mark.usefixtures("modes_bind")
def test_a_file_that_may_not_be_read_is_an_error_and_not_an_empty_session(store: FileStore, work: Path) -> None:
    work.chmod(0)
    with pytest.raises(StoreUnavailable, match="Permission denied"):
        store.read(NAME)
    with pytest.raises(StoreUnavailable, match="Permission denied"):
        store.commit(NAME, None, [header("X-B", "2")], 6.0)


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: b"\0" * len(data), id="zeros"),
        pytest.param(lambda data: data.replace(b'"version": 1', b'"version": 999'), id="newer"),
        pytest.param(lambda data: data + b" " * MAX_DOCUMENT, id="too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_never_overwritten(
    store: FileStore, work: Path, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage(work.read_bytes())
    work.write_bytes(damaged)
    with pytest.raises(SessionCorrupt, match="session work cannot be read") as caught:
        store.read(NAME)
    assert caught.value.hint is not None
    with pytest.raises(SessionCorrupt):
        store.commit(NAME, None, [header("X-B", "2")], 6.0)
    with pytest.raises(SessionConflict):
        store.create(NAME, new_state(new_id(), 6.0))
    assert work.read_bytes() == damaged
    assert store.names() == ["work"]
    assert store.delete(NAME) is True


def test_a_session_too_large_to_be_read_again_is_not_written(store: FileStore, work: Path) -> None:
    before = work.read_bytes()
    with pytest.raises(StoreUnavailable, match="4194304 are the limit") as caught:
        store.commit(NAME, None, [header("X-Big", "x" * MAX_DOCUMENT)], 6.0)
    assert not caught.value.retryable
    assert work.read_bytes() == before


def test_a_server_that_floods_the_session_cannot_keep_it_from_being_written(store: FileStore, work: Path) -> None:
    flood = [
        SetCookie(Cookie(f"c{n}", "\xff" * 4000, "flood.example", created=float(n)), secure_origin=True)
        for n in range(180)
    ]
    after = store.commit(NAME, None, [*flood, header("X-B", "2")], 1000.0)
    assert store.read(NAME) == after
    assert after.headers.keys() == {("*", "x-a"), ("*", "x-b")}
    assert 0 < len(after.cookies) < 180


# A session given as a path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    place.mkdir(0o755)
    return place / "my session"


def test_a_value_with_a_separator_is_a_file(store: FileStore, directory: Path, path: Path) -> None:
    name = str(path)
    assert store.read(name) is None
    state = store.commit(name, None, [header("X-A", "1")], 5.0)
    assert store.read(name) == state
    assert store.location(name) == name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path.read_bytes(), name) == state
    assert store.names() == []
    assert not directory.exists()
    assert store.delete(name) is True
    assert list(path.parent.iterdir()) == []


def test_a_relative_path_is_a_file_too(store: FileStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    store.commit("./here", None, [header("X-A", "1")], 5.0)
    assert store.read("./here") == store.read(str(path.parent / "here"))


def test_a_file_given_by_path_must_be_closed_to_others_too(store: FileStore, path: Path) -> None:
    store.commit(str(path), None, [header("X-A", "1")], 5.0)
    path.chmod(0o644)
    mend(refusal(store, str(path)))
    assert store.read(str(path)) is not None


@pytest.mark.parametrize(("mode", "is_refused"), [(0o777, True), (0o775, False), (0o1777, False), (0o755, False)])
def test_a_directory_where_others_could_replace_the_file_is_refused(
    store: FileStore, path: Path, mode: int, is_refused: bool
) -> None:
    """CVE-2026-25645: a name that can be foretold is safe only where nobody else can write."""
    store.commit(str(path), None, [header("X-A", "1")], 5.0)
    path.parent.chmod(mode)
    if is_refused:
        error = refusal(store, str(path))
        assert f"other users can replace files in {path.parent} (mode {mode:04o})" in error.message
        mend(error)
    assert store.read(str(path)) is not None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to a strange group")
def test_a_directory_that_a_strange_group_can_write_to_is_refused(store: FileStore, path: Path) -> None:
    store.commit(str(path), None, [header("X-A", "1")], 5.0)
    path.parent.chmod(0o775)
    os.chown(path.parent, -1, os.getegid() + 1)
    mend(refusal(store, str(path)))
    assert store.read(str(path)) is not None


def test_a_directory_that_is_not_there_is_not_made_up(store: FileStore, tmp_path: Path) -> None:
    name = str(tmp_path / "typo" / "session.json")
    for use in (lambda: store.read(name), lambda: store.commit(name, None, [header("X-A", "1")], 5.0)):
        with pytest.raises(StoreUnavailable, match="there is no directory") as caught:
            use()
        assert "mkdir -p" in str(caught.value.hint)
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize("name", ["/", "./", "a/..", "a/."])
def test_the_path_of_a_directory_is_no_session(store: FileStore, name: str) -> None:
    with pytest.raises(Usage, match="the path of a directory"):
        store.read(name)


@pytest.mark.parametrize("name", ["/a\0b", "/a\ud800b"])
def test_what_can_be_no_path_is_no_session(store: FileStore, name: str) -> None:
    with pytest.raises(Usage, match="no path"):
        store.read(name)


# Disks and processes that fail


@pytest.mark.skipif(os.name != "posix", reason="needs resource limits")
def test_a_write_that_is_cut_short_leaves_the_old_session_whole(store: FileStore, directory: Path, work: Path) -> None:
    import resource

    before = work.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), limits[1]))
    try:
        with pytest.raises(StoreUnavailable, match="File too large"):
            store.commit(NAME, None, [header("X-B", "x" * 1000)], 6.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert work.read_bytes() == before
    assert sorted(path.name for path in directory.iterdir()) == [".work.lock", "work.json"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(not is_root or sys.platform != "linux", reason="only root can mount a small disk")
def test_a_full_disk_is_an_error_and_the_old_session_is_whole(small_disk: Path) -> None:
    store = FileStore(str(small_disk), new_id)
    store.commit(NAME, None, [header("X-A", "1")], 5.0)
    before = (small_disk / "work.json").read_bytes()
    with pytest.raises(StoreUnavailable, match="No space left on device") as caught:
        store.commit(NAME, None, [header("X-B", "x" * 100_000)], 6.0)
    assert caught.value.retryable
    assert (small_disk / "work.json").read_bytes() == before
    assert sorted(path.name for path in small_disk.iterdir()) == [".work.lock", "work.json"]
    assert store.commit(NAME, None, [header("X-B", "2")], 7.0).rev == 2


def test_whatever_moment_a_writer_is_killed_at_what_it_acknowledged_is_stored(
    store: FileStore, directory: Path, work: Path
) -> None:
    """Two writers at a time, so that one is killed while it holds the lock that the other waits for."""
    import random
    import time

    moments = random.Random(8)
    for round_number in range(8):
        keys = [f"{round_number}-a", f"{round_number}-b"]
        writers = [writer(directory, "endless", key, stdout=subprocess.PIPE) for key in keys]
        acknowledged = [int(process.stdout.readline()) for process in writers if process.stdout]
        for process in writers:
            time.sleep(moments.uniform(0, 0.05))
            process.kill()
        for index, process in enumerate(writers):
            rest = process.communicate()[0].split(b"\n")[:-1]
            acknowledged[index] = int(rest[-1]) if rest else acknowledged[index]
        state = store.read(NAME)
        assert state is not None
        for key, last in zip(keys, acknowledged, strict=True):
            stored = int(str(state.headers["*", f"x-{key}"].value))
            assert stored in (last, last + 1), "the last commit may have taken effect without a word of it"
    assert sorted(json.loads(work.read_bytes())["headers"]["*"])[0] == "X-0-a"


# What an import costs


def test_without_the_parts_that_windows_lacks_the_store_still_imports() -> None:
    program = (
        "import os, sys, types\n"
        "sys.platform = 'win32'; sys.modules['fcntl'] = None; sys.modules['msvcrt'] = types.ModuleType('msvcrt')\n"
        "for name in ('O_NOFOLLOW', 'O_NONBLOCK', 'geteuid'): delattr(os, name)\n"
        "import reqcli.store.files, reqcli.store.locks\n"
        "print(reqcli.store.files.FileStore(sys.argv[1], lambda: '').read('work'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, os.devnull + "-not-there"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "None\n", done.stderr


def test_reading_imports_nothing_costly(directory: Path, work: Path) -> None:
    program = (
        "import sys; from reqcli.store.files import FileStore; "
        "FileStore(sys.argv[1], lambda: '').read('work'); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}", str(directory)],
        capture_output=True,
        text=True,
        check=True,
    )
    costly = {"fcntl", "pathlib", "tempfile", "shutil", "dataclasses", "threading", "shlex", "datetime"}
    assert costly & set(done.stdout.split()) == set()


def test_a_store_does_not_read_again_what_it_wrote_itself(
    store: FileStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document is understood once for each change that others made, compared byte by byte otherwise."""
    others = FileStore(str(directory), new_id)
    understood: list[int] = []
    load = document.load

    def counted(data: bytes, name: str, *, location: str = "") -> SessionState:
        understood.append(len(data))
        return load(data, name, location=location)

    monkeypatch.setattr(document, "load", counted)
    store.commit("work", None, [header("X-A", "1")], 5.0)
    base = store.commit("work", None, [header("X-A", "2")], 6.0)
    for number in range(5):
        store.commit("work", base.id, [header("X-A", f"{number}")], 7.0)
    assert understood == []
    others.commit("work", base.id, [header("X-B", "theirs")], 8.0)
    assert len(understood) == 1, "by the others"
    state = store.commit("work", base.id, [header("X-A", "mine")], 9.0)
    assert len(understood) == 2
    assert [held.value for held in state.headers.values()] == ["mine", "theirs"]
    assert store.read("work") == others.read("work") == state
