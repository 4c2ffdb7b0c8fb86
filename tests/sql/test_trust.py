"""A month of a report is whole when it is for every seller, be it without a row."""

from datetime import date, timedelta

import duckdb
import pytest

from pipeline.report.figures import asked

NOVEMBER = date(2026, 11, 1)
DAYS = 30


def complete_days(
    second_ends: date, complete_to: str, unread: int | None = None
) -> int:
    """Complete days of November where one seller has all of them, the other fewer.

    Args:
        second_ends: the last day of which the second seller has a row.
        complete_to: up to when every seller of today was read.
        unread: a day of November that was not read of the second seller.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("create schema marts")
        connection.execute("create schema ops")
        connection.execute(
            "create table marts.day_completeness (seller_id bigint,"
            " calendar_date date, month_start_date date, is_complete boolean)"
        )
        connection.execute(
            "create table ops.published as select timestamptz '2026-12-02 00:00:00+00'"
            " as published_at, ?::timestamptz as complete_to,"
            " 0 as quarantined_count, 0 as unproven_window_count",
            [complete_to],
        )
        for seller, last in ((1, date(2026, 11, DAYS)), (2, second_ends)):
            day = date(2026, 10, 1)
            while day <= last:
                is_unread = seller == 2 and day == NOVEMBER.replace(day=unread or 1)
                connection.execute(
                    "insert into marts.day_completeness values (?, ?, ?, ?)",
                    [seller, day, day.replace(day=1), not (unread and is_unread)],
                )
                day += timedelta(days=1)
        [row] = connection.execute(asked("trust", NOVEMBER)).fetchall()
    assert row[4] == DAYS
    return int(row[5])


@pytest.mark.parametrize(
    ("second_ends", "complete_to", "unread", "complete"),
    [
        (date(2026, 11, 30), "2026-12-01 08:00:00+00", None, DAYS),
        (date(2026, 11, 30), "2026-11-09 00:00:00+00", None, DAYS),
        (date(2026, 11, 30), "2026-12-01 08:00:00+00", 9, DAYS - 1),
        (date(2026, 10, 31), "2026-10-31 23:00:00+00", None, 0),
        (date(2026, 10, 31), "2026-12-01 08:00:00+00", None, DAYS),
        (date(2026, 10, 31), "2026-11-21 05:00:00+00", None, 20),
    ],
    ids=[
        "both were read",
        "an older month has a gap",
        "a day has a gap",
        "one was not read in November",
        "one is of former days",
        "all of today were read to the 20th",
    ],
)
def test_a_seller_without_a_row_was_not_read(
    second_ends: date, complete_to: str, unread: int | None, complete: int
) -> None:
    assert complete_days(second_ends, complete_to, unread) == complete
