"""A secret shows itself to nobody who does not ask it to."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from reqcli import errors
from reqcli.model.credential import Credential
from reqcli.model.secret import MASK, Secret
from reqcli.model.url import Url

HIDDEN = "hunter2-π"


def test_only_reveal_gives_it_away() -> None:
    assert Secret(HIDDEN).reveal() == HIDDEN


def test_no_way_of_showing_it_shows_it() -> None:
    secret = Secret(HIDDEN)
    shown = [
        str(secret), repr(secret), f"{secret}", f"{secret!r}", f"{secret!s}", f"{secret!a}", f"{secret:>20}",
        "{} {!r}".format(*[secret] * 2), ascii(secret), str([secret]),
        repr({"password": secret}), str(ValueError(secret)), repr(Credential("basic", {"password": secret})),
        repr(Url("http", "h", 80, username=HIDDEN, password=secret)),
    ]  # fmt: skip
    for text in shown:
        assert HIDDEN not in text
        assert HIDDEN[:3] not in text


def test_its_length_is_not_shown() -> None:
    assert str(Secret("a")) == str(Secret("a" * 50)) == MASK


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(Secret(HIDDEN), protocol)


def test_it_cannot_be_written_as_json_or_copied_or_joined_to_text() -> None:
    with pytest.raises(TypeError):
        json.dumps({"password": Secret(HIDDEN)})
    with pytest.raises(TypeError):
        copy.deepcopy(Secret(HIDDEN))
    with pytest.raises(TypeError):
        "Bearer " + Secret(HIDDEN)  # type: ignore[operator]
    with pytest.raises(TypeError):
        "".join([Secret(HIDDEN)])  # type: ignore[list-item]


def test_it_has_no_dictionary_to_be_dumped() -> None:
    with pytest.raises(TypeError):
        vars(Secret(HIDDEN))


def test_two_are_equal_when_their_values_are() -> None:
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_an_empty_one_is_false() -> None:
    assert not Secret("")
    assert Secret(" ")


@pytest.mark.parametrize("cls", errors.all_errors())
def test_no_error_shows_a_secret_it_is_given(cls: type[errors.ReqcliError]) -> None:
    error = cls(f"cannot use {Secret(HIDDEN)}", details={"password": Secret(HIDDEN)})
    assert HIDDEN not in f"{error} {error!r} {error.message} {error.details}"
