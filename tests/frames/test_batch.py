"""Each resource has a door, and one bad record closes it for itself alone."""

from collections.abc import Callable
from typing import Any

import polars as pl

from pipeline.frames import batch

Document = Callable[[str], str]
Landed = Callable[..., pl.DataFrame]
Build = Callable[..., dict[str, Any]]


def test_one_bad_order_never_hurts_its_neighbours(
    landed: Landed, order: Build, item: Build
) -> None:
    frames = batch.orders(
        landed(
            "orders",
            order(id=1),
            order(id=2, order_items=[item(unit_price="a lot")]),
            order(id=3, payments=[{"id": 9, "status": "approved"}], surprise=1),
        ),
        {700100200: "MLB"},
    )
    assert frames.orders["order_id"].to_list() == [1, 3]
    assert frames.orders["site_id"].to_list() == ["MLB", "MLB"]
    assert frames.order_items.select("record_number", "order_id").rows() == [
        (0, 1),
        (2, 3),
    ]
    assert frames.payments.select("record_number", "order_id").rows() == [(2, 3)]
    assert frames.refused["reason"].to_list() == [
        "order_items[0].unit_price: expected an amount below 10^13, got string"
    ]
    assert frames.unknown_fields["path"].to_list() == ["surprise"]


def test_every_resource_has_its_door(document: Document, landed: Landed) -> None:
    packs = batch.packs(landed("packs", document("pack_2022"), "{}"))
    assert packs.packs["pack_id"].to_list() == [2000003508553677]
    assert packs.pack_orders.height == 2
    assert packs.refused.height == 1
    shipments = batch.shipments(landed("shipments", document("shipment_new"), "{}"))
    assert shipments.rows["shipment_id"].to_list() == [46000000001]
    assert shipments.refused.height == 1
    costs = batch.shipment_costs(landed("shipment_costs", document("shipment_costs")))
    assert costs.rows["shipment_id"].to_list() == [1]
    rates = batch.exchange_rates(
        landed("exchange_rates", document("exchange_rate"), resource_id="ARS-BRL")
    )
    assert rates.rows["from_currency_id"].to_list() == ["ARS"]
    discounts = batch.order_discounts(
        landed("order_discounts", document("order_discounts"))
    )
    assert discounts.rows.height == 2
    products = batch.order_products(landed("order_products", document("order_product")))
    assert products.rows.height == 3
    sellers = batch.sellers(landed("sellers", document("seller")))
    assert sellers.rows["seller_id"].to_list() == [700100200]
