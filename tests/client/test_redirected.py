"""Redirects over real sockets: methods, bodies, targets, limits, and what each hop may cost and see."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from reqcli import RequestSpec, Session, Url
from reqcli.model.body import FileBody, StreamBody
from reqcli.net.pool import Pool
from tests.net.conftest import Serving
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
    """CVE-2021-22876, CVE-2026-9546: userinfo went out in one, and one that was cleared still went out."""
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
    """CVE-2020-8169: what stands before the @ never becomes a part of the host."""

    def script(peer: Peer) -> None:
        peer.answer(redirect(302, f"http://u:p@127.0.0.1:{peer.server.port}/second"))
        peer.answer(redirect(302, "/third"))
        peer.answer(OK)

    with NastyServer(script) as server, Session() as session:
        result = session.get(server.url("/first"), follow=True)
        assert result.ok
        assert [request.get("authorization") for request in server.requests] == [None, "Basic dTpw", None]
        assert [notice.code for notice in result.warnings] == ["userinfo_of_redirect"]
        assert "u:p" not in result.warnings[0].message


# What a redirect must not cost


def test_userinfo_that_cannot_be_sent_is_the_servers_fault() -> None:
    """RFC 7617 §2: a user name that was typed so is a mistake in the call; here the call had none."""
    for userinfo in ("u%0d%0aX:p", "u%3Av:p", "u:p%00"):
        result, requests = chain(redirect(302, f"http://{userinfo}@127.0.0.1:9/"))
        assert result.error.code == "bad_response"  # type: ignore[attr-defined]
        assert "cannot be followed" in result.error.message  # type: ignore[attr-defined]
        assert len(requests) == 1


@pytest.mark.parametrize("location", ["ftp://h/", "http://u%0a:p@127.0.0.1:9/", "/a\x01b"])
def test_a_target_that_cannot_be_followed_leaves_no_connection_open(location: str) -> None:
    endless = f"HTTP/1.1 302 X\r\nLocation: {location}\r\n\r\nthe rest comes with the end".encode()
    with NastyServer(endless) as server, Pool() as pool, Session(transport=pool) as session:
        assert session.get(server.url("/"), follow=True).response is None
        assert "reserved=0" in repr(pool._stock)


def test_the_body_of_a_redirect_is_not_decoded() -> None:
    """CVE-2026-21441, RFC 9110 §15.4: nobody reads it, so nobody has to pay for a bomb in it."""
    bomb = gzip.compress(bytes(50_000_000))
    head = f"HTTP/1.1 302 X\r\nLocation: /next\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    tracemalloc.start()
    try:
        result, _ = chain(head.encode() + bomb, OK)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert result.content == b"ok"  # type: ignore[attr-defined]
    result, _ = chain(redirect(302, "/next", "Content-Encoding: gzip\r\n" * 60), OK)
    assert result.content == b"ok"  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [307, 308])
def test_a_file_is_sent_again_from_where_it_started(status: int, tmp_path: Path) -> None:
    """RFC 9110 §15.4.8: peers send an empty body, or the file from its beginning."""
    path = tmp_path / "file"
    path.write_bytes(b"skipped" + bytes(300_000))
    with path.open("rb") as file:
        body = FileBody(file, 7, 300_000, name=str(path))
        _, (first, second) = chain(redirect(status, "/next"), OK, method="PUT", data=body)
    assert first.body == second.body == bytes(300_000)


# Into encryption and out of it

SECRETS: dict[str, Any] = {
    "headers": {"X-Api-Key": "s3cret", "X-Plain": "plain"},
    "auth": ("user", "s3cret"),
}


def test_a_redirect_out_of_encryption_is_not_followed_unless_that_is_allowed(serving: Serving, trust_file: str) -> None:
    with NastyServer(OK, must_be_called=False) as plain:
        answer = redirect(302, plain.url("/plain"))
        with NastyServer(answer, tls=serving()) as server, Session() as session:
            result = session.get(server.url("/"), follow=True, verify=trust_file, **SECRETS)
            assert result.error is not None
            assert (result.error.code, plain.requests) == ("http_redirect", [])
            assert "--allow-downgrade" in str(result.error.hint)
            assert session.get(server.url("/"), follow=True, verify=trust_file, allow_downgrade=True, **SECRETS).ok
        assert no_secret_in(plain)


def test_what_is_for_https_does_not_go_to_http_on_the_same_host(serving: Serving, trust_file: str) -> None:
    """CVE-2018-18074, CVE-2022-27774: the scheme is a part of the origin; so it is the other way round."""
    with NastyServer(OK) as plain, NastyServer(OK, tls=serving()) as secure:
        for origin, target in ((secure, plain), (plain, secure)):
            answer = redirect(307, target.url("/across"))
            with NastyServer(answer, tls=serving() if origin is secure else None) as server, Session() as session:
                url = server.url("/")
                assert session.get(url, follow=True, verify=trust_file, allow_downgrade=True, **SECRETS).ok
                assert b"s3cret" in server.requests[0].head
        assert no_secret_in(plain)
        assert no_secret_in(secure)


def no_secret_in(server: NastyServer) -> bool:
    """Whether the one request that came has what is no secret, and none of what is."""
    (request,) = server.requests
    return request.get("x-plain") == "plain" and b"s3cret" not in request.head and not request.get("authorization")


def test_a_redirect_that_asks_to_wait_is_followed_and_said() -> None:
    """RFC 9110 §10.2.3: on a redirect it is the time before the next request; a person is not kept waiting by it."""
    result, requests = chain(redirect(302, "/next", "Retry-After: 7\r\n"), OK)
    assert len(requests) == 2
    assert [notice.code for notice in result.warnings] == ["retry_after"]  # type: ignore[attr-defined]
    assert "7 s" in result.warnings[0].message  # type: ignore[attr-defined]
