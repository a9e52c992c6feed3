"""The shelf of formats."""

from __future__ import annotations

import json

import pytest

from reqcli.errors import Usage
from reqcli.model.result import Result
from reqcli.render import formats
from tests.render.answers import answer


def test_the_folder_is_the_list() -> None:
    assert formats.names() == ["brief", "json"]


@pytest.mark.parametrize("name", formats.names())
def test_every_format_gives_bytes_that_end_a_line(name: str) -> None:
    assert formats.load(name)(Result(response=answer(b"{}"))).endswith(b"\n")


def test_a_format_is_loaded_by_its_name() -> None:
    assert json.loads(formats.load("json")(Result()))["ok"] is True


@pytest.mark.parametrize("name", ["yaml", "", "../json", "json.x"])
def test_a_format_that_is_not_there_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(Usage) as caught:
        formats.load(name)
    assert caught.value.hint == "one of brief, json"
