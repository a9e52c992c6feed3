"""The shelf of sources."""

from __future__ import annotations

from typing import Any

import pytest

from reqcli.errors import SecretUnavailable
from reqcli.vault import sources

SOUND: dict[str, Any] = {
    "command": ["give-token", "hunter2"],
    "env": "API_TOKEN",
    "file": "/run/token",
    "keyring": {"service": "api", "user": "alice"},
}


def test_the_folder_is_the_list() -> None:
    assert sources.names() == sorted(SOUND)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("command", "command give-token"),
        ("env", "environment variable API_TOKEN"),
        ("file", "file /run/token"),
        ("keyring", "keyring entry api:alice"),
    ],
)
def test_every_source_says_where_a_secret_is_and_nothing_that_may_be_one(kind: str, words: str) -> None:
    assert sources.load(kind).describe(SOUND[kind]) == words


@pytest.mark.parametrize("kind", sources.names())
@pytest.mark.parametrize(
    "where",
    [None, 5, "", [], {}, [""], [5], ["a", None], "a/b", "A=B", "a\nb", {"service": "s"}, {"service": 1, "user": "u"}],
    ids=repr,
)
def test_every_source_refuses_what_is_no_place_of_its_kind(kind: str, where: Any) -> None:
    if (kind, where) == ("env", "a/b"):
        return  # an odd name for a variable, and yet one
    for ask in (sources.load(kind).describe, lambda where: sources.load(kind).fetch(where, {}, 5.0)):
        with pytest.raises(SecretUnavailable, match=f"by {kind}, but not in the form of one") as caught:
            ask(where)
        assert f'"{kind}"' in str(caught.value.hint)


@pytest.mark.parametrize("kind", ["telepathy", "", "../env", "env.x"])
def test_a_kind_that_is_not_there_is_refused_with_those_that_are(kind: str) -> None:
    with pytest.raises(SecretUnavailable, match="cannot fetch") as caught:
        sources.load(kind)
    assert "command, env, file, keyring" in str(caught.value.hint)
