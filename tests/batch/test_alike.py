"""What a crew has of a server's answers, however they come, is what a worker has that waits for each alone."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Sequence
from gzip import compress
from io import BytesIO
from typing import Any

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.api.session import Session
from reqcli.batch.crew import Crew
from reqcli.batch.line import Line
from reqcli.batch.members import Defaults
from reqcli.batch.source import Source
from reqcli.batch.worker import Place, Places, Worker
from reqcli.model.route import TlsOptions
from reqcli.model.spec import spec_for
from reqcli.model.timing import Timeouts
from reqcli.net.pool import Pool
from reqcli.render import formats
from tests.sockets import NastyServer, Peer

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"
PAUSE = 0.004
PATIENCE = 20.0


class Answer:
    """What a server says to one request: pieces with a pause between them, and how it ends."""

    def __init__(self, data: bytes, cuts: Sequence[int], end: str) -> None:
        self.data = data
        self.cuts = sorted({cut % (len(data) + 1) for cut in cuts})
        self.end = end

    def __repr__(self) -> str:
        return f"Answer({self.data[:400]!r}... of {len(self.data)}, {self.cuts}, {self.end!r})"

    def give(self, peer: Peer) -> bool:
        """Say it; tells whether the connection goes on."""
        for start, end in zip([0, *self.cuts], [*self.cuts, len(self.data)], strict=True):
            if start < end:
                peer.send(self.data[start:end])
                time.sleep(PAUSE if end < len(self.data) else 0)
        if self.end == "reset":
            time.sleep(PAUSE)
            peer.reset()
        return self.end == "open"


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Good ones mostly, in every framing; broken off in some place now and then."""
    status = draw(st.sampled_from([200, 200, 200, 201, 204, 304, 302, 401, 404, 429, 503]))
    body = b'{"a":' + b" " * draw(st.sampled_from([0, 1, 3000, 300_000])) + b"1}"
    body = draw(st.sampled_from([b"", b"a"])) if draw(st.booleans()) else body
    fields = draw(
        st.lists(st.sampled_from([b"Set-Cookie: a=b", b"Retry-After: 0", b"X: \xff", b"X-Y:  z "]), max_size=2)
    )
    if status == 302:
        fields.append(b"Location: " + draw(st.sampled_from([b"/plain", b"", b"//[", b"http://127.0.0.1:1/"])))
    if draw(st.booleans()):
        fields.append(b"Content-Encoding: gzip")
        body = compress(body, mtime=0) if draw(st.booleans()) else body
    framing = draw(st.sampled_from(["length", "length", "chunked", "close", "two lengths", "wrong length"]))
    if status in (204, 304):
        body, framing = b"", draw(st.sampled_from(["none", "length"]))
    if framing == "chunked":
        fields.append(b"Transfer-Encoding: chunked")
        size = draw(st.sampled_from([1, 100, 100_000])) if len(body) < 5000 else 70_000
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n"
        ends = [b"\r\n", b"\r\n", b"Trailer: t\r\n\r\n"]
        # Of two things that are wrong, which is met first depends on how they come.
        body += draw(st.sampled_from(ends if b"Content-Encoding: gzip" in fields else [*ends, b"no trailer\r\n\r\n"]))
    elif framing in ("length", "two lengths", "wrong length"):
        length = b"Content-Length: %d" % (len(body) - (framing == "wrong length"))
        fields += [length] * (2 if framing == "two lengths" else 1)
    interim = draw(st.sampled_from([b"", b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]))
    head = b"HTTP/1.1 %d Such\r\n%b\r\n" % (status, b"".join(field + b"\r\n" for field in fields))
    data = interim + head + body + draw(st.sampled_from([b"", b"", b"", b"surplus"]))
    end = "close" if framing in ("close", "wrong length") else draw(st.sampled_from(["open", "open", "open", "close"]))
    if draw(st.integers(0, 5)) == 0:
        data, end = data[: draw(st.integers(0, len(data)))], draw(st.sampled_from(["close", "reset"]))
    return Answer(data, draw(st.lists(st.integers(0, 400), max_size=3)), end)


def script_of(plan: Sequence[Answer]) -> Any:
    def script(peer: Peer) -> None:
        goes_on = True
        while goes_on:
            target = peer.read_request().target
            number = target.removeprefix("/").partition("/")[0]
            if number.isdigit():
                goes_on = plan[int(number)].give(peer)
            else:
                peer.send(PLAIN)

    return script


def a_worker(pool: Pool, trusted: str | None, limit: int | None) -> Worker:
    tls = TlsOptions(verify=trusted) if trusted is not None else None
    limits = Timeouts(read=PATIENCE)
    spec = spec_for("GET", "https://any.example/", timeouts=limits, follow=True).replace(tls=tls)
    place = Place(Session(transport=pool), Defaults(spec, lambda text: text, path_as_is=False), is_kept=False)
    return Worker(Places(None, lambda _: place), formats.load("json"), flows=False, limit=limit, reveal=False)


def told(results: Sequence[bytes]) -> list[dict[str, Any]]:
    """The results in the order of their lines, without what differs from run to run."""
    read = [json.loads(line) for line in b"".join(results).splitlines()]
    for result in read:
        del result["timing"]
        if result["request"] is not None:
            del result["request"]["attempts"]  # a close that is on its way is noticed before the next request or by it
        # What comes behind an answer is seen if it comes in time.
        result["warnings"] = [each for each in result["warnings"] if each["code"] != "surplus"]
        if not result["ok"] and result["error"]["code"] in ("bad_response", "body_incomplete", "receive_failed"):
            # How much was read before the body broke depends on how it came.
            result["error"]["details"].pop("received", None)
            (result["response"] or {}).pop("body", None)
    return sorted(read, key=lambda result: result["line"])


def check(plan: Sequence[Answer], tls: ssl.SSLContext | None, trusted: str | None, limit: int | None = None) -> int:
    """Compare the two ways; how many answers the first thread of the crew had to wait for."""
    with NastyServer(script_of(plan), tls=tls) as server:
        # What is plain comes before each, so that a connection is there and the request can begin on it.
        targets = [target for number in range(len(plan)) for target in ("/plain", f"/{number}", f"/{number}/again")]
        urls = [server.url(target).encode() for target in targets]
        with Pool() as pool:
            worker = a_worker(pool, trusted, limit)
            alone = [worker.run(Line(number, url)).data for number, url in enumerate(urls, 1)]
        with Pool() as pool:
            written: list[bytes] = []
            begun = 0

            def hire() -> Worker:
                worker = a_worker(pool, trusted, limit)
                begin = worker.begin

                def counted(line: Line) -> Any:
                    nonlocal begun
                    awaited = begin(line)
                    begun += awaited is not None
                    return awaited

                worker.begin = counted  # type: ignore[method-assign]
                return worker

            crew = Crew(Source(BytesIO(b"\n".join(urls)), "here"), hire, written.append, jobs=1)
            crew._waits_itself = False
            crew.run()
            assert crew.failure is None
        assert told(written) == told(alone)
    return begun


@settings(max_examples=50, deadline=None)
@given(st.lists(answers(), min_size=1, max_size=4), st.sampled_from([None, 0, 3, 2000, 400_000]))
def test_over_http(plan: list[Answer], limit: int | None) -> None:
    assert check(plan, None, None, limit) >= len(plan), "a request begins on the connection of the plain one before it"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_over_https(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    plan = data.draw(st.lists(answers(), min_size=1, max_size=3))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusted = tmp_path_factory.getbasetemp() / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    assert check(plan, context, str(trusted)) >= len(plan)
