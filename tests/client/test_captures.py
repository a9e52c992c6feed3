"""Captured values over real sockets: when they are taken, where they go, and when they go again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from reqcli import FileStore, Session
from reqcli.client.captures import LONGEST_BODY
from reqcli.model.spec import spec_for
from reqcli.session.operations import Operation
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from tests.answering import Answer, in_turn, reply, serving
from tests.program import Program
from tests.sockets import NastyServer, Peer, RawRequest

SECRET = "s3cr3t-v4lue"
ID = "header:X-Id -> header:X-Id"


def with_rules(*texts: str) -> list[Operation]:
    return [SetRule(parse(text)) for text in texts]


def saw(server: NastyServer, name: str = "X-Id") -> list[str | None]:
    return [request.get(name) for request in server.requests]


def test_a_value_goes_back_with_the_next_request() -> None:
    with NastyServer(in_turn(reply(200, f"X-Id: {SECRET}"), reply(), reply())) as server, Session() as session:
        session.commit(with_rules(ID))
        result = session.get(server.url("/login"))
        assert [(change.op, change.kind, change.name) for change in result.session.changed] == [  # type: ignore[union-attr]
            ("set", "capture", "header:X-Id")
        ]
        assert session.get(server.url("/x")).status == 200
        assert session.get(server.url("/x"), headers={"X-Id": "typed"}).status == 200
        assert saw(server) == [None, SECRET, "typed"]


def test_a_value_that_a_redirect_issues_goes_along_on_the_next_hop() -> None:
    hop = reply(302, f"X-Id: {SECRET}", "Location: /next")
    with NastyServer(in_turn(hop, reply())) as server, Session() as session:
        session.commit(with_rules(f"{ID} on=2xx,3xx"))
        assert session.get(server.url("/"), follow=True).status == 200
        assert saw(server) == [None, SECRET]


@pytest.mark.parametrize("target", ["header:X-Id", "bearer", "query:id", 'header:Authorization="Token {}"'])
@pytest.mark.parametrize("source", ["header:X-Id", "json:/id", "match:id=(.+)", "cookie:id"])
def test_no_captured_value_crosses_an_origin(source: str, target: str) -> None:
    """Another port, another host and back again by redirects; each of them may look at all that it was sent."""
    body = f'{{"id": "{SECRET}", "": "id={SECRET}"}}'.encode() if source == "json:/id" else f"id={SECRET}".encode()
    issued = reply(200, f"X-Id: {SECRET}", f"Set-Cookie: id={SECRET}; Path=/", body=body)

    def home(request: RawRequest) -> bytes:
        if request.target.startswith("/issue"):
            return issued
        return reply() if request.target.startswith("/back") else reply(307, f"Location: {away_url[0]}")

    away_url: list[str] = []
    with (
        NastyServer(serving(home)) as server,
        NastyServer(serving(lambda request: reply(307, f"Location: {server.url('/back')}")), address="0.0.0.0") as away,
        Session() as session,
    ):
        away_url.append(f"http://127.0.0.2:{away.port}/away")
        session.commit(with_rules(f"{source} -> {target}"))
        assert session.get(server.url("/issue")).ok
        assert session.get(server.url("/start"), follow=True).status == 200
        assert session.get(away_url[0], check_status=False).status == 307
        assert len(away.requests) == 2
        assert not any(SECRET.encode() in request.head for request in away.requests)
        assert SECRET.encode() in server.requests[1].head
        assert SECRET.encode() in server.requests[2].head


def test_a_server_cannot_plant_a_value_for_another() -> None:
    """Session fixation: what an origin issues is its own affair, also where a rule sends a value on."""
    with (
        NastyServer(in_turn(reply(200, "X-Id: planted"))) as evil,
        NastyServer(in_turn(reply(200, f"X-Id: {SECRET}"))) as login,
        NastyServer(in_turn(reply(), reply())) as server,
        Session() as session,
    ):
        rule = f"{ID} at={login.url('/')} send={server.url('')}"
        session.commit(with_rules(rule))
        for url in (evil.url("/"), server.url("/"), login.url("/"), server.url("/")):
            assert session.get(url).ok
        assert saw(server) == [None, SECRET]


def test_a_value_is_a_secret_of_the_result_unless_it_is_public() -> None:
    fields = (f"X-Id: {SECRET}", "X-Version: 2025-11-25")
    with NastyServer(in_turn(reply(200, *fields), reply())) as server, Session() as session:
        session.commit(with_rules("header:X-Id -> query:q", "header:X-Version -> header:X-Version public"))
        for _ in range(2):
            result = session.get(server.url("/"))
            assert {secret.reveal() for secret in result.secrets} == {SECRET}
        assert server.requests[1].target == f"/?q={SECRET}"


# Bodies


def test_a_value_from_a_body_is_kept_when_the_body_has_been_read(tmp_path: Path) -> None:
    body = b'{"auth": {"client_token": "%s"}}' % SECRET.encode()
    store = FileStore(str(tmp_path))
    with NastyServer(in_turn(reply(body=body), reply())) as server, Session.open("work", store) as session:
        session.commit(with_rules("json:/auth/client_token -> header:X-Vault-Token"))
        result = session.stream(spec_for("GET", server.url("/login")))
        assert result.session is not None
        assert result.session.changed == ()
        assert result.content == body
        assert [change.name for change in result.session.changed] == ["json:/auth/client_token"]
        assert result.session.rev == 2
        assert {secret.reveal() for secret in result.secrets} == {SECRET}
        assert session.get(server.url("/x")).ok
        assert server.requests[1].get("X-Vault-Token") == SECRET
    state = store.read("work")
    assert state is not None
    assert [stored.value for stored in state.values.values()] == [SECRET]


def test_a_value_is_taken_from_the_decoded_body() -> None:
    from gzip import compress

    body = compress(f'{{"t": "{SECRET}"}}'.encode())
    answer = reply(200, "Content-Encoding: gzip", body=body)
    with NastyServer(in_turn(answer, reply())) as server, Session() as session:
        session.commit(with_rules("json:/t -> bearer"))
        assert session.get(server.url("/")).ok
        assert session.get(server.url("/")).ok
        assert server.requests[1].get("Authorization") == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("size", "is_taken"), [(LONGEST_BODY, True), (LONGEST_BODY + 1, False)], ids=["1 MiB", "one byte more"]
)
def test_a_body_is_looked_into_up_to_a_size(size: int, is_taken: bool) -> None:
    start = f"t={SECRET};".encode()
    body = start.ljust(size, b".")
    with NastyServer(in_turn(reply(body=body))) as server, Session() as session:
        session.commit(with_rules("match:t=([^;]+) -> bearer"))
        result = session.get(server.url("/"))
        assert result.content == body
        assert bool(session.state.values) is is_taken
        assert ("capture_refused" in [notice.code for notice in result.warnings]) is not is_taken


def test_nothing_is_taken_from_a_body_that_breaks() -> None:
    def cut(peer: Peer) -> None:
        peer.read_request()
        peer.send(f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nt={SECRET};".encode())

    with NastyServer(cut) as server, Session() as session:
        session.commit(with_rules("match:t=([^;]+) -> bearer"))
        result = session.get(server.url("/"))
        assert result.error is not None
        assert result.error.code == "body_incomplete"
        assert not session.state.values


def test_a_value_that_cannot_be_sent_is_said_and_not_taken() -> None:
    with NastyServer(in_turn(reply(200, f"X-Id: {SECRET}%0d%0aX-Evil: 1"))) as server, Session() as session:
        session.commit(with_rules(f"{ID} decode=url"))
        result = session.get(server.url("/"))
        (notice,) = result.warnings
        assert notice.code == "capture_refused"
        assert SECRET not in notice.message
        assert not session.state.values


# Rejections


def numbered(rejecting: int, *, brings: bool) -> Answer:
    """A server that knows one id: it issues `v1`, and after that rejects whatever is not the newest one."""
    issued = ["v0"]

    def answer(request: RawRequest) -> bytes:
        if request.target == "/issue":
            issued.append(f"v{len(issued)}")
            return reply(200, f"X-Id: {issued[-1]}")
        if request.get("X-Id") == issued[-1]:
            return reply()
        return reply(rejecting, *([f"X-Id: {issued[-1]}"] if brings else []))

    return answer


def test_a_value_that_the_server_rejects_is_forgotten() -> None:
    with NastyServer(in_turn(reply(200, "X-Id: v1"), reply(403), reply(404), reply())) as server, Session() as session:
        session.commit(with_rules(f"{ID} drop=404"))
        statuses = [session.get(server.url("/"), check_status=False).status for _ in range(4)]
        assert statuses == [200, 403, 404, 200]
        assert saw(server) == [None, "v1", "v1", None]


def test_a_typed_value_that_is_rejected_does_not_cost_the_captured_one() -> None:
    with NastyServer(in_turn(reply(200, "X-Id: v1"), reply(404), reply())) as server, Session() as session:
        session.commit(with_rules(f"{ID} drop=404"))
        session.get(server.url("/"))
        session.get(server.url("/"), headers={"X-Id": "typed"})
        session.get(server.url("/"))
        assert saw(server) == [None, "typed", "v1"]


@pytest.mark.parametrize("body", [None, b"once more"], ids=["no body", "a body"])
def test_a_request_is_sent_once_more_with_the_value_that_its_rejection_brought(body: bytes | None) -> None:
    """Transmission's way: 409 with the right id."""
    with NastyServer(serving(numbered(409, brings=True))) as server, Session() as session:
        session.commit(with_rules(f"{ID} on=2xx,409 retry=409"))
        result = session.post(server.url("/rpc"), data=body)
        assert (result.status, result.attempts) == (200, 2)
        assert [request.body for request in server.requests] == [body or b""] * 2
        assert saw(server) == [None, "v0"]
        assert "resent" in [notice.code for notice in result.warnings]
        assert server.connections == 1


def test_a_request_is_sent_once_more_and_not_twice() -> None:
    issued: list[str] = []

    def never_content(request: RawRequest) -> bytes:
        issued.append(f"v{len(issued)}")
        return reply(409, f"X-Id: {issued[-1]}")

    with NastyServer(serving(never_content)) as server, Session() as session:
        session.commit(with_rules(f"{ID} on=409 retry=409"))
        assert session.get(server.url("/"), check_status=False).status == 409
        assert saw(server) == [None, "v0"]


def test_a_request_without_a_fresh_value_is_not_sent_again() -> None:
    with NastyServer(in_turn(reply(200, "X-Id: v1"), reply(403), reply(403))) as server, Session() as session:
        session.commit(with_rules(f"{ID} retry=403"))
        session.get(server.url("/"))
        assert session.get(server.url("/"), check_status=False).status == 403
        assert saw(server) == [None, "v1"]
        assert not session.state.values


def test_a_streamed_body_is_not_sent_again() -> None:
    from reqcli.model.body import StreamBody

    with NastyServer(serving(numbered(409, brings=True))) as server, Session() as session:
        session.commit(with_rules(f"{ID} on=2xx,409 retry=409"))
        body = StreamBody([b"a", b"b"], name="a pipe")
        assert session.post(server.url("/rpc"), data=body, check_status=False).status == 409
        assert session.post(server.url("/rpc"), data=b"c").status == 200
        assert saw(server) == [None, "v0"]


def test_a_cookie_that_its_rejection_renewed_is_repeated() -> None:
    def double_submit(request: RawRequest) -> bytes:
        if request.get("Cookie") == "t=new" and request.get("X-T") == "new":
            return reply()
        return reply(419, "Set-Cookie: t=new; Path=/")

    with NastyServer(serving(double_submit)) as server, Session() as session:
        session.commit(with_rules("cookie:t -> header:X-T retry=419"))
        assert session.post(server.url("/")).status == 200
        assert len(server.requests) == 2


def test_a_value_that_goes_out_once_goes_out_once() -> None:
    answers = (reply(200, "X-Id: v1"), reply(), reply(200, "X-Id: v2"), reply())
    with NastyServer(in_turn(*answers)) as server, Session() as session:
        session.commit(with_rules(f"{ID} once"))
        for _ in range(4):
            assert session.get(server.url("/")).ok
        assert saw(server) == [None, "v1", None, "v2"]


def test_a_run_that_fails_has_spent_what_it_sent_once(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))

    def vanish(peer: Peer) -> None:
        peer.answer(reply(200, "X-Id: v1"))
        peer.read_request()

    with NastyServer([vanish, in_turn(reply())]) as server:
        with Session.open("work", store) as session:
            session.commit(with_rules(f"{ID} once"))
            assert session.get(server.url("/")).ok
            assert session.post(server.url("/")).error is not None
        with Session.open("work", store) as session:
            assert session.get(server.url("/")).ok
        assert saw(server) == [None, "v1", None]


# Other processes


def two_runs(tmp_path: Path, reqcli: Program, rule: str, server: NastyServer) -> tuple[Session, FileStore]:
    """A run that has read its session, which another process has renewed since."""
    store = FileStore(str(reqcli.sessions))
    assert reqcli("session", "capture", "work", rule).status == 0
    assert reqcli("get", server.url("/issue"), "--session", "work").status == 0
    session = Session.open("work", store)
    assert reqcli("get", server.url("/issue"), "--session", "work").status == 0
    return session, store


def held(store: FileStore) -> Sequence[str]:
    state = store.read("work")
    assert state is not None
    return [stored.value for stored in state.values.values()]


def test_a_rejected_value_does_not_take_the_newer_one_of_another_process_along(tmp_path: Path, reqcli: Program) -> None:
    with NastyServer(serving(numbered(404, brings=False))) as server:
        session, store = two_runs(tmp_path, reqcli, f"{ID} drop=404", server)
        with session:
            assert session.get(server.url("/x"), check_status=False).status == 404
            assert saw(server)[-1] == "v1"
            assert held(store) == ["v2"]
            assert session.get(server.url("/x")).status == 200
            assert saw(server)[-1] == "v2"


def test_a_request_is_sent_once_more_with_the_value_of_another_process(tmp_path: Path, reqcli: Program) -> None:
    with NastyServer(serving(numbered(403, brings=False))) as server:
        session, store = two_runs(tmp_path, reqcli, f"{ID} retry=403", server)
        with session:
            assert session.post(server.url("/x"), data=b"x").status == 200
        assert saw(server)[-2:] == ["v1", "v2"]
        assert held(store) == ["v2"]


def test_a_read_only_run_forgets_for_itself_alone(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    with NastyServer(in_turn(reply(200, "X-Id: v1"), reply(404), reply())) as server:
        with Session.open("work", store) as session:
            session.commit(with_rules(f"{ID} drop=404"))
            assert session.get(server.url("/")).ok
        with Session.open("work", store, read_only=True) as session:
            session.get(server.url("/"))
            session.get(server.url("/"))
        assert saw(server) == [None, "v1", None]
        assert held(store) == ["v1"]
