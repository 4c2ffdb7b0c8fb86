"""An export against orders: what ties, what is missing, what differs and why."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.tie_out.comparison import ColumnSum, Difference, TieOut, compare
from pipeline.tie_out.reasons import PER_ORDER
from pipeline.tie_out.sales_export import read

D = Decimal
AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
MONEY = pl.Decimal(18, 2)
SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("order_id", "seller_id", "pack_id"), pl.Int64),
    **dict.fromkeys(
        ("order_status", "cancel_code", "currency_id", "completeness"), pl.String
    ),
    "is_gross_sale": pl.Boolean,
    "unit_count": pl.Int64,
    **dict.fromkeys(
        (
            *("total_amount", "taxes_amount", "lead_time_cost_amount"),
            *("shipping_amount", "sale_fee_amount", "unit_fee_amount"),
            *("marketplace_fee_amount", "seller_cost_amount"),
            *("seller_shipping_amount", "refunded_amount", "estimated_proceeds_amount"),
        ),
        MONEY,
    ),
    "sibling_count": pl.Int64,
    "created_at": pl.Datetime("us", "UTC"),
}
# The first order of the documents' cart (docs/money.md, Shipping): two units of
# 89.90, a fee of 14.38 each, 15.08 of the shipment's 18.90.
ORDER: dict[str, Any] = {
    "order_id": 1,
    "seller_id": 7,
    "pack_id": None,
    "order_status": "paid",
    "currency_id": "BRL",
    "completeness": "complete",
    "is_gross_sale": True,
    "unit_count": 2,
    "total_amount": D("179.80"),
    "taxes_amount": D("3.00"),
    "lead_time_cost_amount": D("18.90"),
    "shipping_amount": D("15.08"),
    "sale_fee_amount": D("28.76"),
    "unit_fee_amount": D("14.38"),
    "marketplace_fee_amount": D("28.00"),
    "seller_cost_amount": D("15.95"),
    "seller_shipping_amount": D("12.73"),
    "refunded_amount": D("10.00"),
    "estimated_proceeds_amount": D("128.31"),
    "sibling_count": 1,
    "created_at": AT,
}
CART = {"pack_id": 90, "sibling_count": 2}
SIBLING = ORDER | {
    "order_id": 2,
    "unit_count": 1,
    "total_amount": D("45.50"),
    "taxes_amount": D("0.00"),
    "shipping_amount": D("3.82"),
    "sale_fee_amount": D("7.28"),
    "unit_fee_amount": D("7.28"),
    "marketplace_fee_amount": D("7.28"),
    "seller_shipping_amount": D("3.22"),
    "refunded_amount": D("0.00"),
    "estimated_proceeds_amount": D("35.00"),
    **CART,
}


def orders(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SCHEMA)


def held(columns: str, *lines: str, against: Sequence[dict[str, Any]]) -> TieOut:
    text = "\n".join([f"order_id;{columns}", *lines])
    return compare(read(text.encode()), orders(*against))


def reasons(found: TieOut) -> list[tuple[int, str | None, Decimal | None, str]]:
    return [
        (one.order_id, one.column, one.difference, one.reason)
        for one in found.differences
    ]


def test_what_ties_ties_whatever_sign_costs_have() -> None:
    found = held(
        "total_amount;sale_fee_amount;refunded_amount;estimated_proceeds_amount;unit_count",
        "1;179.80;-28.76;10.00;128.31;2",
        against=[ORDER],
    )
    assert found.ties
    assert (found.matched, found.tied, found.differences) == (1, 1, [])
    assert found.columns == dict.fromkeys(
        (
            *("unit_count", "total_amount", "sale_fee_amount", "refunded_amount"),
            "estimated_proceeds_amount",
        ),
        ColumnSum(1, 1, D(0)),
    )


def test_orders_missing_on_either_side_are_told() -> None:
    hour = timedelta(hours=1)
    found = held(
        "total_amount",
        "1;179.80",
        "5;1.00",
        "6;1.00",
        against=[
            ORDER,
            ORDER | {"order_id": 2, "created_at": AT + hour},  # missing in the file
            ORDER
            | {
                "order_id": 3,
                "created_at": AT + hour,
                "order_status": "cancelled",
            },  # missing, some exports leave it out
            ORDER
            | {"order_id": 4, "created_at": AT + hour, "pack_id": 90},  # with its pack
            ORDER
            | {
                "order_id": 10,
                "created_at": AT + hour,
                "is_gross_sale": False,
            },  # never a sale: not expected
            ORDER
            | {"order_id": 11, "created_at": AT + hour, "seller_id": 8},  # another's
            ORDER
            | {"order_id": 12, "created_at": AT + 9 * hour},  # after the file's end
            ORDER | {"order_id": 5, "created_at": AT + 2 * hour, "total_amount": D(1)},
        ],
    )
    assert (found.matched, found.tied) == (2, 2)
    assert (found.first_at, found.last_at) == (AT, AT + 2 * hour)
    assert found.differences[0] == Difference(
        order_id=6,
        line=4,
        outcome="missing_here",
        column=None,
        currency_id=None,
        file_amount=None,
        warehouse_amount=None,
        difference=None,
        reason="not in the warehouse: another seller's, or its day is to be read "
        "(meli-sales status, meli-sales sync --from DAY)",
    )
    assert reasons(found)[1:] == [
        (2, None, None, "not in the file"),
        (3, None, None, "not in the file: cancelled, which some exports leave out"),
        (4, None, None, "not in the file, nor its pack 90"),
    ]
    assert (found.count("missing_here"), found.count("missing_in_file")) == (1, 3)
    assert not found.ties


def test_a_line_of_a_pack_is_held_against_the_sum_of_its_orders() -> None:
    found = held(
        "unit_count;total_amount;shipping_amount;sale_fee_amount",
        "90;;225.30;18.90;-36.04",
        "1;2;;;",
        "2;1;;;",
        against=[ORDER | CART, SIBLING],
    )
    assert found.ties
    assert (found.matched, found.pack_lines) == (3, 1)
    assert found.columns["total_amount"] == ColumnSum(1, 1, D(0))

    alone = held("total_amount", "90;225.30", against=[ORDER | CART, SIBLING])
    assert alone.ties, "its orders are not missing: the pack stands for them"


def test_a_pack_of_two_currencies_is_not_summed() -> None:
    other = SIBLING | {"currency_id": "USD"}
    found = held("total_amount", "90;225.30", against=[ORDER | CART, other])
    assert reasons(found) == [
        (
            *(90, "total_amount", None),
            "the pack's orders are in several currencies: nothing to sum",
        )
    ]


@pytest.mark.parametrize(
    ("column", "amount", "changes", "reason"),
    [
        # What the field gets wrong, one by one; amounts are those of ORDER.
        ("total_amount", "179.81", {}, "rounding"),
        ("total_amount", "194.88", {}, "shipping is in it"),
        (
            *("total_amount", "198.70", CART),
            "shipping is in it, the whole shipment's cost on each order",
        ),
        ("total_amount", "182.80", {}, "taxes are in it"),
        ("total_amount", "197.88", {}, "shipping and taxes are in it"),
        ("total_amount", "169.80", {}, "a refund is taken off it"),
        (
            *("total_amount", "0", {"order_status": "cancelled"}),
            "cancelled: the export shows nothing",
        ),
        ("total_amount", "225.30", CART, "the whole pack's amount, on one line of the"),
        ("total_amount", "150.00", {}, "not explained"),
        ("shipping_amount", "18.90", CART, PER_ORDER),
        ("shipping_amount", "0", CART, "on another line of the cart"),
        ("shipping_amount", "18.08", {}, "as much as the taxes"),
        ("sale_fee_amount", "-14.38", {}, "fee of one unit; here it is × quantity"),
        ("sale_fee_amount", "28.00", {}, "fee of the payments (marketplace_fee)"),
        ("sale_fee_amount", "31.76", {}, "taxes are in it"),
        ("sale_fee_amount", "38.76", {}, "as much as was given back: refunded after"),
        ("seller_shipping_amount", "15.95", CART, PER_ORDER),
        (
            *("seller_shipping_amount", "34.85", CART),
            "the whole shipment's cost, the buyer's part included",
        ),
        ("seller_shipping_amount", "27.81", {}, "the buyer's part is in it"),
        ("refunded_amount", "0", {}, "refunded after the file was made"),
        (
            *("refunded_amount", "179.80", {"order_status": "cancelled"}),
            "cancelled: the export takes all of it back",
        ),
        (
            *("refunded_amount", "194.88", {"order_status": "cancelled"}),
            "cancelled: the export takes it back with shipping",
        ),
        ("estimated_proceeds_amount", "143.39", {}, "the buyer's shipping is in it"),
        ("estimated_proceeds_amount", "131.31", {}, "taxes are in it"),
        ("estimated_proceeds_amount", "138.31", {}, "refunded after the file was made"),
        ("estimated_proceeds_amount", "141.04", {}, "before the seller's shipping"),
        ("estimated_proceeds_amount", "157.07", {}, "before the sale fee"),
        # A unit less is not a matter of cents.
        ("unit_count", "1", {}, "not explained"),
        ("taxes_amount", "18.08", {}, "as much as the shipping"),
    ],
)
def test_a_difference_has_its_likely_reason(
    column: str, amount: str, changes: dict[str, Any], reason: str
) -> None:
    rows = [ORDER | changes, SIBLING] if changes is CART else [ORDER | changes]
    found = held(column, f"1;{amount}", *["2;"] * (changes is CART), against=rows)
    [one] = found.differences
    assert one.reason.startswith(reason)
    assert one.outcome == "different"
    assert one.warehouse_amount == D(rows[0][column])
    assert one.file_amount is not None
    assert one.difference == one.file_amount - one.warehouse_amount
    assert found.columns[column] == ColumnSum(1, 0, one.difference)


def test_a_net_that_differs_as_the_other_columns_do_says_so() -> None:
    found = held(
        "total_amount;sale_fee_amount;estimated_proceeds_amount",
        "1;200.00;-30.00;147.27",
        against=[ORDER],
    )
    # 20.20 more goods less 1.24 more fee.
    assert reasons(found)[-1] == (
        *(1, "estimated_proceeds_amount", D("18.96")),
        "follows from the differences of the other columns",
    )


def test_a_column_in_another_currency_says_so() -> None:
    found = held("Ingresos por productos (ARS)", "1;9000.00", against=[ORDER])
    assert reasons(found) == [
        (
            *(1, "total_amount", None),
            "the column is in ARS, the order in BRL",
        )
    ]


def test_the_same_number_in_another_currency_is_another_amount() -> None:
    found = held(
        "Receita por produtos (USD);Cancelamentos e reembolsos (USD)",
        "1;179.80;0",
        against=[ORDER | {"refunded_amount": D("0.00")}],
    )
    assert reasons(found) == [
        (*(1, "total_amount", None), "the column is in USD, the order in BRL")
    ]
    assert found.columns["total_amount"] == ColumnSum(1, 0, D(0))
    assert found.columns["refunded_amount"] == ColumnSum(1, 1, D(0))


@pytest.mark.parametrize(
    ("columns", "line", "changes"),
    [
        ("unit_count;total_amount", "1;2;", {}),
        ("unit_count;total_amount", "1;-;-", {}),
        ("unit_count", "1;2", {}),
        ("seller_shipping_amount", "1;12.73", {"seller_shipping_amount": None}),
        ("total_amount", "1;", {"order_status": "cancelled"}),
    ],
    ids=["empty", "dashes", "units alone", "not known here", "cancelled alone"],
)
def test_a_file_that_tells_no_money_ties_nothing(
    columns: str, line: str, changes: dict[str, Any]
) -> None:
    found = held(columns, line, against=[ORDER | changes])
    assert found.differences == []
    assert (found.matched, found.tied, found.silent, found.ties) == (1, 0, 1, False)


def test_an_order_without_an_amount_does_not_tie_unless_its_pack_has_it() -> None:
    alone = ORDER | {"order_id": 3}
    cancelled = alone | {"order_id": 4, "order_status": "cancelled"}
    rows = [ORDER | CART, SIBLING, alone, cancelled]
    lines = ("90;225.30", "1;", "2;", "3;", "4;")
    found = held("total_amount", *lines, against=rows)
    assert (found.matched, found.tied, found.silent, found.ties) == (5, 4, 1, False)
    whole = held("total_amount", *lines[:3], "3;179.80", "4;", against=rows)
    assert (whole.matched, whole.tied, whole.silent, whole.ties) == (5, 5, 0, True)


def test_what_is_not_known_here_is_told_or_left_out_where_it_never_is() -> None:
    pending = {"shipping_amount": None, "completeness": "shipment_pending"}
    costs = {"seller_shipping_amount": None}
    found = held(
        "shipping_amount;seller_shipping_amount",
        "1;15.08;12.73",
        "2;3.82;3.22",
        "3;;0",
        against=[
            ORDER | costs | pending,
            SIBLING | costs | {"pack_id": None},
            # Ships nothing, so it costs nothing although costs are not fetched.
            ORDER | {"order_id": 3, "sibling_count": 0},
        ],
    )
    assert found.unknown == ["seller_shipping_amount"]
    assert reasons(found) == [
        (
            *(1, "shipping_amount", None),
            "not known here: the shipment has not been read yet",
        )
    ]
    assert (found.tied, found.silent, found.count("different")) == (1, 1, 1)


def test_a_file_of_someone_else_ties_nothing() -> None:
    found = held("total_amount", "99;1.00", against=[ORDER])
    assert not found.ties
    assert (found.matched, found.first_at, found.unknown) == (0, None, [])


def test_a_line_that_was_not_understood_keeps_it_from_tying() -> None:
    found = held("total_amount", "1;179.80", "x;1.00", against=[ORDER])
    assert (found.tied, found.unread_count, found.ties) == (1, 1, False)
