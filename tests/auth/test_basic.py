from __future__ import annotations

import pytest

from reqcli.auth import Space, load, names
from reqcli.errors import Usage
from reqcli.model.credential import Credential
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.response import ResponseHead
from reqcli.model.secret import Secret
from reqcli.model.url import Url

REQUEST = Request("GET", Url.parse("https://api.example/"), Headers())
SPACE = Space(lambda: "0" * 32)


def header(user: str, password: str) -> str:
    credential = Credential("basic", {"user": user, "password": Secret(password)})
    return next(load("basic").flow(REQUEST, credential, SPACE)).headers["Authorization"]


@pytest.mark.parametrize(
    ("user", "password", "expected"),
    [
        pytest.param("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", id="RFC 7617 §2"),
        pytest.param("test", "123£", "Basic dGVzdDoxMjPCow==", id="RFC 7617 §2.1: UTF-8"),
        pytest.param("user", "", "Basic dXNlcjo=", id="an empty password"),
        pytest.param("user", "a:b", "Basic dXNlcjphOmI=", id="a colon in the password"),
        pytest.param("user", "€", "Basic dXNlcjrigqw=", id="outside latin-1"),
    ],
)
def test_the_header_is_user_and_password_in_base64(user: str, password: str, expected: str) -> None:
    assert header(user, password) == expected


@pytest.mark.parametrize(("user", "password"), [("a:b", "c"), ("a\n", "b"), ("a", "b\x00"), ("a", "\x7f")])
def test_what_basic_cannot_carry_is_refused_without_showing_it(user: str, password: str) -> None:
    with pytest.raises(Usage) as caught:
        header(user, password)
    assert password not in caught.value.message.split()


def test_a_wrong_password_is_not_tried_again() -> None:
    flow = load("basic").flow(REQUEST, load("basic").from_text("u:p"), SPACE)
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(ResponseHead(1, 401, "", Headers()))


def test_a_typed_credential_splits_at_the_first_colon() -> None:
    credential = load("basic").from_text("user:pass:word")
    assert (credential.reveal("user"), credential.reveal("password")) == ("user", "pass:word")
    assert isinstance(credential.params["password"], Secret)


def test_a_password_left_out_is_missing_and_not_empty() -> None:
    assert "password" not in load("basic").from_text("user").params


def test_schemes_are_found_by_the_name_of_their_file() -> None:
    assert {"basic", "bearer"} <= set(names())
    for name in names():
        assert load(name).params


@pytest.mark.parametrize("name", ["nope", "", "../basic", "basic.flow", "__init__"])
def test_an_unknown_scheme_is_refused_and_the_known_ones_are_named(name: str) -> None:
    with pytest.raises(Usage) as caught:
        load(name)
    assert "basic" in str(caught.value.hint)
