"""`--curl` prints a command that sends the same request: each is run by a real shell and a real curl, and compared."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.program import Program
from tests.real import require
from tests.sockets import NastyServer, Peer, RawRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
BINARY = bytes(range(256))


def sent(request: RawRequest) -> tuple[str, str, list[tuple[str, str]], bytes]:
    """A request in the form in which two are compared: fields in any order, the boundary of a form made one."""
    found = re.search(r"boundary=(\S+)", request.get("content-type") or "")
    boundary = found[1] if found else ""

    def plain(text: str) -> str:
        return text.replace(boundary, "BOUNDARY") if boundary else text

    body = request.body.replace(boundary.encode(), b"BOUNDARY") if boundary else request.body
    fields = sorted((name.lower(), plain(value)) for name, value in request.fields)
    if boundary:  # whose length counts
        fields = [field for field in fields if field[0] not in ("content-length", "transfer-encoding")]
    return request.method, request.target, fields, body


def run(command: str, folder: Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    require("curl")
    given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    return subprocess.run(["sh", "-c", command], capture_output=True, timeout=60, env=environment, cwd=folder, **given)


CASES: dict[str, tuple[str, list[str]]] = {
    "a plain get": ("get", ["/x"]),
    "a query": ("get", ["/x?a=[1]&b={2}", "c==d e&f", "ä==ö"]),
    "dot segments": ("get", ["/a/../b/./%2e%2e/c", "--path-as-is"]),
    "a head": ("head", ["/x"]),
    "a delete": ("delete", ["/x"]),
    "a method of its own": ("request", ["/x"]),
    "headers": ("get", ["/x", 'X-A:it\'s "so" $HOME `id` \\', "X-B;", "X-A: again", "Host:other.test"]),
    "a header with a tab and letters": ("get", ["/x", "X-A:a\tb", "X-B:naïve – ✓ \u202e"]),
    "no default headers": ("get", ["/x", "User-Agent:", "Accept:", "Accept-Encoding:"]),
    "a cookie": ("get", ["/x", 'Cookie:a=1; b="2 ; 3"']),
    "a cookie without a name": ("get", ["/x", "Cookie:bare"]),
    "basic": ("get", ["/x", "-a", 'älice:p\'w:d "x"']),
    "basic without a password": ("get", ["/x", "-a", "alice:"]),
    "a typed credential": ("get", ["/x", "Authorization:Basic !!!"]),
    "bearer": ("get", ["/x", "-A", "bearer", "-a", "to.ken"]),
    "a key in the query": ("get", ["/x?a=1", "-A", "apikey", "-a", "?key:v a"]),
    "json": ("post", ["/x", "a=it's", "b:=[1,2]", "c=@TEXT"]),
    "a form": ("post", ["/x", "-f", "a=@TEXT", "b=\\@ sign", "c=1&2"]),
    "data": ("post", ["/x", "-d", "@TEXT", "-d", "b=1"]),
    "data that looks like a file": ("post", ["/x", "Content-Type:text/plain", "-d", "@AT", "-d", "<y"]),
    "a put without a body": ("put", ["/x", "-I"]),
    "a post without a body": ("post", ["/x", "-I"]),
    "a body with a get": ("get", ["/x", "-d", "a=1"]),
    "a file": ("post", ["/x", "@BINARY"]),
    "a text file": ("put", ["/x", "@TEXT"]),
    "a large file": ("post", ["/x", "@LARGE"]),
    "an escape sequence": ("post", ["/x", "-d", "\x1b[31m\n\x07 \\0101 100% 'q'\n\n"]),
    "carriage returns": ("post", ["/x", "-d", "a\r\nb"]),
    "bytes": ("post", ["/x", "Content-Type:x/y", "-d", "@BINARY", "-d", "@TEXT"]),
    "no type": ("post", ["/x", "a=1", "Content-Type:"]),
    "compressed": ("post", ["/x", "-x", "a=" + "long " * 200]),
    "a multipart form": (
        "post",
        ["/x", "--multipart", "a=\\@y", "b=<z;type=no", "c=1\n2", 'j:={"k": "v;\\""}', 'q"uote=1'],
    ),
    "files in a form": (
        "post",
        ["/x", "f@TEXT", 'g@BINARY;type=image/png;filename=a "b";c,d.png', "h@TEXT;filename=", "i@ODD,;NAME"],
    ),
    "in chunks": ("post", ["/x", "--chunked", "a=1"]),
    "a form in chunks": ("post", ["/x", "--chunked", "--multipart", "a=1", "f@TEXT"]),
    "a file in chunks": ("put", ["/x", "--chunked", "@BINARY"]),
    "as it is coded": ("get", ["/x", "--no-decode"]),
    "a raw body": ("post", ["/x", "--raw", "@x"]),
    "redirects": ("get", ["/x", "-L", "--max-redirects", "3"]),
    "times": ("get", ["/x", "--timeout", "7", "--connect-timeout", "3.5", "--max-time", "9", "--retry", "2"]),
    "no proxy": ("get", ["/x", "--proxy", "no"]),
}


@pytest.mark.parametrize("case", CASES)
def test_curl_sends_the_same_request(reqcli: Program, tmp_path: Path, case: str) -> None:
    (tmp_path / "text").write_text("line\nit's\n")
    (tmp_path / "binary").write_bytes(BINARY)
    (tmp_path / "large").write_bytes(b"0123456789abcdef" * (1 << 17))
    (tmp_path / "odd,;name").write_text("odd")
    (tmp_path / "at").write_text("@at")
    files = {"AT": "at", "TEXT": "text", "BINARY": "binary", "LARGE": "large", "ODD,;NAME": "odd,;name"}
    method, (path, *words) = CASES[case]
    for key, name in files.items():
        words = [word.replace(f"@{key}", f"@{tmp_path / name}") for word in words]
    words = [*(["PURGE"] if method == "request" else []), "URL", *words]
    with NastyServer(OK) as server:
        words[words.index("URL")] = server.url(path)
        assert reqcli(method, *words, "--stateless").status == 0
        printed = reqcli(method, *words, "--stateless", "--curl", "--reveal")
        assert printed.status == 0, printed
        assert len(server.requests) == 1, "--curl sent something"
        assert "\x1b" not in printed.out
        assert "\r" not in printed.out
        done = run(printed.out, tmp_path)
        assert done.returncode == 0, (printed, done)
        ours, theirs = map(sent, server.requests)
    assert ours == theirs, printed


def test_standard_input_goes_through_the_command(reqcli: Program, tmp_path: Path) -> None:
    with NastyServer(OK) as server:
        words = ["post", server.url("/x"), "--stateless"]
        assert reqcli(*words, stdin=BINARY).status == 0
        printed = reqcli(*words, "--curl", stdin=b"not read")
        assert "standard input" in printed.err
        assert run(printed.out, tmp_path, stdin=BINARY).returncode == 0
        ours, theirs = map(sent, server.requests)
    assert ours == theirs, printed


def test_what_the_session_adds_is_in_the_command(reqcli: Program, tmp_path: Path) -> None:
    with NastyServer(OK) as server:
        url = server.url("/x")
        for words in (
            ["create", "work", "--base-url", url],
            ["set-auth", "work", "-a", "alice:wonderland"],
            ["set-header", "work", "X-Tenant:acme"],
            ["set-cookie", "work", "sid=0123456789abcdef; Path=/"],
        ):
            assert reqcli("session", *words).status == 0
        assert reqcli("get", url, "--session", "work").status == 0
        masked = reqcli("get", url, "--session", "work", "--curl")
        assert "wonderland" not in masked.out + masked.err
        assert "0123456789abcdef" not in masked.out + masked.err
        assert "-u 'alice:••••'" in masked.out
        assert run(reqcli("get", url, "--session", "work", "--curl", "--reveal").out, tmp_path).returncode == 0
        ours, theirs = map(sent, server.requests)
    assert ours == theirs


CHALLENGE = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\nContent-Length: 0\r\n\r\n'


def challenging(peer: Peer) -> None:
    while True:
        peer.send(OK if peer.read_request().get("authorization") else CHALLENGE)


@pytest.mark.parametrize("is_stored", [False, True])
def test_digest_waits_for_the_challenge(reqcli: Program, tmp_path: Path, is_stored: bool) -> None:
    with NastyServer(challenging) as server:
        words = ["get", server.url("/x"), *(["--session", "work"] if is_stored else ["--stateless"])]
        credential = ["-A", "digest", "-a", "alice:wonderland"]
        if is_stored:
            assert reqcli("session", "set-auth", "work", *credential, "--origin", server.url("/")).status == 0
        else:
            words += credential
        rehearsed = reqcli(*words, "--dry-run")
        assert "challenge" in rehearsed.err
        assert "wonderland" not in reqcli(*words, "--curl").out
        printed = reqcli(*words, "--curl", "--reveal")
        assert run(f"{printed.out.rstrip()} -f", tmp_path).returncode == 0, printed
        bare, answered = server.requests
        assert bare.get("authorization") is None
        assert 'username="alice"' in (answered.get("authorization") or "")


def test_the_way_to_the_server_is_in_the_command(reqcli: Program, tmp_path: Path) -> None:
    words = [
        "get",
        "https://api.example/x",
        "--stateless",
        "-L",
        "--tls-min",
        "1.3",
        "--resolve",
        "api.example:443:::1",
    ]
    words += ["-4", "--interface", "lo", "--verify", str(tmp_path), "--cert", "a:b.pem", "--cert-key", "k.pem"]
    words += ["--pin", f"sha256//{'A' * 43}=", "--no-decode"]
    words += ["--proxy", "socks5h://user:secret99@proxy.example:1080", "-o", "out file", "-i", "X-Api-Key:secret88"]
    printed = reqcli(*words, "--curl")
    for text in (
        "--max-redirs 20", "--proto-redir =https", "--tlsv1.3", f"--pinnedpubkey sha256//{'A' * 43}=",
        "--resolve 'api.example:443:[::1]'", "-4",
        "--interface lo", f"--capath {tmp_path}", r"--cert 'a\:b.pem'", "--key k.pem", "-i", "-o 'out file'",
        "--proxy socks5h://proxy.example:1080", "--proxy-user 'user:••••'",
    ):  # fmt: skip
        assert text in printed.out, printed
    assert "--compressed" not in printed.out
    assert "X-Api-Key" in printed.err, "curl takes it along"
    assert "secret" not in printed.out + printed.err


def test_a_unix_socket_is_in_the_command(reqcli: Program, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with NastyServer(OK, address=path) as server:
        words = ["get", "http://localhost/x", "--stateless", "--unix-socket", path]
        assert reqcli(*words).status == 0
        assert run(reqcli(*words, "--curl").out, tmp_path).returncode == 0
        ours, theirs = map(sent, server.requests)
    assert ours == theirs


def test_a_body_that_curl_cannot_compress_is_said(reqcli: Program) -> None:
    printed = reqcli("post", "http://localhost/", "--stateless", "-x", "--curl", stdin=b"x")
    assert "compress" in printed.err


def test_an_envelope_is_no_command(reqcli: Program) -> None:
    output = reqcli("get", "http://localhost/", "--curl", "--format", "json")
    assert output.json["error"]["code"] == "usage"
