"""Why an amount of the sales export probably differs from the warehouse's.

A reason is a guess that fits to the cent: the amount that the export would show if it
counted in another known way (docs/tie-out.md). It decides nothing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from pipeline.tie_out.delimited import CENT

Row: TypeAlias = Mapping[str, Any]

SIGNED = frozenset(("total_amount", "shipping_amount", "estimated_proceeds_amount"))
"""Columns compared with their sign; exports show costs with or without a minus."""

UNEXPLAINED = "not explained"
PER_ORDER = "shipping counted per order; here it is shared by the shipment's orders"
SEVERAL_CURRENCIES = "several_currencies"
UNKNOWN = {
    "shipment_pending": "not known here: the shipment has not been read yet",
    "shipment_missing": "not known here: the API has no such shipment",
    "exchange_rate_missing": "not known here: an exchange ratio is missing",
    SEVERAL_CURRENCIES: "the pack's orders are in several currencies: nothing to sum",
}
"""Why the warehouse has no amount, by the order's completeness."""

_ZERO = Decimal(0)


def reason(
    column: str,
    theirs: Decimal,
    ours: Row,
    *,
    pack: Row | None,
    currency_id: str | None,
    followed: Decimal,
) -> str:
    """The likeliest reason for a difference.

    Args:
        column: the column that differs.
        theirs: the file's amount; a cost without its sign.
        ours: the order's row; its ``column`` is not null.
        pack: the same summed over its pack, if that has more orders.
        currency_id: the currency in the title of the file's column, if any.
        followed: the sum of the differences of earlier columns, as a total counts them.
    """
    if currency_id is not None and currency_id != ours["currency_id"]:
        return f"the column is in {currency_id}, the order in {ours['currency_id']}"
    for amount, words in _otherwise(column, ours, pack):
        if amount is not None and theirs == amount:
            return words
    difference = theirs - ours[column]
    if column == "estimated_proceeds_amount" and followed and difference == followed:
        return "follows from the differences of the other columns"
    if column == "unit_count":
        return UNEXPLAINED
    return _by_difference(abs(difference), ours)


def why_absent(ours: Row | None) -> str:
    """Why an order is on one side only; ``ours`` is None if it is not here."""
    if ours is None:
        return (
            "not in the warehouse: another seller's, or its day is to be read "
            "(meli-sales status, meli-sales sync --from DAY)"
        )
    if ours["order_status"] == "cancelled":
        return "not in the file: cancelled, which some exports leave out"
    if ours["pack_id"] is not None:
        return f"not in the file, nor its pack {ours['pack_id']}"
    return "not in the file"


def _otherwise(
    column: str, ours: Row, pack: Row | None
) -> Iterator[tuple[Decimal | None, str]]:
    """Amounts that the export may show instead, likeliest first."""
    yield from _OTHERWISE.get(column, lambda _: iter(()))(ours)
    if pack is not None:
        yield pack[column], "the whole pack's amount, on one line of the cart"
    if ours["sibling_count"] > 1 and column in _SHIPPING:
        yield _ZERO, "on another line of the cart"
    if ours["order_status"] == "cancelled":
        yield _ZERO, "cancelled: the export shows nothing"


def _goods(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    total = ours["total_amount"]
    yield _sum(total, ours["shipping_amount"]), "shipping is in it"
    if ours["sibling_count"] > 1:
        whole = _sum(total, ours["lead_time_cost_amount"])
        yield whole, "shipping is in it, the whole shipment's cost on each order"
    yield _sum(total, ours["taxes_amount"]), "taxes are in it"
    taxed = _sum(total, ours["taxes_amount"])
    yield _sum(taxed, ours["shipping_amount"]), "shipping and taxes are in it"
    yield _sum(total, _less(ours["refunded_amount"])), "a refund is taken off it"


def _shipping(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    if ours["sibling_count"] > 1:
        yield ours["lead_time_cost_amount"], PER_ORDER


def _fee(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    yield ours["unit_fee_amount"], "fee of one unit; here it is × quantity"
    yield ours["marketplace_fee_amount"], "fee of the payments (marketplace_fee)"
    yield _sum(ours["sale_fee_amount"], ours["taxes_amount"]), "taxes are in it"


def _seller_shipping(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    mine, whole = ours["seller_shipping_amount"], ours["seller_cost_amount"]
    if ours["sibling_count"] > 1:
        yield whole, PER_ORDER
        both = _sum(whole, ours["lead_time_cost_amount"])
        yield both, "the whole shipment's cost, the buyer's part included"
    yield _sum(mine, ours["shipping_amount"]), "the buyer's part is in it"


def _refund(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    yield _ZERO, "refunded after the file was made"
    if ours["order_status"] == "cancelled":
        yield ours["total_amount"], "cancelled: the export takes all of it back"
        whole = _sum(ours["total_amount"], ours["shipping_amount"])
        yield whole, "cancelled: the export takes it back with shipping"


def _net(ours: Row) -> Iterator[tuple[Decimal | None, str]]:
    net = ours["estimated_proceeds_amount"]
    yield (
        _sum(net, ours["shipping_amount"]),
        "the buyer's shipping is in it",
    )
    yield _sum(net, ours["taxes_amount"]), "taxes are in it"
    yield _sum(net, ours["refunded_amount"]), "refunded after the file was made"
    yield _sum(net, ours["seller_shipping_amount"]), "before the seller's shipping"
    yield _sum(net, ours["sale_fee_amount"]), "before the sale fee"


_SHIPPING = frozenset(("shipping_amount", "seller_shipping_amount"))
_OTHERWISE = {
    "total_amount": _goods,
    "shipping_amount": _shipping,
    "sale_fee_amount": _fee,
    "seller_shipping_amount": _seller_shipping,
    "refunded_amount": _refund,
    "estimated_proceeds_amount": _net,
}


def _by_difference(difference: Decimal, ours: Row) -> str:
    """A reason that the size of the difference suggests."""
    if difference <= CENT * max(ours["unit_count"] or 1, 1):
        return "rounding"
    if difference == ours["taxes_amount"]:
        return "as much as the taxes"
    if difference == ours["refunded_amount"]:
        return "as much as was given back: refunded after the fact"
    if difference == ours["shipping_amount"]:
        return "as much as the shipping"
    return UNEXPLAINED


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """The sum; None if one is unknown, or if the other changes nothing."""
    return one + other if one is not None and other else None


def _less(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else -amount
