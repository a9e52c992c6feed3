"""The demo server, spoken to by the standard library's client and by bare sockets."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.demo.server import LARGEST_BODY, DemoServer
from reqcli.errors import Usage


@pytest.fixture
def connection(demo_server: DemoServer) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(demo_server.url.removeprefix("http://"), timeout=10)
    yield connection
    connection.close()


def call(
    connection: HTTPConnection, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> tuple[HTTPResponse, bytes]:
    connection.request(method, target, body or None, headers or {})
    response = connection.getresponse()
    return response, response.read()


def exchange(server: DemoServer, sent: bytes) -> bytes:
    """What comes back, up to the end of the connection."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(sent)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b""))


def login(connection: HTTPConnection) -> str:
    response, _ = call(connection, "POST", "/login", body=b"user=alice&password=wonderland")
    assert response.status == 303
    assert response.headers["Location"] == "/account"
    return response.headers["Set-Cookie"].partition(";")[0]


def test_a_login_sets_a_cookie_that_opens_the_account(connection: HTTPConnection) -> None:
    cookie = login(connection)
    for visit in (1, 2):
        response, body = call(connection, "GET", "/account", {"Cookie": f"other=1; {cookie}"})
        assert response.status == 200
        assert json.loads(body) == {"user": "alice", "visits": visit}


def test_the_login_cookie_is_new_each_time_and_hidden_from_scripts(connection: HTTPConnection) -> None:
    assert login(connection) != login(connection)
    response, _ = call(connection, "POST", "/login", body=b"user=alice&password=wonderland")
    assert response.headers["Set-Cookie"].endswith("; HttpOnly; Path=/")


def test_a_logout_ends_the_login_and_deletes_the_cookie(connection: HTTPConnection) -> None:
    cookie = {"Cookie": login(connection)}
    response, _ = call(connection, "POST", "/logout", cookie)
    assert response.status == 200
    assert "sid=; Max-Age=0" in response.headers["Set-Cookie"]
    assert call(connection, "GET", "/account", cookie)[0].status == 401


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "status"),
    [
        pytest.param("POST", "/login", {}, b"user=alice&password=wrong", 401, id="wrong password"),
        pytest.param("POST", "/login", {}, b"", 401, id="no form"),
        pytest.param("POST", "/login", {}, b"\xff\xfe", 400, id="no text"),
        pytest.param("GET", "/account", {"Cookie": "sid=guess"}, b"", 401, id="guessed cookie"),
        pytest.param("GET", "/basic", {}, b"", 401, id="no credential"),
        pytest.param("GET", "/basic", {"Authorization": "Basic ???"}, b"", 401, id="broken basic"),
        pytest.param("GET", "/basic", {"Authorization": "Basic YWxpY2U6d29uZGVybGFuZA=="}, b"", 200, id="basic"),
        pytest.param("GET", "/bearer", {"Authorization": "Bearer demo-token-12"}, b"", 401, id="wrong token"),
        pytest.param("GET", "/bearer", {"Authorization": "bearer demo-token-123"}, b"", 200, id="bearer"),
        pytest.param("GET", "/needs-session", {}, b"", 400, id="no session"),
        pytest.param("GET", "/needs-session", {"X-Session-Id": "guess"}, b"", 404, id="dead session"),
        pytest.param("GET", "/redirect", {}, b"", 302, id="redirect"),
        pytest.param("GET", "/login", {}, b"", 405, id="wrong method"),
        pytest.param("GET", "/../../etc/passwd", {}, b"", 404, id="a path out of the tree"),
        pytest.param("GET", "/cookie/a%0D%0AX-Evil:1/v", {}, b"", 400, id="a line break in a cookie"),
        pytest.param("GET", "/cookie/a/v%3Bb", {}, b"", 400, id="a semicolon in a cookie"),
        pytest.param("GET", "/status/99", {}, b"", 400, id="no status"),
        pytest.param("GET", "/status/503", {}, b"", 503, id="status"),
        pytest.param("GET", "/status/204", {}, b"", 204, id="status without a body"),
        pytest.param("GET", "/slow?lines=1000000", {}, b"", 400, id="too many lines"),
        pytest.param("GET", "/slow?delay=nan", {}, b"", 400, id="no delay"),
    ],
)
def test_a_page_answers(
    connection: HTTPConnection, method: str, target: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    response, _ = call(connection, method, target, headers, body)
    assert response.status == status
    assert (response.headers["WWW-Authenticate"] is not None) == (status == 401)
    assert "X-Evil" not in response.headers


def test_an_issued_session_id_is_known_when_it_comes_back(connection: HTTPConnection) -> None:
    issued = call(connection, "GET", "/issue")[0].headers["X-Session-Id"]
    response, body = call(connection, "GET", "/needs-session", {"X-Session-Id": issued})
    assert response.status == 200
    assert json.loads(body) == {"session": "known", "visits": 1}


def test_a_cookie_is_set_as_asked(connection: HTTPConnection) -> None:
    response, _ = call(connection, "GET", "/cookie/taste/sweet")
    assert response.headers["Set-Cookie"] == "taste=sweet; Path=/"


@pytest.mark.parametrize("method", ["GET", "POST", "PROPFIND"])
def test_echo_tells_what_was_sent_by_any_method(connection: HTTPConnection, method: str) -> None:
    _, body = call(connection, method, "/echo?a=1&a=&b=%26", {"X-Two": "2"}, body=b"caf\xc3\xa9")
    echoed = json.loads(body)
    assert echoed["method"] == method
    assert echoed["path"] == "/echo"
    assert echoed["query"] == [["a", "1"], ["a", ""], ["b", "&"]]
    assert ["X-Two", "2"] in echoed["headers"]
    assert (echoed["body"], echoed["body_encoding"]) == ("café", "utf-8")


def test_a_chunked_request_body_is_read(demo_server: DemoServer) -> None:
    answer = exchange(
        demo_server,
        b"POST /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
    )
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["body"] == "abc0123456789"


def test_gzip_comes_compressed(connection: HTTPConnection) -> None:
    response, body = call(connection, "GET", "/gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["coding"] == "gzip"


def test_slow_comes_in_chunks_with_the_delay_between_them(connection: HTTPConnection) -> None:
    started = monotonic()
    response, body = call(connection, "GET", "/slow?lines=3&delay=0.05")
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert body == b"line 1 of 3\nline 2 of 3\nline 3 of 3\n"
    assert monotonic() - started >= 0.1


def test_slow_ends_with_the_connection_for_http_1_0(demo_server: DemoServer) -> None:
    answer = exchange(demo_server, b"GET /slow?lines=2&delay=0 HTTP/1.0\r\n\r\n")
    assert b"chunked" not in answer
    assert answer.endswith(b"\r\n\r\nline 1 of 2\nline 2 of 2\n")


def test_a_head_has_no_body_and_leaves_the_connection_usable(connection: HTTPConnection) -> None:
    for target in ("/", "/slow", "/gzip"):
        response, body = call(connection, "HEAD", target)
        assert (response.status, body) == (200, b"")


def test_the_index_names_every_page(connection: HTTPConnection) -> None:
    _, body = call(connection, "GET", "/")
    for line in body.decode().splitlines()[2:]:
        method, target = line.split()[:2]
        if target != "/slow?lines=5&delay=0.2":
            response, _ = call(connection, method.replace("ANY", "PUT"), target.replace("CODE", "200"))
            assert response.status not in (404, 405, 500), line


def test_one_connection_carries_many_requests_and_both_are_counted(
    demo_server: DemoServer, connection: HTTPConnection
) -> None:
    for _ in range(4):
        call(connection, "GET", "/")
    _, body = call(connection, "GET", "/stats")
    assert json.loads(body) == {"connections": 1, "requests": 5}
    assert (demo_server.connections, demo_server.requests) == (1, 5)


@pytest.mark.parametrize(
    ("framing", "status"),
    [
        pytest.param(b"Content-Length: %d\r\n\r\n" % (LARGEST_BODY + 1), 413, id="too large"),
        pytest.param(b"Content-Length: -1\r\n\r\n", 400, id="negative"),
        pytest.param(b"Content-Length: 1_0\r\n\r\n", 400, id="not digits"),
        pytest.param(b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, id="two lengths"),
        pytest.param(b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", 400, id="two framings"),
        pytest.param(b"Transfer-Encoding: gzip\r\n\r\n", 400, id="unknown coding"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400, id="negative chunk"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 400, id="chunk longer than its size"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n100001\r\n", 413, id="chunk too large"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 101, 431, id="endless trailers"),
    ],
)
def test_a_body_that_cannot_be_followed_ends_the_connection(
    demo_server: DemoServer, framing: bytes, status: int
) -> None:
    answer = exchange(demo_server, b"POST /echo HTTP/1.1\r\nHost: h\r\n" + framing)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert exchange(demo_server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


TARGETS = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda page, rest: page.encode() + rest,
        st.sampled_from(["/slow?delay=0&lines=", "/cookie/", "/status/", "/echo?", "http://[", "//", "*"]),
        st.binary(max_size=20),
    ),
)


def test_whatever_is_asked_is_answered(demo_server: DemoServer) -> None:
    @settings(max_examples=200, deadline=None)
    @given(method=st.sampled_from([b"GET", b"POST", b"HEAD", b"X"]), target=TARGETS, rest=st.binary(max_size=60))
    def ask(method: bytes, target: bytes, rest: bytes) -> None:
        target = target.replace(b"\n", b"").replace(b" ", b"").replace(b"\r", b"") or b"/"
        answer = exchange(demo_server, b"%b %b HTTP/1.1\r\nConnection: close\r\n\r\n%b" % (method, target, rest))
        assert answer.startswith(b"HTTP/1.1 ")
        assert not demo_server.failures

    ask()
    assert exchange(demo_server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_only_so_many_logins_are_remembered(demo_server: DemoServer, connection: HTTPConnection) -> None:
    first = login(connection)
    for _ in range(1000):
        login(connection)
    assert call(connection, "GET", "/account", {"Cookie": first})[0].status == 401


def test_a_client_that_leaves_in_the_middle_is_no_failure(demo_server: DemoServer) -> None:
    host, port = demo_server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(b"POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
    assert exchange(demo_server, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_closing_cuts_idle_connections_and_running_streams() -> None:
    with DemoServer() as server:
        idle = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
        call(idle, "GET", "/")
        stream = HTTPConnection(server.url.removeprefix("http://"), timeout=10)
        stream.request("GET", "/slow?lines=100&delay=10")
        response = stream.getresponse()
        assert response.readline() == b"line 1 of 100\n"
    server.wait()
    with pytest.raises((IncompleteRead, ConnectionError)):
        response.read()
    idle.sock.settimeout(10)
    assert idle.sock.recv(1) == b""
    response.close()
    stream.close()
    idle.close()
    assert not server.failures


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_port_that_is_none_is_a_usage_error(port: int) -> None:
    with pytest.raises(Usage, match=str(port)):
        DemoServer(port)


def test_a_port_that_is_taken_is_a_usage_error_and_one_that_was_left_can_be_had_again() -> None:
    with DemoServer() as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(Usage, match=f"port {port} of 127.0.0.1"):
            DemoServer(port)
    with DemoServer(port) as again:
        assert again.url == first.url
