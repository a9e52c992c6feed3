"""The vault from the library's side: where the environment comes from, and what a result knows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reqcli import FileStore, MemoryStore, Result, Secret, Session, Vault
from reqcli.session.operations import Operation, SetAuth, SetHeader, apply
from reqcli.session.schema import StoredAuth, StoredHeader, new_state
from reqcli.store.names import new_id
from tests.counting import BARE, Counter
from tests.sockets import NastyServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def call(server: NastyServer, vault: Vault | None, *operations: Operation) -> Result:
    state = apply(new_state(new_id(), 1.0), operations, 1.0)
    with Session(state, vault=vault) as session:
        return session.get(server.url("/"))


def test_the_environment_is_what_the_program_hands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "of the process")
    with NastyServer(OK) as server:
        origin = server.url("/").rstrip("/")
        auth = SetAuth(origin, StoredAuth("bearer", {"token": {"env": "TOKEN"}}))
        header = SetHeader(StoredHeader("X-Team", {"env": "TEAM"}, origin))
        result = call(server, Vault({"TOKEN": "t0ken", "TEAM": "blue"}), auth, header)
        assert result.ok
        assert set(result.secrets) == {Secret("t0ken"), Secret("blue")}
        assert server.requests[0].get("authorization") == "Bearer t0ken"
        assert server.requests[0].get("x-team") == "blue"
        failed = call(server, None, auth)
        assert failed.error is not None
        assert (failed.error.code, failed.sent) == ("secret_unavailable", "no")
        assert len(server.requests) == 1


def test_a_line_break_in_a_secret_ends_no_line(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("a\r\nX-Evil: 1")
    (tmp_path / "s").chmod(0o600)
    with NastyServer(OK, must_be_called=False) as server:
        origin, place = server.url("/").rstrip("/"), {"file": str(tmp_path / "s")}
        for operation in (
            SetHeader(StoredHeader("X-Team", place, origin)),
            SetAuth(origin, StoredAuth("bearer", {"token": place})),
            SetAuth(origin, StoredAuth("basic", {"user": "u", "password": place})),
            SetAuth(origin, StoredAuth("apikey", {"name": "X-Key", "key": place})),
        ):
            error = call(server, None, operation).error
            assert error is not None
            assert error.code == "usage"
            assert "X-Evil" not in f"{error.message}{error.hint}"
        assert server.requests == []


def test_runs_of_one_vault_share_what_it_fetched(tmp_path: Path) -> None:
    counter = Counter(tmp_path, BARE)
    vault = Vault({"PATH": "/usr/bin:/bin"})
    with NastyServer(OK) as server:
        auth = SetAuth(server.url("/").rstrip("/"), StoredAuth("bearer", {"token": counter.held}))
        for _ in range(3):
            assert call(server, vault, auth).ok
    assert counter.runs == 1


def test_a_session_in_memory_shares_answers_too(tmp_path: Path) -> None:
    counter = Counter(tmp_path, 'echo "{\\"token\\": \\"t\\", \\"expires_in\\": 900}"')
    store = MemoryStore(new_id)
    with NastyServer(OK) as server:
        auth = SetAuth(server.url("/").rstrip("/"), StoredAuth("bearer", {"token": counter.held}))
        store.commit("work", None, [auth], 1.0)
        for _ in range(3):
            with Session.open("work", store, vault=Vault({"PATH": "/usr/bin:/bin"})) as session:
                assert session.get(server.url("/")).ok
    assert counter.runs == 1


def test_no_vault_shows_what_it_knows() -> None:
    vault = Vault({"TOKEN": "hunter2"})
    assert vault.fetch({"env": "TOKEN"}) == Secret("hunter2")
    assert "hunter2" not in repr([vault, *vault.known.items(), FileStore])
