"""Runs that follow one another: each is fresh, all use the same connections, and only state passes between them."""

from __future__ import annotations

import pytest

from reqcli.api.session import Session
from reqcli.errors import Usage
from reqcli.session.rule_operations import SetRule
from reqcli.session.rules import parse
from reqcli.store.memory import MemoryStore
from tests.server import DemoServer
from tests.sockets import NastyServer


def cookie_at(session: Session, server: DemoServer) -> str | None:
    """The Cookie header that the session sends."""
    headers = {name.lower(): value for name, value in session.get(f"{server.url}/echo").json()["headers"]}
    return headers.get("cookie")


def test_the_next_run_knows_what_the_last_has_learned_and_uses_its_connection(demo_server: DemoServer) -> None:
    with Session() as first:
        assert first.get(f"{demo_server.url}/cookie/a/1").ok
        second = first.afresh()
        assert cookie_at(second, demo_server) == "a=1"
        assert second.get(f"{demo_server.url}/cookie/b/2").ok
        assert cookie_at(first, demo_server) == "a=1", "what a later run learns is not the earlier one's"
        assert demo_server.connections == 1


def test_the_end_of_a_run_is_not_the_end_of_the_connections(demo_server: DemoServer) -> None:
    with Session() as first:
        for apart in (False, True):
            with first.afresh(apart=apart) as run:
                assert run.get(f"{demo_server.url}/echo").ok
            with pytest.raises(Usage):
                run.get(f"{demo_server.url}/echo")
        assert first.get(f"{demo_server.url}/echo").ok
        assert demo_server.connections == 1


def test_runs_of_a_session_that_nobody_has_stored_yet_make_one_together(demo_server: DemoServer) -> None:
    store = MemoryStore()
    with Session.open("new", store) as first:
        runs = [first.afresh(apart=True) for _ in range(3)]
        for number, run in enumerate(runs):
            assert run.get(f"{demo_server.url}/cookie/c{number}/1").ok
    stored = store.read("new")
    assert stored is not None
    assert {cookie.name for cookie in stored.cookies} == {"c0", "c1", "c2"}


def test_a_session_that_could_not_be_opened_gives_runs_that_say_so() -> None:
    with Session.open("none", MemoryStore(), read_only=True) as first:
        result = first.afresh().get("http://127.0.0.1:1/")
    assert result.error is not None
    assert result.error.code == "session_not_found"


@pytest.mark.parametrize(
    ("fields", "learns"),
    [
        pytest.param(b"", False, id="nothing"),
        pytest.param(b"Set-Cookie: c=1\r\n", True, id="a cookie"),
        pytest.param(b"X-Token: t\r\n", True, id="what a rule is for"),
    ],
)
def test_a_run_is_as_new_until_it_learns_something(fields: bytes, learns: bool) -> None:
    """Who has one send call after call, as a batch does, would else send what one call learned with the next."""
    with NastyServer(b"HTTP/1.1 200 OK\r\n%bContent-Length: 0\r\n\r\n" % fields) as server, Session() as session:
        session.commit([SetRule(parse("header:X-Token -> header:X-Token"))])
        run = session.afresh()
        assert run.is_as_new
        assert run.get(server.url()).ok
        assert run.is_as_new is not learns
        assert session.afresh().is_as_new


def test_a_run_that_had_its_turn_is_new_no_more(demo_server: DemoServer) -> None:
    """It has taken up what others stored by then, be its own answer without a word to be learned."""
    store = MemoryStore()
    with Session.open("s", store, serialize=True) as session, Session.open("s", store) as other:
        run = session.afresh()
        assert run.is_as_new
        assert other.get(f"{demo_server.url}/cookie/theirs/1").ok
        assert cookie_at(run, demo_server) == "theirs=1"
        assert not run.is_as_new
