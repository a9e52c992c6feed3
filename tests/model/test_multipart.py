"""Multipart forms: what is put in comes out of other people's parsers, and no name can become a line of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reqcli.errors import InputFailed, Usage
from reqcli.model.body import BLOCK, Body, BytesBody, FileBody, StreamBody
from reqcli.model.multipart import MultipartBody, Part
from tests.forms import parsed

BOUNDARY = "f00dfeed"


def text(name: str, value: str) -> Part:
    return Part(name, BytesBody(value.encode()))


def sent(*parts: Part, boundary: str = BOUNDARY) -> bytes:
    return b"".join(MultipartBody(parts, boundary).chunks())


def test_the_bytes_of_a_form() -> None:
    png = FileBody(io.BytesIO(b"\x89PNG"), 0, 4, name="cat.png", content_type="image/png")
    body = MultipartBody([text("a", "één"), Part("photo", png, filename="kätzchen.png")], BOUNDARY)
    expected = (
        b'--f00dfeed\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xc3\xa9\xc3\xa9n\r\n'
        b'--f00dfeed\r\nContent-Disposition: form-data; name="photo"; filename="k\xc3\xa4tzchen.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n"
        b"--f00dfeed--\r\n"
    )
    assert b"".join(body.chunks()) == expected
    assert (body.length, body.content_type) == (len(expected), "multipart/form-data; boundary=f00dfeed")


def test_the_email_parser_reads_it_too() -> None:
    blob = bytes(range(256)) + b"\r\n--f00d\r\n"
    data = sent(text("a", "1\n"), Part("b", BytesBody(blob, "application/x-blob"), filename="b.bin"), text("c", ""))
    message = BytesParser(policy=policy.HTTP).parsebytes(
        b"Content-Type: multipart/form-data; boundary=f00dfeed\r\n\r\n" + data
    )
    assert not message.defects
    parts = list(message.iter_parts())
    assert [part.get_param("name", header="content-disposition") for part in parts] == ["a", "b", "c"]
    assert [part.get_payload(decode=True) for part in parts] == [b"1\n", blob, b""]
    assert (parts[1].get_content_type(), parts[1].get_filename()) == ("application/x-blob", "b.bin")


def test_a_form_without_parts_is_its_end() -> None:
    assert sent() == b"--f00dfeed--\r\n"
    assert parsed(sent(), BOUNDARY) == []


# Names, where a form is attacked (CVE-2026-34514)

NASTY = ['a"; filename="x', 'a"\r\nX-Evil: 1', "a\r\n\r\nbody\r\n--f00dfeed--", "\n", "\r", '"']


@pytest.mark.parametrize("name", NASTY)
def test_no_name_ends_its_quotes_or_its_line(name: str) -> None:
    """CVE-2026-34514."""
    data = sent(Part(name, BytesBody(b"v"), filename=name), text("b", "2"))
    escaped = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").encode()
    assert data.split(b"\r\n")[1] == b'Content-Disposition: form-data; name="%b"; filename="%b"' % (escaped, escaped)
    assert [content for *_, content in parsed(data, BOUNDARY)] == [b"v", b"2"]


@pytest.mark.parametrize("name", ["back\\slash", "50%", "%22", "a'b;c=d", "naïve 猫.txt", "\u2028\x85", ""])
def test_nothing_else_is_escaped(name: str) -> None:
    assert f'; name="{name}"\r\n'.encode() in sent(text(name, "v"))


def test_bytes_that_are_no_text_are_sent_as_those_bytes() -> None:
    assert b'name="\xff\xfe"\r\n' in sent(text("\udcff\udcfe", "v"))


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(Part("a\0b", BytesBody(b"")), id="NUL in the name"),
        pytest.param(Part("a", BytesBody(b""), filename="x\x1b[2J"), id="escape in the file name"),
        pytest.param(Part("a", BytesBody(b"", "text/plain\r\nX-Evil: 1")), id="line break in the media type"),
        pytest.param(Part("a", BytesBody(b"", "text/plain\nX-Evil: 1")), id="bare line feed in the media type"),
        pytest.param(Part("a", BytesBody(b""), filename="\ud800"), id="a lone surrogate"),
    ],
)
def test_what_no_header_can_carry_is_refused(part: Part) -> None:
    with pytest.raises(Usage, match=r"the part 'a.* cannot be sent"):
        MultipartBody([part], BOUNDARY)


NAMES = st.text(
    st.one_of(
        st.sampled_from('"\r\n\t;=%_\x85é猫🐈'), st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\\")
    ),
    max_size=12,
)
"""Backslashes are left out: werkzeug takes them for escapes, which browsers do not write."""

PIECES = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b"--", b"--f00dfee", b"d", b"f00dfeed", b"--f00dfeed", b"x", b"\0\xff"]
)
CONTENTS = st.one_of(st.binary(max_size=40), st.lists(PIECES, max_size=8).map(b"".join))
KINDS = st.sampled_from(["bytes", "file", "stream"])


def source(kind: str, data: bytes) -> Body:
    if kind == "file":
        return FileBody(io.BytesIO(b"skipped" + data), 7, len(data), name="a file", content_type="text/x-file")
    if kind == "stream":
        return StreamBody([data[:3], data[3:]], name="a pipe", content_type="text/x-stream")
    return BytesBody(data)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.none() | NAMES, KINDS, CONTENTS), max_size=5))
def test_what_is_put_in_comes_out(fields: list[tuple[str, str | None, str, bytes]]) -> None:
    assume(not any(b"--f00dfeed" in content for *_, content in fields))
    body = MultipartBody([Part(n, source(kind, c), filename=f) for n, f, kind, c in fields], BOUNDARY)
    chunks = list(body.chunks())
    assert all(chunks)
    data = b"".join(chunks)
    streams = "stream" in [kind for _, _, kind, _ in fields]
    assert body.length == (None if streams else len(data))
    assert body.replayable is not streams
    if body.replayable:
        assert b"".join(body.chunks()) == data

    def undone(name: str) -> str:  # werkzeug undoes the quotes, and leaves the line breaks to the application
        return name.replace("\r", "%0D").replace("\n", "%0A").replace("%22", '"')

    assert parsed(data, BOUNDARY) == [
        (undone(n), None if f is None else undone(f), None if kind == "bytes" else f"text/x-{kind}", c)
        for n, f, kind, c in fields
    ]


# The boundary


@settings(max_examples=200, deadline=None)
@given(CONTENTS)
def test_a_part_in_memory_that_has_the_boundary_in_it_is_refused(content: bytes) -> None:
    if b"--f00dfeed" in content:
        with pytest.raises(Usage, match="the part 'secret' contains the boundary"):
            sent(Part("secret", BytesBody(content)))
    else:
        assert [part[-1] for part in parsed(sent(Part("secret", BytesBody(content))), BOUNDARY)] == [content]


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a b", "a\r\nb", 'a"b', "ä", "a;b"])
def test_what_cannot_be_a_boundary_is_refused(boundary: str) -> None:
    with pytest.raises(Usage, match="cannot be the boundary"):
        MultipartBody([], boundary)


def test_a_boundary_of_seventy_characters_is_one() -> None:
    boundary = "'+_.-" + "Zz9" * 21 + "aa"
    assert parsed(sent(text("a", "1"), boundary=boundary), boundary) == [("a", None, None, b"1")]


# Streaming


def test_many_small_fields_are_few_pieces_and_a_large_one_is_not_copied() -> None:
    assert len(list(MultipartBody([text(f"n{n}", "v") for n in range(500)], BOUNDARY).chunks())) == 1
    large = BytesBody(b"x" * BLOCK)
    chunks = list(MultipartBody([text("a", "1"), Part("b", large), text("c", "2")], BOUNDARY).chunks())
    assert chunks[1] is large.data
    assert len(chunks) == 3


def test_what_comes_from_a_stream_goes_out_as_it_comes() -> None:
    def slowly() -> Iterator[bytes]:
        yield b"first"
        pytest.fail("asked for more than was needed")

    chunks = MultipartBody([text("a", "1"), Part("b", StreamBody(slowly(), name="a pipe"))], BOUNDARY).chunks()
    head = next(chunks)
    assert head.endswith(b'name="b"\r\n\r\n')
    assert next(chunks) == b"first"


def test_a_file_goes_through_block_by_block() -> None:
    size = 3 * BLOCK + 1
    file = FileBody(io.BytesIO(b"x" * size), 0, size, name="a file")
    body = MultipartBody([Part("a", file, filename="x")], BOUNDARY)
    assert max(map(len, body.chunks())) <= BLOCK
    assert sum(map(len, body.chunks())) == body.length


def test_a_part_that_can_be_sent_once_makes_a_body_that_can_be_sent_once() -> None:
    body = MultipartBody([text("a", "1"), Part("b", StreamBody([b"x"], name="a pipe", length=1))], BOUNDARY)
    assert not body.replayable
    assert body.length == len(b"".join(body.chunks()))
    with pytest.raises(InputFailed, match="a pipe was sent already"):
        list(body.chunks())


def test_a_file_that_shrank_is_an_error_that_names_it() -> None:
    file = FileBody(io.BytesIO(b"abc"), 0, 5, name="upload.bin")
    with pytest.raises(InputFailed, match=re.escape("upload.bin became shorter")):
        sent(Part("a", file, filename="upload.bin"))
