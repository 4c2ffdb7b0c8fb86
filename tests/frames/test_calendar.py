"""The calendar has every day once."""

from datetime import date

from pipeline.frames import calendar


def test_the_calendar_has_every_day_once() -> None:
    frame = calendar.frame()
    assert frame.columns == list(calendar.SCHEMA)
    assert frame.height == (date(2060, 12, 31) - date(1999, 1, 1)).days + 1
    assert frame["calendar_date"].n_unique() == frame.height
    assert frame.row(58) == (date(1999, 2, 28), date(1999, 2, 1))
    assert frame.row(-1) == (date(2060, 12, 31), date(2060, 12, 1))
