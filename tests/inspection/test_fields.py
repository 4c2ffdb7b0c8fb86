"""Which fields of an answer a column is made of; docs/mercado-libre-api.md has them."""

from collections.abc import Mapping, Sequence

import pytest

from pipeline.inspection.fields import fields
from pipeline.warehouse.files import tables


@pytest.fixture(scope="module")
def found() -> Mapping[tuple[str, str], Sequence[str]]:
    return fields()


@pytest.mark.parametrize(
    ("table", "column", "paths"),
    [
        ("orders", "created_at", ["date_created"]),
        ("orders", "sold_date", ["date_closed", "context.site"]),
        ("orders", "site_id", ["context.site", "payments[].site_id"]),
        ("orders", "is_fraud_risk", ["tags"]),
        ("order_items", "order_id", ["id"]),
        ("order_items", "sale_fee_amount", ["order_items[].sale_fee"]),
        ("payments", "updated_at", ["payments[].date_last_modified"]),
        (
            "shipments",
            "lead_time_cost_amount",
            ["lead_time.cost", "shipping_option.cost"],
        ),
        ("shipment_costs", "receiver_cost_amount", ["receiver.cost"]),
        ("order_shipments", "shipment_id", ["id"]),
    ],
)
def test_a_column_names_its_fields_the_one_that_counts_first(
    found: Mapping[tuple[str, str], Sequence[str]],
    table: str,
    column: str,
    paths: list[str],
) -> None:
    assert found[f"core.{table}", column] == paths


def test_what_the_envelope_gives_names_no_field(
    found: Mapping[tuple[str, str], Sequence[str]],
) -> None:
    assert not [column for _, column in found if column == "fetched_at"]
    assert ("core.shipments", "seller_id") not in found


def test_fields_are_told_of_columns_that_are_there(
    found: Mapping[tuple[str, str], Sequence[str]],
) -> None:
    held = {(one.qualified, column.name) for one in tables() for column in one.columns}
    assert set(found) <= held
