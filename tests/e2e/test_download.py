"""`--download` and `--continue`: names, parts and what goes on with them, from real servers into real files."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.terminal import Terminal
from tests.program import Output, Program
from tests.sockets import NastyServer, Peer, RawRequest

DATA: Final = os.urandom(3_000_000)
HALF: Final = 1_500_000

Run = Callable[..., Output]


@pytest.fixture
def run(reqcli: Program, here: Path) -> Run:
    """The program, in a directory of its own."""

    def run(*args: str) -> Output:
        process = reqcli.start("get", *args, cwd=here)
        out, err = process.communicate(timeout=60)
        return Output(process.returncode, out, err)

    return run


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def head(*fields: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode()


def whole(data: bytes = DATA, *fields: str) -> bytes:
    return head(f"Content-Length: {len(data)}", *fields) + data


class Files:
    """A server of one file, which breaks off as it is told and knows ranges as RFC 9110 §14.2 wants them.

    Attributes:
        data, etag: what it gives now.
        stop: how many bytes of a body it sends before it does `then`; None for all.
        then: `close` the connection, or `hold` it until the test lets go.
    """

    def __init__(self) -> None:
        self.data = DATA
        self.etag = '"v1"'
        self.stop: int | None = None
        self.then = "close"
        self.sent = threading.Event()
        self.asked: list[RawRequest] = []

    def __call__(self, peer: Peer) -> None:
        while True:
            request = peer.read_request()
            self.asked.append(request)
            body, answer = self.answer(request)
            peer.send(answer, body[: self.stop])
            if self.stop is not None:
                self.sent.set()
                if self.then == "hold":
                    peer.hold()
                return

    def answer(self, request: RawRequest) -> tuple[bytes, bytes]:
        fields, start = [f"ETag: {self.etag}"], 0
        if (asked := request.get("range")) is not None and request.get("if-range") in (None, self.etag):
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(self.data):
                bounds = (f"Content-Range: bytes */{len(self.data)}", "Content-Length: 0")
                return b"", head(*fields, *bounds, status="416 Range Not Satisfiable")
            fields.append(f"Content-Range: bytes {start}-{len(self.data) - 1}/{len(self.data)}")
        length = f"Content-Length: {len(self.data) - start}"
        return self.data[start:], head(*fields, length, status="206 Partial Content" if start else "200 OK")


@pytest.fixture
def files() -> Files:
    return Files()


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


# Names


@pytest.mark.parametrize(
    ("target", "disposition", "expected"),
    [
        pytest.param("/files/one.bin?x=2", None, "one.bin", id="the URL's"),
        pytest.param("/export", "attachment; filename=q3.csv", "q3.csv", id="the server's"),
        pytest.param("/export", 'attachment; filename="../../../etc/cron.d/x"', "x.html", id="a path"),
        pytest.param("/export", 'attachment; filename=".bashrc"', "bashrc.html", id="hidden"),
        pytest.param("/", None, "index.html", id="no name"),
    ],
)
def test_the_body_goes_into_a_file_of_its_own_name(
    run: Run, here: Path, target: str, disposition: str | None, expected: str
) -> None:
    fields = [f"Content-Disposition: {disposition}"] if disposition else []
    with NastyServer(whole(DATA, "Content-Type: text/html", *fields)) as server:
        output = run(server.url(target), "--download")
    assert (output.status, output.out) == (0, "")
    assert output.err == f"reqcli: saved {len(DATA)} bytes as {expected}\n"
    assert names_in(here) == [expected]
    assert (here / expected).read_bytes() == DATA
    assert server.requests[0].get("accept-encoding") == "identity"


def test_the_name_comes_from_the_first_url_and_not_from_where_it_led(run: Run, here: Path) -> None:
    """CVE-2019-10751: httpie saved as `.ssh/authorized_keys` what a redirect called so."""
    moved = head("Location: /.ssh/authorized_keys", "Content-Length: 0", status="302 Found")

    def answer(peer: Peer) -> None:
        peer.answer(moved)
        peer.answer(whole())

    with NastyServer(answer) as server:
        assert run(server.url("/tool.tar.gz"), "--download", "-L").status == 0
    assert names_in(here) == ["tool.tar.gz"]


def test_nothing_is_overwritten_and_what_the_user_names_is_replaced_when_it_is_complete(run: Run, here: Path) -> None:
    """CVE-2020-8177: curl let the server's name overwrite a file."""
    (here / "a.txt").write_text("mine")
    (here / "a-1.txt").symlink_to("/dev/null")
    with NastyServer(whole()) as server:
        assert run(server.url("/a.txt"), "--download").status == 0
        assert names_in(here) == ["a-1.txt", "a-2.txt", "a.txt"]
        assert (here / "a.txt").read_text() == "mine"
        (here / "a.txt").chmod(0o600)
        output = run(server.url("/b"), "--download", "-o", "a.txt", "-w", "%{filename_effective}\n")
    assert (output.status, output.out) == (0, "a.txt\n")
    assert (here / "a.txt").read_bytes() == DATA
    assert (here / "a.txt").stat().st_mode & 0o777 == 0o600


def test_a_device_is_written_to_and_not_replaced(run: Run, here: Path) -> None:
    with NastyServer(whole()) as server:
        assert run(server.url("/a"), "--download", "-o", "/dev/null").status == 0
    assert Path("/dev/null").is_char_device()
    assert names_in(here) == []


def test_an_error_page_is_shown_and_not_saved(run: Run, here: Path) -> None:
    (here / "a").write_text("mine")
    with NastyServer(head("Content-Length: 4", status="404 Not Found") + b"gone") as server:
        for more in ((), ("-o", "a"), ("--continue",)):
            output = run(server.url("/a"), "--download", *more)
            assert (output.status, output.out) == (4, "gone")
        assert names_in(here) == ["a"]
        assert (here / "a").read_text() == "mine"
        assert run(server.url("/b"), "--download", "--no-check-status").status == 0
    assert (here / "b").read_text() == "gone"


def test_the_envelope_names_the_file(run: Run, here: Path) -> None:
    with NastyServer(whole()) as server:
        output = run(server.url("/a.bin"), "--download", "--format", "json")
    assert output.err == ""
    body = output.json["response"]["body"]
    assert (body["kind"], body["path"], body["bytes"]) == ("file", "a.bin", len(DATA))


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("--download", "-o", "-"), id="to standard output"),
        pytest.param(("--continue", "Range:bytes=3-"), id="a range of one's own"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_sent(run: Run, words: tuple[str, ...]) -> None:
    assert run("http://127.0.0.1:1/x", *words).status == 2


def test_a_dry_run_shows_what_would_be_asked_for(run: Run, here: Path) -> None:
    (here / "a.part").write_bytes(b"12345")
    (here / "a.part.json").write_text(json.dumps({"url": "", "validator": '"v1"', "length": 10}))
    output = run("http://127.0.0.1:1/x", "--continue", "-o", "a", "--dry-run")
    assert "Range: bytes=5-" in output.out
    assert 'If-Range: "v1"' in output.out


# What breaks off, and goes on


def test_a_body_that_breaks_off_is_kept_named_and_continued(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        broken = run(server.url("/a.bin"), "--download")
        assert broken.status == 18
        assert f"what came, {HALF} bytes, is in a.bin.part" in broken.err
        assert "--continue" in broken.err
        assert (here / "a.bin.part").read_bytes() == DATA[:HALF]
        files.stop = None
        assert run(server.url("/a.bin"), "--continue").err == f"reqcli: saved {len(DATA)} bytes as a.bin\n"
    assert names_in(here) == ["a.bin"]
    assert (here / "a.bin").read_bytes() == DATA
    assert files.asked[1].get("range") == f"bytes={HALF}-"
    assert files.asked[1].get("if-range") == '"v1"'


@pytest.mark.parametrize("words", [["--download"], ["--download", "-o", "b.bin"], ["--continue"], ["--download", "-v"]])
def test_with_retry_it_goes_on_by_itself(run: Run, here: Path, files: Files, words: list[str]) -> None:
    files.stop = HALF // 2
    with NastyServer(files) as server:
        output = run(server.url("/b.bin"), *words, "--retry", "3", "--retry-delay", "0.01")
    assert output.status == 0, output
    assert output.err.count("the download broke off (the response body ended after") == 3
    assert output.err.endswith(f"reqcli: saved {len(DATA)} bytes as b.bin\n")
    assert names_in(here) == ["b.bin"]
    assert (here / "b.bin").read_bytes() == DATA
    ranges = [request.get("range") for request in files.asked]
    assert ranges == [None, *(f"bytes={HALF // 2 * part}-" for part in (1, 2, 3))]
    assert output.err.count("GET /b.bin HTTP/1.1") == words.count("-v")  # what goes on is no other call


def test_with_retry_it_gives_up_after_so_many_and_names_the_part(run: Run, here: Path, files: Files) -> None:
    files.stop = 1000
    with NastyServer(files) as server:
        result = run(
            server.url("/b.bin"), "--download", "--retry", "2", "--retry-delay", "0.01", "--format", "json"
        ).json
    assert result["error"]["code"] == "body_incomplete"
    assert result["error"]["details"]["partial_file"] == "b.bin.part"
    assert [warning["code"] for warning in result["warnings"]] == ["retry", "retry"]
    assert (here / "b.bin.part").read_bytes() == DATA[:3000]
    assert len(files.asked) == 3


def test_with_retry_it_begins_again_where_no_version_is_named_or_it_has_changed(
    run: Run, here: Path, files: Files
) -> None:
    later = os.urandom(500_000)

    def script(peer: Peer) -> None:
        files.asked.append(peer.read_request())
        if len(files.asked) == 1:
            peer.send(whole()[:HALF])
        elif len(files.asked) == 2:
            peer.send(whole(DATA, 'ETag: "v1"')[:HALF])
        else:
            peer.send(whole(later, 'ETag: "v2"'))

    with NastyServer(script) as server:
        output = run(server.url("/b.bin"), "--download", "--retry", "3", "--retry-delay", "0.01")
    assert output.status == 0, output
    assert (here / "b.bin").read_bytes() == later
    assert names_in(here) == ["b.bin"]
    assert [request.get("if-range") for request in files.asked] == [None, None, '"v1"']


def test_a_part_that_was_asked_for_and_a_time_that_has_run_out_are_the_end(run: Run, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        assert run(server.url("/b.bin"), "--download", "--retry", "3", "Range:bytes=0-").status == 18
        files.then = "hold"
        assert run(server.url("/c.bin"), "--download", "--retry", "3", "--max-time", "0.7").status == 28
    assert len(files.asked) == 2


def test_the_envelope_of_one_that_broke_off_names_the_part(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        result = run(server.url("/a.bin"), "--download", "--format", "json").json
    assert result["error"]["details"]["partial_file"] == "a.bin.part"
    body = result["response"]["body"]
    assert (body["kind"], body["path"], body["complete"]) == ("file", "a.bin.part", False)


def test_one_that_was_killed_half_way_ends_as_the_original(reqcli: Program, run: Run, here: Path, files: Files) -> None:
    files.stop, files.then = HALF, "hold"
    with NastyServer(files) as server:
        process = reqcli.start("get", server.url("/a.bin"), "--download", cwd=here)
        _wait_for_size(here / "a.bin.part", HALF)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        files.stop = None
        assert run(server.url("/a.bin"), "--continue").status == 0
    assert names_in(here) == ["a.bin"]
    assert (here / "a.bin").read_bytes() == DATA
    assert files.asked[-1].get("range") is not None


def test_a_file_that_changed_on_the_server_is_not_spliced(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a.bin"), "--download")
        files.stop, files.data, files.etag = None, DATA[::-1], '"v2"'
        output = run(server.url("/a.bin"), "--continue")
    assert output.status == 0
    assert "another one now" in output.err
    assert (here / "a.bin").read_bytes() == DATA[::-1]
    assert names_in(here) == ["a.bin"]


def _lying(range_line: str, etag: str = '"v1"') -> Callable[[Files], Callable[[RawRequest], tuple[bytes, bytes]]]:
    def lie(files: Files) -> Callable[[RawRequest], tuple[bytes, bytes]]:
        rest = files.data[HALF:]
        fields = (f"ETag: {etag}", f"Content-Length: {len(rest)}", *([range_line] if range_line else []))
        return lambda request: (rest, head(*fields, status="206 Partial Content"))

    return lie


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(_lying(f"Content-Range: bytes 0-{len(DATA) - 1}/{len(DATA)}"), id="from the start"),
        pytest.param(_lying(f"Content-Range: bytes {HALF + 1}-{len(DATA) - 1}/{len(DATA)}"), id="a byte too late"),
        pytest.param(_lying(f"Content-Range: bytes {HALF}-{len(DATA) - 1}/{len(DATA) + 1}"), id="of a longer file"),
        pytest.param(_lying(f"Content-Range: bytes {HALF}-{len(DATA) - 1}/{len(DATA)}", '"v2"'), id="another version"),
        pytest.param(_lying(""), id="nothing said"),
        pytest.param(_lying("Content-Range: bytes */5"), id="no part at all"),
    ],
)
def test_a_part_that_is_not_the_rest_is_refused(
    run: Run, here: Path, files: Files, lie: Callable[[Files], Callable[[RawRequest], tuple[bytes, bytes]]]
) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a.bin"), "--download")
        files.stop, files.answer = None, lie(files)  # type: ignore[method-assign]
        output = run(server.url("/a.bin"), "--continue")
    assert output.status == 8
    assert "[bad_response]" in output.err
    assert (here / "a.bin.part").read_bytes() == DATA[:HALF]


def test_a_part_that_nobody_asked_for_is_refused(run: Run, here: Path) -> None:
    part = head("Content-Range: bytes 0-2/9", "Content-Length: 3", status="206 Partial Content") + b"abc"
    with NastyServer(part) as server:
        assert run(server.url("/a"), "--download").status == 8
        assert names_in(here) == []
        assert run(server.url("/a"), "--download", "Range:bytes=0-2").status == 0
    assert (here / "a").read_bytes() == b"abc"


def test_a_server_that_gives_less_than_the_rest_is_asked_again(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF

    def some(request: RawRequest) -> tuple[bytes, bytes]:
        asked = request.get("range")
        start = int((asked or "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        end = min(start + 1_000_000, len(DATA))
        fields = ('ETag: "v1"', f"Content-Range: bytes {start}-{end - 1}/{len(DATA)}", f"Content-Length: {end - start}")
        return DATA[start:end], head(*fields, status="206 Partial Content")

    with NastyServer(files) as server:
        run(server.url("/a.bin"), "--download")
        files.stop, files.answer = None, some  # type: ignore[method-assign]
        output = run(server.url("/a.bin"), "--continue")
        assert (output.status, "[body_incomplete]" in output.err) == (18, True)
        assert run(server.url("/a.bin"), "--continue").status == 0
    assert (here / "a.bin").read_bytes() == DATA


def test_a_complete_part_and_a_complete_file_are_successes(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a.bin"), "--download")
        files.stop = None
        (here / "a.bin.part").write_bytes(DATA)  # killed between the last byte and the name
        assert run(server.url("/a.bin"), "--continue").status == 0
        assert names_in(here) == ["a.bin"]
        for more in ((), ("-o", "a.bin")):
            output = run(server.url("/a.bin"), "--continue", *more)
            assert (output.status, "complete already" in output.err) == (0, True)
    assert names_in(here) == ["a.bin"]
    assert (here / "a.bin").read_bytes() == DATA


def test_a_part_that_is_longer_than_the_file_is_not_taken_for_complete(run: Run, here: Path, files: Files) -> None:
    files.data = DATA[:1000]
    (here / "a.part").write_bytes(DATA[:2000])
    (here / "a.part.json").write_text(json.dumps({"url": "", "validator": '"v1"', "length": None}))
    with NastyServer(files) as server:
        output = run(server.url("/a"), "--continue", "-o", "a")
    assert output.status == 4
    assert "remove it to begin again" in output.err
    assert names_in(here) == ["a.part", "a.part.json"]


def test_a_complete_part_of_another_version_is_not_taken_for_the_file(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a"), "--download")
        (here / "a.part").write_bytes(DATA)
        files.stop = None
        refusal = head('ETag: "v2"', f"Content-Range: bytes */{len(DATA)}", "Content-Length: 0", status="416 Not So")
        files.answer = lambda request: (b"", refusal)  # type: ignore[method-assign]
        output = run(server.url("/a"), "--continue")
    assert output.status == 4
    assert "remove it to begin again" in output.err
    assert names_in(here) == ["a.part", "a.part.json"]


def test_a_part_that_grew_while_the_rest_was_asked_for_is_left_alone(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a"), "--download")
        files.stop = None
        plain = files.answer

        def answer(request: RawRequest) -> tuple[bytes, bytes]:
            with (here / "a.part").open("ab") as file:
                file.write(b"x")
            return plain(request)

        files.answer = answer  # type: ignore[method-assign]
        output = run(server.url("/a"), "--continue")
    assert (output.status, "another process has written to a.part" in output.err) == (23, True)
    assert names_in(here) == ["a.part", "a.part.json"]


def test_a_name_that_the_server_chose_is_found_again(run: Run, here: Path, files: Files) -> None:
    answer = files.answer
    files.stop = HALF

    def named(request: RawRequest) -> tuple[bytes, bytes]:
        body, start = answer(request)
        return body, start.replace(b"ETag", b"Content-Disposition: attachment; filename=data.bin\r\nETag")

    files.answer = named  # type: ignore[method-assign]
    with NastyServer(files) as server:
        run(server.url("/get?id=7"), "--download")
        run(server.url("/get?id=8"), "--download")
        assert names_in(here) == ["data-1.bin.part", "data-1.bin.part.json", "data.bin.part", "data.bin.part.json"]
        files.stop = None
        assert run(server.url("/get?id=8"), "--continue").status == 0
    assert (here / "data-1.bin").read_bytes() == DATA
    assert (here / "data.bin.part").exists()


@pytest.mark.parametrize(
    ("fields", "validator"),
    [
        pytest.param(('ETag: "x"', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT"), '"x"', id="a strong ETag"),
        pytest.param(('ETag: W/"x"', "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT"), None, id="a weak one"),
        pytest.param(
            ("Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT", "Date: Mon, 01 Jan 2024 00:00:02 GMT"),
            "Mon, 01 Jan 2024 00:00:00 GMT", id="an old date",
        ),
        pytest.param(
            ("Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT", "Date: Mon, 01 Jan 2024 00:00:00 GMT"),
            None, id="a date of this second",
        ),
        pytest.param(("Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT",), None, id="a date without a clock"),
        pytest.param((), None, id="nothing"),
        pytest.param(('ETag: "x"', "Content-Encoding: br-unknown"), None, id="coded all the same"),
    ],
)  # fmt: skip
def test_only_what_names_a_version_beyond_doubt_lets_a_part_go_on(
    run: Run, here: Path, fields: tuple[str, ...], validator: str | None
) -> None:
    answer = head(f"Content-Length: {len(DATA)}", *fields) + DATA[:HALF]
    with NastyServer(lambda peer: peer.answer(answer) and None) as server:
        server_says = run(server.url("/a.bin"), "--download")
        assert (here / "a.bin.part").stat().st_size == HALF
        if validator is None:
            assert "it cannot be continued" in server_says.err
            assert names_in(here) == ["a.bin.part"]
        else:
            assert json.loads((here / "a.bin.part.json").read_text())["validator"] == validator
        run(server.url("/a.bin"), "--continue", "-o", "a.bin")
    assert server.requests[1].get("if-range") == validator
    assert server.requests[1].get("range") == (None if validator is None else f"bytes={HALF}-")


def test_no_url_stands_in_the_note(run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a.bin?token=hunter2"), "--download")
    assert "hunter2" not in (here / "a.bin.part.json").read_text()


def test_what_others_laid_in_its_way_is_neither_written_nor_waited_for(run: Run, here: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (here / "a.part.json").symlink_to(victim)
    os.mkfifo(here / "b.part.json")
    os.mkfifo(here / "c.part")
    (here / "d.part.json").write_text("[" * 100_000)
    (here / "d.part").write_text("x")
    with NastyServer(whole(DATA, 'ETag: "v1"')) as server:
        for name, status in (("a", 0), ("b", 0), ("c", 23)):
            assert run(server.url("/"), "--download", "-o", name).status == status
        assert run(server.url("/f"), "--continue").status == 0
    assert victim.read_text() == "mine"
    assert [(here / name).read_bytes() for name in "abf"] == [DATA] * 3


def test_two_never_write_to_one_part(reqcli: Program, run: Run, here: Path, files: Files) -> None:
    files.stop, files.then = HALF, "hold"
    with NastyServer(files) as server:
        first = reqcli.start("get", server.url("/a.bin"), "--download", "-o", "a.bin", cwd=here)
        _wait_for_size(here / "a.bin.part", HALF)
        for words in (("--download", "-o", "a.bin"), ("--continue",)):
            output = run(server.url("/a.bin"), *words)
            assert (output.status, "another process" in output.err) == (23, True)
        assert (here / "a.bin.part").read_bytes() == DATA[:HALF]
        first.kill()
        first.communicate(timeout=60)


def test_a_full_disk_is_said_and_the_part_kept(run: Run, here: Path) -> None:
    with NastyServer(whole()) as server:
        output = run(server.url("/a"), "--download", "-o", "nowhere/a")
    assert (output.status, "nowhere/a.part" in output.err) == (23, True)


# On a terminal


def test_a_bar_is_drawn_while_it_takes_long_and_ctrl_c_names_the_part(
    reqcli: Program, here: Path, files: Files
) -> None:
    files.stop, files.then = HALF, "hold"
    with NastyServer(files) as server, Terminal(reqcli, "get", server.url("/a.bin"), "--download", cwd=here) as screen:
        screen.wait_for(b"a.bin", b"50%", b"1.5/3.0 MB")
        screen.type(b"\x03")
        assert screen.end() == 130
        assert b"a.bin.part; the same command with --continue" in screen.seen.replace(b"\r\n", b"")
        assert screen.seen.rstrip().endswith(b"[interrupted]")
        assert b"\x1b[?25h" in screen.seen  # the cursor is back
    assert (here / "a.bin.part").read_bytes() == DATA[:HALF]


def test_the_bar_of_a_continued_one_starts_where_it_was(reqcli: Program, run: Run, here: Path, files: Files) -> None:
    files.stop = HALF
    with NastyServer(files) as server:
        run(server.url("/a.bin"), "--download")
        files.stop, files.then = 600_000, "hold"
        with Terminal(reqcli, "get", server.url("/a.bin"), "--continue", cwd=here) as screen:
            screen.wait_for(b"a.bin from 50 %", b"70%", b"2.1/3.0 MB")
            screen.type(b"\x03")
            screen.end()


@pytest.mark.parametrize(
    ("words", "has_bar"),
    [
        pytest.param(("-o", "a.bin"), True, id="to a file by -o"),
        pytest.param(("-o", "a.bin", "-q"), False, id="quiet"),
        pytest.param(("--download", "-q"), False, id="a quiet download"),
    ],
)
def test_a_bar_is_for_every_long_transfer_that_is_not_to_be_quiet(
    reqcli: Program, here: Path, files: Files, words: tuple[str, ...], has_bar: bool
) -> None:
    files.stop, files.then = HALF, "hold"
    with NastyServer(files) as server, Terminal(reqcli, "get", server.url("/a.bin"), *words, cwd=here) as screen:
        if has_bar:
            screen.wait_for(b"a.bin", b"50%", b"1.5/3.0 MB")
        else:
            _wait_for_size(here / ("a.bin" if "-o" in words else "a.bin.part"), HALF)
            threading.Event().wait(0.8)
        screen.type(b"\x03")
        assert screen.end() == 130
        assert (b"50%" in screen.seen) is has_bar


def test_a_quiet_download_says_nothing_when_all_is_well(run: Run, here: Path) -> None:
    with NastyServer(whole()) as server:
        output = run(server.url("/a.bin"), "--download", "-q")
    assert (output.status, output.out, output.err) == (0, "", "")
    assert names_in(here) == ["a.bin"]


def test_no_bar_where_nobody_looks(reqcli: Program, here: Path, files: Files) -> None:
    files.stop, files.then = HALF, "hold"
    with NastyServer(files) as server:
        process = reqcli.start("get", server.url("/a.bin"), "--download", cwd=here)
        _wait_for_size(here / "a.bin.part", HALF)
        threading.Event().wait(0.8)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.count(b"\n") == 1
    assert b"\x1b" not in err


def test_an_upload_has_a_bar_too(reqcli: Program, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(DATA)
    release = threading.Event()

    def slow(peer: Peer) -> None:
        request = peer.read_head()
        release.wait(20)
        peer.read_body(request)
        peer.send(head("Content-Length: 0", status="204 No Content"))

    with NastyServer(slow) as server, Terminal(reqcli, "put", server.url(), f"@{body}") as screen:
        screen.wait_for(b"sending", b"/3.0 MB")
        release.set()
        assert screen.end() == 0
        assert b"204" in screen.seen


def _wait_for_size(path: Path, size: int) -> None:
    """Until the file has this size; 20 seconds at most."""
    pause = threading.Event()
    for _ in range(2000):
        if path.exists() and path.stat().st_size >= size:
            return
        pause.wait(0.01)
    raise AssertionError(f"{path} never had {size} bytes")
