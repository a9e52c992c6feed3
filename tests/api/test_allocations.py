"""What a request of a session in use takes of memory, in blocks: whoever has to raise a number says why.

The numbers are those of Python 3.11; the later ones take some less, 3.13 six of the first's thirty-five.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.allocations import allocations
from tests.sockets import NastyServer, Peer

ANSWER = (
    b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: 8\r\n\r\n{"a": 1}'
)

IN_USE = """
from reqcli import Session
from reqcli.model.cookie import Cookie
from reqcli.session.operations import SetAuth, SetCookie, SetHeader, apply
from reqcli.session.schema import StoredAuth, StoredHeader
url = sys.argv[1]
origin = url.rpartition("/")[0]
session = Session(apply(Session().state, [
    *(SetCookie(Cookie(name, "v", "127.0.0.1", expires=4e9), secure_origin=True) for name in "abc"),
    *(SetHeader(StoredHeader(f"X-{name}", "v", origin)) for name in "ab"),
    SetAuth(origin, StoredAuth("bearer", {"token": "t"})),
], 1.0))
urls = [f"{url}/{number:03}" for number in range(100)]
def work(times):
    for number in range(times):
        EACH
count(work)
"""


@pytest.mark.parametrize(
    ("each", "most"),
    [
        pytest.param("assert session.get(url).content", 35, id="the same again"),
        pytest.param("assert session.get(urls[number]).content", 46, id="another target each time"),
        pytest.param("assert session.get(url).json()", 45, id="its body read as JSON"),
        pytest.param("assert session.get(url).headers['content-type']", 68, id="a field of its head read"),
        pytest.param("assert session.get(url, headers={'X': '1'}).content", 60, id="a header of its own"),
        pytest.param("assert session.post(url, data='body').content", 243, id="a body of its own"),
    ],
)
def test_a_request_takes_so_many_blocks_of_memory_and_gives_all_back(each: str, most: int, tmp_path: Path) -> None:
    with NastyServer(ANSWER) as server:
        made, kept = allocations(tmp_path, IN_USE.replace("EACH", each), server.url("/a"))
    assert abs(kept) < 0.5
    assert made <= most


def sets_cookies(peer: Peer) -> None:
    """Answers each request with another value of one cookie."""
    for number in range(1000):
        peer.answer(ANSWER.replace(b"\r\n", b"\r\nSet-Cookie: sid=%08d; Path=/; HttpOnly\r\n" % number, 1))


def test_an_answer_that_sets_a_cookie_takes_so_many(tmp_path: Path) -> None:
    with NastyServer(sets_cookies) as server:
        each = "assert session.get(url).content"
        made, kept = allocations(tmp_path, IN_USE.replace("EACH", each), server.url("/a"))
    assert abs(kept) < 0.5
    assert made <= 132
