"""A figure jumps beside the same weekdays before it, and not by chance or ignorance."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from pipeline.warehouse.files import statement

MONDAY = date(2026, 11, 23)
EIGHT = (900, 1000, 1100, 1200, 1300, 1400, 1450, 1500)


def judged(
    newest: int,
    before: Sequence[int] = EIGHT,
    *,
    orders: int = 12,
    unread: Sequence[int] = (),
    unknown: Sequence[int] = (),
) -> list[tuple[object, ...]]:
    """What is said of a Monday with so many sales, and so many the Mondays before.

    Other weekdays sold a hundred times as much. Mondays of `unread`, counted in weeks
    before, were not read completely, and those of `unknown` have an unknown total.
    """
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.daily_sales (seller_id bigint, site_id varchar,"
            " currency_id varchar, sold_date date, order_count bigint,"
            " net_sales_amount decimal(18, 2), unknown_total_count bigint,"
            " unknown_refund_count bigint)"
        )
        connection.execute(
            "create table marts.day_completeness"
            " (seller_id bigint, calendar_date date, is_complete boolean)"
        )
        for back in range(71):
            weeks, rest = divmod(back, 7)
            amount = [newest, *before, *[0] * 10][weeks] if rest == 0 else 150_000
            day = MONDAY - timedelta(days=back)
            connection.execute(
                "insert into marts.day_completeness values (1, ?, ?)",
                [day, rest != 0 or weeks not in unread],
            )
            if amount and weeks <= len(before):  # no row where nothing was sold
                connection.execute(
                    "insert into marts.daily_sales values"
                    " (1, 'MLB', 'BRL', ?, ?, ?, ?, 0)",
                    [day, orders, amount, int(rest == 0 and weeks in unknown)],
                )
        return connection.execute(statement("questions/alert_jumps")).fetchall()


@pytest.mark.parametrize(
    ("newest", "is_jump"),
    [(3000, False), (3001, True), (1200, False), (300, False), (299, True), (0, True)],
)
def test_more_than_twice_the_highest_or_less_than_a_third_of_the_lowest_is_a_jump(
    newest: int, is_jump: bool
) -> None:
    [row] = judged(newest)
    assert row == (
        *(1, "MLB", "BRL", MONDAY, 8),
        *(Decimal(newest), Decimal(900), Decimal(1500), is_jump),
    )


def test_a_weekday_without_sales_before_is_the_lowest() -> None:
    assert judged(0, (0, *EIGHT[1:]), orders=20)[0][-1] is False


def test_nothing_is_said_of_few_orders_or_few_weeks() -> None:
    assert judged(0, orders=9) == []
    assert judged(0, EIGHT[:5]) == []
    assert judged(0, EIGHT[:6]) != []


def test_days_that_are_not_known_whole_are_left_out() -> None:
    assert judged(0, unread=(1, 2), unknown=(3,)) == []
    assert judged(0, unread=(1, 2))[0][4] == 6
    assert judged(0, unread=(0,))[0][3] != MONDAY, "the newest day that was read"
    assert judged(10, unknown=(0,)) == []
