from __future__ import annotations

from reqcli.model.cookie import Cookie
from reqcli.model.credential import Credential
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.url import Url
from reqcli.session.keep import kept
from reqcli.session.operations import SetAuth, SetCookie, SetHeader
from reqcli.session.schema import StoredAuth, StoredHeader

NOW = 1000.0


def call(*headers: tuple[str, str | None], url: str = "https://a.example/x/y", **more: object) -> RequestSpec:
    return RequestSpec("GET", Url.parse(url), headers=headers, **more)  # type: ignore[arg-type]


def test_headers_and_the_credential_are_bound_to_the_origin() -> None:
    spec = call(("X-Key", "k"), ("Host", "other"), ("X-Out", None), auth=Credential("bearer", {"token": "t"}))
    assert kept(spec, NOW) == (
        [
            SetHeader(StoredHeader("X-Key", "k", "https://a.example")),
            SetAuth("https://a.example", StoredAuth("bearer", {"token": "t"})),
        ],
        [],
    )


def test_what_was_fetched_is_kept_as_the_place_it_came_from() -> None:
    place = {"env": "API_TOKEN"}
    fetched = Credential("basic", {"user": "u", "password": Secret("p")}, places={"password": place})
    operations, _ = kept(call(auth=fetched), NOW)
    assert operations == [SetAuth("https://a.example", StoredAuth("basic", {"user": "u", "password": place}))]


def test_typed_cookies_go_into_the_jar_for_that_host_alone() -> None:
    operations, refusals = kept(call(("Cookie", "a=1; b=2=3;; c"), ("cookie", "d=4")), NOW)
    assert refusals == []
    expected = [("a", "1"), ("b", "2=3"), ("", "c"), ("d", "4")]
    assert operations == [
        SetCookie(Cookie(name, value, "a.example", "/", secure=True, created=NOW), secure_origin=True)
        for name, value in expected
    ]


def test_a_cookie_typed_for_a_plain_connection_is_not_secure() -> None:
    (operation,), _ = kept(call(("Cookie", "a=1"), url="http://a.example/"), NOW)
    assert isinstance(operation, SetCookie)
    assert (operation.cookie.secure, operation.secure_origin) == (False, False)


def test_what_the_server_has_renewed_is_left_as_it_is() -> None:
    operations, _ = kept(call(("Cookie", "a=old; b=2")), NOW, {"a"})
    assert [operation.cookie.name for operation in operations if isinstance(operation, SetCookie)] == ["b"]


def test_a_cookie_that_no_server_could_set_is_refused_without_its_value() -> None:
    operations, refusals = kept(call(("Cookie", "__Secure-a=hunter2; b=1"), url="http://a.example/"), NOW)
    assert len(operations) == 1
    assert "__Secure-a" in refusals[0]
    assert "hunter2" not in refusals[0]


def test_no_cookie_header_stores_none() -> None:
    assert kept(call(("Cookie", None)), NOW) == ([], [])
