"""Every claim of sql/checks sees what it claims to see, on tables damaged on purpose.

Not here: claims on marts that a case is about (`marts/`), and what a breach stops
(`tests/warehouse/`).
"""

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.warehouse.check import check_some
from pipeline.warehouse.files import checks, table


def cent(damaged: str, name: str, which: str = "true") -> str:
    """A cent too much in a column."""
    return f"update {damaged} set {name} = {name} + 0.01 where {which}"


ORDER_1 = "order_id = 1"


def orders_1(change: str) -> str:
    """A change of the row of order 1."""
    return f"update marts.orders set {change} where {ORDER_1}"


# By claim: what breaks it, each alone, in one row.
DAMAGES: dict[str, list[str]] = {
    "channel_sales__channels_sum_to_months": [
        "delete from marts.channel_sales",
        "update marts.channel_sales set order_count = order_count + 1",
        "update marts.channel_sales set unit_count = unit_count + 1",
        cent("marts.channel_sales", "gross_sales_amount"),
        cent("marts.channel_sales", "net_sales_amount"),
        cent("marts.channel_sales", "returns_by_event_amount"),
        cent("marts.channel_sales", "total_amount_with_shipping"),
        cent("marts.channel_sales", "estimated_proceeds_amount"),
    ],
    "daily_sales__both_bases_agree": [
        # The first and the last of a day, the others of all days of a seller.
        cent("marts.sale_events", "amount", ORDER_1),
        cent("marts.daily_sales", "unpaid_amount"),
        cent("marts.daily_sales", "returns_by_event_amount"),
        "delete from marts.sale_events where event = 'cancelled'",
    ],
    "daily_sales__proceeds_are_explained": [
        cent("marts.daily_sales", f"{name}_amount")
        for name in (
            "estimated_proceeds",
            "net_sales",
            "sale_fee",
            "sale_fee_returned",
            "seller_shipping",
            "lost_shipping",
            "seller_compensation",
            "shipping_income",
            "seller_coupon",
        )
    ],
    "daily_sales__ties_to_orders": [
        "delete from marts.daily_sales",
        "update marts.daily_sales set order_count = order_count + 1",
        cent("marts.daily_sales", "gross_sales_amount"),
        cent("marts.daily_sales", "net_sales_amount"),
        cent("marts.daily_sales", "total_amount_with_shipping"),
        cent("marts.daily_sales", "estimated_proceeds_amount"),
        cent("marts.orders", "refunded_amount", "order_id = 4"),
        # What a cancelled order leaves is 0: the sum stays, but the day is complete.
        "update marts.orders set estimated_proceeds_amount = null where order_id = 3",
    ],
    "exchange_rates__ratio_is_sane": [
        f"update core.exchange_rates set ratio = {ratio}"
        for ratio in ("0", "-1", "10000000", "null")
    ],
    "item_months__ties_to_orders": [
        "delete from marts.item_months",
        cent("marts.item_months", "gross_sales_amount"),
        cent("marts.item_months", "net_sales_amount"),
        cent("marts.item_months", "estimated_proceeds_amount"),
    ],
    "item_sales__ties_to_orders": [
        "delete from marts.item_sales",
        cent("marts.item_sales", "gross_sales_amount"),
        cent("marts.item_sales", "net_sales_amount"),
        cent("marts.item_sales", "estimated_proceeds_amount"),
    ],
    "losses_by_month__sum_to_what_did_not_last": [
        "delete from marts.losses_by_month",
        cent("marts.losses_by_month", "lost_amount", "outcome = 'cancelled'"),
    ],
    "monthly_sales__days_sum_to_months": [
        "delete from marts.monthly_sales",
        "update marts.monthly_sales set order_count = order_count + 1",
        "update marts.monthly_sales set unit_count = unit_count + 1",
        cent("marts.monthly_sales", "gross_sales_amount"),
        cent("marts.monthly_sales", "net_sales_amount"),
        cent("marts.monthly_sales", "total_amount_with_shipping"),
        cent("marts.monthly_sales", "estimated_proceeds_amount"),
    ],
    "order_amounts__items_sum_to_total": [
        f"delete from core.order_items where {ORDER_1}",
        cent("core.orders", "total_amount", ORDER_1),
        f"update marts.order_amounts set total_amount = null where {ORDER_1}",
    ],
    "order_amounts__one_currency": [
        f"update core.order_items set currency_id = 'USD' where {ORDER_1}",
    ],
    "order_amounts__payments_in_one_currency": [
        f"update core.payments set currency_id = 'USD' where {ORDER_1}",
    ],
    "order_amounts__payments_tie_to_paid": [
        cent("core.orders", "paid_amount", ORDER_1),
    ],
    "order_item_margins__lines_sum_to_orders": [
        f"delete from marts.order_item_margins where {ORDER_1}",
        cent("marts.order_item_margins", "total_amount", ORDER_1),
        cent("marts.order_item_margins", "estimated_proceeds_amount", ORDER_1),
    ],
    "order_items__parts_sum_to_order": [
        cent("marts.order_items", f"{name}_amount", ORDER_1)
        for name in (
            "line",
            "full_price",
            "total",
            "sale_fee",
            "taxes",
            "shipping",
            "marketplace_fee",
            "seller_shipping",
            "refunded",
            "net_sales",
            "estimated_proceeds",
        )
    ],
    "order_ledger__entries_sum_to_proceeds": [
        f"delete from marts.order_ledger where {ORDER_1}",
        cent("marts.order_ledger", "amount", f"{ORDER_1} and entry = 'sale_fee'"),
        cent(
            "marts.order_ledger",
            "reporting_amount",
            f"{ORDER_1} and entry = 'sale_fee'",
        ),
        f"update marts.order_ledger set amount = null where {ORDER_1}",
    ],
    "orders__fraud_risk_is_cancelled": [orders_1("is_to_be_cancelled = true")],
    "orders__has_a_version": [f"delete from core.order_versions where {ORDER_1}"],
    "orders__has_lines": [f"delete from core.order_items where {ORDER_1}"],
    "orders__net_sales_are_sales_less_refunds": [
        orders_1("outcome = 'unpaid'"),
        orders_1("is_sale = false"),
    ],
    "orders__null_total_has_reason": [
        orders_1("total_amount_with_shipping = null"),
        orders_1("total_amount_with_full_shipping = null"),
        orders_1("completeness = 'shipment_pending'"),
        orders_1("completeness = 'exchange_rate_missing'"),
    ],
    "orders__outcome_is_known": [orders_1("outcome = 'unknown'")],
    "orders__paid_has_a_day": [orders_1("sold_date = null")],
    "orders__ties_to_core": [
        f"delete from marts.orders where {ORDER_1}",
        cent("marts.orders", "total_amount", ORDER_1),
    ],
    "orders__unknown_proceeds_have_a_reason": [
        orders_1("estimated_proceeds_amount = null"),
        orders_1("unknown_inputs = ['refunded_amount']"),
    ],
    "packs__each_shipment_counts_once": [
        "delete from marts.packs where is_pack",
        cent("marts.packs", "total_amount", "is_pack"),
        cent("marts.packs", "shipping_amount", "is_pack"),
    ],
    "packs__named_orders_are_here": ["insert into core.pack_orders values (77, 8)"],
    "payment_amounts__nothing_taken_is_nothing_charged": [
        f"update marts.payment_amounts set {name}_amount = 0.01 where outcome = 'none'"
        for name in ("taken", "marketplace_fee", "returned", "covered", "disputed")
    ],
    "payment_amounts__outcome_is_known": [
        f"update marts.payment_amounts set outcome = 'unknown' where {ORDER_1}",
    ],
    "profit_months__dimensions_sum_to_months": [
        "delete from marts.profit_months where dimension = 'hour'",
        "update marts.profit_months set unit_count = 0 where dimension = 'hour'",
        *(
            cent("marts.profit_months", f"{name}_amount", "dimension = 'hour'")
            for name in ("gross_sales", "net_sales", "estimated_proceeds", "cost")
        ),
    ],
    "quarantine__nothing_is_refused": [
        "insert into ops.quarantine (resource, is_resolved) values ('orders', false)",
    ],
    "shipment_shares__parts_sum_to_shipment": [
        cent("marts.shipment_shares", "shipping_amount", ORDER_1),
        cent("marts.shipment_shares", "seller_shipping_amount", ORDER_1),
        cent("marts.shipment_shares", "seller_compensation_amount", ORDER_1),
        # A part goes to an order that is no sale.
        f"update marts.order_outcomes set is_sale = false where {ORDER_1}",
    ],
    "unknown_fields__nothing_is_new": [
        "insert into ops.unknown_fields (resource, path) values ('orders', 'new')",
    ],
}


@pytest.fixture(scope="module")
def sound(scene: Any) -> Iterator[Any]:
    """A day of sales of which every claim holds, with all marts built."""
    orders: list[dict[str, object]] = [
        {"order_id": 1, "pack_id": 77, "shipment_id": 5, "total_amount": "10"},
        {"order_id": 2, "pack_id": 77, "shipment_id": 5, "total_amount": "20"},
        {"order_id": 3, "total_amount": "7", "order_status": "cancelled"},
        {"order_id": 4, "total_amount": "30", "order_status": "partially_refunded"},
        {"order_id": 5, "total_amount": "3", "order_status": "payment_required"},
    ]
    paid: dict[object, str] = {1: "10", 2: "20", 3: "0", 4: "30", 5: "0"}
    payments: list[dict[str, object]] = [
        {"order_id": 1, "transaction_amount": "10"},
        {"order_id": 2, "transaction_amount": "20"},
        {
            "order_id": 3,
            "transaction_amount": "7",
            "payment_status": "refunded",
            "transaction_amount_refunded": "7",
        },
        {"order_id": 4, "transaction_amount": "30", "transaction_amount_refunded": "5"},
        {"order_id": 5, "transaction_amount": "3", "payment_status": "rejected"},
    ]
    with scene() as laid:
        for name in ("core.orders", "core.order_versions"):
            laid.given(
                name, [one | {"paid_amount": paid[one["order_id"]]} for one in orders]
            )
        laid.given(
            "core.order_items",
            [
                {
                    "order_id": one["order_id"],
                    "unit_price": one["total_amount"],
                    "sale_fee_amount": "1",
                    "seller_sku": "SKU-1",
                }
                for one in orders
            ],
        )
        laid.given(
            "core.payments",
            [
                {"payment_id": one["order_id"], "marketplace_fee_amount": "0"} | one
                for one in payments
            ],
        )
        laid.given("core.packs", [{"pack_id": 77}])
        laid.given(
            "core.pack_orders",
            [{"pack_id": 77, "order_id": 1}, {"pack_id": 77, "order_id": 2}],
        )
        laid.given("core.shipments", [{"shipment_id": 5, "lead_time_cost_amount": "4"}])
        laid.given(
            "core.shipment_costs",
            [{"shipment_id": 5, "seller_id": 700100200, "seller_cost_amount": "6"}],
        )
        laid.given("core.item_costs", [{"unit_cost": "4"}])
        laid.given(
            "core.exchange_rates",
            [
                {
                    "rate_date": "2026-03-02",
                    "from_currency_id": "USD",
                    "to_currency_id": "BRL",
                    "ratio": "5",
                }
            ],
        )
        laid.given(
            "core.sellers", [{"seller_id": 700100200, "reporting_currency_id": "BRL"}]
        )
        read = {
            "seller_id": 700100200,
            "window_from": "2026-03-01 00:00:00+00",
            "window_to": "2026-03-04 00:00:00+00",
            "checked_at": "2026-03-04 00:05:00+00",
            "closed_to": "2026-03-04 00:00:00+00",
        }
        laid.given("ops.windows", [read, read | {"pass": "cancelled"}])
        laid.all_built()
        yield laid


@pytest.fixture
def damaged(sound: Any) -> Iterator[Any]:
    """Damages a table; after the test it is as it was."""
    whole: list[str] = []

    def damage(statement: str) -> None:
        hit = next(word for word in statement.split() if "." in word)
        sound.connection.execute(f"create temp table whole as select * from {hit}")
        whole.append(hit)
        sound.connection.execute(statement)

    yield damage
    for hit in whole:
        sound.connection.execute(f"delete from {hit}")
        sound.connection.execute(f"insert into {hit} select * from whole")
        sound.connection.execute("drop table whole")


def breaches(connection: Any, claim: str) -> int:
    """How many rows breach a claim of sql/checks."""
    on, _, name = claim.partition("__")
    [found] = [one for one in checks() if one.path and one.path.stem == claim]
    assert found.table.endswith(f".{on}")
    [outcome] = check_some(connection, table(found.table), [name])
    return outcome.breach_count


def test_each_claim_has_a_damage() -> None:
    assert DAMAGES.keys() == {one.path.stem for one in checks() if one.path}


@pytest.mark.parametrize("claim", DAMAGES)
def test_a_claim_holds_of_what_is_sound(sound: Any, claim: str) -> None:
    assert breaches(sound.connection, claim) == 0


@pytest.mark.parametrize(
    ("claim", "damage"),
    [(claim, one) for claim, found in DAMAGES.items() for one in found],
)
def test_a_claim_sees_its_damage(
    sound: Any, damaged: Any, claim: str, damage: str
) -> None:
    damaged(damage)
    assert breaches(sound.connection, claim) == 1
