"""What is tried again, what is not, and how long is waited: a real server, and a clock that only counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import reqcli.api.call
from reqcli import RequestSpec, Result, Session, Timeouts, Url
from reqcli.client.retry_after import retry_after
from reqcli.model.body import BytesBody, StreamBody
from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead
from reqcli.model.retry import Retry
from tests.sockets import NastyServer, Peer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def status(code: int, extra: str = "") -> bytes:
    return f"HTTP/1.1 {code} X\r\n{extra}Content-Length: 0\r\n\r\n".encode()


def drop(peer: Peer) -> None:
    """Read the request and close without a word."""
    peer.read_request()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every pause that was made, none of which takes any time."""
    made: list[float] = []
    monkeypatch.setattr(reqcli.api.call, "sleep", made.append)
    return made


def run(server: NastyServer, method: str = "GET", retry: Retry | None = None, **options: object) -> Result:
    with Session() as session:
        return session.send(RequestSpec(method, Url.parse(server.url("/")), retry=retry, **options))  # type: ignore[arg-type]


def script(*answers: bytes) -> Callable[[Peer], None]:
    def answer_all(peer: Peer) -> None:
        for answer in answers:
            peer.answer(answer)

    return answer_all


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_tried_again(waits: list[float], code: int) -> None:
    with NastyServer(script(status(code), OK)) as server:
        result = run(server, retry=Retry(1))
        assert (result.status, result.attempts, len(server.requests)) == (200, 2, 2)
    assert len(waits) == 1


@pytest.mark.parametrize("code", [400, 401, 404, 501])
def test_a_status_that_will_not_is_the_answer(waits: list[float], code: int) -> None:
    with NastyServer(script(status(code))) as server:
        assert run(server, retry=Retry(3)).response.status == code  # type: ignore[union-attr]
    assert waits == []


def test_nothing_is_tried_again_unless_asked(waits: list[float]) -> None:
    with NastyServer(script(status(503))) as server:
        assert run(server).response.status == 503  # type: ignore[union-attr]
        assert len(server.requests) == 1
    assert waits == []


def test_the_limit_counts_the_further_attempts_and_the_last_answer_stands(waits: list[float]) -> None:
    with NastyServer(script(*[status(503)] * 4)) as server:
        result = run(server, retry=Retry(3))
        assert (result.response.status, result.attempts) == (503, 4)  # type: ignore[union-attr]
        assert [notice.code for notice in result.warnings] == ["retry"] * 3
    assert len(waits) == 3


def test_waits_double_and_are_random_below_that(waits: list[float]) -> None:
    policy = Retry(9, delay=1.0, longest=20.0)
    assert [policy.wait(n, None, 1.0, 0.0) for n in (1, 2, 3, 5, 6, 9)] == [1, 2, 4, 16, 20, 20]
    assert policy.wait(3, None, 0.25, 0.0) == 1.0
    assert policy.wait(10, None, 1.0, 0.0) is None
    assert Retry(10**6).wait(10**6, None, 1.0, 0.0) == 120.0


def test_the_server_says_how_long_and_is_obeyed(waits: list[float]) -> None:
    with NastyServer(script(status(429, "Retry-After: 7\r\n"), OK)) as server:
        assert run(server, retry=Retry(1)).ok
    assert waits == [7.0]


def test_a_server_that_asks_for_too_much_is_not_waited_for_and_that_is_said(waits: list[float]) -> None:
    with NastyServer(script(status(503, "Retry-After: 100000\r\n"))) as server:
        result = run(server, retry=Retry(5))
        assert result.response.status == 503  # type: ignore[union-attr]
        assert result.error is not None
        assert result.error.retry_after == 100000
        assert "100000" in result.warnings[0].message
    assert waits == []


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ([("Retry-After", "120")], 120.0),
        ([("Retry-After", "0")], 0.0),
        ([("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), ("Date", "Fri, 31 Dec 1999 23:59:29 GMT")], 30.0),
        ([("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT"), ("Date", "Fri, 31 Dec 2010 23:59:29 GMT")], 0.0),
        ([("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")], None),
        ([("Retry-After", "-1")], None),
        ([("Retry-After", "1.5")], None),
        ([("Retry-After", "٣")], None),
        ([("Retry-After", "soon")], None),
        ([], None),
    ],
)
def test_both_forms_of_retry_after(fields: list[tuple[str, str]], seconds: float | None) -> None:
    """RFC 9110 §10.2.3."""
    assert retry_after(ResponseHead(1, 503, "", Headers(fields))) == seconds


def test_a_post_that_may_have_arrived_is_not_sent_twice(waits: list[float]) -> None:
    with NastyServer([drop, OK]) as server:
        result = run(server, "POST", Retry(3), body=BytesBody(b"x"))
        assert result.error is not None
        assert (result.error.code, result.sent, len(server.requests)) == ("empty_reply", "maybe", 1)


@pytest.mark.parametrize(
    "options", [{"headers": (("Idempotency-Key", "k1"),)}, {"retry": Retry(3, any_method=True)}], ids=["key", "asked"]
)
def test_a_post_is_sent_twice_with_a_key_or_when_asked(waits: list[float], options: dict[str, object]) -> None:
    with NastyServer([drop, OK]) as server:
        result = run(server, "POST", **{"retry": Retry(3), "body": BytesBody(b"x"), **options})  # type: ignore[arg-type]
        assert result.ok
        assert [request.body for request in server.requests] == [b"x", b"x"]


def test_a_get_whose_connection_broke_is_tried_again(waits: list[float]) -> None:
    with NastyServer([drop, OK]) as server:
        assert run(server, retry=Retry(1)).ok


def test_a_stream_is_not_tried_again(waits: list[float]) -> None:
    with NastyServer([drop, OK]) as server:
        result = run(server, "PUT", Retry(3), body=StreamBody([b"x"], name="stdin"))
        assert result.error is not None
        assert result.error.code == "empty_reply"


def test_a_refused_connection_is_tried_again_whatever_the_method(waits: list[float]) -> None:
    with NastyServer(OK, must_be_called=False) as server:
        url = server.url("/")
    with Session() as session:
        result = session.send(RequestSpec("POST", Url.parse(url), retry=Retry(2), body=BytesBody(b"x")))
    assert result.error is not None
    assert (result.error.code, result.sent, len(waits)) == ("connect_failed", "no", 2)


def test_no_attempt_begins_after_the_time_for_retries_or_for_the_run(waits: list[float]) -> None:
    for options in ({"retry": Retry(9, max_time=5.0)}, {"retry": Retry(9), "timeouts": Timeouts(total=5.0)}):
        with NastyServer(script(status(503, "Retry-After: 6\r\n"))) as server:
            assert run(server, **options).response.status == 503  # type: ignore[arg-type, union-attr]
            assert len(server.requests) == 1
    assert waits == []


def test_a_retry_changes_nothing_of_the_request(waits: list[float]) -> None:
    with NastyServer(script(status(503), status(503), OK)) as server:
        run(server, "PUT", Retry(2), body=BytesBody(b"same"))
        heads = {request.head for request in server.requests}
        assert (len(heads), [request.body for request in server.requests]) == (1, [b"same"] * 3)


def test_each_hop_has_all_its_attempts(waits: list[float]) -> None:
    """Redirects and retries are counted apart: neither eats up the other's limit."""
    redirect = status(302, "Location: /next\r\n")
    with NastyServer(script(status(503), redirect, status(503), OK)) as server:
        result = run(server, retry=Retry(1), follow=True, max_redirects=1)
        assert (result.ok, result.attempts) == (True, 4)
        assert [request.target for request in server.requests] == ["/", "/", "/next", "/next"]
