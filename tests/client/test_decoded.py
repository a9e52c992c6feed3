"""Content codings over real sockets: what is taken off, what is left on, and what is said about it."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest

from reqcli import Result, Session
from reqcli.decode import supported
from tests.sockets import NastyServer, Peer

TEXT = b"hello, hello, hello " * 50


def answer(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def fetched(response: bytes, method: str = "GET") -> Result:
    with NastyServer(response) as server, Session() as session:
        return session.request(method, server.url("/"))


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("identity", TEXT),
        ("gzip, identity", gzip.compress(TEXT, mtime=0)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
    ],
    ids=["gzip", "x-gzip", "upper case", "deflate", "raw deflate", "identity", "gzip, identity", "deflate, gzip"],
)
def test_known_codings_are_taken_off(coding: str, body: bytes) -> None:
    assert fetched(answer(body, f"Content-Encoding: {coding}")).content == TEXT


def test_codings_on_several_lines_count_together() -> None:
    """CVE-2022-32206, CVE-2023-23916: a limit for each line is none."""
    body = gzip.compress(zlib.compress(TEXT), mtime=0)
    assert fetched(answer(body, "Content-Encoding: deflate", "Content-Encoding: gzip")).content == TEXT
    many = fetched(answer(b"x", *["Content-Encoding: gzip"] * 60))
    assert many.error is not None
    assert many.error.code == "decode_failed"


def test_an_unknown_coding_leaves_the_body_as_it_came_and_says_so() -> None:
    result = fetched(answer(b"raw", "Content-Encoding: gzip, klingon"))
    assert result.content == b"raw"
    assert [notice.code for notice in result.warnings] == ["coding_unknown"]


def test_a_part_is_not_decoded() -> None:
    """DEC-9: a slice of a gzip stream is no gzip stream."""
    part = gzip.compress(TEXT, mtime=0)[5:20]
    assert fetched(answer(part, "Content-Encoding: gzip", status="206 X")).content == part


@pytest.mark.parametrize("cut", [1, 5, 9, 30])
def test_a_compressed_body_that_is_cut_short_is_an_error_and_what_came_is_kept(cut: int) -> None:
    """DEC-1: here every peer calls it a success."""
    result = fetched(answer(gzip.compress(TEXT, mtime=0)[:-cut], "Content-Encoding: gzip"))
    assert result.error is not None
    assert result.error.code == "decode_failed"
    assert result.response is not None
    assert TEXT.startswith(result.response.content)


def test_no_bytes_in_any_coding_are_an_empty_body() -> None:
    assert fetched(answer(b"", "Content-Encoding: gzip")).content == b""
    assert fetched(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n", "HEAD").content == b""


def test_junk_after_a_whole_body_is_dropped_and_said() -> None:
    result = fetched(answer(gzip.compress(TEXT, mtime=0) + b"junk", "Content-Encoding: gzip"))
    assert result.content == TEXT
    assert [notice.code for notice in result.warnings] == ["coding_tolerated"]


def test_a_body_larger_than_the_limit_is_an_error() -> None:
    """CVE-2025-66471: the bound is on what comes out, however small what came in."""
    bomb = gzip.compress(bytes(50_000_000), mtime=0)
    with NastyServer(answer(bomb, "Content-Encoding: gzip")) as server, Session() as session:
        result = session.request("GET", server.url("/"), max_body=1_000_000)
    assert result.error is not None
    assert result.error.code == "body_too_large"
    assert result.response is not None
    assert len(result.response.content) <= 1_000_000


def test_after_a_body_that_would_not_decode_the_next_answer_is_its_own() -> None:
    """The framing was sound, so the connection may serve on; what counts is that nothing of the body is left on it."""
    broken, sound = answer(b"not gzip", "Content-Encoding: gzip"), answer(b"fine")

    def script(peer: Peer) -> None:
        while True:
            peer.answer(broken if len(peer.server.requests) == 0 else sound)

    with NastyServer(script) as server, Session() as session:
        first = session.get(server.url("/"))
        assert first.error is not None
        assert first.error.code == "decode_failed"
        assert session.get(server.url("/")).content == b"fine"


def test_what_is_offered_can_be_decoded_and_what_the_user_asks_for_is_sent_as_it_is() -> None:
    """RFC 9110 §12.5.3."""
    body = brotli.compress(TEXT)
    with NastyServer(answer(body, "Content-Encoding: br")) as server, Session() as session:
        assert session.get(server.url("/"), headers={"Accept-Encoding": "br;q=1, *;q=0"}).content == TEXT
        session.get(server.url("/"))
        asked, offered = (request.get("accept-encoding") or "" for request in server.requests)
        assert asked == "br;q=1, *;q=0"
        assert set(offered.split(", ")) <= set(supported())
