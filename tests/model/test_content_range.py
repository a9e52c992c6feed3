"""Content-Range: which part it names, and what names none."""

from __future__ import annotations

import pytest

from reqcli.model.content_range import ContentRange, parse_content_range


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("bytes 5-9/10", ContentRange(5, 9, 10), id="a part"),
        pytest.param("Bytes  0-0/*", ContentRange(0, 0, None), id="of an unknown whole"),
        pytest.param("bytes */10", ContentRange(None, None, 10), id="none to be had"),
        pytest.param("bytes */*", None, id="nothing said"),
        pytest.param("bytes 9-5/10", None, id="backwards"),
        pytest.param("bytes 5-10/10", None, id="beyond the end"),
        pytest.param("pages 5-9/10", None, id="another unit"),
        pytest.param("bytes=5-9/10", None, id="as in a request"),
        pytest.param("bytes -9/10", None, id="no first"),
        pytest.param("bytes 5-9/10, 1-2/10", None, id="two"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="missing"),
    ],
)
def test_the_part_that_is_named(value: str | None, expected: ContentRange | None) -> None:
    assert parse_content_range(value) == expected
