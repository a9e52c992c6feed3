"""Where a body ends; the table of whole responses has most of it, here is what only the framing itself shows."""

from __future__ import annotations

import pytest

from reqcli.errors import BadResponse
from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead
from reqcli.wire.http1.framing import Framing, body_framing, keep_alive_timeout


def head(status: int = 200, *fields: tuple[str, str], minor: int = 1) -> ResponseHead:
    return ResponseHead(minor, status, "", Headers(fields))


@pytest.mark.parametrize(
    ("method", "response", "framing"),
    [
        pytest.param("GET", head(200, ("Content-Length", "5")), Framing("length", 5, reusable=True), id="length"),
        pytest.param(
            "GET", head(200, ("Transfer-Encoding", "chunked")), Framing("chunked", reusable=True), id="chunked"
        ),
        pytest.param("GET", head(), Framing("close", reusable=False), id="neither"),
        pytest.param(
            "HEAD", head(200, ("Content-Length", "+5")), Framing("none", reusable=True), id="HEAD, whatever it says"
        ),
        pytest.param("GET", head(100), Framing("none", reusable=True), id="an interim response"),
        pytest.param("GET", head(304, ("Connection", "close")), Framing("none", reusable=False), id="304 that closes"),
        pytest.param("CONNECT", head(299), Framing("none", reusable=False), id="a tunnel, with any 2xx"),
        pytest.param(
            "CONNECT", head(407, ("Content-Length", "0")), Framing("length", 0, reusable=True), id="no tunnel"
        ),
        pytest.param(
            "get", head(200, ("Content-Length", "5")), Framing("length", 5, reusable=True), id="a method of its own"
        ),
        pytest.param(
            "head", head(200, ("Content-Length", "5")), Framing("length", 5, reusable=True), id="head is not HEAD"
        ),
    ],
)
def test_each_kind_of_response_has_its_framing(method: str, response: ResponseHead, framing: Framing) -> None:
    assert body_framing(method, response) == framing


def test_a_switch_of_protocols_that_nobody_asked_for_is_an_error() -> None:
    with pytest.raises(BadResponse, match="101"):
        body_framing("GET", head(101, ("Upgrade", "h2c")))


def test_an_error_about_the_length_does_not_show_it() -> None:
    with pytest.raises(BadResponse) as caught:
        body_framing("GET", head(200, ("Content-Length", "s3cret")))
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ((), None),
        (("timeout=5, max=100",), 5.0),
        (("Timeout=5",), 5.0),
        (("max=100", "timeout=15"), 15.0),
        (("timeout=0",), 0.0),
        (("timeout=5, max=0",), 0.0),
        (("timeout=5, timeout=3",), 3.0),
        (("timeout=-5",), None),
        (("timeout=5s",), None),
        (("timeout=٥",), None),
        (("timeout=" + "9" * 400,), None),
        (("timeout",), None),
    ],
)
def test_the_server_says_how_long_it_keeps_an_idle_connection(lines: tuple[str, ...], seconds: float | None) -> None:
    assert keep_alive_timeout(head(200, *(("Keep-Alive", line) for line in lines))) == seconds
