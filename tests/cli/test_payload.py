"""What a command line sends as its body: multipart forms and compression, and what is refused."""

from __future__ import annotations

import gzip
import io
import os
import re
from pathlib import Path
from typing import Any

import pytest

from reqcli.cli.ask import Ask
from reqcli.cli.payload import JSON_ACCEPT, payload
from reqcli.cli.world import World
from reqcli.errors import InputFailed, Usage
from reqcli.model.body import Body, FileBody, StreamBody
from reqcli.model.multipart import MultipartBody, Part

Fields = dict[str, str | None]

LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""A command leaves its input files to the end of its process."""


@pytest.fixture(autouse=True)
def in_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the files that the items name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.png").write_bytes(b"\x89PNG")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "notes.txt").write_text("one\ntwo\n")


def asked(*items: str, stdin: bytes = b"", **options: Any) -> tuple[Body | None, Fields]:
    """The body and the headers of a POST."""
    words = {
        "method": "POST", "items": items, "headers": (), "data": (), "as_json": False, "as_form": False,
        "multipart": False, "boundary": None, "chunked": False, "raw": None, "compress": False, "ignore_stdin": False,
        "auth": None, "proxy_auth": None, "cert_key_pass": None, "write_out": None, "context": None,
    }  # fmt: skip
    world = World({}, io.BytesIO(stdin), io.BytesIO(), io.BytesIO())
    _, headers, body = payload(Ask(**{**words, **options}), world)
    return body, dict(headers)


def content(body: Body | None) -> bytes:
    """The body, its files closed."""
    assert body is not None
    data = b"".join(body.chunks())
    for part in parts_of(body):
        if isinstance(part.body, FileBody):
            part.body.file.close()
    return data


def parts_of(body: Body | None) -> tuple[Part, ...]:
    plain = getattr(body, "plain", body)
    return plain.parts if isinstance(plain, MultipartBody) else ()


def described(*items: str, **options: Any) -> list[tuple[str, str | None, str | None]]:
    """Name, file name and media type of each part."""
    body, _ = asked(*items, **options)
    assert isinstance(body, MultipartBody)
    content(body)
    return [(part.name, part.filename, part.body.content_type) for part in body.parts]


# When a form is multipart


@pytest.mark.parametrize("options", [{}, {"as_form": True}, {"multipart": True}, {"as_form": True, "multipart": True}])
def test_a_file_among_the_fields_makes_the_form_multipart(options: Any) -> None:
    body, headers = asked("a=1", "photo@cat.png", "b=2", **options)
    assert headers == {}
    assert re.fullmatch(r"multipart/form-data; boundary=[0-9a-f]{32}", body.content_type or "" if body else "")
    names = [part.name for part in parts_of(body)]
    assert names == ["a", "photo", "b"]
    assert b"\r\n\r\n\x89PNG\r\n" in content(body)


def test_multipart_is_made_without_a_file_when_asked() -> None:
    body, headers = asked("a=1", "n:=2", "o:={}", multipart=True)
    assert headers == {}
    assert [(part.name, part.body.content_type) for part in parts_of(body)] == [
        ("a", None), ("n", None), ("o", "application/json"),
    ]  # fmt: skip


def test_each_form_has_a_boundary_of_its_own() -> None:
    assert len({body.content_type for body, _ in (asked("a=1", multipart=True) for _ in range(3)) if body}) == 3


@pytest.mark.parametrize(
    ("items", "options", "message"),
    [
        (("a=1",), {"as_json": True, "multipart": True}, "--json and --multipart contradict each other"),
        (("p@cat.png",), {"as_json": True}, "a file part cannot be sent as JSON"),
        ((), {"multipart": True}, "a multipart form is made of fields and files"),
        (("@cat.png",), {"multipart": True}, "a multipart form is made of fields and files"),
        (("p@cat.png",), {"data": ("x",)}, "a multipart form is made of fields and files"),
        (("p@cat.png",), {"raw": "x"}, "a multipart form is made of fields and files"),
        (("a=1",), {"boundary": "x"}, "--boundary is for multipart forms"),
        (("a=1",), {"boundary": "x y", "multipart": True}, "'x y' cannot be the boundary"),
        (("a=1", "Content-Type:multipart/a; boundary=x"), {"boundary": "y", "multipart": True}, "two boundaries"),
        (("p@-",), {"ignore_stdin": True}, "--ignore-stdin forbids it"),
        (("a\0b@cat.png",), {}, r"the part 'a\\x00b' cannot be sent"),
    ],
)
@LEFT_OPEN
def test_what_makes_no_multipart_form_is_refused(items: tuple[str, ...], options: Any, message: str) -> None:
    with pytest.raises(Usage, match=message):
        asked(*items, **options)


@pytest.mark.parametrize(("path", "why"), [("nope", "No such file"), ("sub", "Is a directory")])
def test_a_part_that_cannot_be_read_is_an_error_that_names_it(path: str, why: str) -> None:
    with pytest.raises(InputFailed, match=f"cannot read {path}: {why}") as caught:
        asked(f"p@{path}")
    assert caught.value.hint == "p@FILE sends a file, p=TEXT a text"


# What a file part is called


@pytest.mark.parametrize(
    ("item", "filename", "media_type"),
    [
        ("p@cat.png", "cat.png", "image/png"),
        ("p@sub/notes.txt", "notes.txt", "text/plain"),
        ("p@cat.png;type=x/y; z=1", "cat.png", "x/y; z=1"),
        ("p@cat.png;filename=a/b.pdf", "a/b.pdf", "application/pdf"),
        ("p@cat.png;filename=avatar", "avatar", "image/png"),
        ("p@cat.png;filename=cat.tar.gz", "cat.tar.gz", "application/gzip"),
        ("p@cat.png;filename=cat.txt.xz", "cat.txt.xz", "application/octet-stream"),
        ("p@cat.png;filename=", None, "image/png"),
        ("p@cat.png;filename=;type=application/json", None, "application/json"),
        ("p@-", "-", "application/octet-stream"),
        ("p@-;filename=x.csv", "x.csv", "text/csv"),
    ],
)
def test_a_file_part_has_a_name_and_a_type(item: str, filename: str | None, media_type: str) -> None:
    assert described(item) == [("p", filename, media_type)]


def test_a_part_from_a_pipe_is_streamed_and_one_from_a_file_knows_its_length() -> None:
    body, _ = asked("p@-", "q@cat.png", stdin=b"piped")
    assert body is not None
    assert [type(part.body) for part in parts_of(body)] == [StreamBody, FileBody]
    assert (body.length, body.replayable) == (None, False)
    assert b"\r\n\r\npiped\r\n" in content(body)
    body, _ = asked("a=1", "q@cat.png")
    assert body is not None
    assert (body.length, body.replayable) == (len(content(body)), True)


@LEFT_OPEN
def test_a_fifo_can_be_a_part() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"substituted")
    os.close(theirs)
    try:
        body, _ = asked(f"p@/dev/fd/{ours};filename=x")
        assert b"\r\n\r\nsubstituted\r\n" in content(body)
        assert body is not None
        assert body.length is None
    finally:
        os.close(ours)


# A Content-Type of the user's own


@pytest.mark.parametrize("given", ["multipart/form-data", "Multipart/Related; type=x"])
def test_a_multipart_type_that_names_no_boundary_gets_ours(given: str) -> None:
    body, headers = asked(f"Content-Type:{given}", "a=1", multipart=True)
    start, boundary = (headers["Content-Type"] or "").rsplit("; boundary=", 1)
    assert start == given
    assert content(body).startswith(f"--{boundary}\r\n".encode())


@pytest.mark.parametrize("given", ["boundary=XyZ", 'Boundary="XyZ"; a=b', "a=b; boundary=XyZ ; c"])
def test_a_boundary_that_was_typed_is_used(given: str) -> None:
    body, headers = asked("a=1", multipart=True, headers=(f"content-type: multipart/form-data; {given}",))
    assert headers == {"content-type": f"multipart/form-data; {given}"}
    assert content(body).startswith(b"--XyZ\r\n")


@pytest.mark.parametrize("header", ["Content-Type:text/x", "Content-Type:", "X-A:multipart/x"])
def test_any_other_header_is_left_alone(header: str) -> None:
    _, headers = asked(header, "a=1", multipart=True)
    name, _, value = header.partition(":")
    assert headers == {name: value or None}


@pytest.mark.parametrize("headers", [(), ("Content-Type:multipart/x",), ("Content-Type: multipart/x; boundary=XyZ",)])
def test_a_boundary_that_was_asked_for_is_used(headers: tuple[str, ...]) -> None:
    body, sent = asked("a=1", multipart=True, headers=headers, boundary="XyZ")
    assert content(body).startswith(b"--XyZ\r\n")
    content_type = sent.get("Content-Type") or (body.content_type if body else None) or ""
    assert content_type.endswith("; boundary=XyZ")


# Raw bodies


@pytest.mark.parametrize(
    ("options", "content_type", "accept"),
    [
        ({}, "application/json", JSON_ACCEPT),
        ({"as_json": True}, "application/json", JSON_ACCEPT),
        ({"as_form": True}, "application/x-www-form-urlencoded", None),
    ],
)
def test_a_raw_body_is_sent_as_it_is(options: Any, content_type: str, accept: str | None) -> None:
    body, headers = asked(raw="a=b\udcff", **options)
    assert content(body) == b"a=b\xff"
    assert body is not None
    assert body.content_type == content_type
    assert headers.get("Accept") == accept


def test_an_empty_raw_body_is_a_body() -> None:
    body, _ = asked(raw="", stdin=b"piped")
    assert body is not None
    assert body.length == 0


@pytest.mark.parametrize(
    ("items", "options"),
    [
        (("a=1",), {"raw": "x"}), (("@cat.png",), {"raw": "x"}), ((), {"raw": "x", "data": ("y",)}),
        (("a=1",), {"data": ("y",)}), (("@cat.png",), {"data": ("y",)}),
    ],
)  # fmt: skip
def test_a_request_has_one_body(items: tuple[str, ...], options: Any) -> None:
    with pytest.raises(Usage, match="a request has one body"):
        asked(*items, **options)


@pytest.mark.parametrize(
    ("items", "options"),
    [
        (("@-",), {"auth": "@-"}), (("a=@-",), {"proxy_auth": "@-"}), ((), {"auth": "@-", "cert_key_pass": "@-"}),
        ((), {"data": ("@-",), "auth": "@-"}), (("@-",), {"write_out": "@-"}),
        (("@-",), {"context": "-"}), (("@-",), {"context": "fd:0"}),
        ((), {"auth": "@-", "context": "-"}), ((), {"write_out": "@-", "context": "-"}), (("X:@-",), {"data": ("@-",)}),
    ],
)  # fmt: skip
def test_standard_input_is_read_once(items: tuple[str, ...], options: Any) -> None:
    with pytest.raises(Usage, match="standard input can be read only once"):
        asked(*items, **options)


# Chunks


@pytest.mark.parametrize(("items", "replayable"), [(("a=1",), True), (("@cat.png",), True), (("@-",), False)])
@LEFT_OPEN
def test_a_body_can_be_sent_in_chunks(items: tuple[str, ...], replayable: bool) -> None:
    plain, headers = asked(*items, stdin=b"piped")
    body, same = asked(*items, stdin=b"piped", chunked=True)
    assert plain is not None
    assert body is not None
    assert headers == same
    assert (body.length, body.replayable, body.content_type) == (None, replayable, plain.content_type)
    assert content(body) == content(plain)


def test_nothing_to_send_in_chunks_is_no_error() -> None:
    assert asked(method="GET", chunked=True) == (None, {})


# Files that become a part of something


@pytest.mark.parametrize("item", ["a=@/dev/zero", "X-A:@/dev/zero", "a==@/dev/zero", "a:=@/dev/zero"])
@LEFT_OPEN
def test_a_file_without_an_end_is_refused(item: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reqcli.cli.payload.MOST", 1024 * 1024)
    with pytest.raises(InputFailed, match="/dev/zero is longer than 1 MiB"):
        asked(item)


@LEFT_OPEN
def test_a_tilde_is_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "sub"))
    body, _ = asked("a=@~/notes.txt")
    assert content(body) == b'{"a":"one\\ntwo\\n"}'


# Compression


def test_a_body_that_shrinks_is_compressed_and_says_so() -> None:
    body, headers = asked("a=" + "x" * 500, as_form=True, compress=True)
    assert gzip.decompress(content(body)) == b"a=" + b"x" * 500
    assert headers == {"Content-Encoding": "gzip"}
    assert body is not None
    assert body.content_type == "application/x-www-form-urlencoded"


def test_a_body_that_does_not_shrink_is_sent_as_it_is() -> None:
    body, headers = asked("a=1", compress=True)
    assert content(body) == b'{"a":"1"}'
    assert "Content-Encoding" not in headers


def test_nothing_to_compress_is_no_error() -> None:
    assert asked(method="GET", compress=True) == (None, {})


def test_standard_input_is_compressed_as_it_comes() -> None:
    body, headers = asked("@-", stdin=b"piped", compress=True)
    assert body is not None
    assert (body.length, body.content_type) == (None, "application/json")
    assert gzip.decompress(content(body)) == b"piped"
    assert headers["Content-Encoding"] == "gzip"


def test_a_multipart_form_can_be_compressed() -> None:
    body, headers = asked("p@cat.png", "a=" + "x" * 500, "q@-", stdin=b"piped", compress=True)
    assert body is not None
    assert "\r\n\r\n\x89PNG\r\n".encode("latin-1") in gzip.decompress(content(body))
    assert (body.content_type or "").startswith("multipart/form-data; boundary=")
    assert headers == {"Content-Encoding": "gzip"}


@pytest.mark.parametrize("header", ["Content-Encoding:br", "content-encoding:", "Content-Encoding;"])
def test_a_content_coding_of_the_users_own_and_compression_contradict_each_other(header: str) -> None:
    with pytest.raises(Usage, match="--compress sets Content-Encoding itself"):
        asked(header, "a=1", compress=True)
