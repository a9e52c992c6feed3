from __future__ import annotations

from typing import Any

import pytest

from reqcli.model.cookie import Cookie
from reqcli.session.schema import (
    VERSION,
    Malformed,
    SessionState,
    StoredAuth,
    StoredHeader,
    migrate,
    new_state,
)

ID = "0123456789abcdef" * 2


def m002_agent_becomes_user_agent(document: dict[str, Any]) -> dict[str, Any]:
    settings = dict(document["settings"])
    if "agent" in settings:
        settings["user_agent"] = settings.pop("agent")
    return {**document, "settings": settings}


def m003_headers_are_lists(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "headers": [list(item) for item in document["headers"].items()]}


TWO = (m002_agent_becomes_user_agent, m003_headers_are_lists)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            {"version": 1, "settings": {"agent": "x"}, "headers": {"A": "b"}},
            {"version": 3, "settings": {"user_agent": "x"}, "headers": [["A", "b"]]},
            id="both steps",
        ),
        pytest.param(
            {"version": 2, "settings": {"agent": "x"}, "headers": {"A": "b"}},
            {"version": 3, "settings": {"agent": "x"}, "headers": [["A", "b"]]},
            id="only the step that is missing",
        ),
        pytest.param(
            {"version": 3, "settings": {"agent": "x"}, "headers": {}},
            {"version": 3, "settings": {"agent": "x"}, "headers": {}},
            id="none",
        ),
    ],
)
def test_a_document_goes_through_the_migrations_it_lacks(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert migrate(before, TWO) == after


def test_a_migration_leaves_the_document_it_was_given_alone() -> None:
    before = {"version": 1, "settings": {"agent": "x"}, "headers": {"A": "b"}}
    migrate(before, TWO)
    assert before == {"version": 1, "settings": {"agent": "x"}, "headers": {"A": "b"}}


def test_a_document_of_a_newer_version_is_refused_with_the_way_out() -> None:
    with pytest.raises(Malformed, match=r"newer reqcli \(version 4, and this one reads up to 3\)") as caught:
        migrate({"version": 4}, TWO)
    assert caught.value.hint is not None
    assert "upgrade" in caught.value.hint


@pytest.mark.parametrize("version", [None, "1", 1.0, True, 0, -1], ids=repr)
def test_a_version_that_is_no_number_is_refused(version: object) -> None:
    with pytest.raises(Malformed, match="version"):
        migrate({"version": version}, TWO)


def test_a_document_that_its_migration_cannot_read_is_refused_without_its_values() -> None:
    with pytest.raises(Malformed, match="version 1 promises") as caught:
        migrate({"version": 1, "settings": "hunter2"}, TWO)
    assert "hunter2" not in str(caught.value)


def test_what_this_version_writes_needs_no_migration() -> None:
    document = {"version": VERSION}
    assert migrate(document, ()) is document


def test_no_repr_shows_a_value() -> None:
    secret = "hunter2"
    header = StoredHeader("X-Key", secret, "https://a.example")
    auth = StoredAuth("basic", {"user": "u", "password": secret})
    state = new_state(ID, 1.0).replace(
        settings={"base_url": secret},
        headers={header.key: header},
        auth={"https://a.example": auth},
        cookies=(Cookie("sid", secret, "a.example"),),
    )
    assert secret not in repr([header, auth, state, state.headers, state.auth, state.cookies])
    assert "X-Key" in repr(header)
    assert "basic" in repr(auth)


def test_a_new_state_knows_nothing() -> None:
    state = new_state(ID, 5.0)
    assert state == SessionState(ID, rev=0, created=5.0, updated=5.0, settings={}, headers={}, auth={}, cookies=())
    assert hash(state) == hash(new_state(ID, 5.0))
