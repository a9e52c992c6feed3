"""Bodies: how long they are, whether they can be sent twice, and what happens when their source changes under them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from reqcli.errors import InputFailed
from reqcli.model.body import BLOCK, BytesBody, FileBody, StreamBody, form_body, json_body


class TestBytes:
    def test_it_is_sent_as_often_as_asked(self) -> None:
        body = BytesBody(b"abc", "text/plain")
        assert (body.length, body.content_type, body.replayable) == (3, "text/plain", True)
        assert [b"".join(body.chunks()) for _ in range(2)] == [b"abc", b"abc"]

    def test_an_empty_one_has_no_chunk(self) -> None:
        assert BytesBody(b"").length == 0
        assert list(BytesBody(b"").chunks()) == []


class TestFile:
    def test_a_replay_goes_back_to_where_the_file_stood(self, tmp_path: Path) -> None:
        path = tmp_path / "data"
        path.write_bytes(b"skipped" + b"x" * (2 * BLOCK + 5) + b"tail")
        with path.open("rb") as file:
            body = FileBody(file, 7, 2 * BLOCK + 5, name="data")
            assert body.replayable
            for _ in range(2):
                chunks = list(body.chunks())
                assert b"".join(chunks) == b"x" * (2 * BLOCK + 5)
                assert max(map(len, chunks)) <= BLOCK

    def test_a_replay_after_half_of_it_begins_at_the_start(self, tmp_path: Path) -> None:
        path = tmp_path / "data"
        path.write_bytes(b"a" * BLOCK + b"b" * BLOCK)
        with path.open("rb") as file:
            body = FileBody(file, 0, 2 * BLOCK, name="data")
            assert next(body.chunks()) == b"a" * BLOCK
            assert next(body.chunks()) == b"a" * BLOCK

    def test_a_file_that_shrank_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        path = tmp_path / "data"
        path.write_bytes(b"abc")
        with path.open("rb") as file:
            body = FileBody(file, 0, 5, name="upload.bin")
            with pytest.raises(InputFailed, match=r"upload\.bin became shorter"):
                list(body.chunks())

    def test_a_file_that_grew_is_sent_as_long_as_announced(self) -> None:
        body = FileBody(io.BytesIO(b"abcdef"), 0, 3, name="data")
        assert b"".join(body.chunks()) == b"abc"

    def test_an_empty_one_has_no_chunk(self) -> None:
        assert list(FileBody(io.BytesIO(b""), 0, 0, name="data").chunks()) == []

    def test_a_file_that_cannot_be_read_is_an_error_that_names_it_and_says_why(self, tmp_path: Path) -> None:
        with (tmp_path / "data").open("wb") as file:
            body = FileBody(file, 0, 3, name="upload.bin")
            with pytest.raises(InputFailed, match=r"cannot read upload\.bin: (?!None)"):
                list(body.chunks())


class TestStream:
    def test_it_is_sent_once(self) -> None:
        body = StreamBody(iter([b"a", b"", b"bc"]), name="stdin")
        assert (body.length, body.replayable) == (None, False)
        assert list(body.chunks()) == [b"a", b"bc"]
        with pytest.raises(InputFailed, match="stdin was sent already") as caught:
            list(body.chunks())
        assert caught.value.hint

    def test_even_a_list_is_sent_once_because_nothing_promises_more(self) -> None:
        body = StreamBody([b"a"], name="blocks")
        list(body.chunks())
        with pytest.raises(InputFailed):
            list(body.chunks())

    def test_a_source_that_breaks_is_an_error_that_names_it(self) -> None:
        def source() -> Iterator[bytes]:
            yield b"a"
            raise OSError(5, "Input/output error")

        chunks = StreamBody(source(), name="stdin").chunks()
        assert next(chunks) == b"a"
        with pytest.raises(InputFailed, match="cannot read stdin: Input/output error"):
            next(chunks)

    def test_a_known_length_is_kept_to(self) -> None:
        assert list(StreamBody([b"ab", b"c"], name="pipe", length=3).chunks()) == [b"ab", b"c"]
        assert list(StreamBody([], name="pipe", length=0).chunks()) == []

    @pytest.mark.parametrize("blocks", [[], [b"ab"], [b"ab", b""]])
    def test_a_source_shorter_than_announced_is_an_error(self, blocks: list[bytes]) -> None:
        with pytest.raises(InputFailed, match="pipe ended after"):
            list(StreamBody(blocks, name="pipe", length=3).chunks())

    @pytest.mark.parametrize("blocks", [[b"abcd"], [b"abc", b"d"]])
    def test_not_a_byte_beyond_the_announced_length_is_sent(self, blocks: list[bytes]) -> None:
        sent: list[bytes] = []
        with pytest.raises(InputFailed, match="pipe gave more"):
            sent.extend(StreamBody(blocks, name="pipe", length=3).chunks())
        assert len(b"".join(sent)) <= 3


class TestJsonAndForm:
    def test_json_is_compact_utf_8(self) -> None:
        body = json_body({"ä": [1, None, "é"]})
        assert body.data == '{"ä":[1,null,"é"]}'.encode()
        assert body.content_type == "application/json"

    @pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": object()}])
    def test_what_is_no_json_is_refused(self, value: object) -> None:
        with pytest.raises((TypeError, ValueError)):
            json_body(value)

    def test_a_form_keeps_order_and_duplicates(self) -> None:
        body = form_body([("a", "1 2"), ("b", "é&="), ("a", "+")])
        assert body.data == b"a=1+2&b=%C3%A9%26%3D&a=%2B"
        assert body.content_type == "application/x-www-form-urlencoded"
