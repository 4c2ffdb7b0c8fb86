"""Each resource has a door, and one bad record closes it for itself alone."""

from typing import Any

import polars as pl

from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import document, item, landed, order


def test_one_bad_order_never_hurts_its_neighbours() -> None:
    found = RESOURCES["orders"].frames(
        landed(
            "orders",
            order(id=1),
            order(id=2, order_items=[item(unit_price="a lot")]),
            order(id=3, payments=[{"id": 9, "status": "approved"}], surprise=1),
        ),
        {700100200: "MLB"},
    )
    assert found.tables["core.orders"]["order_id"].to_list() == [1, 3]
    assert found.tables["core.orders"]["site_id"].to_list() == ["MLB", "MLB"]
    assert found.tables["core.order_items"].select(
        "record_number", "order_id"
    ).rows() == [
        (0, 1),
        (2, 3),
    ]
    assert found.tables["core.payments"].select("record_number", "order_id").rows() == [
        (2, 3)
    ]
    assert found.refused["reason"].to_list() == [
        "order_items[0].unit_price: expected an amount below 10^13, got string"
    ]
    assert found.unknown_fields["path"].to_list() == ["surprise"]


def test_every_resource_has_its_door() -> None:
    def tables(resource: str, *payloads: str, **more: Any) -> list[pl.DataFrame]:
        found = RESOURCES[resource].frames(landed(resource, *payloads, **more), {})
        assert found.refused.height == payloads.count("{}")
        return list(found.tables.values())

    packs, pack_orders = tables("packs", document("pack_2022"), "{}")
    assert packs["pack_id"].to_list() == [2000003508553677]
    assert pack_orders.height == 2
    [shipments] = tables("shipments", document("shipment_new"), "{}")
    assert shipments["shipment_id"].to_list() == [46000000001]
    [costs] = tables("shipment_costs", document("shipment_costs"))
    assert costs["shipment_id"].to_list() == [1]
    [rates] = tables("exchange_rates", document("exchange_rate"), resource_id="ARS-BRL")
    assert rates["from_currency_id"].to_list() == ["ARS"]
    _, discounts = tables("order_discounts", document("order_discounts"))
    assert discounts.height == 2
    _, products = tables("order_products", document("order_product"))
    assert products.height == 3
    [sellers] = tables("sellers", document("seller"))
    assert sellers["seller_id"].to_list() == [700100200]
