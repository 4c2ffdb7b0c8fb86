"""The line of a report's days is the mean of seven days, never of seven rows."""

from datetime import date, timedelta

import duckdb

from pipeline.report.figures import asked


def test_days_without_a_row_are_not_passed_over() -> None:
    """One seller stops on the 3rd, another begins on the 9th."""
    first, stops, begins = date(2026, 10, 26), date(2026, 11, 3), date(2026, 11, 9)
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.daily_sales (currency_id varchar, sold_date date,"
            " order_count bigint, net_sales_amount decimal(18, 2),"
            " is_read_completely boolean)"
        )
        for start, end, amount in ((first, stops, 70), (begins, date(2026, 11, 16), 7)):
            for number in range((end - start).days + 1):
                connection.execute(
                    "insert into marts.daily_sales values ('BRL', ?, 1, ?, true)",
                    [start + timedelta(days=number), amount],
                )
        rows = connection.execute(asked("days", date(2026, 11, 1))).fetchall()
    means = {row[1].day: row[4] for row in rows}
    assert {day: means[day] for day in (1, 3)} == {1: 70, 3: 70}
    assert [means[day] for day in range(9, 15)] == [None] * 6
    assert means[15] == 7
