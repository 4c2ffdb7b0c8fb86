"""A shipment's parts against shares worked out by hand in whole cents."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

CENT = Decimal("0.01")


def by_largest_remainder(cost: int, totals: Sequence[int]) -> list[int]:
    """Cents of each order; orders stand in the order of their ids."""
    weights = [max(total, 0) for total in totals]
    if sum(weights) == 0:
        weights = [1] * len(totals)
    floors = [cost * weight // sum(weights) for weight in weights]
    remainders = [cost * weight % sum(weights) for weight in weights]
    by_remainder = sorted(range(len(totals)), key=lambda i: (-remainders[i], i))
    for index in by_remainder[: cost - sum(floors)]:
        floors[index] += 1
    return floors


Shipment = tuple[Sequence[int], int, Sequence[int]]
"""Cents of each of its orders and of itself, and the order in which those arrive."""


def shares(laid: Any, *shipments: Shipment) -> list[list[int]]:
    """The parts of each shipment in cents, in the order of its orders' ids."""
    for table in ("orders", "shipments", "shipment_costs"):
        laid.connection.execute(f"delete from core.{table}")
    for number, (totals, cost, arrival) in enumerate(shipments):
        shipment = {"shipment_id": number}
        laid.given(
            "core.orders",
            [
                {
                    **shipment,
                    "order_id": number * 1000 + i,
                    "total_amount": totals[i] * CENT,
                }
                for i in arrival
            ],
        )
        amount = cost * CENT
        laid.given("core.shipments", [{**shipment, "lead_time_cost_amount": amount}])
        costs = {"seller_id": 700100200, "seller_cost_amount": amount}
        laid.given("core.shipment_costs", [{**shipment, **costs}])
    laid.built("marts.shipment_shares")
    parts = ["shipping_amount", "seller_shipping_amount"]
    found: list[list[int]] = [[] for _ in shipments]
    for row in laid.rows("marts.shipment_shares", ["shipment_id", *parts]):
        assert row["shipping_amount"] == row["seller_shipping_amount"]
        cents = int(Decimal(row["shipping_amount"]) * 100)
        found[int(row["shipment_id"])].append(cents)
    return found


@st.composite
def a_shipment(draw: st.DrawFn) -> Shipment:
    amount = st.one_of(st.integers(0, 3), st.integers(-5, 10**9))
    totals = draw(st.lists(amount, min_size=1, max_size=12))
    cost = draw(st.one_of(st.integers(0, 20), st.integers(0, 10**8)))
    return totals, cost, draw(st.permutations(range(len(totals))))


# Hundreds of orders, most of them for nothing.
LARGE: Shipment = ([0, 1] * 150 + [99999] * 11, 123457, range(311))


# A mart of six shipments is built as soon as one of one.
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])
@given(st.lists(a_shipment(), min_size=6, max_size=6))
@example([LARGE])
def test_parts_are_those_of_the_largest_remainder_in_any_order_of_arrival(
    scene: Any, shipments: list[Shipment]
) -> None:
    with scene() as laid:
        found = shares(laid, *shipments)
    assert found == [
        by_largest_remainder(cost, totals) for totals, cost, _ in shipments
    ]
    assert [sum(parts) for parts in found] == [cost for _, cost, _ in shipments]


def test_a_late_sibling_moves_the_parts_and_not_the_sum(scene: Any) -> None:
    with scene() as laid:
        assert shares(laid, ([1000, 500], 1000, [0, 1])) == [[667, 333]]
        late = ([1000, 500, 500], 1000, [2, 0, 1])
        assert shares(laid, late) == [[500, 250, 250]]


def test_200_000_lines_add_up_to_the_integer_cents(scene: Any) -> None:
    """Summed as decimals, 1 000 000 lines give the sum of their cents, exactly."""
    with scene() as laid:
        laid.connection.execute(
            "insert into core.orders by name"
            " select range as order_id, 1 as seller_id, 'MLB' as site_id,"
            " 'paid' as order_status, 'BRL' as currency_id, false as is_test_order,"
            " ((range * 7919 % 1000003) * 0.01)::decimal(18, 2) as total_amount,"
            " timestamptz '2026-03-02 12:00:00+00' as closed_at,"
            " date '2026-03-02' as sold_date from range(200000)"
        )
        laid.connection.execute(
            "insert into core.order_items by name"
            " select order_id, 1 as line_number, 1 as quantity,"
            " total_amount as unit_price, total_amount as unit_price_sent,"
            " currency_id from core.orders"
        )
        laid.built("marts.daily_sales")
        (found,) = laid.rows("marts.daily_sales", ["order_count", "gross_sales_amount"])
    cents = sum(number * 7919 % 1000003 for number in range(200_000))
    assert found == {
        "order_count": "200000",
        "gross_sales_amount": str(cents * CENT),
    }
