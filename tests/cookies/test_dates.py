"""Cookie dates: the algorithm of RFC 6265bis §5.1.1, against the standard library's calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reqcli.cookies.dates import _number, _time, parse_cookie_date

QUIET = settings(max_examples=200, deadline=None)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> float:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (datetime(year, month, day, hour, minute, second, tzinfo=UTC) - epoch) / timedelta(seconds=1)


NOON = at(2031, 6, 9, 12, 34, 56)

READABLE = {
    "the date of RFC 9110": ("Mon, 09 Jun 2031 12:34:56 GMT", NOON),
    "RFC 850 with a two-digit year": ("Monday, 09-Jun-31 12:34:56 GMT", NOON),
    "asctime": ("Mon Jun  9 12:34:56 2031", NOON),
    "dashes and four digits": ("Mon, 09-Jun-2031 12:34:56 GMT", NOON),
    "no weekday": ("09 Jun 2031 12:34:56 GMT", NOON),
    "no zone": ("Mon, 09 Jun 2031 12:34:56", NOON),
    "a wrong weekday": ("Fri, 09 Jun 2031 12:34:56 GMT", NOON),
    "another zone is not heeded": ("Mon, 09 Jun 2031 12:34:56 PST", NOON),
    "an offset is not heeded": ("Mon, 09 Jun 2031 12:34:56 +0200", NOON),
    "the time first": ("12:34:56 9 Jun 2031", NOON),
    "the year first is taken for a day only if it has two digits": ("2031 Jun 9 12:34:56", NOON),
    "the month written out": ("June 9, 2031 12:34:56", NOON),
    "a month with rubbish after it": ("9 Junebug 2031 12:34:56", NOON),
    "upper case": ("MON, 09 JUN 2031 12:34:56 GMT", NOON),
    "mixed case": ("mOn, 09 jUn 2031 12:34:56 gmt", NOON),
    "a day of one digit": ("Mon, 9 Jun 2031 12:34:56 GMT", NOON),
    "a day with an ordinal ending": ("9th June 2031 12:34:56", NOON),
    "a year with letters after it": ("9 Jun 2031AD 12:34:56", NOON),
    "a time with letters after it": ("9 Jun 2031 12:34:56Z", NOON),
    "a time with a fraction": ("9 Jun 2031 12:34:56.789", NOON),
    "fields of one digit": ("9 Jun 2031 1:2:3", at(2031, 6, 9, 1, 2, 3)),
    "midnight": ("9 Jun 2031 00:00:00", at(2031, 6, 9)),
    "the last second of a day": ("9 Jun 2031 23:59:59", at(2031, 6, 9, 23, 59, 59)),
    "tabs between": ("Mon,\t09\tJun\t2031\t12:34:56\tGMT", NOON),
    "slashes between": ("9/Jun/2031/12:34:56", NOON),
    "underscores between": ("9_Jun_2031_12:34:56", NOON),
    "quotes around": ('"Mon, 09 Jun 2031 12:34:56 GMT"', NOON),
    "braces and tildes around": ("{~9 Jun 2031 12:34:56~}", NOON),
    "the first of two times": ("9 Jun 2031 12:34:56 01:02:03", NOON),
    "the first of two months": ("9 Jun 2031 12:34:56 Dec", NOON),
    "the first of two years": ("9 Jun 2031 1999 12:34:56", NOON),
    "a second day is taken for a two-digit year": ("09 31 Jun 12:34:56", NOON),
    "a second time before the day is a day": ("12:34:56 09:00:00 Jun 2031", NOON),
    "year 69 is in this century": ("9 Jun 69 12:34:56", at(2069, 6, 9, 12, 34, 56)),
    "year 70 is in the last": ("9 Jun 70 12:34:56", at(1970, 6, 9, 12, 34, 56)),
    "year 99 is in the last": ("9 Jun 99 12:34:56", at(1999, 6, 9, 12, 34, 56)),
    "year 00": ("9 Jun 00 12:34:56", at(2000, 6, 9, 12, 34, 56)),
    "the epoch": ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
    "a second before the epoch": ("Wed, 31 Dec 1969 23:59:59 GMT", -1.0),
    "the first year there is": ("1 Jan 1601 00:00:00", at(1601, 1, 1)),
    "the last year that four digits hold": ("31 Dec 9999 23:59:59", at(9999, 12, 31, 23, 59, 59)),
    "a leap day": ("29 Feb 2028 00:00:00", at(2028, 2, 29)),
    "the day after a leap day": ("1 Mar 2028 00:00:00", at(2028, 3, 1)),
    "a leap day in 2000": ("29 Feb 2000 00:00:00", at(2000, 2, 29)),
    "the end of a leap year": ("31 Dec 2028 00:00:00", at(2028, 12, 31)),
    "letters outside ASCII are no delimiters": ("9 Jun 2031 12:34:56 h\xe9", NOON),
}

UNREADABLE = {
    "nothing": "",
    "blanks": "   ",
    "words": "never",
    "zero": "0",
    "a number of seconds": "1938774896",
    "no time": "Mon, 09 Jun 2031 GMT",
    "no day": "Jun 2031 12:34:56",
    "no month": "09 2031 12:34:56",
    "no year": "09 Jun 12:34:56",
    "a time without seconds": "09 Jun 2031 12:34",
    "a time of four fields is a time, but the year is missing": "09 Jun 12:34:56:78",
    "three digits in a field": "09 Jun 2031 12:34:567",
    "hour 24": "09 Jun 2031 24:00:00",
    "minute 60": "09 Jun 2031 12:60:00",
    "a leap second": "09 Jun 2031 23:59:60",
    "day 0": "0 Jun 2031 12:34:56",
    "day 31 of a month of 30": "31 Jun 2031 12:34:56",
    "day 32": "32 Jan 2031 12:34:56",
    "29 February of a common year": "29 Feb 2031 00:00:00",
    "29 February 2100": "29 Feb 2100 00:00:00",
    "30 February": "30 Feb 2028 00:00:00",
    "year 1600": "31 Dec 1600 23:59:59",
    "a year of three digits below 1601": "9 Jun 103 12:34:56",
    "a year of five digits": "9 Jun 20311 12:34:56",
    "a year of one digit": "09 Jun 1 12:34:56",
    "a month in another language": "9 Mai- 2031 12:34:56",
    "ISO 8601": "2031-06-09T12:34:56Z",
    "digits of another script": "٠٩ Jun ٢٠٣١ ١٢:٣٤:٥٦",
    "a minus sign is a delimiter, the rest is missing": "-1",
}


@pytest.mark.parametrize(("text", "seconds"), READABLE.values(), ids=READABLE)
def test_a_date_is_read(text: str, seconds: float) -> None:
    assert parse_cookie_date(text) == seconds


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_cookie_date(text) is None


@QUIET
@given(st.datetimes(datetime(1601, 1, 1), datetime(9999, 12, 31)), st.sampled_from(["%a, %d %b %Y %T GMT", "%c"]))
def test_every_date_of_the_calendar_is_read_as_the_calendar_says(moment: datetime, layout: str) -> None:
    assert parse_cookie_date(moment.strftime(layout)) == at(*moment.timetuple()[:6])


@QUIET
@given(st.text(st.characters(max_codepoint=255)) | st.text("0123456789: janfebdec-,\t"))
def test_any_text_is_a_date_or_none(text: str) -> None:
    assert parse_cookie_date(text) is None or isinstance(parse_cookie_date(text), float)


@given(st.text("0129:٣a", max_size=9))
def test_tokens_are_told_apart_as_the_grammar_has_it(token: str) -> None:
    time = re.match(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?![0-9])", token)
    assert _time(token) == (tuple(map(int, time.groups())) if time else None)
    for least, most in ((1, 2), (2, 4)):
        number = re.match(rf"([0-9]{{{least},{most}}})(?![0-9])", token)
        assert _number(token, least, most) == (int(number[1]) if number else None)
