"""Content codings over real sockets: what is taken off, what is left on, and what is said about it."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path

import brotli
import pytest

from reqcli import Request, Result, Session
from reqcli.client import decoded
from reqcli.client.decoded import LIBRARIES, offered
from reqcli.decode import load, names
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
    """It may be the length that was wrong: then what is missing here is still to come, as the next answer."""
    broken, sound = answer(b"not gzip", "Content-Encoding: gzip"), answer(b"fine")

    def script(peer: Peer) -> None:
        while True:
            peer.answer(broken if len(peer.server.requests) == 0 else sound)

    with NastyServer(script) as server, Session() as session:
        first = session.get(server.url("/"))
        assert first.error is not None
        assert first.error.code == "decode_failed"
        assert first.error.hint is not None
        assert "--no-decode" in first.error.hint
        assert session.get(server.url("/")).content == b"fine"
        assert server.connections == 2


def test_a_body_is_left_as_it_came_when_asked() -> None:
    coded = gzip.compress(TEXT, mtime=0)
    with NastyServer(answer(coded, "Content-Encoding: gzip")) as server, Session() as session:
        result = session.get(server.url("/"), decode=False)
        assert (result.content, result.warnings) == (coded, [])
        assert session.get(server.url("/")).content == TEXT
        assert server.connections == 1
        assert len({request.get("accept-encoding") for request in server.requests}) == 1
    broken = answer(b"not gzip", "Content-Encoding: gzip")
    with NastyServer(broken) as server, Session() as session:
        assert session.get(server.url("/"), decode=False).content == b"not gzip"


def test_what_is_offered_can_be_decoded_and_what_the_user_asks_for_is_sent_as_it_is() -> None:
    """RFC 9110 §12.5.3."""
    body = brotli.compress(TEXT)
    with NastyServer(answer(body, "Content-Encoding: br")) as server, Session() as session:
        assert session.get(server.url("/"), headers={"Accept-Encoding": "br;q=1, *;q=0"}).content == TEXT
        session.get(server.url("/"))
        asked, offer = (request.get("accept-encoding") or "" for request in server.requests)
        assert asked == "br;q=1, *;q=0"
        assert sorted(offer.split(", ")) == [name for name in names() if load(name) is not None]
    assert f"Accept-Encoding: {offer}\r\n".encode() in Request("GET", "http://a.example/").to_bytes()


@pytest.mark.parametrize(
    ("entries", "offer"),
    [
        ([], "gzip, deflate"),
        (["brotli-1.2.0.dist-info"], "gzip, deflate, br"),
        (["Brotli-1.2.0.egg-info"], "gzip, deflate, br"),
        (["brotli-2.0rc1.dist-info"], "gzip, deflate"),
        (["brotli-10.0.dist-info"], "gzip, deflate, br"),
        (["Brotli-1.1.0.dist-info"], "gzip, deflate"),
        (["brotli-1.2.0.dist-info", "brotli-1.1.0.dist-info"], "gzip, deflate"),
        (["brotli-1.2.dist-info"], "gzip, deflate, br"),
        (["brotli-2.dist-info"], "gzip, deflate"),
        (["brotli"], "gzip, deflate"),
        (["brotlicffi-1.2.0.dist-info", "brotli_asgi-1.4.0.dist-info"], "gzip, deflate"),
        (["backports_zstd-1.0.0.dist-info"], "gzip, deflate, zstd"),
        (["backports.zstd-1.0.0.dist-info"], "gzip, deflate"),
        (["backports_zstd-0.9.0.dist-info"], "gzip, deflate"),
        (["backports_zstd-1.0.0.dist-info", "brotli-1.2.0.dist-info"], "gzip, deflate, br, zstd"),
    ],
)
def test_a_library_is_known_by_what_its_installation_left(
    entries: list[str], offer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for entry in entries:
        (tmp_path / entry).mkdir()
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "nowhere"), str(tmp_path)])
    monkeypatch.setattr(decoded, "_offered", None)
    assert offered() == offer


def test_the_first_library_on_the_path_is_the_one_that_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, entry in (("first", "brotli-1.1.0.dist-info"), ("second", "brotli-1.2.0.dist-info")):
        (tmp_path / folder / entry).mkdir(parents=True)
    first, second = str(tmp_path / "first"), str(tmp_path / "second")
    for path, offer in (([first, second], "gzip, deflate"), ([second, first], "gzip, deflate, br")):
        monkeypatch.setattr(sys, "path", path)
        monkeypatch.setattr(decoded, "_offered", None)
        assert offered() == offer


def test_the_libraries_that_are_looked_for_are_those_that_the_package_asks_for() -> None:
    """What pyproject.toml calls an extra is what makes the coding be offered."""
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for library, (coding, lowest) in LIBRARIES.items():
        (requirement,) = extras[coding]
        name, _, version = requirement.partition(";")[0].partition(">=")
        assert name.replace(".", "_") == library
        assert (*map(int, version.split(".")), 0)[:2] == lowest


def test_asking_loads_none_of_them() -> None:
    script = """
import sys
from reqcli.client.decoded import offered
assert "br" in offered() and "zstd" in offered()
assert not {"zlib", "brotli", "_brotli", "backports", "compression", "importlib.metadata"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
