"""Requests on the wire: the exact bytes, read back by somebody else's server."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import Usage
from reqcli.model.body import Body, BytesBody, StreamBody
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.url import Url
from reqcli.wire.http1.writer import LAST_CHUNK, HeadWriter, write_chunk, write_head, write_message


def request(
    url: str = "http://example.com/a?b", *fields: tuple[str, str], method: str = "GET", body: Body | None = None
) -> Request:
    return Request(method, Url.parse(url), Headers(fields), body)


def test_a_head_is_the_request_line_the_fields_in_order_and_an_empty_line() -> None:
    head = write_head(request("http://example.com:8080/a?b#c", ("X", "1"), ("y", "2"), ("X", "3")))
    assert head == b"GET /a?b HTTP/1.1\r\nHost: example.com:8080\r\nX: 1\r\ny: 2\r\nX: 3\r\n\r\n"


@given(st.lists(st.tuples(st.sampled_from(["GET", "PUT"]), st.sampled_from("ab"), st.integers(0, 2)), max_size=12))
def test_a_connection_s_writer_writes_each_head_as_if_it_were_its_first(calls: list[tuple[str, str, int]]) -> None:
    known = [request("http://a.example/", ("X", str(number))) for number in range(3)]
    writer = HeadWriter()
    for method, path, number in calls:
        message = known[number].replace(method=method, url=Url.parse(f"http://a.example/{path}"))
        assert writer.write(message) == write_head(message)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("\xe9", b"\xc3\xa9", id="a letter that latin-1 has too"),
        pytest.param("€", b"\xe2\x82\xac", id="one that it has not"),
        pytest.param("\udce9", b"\xe9", id="a byte from the command line"),
        pytest.param("\u010a\u010d", b"\xc4\x8a\xc4\x8d", id="letters whose last byte is a line end"),
    ],
)
def test_a_value_beyond_ascii_is_utf_8(value: str, written: bytes) -> None:
    assert b"\r\nX: " + written + b"\r\n\r\n" in write_head(request("http://a.example/", ("X", value)))


def test_a_value_that_no_encoding_can_write_is_refused() -> None:
    with pytest.raises(Usage):
        write_head(request("http://a.example/", ("X", "\ud800")))


def test_an_empty_chunk_is_not_written_for_it_would_end_the_body() -> None:
    assert write_chunk(b"") == b""
    assert write_chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert LAST_CHUNK == b"0\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "written"),
    [
        pytest.param(None, b"Content-Length: 0\r\n\r\n", id="none"),
        pytest.param(BytesBody(b"hello"), b"Content-Length: 5\r\n\r\nhello", id="bytes"),
        pytest.param(
            StreamBody([b"hel", b"", b"lo"], name="a stream"),
            b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            id="a stream",
        ),
    ],
)
def test_a_message_is_head_and_body(body: Body | None, written: bytes) -> None:
    assert write_message(request(method="POST", body=body)).endswith(written)


TOKENS = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=12)
VALUES = st.text(st.characters(min_codepoint=0x20, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=200, deadline=None)
@given(TOKENS, st.lists(st.tuples(TOKENS, VALUES), max_size=5), st.lists(st.binary(max_size=9), max_size=4))
def test_a_server_reads_what_was_meant(method: str, fields: list[tuple[str, str]], pieces: list[bytes]) -> None:
    reserved = {"host", "content-length", "transfer-encoding", "connection", "expect"}
    fields = [field for field in fields if field[0].lower() not in reserved]
    sent = request("http://a.example/x", *fields, method=method, body=StreamBody(pieces, name="pieces"))
    server = h11.Connection(h11.SERVER)
    server.receive_data(write_message(sent))
    head = server.next_event()
    assert isinstance(head, h11.Request)
    assert head.method == method.encode()
    expected = [(name.lower().encode(), value.encode()) for name, value in sent.headers.items()]
    assert list(head.headers) == expected
    received = b""
    while isinstance(event := server.next_event(), h11.Data):
        received += bytes(event.data)
    assert isinstance(event, h11.EndOfMessage)
    assert received == b"".join(pieces)
    assert server.trailing_data[0] == b""
