"""What every store promises: one suite, run on each kind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reqcli.errors import SessionConflict, SessionLocked, SessionNotFound, Usage
from reqcli.session.operations import DeleteHeader, Operation, SetHeader, apply
from reqcli.session.schema import StoredHeader, new_state
from reqcli.store.face import Store
from tests.session.states import operations
from tests.store.writer import COMMITS, NAME, TASKS, header, new_id

WRITERS = 40
OTHER = "play"


def in_threads(store: Store, task: str, writers: int) -> None:
    """Let threads do the task at once; an error in any of them is raised here."""
    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(lambda index: TASKS[task](store, str(index)), range(writers)))


class StoreContract:
    """A subclass gives the fixtures: `store`, empty, and `race(task, writers)`, which has writers do a task at once."""

    def is_revision(self, rev: int, commits: int) -> bool:
        """Whether this may be the revision after so many commits at once."""
        return rev == commits

    def test_what_was_committed_is_read(self, store: Store) -> None:
        after = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        assert (after.rev, after.created, after.updated) == (1, 5.0, 5.0)
        assert store.read(NAME) == after
        again = store.commit(NAME, after.id, [header("X-B", "2"), DeleteHeader("*", "X-A")], 6.0)
        assert store.read(NAME) == again
        assert (again.id, again.rev, sorted(again.headers)) == (after.id, 2, [("*", "x-b")])

    def test_a_session_that_does_not_exist_is_none(self, store: Store) -> None:
        assert store.read(NAME) is None
        assert store.names() == []
        assert store.delete(NAME) is False

    def test_a_commit_that_changes_nothing_makes_no_session(self, store: Store) -> None:
        assert store.commit(NAME, None, [DeleteHeader("*", "X-A")], 5.0).rev == 0
        assert store.read(NAME) is None

    def test_a_commit_that_changes_nothing_keeps_the_revision(self, store: Store) -> None:
        before = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        assert store.commit(NAME, before.id, [header("X-A", "1")], 6.0) == before
        assert store.read(NAME) == before

    def test_two_first_uses_are_both_kept(self, store: Store) -> None:
        first = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        second = store.commit(NAME, None, [header("X-B", "2")], 6.0)
        assert second.id == first.id
        assert sorted(second.headers) == [("*", "x-a"), ("*", "x-b")]

    def test_a_deleted_session_does_not_come_back(self, store: Store) -> None:
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        assert store.delete(NAME) is True
        with pytest.raises(SessionConflict, match="deleted"):
            store.commit(NAME, state.id, [header("X-B", "2")], 6.0)
        assert store.read(NAME) is None
        assert store.names() == []

    def test_what_was_learned_in_one_session_does_not_slip_into_another_of_its_name(self, store: Store) -> None:
        old = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        store.delete(NAME)
        new = store.commit(NAME, None, [header("X-C", "3")], 6.0)
        assert new.id != old.id
        with pytest.raises(SessionConflict, match="made anew"):
            store.commit(NAME, old.id, [header("X-B", "2")], 7.0)
        assert store.read(NAME) == new

    def test_a_session_is_created_once(self, store: Store) -> None:
        state = apply(new_state(new_id(), 5.0), [header("X-A", "1")], 5.0)
        store.create(NAME, state)
        assert store.read(NAME) == state
        with pytest.raises(SessionConflict, match="a session work already") as caught:
            store.create(NAME, new_state(new_id(), 6.0))
        assert not caught.value.retryable
        assert store.read(NAME) == state

    def test_a_survey_finds_every_session_once(self, store: Store) -> None:
        assert list(store.survey()) == []
        for name in ("b", "a", "c"):
            store.commit(name, None, [header("X-Name", name)], 5.0)
        store.delete("c")
        assert [(name, found) for name, found, _ in store.survey()] == [(n, store.read(n)) for n in ("a", "b")]
        survey = store.survey()
        assert next(survey)[0] == "a"
        store.delete("b")
        assert list(survey) == []

    def test_sessions_do_not_know_each_other(self, store: Store) -> None:
        for name in ("b", "a", "A.b-c_d", "0" * 64):
            store.commit(name, None, [header("X-Name", name)], 5.0)
        assert store.names() == sorted(["b", "a", "A.b-c_d", "0" * 64])
        store.delete("a")
        assert store.names() == sorted(["b", "A.b-c_d", "0" * 64])
        kept = store.read("b")
        assert kept is not None
        assert kept.headers["*", "x-name"].value == "b"

    @pytest.mark.parametrize(
        "name", ["", ".", "..", ".hidden", "-o", "a b", "a\n", "ä", "a\0", "x" * 65, "a:b"], ids=repr
    )
    def test_what_is_no_name_is_refused_with_the_rule(self, store: Store, name: str) -> None:
        for call in (
            lambda: store.read(name),
            lambda: store.commit(name, None, [], 5.0),
            lambda: store.create(name, new_state(new_id(), 5.0)),
            lambda: store.delete(name),
            lambda: store.rename(name, NAME),
            lambda: store.rename(NAME, name),
            lambda: store.turn(name, 0.0),
            lambda: store.location(name),
        ):
            with pytest.raises(Usage, match="cannot be the name of a session") as caught:
                call()
            assert "64" in str(caught.value.hint)

    def test_a_session_that_was_changed_is_not_deleted_by_who_has_not_seen_that(self, store: Store) -> None:
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        newer = store.commit(NAME, state.id, [header("X-B", "2")], 6.0)
        with pytest.raises(SessionConflict, match="was changed meanwhile"):
            store.delete(NAME, only=state)
        assert store.read(NAME) == newer
        assert store.delete(NAME, only=newer) is True
        assert store.delete(NAME, only=newer) is False

    def test_a_renamed_session_is_the_same_one(self, store: Store) -> None:
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        store.rename(NAME, OTHER)
        assert (store.read(NAME), store.read(OTHER), store.names()) == (None, state, [OTHER])
        with pytest.raises(SessionConflict, match="deleted"):
            store.commit(NAME, state.id, [header("X-B", "2")], 6.0)
        assert store.commit(OTHER, state.id, [header("X-B", "2")], 6.0).rev == 2

    def test_a_name_that_is_taken_is_not_overwritten(self, store: Store) -> None:
        states = {name: store.commit(name, None, [header("X-Name", name)], 5.0) for name in (NAME, OTHER)}
        for target in (OTHER, NAME):
            with pytest.raises(SessionConflict, match=f"a session {target} already") as caught:
                store.rename(NAME, target)
            assert not caught.value.retryable
        assert {name: store.read(name) for name in states} == states

    def test_what_is_not_there_cannot_be_renamed(self, store: Store) -> None:
        with pytest.raises(SessionNotFound, match=NAME):
            store.rename(NAME, OTHER)
        there = store.commit(OTHER, None, [header("X-A", "1")], 5.0)
        with pytest.raises(SessionNotFound, match=NAME):
            store.rename(NAME, OTHER)
        assert (store.read(OTHER), store.names()) == (there, [OTHER])

    def test_one_has_the_turn_at_a_time_and_commits_go_on_in_it(self, store: Store) -> None:
        with store.turn(NAME, 1.0):
            for _ in range(2):
                with pytest.raises(SessionLocked, match=f"session {NAME} was in use by others"), store.turn(NAME, 0.0):
                    pass
            with store.turn(OTHER, 0.0):
                assert store.commit(NAME, None, [header("X-A", "1")], 5.0).rev == 1
        with store.turn(NAME, 0.0):
            assert store.delete(NAME) is True
        with store.turn(NAME, 0.0):
            pass

    def test_a_turn_ends_with_an_error_too(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.turn(NAME, 0.0):
            raise ZeroDivisionError
        with store.turn(NAME, 0.0):
            pass

    def test_there_is_nothing_to_tidy_after_ordinary_use(self, store: Store) -> None:
        assert store.tidy(dry_run=False) == []
        store.commit(NAME, None, [header("X-A", "1")], 5.0)
        with store.turn(NAME, 0.0):
            store.rename(NAME, OTHER)
        with store.turn(OTHER, 0.0):
            store.delete(OTHER)
        assert store.tidy(dry_run=True) == store.tidy(dry_run=False) == []

    def test_who_reads_and_writes_in_turn_overwrites_nothing(
        self, store: Store, race: Callable[[str, int], None]
    ) -> None:
        race("count_in_turn", 8)
        state = store.read(NAME)
        assert state is not None
        assert state.headers["*", "x-count"].value == str(8 * COMMITS)

    def test_renaming_there_and_back_at_once_comes_to_an_end(
        self, store: Store, race: Callable[[str, int], None]
    ) -> None:
        """Each holds two locks; were they not taken in one order, two of them would wait for each other."""
        state = store.commit(NAME, None, [header("X-A", "1")], 5.0)
        race("rename_there_and_back", 6)
        (name,) = store.names()
        assert store.read(name) == state
        assert store.tidy(dry_run=True) == []

    def test_every_commit_of_many_writers_is_kept(self, store: Store, race: Callable[[str, int], None]) -> None:
        store.create(NAME, new_state(new_id(), 5.0))
        race("distinct_keys", WRITERS)
        state = store.read(NAME)
        assert state is not None
        assert self.is_revision(state.rev, WRITERS * COMMITS)
        assert set(state.headers) == {("*", f"x-{i}-{n}") for i in range(WRITERS) for n in range(COMMITS)}

    def test_writers_of_one_key_come_one_after_the_other(self, store: Store, race: Callable[[str, int], None]) -> None:
        store.create(NAME, new_state(new_id(), 5.0))
        race("same_key", 20)
        state = store.read(NAME)
        assert state is not None
        assert self.is_revision(state.rev, 20 * COMMITS)
        assert str(state.headers["*", "x-same"].value).endswith(f"-{COMMITS - 1}")

    def test_a_session_that_many_use_for_the_first_time_at_once_is_one(
        self, store: Store, race: Callable[[str, int], None]
    ) -> None:
        race("first_use", WRITERS)
        state = store.read(NAME)
        assert state is not None
        assert self.is_revision(state.rev, WRITERS)
        assert set(state.headers) == {("*", f"x-{index}") for index in range(WRITERS)}

    def test_deleting_and_beginning_anew_at_once_breaks_nothing(
        self, store: Store, race: Callable[[str, int], None]
    ) -> None:
        race("delete_and_begin_anew", 6)
        store.delete(NAME)
        assert store.commit(NAME, None, [header("X-A", "1")], 5.0).rev == 1

    @given(st.lists(st.tuples(st.integers(0, 3), st.lists(operations, max_size=3)), max_size=10))
    @settings(
        max_examples=100,
        deadline=None,
        # The store is emptied by the test itself, and each kind of store runs it once.
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    )
    def test_interleaved_runs_come_to_the_same_as_one_after_the_other(
        self, store: Store, commits: list[tuple[int, list[Operation]]]
    ) -> None:
        """Each run keeps what it read at its start; commits take effect in the order in which they were made."""
        store.delete(NAME)
        expected = base = apply(new_state(new_id(), 1.0), [header("X-Base", "v")], 1.0)
        store.create(NAME, base)
        for run, ops in commits:
            own = SetHeader(StoredHeader("X-Own", str(len(ops)), f"run {run}"))
            store.commit(NAME, base.id, [*ops, own], 1e9)
            expected = apply(expected, [*ops, own], 1e9)
        assert store.read(NAME) == expected
        last = {f"run {run}": str(len(ops)) for run, ops in commits}
        assert {key[0]: kept.value for key, kept in expected.headers.items() if key[1] == "x-own"} == last
        assert expected.headers["*", "x-base"].value == "v"
