"""Dates in cookies: the lenient reading that RFC 6265bis §5.1.1 prescribes for `Expires`, without a calendar library.

Servers write dates in a dozen shapes. The RFC does not list them: it cuts the text into tokens at anything that is
no letter, digit or colon, and takes the first token that looks like a time, like a day, like a month and like a
year, each kind once and in that order of preference. What is left over (weekday, zone) means nothing: all is UTC.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_tokens: Final = re.compile(r"[^\t\x20-/;-@\[-`{-~]+").findall
_time: Final = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])").match
_day: Final = re.compile(r"([0-9]{1,2})(?![0-9])").match
_year: Final = re.compile(r"([0-9]{2,4})(?![0-9])").match

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
    found_time = found_day = found_month = found_year = None
    for token in _tokens(text):
        if found_time is None and (found_time := _time(token)):
            continue
        if found_day is None and (found_day := _day(token)):
            continue
        if found_month is None and (found_month := _MONTHS.get(token[:3].lower())):
            continue
        if found_year is None:
            found_year = _year(token)
    if not (found_time and found_day and found_month and found_year):
        return None
    hour, minute, second = map(int, found_time.groups())
    if hour > 23 or minute > 59 or second > 59:
        return None
    days = _days(_full_year(int(found_year[1])), found_month, int(found_day[1]))
    return None if days is None else days * 86400.0 + hour * 3600 + minute * 60 + second


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
