"""The line of a report's days is the mean of seven days, never of seven rows."""

from datetime import date, timedelta

import duckdb

from pipeline.report.figures import asked


def test_days_without_a_row_are_not_passed_over() -> None:
    """One seller stops on the 3rd, another begins on the 9th."""
    first, stops, begins = date(2026, 10, 26), date(2026, 11, 3), date(2026, 11, 9)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute("create schema ops")
        connection.execute(
            "create table marts.daily_sales (seller_id bigint, currency_id varchar,"
            " sold_date date, order_count bigint, net_sales_amount decimal(18, 2))"
        )
        connection.execute(
            "create table marts.day_completeness (seller_id bigint,"
            " calendar_date date, is_complete boolean)"
        )
        connection.execute(
            "create table ops.published as"
            " select timestamptz '2026-12-02 00:00:00+00' as complete_to"
        )
        for seller, start, end, amount in (
            (1, first, stops, 70),
            (2, begins, date(2026, 11, 16), 7),
        ):
            for number in range((end - start).days + 1):
                connection.execute(
                    "insert into marts.daily_sales values (?, 'BRL', ?, 1, ?)",
                    [seller, start + timedelta(days=number), amount],
                )
        rows = connection.execute(asked("days", date(2026, 11, 1))).fetchall()
    means = {row[1].day: row[4] for row in rows}
    assert {day: means[day] for day in (1, 3)} == {1: 70, 3: 70}
    assert [means[day] for day in range(9, 15)] == [None] * 6
    assert means[15] == 7
