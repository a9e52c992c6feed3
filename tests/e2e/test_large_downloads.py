"""A large download: what it needs of memory, whatever becomes of it."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Program
from tests.sockets import NastyServer, Peer

MIB = 1024 * 1024
LAUNCHER = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
sink = subprocess.Popen(["cat"], stdin=child.stdout, stdout=subprocess.DEVNULL)
child.stdout.close()
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
sink.wait()
print(child.returncode, usage.ru_maxrss, usage.ru_minflt)
"""
"""Runs a command into a pipe and tells its peak memory in KiB and how many pages it was given. A process of its own,
because what a parent had in memory when it started a child counts as the child's."""


def pour(peer: Peer) -> None:
    """As many MiB as the path says, or a byte."""
    found = re.search(rb"\d+", bytes(peer.read_head().target, "ascii"))
    mebibytes = int(found[0]) if found else 0
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (mebibytes * MIB or 1))
    block = bytes(4 * MIB)
    for _ in range(mebibytes // 4):
        peer.send(block)
    if not mebibytes:
        peer.send(b"x")


def needs(reqcli: Program, *words: str) -> tuple[int, int]:
    """Peak memory in KiB, and pages that were given to the process."""
    command = [sys.executable, "-c", LAUNCHER, *reqcli.command("get", "--stateless", *words)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, env=reqcli.environment, check=True
    )
    status, memory, pages = map(int, done.stdout.split())
    assert status == 0, done.stderr
    return memory, pages


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the figures are of glibc")
@pytest.mark.parametrize(
    "words", [["-o", "/dev/null"], ["-o", "FILE"], [], ["-p", "hb"], ["--download", "-o", "FILE"]], ids=" ".join
)
def test_a_large_download_needs_room_for_one_block(reqcli: Program, tmp_path: Path, words: list[str]) -> None:
    """Each block takes the place of the one before, which is still in the processor's cache and needs no new pages."""
    words = [word.replace("FILE", str(tmp_path / "body")) for word in words]
    with NastyServer(pour) as server:
        memory, pages = needs(reqcli, server.url("/byte"), *words)
        more_memory, more_pages = needs(reqcli, server.url("/200"), *words)
    assert more_memory - memory <= 2 * 1024
    assert more_pages - pages <= 600
