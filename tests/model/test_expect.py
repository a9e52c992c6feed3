"""What is expected of a status."""

from __future__ import annotations

import pytest

from reqcli.errors import Usage
from reqcli.model.expect import Expect


def test_a_status_is_expected_by_itself_or_by_its_class() -> None:
    expect = Expect.parse("2XX, 404")
    assert [status for status in (199, 200, 299, 300, 403, 404, 405) if status in expect] == [200, 299, 404]
    assert str(expect) == "2xx,404"


@pytest.mark.parametrize("text", ["", "2xx,", "20", "2x", "xxx", "0xx", "099", "2000", "²00", "all", "200-204", "-20"])
def test_a_word_that_is_no_status_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="no status"):
        Expect.parse(text)
