"""A result in a few words: how it went, in the shortest numbers."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from reqcli.errors import HttpClientError
from reqcli.model.redact import Redactor
from reqcli.model.result import Result
from reqcli.model.secret import Secret
from reqcli.model.timing import Stopwatch
from reqcli.render.formats.brief import _thousandths, brief
from tests.render.answers import answer


@given(st.floats(0, 1e9) | st.integers(0, 10**9).map(lambda number: number / 1000))
@example(0.0005)
@example(0.0015)
@example(2.675)
@example(100.0)
def test_milliseconds_are_rounded_to_three_places_and_no_longer_than_they_have_to_be(number: float) -> None:
    assert _thousandths(number) == str(round(number, 3))


def test_a_result_in_a_few_words() -> None:
    watch = Stopwatch(lambda: 1.0)
    watch.ended = 1.00125
    assert json.loads(brief(Result(response=answer(b"abc"), watch=watch))) == {
        "ok": True, "exit_code": 0, "status": 200, "bytes": 3, "total_ms": 1.25, "error": None,
    }  # fmt: skip


def test_a_secret_in_a_message_is_masked() -> None:
    error = HttpClientError("s3cret-value is no token")
    told = json.loads(brief(Result(error=error), Redactor([Secret("s3cret-value")])))
    assert told["error"] == {"code": error.code, "message": "•••• is no token", "retryable": error.retryable}
