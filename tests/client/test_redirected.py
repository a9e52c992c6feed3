"""Redirects over real sockets: methods, bodies, targets, limits (CLIENT rows RED-1 to RED-13)."""

from __future__ import annotations

import pytest

from reqcli import RequestSpec, Session, Url
from reqcli.model.body import StreamBody
from tests.sockets import NastyServer, Peer, RawRequest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def redirect(status: int, location: str, extra: str = "") -> bytes:
    return f"HTTP/1.1 {status} X\r\nLocation: {location}\r\n{extra}Content-Length: 0\r\n\r\n".encode("latin-1")


def serve(*answers: bytes) -> NastyServer:
    """A server that gives these answers one after the other on one connection."""

    def script(peer: Peer) -> None:
        for answer in answers:
            peer.answer(answer)

    return NastyServer(script)


def chain(*answers: bytes, method: str = "GET", **options: object) -> tuple[object, list[RawRequest]]:
    """The result of a followed call, and the requests that the server saw."""
    with serve(*answers) as server, Session() as session:
        result = session.request(method, server.url("/start"), follow=True, **options)
        return result, server.requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_these_statuses_are_followed(status: int) -> None:
    result, requests = chain(redirect(status, "/next"), OK)
    assert result.ok  # type: ignore[attr-defined]
    assert [request.target for request in requests] == ["/start", "/next"]
    assert [hop.status for hop in result.response.redirects] == [status]  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [201, 300, 304, 305, 306])
def test_these_are_not_even_with_a_location(status: int) -> None:
    _, requests = chain(redirect(status, "/next"))
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("status", "method", "then", "keeps_body"),
    [
        (301, "POST", "GET", False),
        (302, "POST", "GET", False),
        (303, "POST", "GET", False),
        (303, "PUT", "GET", False),
        (303, "DELETE", "GET", False),
        (303, "HEAD", "HEAD", False),
        (301, "PUT", "PUT", True),
        (302, "PATCH", "PATCH", True),
        (302, "DELETE", "DELETE", True),
        (307, "POST", "POST", True),
        (308, "PUT", "PUT", True),
    ],
)
def test_the_method_that_follows(status: int, method: str, then: str, keeps_body: bool) -> None:
    """RFC 9110 §15.4.2-9; CVE-2023-45803: a GET that was a POST has no body and none of its fields."""
    options = {} if method == "HEAD" else {"json": {"a": 1}}
    answer = OK if then != "HEAD" else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    _, (_, second) = chain(redirect(status, "/next"), answer, method=method, **options)
    assert second.method == then
    assert second.body == (b'{"a":1}' if keeps_body else b"")
    if not keeps_body:
        assert second.get("content-type") is None
        assert second.get("content-length") is None


def test_a_stream_cannot_be_sent_again_and_the_user_is_told() -> None:
    with serve(redirect(307, "/next")) as server, Session() as session:
        spec = RequestSpec("POST", Url.parse(server.url("/")), body=StreamBody([b"x"], name="stdin"), follow=True)
        result = session.send(spec)
    assert result.error is not None
    assert result.error.code == "input_failed"
    assert "stream" in result.error.message


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("next", "/dir/next"),
        ("../next", "/next"),
        ("?q=1", "/dir/start?q=1"),
        ("/a b", "/a%20b"),
        ("/a%2fb%zz", "/a%2fb%zz"),
        ("/\xe9", "/%E9"),
        (" /next\t", "/next"),
        ("/next#part", "/next"),
    ],
)
def test_where_a_location_leads(location: str, target: str) -> None:
    with serve(redirect(302, location), OK) as server, Session() as session:
        assert session.get(server.url("/dir/start"), follow=True).ok
        assert server.requests[1].target == target


@pytest.mark.parametrize(
    "location", ["ftp://h/", "file:///etc/passwd", "javascript:alert(1)", "http:///x", "http://[x"]
)
def test_a_target_that_cannot_be_followed_is_an_error_that_shows_it(location: str) -> None:
    result, requests = chain(redirect(302, location))
    assert result.error.code == "bad_response"  # type: ignore[attr-defined]
    assert len(requests) == 1


def test_two_different_targets_are_an_error() -> None:
    result, _ = chain(redirect(302, "/one", "Location: /two\r\n"))
    assert result.error.code == "bad_response"  # type: ignore[attr-defined]


def test_an_empty_location_is_not_followed() -> None:
    result, requests = chain(redirect(302, ""))
    assert result.response.status == 302  # type: ignore[attr-defined]
    assert len(requests) == 1


def test_a_chain_that_is_too_long_is_an_error_that_lists_it() -> None:
    result, requests = chain(*[redirect(302, f"/{n}") for n in range(4)], max_redirects=3)
    assert result.error.code == "too_many_redirects"  # type: ignore[attr-defined]
    assert len(result.error.details["chain"]) == 4  # type: ignore[attr-defined]
    assert len(requests) == 4


def test_no_redirects_means_none() -> None:
    """CVE-2025-50181: a limit of none has to be obeyed on every path."""
    result, requests = chain(redirect(302, "/next"), max_redirects=0)
    assert result.error.code == "too_many_redirects"  # type: ignore[attr-defined]
    assert len(requests) == 1


def test_the_fragment_is_inherited_and_never_sent() -> None:
    with serve(redirect(302, "/next"), OK) as server, Session() as session:
        result = session.get(server.url("/start#part"), follow=True)
        assert str(result.response.url).endswith("/next#part")  # type: ignore[union-attr]
        assert server.requests[1].target == "/next"


def test_no_referer_is_sent() -> None:
    _, (_, second) = chain(redirect(302, "/next"), OK)
    assert second.get("referer") is None


def test_a_cookie_of_a_hop_is_sent_to_the_next_and_kept_though_a_later_hop_fails() -> None:
    bad = b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"
    with serve(redirect(302, "/next", "Set-Cookie: a=b\r\n"), bad) as server, Session() as session:
        result = session.get(server.url("/start"), follow=True)
        assert result.error is not None
        assert server.requests[1].get("cookie") == "a=b"
        assert [cookie.name for cookie in session.state.cookies] == ["a"]


def test_userinfo_of_a_location_is_for_that_hop_alone() -> None:
    """RED-13; CVE-2020-8169: what stands before the @ never becomes a part of the host."""

    def script(peer: Peer) -> None:
        peer.answer(redirect(302, f"http://u:p@127.0.0.1:{peer.server.port}/second"))
        peer.answer(redirect(302, "/third"))
        peer.answer(OK)

    with NastyServer(script) as server, Session() as session:
        assert session.get(server.url("/first"), follow=True).ok
        assert [request.get("authorization") for request in server.requests] == [None, "Basic dTpw", None]
