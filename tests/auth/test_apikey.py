from __future__ import annotations

import pytest

from reqcli.auth import Space, load
from reqcli.errors import Usage
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.url import Url

REQUEST = Request("GET", Url.parse("https://api.example/v1?a=b"), Headers())


def sent(text: str) -> Request:
    scheme = load("apikey")
    return next(scheme.flow(REQUEST, scheme.from_text(text), Space(lambda: "0" * 32)))


def test_the_key_goes_into_the_header_of_that_name() -> None:
    assert sent("X-Api-Key:k:1").headers["X-Api-Key"] == "k:1"


def test_the_key_goes_into_the_query_encoded() -> None:
    request = sent("?key:a b&c")
    assert request.url.target == "/v1?a=b&key=a%20b%26c"
    assert request.headers["Host"] == "api.example"


@pytest.mark.parametrize("text", [":k", "?:k", "X Y:k", "X-Key:a\nb"])
def test_what_cannot_be_sent_is_refused_without_showing_the_key(text: str) -> None:
    with pytest.raises(Usage) as caught:
        sent(text)
    assert text.partition(":")[2] not in caught.value.message.split()
