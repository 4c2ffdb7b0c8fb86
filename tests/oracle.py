"""What each order is worth, worked out a second time: plain Python and Decimal.

No SQL, no polars, nothing of ours: it reads the sandbox's own objects and the rules of
the documents (mercado-libre-api.md §12), so that a figure of the warehouse that is
wrong would have to be wrong twice, in two languages, in the same way.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.sandbox.world import World

CENT = Decimal("0.01")
ZONES = {
    "MLA": "America/Argentina/Buenos_Aires",
    "MLB": "America/Sao_Paulo",
    "MLM": "America/Mexico_City",
    "MLC": "America/Santiago",
    "MCO": "America/Bogota",
    "MLU": "America/Montevideo",
}
KEPT = {"paid", "partially_refunded"}
TRAVELLED = {"shipped", "delivered", "not_delivered"}


def exact(value: Any) -> Decimal:
    """An amount as sent, nothing rounded; 0 where there is none."""
    return Decimal(str(value)) if value is not None else Decimal(0)


def money(value: Any) -> Decimal | None:
    """An amount to the cent, half away from zero; null where there is none."""
    return None if value is None else exact(value).quantize(CENT, ROUND_HALF_UP)


def added(lines: Iterable[Mapping[str, Any]], *names: str) -> Decimal:
    """What lines come to, per unit as sent x quantity, rounded once.

    The first of `names` that a line has a value for counts.
    """
    found = (
        exact(next((line[name] for name in names if line.get(name) is not None), None))
        * line["quantity"]
        for line in lines
    )
    return sum(found, start=Decimal(0)).quantize(CENT, ROUND_HALF_UP)


def of_lines(lines: Sequence[Mapping[str, Any]], name: str) -> list[Decimal]:
    """What each line comes to: whole cents that add up to what all of them come to.

    The cents over the whole ones of each line go to the largest fractions of a cent.
    """
    products = [exact(line[name]) * line["quantity"] for line in lines]
    parts = [product.quantize(CENT, ROUND_FLOOR) for product in products]
    left = int((added(lines, name) - sum(parts)) / CENT)
    places = range(len(lines))
    for place in sorted(places, key=lambda at: (parts[at] - products[at], at))[:left]:
        parts[place] += CENT
    return parts


@dataclass(frozen=True)
class Expected:
    """The amounts that `marts.orders` must hold for one order."""

    order_id: int
    site_id: str
    order_status: str
    sold_date: date | None
    is_gross_sale: bool
    is_sale: bool
    completeness: str
    total_amount: Decimal
    taxes_amount: Decimal | None
    shipping_amount: Decimal | None
    total_amount_with_shipping: Decimal | None
    total_amount_with_full_shipping: Decimal | None
    sale_fee_amount: Decimal | None
    marketplace_fee_amount: Decimal | None
    seller_shipping_amount: Decimal | None
    refunded_amount: Decimal | None
    net_proceeds_amount: Decimal | None
    total_amount_with_shipping_reporting: Decimal | None


def largest_remainder(
    amount: Decimal, weights: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """Split an amount by weight into whole cents that add up; ties by the lower key."""
    cents = int(amount * 100)
    shares = {key: Fraction(weight) for key, weight in weights.items()}
    if not sum(shares.values()):
        shares = dict.fromkeys(shares, Fraction(1))
    whole = sum(shares.values())
    exact = {key: cents * share / whole for key, share in shares.items()}
    parts = {key: int(part) for key, part in exact.items()}
    left = cents - sum(parts.values())
    by_remainder = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in by_remainder[:left]:
        parts[key] += 1
    return {key: Decimal(part) * CENT for key, part in parts.items()}


class Oracle:
    """Expected amounts of every order of a world, as it is now."""

    def __init__(
        self,
        world: World,
        *,
        reporting: str | None = None,
        with_costs: bool = False,
        missing: frozenset[int] = frozenset(),
    ) -> None:
        self._world = world
        self._reporting = reporting
        self._with_costs = with_costs
        self._missing = missing
        self._orders = {one: world.order(one) for one in world.order_ids()}
        self._siblings: dict[int, list[int]] = defaultdict(list)
        for order_id, order in self._orders.items():
            if order["shipping"]["id"] is not None:
                self._siblings[int(order["shipping"]["id"])].append(order_id)

    def expected(self) -> dict[int, Expected]:
        """Every order's amounts."""
        return {order_id: self._expect(order_id) for order_id in self._orders}

    def _expect(self, order_id: int) -> Expected:
        order = self._orders[order_id]
        currency = order["currency_id"]
        tags = order["tags"] or []
        cancel = order.get("cancel_detail") or {}
        total = money(order["total_amount"])
        assert total is not None
        closed = order["date_closed"]
        is_gross = (
            closed is not None
            and "test_order" not in tags
            and cancel.get("code") != "pack_splitted"
        )
        is_sale = is_gross and order["status"] in KEPT
        taxes = self._taxes(order)
        whole, part, seller_part, state, status = self._shipping(order_id)
        completeness = state
        if state in ("complete", "no_shipment") and taxes is None:
            completeness = "exchange_rate_missing"
        with_shipping = full = None
        if taxes is not None and part is not None and whole is not None:
            with_shipping = total + taxes + part
            full = total + taxes + whole
        fee = added(order["order_items"], "sale_fee")
        refunded = self._refunded(order)
        net: Decimal | None
        if is_sale:
            net = None
            if seller_part is not None and refunded is not None:
                net = total - fee - seller_part - refunded
        elif order["shipping"]["id"] is None:
            net = Decimal("0.00")
        elif status in TRAVELLED:
            net = None if seller_part is None else -seller_part
        else:
            net = None if status is None else Decimal("0.00")
        return Expected(
            order_id=order_id,
            site_id=self._world.site(int(order["seller"]["id"])).id,
            order_status=order["status"],
            sold_date=self._sold(order),
            is_gross_sale=is_gross,
            is_sale=is_sale,
            completeness=completeness,
            total_amount=total,
            taxes_amount=taxes,
            shipping_amount=part,
            total_amount_with_shipping=with_shipping,
            total_amount_with_full_shipping=full,
            sale_fee_amount=fee,
            marketplace_fee_amount=self._marketplace_fee(order),
            seller_shipping_amount=seller_part,
            refunded_amount=refunded,
            net_proceeds_amount=net,
            total_amount_with_shipping_reporting=self._report(with_shipping, currency),
        )

    def _sold(self, order: Mapping[str, Any]) -> date | None:
        if order["date_closed"] is None:
            return None
        site = self._world.site(int(order["seller"]["id"])).id
        moment = datetime.fromisoformat(order["date_closed"]).astimezone(UTC)
        return moment.astimezone(ZoneInfo(ZONES[site])).date()

    def _convert(self, amount: Decimal, origin: str, target: str) -> Decimal | None:
        """The only rounding of what is converted, or of what need not be."""
        if origin == target:
            return money(amount)
        ratio = self._world.exchange_rate(origin, target)
        return None if ratio is None else money(amount * ratio)

    def _report(self, amount: Decimal | None, currency: str) -> Decimal | None:
        if amount is None or self._reporting is None:
            return None
        return self._convert(amount, currency, self._reporting)

    def _taxes(self, order: Mapping[str, Any]) -> Decimal | None:
        taxes = order["taxes"] or {}
        amount = exact(taxes.get("amount"))
        if not amount:
            return Decimal("0.00")
        origin = taxes.get("currency_id") or order["currency_id"]
        return self._convert(amount, origin, order["currency_id"])

    def _shipping(
        self, order_id: int
    ) -> tuple[Decimal | None, Decimal | None, Decimal | None, str, str | None]:
        """Whole cost, this order's part, the seller's part, state, shipment status."""
        identity = self._orders[order_id]["shipping"]["id"]
        nothing = Decimal("0.00")
        if identity is None:
            return nothing, nothing, nothing, "no_shipment", None
        if int(identity) in self._missing:
            return None, None, None, "shipment_missing", None
        shipment = self._world.shipment(int(identity))
        status = shipment["status"]
        weights = {
            # To the cent: 9990.840000000002 is no more than 9990.84.
            one: max(money(self._orders[one]["total_amount"]) or nothing, nothing)
            for one in self._siblings[int(identity)]
        }
        seller_part = None
        if self._with_costs:
            seller = int(self._orders[order_id]["seller"]["id"])
            senders = self._world.shipment_costs(int(identity))["senders"]
            cost = sum(
                (
                    money(one["cost"]) or nothing
                    for one in senders
                    if int(one["user_id"]) == seller
                ),
                start=nothing,
            )
            seller_part = largest_remainder(cost, weights)[order_id]
        lead_time = shipment.get("lead_time") or {}
        whole = money(lead_time.get("cost"))
        if whole is None:
            return None, None, seller_part, "shipment_pending", status
        part = largest_remainder(whole, weights)[order_id]
        return whole, part, seller_part, "complete", status

    @staticmethod
    def _refunded(order: Mapping[str, Any]) -> Decimal | None:
        amounts = [
            money(one.get("transaction_amount_refunded")) or Decimal("0.00")
            for one in order["payments"]
        ]
        return sum(amounts, start=Decimal("0.00"))

    @staticmethod
    def _marketplace_fee(order: Mapping[str, Any]) -> Decimal | None:
        amounts = [
            money(one.get("marketplace_fee")) or Decimal("0.00")
            for one in order["payments"]
        ]
        return sum(amounts, start=Decimal("0.00"))


def ledger(expected: Expected, order: Mapping[str, Any]) -> dict[str, Decimal | None]:
    """The entries that `marts.order_ledger` must hold for one order, by name."""
    line = added(order["order_items"], "unit_price")
    full = added(order["order_items"], "full_unit_price", "unit_price")
    entries: dict[str, Decimal | None] = {"items": full}
    if line != full:
        entries["discounts"] = line - full
    if line != expected.total_amount:
        entries["total_difference"] = expected.total_amount - line
    if not expected.is_sale:
        entries["not_a_sale"] = -expected.total_amount
        if expected.net_proceeds_amount != 0:
            entries["seller_shipping"] = expected.net_proceeds_amount
        return entries
    for name, amount in (
        ("refund", expected.refunded_amount),
        ("sale_fee", expected.sale_fee_amount),
        ("seller_shipping", expected.seller_shipping_amount),
    ):
        if amount != 0:
            entries[name] = None if amount is None else -amount
    coupon = money((order.get("coupon") or {}).get("amount"))
    for name, back, passing in (
        ("buyer_shipping", "buyer_shipping_passed_on", expected.shipping_amount),
        ("taxes", "taxes_passed_on", expected.taxes_amount),
        ("coupon_paid", "coupon", coupon),
    ):
        if passing:
            entries[name], entries[back] = passing, -passing
    return entries
