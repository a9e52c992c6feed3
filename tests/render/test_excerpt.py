"""The beginning of a body: whole characters, at most so many bytes, and never a part of a secret."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reqcli.model.redact import Redactor
from reqcli.model.secret import MASK, Secret
from reqcli.render.excerpt import LOOK_AHEAD, MaskedBlocks, bytes_beginning, text_beginning

SECRET = "hunter2-hunter2-é"
MASKED = Redactor([Secret(SECRET)])


@given(st.text(), st.integers(0, 40), st.sampled_from(["utf-8", "utf-16-le", "utf-32-be", "shift_jis", "latin-1"]))
def test_a_text_is_cut_between_two_characters(text: str, limit: int, charset: str) -> None:
    content = text.replace("\0", "").encode(charset, "ignore")
    whole = content.decode(charset)
    shown = text_beginning(content, charset, limit, Redactor())
    assert shown is not None
    beginning, size = shown
    assert whole.startswith(beginning)
    assert size <= limit
    assert content[:size].decode(charset) == beginning
    assert len(content) <= limit or limit - size < 4


@given(st.text("ab é", max_size=30), st.text("ab é", max_size=30), st.integers(0, 90))
def test_a_secret_at_the_edge_is_left_out_whole(before: str, after: str, limit: int) -> None:
    content = (before + SECRET + after).encode()
    shown = text_beginning(content, "utf-8", limit, MASKED)
    assert shown is not None
    assert "hu" not in shown[0]
    assert shown[1] <= limit
    data, size = bytes_beginning(b"\xff" + content, limit, MASKED)
    assert b"hu" not in data
    assert size <= limit


def test_a_secret_within_is_masked_and_counted_as_it_was() -> None:
    content = f"{SECRET}, and more".encode()
    assert text_beginning(content, "utf-8", 20, MASKED) == (f"{MASK}, ", 20)
    assert bytes_beginning(content, 20, MASKED) == (f"{MASK}, ".encode(), 20)


def test_what_is_no_text_is_given_as_bytes() -> None:
    assert text_beginning(b"\xff\xfe\xfd", "utf-8", 2, MASKED) is None
    assert text_beginning(b"a\0b", "utf-8", 3, MASKED) is None
    assert bytes_beginning(b"\xff\xfe\xfd", 2, MASKED) == (b"\xff\xfe", 2)


@given(st.lists(st.binary(max_size=40) | st.just(SECRET.encode()), max_size=8), st.integers(1, 9))
def test_a_stream_is_masked_as_the_whole_would_be(blocks: list[bytes], size: int) -> None:
    content = b"".join(blocks)
    stream = MaskedBlocks(MASKED)
    pieces = [stream.feed(content[start : start + size]) for start in range(0, len(content), size)]
    assert b"".join([*pieces, stream.finish()]) == MASKED.data(content)
    assert stream.has_masked is (MASKED.data(content) != content)


def test_a_stream_passes_on_what_is_safe() -> None:
    stream = MaskedBlocks(MASKED)
    first, second = SECRET.encode()[:5], SECRET.encode()[5:]
    assert stream.feed(bytes(LOOK_AHEAD)) == b""
    assert len(stream.feed(bytes(LOOK_AHEAD) + first)) == LOOK_AHEAD + 5
    rest = stream.feed(second) + stream.finish()
    assert rest.endswith(b"\0" + MASK.encode())
    assert b"hun" not in rest
