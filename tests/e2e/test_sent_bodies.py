"""Multipart forms and compressed bodies from the command line to a server that takes them apart again."""

from __future__ import annotations

import gzip
import hashlib
import random
import re
import subprocess
import sys
import zlib
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.sansio.multipart import Data

from tests.forms import Parsed, events, parsed
from tests.program import Output, Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer, RawRequest
from tests.store.traces import can_trace

MIB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def fields_of(output: Output) -> dict[str, str]:
    """The header fields that the server saw, names in lower case."""
    assert output.status == 0, output
    return {name.lower(): value for name, value in output.json["headers"]}


def body_of(output: Output) -> bytes:
    body = output.json["body"]
    return b64decode(body) if output.json["body_encoding"] == "base64" else body.encode()


def form_of(content_type: str | None, data: bytes) -> list[Parsed]:
    """The parts of a form, by the boundary that its Content-Type names."""
    assert content_type is not None
    return parsed(data, content_type.removeprefix("multipart/form-data; boundary="))


def test_text_and_files_arrive_as_they_were_given(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    photo, notes = tmp_path / "kätzchen.png", tmp_path / "notes.txt"
    photo.write_bytes(bytes(range(256)))
    notes.write_bytes("één\r\ntwee\n".encode())
    output = reqcli("post", f"{demo_server.url}/echo", "title=A “cat”", f"photo@{photo}", f"notes=@{notes}", "n:=1")
    fields = fields_of(output)
    assert fields["content-length"] == str(len(body_of(output)))
    assert fields["accept"] == "*/*"
    assert form_of(fields["content-type"], body_of(output)) == [
        ("title", None, None, "A “cat”".encode()),
        ("photo", "kätzchen.png", "image/png", bytes(range(256))),
        ("notes", None, None, notes.read_bytes()),
        ("n", None, None, b"1"),
    ]


def test_a_part_from_a_pipe_goes_out_in_chunks(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "-f", "a=1", "log@-;filename=x.log;type=text/x", stdin=b"piped")
    fields = fields_of(output)
    assert fields["transfer-encoding"] == "chunked"
    assert "content-length" not in fields
    assert form_of(fields["content-type"], body_of(output)) == [
        ("a", None, None, b"1"),
        ("log", "x.log", "text/x", b"piped"),
    ]


def test_no_file_name_can_write_a_header(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    evil = tmp_path / 'a"\r\nX-Evil: 1'
    evil.write_bytes(b"content")
    output = reqcli("post", f"{demo_server.url}/echo", f'p@{tmp_path}/a"\r\nX-Evil\\: 1')
    assert b'; filename="a%22%0D%0AX-Evil: 1"\r\n' in body_of(output)
    assert b"\r\nX-Evil" not in body_of(output)


def test_a_raw_body_is_json_unless_said_otherwise(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "--raw", '{"a": 1.10}')
    assert body_of(output) == b'{"a": 1.10}'
    assert fields_of(output)["content-type"] == "application/json"
    output = reqcli("post", f"{demo_server.url}/echo", "--raw", "hello", "Content-Type:text/plain")
    assert (body_of(output), fields_of(output)["content-type"]) == (b"hello", "text/plain")


def test_a_body_goes_out_in_chunks_when_asked(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "--chunked", "a[b][]=1")
    assert fields_of(output)["transfer-encoding"] == "chunked"
    assert "content-length" not in fields_of(output)
    assert body_of(output) == b'{"a":{"b":["1"]}}'


def test_a_form_has_the_boundary_that_was_asked_for(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "--multipart", "--boundary", "XyZ", "a[b]=1")
    assert fields_of(output)["content-type"] == "multipart/form-data; boundary=XyZ"
    assert form_of(fields_of(output)["content-type"], body_of(output)) == [("a[b]", None, None, b"1")]


def test_a_compressed_body_is_labelled_and_shorter(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "-x", "a=" + "x" * 5000)
    fields = fields_of(output)
    assert (fields["content-encoding"], fields["content-type"]) == ("gzip", "application/json")
    assert int(fields["content-length"]) == len(body_of(output)) < 100
    assert gzip.decompress(body_of(output)) == b'{"a":"' + b"x" * 5000 + b'"}'


def test_a_compressed_pipe_goes_out_in_chunks(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("post", f"{demo_server.url}/echo", "-x", "@-", stdin=b"piped" * 9)
    fields = fields_of(output)
    assert (fields["content-encoding"], fields["transfer-encoding"]) == ("gzip", "chunked")
    assert gzip.decompress(body_of(output)) == b"piped" * 9


def test_a_compressed_form_is_sent_again_after_a_redirect(reqcli: Program, tmp_path: Path) -> None:
    large = tmp_path / "large.bin"
    large.write_bytes(random.Random(0).randbytes(MIB + 5))

    def redirect(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        peer.answer(OK)

    with NastyServer(redirect) as server:
        assert reqcli("post", server.url("/"), "-L", "-x", f"p@{large}").status == 0
    first, again = server.requests
    assert (again.target, again.get("content-encoding")) == ("/again", "gzip")
    assert again.body == first.body
    form = form_of(again.get("content-type"), gzip.decompress(again.body))
    assert form == [("p", "large.bin", "application/octet-stream", large.read_bytes())]


# Large bodies, in memory that stays flat


def blocks(peer: Peer, request: RawRequest) -> Iterator[bytes]:
    """The body of a request, never whole in memory."""
    if request.get("transfer-encoding") == "chunked":
        while size := int(peer._read_to(b"\r\n"), 16):
            yield peer._read(size)
            peer._read(2)
        peer._read(2)
    else:
        left = int(request.get("content-length") or 0)
        while left:
            block = peer._read(min(left, MIB))
            left -= len(block)
            yield block


def inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(wbits=31)
    yield from (decompressor.decompress(piece) for piece in pieces)
    assert decompressor.eof


class Sink:
    """A server that hashes what is in the form that it gets, and keeps the heads of requests."""

    def __init__(self) -> None:
        self.digests: list[str] = []

    def __call__(self, peer: Peer) -> None:
        request = peer.read_head()
        body = blocks(peer, request)
        if request.get("content-encoding") == "gzip":
            body = inflated(body)
        digest = hashlib.sha256()
        for event in events(body, (request.get("content-type") or "").rpartition("=")[2]):
            if isinstance(event, Data):
                digest.update(event.data)
        self.digests.append(digest.hexdigest())
        peer.send(OK)


LAUNCHER = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(child.returncode, usage.ru_maxrss)
"""
"""Runs a command and tells its peak memory in KiB. A process of its own, because what a parent had in memory when it
started a child counts as the child's."""


def peak(reqcli: Program, *args: str, **options: Any) -> int:
    """The peak memory of a command that has to succeed, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *reqcli.command(*args)],
        stdout=subprocess.PIPE, timeout=120, env=reqcli.environment, **{"stdin": subprocess.DEVNULL, **options},
    )  # fmt: skip
    status, memory = done.stdout.split()
    assert status == b"0"
    return int(memory)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of 50 MB that does not compress."""
    path = tmp_path / "large.bin"
    path.write_bytes(random.Random(0).randbytes(MIB) * 50)
    return path


Call = Callable[[Program, str, Path], int]


def from_a_file(reqcli: Program, url: str, path: Path) -> int:
    return peak(reqcli, "post", url, f"p@{path}")


def from_a_pipe(reqcli: Program, url: str, path: Path) -> int:
    with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
        return peak(reqcli, "post", url, "p@-", stdin=cat.stdout)


def compressed(reqcli: Program, url: str, path: Path) -> int:
    return peak(reqcli, "post", url, "-x", f"p@{path}")


@pytest.mark.parametrize(
    ("send", "is_chunked"),
    [
        pytest.param(from_a_file, False, id="file"),
        pytest.param(from_a_pipe, True, id="pipe"),
        pytest.param(compressed, True, id="compressed"),
    ],
)
def test_a_part_of_fifty_megabytes_goes_out_in_flat_memory(
    reqcli: Program, tmp_path: Path, large: Path, send: Call, is_chunked: bool
) -> None:
    small = tmp_path / "small.bin"
    small.write_bytes(b"x")
    sink = Sink()
    with NastyServer(sink) as server:
        needed = send(reqcli, server.url("/"), small)
        assert send(reqcli, server.url("/"), large) - needed < 12 * 1024
    assert (server.requests[1].get("transfer-encoding") == "chunked") is is_chunked
    assert sink.digests == [hashlib.sha256(path.read_bytes()).hexdigest() for path in (small, large)]


# What the system is asked for


def traced(reqcli: Program, log: Path, *words: str, stdin: Any) -> Counter[str]:
    """How often each system call was made by a command that has to succeed."""
    command = ["strace", "-qq", "-o", str(log), *reqcli.command(*words)]
    subprocess.run(command, check=True, timeout=120, env=reqcli.environment, stdin=stdin, stdout=subprocess.DEVNULL)
    return Counter(line.partition("(")[0] for line in log.read_text().splitlines())


def only_whole_segments(log: Path, size: int) -> bool:
    """Whether no sendfile but the one that ends the file asked for a broken number of the socket's segments: what is
    left over would go out as a segment of its own, and there would be nearly twice as many."""
    segment, broken = 0, []
    for line in log.read_text().splitlines():
        if asked := re.search(r"TCP_MAXSEG, \[(\d+)\]", line):
            segment = int(asked[1])
        elif line.startswith("sendfile(") and int(line.partition(")")[0].rpartition(" ")[2]) % segment:
            broken.append(line)
    return segment > 0 and len(broken) <= 1 and all(f" => [{size}]" in line for line in broken)


@pytest.mark.skipif(not can_trace() or sys.platform != "linux", reason="strace cannot trace here")
def test_a_large_body_takes_few_system_calls(reqcli: Program, tmp_path: Path) -> None:
    """From a file the kernel moves the bytes; from a pipe they are read and written in blocks of nearly twice a pipe's
    usual size. Each is waited for with one poll. How much goes at once is the kernel's affair: these are limits."""
    large, small = tmp_path / "large.bin", tmp_path / "small.bin"
    large.write_bytes(bytes(16 * MIB))
    small.write_bytes(b"x")

    def script(peer: Peer) -> None:
        for _ in blocks(peer, peer.read_head()):
            pass
        peer.send(OK)

    def piped(path: Path) -> Counter[str]:
        with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as cat:
            return traced(reqcli, tmp_path / "log", "put", server.url("/"), "@-", stdin=cat.stdout)

    with NastyServer(script) as server:
        counts = [
            traced(reqcli, tmp_path / "log", "put", server.url("/"), f"@{path}", stdin=subprocess.DEVNULL)
            for path in (small, large)
        ]
        assert counts[0]["sendfile"] == 0  # it goes with the head
        assert counts[1]["read"] <= counts[0]["read"]  # nothing of it passes through the process
        assert 1 <= counts[1]["sendfile"] <= 16 * MIB // (60 * 1024)
        assert counts[1]["poll"] <= counts[1]["sendfile"] + 1 + counts[0]["poll"]
        assert counts[1]["ioctl"] - counts[0]["ioctl"] <= 4  # not to wait and to wait again, once a body
        assert counts[1]["getsockopt"] - counts[0]["getsockopt"] <= 16
        assert only_whole_segments(tmp_path / "log", 16 * MIB)
        counts = [piped(path) for path in (small, large)]
        assert counts[1]["read"] - counts[0]["read"] <= 16 * MIB // (64 * 1024)
        assert counts[1]["fcntl"] - counts[0]["fcntl"] == 2  # how much the pipe holds, and that it hold more


def test_files_that_are_sent_are_closed_in_the_end(reqcli: Program, demo_server: DemoServer, tmp_path: Path) -> None:
    (path := tmp_path / "part").write_text("{}")
    url = f"{demo_server.url}/echo"
    sent = [f"@{path}"], [f"name@{path}"], [f"name:=@{path}", f"X-Part:@{path}"], ["-d", f"@{path}", "-x", "--chunked"]
    for words in (*sent, [f"@{path}", "--follow", "--format", "json"], [f"name@{path}", "--dry-run"]):
        command = [sys.executable, "-X", "dev", "-m", "reqcli", "post", url, *words]
        done = subprocess.run(command, env=reqcli.environment, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, b""), words
    refused = [sys.executable, "-X", "dev", "-m", "reqcli", "post", "http://127.0.0.1:1/", f"name@{path}"]
    done = subprocess.run(refused, env=reqcli.environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (7, 1)
