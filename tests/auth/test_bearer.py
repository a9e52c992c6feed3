from __future__ import annotations

import pytest

from reqcli.auth import Space, load
from reqcli.errors import Usage
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.url import Url

REQUEST = Request("GET", Url.parse("https://api.example/"), Headers())
SPACE = Space(lambda: "0" * 32)


def header(token: str) -> str:
    scheme = load("bearer")
    return next(scheme.flow(REQUEST, scheme.from_text(token), SPACE)).headers["Authorization"]


@pytest.mark.parametrize("token", ["mF_9.B5f-4.1JqM", "abc+/==", "~x~"])
def test_the_token_stands_in_the_header(token: str) -> None:
    assert header(token) == f"Bearer {token}"


@pytest.mark.parametrize("token", ["", "two words", '"quoted"', "tok\n", "a=b", "é"])
def test_a_mangled_token_is_noticed_before_it_is_sent_and_never_shown(token: str) -> None:
    with pytest.raises(Usage) as caught:
        header(token)
    assert not token or token not in caught.value.message


def test_it_takes_the_place_of_any_other_authorization() -> None:
    request = REQUEST.with_header("authorization", "Basic eDp5")
    scheme = load("bearer")
    assert next(scheme.flow(request, scheme.from_text("t"), SPACE)).headers.get_all("Authorization") == ["Bearer t"]
