from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slugline.corpus.readers.dates import parse_date

DAY = dt.date(2015, 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2015-01-05",
        "2015-1-5",
        "2015/01/05",
        "2015.01.05",
        "20150105",
        20150105,
        "2015-01-05T23:59:59",
        "2015-01-05T23:59:59Z",
        "2015-01-05T23:59:59.123+0200",
        "2015-01-05 10:00:00 UTC",
        "20150105T101500Z",
        "Mon, 5 Jan 2015 10:00:00 GMT",
        "Mon, 05 Jan 2015 10:00:00 +0200",
        "5 Jan 15",
        "5-JAN-2015 15:01:01.79",
        "January 5, 2015",
        "Jan. 5, 2015, 10:15 a.m.",
        "Monday, January 5th, 2015 at 10:15 pm",
        "5 January 2015",
        "5th January, 2015",
        "Mon Jan  5 20:19:24 2015",
        "Mon Jan 05 20:19:24 +0000 2015",
        "05.01.2015",
        "1420416000",
        1420416000,
        1420416000.5,
        1420416000000,
        dt.date(2015, 1, 5),
        dt.datetime(2015, 1, 5, 12, tzinfo=dt.UTC),
        "  2015-01-05\n",
    ],
)
def test_dates_as_corpora_write_them(text):
    assert parse_date(text) == DAY


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_nothing_is_no_date(blank):
    assert parse_date(blank) is None


@pytest.mark.parametrize(
    "text",
    ["soon", "2015-13-01", "2015-02-30", "32 January 2015", "2015", "2015-01-05 nonsense", True, [2015], 5, -1, 1e300],
)
def test_what_is_no_date_is_an_error(text):
    with pytest.raises(ValueError, match=r"date|day"):
        parse_date(text)


def test_figures_that_leave_a_choice_need_the_order():
    assert parse_date("13/01/2015") == dt.date(2015, 1, 13)
    assert parse_date("01/13/2015") == dt.date(2015, 1, 13)
    assert parse_date("05/05/2015") == dt.date(2015, 5, 5)
    with pytest.raises(ValueError, match="date_order=dmy or date_order=mdy"):
        parse_date("01/05/2015")
    assert parse_date("01/05/2015", "mdy") == DAY
    assert parse_date("05/01/2015", "dmy") == DAY


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_every_day_is_read_back_however_it_is_written(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(day.strftime("%d %B ") + f"{day.year:04}") == day
    assert parse_date(f"{day.month}/{day.day}/{day.year:04}", "mdy") == day


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_anything_else_is_a_value_error(value):
    try:
        assert parse_date(value) is None or isinstance(parse_date(value), dt.date)
    except ValueError as error:
        assert str(error)  # noqa: PT017


def test_a_number_beyond_all_numbers_is_no_date():
    for value in (10**400, -(10**400), float("inf"), float("nan")):
        with pytest.raises(ValueError, match="not a date that can be read"):
            parse_date(value)
