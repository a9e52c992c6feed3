"""What the command line lets a response have, and what it leaves on it; and what it says of odd bytes on the wire."""

from __future__ import annotations

import gzip

import pytest

from tests.program import Program
from tests.sockets import NastyServer

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = b"Content-Length: 0\r\n\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"

OVER = {
    "head": (OK + b"X: " + b"a" * 70_000 + b"\r\n" + EMPTY, 80_000, "head is larger than 65536 bytes"),
    "fields": (OK + b"X: a\r\n" * 300 + EMPTY, 400, "more than 256 header fields"),
    "interim": (b"HTTP/1.1 102 Processing\r\n\r\n" * 40 + OK + EMPTY, 50, "more than 32 interim responses"),
    "trailers": (CHUNKED + b"0\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 30_000, "larger than 16384 bytes"),
    "extension": (CHUNKED + b"0;" + b"a" * 5_000 + b"\r\n\r\n", 6_000, "an extension of more than 4096 bytes"),
}


@pytest.mark.parametrize("name", OVER)
def test_each_limit_has_its_error_and_its_option(name: str, reqcli: Program) -> None:
    said, enough, words = OVER[name]
    with NastyServer(said) as server:
        refused = reqcli("get", server.url(), "--format", "json").json["error"]
        assert refused["code"] == "bad_response"
        assert words in refused["message"]
        assert f"--limit {name}=N" in refused["hint"]
        assert refused["details"]["limit"] == name
        for limits in ([f"{name}={enough}"], [f"{name}=1", "--limit", f"{name}={enough}"]):
            assert reqcli("get", server.url(), "--limit", *limits).status == 0
        lower = reqcli("get", server.url(), "--limit", f"{name}=0")
        assert (lower.status, lower.err.count("\n")) == (8, 1)


def test_several_limits_are_given_at_once(reqcli: Program) -> None:
    with NastyServer(OVER["fields"][0].replace(b"X: a\r\n", b"X: " + b"a" * 300 + b"\r\n")) as server:
        assert reqcli("get", server.url(), "--limit", "fields=400").status == 8
        assert reqcli("get", server.url(), "--limit", "fields=400", "--limit", "head=200000").status == 0


@pytest.mark.parametrize("text", ["", "head", "head=", "heads=9", "head=-1", "head=1k", "head=1.5", "head=٣", "=9"])
def test_a_malformed_limit_is_said(text: str, reqcli: Program) -> None:
    output = reqcli("get", "http://127.0.0.1/", "--limit", text)
    assert (output.status, output.err.count("\n")) == (2, 1)
    assert "NAME=N" in output.err


def test_a_body_is_left_in_its_coding_when_asked_and_the_error_says_how(reqcli: Program) -> None:
    coded = gzip.compress(b"hello", mtime=0)
    for body, status in ((coded, 0), (coded[:-1] + b"x", 61)):
        with NastyServer(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body) as server:
            plain = reqcli("get", server.url())
            assert plain.status == status
            assert status == 0 or "--no-decode" in plain.err
            undecoded = reqcli("get", server.url(), "--no-decode")
            assert (undecoded.status, undecoded.raw) == (0, body)


def test_bytes_behind_a_response_are_said_when_one_looks_closely(reqcli: Program) -> None:
    with NastyServer(OK + b"Content-Length: 2\r\n\r\nokEVIL") as server:
        assert reqcli("get", server.url()).err == ""
        output = reqcli("get", server.url(), "-v")
        assert output.out == "ok"
        assert "sent bytes behind the end of its response" in output.err
        warnings = reqcli("get", server.url(), "--format", "json").json["warnings"]
        assert [warning["code"] for warning in warnings] == ["surplus"]


def test_a_header_beyond_ascii_is_sent_in_utf_8_and_said(reqcli: Program) -> None:
    with NastyServer(OK + EMPTY) as server:
        output = reqcli("get", server.url(), "X-Name:Zoë", "-v")
        assert "the value of header X-Name goes out in UTF-8" in output.err
        assert reqcli("get", server.url(), "X-Name:Zoë").err == ""
        assert reqcli("get", server.url(), "X-Name:Zoe", "-v").err.count("UTF-8") == 0
        assert "warning" in reqcli("session", "set-header", "work", "X-Name:Zoë", "--origin", server.url("")).err
        names = [request.get("x-name") for request in server.requests]
        assert names == ["Zoë".encode().decode("latin-1")] * 2 + ["Zoe"]
