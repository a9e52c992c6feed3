from __future__ import annotations

import pytest

import reqcli.auth
import reqcli.decode
import reqcli.render.formats
from reqcli.model import shelf

SHELVES = {
    "reqcli.auth": (reqcli.auth.__path__, "SCHEME"),
    "reqcli.decode": (reqcli.decode.__path__, "CODING"),
    "reqcli.render.formats": (reqcli.render.formats.__path__, "FORMAT"),
}


@pytest.mark.parametrize("package", SHELVES)
def test_every_file_of_a_shelf_ends_in_its_kind(package: str) -> None:
    folder, constant = SHELVES[package]
    found = shelf.names(folder)
    assert found
    for name in found:
        assert shelf.load(package, name, constant) is not None


@pytest.mark.parametrize("name", ["nope", "", "__init__", "basic.flow", "../basic", "bäsic", "os"])
def test_what_is_no_file_of_the_shelf_is_none(name: str) -> None:
    assert shelf.load("reqcli.auth", name, "SCHEME") is None
