from __future__ import annotations

import pytest

from reqcli.cli.durations import in_words, seconds
from reqcli.errors import Usage


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("45s", 45), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("2w", 1209600), ("1.5h", 5400),
     (" 5m ", 300), ("0.25", 0.25)],
)  # fmt: skip
def test_a_duration_is_a_number_with_a_unit(text: str, expected: float) -> None:
    assert seconds(text) == expected
    assert type(seconds(text)) is type(expected)


@pytest.mark.parametrize(
    "text", ["", "h", "-1", "+1", "1 h", "1h30m", "1y", "1H", "1e3", "nan", "inf", "0x10", "٣", "."]
)
def test_what_is_none_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Usage, match="is not a duration") as caught:
        seconds(text)
    assert "30m" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("duration", "words"),
    [(-5, "0s"), (0, "0s"), (59.9, "59s"), (60, "1m"), (3599, "59m"), (3600, "1h"), (86399, "23h"), (86400, "1d"),
     (1e7, "115d")],
)  # fmt: skip
def test_a_person_reads_the_largest_unit(duration: float, words: str) -> None:
    assert in_words(duration) == words
