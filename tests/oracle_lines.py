"""What marts of lines, listings and margins hold, worked out a second time.

Lines are cut from published orders by largest remainder, in the smallest unit of the
currency; everything else adds lines up, by the words of each mart's header.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle_money import ZERO, cut, rounded
from tests.oracle_published import (
    LATEST,
    Published,
    Row,
    Rows,
    added,
    grouped,
    month,
    ratio,
    sales,
    told,
    unknown,
)

PARTS = (
    *("taxes_amount", "shipping_amount", "shipping_income_amount"),
    *("sale_fee_returned_amount", "marketplace_fee_amount", "coupon_amount"),
    *("seller_coupon_amount", "seller_shipping_amount", "seller_compensation_amount"),
    *("refunded_amount", "covered_amount", "disputed_amount", "seller_discount_amount"),
    "estimated_proceeds_amount",
)
REPORTING_PARTS = (
    *("total_amount_reporting", "net_sales_amount_reporting"),
    *("total_amount_with_shipping_reporting", "estimated_proceeds_amount_reporting"),
)
DIMENSIONS: Mapping[str, str] = {
    "item": "item_id",
    "seller_sku": "seller_sku",
    "category": "category_id",
    "listing_type": "listing_type_id",
    "logistic_type": "logistic_type",
    "state": "state_id",
    "channel": "channel",
}


def order_items(world: Published) -> Rows:
    """ "They add up to marts.orders to the cent; unknown there is unknown here"."""
    held = world.read("marts.order_items")
    found: Rows = {}
    for (order_id,), lines in grouped(held, lambda one: (one["order_id"],)).items():
        order = world.orders[order_id]
        weights = {one["line_number"]: one["line_amount"] for one in lines}
        # "what came back of the fee goes by the fees of the lines"
        fees = {one["line_number"]: one["sale_fee_amount"] or ZERO for one in lines}
        for names, currency in (
            (PARTS, order["currency_id"]),
            (REPORTING_PARTS, order["reporting_currency_id"]),
        ):
            for name in names:
                amount = order[name]
                is_by_fee = name == "sale_fee_returned_amount" and any(fees.values())
                by = fees if is_by_fee else weights
                parts = {} if amount is None else cut(amount, by, currency)
                for number in weights:
                    row = found.setdefault((order_id, number), {})
                    row[name] = parts.get(number)
    return found


def _listing(lines: Sequence[Row]) -> dict[str, Any]:
    """The measures that item_sales and item_months share."""
    sold = sales(lines)
    gross = added(lines, "total_amount")
    lost = {
        name: added(
            [one for one in lines if one["outcome"] in outcomes], "total_amount"
        )
        for name, outcomes in (
            ("cancelled_amount", ("cancelled",)),
            ("not_completed_amount", ("not_completed", "unknown")),
            ("unpaid_amount", ("unpaid",)),
        )
    }
    undone = [one for one in lines if one["outcome"] == "cancelled" and one["is_paid"]]
    refunded = added(sold, "refunded_amount")
    returned = added(undone, "total_amount") + refunded
    charged = _with_kept_fee(sold)
    kept = added(charged, "sale_fee_amount") - added(
        charged, "sale_fee_returned_amount"
    )
    names = (
        *("taxes_amount", "shipping_amount", "total_amount_with_shipping"),
        *("sale_fee_amount", "sale_fee_returned_amount", "seller_shipping_amount"),
    )
    return {
        "order_count": len({one["order_id"] for one in lines}),
        "sale_order_count": len({one["order_id"] for one in sold}),
        "unit_count": sum(one["quantity"] for one in lines),
        "gross_sales_amount": gross,
        **lost,
        "refunded_amount": refunded,
        "net_sales_amount": gross - sum(lost.values()) - refunded,
        "returned_amount": returned,
        **{name: added(sold, name) for name in names},
        "estimated_proceeds_amount": added(lines, "estimated_proceeds_amount"),
        "return_rate": ratio(returned, gross),
        "sale_fee_rate": ratio(kept, added(charged, "total_amount")),
        "unknown_refund_count": unknown(sold, "refunded_amount"),
        "unknown_proceeds_count": unknown(lines, "estimated_proceeds_amount"),
    }


def _with_kept_fee(lines: Sequence[Row]) -> list[Row]:
    """Lines of which fee and what came back of it are known."""
    names = ("sale_fee_amount", "sale_fee_returned_amount")
    return [one for one in lines if all(one[name] is not None for name in names)]


def _sold_lines(world: Published) -> list[Row]:
    lines = world.read("marts.order_items")
    return [one for one in lines if one["is_gross_sale"]]


def item_months(world: Published) -> Rows:
    months = grouped(
        (one for one in _sold_lines(world) if one["sold_date"]),
        lambda one: (
            one["seller_id"],
            one["item_id"] or "",
            month(one["sold_date"]),
            one["currency_id"],
        ),
    )
    return {key: _listing(lines) for key, lines in months.items()}


def item_sales(world: Published) -> Rows:
    """ "Class A are the listings that make the first 80 % of a seller's gross sales in
    a currency, B those up to 95 %"; who crosses a line is of the better class."""
    listings = grouped(
        _sold_lines(world),
        lambda one: (one["seller_id"], one["item_id"] or "", one["currency_id"]),
    )
    found: Rows = {}
    for key, lines in listings.items():
        row = found[key] = _listing(lines)
        row["average_unit_price"] = rounded(
            Fraction(row["gross_sales_amount"]) / row["unit_count"], key[2]
        )
    shops: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for key in sorted(found, key=lambda one: (-found[one]["gross_sales_amount"], one)):
        shops[key[0], key[2]].append(key)
    for keys in shops.values():
        all_sales = sum((found[key]["gross_sales_amount"] for key in keys), ZERO)
        before = ZERO
        for rank, key in enumerate(keys, start=1):
            row = found[key]
            is_a = before * 100 < all_sales * 80
            is_b = before * 100 < all_sales * 95
            before += row["gross_sales_amount"]
            row["sales_rank"] = rank
            row["sales_share"] = ratio(row["gross_sales_amount"], all_sales)
            row["cumulative_sales_share"] = ratio(before, all_sales)
            row["abc_class"] = "A" if is_a else "B" if is_b else "C"
    return found


def fees(world: Published) -> Rows:
    """Over sales; "the rate is of the lines whose fee is known", and what came back."""
    kinds = grouped(
        sales(world.read("marts.order_items")),
        lambda one: (
            one["seller_id"],
            one["currency_id"],
            told(one["listing_type_id"]),
            told(one["category_id"]),
        ),
    )
    found: Rows = {}
    for key, lines in kinds.items():
        known = _with_kept_fee(lines)
        fee = added(known, "sale_fee_amount")
        returned = added(known, "sale_fee_returned_amount")
        found[key] = {
            "line_count": len(lines),
            "unknown_fee_count": sum(one["sale_fee_amount"] is None for one in lines),
            "unit_count": sum(one["quantity"] for one in lines),
            "sales_amount": added(lines, "total_amount"),
            "sale_fee_amount": added(lines, "sale_fee_amount"),
            "sale_fee_returned_amount": added(lines, "sale_fee_returned_amount"),
            "sale_fee_rate": ratio(fee - returned, added(known, "total_amount")),
        }
    return found


def price_changes(world: Published) -> Rows:
    """ "A gross sale of a listing and variation at another unit price than the one
    before": by closing, number and line."""
    listings = grouped(
        (one for one in _sold_lines(world) if one["item_id"] is not None),
        lambda one: (
            *(one["seller_id"], one["item_id"], one["variation_id"]),
            one["currency_id"],
        ),
    )
    found: Rows = {}
    for lines in listings.values():
        lines.sort(
            key=lambda one: (
                world.orders[one["order_id"]]["closed_at"] or LATEST,
                *(one["order_id"], one["line_number"]),
            )
        )
        for before, now in itertools.pairwise(lines):
            change = now["unit_price"] - before["unit_price"]
            if change:
                found[now["order_id"], now["line_number"]] = {
                    "previous_sold_date": before["sold_date"],
                    "previous_unit_price": before["unit_price"],
                    "unit_price": now["unit_price"],
                    "price_change_amount": change,
                    "price_change_ratio": ratio(change, before["unit_price"]),
                }
    return found


def order_item_margins(world: Published) -> Rows:
    """ "The cost of a unit is that of the SKU valid on the day of the sale, in the
    order's currency"; a seller's own costs of a SKU and currency replace those for
    every seller."""
    costs = grouped(
        world.read("core.item_costs"),
        lambda one: (one["seller_id"], one["seller_sku"], one["currency_id"]),
    )
    found: Rows = {}
    for line in _sold_lines(world):
        sku = line["seller_sku"], line["currency_id"]
        given = costs.get((line["seller_id"], *sku)) or costs.get((0, *sku), [])
        cost = _cost(given, line["sold_date"], line) if line["is_sale"] else ZERO
        left = line["estimated_proceeds_amount"]
        is_known = cost is not None and left is not None
        found[line["order_id"], line["line_number"]] = {
            "cost_amount": cost,
            "margin_amount": left - cost if is_known else None,
            "total_amount": line["total_amount"],
            "net_sales_amount": line["net_sales_amount"],
            "estimated_proceeds_amount": left,
        }
    return found


def _cost(given: Sequence[Row], day: date | None, line: Row) -> Decimal | None:
    """ "unit_cost x quantity, rounded once"; null where none holds on the day."""
    valid = [one for one in given if day is not None and one["valid_from"] <= day]
    if not valid or line["seller_sku"] is None:
        return None
    newest = max(valid, key=lambda one: one["valid_from"])
    return rounded(
        Fraction(newest["unit_cost"]) * line["quantity"], line["currency_id"]
    )


def profit_months(world: Published) -> Rows:
    """Each dimension holds every line of a gross sale once."""
    cells: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for line in world.read("marts.order_item_margins"):
        day = line["sold_date"]
        if day is None:
            continue
        values = {name: line[column] for name, column in DIMENSIONS.items()} | {
            "all": "all",
            "hour": f"{line['sold_hour']:02}",
            "weekday": str(day.isoweekday()),
        }
        account = (line["seller_id"], line["site_id"], month(day), line["currency_id"])
        for name, value in values.items():
            cells[*account, name, value].append(line)
    found: Rows = {}
    for key, lines in cells.items():
        sold = sales(lines)
        net = [one for one in sold if one["net_sales_amount"] is None]
        found[key] = {
            "order_count": len({one["order_id"] for one in lines}),
            "unit_count": sum(one["quantity"] for one in lines),
            "gross_sales_amount": added(lines, "total_amount"),
            # "a refund that is unknown: nothing is taken off"
            "net_sales_amount": added(sold, "net_sales_amount")
            + added(net, "total_amount"),
            "sale_fee_amount": added(sold, "sale_fee_amount"),
            "sale_fee_returned_amount": added(sold, "sale_fee_returned_amount"),
            "seller_shipping_amount": added(sold, "seller_shipping_amount"),
            "estimated_proceeds_amount": added(lines, "estimated_proceeds_amount"),
            "unknown_refund_count": len(net),
            "unknown_proceeds_count": unknown(lines, "estimated_proceeds_amount"),
            "unknown_cost_count": unknown(sold, "cost_amount"),
            "unknown_margin_count": unknown(lines, "margin_amount"),
        }
        known = [one for one in lines if one["margin_amount"] is not None]
        if not sold or sales(known):
            margin = added(known, "margin_amount") if known else None
            found[key]["margin_amount"] = margin
            found[key]["margin_rate"] = ratio(
                margin, added(sales(known), "net_sales_amount")
            )
    return found


MARTS: dict[str, tuple[Callable[[Published], Rows], tuple[str, ...]]] = {
    "order_items": (order_items, ("order_id", "line_number")),
    "item_sales": (item_sales, ("seller_id", "item_id", "currency_id")),
    "item_months": (
        item_months,
        ("seller_id", "item_id", "month_start_date", "currency_id"),
    ),
    "fees": (fees, ("seller_id", "currency_id", "listing_type_id", "category_id")),
    "price_changes": (price_changes, ("order_id", "line_number")),
    "order_item_margins": (order_item_margins, ("order_id", "line_number")),
    "profit_months": (
        profit_months,
        (
            *("seller_id", "site_id", "month_start_date", "currency_id"),
            *("dimension", "dimension_value"),
        ),
    ),
}
"""How each mart is worked out, and its key."""
