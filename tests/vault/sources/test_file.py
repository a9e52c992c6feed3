"""Secrets in files: real files with real modes, and the pipe that a shell makes of `<(command)`."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from reqcli.errors import SecretUnavailable, Timeout
from reqcli.vault.sources import LARGEST
from reqcli.vault.sources.file import SOURCE


def secret(path: Path, content: bytes = b"t0ken\n", mode: int = 0o600) -> str:
    path.write_bytes(content)
    path.chmod(mode)
    return fetch(path)


def fetch(path: Path | str, patience: float = 10.0) -> str:
    return SOURCE.fetch(str(path), {}, patience).value.reveal()


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"t0ken", "t0ken"),
        (b"t0ken\n", "t0ken"),
        (b"t0ken\r\n", "t0ken"),
        (b" t0ken \n", " t0ken "),
        (b"t0ken\n\n", "t0ken\n"),
        ("pässwörd\n".encode(), "pässwörd"),
        (b"\xff\n", "\udcff"),
    ],
    ids=repr,
)
def test_one_line_break_at_the_end_is_no_part_of_the_secret(tmp_path: Path, content: bytes, value: str) -> None:
    assert secret(tmp_path / "s", content) == value


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o700], ids=oct)
def test_a_file_that_is_the_users_alone_is_read(tmp_path: Path, mode: int) -> None:
    assert secret(tmp_path / "s", mode=mode) == "t0ken"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o602, 0o644], ids=oct)
def test_a_file_that_others_can_read_or_change_is_refused_with_two_ways_out(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretUnavailable, match="others can read or change") as caught:
        secret(tmp_path / "a file", mode=mode)
    assert f"chmod 600 '{tmp_path}/a file'" in str(caught.value.hint)
    assert "--token-command" in str(caught.value.hint)


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    secret(tmp_path / "s")
    (tmp_path / "link").symlink_to("s")
    assert fetch(tmp_path / "link") == "t0ken"
    (tmp_path / "s").chmod(0o644)
    with pytest.raises(SecretUnavailable):
        fetch(tmp_path / "link")


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "is empty"), (b"\n", "is empty"), (b"x" * (LARGEST + 1), "longer than")], ids=len
)
def test_what_can_be_no_secret_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(SecretUnavailable, match=reason):
        secret(tmp_path / "s", content)


def test_the_largest_secret_is_read_whole(tmp_path: Path) -> None:
    assert secret(tmp_path / "s", b"x" * LARGEST) == "x" * LARGEST


def test_what_is_missing_or_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match=f"{tmp_path}/none: No such file"):
        fetch(tmp_path / "none")
    tmp_path.chmod(0o700)
    with pytest.raises(SecretUnavailable, match="Is a directory"):
        fetch(tmp_path)


def test_a_named_pipe_that_nobody_writes_to_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(Timeout, match="nothing came out of"):
        fetch(tmp_path / "pipe", 0.2)


def test_a_pipe_is_waited_for_and_not_for_ever() -> None:
    def write() -> None:
        time.sleep(0.2)
        os.write(writing, b"t0")
        time.sleep(0.2)
        os.write(writing, b"ken\n")
        os.close(writing)

    reading, writing = os.pipe()
    try:
        with pytest.raises(Timeout) as caught:
            fetch(f"/dev/fd/{reading}", 0.1)
        assert caught.value.phase == "secret"
        thread = threading.Thread(target=write)
        thread.start()
        assert fetch(f"/dev/fd/{reading}") == "t0ken"
        thread.join()
    finally:
        os.close(reading)


def test_it_is_read_anew_when_it_is_asked_again(tmp_path: Path) -> None:
    assert SOURCE.may_change
    assert secret(tmp_path / "s", b"old") == "old"
    assert secret(tmp_path / "s", b"new") == "new"
