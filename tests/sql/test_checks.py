"""Checks that see what they claim to see, on marts that were damaged on purpose."""

from typing import Any

import pytest

MOVED_CENT = """
update marts.packs
set total_amount = total_amount + case when basket_id = 77 then 0.01 else -0.01 end
where seller_id = 700100200
"""


@pytest.fixture
def laid(scene: Any) -> Any:
    """Two sellers: one with a pack of two and a basket of one, one with a basket."""
    with scene() as opened:
        opened.given(
            "core.orders",
            [
                {"order_id": 1, "pack_id": 77, "total_amount": "10", "shipment_id": 5},
                {"order_id": 2, "pack_id": 77, "total_amount": "10", "shipment_id": 5},
                {"order_id": 3, "total_amount": "7", "shipment_id": 6},
                {"order_id": 4, "seller_id": 700100300, "total_amount": "9"},
            ],
        )
        opened.given(
            "core.shipments",
            [
                {"shipment_id": 5, "lead_time_cost_amount": "4", "why": "of the pack"},
                {"shipment_id": 6, "lead_time_cost_amount": "3", "why": "of the one"},
            ],
        )
        opened.built("marts.packs")
        assert opened.breaches("marts.packs") == {}
        yield opened


@pytest.mark.parametrize(
    ("damage", "breach_count"),
    [
        # A seller that has no basket left, and one of a seller's baskets.
        ("delete from marts.packs where seller_id = 700100300", 1),
        ("delete from marts.packs where basket_id = 77", 1),
        # A shipment that counts twice, and a cent moved between a seller's baskets.
        ("update marts.packs set shipping_amount = 8 where basket_id = 77", 1),
        (MOVED_CENT, 2),
    ],
)
def test_a_basket_that_is_not_its_orders_is_seen(
    laid: Any, damage: str, breach_count: int
) -> None:
    laid.connection.execute(damage)
    assert laid.breaches("marts.packs") == {"each_shipment_counts_once": breach_count}


@pytest.mark.parametrize(
    "damage",
    [
        "delete from marts.channel_sales where channel = 'mshops'",
        "update marts.channel_sales set unit_count = 2 where channel = 'mshops'",
        "update marts.channel_sales set net_sales_amount = 7.01 where is_mshops",
        "update marts.channel_sales set returns_by_event_amount = 1 where is_mshops",
    ],
)
def test_channels_that_do_not_add_up_to_their_month_are_seen(
    scene: Any, damage: str
) -> None:
    with scene() as opened:
        opened.given(
            "core.orders",
            [
                {"order_id": 1, "total_amount": "10", "channel": "marketplace"},
                {
                    "order_id": 2,
                    "total_amount": "7",
                    "channel": "mshops",
                    "is_mshops": True,
                },
            ],
        )
        opened.built("marts.channel_sales")
        assert opened.breaches("marts.channel_sales") == {}
        opened.connection.execute(damage)
        assert opened.breaches("marts.channel_sales") == {"channels_sum_to_months": 1}


@pytest.fixture
def costed(scene: Any) -> Any:
    """A sale of two lines, one with a cost, and a cancelled order."""
    with scene() as opened:
        opened.given("core.item_costs", [{"unit_cost": "4"}])
        opened.given(
            "core.orders",
            [
                {"order_id": 1, "total_amount": "10"},
                {"order_id": 2, "total_amount": "7", "order_status": "cancelled"},
            ],
        )
        opened.given(
            "core.order_items",
            [
                {"order_id": 1, "seller_sku": "SKU-1", "unit_price": "6"},
                {"order_id": 1, "line_number": 2, "unit_price": "4"},
                {"order_id": 2, "unit_price": "7"},
            ],
        )
        opened.given(
            "core.payments",
            [{"order_id": 1, "payment_id": 1, "transaction_amount": "10"}],
        )
        for name in ("profit_months", "losses_by_month"):
            opened.built(f"marts.{name}")
            assert opened.breaches(f"marts.{name}") == {}
        assert opened.breaches("marts.order_item_margins") == {}
        yield opened


@pytest.mark.parametrize(
    ("name", "damage", "broken"),
    [
        (
            "order_item_margins",
            "delete from marts.order_item_margins where line_number = 2",
            {"lines_sum_to_orders": 1},
        ),
        (
            "order_item_margins",
            "update marts.order_item_margins set total_amount = total_amount + 0.01",
            {"lines_sum_to_orders": 2},
        ),
        (
            "profit_months",
            "delete from marts.profit_months where dimension = 'weekday'",
            {"dimensions_sum_to_months": 1},
        ),
        (
            "profit_months",
            "update marts.profit_months set cost_amount = 4.01 where cost_amount = 4",
            {"dimensions_sum_to_months": 10},
        ),
        (
            "losses_by_month",
            "delete from marts.losses_by_month",
            {"sum_to_what_did_not_last": 1},
        ),
        (
            "losses_by_month",
            "update marts.losses_by_month set lost_amount = 7.01",
            {"sum_to_what_did_not_last": 1},
        ),
    ],
)
def test_profit_and_losses_that_are_not_their_orders_are_seen(
    costed: Any, name: str, damage: str, broken: dict[str, int]
) -> None:
    costed.connection.execute(damage)
    assert costed.breaches(f"marts.{name}") == broken
