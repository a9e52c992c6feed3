"""How often a place is asked: a command that counts its runs, and runs that share a session in a real store."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reqcli.errors import SecretUnavailable, StoreUnavailable, Timeout
from reqcli.model.secret import Secret
from reqcli.session.memo import UNSHARED, Memo, ReplaceMemo, memo_of
from reqcli.session.operations import DeleteAuth, SetAuth
from reqcli.session.schema import Held, SessionState, StoredAuth
from reqcli.store.files import FileStore
from reqcli.store.names import new_id
from reqcli.vault import Errand, Vault
from reqcli.vault.fetching import described
from reqcli.vault.turns import Shared
from tests.counting import BARE, LASTING, Counter

A = "https://a.example"


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(str(tmp_path / "sessions"), new_id)


class Run:
    """One run over the stored session: what it does with its errands, and what it learned of the others."""

    def __init__(self, store: FileStore, *, patience: float = 30.0, reads_only: bool = False) -> None:
        state = store.read("work")
        assert state is not None
        self.store = store
        self.base = state.id
        self.vault = Vault({"PATH": os.environ["PATH"]})
        shared = None if reads_only else Shared(lambda: store.read("work"), self._note)
        self.errand = lambda: Errand(self.vault, state, patience=lambda: patience, shared=lambda: shared)

    def _note(self, operation: ReplaceMemo) -> SessionState:
        return self.store.commit("work", self.base, [operation], time.time())

    def fetch(self, held: Held) -> str:
        return self.errand().fetch(held).reveal()


def stored(store: FileStore, held: Held) -> Memo | None:
    state = store.read("work")
    assert state is not None
    assert isinstance(held, dict)
    return memo_of(state, held["command"])


def keep(store: FileStore, held: Held) -> Held:
    store.commit("work", None, [SetAuth(A, StoredAuth("bearer", {"token": held}))], time.time())
    return held


def expire(store: FileStore, held: Held, *, run: str = "", turn: float = 0) -> Memo:
    """Put the clock of the stored answer back."""
    memo = stored(store, held)
    assert memo is not None
    assert isinstance(held, dict)
    old = Memo(memo.answer, time.time() - 1, run, turn)
    state = store.read("work")
    assert state is not None
    store.commit("work", state.id, [ReplaceMemo(held["command"], old, expected=memo)], time.time())
    return old


@pytest.mark.parametrize("answer", [LASTING, BARE], ids=["lasting", "bare"])
def test_a_run_asks_once(store: FileStore, tmp_path: Path, answer: str) -> None:
    counter = Counter(tmp_path, answer)
    keep(store, counter.held)
    run = Run(store)
    assert [run.fetch(counter.held) for _ in range(3)] == ["token-1"] * 3
    assert counter.runs == 1


def test_an_answer_with_an_expiry_serves_the_next_runs_until_then(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    assert [Run(store).fetch(counter.held) for _ in range(3)] == ["token-1"] * 3
    memo = stored(store, counter.held)
    assert memo is not None
    assert (memo.answer, memo.run) == (Secret("token-1"), "")
    assert 3000 < memo.until - time.time() < 3600
    expire(store, counter.held)
    assert [Run(store).fetch(counter.held) for _ in range(3)] == ["token-2"] * 3
    assert counter.runs == 2


def test_an_answer_without_one_is_not_stored(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, BARE)
    keep(store, counter.held)
    assert [Run(store).fetch(counter.held) for _ in range(2)] == ["token-1", "token-2"]
    assert stored(store, counter.held) == UNSHARED
    assert "token-" not in Path(store.location("work")).read_text().replace("give-token", "")


def test_an_answer_that_has_expired_already_is_used_once_and_not_stored(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, 'echo "{\\"token\\": \\"token-$n\\", \\"expires_in\\": 0}"')
    keep(store, counter.held)
    run = Run(store)
    assert run.fetch(counter.held) == "token-1"
    assert run.fetch(counter.held) == "token-2"
    assert stored(store, counter.held) == UNSHARED


def test_a_run_that_only_reads_writes_nothing(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    before = Path(store.location("work")).read_bytes()
    assert [Run(store, reads_only=True).fetch(counter.held) for _ in range(2)] == ["token-1", "token-2"]
    assert Path(store.location("work")).read_bytes() == before


@pytest.mark.parametrize("answer", [LASTING, BARE], ids=["lasting", "bare"])
def test_a_refused_answer_is_asked_for_again_once_in_a_call(store: FileStore, tmp_path: Path, answer: str) -> None:
    counter = Counter(tmp_path, answer)
    keep(store, counter.held)
    run = Run(store)
    errand = run.errand()
    assert errand.fetch(counter.held).reveal() == "token-1"
    assert errand.renew() is True
    assert errand.fetch(counter.held).reveal() == "token-2"
    assert errand.renew() is False
    assert counter.runs == 2
    assert run.fetch(counter.held) == "token-2"
    assert Run(store).fetch(counter.held) == ("token-2" if answer == LASTING else "token-3")
    assert set(errand.secrets) == {Secret("token-1"), Secret("token-2")}


def test_a_refused_answer_that_another_run_renewed_already_is_taken_from_there(
    store: FileStore, tmp_path: Path
) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    slow, quick = Run(store).errand(), Run(store).errand()
    assert slow.fetch(counter.held) == quick.fetch(counter.held) == Secret("token-1")
    assert quick.renew() is True
    assert slow.renew() is True
    assert slow.fetch(counter.held) == quick.fetch(counter.held) == Secret("token-2")
    assert counter.runs == 2


def test_a_secret_that_is_the_same_as_before_is_no_renewal(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, "echo always")
    keep(store, counter.held)
    errand = Run(store).errand()
    errand.fetch(counter.held)
    assert errand.renew() is False
    assert counter.runs == 2


def test_only_what_the_last_hop_used_is_asked_again(store: FileStore, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    a, b = Counter(tmp_path / "a", BARE), Counter(tmp_path / "b", BARE)
    keep(store, a.held)
    errand = Run(store).errand()
    errand.fetch(a.held)
    errand.begin_hop()
    errand.fetch(b.held)
    assert errand.renew() is True
    assert (a.runs, b.runs) == (1, 2)


def test_a_file_is_read_again_and_a_variable_is_not(store: FileStore, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old")
    path.chmod(0o600)
    vault = Vault({"TOKEN": "t"})
    errand = Errand(vault, patience=lambda: 5.0)
    assert errand.fetch({"file": str(path)}).reveal() == "old"
    path.write_text("new")
    assert errand.fetch({"file": str(path)}).reveal() == "old"
    assert errand.renew() is True
    assert errand.fetch({"file": str(path)}).reveal() == "new"
    errand.begin_hop()
    errand.fetch({"env": "TOKEN"})
    assert errand.renew() is False


def together(number: int, work: Callable[[], str]) -> list[str]:
    """What each of so many threads got, all begun at once."""
    got: list[str] = []
    barrier = threading.Barrier(number)

    def one() -> None:
        barrier.wait(30)
        got.append(work())

    threads = [threading.Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return got


@pytest.mark.parametrize("begins", ["never asked", "expired", "refused"])
def test_runs_at_the_same_time_ask_once_for_all(store: FileStore, tmp_path: Path, begins: str) -> None:
    counter = Counter(tmp_path, LASTING, before="sleep 0.5")
    keep(store, counter.held)
    first = 1
    if begins != "never asked":
        Run(store).fetch(counter.held)
        first = 2
    if begins == "expired":
        expire(store, counter.held)

    def work() -> str:
        errand = Run(store).errand()
        secret = errand.fetch(counter.held)
        if begins == "refused":
            assert errand.renew() is True
            secret = errand.fetch(counter.held)
        return secret.reveal()

    assert together(12, work) == [f"token-{first}"] * 12
    assert counter.runs == first
    assert stored(store, counter.held) == Memo(Secret(f"token-{first}"), until_of(store, counter.held))


def until_of(store: FileStore, held: Held) -> float:
    memo = stored(store, held)
    return memo.until if memo is not None else 0.0


def test_a_command_whose_answers_cannot_be_shared_is_waited_for_once_and_never_again(
    store: FileStore, tmp_path: Path
) -> None:
    counter = Counter(tmp_path, BARE, before="sleep 0.3")
    keep(store, counter.held)
    assert sorted(together(4, lambda: Run(store).fetch(counter.held))) == [f"token-{n}" for n in (1, 2, 3, 4)]
    written = Path(store.location("work")).read_bytes()
    Run(store).fetch(counter.held)
    assert Path(store.location("work")).read_bytes() == written


def test_a_run_that_was_killed_in_its_turn_holds_nobody_up_for_long(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    Run(store).fetch(counter.held)
    expire(store, counter.held, run="killed", turn=time.time() + 1)
    began = time.monotonic()
    assert Run(store).fetch(counter.held) == "token-2"
    assert 0.5 < time.monotonic() - began < 20
    memo = stored(store, counter.held)
    assert memo is not None
    assert (memo.answer, memo.run) == (Secret("token-2"), "")


def test_a_turn_that_never_ends_is_waited_for_no_longer_than_a_command(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    Run(store).fetch(counter.held)
    expire(store, counter.held, run="killed", turn=time.time() + 1e9)
    assert Run(store, patience=2.0).fetch(counter.held) == "token-2"


def test_a_command_that_fails_leaves_its_turn_to_the_others(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, f"if [ $n -lt 3 ]; then exit 1; fi\n{LASTING}")
    keep(store, counter.held)
    for _ in range(2):
        with pytest.raises(SecretUnavailable):
            Run(store).fetch(counter.held)
        assert stored(store, counter.held) is None
    assert Run(store).fetch(counter.held) == "token-3"
    old = expire(store, counter.held)
    counter.forget()
    with pytest.raises(SecretUnavailable):
        Run(store).fetch(counter.held)
    assert stored(store, counter.held) == old


def test_who_has_no_time_left_does_not_wait(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    Run(store).fetch(counter.held)
    expire(store, counter.held, run="other", turn=time.time() + 60)
    state = store.read("work")
    ends = time.monotonic() + 0.3

    def patience() -> float:
        if time.monotonic() > ends:
            raise Timeout("the total time ran out", phase="secret")
        return 30.0

    shared = Shared(lambda: store.read("work"), lambda operation: pytest.fail("it had no turn"))
    with pytest.raises(Timeout):
        Errand(Vault({}), state, patience=patience, shared=lambda: shared).fetch(counter.held)


def test_a_session_that_is_gone_or_cannot_be_written_keeps_no_run_from_its_secret(
    store: FileStore, tmp_path: Path
) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    run = Run(store)
    store.delete("work")
    assert run.fetch(counter.held) == "token-1"
    assert store.read("work") is None

    def fail(operation: ReplaceMemo) -> SessionState:
        raise StoreUnavailable("the disk is full")

    vault = Vault({"PATH": os.environ["PATH"]})
    errand = Errand(vault, None, patience=lambda: 30.0, shared=lambda: Shared(lambda: None, fail))
    assert errand.fetch(counter.held).reveal() == "token-2"


def test_a_credential_that_was_taken_away_meanwhile_does_not_come_back(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING)
    keep(store, counter.held)
    run = Run(store)
    store.commit("work", run.base, [DeleteAuth(A)], time.time())
    assert run.fetch(counter.held) == "token-1"
    state = store.read("work")
    assert state is not None
    assert state.auth == {}


@pytest.mark.parametrize("held", [{}, {"env": "A", "file": "/x"}, {"memo": {}}, {"telepathy": "x"}, 5, None], ids=repr)
def test_a_reference_that_names_no_place_is_an_error_and_can_be_shown(held: object) -> None:
    with pytest.raises(SecretUnavailable):
        Vault({"A": "x"}).fetch(held)
    assert described(held) == "a place that this version does not know"


def test_an_inline_value_is_the_secret() -> None:
    assert Vault().fetch("hunter2") == Secret("hunter2")


def test_long_runs_whose_picture_of_the_session_is_old_take_turns_too(store: FileStore, tmp_path: Path) -> None:
    counter = Counter(tmp_path, LASTING, before="sleep 0.3")
    keep(store, counter.held)
    runs = [Run(store) for _ in range(6)]
    Run(store).fetch(counter.held)
    expire(store, counter.held)
    waiting = iter(runs)
    assert together(6, lambda: next(waiting).fetch(counter.held)) == ["token-2"] * 6
    assert counter.runs == 2
