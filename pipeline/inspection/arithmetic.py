"""Explains the sums of one order in words, step by step, from rows of `sql/questions`.

It decides nothing: every amount is the warehouse's, and the words say where it comes
from. Not here: finding the rows (`explanation.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from pipeline.sites import CURRENCIES

Row: TypeAlias = Mapping[str, Any]

CENT = Decimal("0.01")
COMPLETENESS = {
    "complete": "complete: every part of the total is known",
    "no_shipment": "no_shipment: the order has no shipment, so shipping is 0",
    "shipment_pending": "shipment_pending: the shipment, or what it costs, is not "
    "known yet, so the total is unknown",
    "shipment_missing": "shipment_missing: Mercado Libre says that the shipment is not "
    "there (404), so the total is unknown",
    "exchange_rate_missing": "exchange_rate_missing: an amount is in another currency "
    "and no ratio is known, so the total is unknown; `meli-sales rates` loads one",
}

_SOURCES = {
    "lead_time": "",
    "shipping_option": " (shipping_option.cost)",
    "order": ", from the order's shipping_cost",
    "payments": ", from the payments' shipping_cost",
}
"""Where the buyer's shipping comes from, if not from the shipment's lead_time."""

OUTCOMES = {
    "sale": "a sale",
    "kept": "kept: Mercado Libre paid the buyer, so it counts as a sale",
    "cancelled": "cancelled: a gross sale, not a sale any more",
    "not_completed": "not completed: a gross sale, not a sale any more",
    "unpaid": "unpaid: a gross sale, but the money has not come",
    "open": "open: neither closed nor paid",
    "split": "split: sold again under another order of the pack",
    "test": "a test order",
    "unknown": "unknown: what became of it is not known, so it is not a sale",
}
"""What became of an order (`marts.order_outcomes`), in words."""


@dataclass(frozen=True)
class Step:
    """One line of a sum: ``sign`` is empty, + or =; an amount of None is unknown."""

    sign: str
    name: str
    amount: Decimal | None
    currency_id: str | None
    words: str


@dataclass(frozen=True)
class ShipmentPart:
    """One order's part of the shipment's cost by largest remainder.

    ``exact`` is the exact part, cut at 4 decimals; ``floor_amount`` its whole units, of
    the smallest that the currency has: cents, or pesos in Chile; ``extra_amount`` the
    unit that its remainder won. All three are None if the cost is
    unknown, or if siblings differ in currency and the cost is first split between
    currencies.
    """

    order_id: int
    currency_id: str
    total_amount: Decimal | None
    exact: Decimal | None
    floor_amount: Decimal | None
    extra_amount: Decimal | None
    shipping_amount: Decimal | None
    seller_shipping_amount: Decimal | None


def shares(order: Row, siblings: Sequence[Row]) -> list[ShipmentPart]:
    """The parts of all orders of the order's shipment, as the warehouse cut them.

    ``share_weight`` is None for an order without a part: its part is 0.
    """
    cost = order["lead_time_cost_amount"]
    is_cut_once = cost is not None and len({one["currency_id"] for one in siblings}) < 2
    weights = [one["share_weight"] or 0 for one in siblings]
    if not any(weights):
        weights = [1] * len(siblings)
    found = []
    for one, weight in zip(siblings, weights, strict=True):
        exact = floor = extra = None
        part = one["shipping_amount"]
        if is_cut_once and part is not None:
            fraction = Fraction(cost) * Fraction(weight) / Fraction(sum(weights))
            exact = _cut(fraction, Decimal("0.0001"))
            floor = _cut(fraction, _unit(one["currency_id"], cost))
            extra = part - floor
        found.append(
            ShipmentPart(
                order_id=one["order_id"],
                currency_id=one["currency_id"],
                total_amount=one["total_amount"],
                exact=exact,
                floor_amount=floor,
                extra_amount=extra,
                shipping_amount=part,
                seller_shipping_amount=one["seller_shipping_amount"],
            )
        )
    return found


def steps(order: Row, rates: Mapping[str, Row]) -> list[Step]:
    """The steps from lines to totals; ``rates`` are the ratios used, by purpose."""
    currency = order["currency_id"]
    summed = (
        ("", "total_amount", _goods(order)),
        ("+", "taxes_amount", _taxes(order, rates)),
        ("+", "shipping_amount", _shipping(order, rates)),
        ("=", "total_amount_with_shipping", COMPLETENESS[order["completeness"]]),
    )
    found = [
        Step(sign, name, order[name], currency, words) for sign, name, words in summed
    ]
    if (order["sibling_count"] or 1) > 1:
        found.append(
            Step(
                "",
                "total_amount_with_full_shipping",
                order["total_amount_with_full_shipping"],
                currency,
                "with the whole shipment's cost, as documented; do not add it up over "
                "a cart",
            )
        )
    if target := order["reporting_currency_id"]:
        found.append(
            Step(
                "",
                "total_amount_with_shipping_reporting",
                order["total_amount_with_shipping_reporting"],
                target,
                _reporting(order, rates, target),
            )
        )
    return found


def _unit(currency_id: str, cost: Decimal) -> Decimal:
    """The smallest unit of a currency; a cent where the cost came with cents anyway."""
    has_cents = currency_id not in CURRENCIES or CURRENCIES[currency_id].decimal_places
    return CENT if has_cents or cost % 1 else Decimal(1)


def _cut(value: Fraction, unit: Decimal) -> Decimal:
    """A fraction cut towards zero to a unit, such as cents."""
    units = int(value / Fraction(unit))
    return (Decimal(units) * unit).quantize(unit, ROUND_DOWN)


def _goods(order: Row) -> str:
    words = f"unit price × quantity, {_count(order['line_count'], 'line')}"
    if order["line_amount"] == order["total_amount"]:
        return words
    return f"as sent; the lines add up to {order['line_amount']}"


def _taxes(order: Row, rates: Mapping[str, Row]) -> str:
    sent, currency = order["taxes_sent_amount"], order["taxes_currency_id"]
    if sent is None:
        return "none sent"
    if "taxes" in rates:
        return f"{sent} {_converted(rates['taxes'])}"
    if order["taxes_amount"] is None:
        return f"{sent} {currency} as sent; no ratio to {order['currency_id']} is known"
    return "as sent" if sent == order["taxes_amount"] else f"{sent} as sent, rounded"


def _shipping(order: Row, rates: Mapping[str, Row]) -> str:
    if order["shipment_id"] is None:
        return "no shipment"
    sent, count = order["lead_time_sent_amount"], order["sibling_count"] or 1
    if sent is None:
        return "what the buyer pays for the shipment is not known"
    words = f"{sent} {order['shipment_currency_id'] or order['currency_id']}"
    if "shipping" in rates:
        words = (
            f"{sent} {_converted(rates['shipping'])} = "
            f"{order['lead_time_cost_amount']} {order['currency_id']}"
        )
    elif order["lead_time_cost_amount"] is None:
        words = f"{words}; no ratio to {order['currency_id']} is known"
    source = _SOURCES[order["shipping_source"]]
    if count > 1:
        return f"its part of {words}, shared by the sales of {count} orders{source}"
    return f"{words}, what the buyer pays for the shipment{source}"


def _reporting(order: Row, rates: Mapping[str, Row], target: str) -> str:
    if order["currency_id"] == target:
        return "the order's own currency"
    if "reporting" not in rates:
        return f"no ratio from {order['currency_id']} is known"
    if order["total_amount_with_shipping"] is None:
        return "the total is not known"
    return f"{order['total_amount_with_shipping']} {_converted(rates['reporting'])}"


def _converted(rate: Row) -> str:
    ratio = format(rate["ratio"].normalize(), "f")
    return (
        f"{rate['from_currency_id']} × {ratio} "
        f"(ratio of {rate['rate_date']}, {rate['source']})"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
