"""What one thread has out at a time keeps nothing else waiting, and nothing is sent that has to be waited for first."""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import trustme

from reqcli.api.call import Surroundings
from reqcli.api.session import Session
from reqcli.api.underway import Underway
from reqcli.batch.crew import Crew
from reqcli.batch.line import Line
from reqcli.batch.members import Defaults
from reqcli.batch.source import Source
from reqcli.batch.worker import Place, Places, Worker
from reqcli.errors import InputFailed
from reqcli.model.proxy import Proxies
from reqcli.model.route import TlsOptions
from reqcli.model.spec import RequestSpec, spec_for
from reqcli.model.timing import Timeouts
from reqcli.net.pool import Pool
from reqcli.net.readiness import POLLIN
from reqcli.render import formats
from reqcli.session.operations import SetHeader, apply
from reqcli.session.policy import Policy
from reqcli.session.schema import SessionState, StoredHeader
from reqcli.store.memory import MemoryStore
from reqcli.vault import Vault
from tests.sockets import NastyServer, Peer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"
SPEC = spec_for("GET", "https://any.example/")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["http", "https"])
def tls(
    request: pytest.FixtureRequest, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ssl.SSLContext | None, RequestSpec]:
    """A server's context, and the spec of who trusts it."""
    if request.param == "http":
        return None, SPEC
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path_factory.mktemp("trust") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, SPEC.replace(tls=TlsOptions(verify=str(path)))


def a_worker(pool: Pool, spec: RequestSpec = SPEC, state: SessionState | None = None) -> Worker:
    place = Place(Session(state, transport=pool), Defaults(spec, lambda text: text, path_as_is=False), is_kept=False)
    return Worker(Places(None, lambda _: place), formats.load("json"), flows=False, limit=None, reveal=False)


def results_of(lines: list[bytes], hire: Callable[[], Worker], jobs: int) -> list[dict[str, Any]]:
    written: list[bytes] = []
    crew = Crew(Source(BytesIO(b"\n".join(lines)), "here"), hire, written.append, jobs=jobs)
    crew.start()
    assert crew.ended.wait(40), "it does not come to its end"
    assert crew.failure is None
    return [json.loads(line) for line in b"".join(written).splitlines()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", PLAIN),
        (PLAIN[:20], PLAIN[20:]),
        (PLAIN[:-2], PLAIN[-2:]),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", PLAIN),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npl\r\n", b"3\r\nain\r\n0\r\n\r\n"),
    ],
    ids=["nothing", "half a head", "half a body", "an interim response", "a chunk"],
)
def test_an_answer_that_is_late_keeps_no_other_waiting(
    tls: tuple[ssl.SSLContext | None, RequestSpec], before: bytes, after: bytes
) -> None:
    context, spec = tls
    others = Event()

    def script(peer: Peer) -> None:
        while True:
            target = peer.read_request().target
            if target == "/late":
                peer.send(before)
                assert others.wait(20), "the others wait for the one that is late"
                peer.send(after)
            else:
                peer.send(PLAIN)
                if target == "/last":
                    others.set()

    with NastyServer(script, tls=context) as server, Pool() as pool:
        targets = [*(["/"] * 20), "/late", *(["/"] * 200), "/last"]
        results = results_of([server.url(target).encode() for target in targets], lambda: a_worker(pool, spec), 4)
    assert [result["response"]["body"]["bytes"] for result in results] == [5] * len(targets)
    assert 21 in [result["line"] for result in results[-6:]]


def test_who_says_nothing_in_time_is_given_up(tls: tuple[ssl.SSLContext | None, RequestSpec]) -> None:
    context, spec = tls

    def script(peer: Peer) -> None:
        while peer.read_request().target == "/":
            peer.send(PLAIN)
        peer.hold()

    with NastyServer(script, tls=context) as server, Pool() as pool:
        limited = spec.replace(timeouts=Timeouts(read=0.2))
        lines = [server.url(target).encode() for target in (*"/" * 20, "/silent", *"/" * 20)]
        results = results_of(lines, lambda: a_worker(pool, limited), 2)
    silent = next(result for result in results if result["line"] == 21)
    assert [result["line"] for result in results if not result["ok"]] == [21]
    assert (silent["error"]["code"], silent["error"]["phase"]) == ("timeout", "wait")
    assert silent["error"]["message"].endswith("sent nothing for 0.2 s")
    assert silent["request"]["sent"] == "maybe"


def state_with(*operations: Any) -> SessionState:
    return apply(Session().state, operations, 1.0)


@pytest.mark.parametrize(
    ("line", "spec", "state"),
    [
        pytest.param({}, SPEC, Session().state.replace(policy=Policy(methods=["GET"])), id="a policy"),
        pytest.param({"max_time": 5}, SPEC, None, id="a limit for the whole"),
        pytest.param({}, SPEC.replace(proxies=Proxies.parse("http://127.0.0.1:1", None)), None, id="a proxy"),
        pytest.param({"body": "x" * 20_000}, SPEC, None, id="a large body"),
        pytest.param({"body": "x", "headers": {"Expect": "100-continue"}}, SPEC, None, id="a body that is held back"),
        pytest.param({"auth": {"scheme": "digest", "user": "u", "password": "p"}}, SPEC, None, id="a challenge"),
        pytest.param({"session": "other"}, SPEC, None, id="a session that cannot be opened"),
        pytest.param({"nonsense": 1}, SPEC, None, id="a line that makes no sense"),
        pytest.param(
            {},
            SPEC,
            state_with(SetHeader(StoredHeader("X", {"command": ["false"]}, "*"))),
            id="a header from a command",
        ),
    ],
)
def test_what_has_to_be_waited_for_is_not_begun(
    line: dict[str, object], spec: RequestSpec, state: SessionState | None
) -> None:
    with NastyServer(PLAIN) as server, Pool() as pool:

        def a_place(spec: RequestSpec, state: SessionState | None) -> Place:
            """Each session has connections of its own, and here they are the same ones."""
            session = Session(state, around=Surroundings(pool, Vault(), None, None, "theirs"))
            return Place(session, Defaults(spec, lambda text: text, path_as_is=False), is_kept=False)

        def open_place(name: str | None) -> Place:
            if name == "other":
                raise InputFailed("it cannot be opened")
            return a_place(SPEC, None) if name == "plain" else a_place(spec, state)

        worker = Worker(Places(None, open_place), formats.load("json"), flows=False, limit=None, reveal=False)

        plain = Line(1, json.dumps({"url": server.url(), "session": "plain"}).encode())
        worker.run(plain)
        assert worker.begin(plain) is not None, "a connection is at hand"
        worker.run(plain)
        before = len(server.requests)
        asked = Line(2, json.dumps({"url": server.url(), **line}).encode())
        assert worker.begin(asked) is None
        assert len(server.requests) == before
        worker.run(asked)


def test_requests_that_a_scheme_counts_are_counted_once() -> None:
    challenge = (
        b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\nContent-Length: 0\r\n\r\n'
    )
    counted: list[str] = []

    def script(peer: Peer) -> None:
        while True:
            said = peer.read_request().get("authorization")
            counted.extend(re.findall(r"nc=(\w+)", said or ""))
            peer.send(challenge if said is None else PLAIN)

    with NastyServer(script) as server, Pool() as pool:
        line = json.dumps({"url": server.url(), "auth": {"scheme": "digest", "user": "u", "password": "p"}}).encode()
        results = results_of([line] * 4, lambda: a_worker(pool), 1)
    assert [result["ok"] for result in results] == [True] * 4
    assert [int(count, 16) for count in counted] == [1, 2, 3, 4]  # RFC 7616 §3.4


def test_what_may_be_asked_again_on_a_new_connection_is_not_at_hand() -> None:
    def script(peer: Peer) -> None:
        peer.answer(PLAIN)
        peer.answer(b"HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
        peer.answer(PLAIN)

    with NastyServer(script) as server, Pool() as pool:
        line = Line(1, json.dumps({"url": server.url(), "headers": {"Expect": "100-continue"}}).encode())
        worker = a_worker(pool)
        worker.run(line)
        awaited = worker.begin(line)
        assert awaited is not None
        while not awaited.take_in(POLLIN):
            pass
        assert awaited.is_whole
        assert worker.call is not None
        assert not worker.call.is_at_hand
        assert json.loads(worker.run(line).data)["ok"]


def test_a_body_file_that_is_a_pipe_nobody_writes_to_keeps_no_line_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with NastyServer(PLAIN) as server, Pool() as pool:
        lines = [json.dumps({"url": server.url(), "body_file": str(pipe)}).encode(), server.url().encode()]
        results = results_of(lines, lambda: a_worker(pool), 2)
    told = {result["line"]: result for result in results}
    assert told[1]["error"]["message"].endswith("it is no regular file")
    assert told[2]["ok"]


def test_a_stored_session_looks_for_cookies_without_taking_the_head_apart() -> None:
    cookies = iter([b"", b"", b"Set-Cookie: a=b\r\n"])

    def script(peer: Peer) -> None:
        for cookie in cookies:
            peer.answer(b"HTTP/1.1 200 OK\r\nX-Y: z\r\n" + cookie + b"Content-Length: 2\r\n\r\nok")

    with NastyServer(script) as server, Session(name="w", store=MemoryStore()) as session:
        assert session.get(server.url()).ok
        for is_at_hand in (True, False):
            call = session.begin(spec_for("GET", server.url()), Underway)
            assert call is not None
            assert call.begun is not None
            while not call.begun.take_in(POLLIN):
                pass
            headers = call.begun.head.headers
            assert call.is_at_hand is is_at_hand
            with pytest.raises(AttributeError):
                object.__getattribute__(headers, "_fields")
            assert call.whole_result().ok
