"""What a request costs, in counts: they are the same on every machine, so a slower client is noticed where it is made.

A number here may be lowered by whoever makes the client cheaper. Whoever has to raise one says why.
"""

from __future__ import annotations

import gc
import gzip
import ssl
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import trustme

from reqcli import Session
from reqcli.model.cookie import Cookie
from reqcli.session.operations import SetAuth, SetCookie, SetHeader, apply
from reqcli.session.schema import StoredAuth, StoredHeader
from reqcli.store.files import FileStore
from tests.calls import calls_of
from tests.sockets import NastyServer, Peer
from tests.store.traces import ROOT, can_trace

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"


def in_use(server: NastyServer) -> Session:
    """A session with three cookies, two headers and a token for the server."""
    origin = server.url().rstrip("/")
    operations = [
        *(SetCookie(Cookie(name, "v", "127.0.0.1", expires=4e9), secure_origin=True) for name in "abc"),
        *(SetHeader(StoredHeader(f"X-{name}", "v", origin)) for name in "ab"),
        SetAuth(origin, StoredAuth("bearer", {"token": "t"})),
    ]
    return Session(apply(Session().state, operations, 1.0))


@pytest.mark.parametrize(
    ("options", "targets", "most"),
    [
        pytest.param({}, "a", 35, id="the same again"),
        pytest.param({}, "abc", 41, id="another target each time"),
        pytest.param({"headers": {"X": "1"}}, "a", 45, id="headers of its own"),
        pytest.param({"data": "body"}, "a", 150, id="a body of its own"),
    ],
)
def test_a_request_enters_so_many_functions(options: dict[str, object], targets: str, most: int) -> None:
    with NastyServer(ANSWER) as server, in_use(server) as session:
        urls = [server.url(f"/{target}") for target in targets] * 8

        def work() -> None:
            for url in urls:
                assert session.request("POST" if "data" in options else "GET", url, **options).content == b"ok"

        work()
        # The least of some: an answer may come in two parts.
        each = (min(calls_of(work) for _ in range(5)) - 1) / len(urls)
    assert each <= most


BODY = b'{"ok": true}'
ZIPPED = gzip.compress(BODY)


@pytest.mark.parametrize(
    ("fields", "body", "most"),
    [
        pytest.param(b"Transfer-Encoding: chunked", b"c\r\n%b\r\n0\r\n\r\n" % BODY, 51, id="in chunks"),
        pytest.param(b"Content-Encoding: gzip\r\nContent-Length: %d" % len(ZIPPED), ZIPPED, 56, id="in gzip"),
        pytest.param(
            b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked",
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(ZIPPED), ZIPPED),
            63,
            id="in chunks of gzip",
        ),
    ],
)
def test_a_request_whose_answer_is_framed_or_coded_enters_so_many_functions(
    fields: bytes, body: bytes, most: int
) -> None:
    """It was 69, 101 and 107 when all fields were taken apart for it, and each body was decoded in pieces."""
    said = b"HTTP/1.1 200 OK\r\nServer: x\r\n%b\r\n\r\n%b" % (fields, body)
    with NastyServer(said) as server, in_use(server) as session:

        def work() -> None:
            for _ in range(8):
                assert session.request("GET", server.url("/a")).content == BODY

        work()
        work()  # the first heads are read line by line
        each = (min(calls_of(work) for _ in range(5)) - 1) / 8
    assert each <= most


def sets_cookies(peer: Peer) -> None:
    """Answers each request with another value of one cookie."""
    number = 0
    while True:
        peer.read_request()
        number += 1
        peer.send(ANSWER.replace(b"\r\n", b"\r\nSet-Cookie: sid=%08d; Path=/; HttpOnly\r\n" % number, 1))


@pytest.mark.parametrize(
    ("is_stored", "most"), [pytest.param(False, 106, id="in memory"), pytest.param(True, 206, id="in a file")]
)
def test_a_request_whose_answer_sets_a_cookie_enters_so_many_functions(
    is_stored: bool, most: int, tmp_path: Path
) -> None:
    """It was 281 and 514 when each commit made all cookies and the message anew, and read what it had written."""
    with NastyServer(sets_cookies) as server, in_use(server) as session:
        if is_stored:
            store = FileStore(str(tmp_path / "s"))
            store.create("work", session.state)
            session = Session.open("work", store)

        def work() -> None:
            for _ in range(8):
                assert session.get(server.url("/a")).content == b"ok"

        work()
        each = (min(calls_of(work) for _ in range(5)) - 1) / 8
        assert {cookie.name for cookie in session.state.cookies} == {*"abc", "sid"}
        session.close()
    assert each <= most


def test_a_request_leaves_nothing_behind_for_the_garbage_collector() -> None:
    with NastyServer(ANSWER) as server, in_use(server) as session:
        for _ in range(3):
            session.get(server.url("/a"))
        gc.collect()
        gc.disable()
        try:
            for _ in range(50):
                session.get(server.url("/a"))
            assert gc.collect() < 50, "every request leaves a circle of objects behind"
        finally:
            gc.enable()


TRACED = """
import sys
from reqcli import Session
with Session() as session:
    for _ in range(int(sys.argv[2])):
        assert session.get(sys.argv[1], verify=(sys.argv[3:] or [True])[0]).status == 200
"""


@pytest.mark.skipif(not can_trace(), reason="strace cannot trace here")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_makes_so_many_system_calls(tmp_path: Path, scheme: str) -> None:
    """One poll, to see that the connection still stands; one to send, one to receive; over TLS too."""
    context, trust = None, tmp_path / "ca.pem"
    if scheme == "https":
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(str(trust))
    with NastyServer(ANSWER, tls=context) as server:
        url = server.url("/a")
        counts = [
            calls_in(tmp_path / f"log{number}", url, number, *[str(trust)] * bool(context)) for number in (10, 30)
        ]
    more = counts[1] - counts[0]
    for name in ("brk", "mmap", "munmap", "madvise", "mremap"):  # memory is the allocator's affair
        del more[name]
    assert more == {"poll": 20, "sendto": 20, "recvfrom": 20}


def calls_in(log: Path, url: str, requests: int, *trust: str) -> Counter[str]:
    """How often each system call was made by a process that makes so many requests."""
    command = ["strace", "-f", "-o", str(log), sys.executable, "-c", TRACED, url, str(requests), *trust]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    return Counter(line.split(maxsplit=1)[1].partition("(")[0] for line in log.read_text().splitlines() if "(" in line)
