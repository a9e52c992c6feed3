"""When what a response taught cannot be stored: the answer is delivered, and the failure is the outcome."""

from __future__ import annotations

from pathlib import Path

from reqcli import FileStore, Session
from reqcli.store.names import new_id
from tests.sockets import NastyServer, Peer

ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"


def test_a_session_deleted_meanwhile_does_not_come_back_and_the_answer_is_not_lost(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path / "sessions"), new_id)

    def script(peer: Peer) -> None:
        peer.answer(ANSWER)
        request = peer.read_request()
        store.delete("work")
        peer.send(ANSWER.replace(b"a=b", b"c=d"))
        assert request.get("cookie") == "a=b"

    with NastyServer(script) as server, Session.open("work", store) as session:
        assert session.get(server.url("/")).ok
        result = session.get(server.url("/"))
    assert result.error is not None
    assert result.error.code == "session_conflict"
    assert result.response is not None
    assert result.response.content == b"ok"
    assert result.session is not None
    assert not result.session.saved
    assert store.read("work") is None


def test_a_lock_that_is_held_too_long_fails_the_run_and_not_the_answer(tmp_path: Path) -> None:
    import fcntl

    store = FileStore(str(tmp_path / "sessions"), new_id, lock_patience=0.2)
    with NastyServer(ANSWER) as server, Session.open("work", store) as session:
        assert session.get(server.url("/")).ok
        with (
            (tmp_path / "sessions" / ".work.lock").open("r+") as held,
            NastyServer(ANSWER.replace(b"a=b", b"new=1")) as other,
        ):
            fcntl.flock(held, fcntl.LOCK_EX)
            result = session.get(other.url("/"))
    assert result.error is not None
    assert (result.error.code, result.error.exit_status) == ("session_locked", 102)
    assert result.response is not None
    assert result.response.content == b"ok"
