"""What is printed, where, and when: in pipes and on terminals, while it comes and when it is over."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from threading import Event

import pytest

from tests.e2e.terminal import Terminal, on_terminal
from tests.net.conftest import Serving
from tests.net.conftest import authority as authority
from tests.net.conftest import serving as serving
from tests.net.conftest import trust_file as trust_file
from tests.program import Program
from tests.server import DemoServer
from tests.sockets import NastyServer, Peer

JSON = b'{"b":1.10,"a":"x"}'


def answer(body: bytes, media_type: str = "application/json", *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


# In a pipe


@pytest.mark.parametrize(
    "words", [[], ["-b"], ["-p", "b"], ["--pretty", "none"], ["--sorted"], ["-S"], ["-v"], ["-vv"]]
)
@pytest.mark.parametrize("env", [{}, {"FORCE_COLOR": "1"}], ids=["", "forced"])
def test_in_a_pipe_the_body_is_exact(reqcli: Program, words: list[str], env: dict[str, str]) -> None:
    body = b'{"b":1, "a":"\x1b[2J\xff"}\r\n'
    with NastyServer(answer(body)) as server:
        assert reqcli("get", server.url("/"), *words, env=env).raw == body


def test_the_head_alone_is_printed_and_an_endless_body_is_not_waited_for(reqcli: Program) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(CHUNKED % b"text/plain", chunk(b"first"))
        peer.hold()

    with NastyServer(script) as server:
        output = reqcli("get", server.url("/"), "-h")
    assert (output.status, output.err) == (0, "")
    assert output.out == "HTTP/1.1 200 OK\nContent-Type: text/plain\nTransfer-Encoding: chunked\n\n"


def test_a_rule_that_takes_from_the_body_gets_it_though_the_head_alone_is_printed(reqcli: Program) -> None:
    with NastyServer(answer(b'{"token":"s3cr3t-token"}')) as server:
        assert reqcli("session", "create", "work", "--base-url", server.url("/")).status == 0
        assert reqcli("session", "capture", "work", "json:/token -> bearer").status == 0
        assert "s3cr3t" not in reqcli("get", server.url("/x"), "--session", "work", "-h").out
        reqcli("get", server.url("/x"), "--session", "work", "-h")
        assert server.requests[1].get("authorization") == "Bearer s3cr3t-token"


def test_parts_in_a_pipe_stand_apart_and_are_not_laid_out(reqcli: Program) -> None:
    with NastyServer(answer(JSON)) as server:
        output = reqcli("post", server.url("/x"), "b=1", "-p", "HBhb")
    request, body, response, last = output.out.split("\n\n")
    assert request.startswith("POST /x HTTP/1.1\nHost: ")
    assert body == '{"b":"1"}'
    assert response.startswith("HTTP/1.1 200 OK\n")
    assert last == JSON.decode()


def test_the_time_is_a_part(reqcli: Program, demo_server: DemoServer) -> None:
    lines = dict(line.split(": ") for line in reqcli("get", f"{demo_server.url}/echo", "-p", "m").out.splitlines())
    assert float(lines["total"]) > 0
    assert lines["reused"] == "no"


def test_layout_in_a_pipe_when_asked(reqcli: Program) -> None:
    with NastyServer(answer(JSON)) as server:
        laid_out = '{\n    "b": 1.10,\n    "a": "x"\n}\n'
        assert reqcli("get", server.url("/"), "--pretty", "format").out == laid_out
        assert reqcli("get", server.url("/"), "--pretty", "colors").out == (
            '{\x1b[1;34m"b"\x1b[0m:\x1b[33m1.10\x1b[0m,\x1b[1;34m"a"\x1b[0m:\x1b[32m"x"\x1b[0m}\n'
        )
        assert '    \x1b[1;34m"b"\x1b[0m: ' in reqcli("get", server.url("/"), "--pretty", "all").out
        by_name = reqcli("get", server.url("/"), "--pretty", "format", "--sorted", "-i").out
        assert by_name == "HTTP/1.1 200 OK\nContent-Length: 18\nContent-Type: application/json\n\n" + (
            '{\n    "a": "x",\n    "b": 1.10\n}\n'
        )


def test_an_image_stays_exact_though_it_is_to_look_well(reqcli: Program, demo_server: DemoServer) -> None:
    plain = reqcli("get", f"{demo_server.url}/image").raw
    assert plain.startswith(b"GIF89a")
    assert reqcli("get", f"{demo_server.url}/image", "--pretty", "all").raw == plain


def test_talk_goes_to_standard_error_in_a_pipe(reqcli: Program) -> None:
    with NastyServer(answer(JSON)) as server:
        output = reqcli("post", server.url("/x"), "user=alice", "password=hush", "-v")
    assert output.raw == JSON
    assert "POST /x HTTP/1.1\n" in output.err
    assert '\n\n{"user":"alice","password":"••••"}\n\nHTTP/1.1 200 OK\n' in output.err
    assert "hush" not in output.err


def test_every_hop_is_shown_when_asked(reqcli: Program, demo_server: DemoServer) -> None:
    login = ("post", f"{demo_server.url}/login", "-f", "user=alice", "password=wonderland", "-L", "--session", "work")
    lines = [line for line in reqcli(*login, "--all", "-p", "Hh").out.splitlines() if "HTTP/1.1" in line]
    assert lines == ["POST /login HTTP/1.1", "HTTP/1.1 303 See Other", "GET /account HTTP/1.1", "HTTP/1.1 200 OK"]
    assert reqcli(*login, "-p", "h").out.count("HTTP/1.1") == 1
    talk = reqcli(*login, "-vv").err
    assert [line for line in talk.splitlines() if "HTTP/1.1" in line] == lines
    assert f"* connected to {demo_server.url[7:]}\n" in talk
    assert f"* reused the connection to {demo_server.url[7:]}\n" in talk
    assert "user=alice&password=••••\n" in talk
    assert "\ntotal: " in talk


@pytest.mark.parametrize("words", [["-v"], ["-vv"], ["--all", "-p", "Hh"]], ids=" ".join)
def test_a_request_is_shown_while_its_answer_is_waited_for(reqcli: Program, words: list[str]) -> None:
    """Each one as it sets out, a redirect's target too; and none of them twice."""
    was_seen = [Event(), Event()]

    def script(peer: Peer) -> None:
        replies = answer(b"", "text/plain", "Location: /b", status="302 Found"), answer(JSON)
        for seen, reply in zip(was_seen, replies, strict=True):
            peer.read_request()
            assert seen.wait(30)
            peer.send(reply)

    plain = {"NO_COLOR": "1"}
    with (
        NastyServer(script) as server,
        Terminal(reqcli, "post", server.url("/a"), "x=1", "-L", *words, env=plain) as terminal,
    ):
        starts = b"POST /a HTTP/1.1\r\nHost: ", b"GET /b HTTP/1.1\r\nHost: "
        for event, word in zip(was_seen, starts, strict=True):
            terminal.wait_for(word)
            event.set()
        assert terminal.end() == 0
        heads = [line.split("/1.1")[0] for line in terminal.screen.splitlines() if "HTTP" in line]
    assert heads == ["POST /a HTTP", "HTTP", "GET /b HTTP", "HTTP"]


def test_a_request_that_is_tried_again_is_shown_once_for_each_answer(reqcli: Program) -> None:
    def script(peer: Peer) -> None:
        peer.answer(answer(b"", status="503 Busy"))
        peer.answer(answer(JSON))

    with NastyServer(script) as server:
        busy = reqcli("get", server.url("/"), "-v", "--retry", "1", "--retry-delay", "0.01")
    assert busy.err.count("GET / HTTP/1.1") == 2
    assert busy.err.index("503 Busy\n") < busy.err.index("trying again") < busy.err.index("200 OK")
    failed = reqcli("get", server.url("/"), "-v", "--retry", "1", "--retry-delay", "0.01")
    assert (failed.status, failed.err.count("GET / HTTP/1.1"), failed.err.count("trying again")) == (7, 1, 1)
    assert failed.err.index("GET /") < failed.err.index("trying again")


def test_a_head_that_goes_with_a_saved_body_is_not_shown_before_that_is_known(reqcli: Program, tmp_path: Path) -> None:
    def script(peer: Peer) -> None:
        peer.answer(answer(b"", "text/plain", "Location: /b", status="302 Found"))
        peer.answer(answer(JSON))

    with NastyServer(script) as server:
        saved = on_terminal(reqcli, server.url("/"), "-L", "--all", "-o", str(tmp_path / "body"))
    assert saved == (0, "")


def test_a_secret_is_masked_in_what_is_shown_before_the_answer(reqcli: Program) -> None:
    with NastyServer(answer(JSON)) as server:
        output = reqcli("post", server.url("/v3ry-hush"), "x=v3ry-hush", "-A", "digest", "-a", "u:v3ry-hush", "-v")
    assert "POST /•••• HTTP/1.1" in output.err
    assert "v3ry-hush" not in output.err


def test_a_reader_that_left_early_does_not_keep_the_request_from_going_out(reqcli: Program) -> None:
    with NastyServer(answer(JSON)) as server:
        ours, theirs = os.pipe()
        os.close(ours)
        process = reqcli.start("get", server.url("/"), "--all", "-p", "H", stdout=theirs)
        os.close(theirs)
        assert process.communicate(timeout=30)[1] == b""
        assert process.returncode == 23
        assert len(server.requests) == 1


def test_a_challenge_is_a_hop(reqcli: Program) -> None:
    challenge = answer(b"", "text/plain", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"', status="401 No")

    def script(peer: Peer) -> None:
        peer.answer(challenge)
        peer.answer(answer(JSON))

    with NastyServer(script) as server:
        output = reqcli("get", server.url("/"), "-A", "digest", "-a", "u:w0nderland", "--all", "-h")
    assert [line for line in output.out.splitlines() if line.startswith("HTTP")] == [
        "HTTP/1.1 401 No",
        "HTTP/1.1 200 OK",
    ]


def test_interim_responses_and_the_certificate_are_details(reqcli: Program, serving: Serving, trust_file: str) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with NastyServer(early + answer(JSON), tls=serving("127.0.0.1", common_name="the demo")) as server:
        output = reqcli("get", server.url("/"), "--verify", trust_file, "-vv")
        assert "HTTP/1.1 103" in output.err
        assert "\n* TLSv1." in output.err
        assert "\n* certificate of the demo" in output.err
        assert " UTC\n* SHA-256 of the certificate: " in output.err
        assert "HTTP/1.1 103" not in reqcli("get", server.url("/"), "--verify", trust_file, "-v").err
        assert "* its certificate is not verified\n" in reqcli("get", server.url("/"), "-k", "-vv").err


def test_a_file_gets_the_body_and_the_rest_goes_where_it_would(reqcli: Program, tmp_path: Path) -> None:
    path = tmp_path / "body"
    with NastyServer(answer(JSON)) as server:
        for words, is_on_stdout in (("-v", False), ("-h", True), ("-i", True), ("-p", True)):
            more = ["Hhb"] if words == "-p" else []
            output = reqcli("get", server.url("/"), words, *more, "-o", str(path))
            assert path.read_bytes() == JSON
            assert ("HTTP/1.1 200 OK" in output.out) is is_on_stdout
            assert ("HTTP/1.1 200 OK" in output.err) is not is_on_stdout
            assert JSON.decode() not in output.out
            path.unlink()
        status, screen = on_terminal(reqcli, "get", server.url("/"), "-o", str(path))
        assert (status, screen, path.read_bytes()) == (0, "", JSON)


@pytest.mark.parametrize(("words", "says"), [("-q", True), ("-qq", False)])
def test_quiet_says_nothing_but_errors_and_very_quiet_nothing(reqcli: Program, words: str, says: bool) -> None:
    with NastyServer(answer(JSON, status="404 No")) as server:
        output = reqcli("get", server.url("/"), words)
        assert (output.status, output.out, bool(output.err)) == (4, "", says)
    loud, soft = (reqcli("get", "http://127.0.0.1:1/", *more) for more in ([], [words]))
    assert (soft.status, soft.out, bool(soft.err)) == (loud.status, "", says)


def test_quiet_drops_warnings(reqcli: Program, tmp_path: Path) -> None:
    with NastyServer(answer(b"x"), must_be_called=False) as other:
        moved = answer(b"", "text/plain", f"Location: {other.url('/')}", status="302 Found")
        with NastyServer(moved) as server:
            words = ("get", server.url("/"), "-L", "-H", "X-Api-Key: k3y-k3y")
            assert "[withheld]" in reqcli(*words).err
            assert reqcli(*words, "-q").err == ""


def test_quiet_reads_the_body_to_its_end(reqcli: Program, tmp_path: Path) -> None:
    def cut(peer: Peer) -> None:
        peer.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with NastyServer(cut) as server:
        assert reqcli("get", server.url("/"), "-qq").status == 18
    with NastyServer(answer(JSON)) as server:
        output = reqcli("get", server.url("/"), "-q", "-o", str(tmp_path / "body"))
        assert (output.status, output.out, output.err) == (0, "", "")
        assert (tmp_path / "body").read_bytes() == JSON


# One value


def test_a_value_is_selected(reqcli: Program, demo_server: DemoServer) -> None:
    url = f"{demo_server.url}/echo?q=%22%0A1"
    output = reqcli("get", url, "--select", "/query/0/1", "--select", "/query", "--select", "/query/0")
    assert output.out == '"\n1\n[["q","\\"\\n1"]]\n["q","\\"\\n1"]\n'
    assert '    "q"' in on_terminal(reqcli, "get", url, "--select", "/query", "--pretty", "format")[1]


def test_a_value_that_is_not_there_is_an_error(reqcli: Program, demo_server: DemoServer) -> None:
    output = reqcli("get", f"{demo_server.url}/echo", "--select", "/method", "--select", "/headers/0/x")
    assert (output.status, output.out) == (23, "GET\n")
    assert "'/headers/0' is an array of 2 elements [output_failed]" in output.err
    failed = reqcli("get", f"{demo_server.url}/status/404", "--select", "/nothing")
    assert failed.status == 4
    assert "[http_client_error]" in failed.err


def test_a_selected_value_cannot_act_on_the_terminal(reqcli: Program) -> None:
    with NastyServer(answer(b'{"a":"\\u001b[2J"}')) as server:
        assert on_terminal(reqcli, "get", server.url("/"), "--select", "/a") == (0, "\\x1b[2J\n")
        assert reqcli("get", server.url("/"), "--select", "/a").raw == b"\x1b[2J\n"


# While it comes


STREAMS = {
    "events": (b"text/event-stream", b'data: {"n":1}\n\n', b'data: {"n":2}\n\n', '"n": 1'),
    "ndjson": (b"application/x-ndjson", b'{"n":1}\n', b'{"n":2}\n', '"n": 1'),
    "text": (b"text/plain", b"working", b" done\n", "working"),
    "json": (b"application/json", b'{"n":1}\n', b'{"n":2}\n', '"n": 1'),
}


@pytest.mark.parametrize("kind", STREAMS)
def test_each_piece_is_on_the_terminal_before_the_next_is_sent(reqcli: Program, kind: str) -> None:
    media_type, first, second, shown = STREAMS[kind]
    was_seen = Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(CHUNKED % media_type, chunk(first))
        assert was_seen.wait(30)
        peer.send(chunk(second), b"0\r\n\r\n")

    with NastyServer(script) as server:
        words = ["get", server.url("/"), "--pretty", "format", *(["-S"] if kind == "json" else [])]
        with Terminal(reqcli, *words) as terminal:
            terminal.wait_for(shown.encode())
            was_seen.set()
            assert terminal.end() == 0
            assert ("done" if kind == "text" else '"n": 2') in terminal.screen


@pytest.mark.parametrize("words", [[], ["--pretty", "format"], ["-v"]], ids=" ".join)
@pytest.mark.parametrize("kind", ["events", "ndjson", "text"])
def test_each_piece_is_in_the_pipe_before_the_next_is_sent(reqcli: Program, kind: str, words: list[str]) -> None:
    media_type, first, second, shown = STREAMS[kind]
    was_seen = Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(CHUNKED % media_type, chunk(first))
        assert was_seen.wait(30)
        peer.send(chunk(second), b"0\r\n\r\n")

    with NastyServer(script) as server:
        process = reqcli.start("get", server.url("/"), *words)
        assert process.stdout is not None
        begun = b""
        while (shown if "--pretty" in words else first.decode()) not in begun.decode():
            block = os.read(process.stdout.fileno(), 65536)
            assert block, begun
            begun += block
        was_seen.set()
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        if "--pretty" not in words:
            assert begun + rest == first + second


def test_the_user_may_have_enough(reqcli: Program) -> None:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(CHUNKED % b"application/json", chunk(b'{"n":'))
        peer.hold()

    with NastyServer(script) as server, Terminal(reqcli, "get", server.url("/"), "-v") as terminal:
        terminal.wait_for(b"chunked")
        terminal.type(b"\x03")
        assert terminal.end() == 130
        assert "[interrupted]" in terminal.screen


def test_a_reader_that_leaves_is_no_failure_worth_a_word(reqcli: Program, demo_server: DemoServer) -> None:
    process = reqcli.start("get", f"{demo_server.url}/slow?lines=1000&delay=0.01", "-i")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 23
    process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors in a shell")
@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["get", "{url}/echo"], 23),
        (["get", "{url}/echo", "--select", "/method"], 23),
        (["get", "{url}/echo", "-o", "-", "--format", "json"], 23),
        (["get", "{url}/echo", "-o", "{home}/body", "-w", "%{http_code}"], 23),
        (["get", "{url}/echo", "--dry-run"], 23),
        (["batch", "{home}/urls"], 23),
        (["errors"], 23),
        (["get", "{url}/echo", "-o", "{home}/body"], 0),
        (["head", "{url}/echo"], 0),
        (["session", "create", "work"], 0),
    ],
)
def test_output_that_is_closed_loses_nothing_in_silence(
    reqcli: Program, demo_server: DemoServer, tmp_path: Path, args: list[str], status: int
) -> None:
    (tmp_path / "urls").write_text(f"{demo_server.url}/echo\n")
    assert reqcli("get", f"{demo_server.url}/echo").status == 0  # the server is called in any case
    words = [word.replace("{url}", demo_server.url).replace("{home}", str(tmp_path)) for word in args]
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", *reqcli.command(*words)]
    done = subprocess.run(closed, env=reqcli.environment, capture_output=True, timeout=60, check=False)
    assert done.returncode == status
    said = b"reqcli: error: cannot write to standard output: it is closed [output_failed]\n" if status else b""
    assert done.stderr == said


# On a terminal


@pytest.mark.parametrize(
    ("env", "words", "is_painted"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": ""}, [], True),
        ({"TERM": "dumb"}, [], False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, [], True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--pretty", "all"], True),
        ({}, ["--pretty", "format"], False),
        ({}, ["--pretty", "none"], False),
        ({}, ["--pretty", "colors"], True),
    ],
)
def test_colours(reqcli: Program, env: dict[str, str], words: list[str], is_painted: bool) -> None:
    with NastyServer(answer(JSON)) as server:
        _, screen = on_terminal(reqcli, "get", server.url("/"), *words, env=env)
    assert ("\x1b[1;32m200 OK" in screen) is is_painted
    assert ("\x1b[" in screen) is is_painted
    is_laid_out = "--pretty" not in words or words[1] in ("format", "all")
    assert ("\n    " in screen) is is_laid_out


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "text/html", "application/xml", "application/json", "text/event-stream", "application/jsonl"],
)
@pytest.mark.parametrize("words", [[], ["--pretty", "none"], ["-S"], ["--pretty", "colors"]], ids=" ".join)
def test_nothing_acts_on_the_terminal(reqcli: Program, media_type: str, words: list[str]) -> None:
    evil = b'data: "\x1b]0;title\x07\x9b2J\r<a b="\x1b[2J">\xe2\x80\xae\x08</a>\n\n'
    with NastyServer(answer(evil, media_type, "X-Evil: \x9b2J", status="200 \x80")) as server:
        _, screen = on_terminal(reqcli, "get", server.url("/"), "-vv", *words, env={"NO_COLOR": "1"})
    painted = "colors" in words
    for character in "\x07\x08\x9b\r\u202e":
        assert character not in screen
    assert "\x1b]" not in screen
    assert ("\x1b" in screen) is painted
    assert "\x1b[2J" not in screen


def test_binary_data_is_a_notice_with_the_way_out(reqcli: Program, demo_server: DemoServer) -> None:
    _, screen = on_terminal(reqcli, "get", f"{demo_server.url}/image", "-b", "--pretty", "format")
    assert screen == "[42 bytes of binary data (image/gif): save them with -o FILE]\n"


def test_the_charset_and_type_can_be_overruled_on_a_terminal(reqcli: Program) -> None:
    with NastyServer(answer(b'{"a":"caf\xe9"}', "text/html")) as server:
        words = ("-b", "--pretty", "format", "--response-charset", "latin-1", "--response-mime", "application/json")
        assert on_terminal(reqcli, "get", server.url("/"), *words)[1] == '{\n    "a": "café"\n}\n'
