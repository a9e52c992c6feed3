from __future__ import annotations

import pytest

from reqcli.cookies.jar import Jar
from reqcli.model.body import BytesBody
from reqcli.model.cookie import Cookie
from reqcli.model.credential import Credential
from reqcli.model.request import Request
from reqcli.model.route import TlsOptions
from reqcli.model.secret import Secret
from reqcli.model.spec import RequestSpec
from reqcli.model.timing import Timeouts
from reqcli.model.url import Url
from reqcli.session.bend import bend, credential_for, patience_of, with_settings
from reqcli.session.operations import Operation, SetAuth, SetHeader, SetSetting, apply
from reqcli.session.schema import ANY_ORIGIN, SessionState, StoredAuth, StoredHeader, new_state
from reqcli.vault import Vault

HERE = "https://api.example"
reveal = Vault().fetch


def nothing(url: Url) -> None:
    """A netrc that knows nobody."""


def state(*operations: Operation) -> SessionState:
    return apply(new_state("0" * 32, 1.0), operations, 1.0)


def spec(url: str = f"{HERE}/x", **options: object) -> RequestSpec:
    return RequestSpec("GET", Url.parse(url), **options)  # type: ignore[arg-type]


def bent(call: RequestSpec, session: SessionState | None = None, cookies: tuple[Cookie, ...] = ()) -> Request:
    return bend(call, session or state(), Jar(cookies), 1.0, reveal)


def test_the_built_in_headers_are_there_and_host_is_first() -> None:
    names = [name for name, _ in bent(spec()).headers]
    assert names == ["Host", "User-Agent", "Accept", "Accept-Encoding"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ((("Range", "bytes=0-9"),), "identity"),
        ((("range", "bytes=0-9"), ("Accept-Encoding", "gzip")), "gzip"),
        ((("Range", "bytes=0-9"), ("Accept-Encoding", None)), None),
        ((("Range", None),), "gzip, deflate"),
    ],
)
def test_a_part_is_asked_for_as_it_is(more: tuple[tuple[str, str | None], ...], expected: str | None) -> None:
    assert bent(spec().replace(headers=more)).headers.get("Accept-Encoding") == expected


def test_a_session_header_goes_to_its_origin_and_no_other() -> None:
    session = state(SetHeader(StoredHeader("X-Api-Key", "k", HERE)))
    assert bent(spec(), session).headers.get("X-Api-Key") == "k"
    for other in ("http://api.example/", "https://api.example:8443/", "https://b.api.example/", "https://example/"):
        assert "X-Api-Key" not in bent(spec(other), session).headers


def test_a_header_for_every_origin_goes_everywhere() -> None:
    session = state(SetHeader(StoredHeader("X-Lang", "de", ANY_ORIGIN)))
    assert bent(spec("http://other.example/"), session).headers["X-Lang"] == "de"


def test_what_is_nearer_wins_and_none_takes_out() -> None:
    session = state(SetHeader(StoredHeader("User-Agent", "session", HERE)))
    assert bent(spec(), session).headers["User-Agent"] == "session"
    assert bent(spec(headers=(("user-agent", "call"),)), session).headers.get_all("User-Agent") == ["call"]
    assert "User-Agent" not in bent(spec(headers=(("user-agent", None),)), session).headers


def test_a_header_given_twice_is_sent_twice() -> None:
    assert bent(spec(headers=(("X-A", "1"), ("X-A", "2")))).headers.get_all("x-a") == ["1", "2"]


def test_the_bodys_type_is_sent_unless_the_call_says_another() -> None:
    body = BytesBody(b"{}", "application/json")
    assert bent(spec(body=body)).headers["Content-Type"] == "application/json"
    typed = spec(body=body, headers=(("Content-Type", "text/x"),))
    assert bent(typed).headers.get_all("content-type") == ["text/x"]


def test_cookies_of_the_jar_join_typed_ones_once() -> None:
    cookies = (Cookie("a", "jar", "api.example"), Cookie("b", "jar", "api.example"))
    assert bent(spec(), cookies=cookies).headers["Cookie"] == "a=jar; b=jar"
    typed = spec(headers=(("Cookie", "a=typed"),))
    assert bent(typed, cookies=cookies).headers.get_all("cookie") == ["a=typed; b=jar"]
    assert "Cookie" not in bent(spec(headers=(("Cookie", None),)), cookies=cookies).headers


def test_a_host_override_does_not_choose_the_cookies() -> None:
    """CVE-2026-6276."""
    cookies = (Cookie("mine", "1", "api.example"), Cookie("theirs", "1", "other.example"))
    request = bent(spec(headers=(("Host", "other.example"),)), cookies=cookies)
    assert request.headers["Cookie"] == "mine=1"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(spec(), "session", id="the session's for this origin"),
        pytest.param(spec("https://u:p@api.example/"), "u", id="the URL's userinfo before it"),
        pytest.param(spec("https://u:p@api.example/", auth=Credential("basic", {"user": "call"})), "call",
                     id="the call's own before that"),
        pytest.param(spec(headers=(("authorization", "x"),)), None, id="a typed header leaves no room"),
        pytest.param(spec("https://other.example/"), None, id="none for another origin"),
        pytest.param(spec("http://api.example/"), None, id="none for another scheme"),
        pytest.param(spec("https://api.example:444/"), None, id="none for another port"),
    ],
)  # fmt: skip
def test_the_credential_is_the_nearest_one(call: RequestSpec, expected: str | None) -> None:
    session = state(SetAuth(HERE, StoredAuth("basic", {"user": "session", "password": "p"})))
    found = credential_for(call, session, reveal, nothing)
    assert (found.reveal("user") if found else None) == expected


def test_the_fallback_is_asked_last() -> None:
    known = Credential("basic", {"user": "netrc"})
    assert credential_for(spec(), state(), reveal, lambda url: known) is known
    session = state(SetAuth(HERE, StoredAuth("basic", {"user": "session", "password": "p"})))
    found = credential_for(spec(), session, reveal, lambda url: known)
    assert found is not None
    assert found.reveal("user") == "session"
    assert credential_for(spec(headers=(("Authorization", "x"),)), state(), reveal, lambda url: known) is None


def test_stored_secrets_come_out_as_secrets() -> None:
    session = state(SetAuth(HERE, StoredAuth("bearer", {"token": "t"})))
    found = credential_for(spec(), session, reveal, nothing)
    assert found is not None
    assert found.secrets() == [Secret("t")]


def test_the_user_is_no_secret_unless_it_comes_from_elsewhere() -> None:
    for user, secrets in (("u", [Secret("p")]), ({"env": "USER"}, [Secret("fetched"), Secret("p")])):
        session = state(SetAuth(HERE, StoredAuth("basic", {"user": user, "password": "p"})))
        found = credential_for(spec(), session, Vault({"USER": "fetched"}).fetch, nothing)
        assert found is not None
        assert found.secrets() == secrets


def test_a_place_has_half_a_minute_unless_the_session_says_otherwise() -> None:
    assert patience_of(state()) == 30.0
    assert patience_of(state(SetSetting("secret_timeout", 5))) == 5


def test_settings_fill_in_what_the_call_leaves_unsaid() -> None:
    session = state(SetSetting("follow", True), SetSetting("timeout", 3), SetSetting("verify", "/ca.pem"))
    filled = with_settings(spec(), session, Secret)
    assert (filled.follow, filled.timeouts, filled.tls) == (True, Timeouts(read=3), TlsOptions(verify="/ca.pem"))
    said = spec(follow=False, timeouts=Timeouts(read=9), tls=TlsOptions())
    assert with_settings(said, session, Secret) == said
