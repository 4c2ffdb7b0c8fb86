"""Answers as people report them from the field: all of them decode, nothing is new.

Shapes are theirs; ids, names and amounts are invented.
"""

from decimal import Decimal
from typing import Any

import pytest

from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import document, item, landed, order


def nothing_is_odd(found: Any) -> None:
    assert found.refused["reason"].to_list() == []
    assert found.unknown_fields["path"].to_list() == []


def test_objects_lists_and_texts_where_the_documents_show_nulls_and_numbers() -> None:
    found = RESOURCES["orders"].frames(landed("orders", document("order_2026")), {})
    nothing_is_odd(found)
    order = found.tables["core.orders"].row(0, named=True)
    assert (order["buyer_id"], order["seller_id"]) == (800300400, 700100200)
    assert (order["status_detail"], order["shipment_id"]) == (None, None)
    assert order["mediation_ids"] == [5012345678]
    line = found.tables["core.order_items"].row(0, named=True)
    assert (line["quantity"], line["unit_price"]) == (2, Decimal("35.50"))
    assert (line["seller_sku"], line["variation_id"]) == ("SKU-A", 181369367001)
    assert (line["parent_item_id"], line["element_id"]) == ("MLA666667", 1)
    assert line["gross_price"] == Decimal(80)
    assert line["discount_amount"] == line["seller_discount_amount"] == Decimal("4.50")
    payment = found.tables["core.payments"].row(0, named=True)
    assert payment["payment_id"] == 90000000001
    assert payment["tags"] == ["refund_account_money"]


def test_the_parts_of_a_kit_are_orders_that_name_it() -> None:
    # 45.60 x 1 and 22.80 x 3 make a kit of 114.
    def part(number: int, price: str, quantity: int) -> dict[str, Any]:
        kit = {"id": "MLA666667", "user_product_id": "MLAU8907"}
        bundle = {"parent_item": kit, "components": None}
        line = item(unit_price=Decimal(price), quantity=quantity, bundle=bundle)
        return order(id=number, pack_id=7, order_items=[line | {"element_id": number}])

    found = RESOURCES["orders"].frames(
        landed("orders", part(1, "45.60", 1), part(2, "22.80", 3)), {}
    )
    nothing_is_odd(found)
    assert found.tables["core.orders"]["total_amount"].to_list() == [
        Decimal("45.6"),
        Decimal("68.4"),
    ]
    assert (
        found.tables["core.order_items"]["parent_item_id"].to_list()
        == ["MLA666667"] * 2
    )
    assert found.tables["core.order_items"]["element_id"].to_list() == [1, 2]


def test_a_shipment_in_the_old_shape_costs_the_buyer_its_option() -> None:
    records = landed("shipments", document("shipment_old_2026"))
    found = RESOURCES["shipments"].frames(records, {})
    nothing_is_odd(found)
    row = found.tables["core.shipments"].row(0, named=True)
    # base_cost 16.20 is another quantity.
    assert row["lead_time_cost_amount"] == Decimal("8.91")
    assert row["lead_time_cost_source"] == "shipping_option"
    assert (row["logistic_mode"], row["logistic_type"]) == ("me2", "drop_off")
    assert row["state_id"] == "AR-C"


@pytest.mark.parametrize("lead_time", [None, {}, {"cost": None}])
def test_a_shipment_without_lead_time_tells_no_cost(lead_time: Any) -> None:
    logistic = {"mode": "custom", "type": "custom", "direction": "forward"}
    payload = {"id": 5, "status": "delivered", "logistic": logistic}
    found = RESOURCES["shipments"].frames(
        landed("shipments", payload | {"lead_time": lead_time}), {}
    )
    nothing_is_odd(found)
    row = found.tables["core.shipments"].row(0, named=True)
    assert (row["shipment_status"], row["logistic_mode"]) == ("delivered", "custom")
    assert row["lead_time_cost_amount"] is None
    assert row["lead_time_cost_source"] is None


def test_a_charge_of_flex_is_what_the_seller_pays() -> None:
    records = landed(
        "shipment_costs", document("shipment_costs_flex"), resource_id="46000000001"
    )
    found = RESOURCES["shipment_costs"].frames(records, {})
    nothing_is_odd(found)
    row = found.tables["core.shipment_costs"].row(0, named=True)
    assert row["seller_cost_amount"] == row["charge_amount"] == Decimal(390)
    assert row["seller_compensation_amount"] == Decimal("12.50")


def test_texts_of_people_are_read_nowhere() -> None:
    # What landing let through under a key that is not personal stays out of tables.
    payload = order(
        cancel_detail={"code": "x", "description": "Ana Silva called"},
        mediations=[{"id": 1, "status": "opened by Ana Silva"}],
        payments=[{"id": 7, "status": "approved", "reason": "For Ana Silva"}],
    )
    found = RESOURCES["orders"].frames(landed("orders", payload), {})
    tables = (
        found.tables["core.orders"],
        found.tables["core.order_items"],
        found.tables["core.payments"],
    )
    assert all("Ana" not in table.write_json() for table in tables)
