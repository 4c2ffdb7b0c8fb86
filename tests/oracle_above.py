"""What marts of baskets, buyers and reasons hold, worked out a second time.

Published orders and payments are added up in plain Python, by the words of each mart's
header. Lines, listings and margins are in `oracle_lines`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle_money import ZERO, rounded, total
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

LOST = {"cancelled", "not_completed", "unpaid", "unknown"}
UNDECIDED = {"pending", "in_process", "authorized"}


def packs(world: Published) -> Rows:
    """A pack is complete when all that it names is here and has a total."""
    named: dict[int, set[int]] = defaultdict(set)
    for one in world.read("core.pack_orders"):
        named[one["pack_id"]].add(one["order_id"])
    baskets = grouped(
        world.orders.values(),
        lambda one: (
            one["pack_id"] or one["order_id"],
            one["pack_id"] is not None,
            one["seller_id"],
            one["currency_id"],
        ),
    )
    found: Rows = {}
    for key, orders in baskets.items():
        gross = [one for one in orders if one["is_gross_sale"]]
        names = named.get(key[0], set()) if key[1] else {key[0]}
        absent = len(names - world.orders.keys()) if names else None
        untold = unknown(gross, "total_amount_with_shipping")
        found[key] = {
            "order_count": len(orders),
            "gross_order_count": len(gross),
            "expected_order_count": len(names) or None,
            "unknown_order_count": absent,
            "shipment_count": len({one["shipment_id"] for one in gross} - {None}),
            "unit_count": sum(one["unit_count"] for one in gross),
            "total_amount": added(gross, "total_amount"),
            "taxes_amount": added(gross, "taxes_amount"),
            "shipping_amount": added(gross, "shipping_amount"),
            "total_amount_with_shipping": added(gross, "total_amount_with_shipping"),
            "unknown_total_count": untold,
            "is_complete": absent == 0 and untold == 0,
        }
    return found


def baskets(world: Published) -> Rows:
    """Packs by how many gross sales they hold."""
    filled = [one for one in world.read("marts.packs") if one["gross_order_count"]]
    sizes = grouped(
        filled,
        lambda one: (one["seller_id"], one["currency_id"], one["gross_order_count"]),
    )
    of_all = Counter((one["seller_id"], one["currency_id"]) for one in filled)
    return {
        key: {
            "basket_count": len(rows),
            "incomplete_basket_count": sum(not one["is_complete"] for one in rows),
            "unit_count": sum(one["unit_count"] for one in rows),
            "total_amount": added(rows, "total_amount"),
            "shipping_amount": added(rows, "shipping_amount"),
            "average_basket_amount": rounded(
                Fraction(added(rows, "total_amount")) / len(rows), key[1]
            ),
            "basket_share": ratio(len(rows), of_all[key[0], key[1]]),
        }
        for key, rows in sizes.items()
    }


def buyers(world: Published) -> Rows:
    """Gross sales of each buyer who is known."""
    people = grouped(
        (one for one in world.gross if one["buyer_id"] is not None),
        lambda one: (one["seller_id"], one["buyer_id"], one["currency_id"]),
    )
    found: Rows = {}
    for key, orders in people.items():
        bought = [
            one for one in world.gross if (one["seller_id"], one["buyer_id"]) == key[:2]
        ]
        first = min(
            bought,
            key=lambda one: (
                one["closed_at"] is None,
                one["closed_at"] or datetime.max.replace(tzinfo=UTC),
                one["order_id"],
            ),
        )
        days = [one["sold_date"] for one in orders if one["sold_date"]]
        sold = sales(orders)
        found[key] = {
            "first_order_id": first["order_id"],
            "first_sold_date": min(days, default=None),
            "last_sold_date": max(days, default=None),
            "order_count": len(orders),
            "sale_order_count": len(sold),
            "gross_sales_amount": added(orders, "total_amount"),
            "net_sales_amount": added(sold, "total_amount")
            - added(sold, "refunded_amount"),
            "estimated_proceeds_amount": added(orders, "estimated_proceeds_amount"),
            "unknown_refund_count": unknown(sold, "refunded_amount"),
            "unknown_proceeds_count": unknown(orders, "estimated_proceeds_amount"),
        }
    return found


def buyer_cohorts(world: Published) -> Rows:
    """A buyer belongs to the month of the first gross sale, in any currency."""
    first: dict[tuple[int, int], date] = {}
    bought = [one for one in world.dated if one["buyer_id"] is not None]
    for one in bought:
        who = one["seller_id"], one["buyer_id"]
        first[who] = min(first.get(who, date.max), one["sold_date"])
    sizes = Counter((seller, month(day)) for (seller, _), day in first.items())
    cohorts = grouped(
        bought,
        lambda one: (
            one["seller_id"],
            one["currency_id"],
            month(first[one["seller_id"], one["buyer_id"]]),
            month(one["sold_date"]),
        ),
    )
    found: Rows = {}
    for key, orders in cohorts.items():
        begun, now = key[2], key[3]
        size = sizes[key[0], begun]
        people = len({one["buyer_id"] for one in orders})
        found[key] = {
            "month_number": (now.year - begun.year) * 12 + now.month - begun.month,
            "cohort_buyer_count": size,
            "buyer_count": people,
            "order_count": len(orders),
            "gross_sales_amount": added(orders, "total_amount"),
            "retention_rate": ratio(people, size),
        }
    return found


def new_and_repeat_sales(world: Published) -> Rows:
    """ "A buyer is new in the order that is the first held": by closing, by number."""
    first: dict[tuple[int, int], int] = {}
    for one in sorted(
        world.gross, key=lambda one: (one["closed_at"] or LATEST, one["order_id"])
    ):
        first.setdefault((one["seller_id"], one["buyer_id"]), one["order_id"])

    def kind(one: Row) -> str:
        if one["buyer_id"] is None:
            return "unknown"
        is_first = first[one["seller_id"], one["buyer_id"]] == one["order_id"]
        return "new" if is_first else "repeat"

    months = grouped(
        world.dated,
        lambda one: (one["seller_id"], month(one["sold_date"]), one["currency_id"]),
    )
    found: Rows = {}
    for key, orders in months.items():
        kinds = grouped(orders, lambda one: (kind(one),))
        of = {name: kinds.get((name,), []) for name in ("new", "repeat", "unknown")}
        found[key] = {
            **{f"{name}_order_count": len(rows) for name, rows in of.items()},
            **{
                f"{name}_sales_amount": added(rows, "total_amount")
                for name, rows in of.items()
            },
            "repeat_buyer_count": len({one["buyer_id"] for one in of["repeat"]}),
            "repeat_order_rate": ratio(
                len(of["repeat"]), len(of["new"]) + len(of["repeat"])
            ),
        }
    return found


def _reason(world: Published, one: Row) -> tuple[Any, ...]:
    order = world.core_orders[one["order_id"]]
    names = ("cancel_group", "cancel_code", "cancel_requested_by")
    return tuple(told(order[name]) for name in names)


def cancellations(world: Published) -> Rows:
    """Gross sales that were cancelled, by reason."""
    of_all = Counter((one["seller_id"], one["currency_id"]) for one in world.gross)
    reasons = grouped(
        (one for one in world.gross if one["outcome"] == "cancelled"),
        lambda one: (one["seller_id"], one["currency_id"], *_reason(world, one)),
    )
    return {
        key: {
            "order_count": len(orders),
            "cancelled_amount": added(orders, "total_amount"),
            "order_share": ratio(len(orders), of_all[key[0], key[1]]),
        }
        for key, orders in reasons.items()
    }


def losses_by_month(world: Published) -> Rows:
    """ "refunded for a sale that stands; else cancelled, not_completed, ..."."""
    lost = [
        one
        for one in world.dated
        if one["outcome"] in LOST or (one["is_sale"] and one["refunded_amount"] != ZERO)
    ]
    reasons = grouped(
        lost,
        lambda one: (
            one["seller_id"],
            one["site_id"],
            month(one["sold_date"]),
            one["currency_id"],
            "refunded" if one["is_sale"] else one["outcome"],
            *_reason(world, one),
        ),
    )
    return {
        key: {
            "order_count": len(orders),
            "lost_amount": added(
                orders, "refunded_amount" if key[4] == "refunded" else "total_amount"
            ),
            "unknown_refund_count": unknown(sales(orders), "refunded_amount"),
        }
        for key, orders in reasons.items()
    }


def payment_mix(world: Published) -> Rows:
    """Payments of all orders but tests, by way of paying."""
    paid = [
        one
        for one in world.payments
        if not world.core_orders[one["order_id"]]["is_test_order"]
    ]
    ways = grouped(
        paid,
        lambda one: (
            world.orders[one["order_id"]]["seller_id"],
            one["currency_id"],
            told(one["payment_method_id"]),
            told(one["payment_type"]),
            one["installments"] or 1,
        ),
    )
    found: Rows = {}
    of_all: dict[tuple[Any, ...], Decimal] = defaultdict(lambda: ZERO)
    for key, payments in ways.items():
        taken = [one for one in payments if one["amounts"]["is_taken"]]
        decided = [
            one
            for one in payments
            if one["payment_status"] not in UNDECIDED
            and (one["amounts"]["is_taken"] or one["amounts"]["outcome"] == "none")
        ]
        of_all[key[:2]] += added(taken, "transaction_amount")
        found[key] = {
            "payment_count": len(payments),
            "decided_count": len(decided),
            "taken_count": len(taken),
            "order_count": len({one["order_id"] for one in taken}),
            "taken_amount": added(taken, "transaction_amount"),
            "refunded_amount": total(map(_given_back, taken)),
            "approval_rate": ratio(len(taken), len(decided)),
        }
    for key, row in found.items():
        row["amount_share"] = ratio(row["taken_amount"], of_all[key[:2]])
    return found


def _given_back(payment: Row) -> Decimal | None:
    """What went back, by whomever; as sent where nobody knows who paid it."""
    returned = payment["amounts"]["returned_amount"]
    covered = payment["amounts"]["covered_amount"]
    if returned is None or covered is None:
        sent: Decimal | None = payment["transaction_amount_refunded"]
        return sent
    back: Decimal = returned + covered
    return back


def refunds(world: Published) -> Rows:
    """Orders of which something was given back, covered or is in dispute, or may be."""
    names = ("refunded_amount", "covered_amount", "disputed_amount")
    return {
        (key,): {
            "outcome": one["outcome"],
            "total_amount": one["total_amount"],
            **{name: one[name] for name in names},
            "refunded_share": ratio(one["refunded_amount"], one["total_amount"]),
        }
        for key, one in world.orders.items()
        if any(one[name] != ZERO for name in names)
    }


MARTS: dict[str, tuple[Callable[[Published], Rows], tuple[str, ...]]] = {
    "packs": (packs, ("basket_id", "is_pack", "seller_id", "currency_id")),
    "baskets": (baskets, ("seller_id", "currency_id", "gross_order_count")),
    "buyers": (buyers, ("seller_id", "buyer_id", "currency_id")),
    "buyer_cohorts": (
        buyer_cohorts,
        ("seller_id", "currency_id", "cohort_month_date", "month_start_date"),
    ),
    "new_and_repeat_sales": (
        new_and_repeat_sales,
        ("seller_id", "month_start_date", "currency_id"),
    ),
    "cancellations": (
        cancellations,
        (
            *("seller_id", "currency_id"),
            *("cancel_group", "cancel_code", "cancel_requested_by"),
        ),
    ),
    "losses_by_month": (
        losses_by_month,
        (
            *("seller_id", "site_id", "month_start_date", "currency_id", "outcome"),
            *("cancel_group", "cancel_code", "cancel_requested_by"),
        ),
    ),
    "payment_mix": (
        payment_mix,
        (
            *("seller_id", "currency_id"),
            *("payment_method_id", "payment_type", "installments"),
        ),
    ),
    "refunds": (refunds, ("order_id",)),
}
"""How each mart is worked out, and its key."""
