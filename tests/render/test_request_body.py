"""Request bodies: what is in memory is shown and masked, what is elsewhere is named and left alone."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from reqcli.model.body import Body, BytesBody, FileBody, StreamBody
from reqcli.model.compressed import GzipBody
from reqcli.model.headers import Headers
from reqcli.model.multipart import MultipartBody, Part
from reqcli.model.redact import Redactor
from reqcli.model.request import Request
from reqcli.model.secret import Secret
from reqcli.model.url import Url
from reqcli.render.look import Look
from reqcli.render.request_body import request_body, request_bytes

MASKING = Redactor([Secret("s3cr3t-value")])


class Untouchable(BytesIO):
    """A file that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")


def untouchable() -> Iterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


def sent(body: Body | None, media_type: str | None = None, *fields: tuple[str, str]) -> Request:
    """A request with this body."""
    headers = [*fields] if media_type is None else [("Content-Type", media_type), *fields]
    return Request("POST", Url.parse("http://h/"), Headers(headers), body)


@pytest.mark.parametrize(
    ("data", "media_type", "shown"),
    [
        ('{"a":1.10}', "application/json", '{\n    "a": 1.10\n}\n'),
        ('{"a"', "application/json", '{"a"\n'),
        ("a=1&b=2", "application/x-www-form-urlencoded", "a=1&b=2\n"),
        ("<a><b/></a>", "application/xml", "<a>\n  <b/>\n</a>\n"),
        ("text\x1b[2J\n", "text/plain", "text\\x1b[2J\n"),
        ("x s3cr3t-value y", None, "x •••• y\n"),
    ],
)
def test_text_is_laid_out_and_harmless(data: str, media_type: str | None, shown: str) -> None:
    assert request_body(sent(BytesBody(data.encode()), media_type), Look(layout=True), MASKING) == shown


@pytest.mark.parametrize(
    ("data", "media_type", "shown"),
    [
        (
            '{"password": "hush", "user":"alice","deep":[{"api_key":12,"client_secret":""}], "token": null}',
            "application/json",
            '{"password": "••••", "user":"alice","deep":[{"api_key":"••••","client_secret":""}], "token": null}',
        ),
        ('{"token": {"a": "b"}}', "application/json", '{"token": {"a": "••••"}}'),
        ('{"a": ["password", "x"], "pass\\u0077ord":"hush"}', "application/json",
         '{"a": ["password", "x"], "pass\\u0077ord":"••••"}'),
        ("user=alice&password=hush&pwd=", "application/x-www-form-urlencoded", "user=alice&password=••••&pwd="),
    ],
)  # fmt: skip
def test_fields_that_are_secret_by_name_are_masked(data: str, media_type: str, shown: str) -> None:
    request = sent(BytesBody(data.encode()), media_type)
    assert request_body(request, Look(), MASKING) == shown + "\n"
    assert request_bytes(request, MASKING) == shown.encode()
    assert request_bytes(request, Redactor(reveal=True)) == data.encode()
    assert request_body(request, Look(), Redactor(reveal=True)) == data + "\n"


def test_binary_data_is_announced_and_exact_elsewhere() -> None:
    request = sent(BytesBody(b"\0\1\2"), "image/png")
    assert request_body(request, Look(), MASKING) == "[3 bytes of binary data, image/png]\n"
    assert request_bytes(request, MASKING) == b"\0\1\2"
    assert request_bytes(sent(BytesBody(b"\0s3cr3t-value"), "image/png"), MASKING) == "\0••••".encode()
    coded = sent(BytesBody(b"abc"), "application/json", ("Content-Encoding", "gzip"))
    assert request_body(coded, Look(), MASKING) == "[3 bytes of binary data, application/json]\n"


def test_files_and_streams_are_named_and_not_read() -> None:
    file = FileBody(Untouchable(b"abc"), 0, 3, name="a\x1b.txt")
    stream = StreamBody(untouchable(), name="standard input")
    shown = {
        "file": request_body(sent(file, "text/plain"), Look(), MASKING),
        "stream": request_body(sent(stream), Look(), MASKING),
        "gzip": request_body(sent(GzipBody(file)), Look(), MASKING),
    }
    assert shown == {
        "file": "[a\\x1b.txt, 3 bytes, text/plain]\n",
        "stream": "[standard input, of unknown length]\n",
        "gzip": "[gzip of a\\x1b.txt, 3 bytes]\n",
    }
    assert request_bytes(sent(file), MASKING) is None


def test_a_form_of_parts_is_listed() -> None:
    parts = [
        Part("user", BytesBody(b"alice")),
        Part("password", BytesBody(b"hush")),
        Part(
            "photo", FileBody(Untouchable(b"abc"), 0, 3, name="/tmp/x.png", content_type="image/png"), filename="x.png"
        ),
        Part("raw", BytesBody(b"\0")),
    ]
    request = sent(MultipartBody(parts, "abcdefgh"))
    head, *lines = request_body(request, Look(), MASKING).splitlines()
    assert head.startswith("[multipart form, 4 parts, ")
    assert lines == [
        "  user: alice",
        "  password: ••••",
        "  photo: x.png [/tmp/x.png, 3 bytes, image/png]",
        "  raw [1 bytes of binary data]",
    ]


def test_no_body_is_nothing() -> None:
    assert request_body(sent(None), Look(), MASKING) == ""
    assert request_body(sent(BytesBody(b"")), Look(), MASKING) == ""
