"""A sum over sellers is as whole as the seller of whom least was read, row or none.

Every seller sells for 10 each day from 1 October on.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from pipeline.report.figures import asked
from pipeline.warehouse.files import statement

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
MONTHS_END, STOPPED = "2026-12-02 08:00:00+00", "2026-10-31 20:00:00+00"


class Shop:
    """Sellers on one site, each with the last day sold and the end of what was read."""

    def __init__(self, laid: Any) -> None:
        self._laid = laid

    def seller(self, seller_id: int, last_sale: date, read_to: str) -> None:
        order_ids = iter(range(seller_id * 1000, seller_id * 1000 + 100))
        day = OCTOBER
        while day <= last_sale:
            closed = datetime.combine(day, time(15), UTC).isoformat()
            order = {"order_id": next(order_ids), "seller_id": seller_id}
            self._laid.given(
                "core.orders",
                [
                    order
                    | {"total_amount": "10", "sold_date": day, "closed_at": closed}
                    | {"updated_at": closed, "updated_date": day}
                ],
            )
            day += timedelta(days=1)
        self._laid.given("core.sellers", [{"seller_id": seller_id}])
        for one in ("all", "cancelled"):
            self._laid.given(
                "ops.windows",
                [
                    {
                        "seller_id": seller_id,
                        "pass": one,
                        "window_from": "2026-09-30 00:00:00+00",
                        "window_to": read_to,
                        "checked_at": read_to,
                        "closed_to": read_to,
                    }
                ],
            )

    def published(self, complete_to: str) -> None:
        self._laid.given(
            "ops.published",
            [{"run_id": "one", "published_at": MONTHS_END, "complete_to": complete_to}],
        )
        self._laid.built("marts.monthly_sales")

    def asked(self, name: str) -> list[dict[str, Any]]:
        return self.told(asked(name, NOVEMBER))

    def told(self, sql: str) -> list[dict[str, Any]]:
        found = self._laid.connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def compared(self) -> tuple[Any, ...]:
        [told] = self.asked("comparison")
        return tuple(told.values())[1:]

    def whole_months(self, sql: str) -> list[date]:
        return sorted(
            one["month_start_date"]
            for one in self.told(sql)
            if one["is_read_completely"]
        )


@pytest.fixture
def shop(scene: Any) -> Iterator[Shop]:
    with scene() as laid:
        yield Shop(laid)


IN_ONE_CURRENCY = statement("cookbook/totals_in_one_currency")


def test_a_month_that_one_seller_lacks_is_not_compared(shop: Shop) -> None:
    """The second's token died on 31 October: nothing says that it sold nothing."""
    shop.seller(1, date(2026, 11, 30), MONTHS_END)
    shop.seller(2, date(2026, 10, 30), STOPPED)
    shop.published(STOPPED)
    assert shop.compared() == (False, None, None, None)
    assert shop.whole_months(asked("months", NOVEMBER)) == []
    assert not any(one["is_read_completely"] for one in shop.asked("days"))


def test_a_seller_of_former_days_keeps_no_month_open(shop: Shop) -> None:
    shop.seller(1, date(2026, 11, 30), MONTHS_END)
    shop.seller(2, date(2026, 10, 30), "2026-11-01 12:00:00+00")
    shop.published(MONTHS_END)
    assert shop.asked("months")[-1]["is_read_completely"] is False
    shop.told(
        "delete from marts.day_completeness where seller_id = 2"
        " and month_start_date = '2026-11-01' returning seller_id"
    )
    assert shop.compared() == (True, 300, 610, None)
    assert shop.whole_months(asked("months", NOVEMBER)) == [OCTOBER, NOVEMBER]
    assert all(one["is_read_completely"] for one in shop.asked("days"))


def test_who_sold_nothing_so_far_takes_part_in_the_comparison(shop: Shop) -> None:
    """Read to the 20th: the second sold on every day of October and on none since."""
    shop.seller(1, date(2026, 11, 20), "2026-11-21 10:00:00+00")
    shop.seller(2, date(2026, 10, 31), "2026-11-21 10:00:00+00")
    shop.published("2026-11-21 10:00:00+00")
    assert shop.compared() == (False, 200, 400, None)


def test_sellers_read_to_different_days_are_compared_on_the_days_of_both(
    shop: Shop,
) -> None:
    shop.seller(1, date(2026, 11, 20), "2026-11-21 10:00:00+00")
    shop.seller(2, date(2026, 11, 15), "2026-11-16 10:00:00+00")
    shop.published("2026-11-16 10:00:00+00")
    assert shop.compared() == (False, 300, 300, None)
    days = {one["sold_date"].day: one for one in shop.asked("days")}
    assert [day for day in days if days[day]["is_read_completely"]] == [*range(1, 16)]


def test_a_month_with_a_gap_is_not_compared(shop: Shop) -> None:
    shop.seller(1, date(2026, 11, 30), MONTHS_END)
    shop.published(MONTHS_END)
    assert shop.compared() == (True, 300, 310, None)
    shop.told(
        "update marts.day_completeness set is_complete = false"
        " where calendar_date = '2026-11-09' returning seller_id"
    )
    assert shop.compared() == (False, None, None, None)


def test_a_month_in_one_currency_is_whole_when_it_is_for_every_seller(
    shop: Shop,
) -> None:
    shop.seller(1, date(2026, 11, 30), MONTHS_END)
    shop.seller(2, date(2026, 10, 30), STOPPED)
    shop.published(STOPPED)
    shop.told(
        "update marts.monthly_sales set reporting_currency_id = 'BRL'"
        " returning seller_id"
    )
    assert shop.whole_months(IN_ONE_CURRENCY) == []
