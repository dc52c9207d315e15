"""Dates as corpora write them."""

from __future__ import annotations

import datetime as dt
import functools
import math
import re

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
"""Months by the first three letters of their English names, in lower case."""

_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_TIME = r"(?:(?:\s+at\s+|\s*[,T]\s*|\s+-\s+|\s+)\d{1,2}[:.]\d{2}.*)?"
_NAMED = (
    re.compile(rf"{_WEEKDAY}{_DAY}[\s\-./]+{_MONTH}[\s\-,./]+{_YEAR}{_TIME}", re.IGNORECASE | re.ASCII),
    re.compile(rf"{_WEEKDAY}{_MONTH}\s+{_DAY}[\s,]+(?P<year>\d{{4}}){_TIME}", re.IGNORECASE | re.ASCII),
    re.compile(
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s+\S+)?\s+(?P<year>\d{{4}})",
        re.IGNORECASE | re.ASCII,
    ),
)
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_EPOCH = dt.date(1970, 1, 1)

ORDERS = ("dmy", "mdy")
"""The orders in which an all-figure date with the year at its end may be written."""


def parse_date(value: object, order: str | None = None) -> dt.date | None:
    """The day that `value` says, in the time zone it was written in; None for None and for blank text.

    Read are ISO 8601, RFC 2822 and its relatives ("26-FEB-1987 15:01", "Mon, 5 Jan 2015 10:00:00 GMT"), "January 5,
    2015", "5 January 2015", "2015/01/05", "05.01.2015" (day first), "20150105", seconds or milliseconds since 1970, and
    date objects. "01/05/2015" is read only if the figures leave no choice or `order` ("dmy" or "mdy") is given.
    Raises ValueError, with a message fit for the end of an error line, for anything else.

    >>> parse_date("Mon, 5 Jan 2015 10:00:00 GMT"), parse_date("January 5, 2015")
    (datetime.date(2015, 1, 5), datetime.date(2015, 1, 5))
    """
    if value is None or isinstance(value, bool):
        if value is None:
            return None
        raise ValueError("not a date")
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, int | float):
        try:
            return _from_number(float(value))
        except OverflowError:
            raise ValueError("not a date that can be read") from None
    if not isinstance(value, str):
        raise ValueError("not a date")
    text = " ".join(value.split())
    if not text:
        return None
    return _from_text(text, order)


@functools.lru_cache(maxsize=4096)
def _from_text(text: str, order: str | None) -> dt.date:
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[3], match[4])
    for pattern in _NAMED:
        if match := pattern.fullmatch(text):
            return _day(match["year"], str(MONTHS[match["month"][:3].lower()]), match["day"])
    if match := _YEAR_LAST.fullmatch(text):
        first, mark, second, year = match[1], match[2], match[3], match[4]
        if mark == "." or order == "dmy" or int(first) > 12:
            return _day(year, second, first)
        if order == "mdy" or int(second) > 12 or first == second:
            return _day(year, first, second)
        raise ValueError("day and month cannot be told apart; say --field date_order=dmy or date_order=mdy")
    if re.fullmatch(r"\d{8}|\d{9,13}(\.\d+)?", text, re.ASCII):
        return _from_number(float(text))
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        raise ValueError("not a date that can be read") from None


def _day(year: str, month: str, day: str) -> dt.date:
    number = int(year)
    if len(year) == 2:
        # POSIX: 69 to 99 are of the last century.
        number += 1900 if number >= 69 else 2000
    try:
        return dt.date(number, int(month), int(day))
    except ValueError:
        raise ValueError("no such day") from None


def _from_number(number: float) -> dt.date:
    if not math.isfinite(number):
        raise ValueError("not a date that can be read")
    if number == int(number) and 10_000_000 <= number < 100_000_000:
        digits = str(int(number))
        return _day(digits[:4], digits[4:6], digits[6:])
    seconds = number / 1000 if abs(number) >= 1e11 else number
    if 1e8 <= seconds < 5e9:
        return _EPOCH + dt.timedelta(seconds=seconds)
    raise ValueError("not a date that can be read")
