"""The head of a response as a value, and what its reader has seen of it."""

from __future__ import annotations

import pytest

from reqcli.model.headers import Headers
from reqcli.model.response import ResponseHead


@pytest.mark.parametrize(
    "changes", [{"headers": Headers([("Set-Cookie", "a=1")])}, {"warnings": ("it ends oddly",)}, {}], ids=str
)
def test_what_the_reader_saw_of_a_head_does_not_hold_for_another_one(changes: dict[str, object]) -> None:
    head = ResponseHead(1, 200, "OK", Headers([("Content-Length", "2")]), (), 2, b"timeout=5", ())
    head.framing, head.codings = "a length of 2", ("gzip",)
    changed = head.replace(**changes)
    assert (changed.plain_length, changed.keep_alive, changed.cookies) == (None, None, None)
    assert (changed.framing, changed.codings) == (None, None)
    assert (head.plain_length, head.keep_alive, head.cookies) == (2, b"timeout=5", ())
