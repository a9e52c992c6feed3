"""Requests: what cannot stand on the wire cannot be made, and a message has one framing."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.errors import BadUrl, Usage
from reqcli.model.body import Body, BytesBody, FileBody, StreamBody
from reqcli.model.headers import Headers
from reqcli.model.request import Request
from reqcli.model.url import Url

URL = Url.parse("http://example.com/")


def request(
    method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: Body | None = None, url: Url = URL
) -> Request:
    return Request(method, url, Headers(headers), body)


def stream(length: int | None = None) -> StreamBody:
    return StreamBody([b"abc"], name="stdin", length=length)


class TestHost:
    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("http://user:pw@EXAMPLE.com.:80/", "example.com"),
            ("https://example.com:80/", "example.com:80"),
            ("http://[::1]:80/", "[::1]"),
            ("http://[fe80::1%25lo]:8080/", "[fe80::1]:8080"),
            ("http://faß.de/", "xn--fa-hia.de"),
        ],
    )
    def test_it_comes_first_and_from_the_url(self, url: str, host: str) -> None:
        made = request(headers=(("Accept", "*/*"),), url=Url.parse(url))
        assert made.headers.items() == (("Host", host), ("Accept", "*/*"))

    def test_a_given_one_is_used_and_moved_to_the_front(self) -> None:
        made = request(headers=(("A", "1"), ("hOST", "other"), ("B", "2")))
        assert made.headers.items() == (("hOST", "other"), ("A", "1"), ("B", "2"))

    def test_two_are_refused(self) -> None:
        with pytest.raises(Usage, match="more than one Host"):
            request(headers=(("Host", "a"), ("host", "a")))

    def test_a_host_that_was_put_together_by_hand_is_checked_too(self) -> None:
        with pytest.raises(Usage, match="Host"):
            request(url=Url("http", "h\r\nX: y", 80))


class TestWhatCannotStandOnTheWire:
    @pytest.mark.parametrize("method", ["", "GET ", "GET / HTTP/1.1\r\nX: y", "G\0T"])
    def test_method(self, method: str) -> None:
        """CVE-2020-26116, CVE-2020-26137, CVE-2023-49082."""
        with pytest.raises(Usage, match="method"):
            request(method)

    def test_the_case_of_a_method_is_kept(self) -> None:
        assert request("get").method == "get"
        assert not request("get").is_idempotent

    @pytest.mark.parametrize("field", [("A B", "v"), ("", "v"), ("A\r\n", "v"), ("A", "v\r\nB: c"), ("A", "\0")])
    def test_field(self, field: tuple[str, str]) -> None:
        with pytest.raises(Usage, match="header"):
            request(headers=(field,))
        with pytest.raises(Usage, match="header"):
            request().with_header(*field)

    @pytest.mark.parametrize("target", ["/a b", "/\r\nX: y", "", "/é"])
    def test_target(self, target: str) -> None:
        with pytest.raises(BadUrl, match="target"):
            request(url=URL.replace(target=target))

    def test_blanks_around_a_value_are_no_part_of_it(self) -> None:
        assert request(headers=(("A", " \tv w\t "),)).headers.get("a") == "v w"


class TestFraming:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_a_missing_body_is_announced_where_one_is_expected(self, method: str) -> None:
        assert request(method).headers.get_all("content-length") == ["0"]

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "REPORT", "post"])
    def test_a_missing_body_is_not_announced_where_none_is_expected(self, method: str) -> None:
        assert "content-length" not in request(method).headers

    @pytest.mark.parametrize(
        ("body", "length"),
        [(BytesBody(b""), "0"), (BytesBody(b"abc"), "3"), (FileBody(io.BytesIO(), 0, 7, name="f"), "7"),
         (stream(3), "3")],
    )  # fmt: skip
    @pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
    def test_a_known_length_is_announced(self, method: str, body: Body, length: str) -> None:
        made = request(method, body=body)
        assert made.headers.get_all("content-length") == [length]
        assert not made.is_chunked

    def test_an_unknown_length_is_sent_in_chunks(self) -> None:
        made = request("POST", body=stream())
        assert made.headers.get_all("transfer-encoding") == ["chunked"]
        assert "content-length" not in made.headers
        assert made.is_chunked

    def test_framing_that_agrees_with_the_body_is_not_repeated(self) -> None:
        assert request("POST", (("content-length", " 3"),), BytesBody(b"abc")).headers.get_all("Content-Length") == [
            "3"
        ]
        assert request("POST", (("Content-Length", "0"),)).headers.get_all("Content-Length") == ["0"]
        for body in (stream(), stream(3), BytesBody(b"abc")):
            made = request("POST", (("Transfer-Encoding", "Chunked"),), body)
            assert made.headers.get_all("transfer-encoding") == ["Chunked"]
            assert "content-length" not in made.headers

    @pytest.mark.parametrize(
        ("headers", "body"),
        [
            pytest.param((("Content-Length", "4"),), BytesBody(b"abc"), id="too long"),
            pytest.param((("Content-Length", "2"),), BytesBody(b"abc"), id="too short"),
            pytest.param((("Content-Length", "03"),), BytesBody(b"abc"), id="leading zero"),
            pytest.param((("Content-Length", "+3"),), BytesBody(b"abc"), id="sign"),
            pytest.param((("Content-Length", "3, 3"),), BytesBody(b"abc"), id="list"),
            pytest.param((("Content-Length", "٣"),), BytesBody(b"abc"), id="Arabic digit"),
            pytest.param((("Content-Length", "3"), ("content-length", "3")), BytesBody(b"abc"), id="twice"),
            pytest.param((("Content-Length", ""),), None, id="empty"),
            pytest.param((("Content-Length", "3"),), None, id="length without a body"),
            pytest.param((("Content-Length", "3"),), stream(), id="length of a stream"),
            pytest.param((("Transfer-Encoding", "chunked"),), None, id="chunks without a body"),
            pytest.param((("Transfer-Encoding", "gzip"),), BytesBody(b"abc"), id="another coding"),
            pytest.param((("Transfer-Encoding", "gzip, chunked"),), stream(), id="a second coding"),
            pytest.param((("Transfer-Encoding", "identity"),), BytesBody(b"abc"), id="identity"),
            pytest.param((("Transfer-Encoding", "chunked"),) * 2, stream(), id="chunked twice"),
            pytest.param((("Transfer-Encoding", ""),), BytesBody(b"abc"), id="empty coding"),
            pytest.param((("Transfer-Encoding", ","),), BytesBody(b"abc"), id="empty list of codings"),
            pytest.param((("Transfer-Encoding", "chunked"), ("Content-Length", "3")), BytesBody(b"abc"), id="both"),
        ],
    )
    def test_framing_that_contradicts_the_body_is_refused(
        self, headers: tuple[tuple[str, str], ...], body: Body | None
    ) -> None:
        with pytest.raises(Usage, match=r"Content-Length|Transfer-Encoding"):
            request("POST", headers, body)

    @pytest.mark.parametrize("field", [("Content-Length", "9"), ("Transfer-Encoding", "chunked"), ("Host", "a\nb")])
    def test_a_header_set_later_is_held_to_the_same_rules(self, field: tuple[str, str]) -> None:
        with pytest.raises(Usage):
            request("POST", body=BytesBody(b"abc")).with_header(*field)


def test_a_header_is_set_on_a_copy() -> None:
    first = request("POST", (("A", "1"),), BytesBody(b"abc"))
    second = first.with_header("a", "2").with_header("B", "3")
    assert first.headers.items() == (("Host", "example.com"), ("A", "1"), ("Content-Length", "3"))
    assert second.headers.items() == (("Host", "example.com"), ("a", "2"), ("Content-Length", "3"), ("B", "3"))
    assert second.body is first.body
    chunked = request("POST", body=stream())
    assert chunked.with_header("A", "1").headers.without("a") == chunked.headers


@pytest.mark.parametrize(
    ("method", "idempotent"),
    [("GET", True), ("HEAD", True), ("OPTIONS", True), ("TRACE", True), ("PUT", True), ("DELETE", True),
     ("POST", False), ("PATCH", False), ("CONNECT", False), ("REPORT", False)],
)  # fmt: skip
def test_some_methods_mean_the_same_when_sent_twice(method: str, idempotent: bool) -> None:
    assert request(method).is_idempotent == idempotent


def test_a_request_can_be_replayed_unless_its_body_is_a_stream() -> None:
    assert request().can_replay
    assert request("POST", body=BytesBody(b"abc")).can_replay
    assert not request("POST", body=stream(3)).can_replay


def test_the_repr_shows_no_header_value_and_no_password() -> None:
    made = request(headers=(("Authorization", "Bearer hunter2"),), url=Url.parse("http://user:hunter2@h/"))
    assert "hunter2" not in repr(made)


_dangerous = st.text("aZ \t\r\n\0:;,=/é\udcff\u2028\x7f", max_size=8)


@given(
    method=st.one_of(st.sampled_from(["GET", "POST"]), _dangerous),
    fields=st.lists(
        st.tuples(
            st.one_of(st.sampled_from(["Host", "Content-Length", "Transfer-Encoding", "A"]), _dangerous),
            st.one_of(st.sampled_from(["chunked", "3"]), _dangerous),
        ),
        max_size=3,
    ),
    target=st.one_of(st.just("/"), _dangerous),
    host=st.one_of(st.just("h"), _dangerous),
    body=st.sampled_from([None, BytesBody(b"abc"), stream()]),
)
@settings(max_examples=300, deadline=None)
def test_whatever_goes_in_a_request_has_one_host_and_one_framing_and_no_line_break(
    method: str, fields: list[tuple[str, str]], target: str, host: str, body: Body | None
) -> None:
    """CVE-2023-49081: one argument was not checked; here the whole message is, and last."""
    try:
        made = Request(method, Url("http", host, 80, target), Headers(fields), body)
    except Usage:
        return
    texts = [made.method, made.url.target, *(text for field in made.headers for text in field)]
    assert not set("".join(texts)) & set("\r\n\0\x7f")
    assert len(made.headers.get_all("host")) == 1
    assert made.headers.items()[0][0].lower() == "host"
    framings = made.headers.get_all("content-length") + made.headers.get_all("transfer-encoding")
    assert len(framings) <= 1
    assert body is None or framings


def test_transfer_encoding_on_two_lines_is_refused_though_one_is_empty() -> None:
    """A recipient may join the lines to `chunked,` or look at one of them alone: two framings in one message."""
    fields = Headers([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "")])
    with pytest.raises(Usage, match="Transfer-Encoding"):
        Request("GET", Url.parse("http://h/"), fields, BytesBody(b"x"))
