"""Dates in cookies: the lenient reading that RFC 6265bis §5.1.1 prescribes for `Expires`, without a calendar library.

Servers write dates in a dozen shapes. The RFC does not list them: it cuts the text into tokens at anything that is
no letter, digit or colon, and takes the first token that looks like a time, like a day, like a month and like a
year, each kind once and in that order of preference. What is left over (weekday, zone) means nothing: all is UTC.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_BETWEEN_TOKENS: Final = dict.fromkeys((9, *range(32, 48), *range(59, 65), *range(91, 97), *range(123, 127)), " ")
_DIGITS: Final = "0123456789"

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_DAYS_BEFORE: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
"""Days of a common year that lie before the month, by its number less one."""

_EPOCH_DAY: Final = 719_162
"""Days from 1 January of the year 1 to 1 January 1970."""


def parse_cookie_date(text: str) -> float | None:
    """Seconds since the epoch, negative before 1970, or None when the text is no date.

    Args:
        text: the value of an `Expires` attribute, any characters, any length.
    """
    time = day = month = year = None
    for token in text.translate(_BETWEEN_TOKENS).split(" "):
        if time is None and (time := _time(token)) is not None:
            continue
        if day is None and (day := _number(token, 1, 2)) is not None:
            continue
        if month is None and (month := _MONTHS.get(token[:3].lower())) is not None:
            continue
        if year is None:
            year = _number(token, 2, 4)
    if time is None or day is None or month is None or year is None:
        return None
    hour, minute, second = time
    if hour > 23 or minute > 59 or second > 59:
        return None
    days = _days(_full_year(year), month, day)
    return None if days is None else days * 86400.0 + hour * 3600 + minute * 60 + second


def _number(token: str, least: int, most: int) -> int | None:
    """The number that a token begins with, if it has so many digits and no more."""
    size = len(token) - len(token.lstrip(_DIGITS))
    return int(token[:size]) if least <= size <= most else None


def _time(token: str) -> tuple[int, int, int] | None:
    """Hour, minute and second of a token like `8:49:37`, whatever follows that is no digit."""
    parts = token.split(":", 2)
    if len(parts) < 3:
        return None
    if parts[0].strip(_DIGITS) or parts[1].strip(_DIGITS):
        return None
    hour, minute, second = (_number(part, 1, 2) for part in parts)
    return None if hour is None or minute is None or second is None else (hour, minute, second)


def _full_year(year: int) -> int:
    """The year that two digits mean: 70 to 99 in the last century, 0 to 69 in this one (§5.1.1 steps 3 and 4)."""
    if year >= 100:
        return year
    return year + (1900 if year >= 70 else 2000)


def _days(year: int, month: int, day: int) -> int | None:
    """Days from the epoch to a date of the Gregorian calendar, or None when there is no such date after 1600."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = _DAYS_BEFORE[month] - _DAYS_BEFORE[month - 1] + (is_leap and month == 2)
    if year < 1601 or not 1 <= day <= length:
        return None
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400 + (is_leap and month > 2)
    return before * 365 + leap_days + _DAYS_BEFORE[month - 1] + day - 1 - _EPOCH_DAY
