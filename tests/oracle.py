"""What each order is worth, worked out a second time: plain Python and Decimal.

No SQL, no polars, nothing of ours: it reads the sandbox's own objects and the words of
the contract (docs/money.md), quoted beside each rule, so that a wrong figure of the
warehouse would have to be wrong twice, in two languages, in the same way. Payments and
rounding are in `oracle_money`, outcomes in `oracle_reading`, shipments in
`oracle_shipping`, days, months, items and events in `oracle_sums`. What adds up what is
published is in `oracle_above` and `oracle_lines`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle_money import (
    ZERO,
    Object,
    added,
    exact,
    money,
    negative,
    products,
    refunds,
    rounded,
    total,
    whole,
)
from tests.oracle_shipping import Parcel, Parcels

# "a fraud risk asks for something until the order is cancelled or has arrived"
ARRIVED = {"delivered", "not_delivered", "cancelled"}
STILL_STANDS = {"sale", "unpaid", "open", "unknown"}
MAY_BE_PAID = {
    "confirmed",
    "payment_required",
    "payment_in_process",
    "partially_paid",
}
TRAVELLED = {"shipped", "delivered", "not_delivered"}
STAYED = {"to_be_agreed", "pending", "handling", "ready_to_ship", "cancelled"}
PROCEEDS_INPUTS = {
    "sale_fee_amount": -1,
    "sale_fee_returned_amount": 1,
    "seller_shipping_amount": -1,
    "seller_compensation_amount": 1,
    "shipping_income_amount": 1,
    "refunded_amount": -1,
    "seller_coupon_amount": -1,
}
"""What an estimate adds to, or takes from, the goods of a sale."""


@dataclass(frozen=True)
class Expected:
    """The row that `marts.orders` must hold for one order."""

    order_id: int
    seller_id: int
    site_id: str
    pack_id: int | None
    shipment_id: int | None
    order_status: str
    currency_id: str
    sold_date: date | None
    sold_hour: int | None
    outcome: str
    is_gross_sale: bool
    is_sale: bool
    completeness: str
    total_amount: Decimal
    full_price_amount: Decimal | None
    discount_amount: Decimal | None
    seller_discount_amount: Decimal | None
    taxes_amount: Decimal | None
    lead_time_cost_amount: Decimal | None
    shipping_amount: Decimal | None
    shipping_source: str | None
    shipping_income_amount: Decimal | None
    total_amount_with_shipping: Decimal | None
    total_amount_with_full_shipping: Decimal | None
    sale_fee_amount: Decimal | None
    sale_fee_returned_amount: Decimal | None
    marketplace_fee_amount: Decimal | None
    coupon_amount: Decimal | None
    seller_coupon_amount: Decimal | None
    seller_shipping_amount: Decimal | None
    seller_compensation_amount: Decimal | None
    refunded_amount: Decimal | None
    covered_amount: Decimal | None
    disputed_amount: Decimal
    estimated_proceeds_amount: Decimal | None
    unknown_inputs: frozenset[str]
    total_amount_with_shipping_reporting: Decimal | None
    estimated_proceeds_amount_reporting: Decimal | None
    channel: str | None
    is_mshops: bool
    is_fraud_risk: bool
    is_to_be_cancelled: bool
    is_awaiting_payment: bool
    is_kit_component: bool
    is_fulfilled: bool
    is_change_requested: bool
    is_return_requested: bool
    mediation_count: int
    purchase_rating: str | None
    sale_rating: str | None
    expires_at: datetime | None


class Oracle(Parcels):
    """Expected rows of every order of a world, as it is now; see `Reading`."""

    def expected(self) -> dict[int, Expected]:
        """Every order's row."""
        return {order_id: self._expect(order_id) for order_id in self.orders}

    def _expect(self, order_id: int) -> Expected:
        order, payments = self.orders[order_id], self.payments[order_id]
        currency = str(order["currency_id"])
        goods = rounded(exact(order["total_amount"]), currency)
        taxes = self._taxes(order)
        parcel = self.parcel(order_id)
        state = parcel.completeness
        if state in ("complete", "no_shipment") and taxes is None:
            state = "exchange_rate_missing"
        # "In the last three the totals are null."
        known = state in ("complete", "no_shipment")
        with_shipping = whole([goods, taxes, parcel.part]) if known else None
        fee = added(products(order["order_items"], "sale_fee"), currency)
        back = whole(refunds(payments, goods).values())
        coupon = self._coupon(order_id)
        amounts: dict[str, Decimal | None] = {
            "sale_fee_amount": fee,
            "sale_fee_returned_amount": self._fee_returned(order_id, fee, back, goods),
            "seller_shipping_amount": parcel.seller_part,
            "seller_compensation_amount": parcel.compensation,
            "shipping_income_amount": parcel.income,
            "refunded_amount": back,
            "seller_coupon_amount": self._seller_coupon(order_id, coupon),
        }
        proceeds, unknown = self._proceeds(order_id, goods, amounts, parcel)
        full, discount, seller_discount = self._discounts(order_id, goods)
        local = self.local(order_id, self.closed(order_id))
        pack = order.get("pack_id")
        facts: dict[str, Any] = {**amounts, **self._said(order_id, parcel)}
        return Expected(
            order_id=order_id,
            seller_id=int(order["seller"]["id"]),
            site_id=self.site(order_id),
            pack_id=None if pack is None else int(pack),
            shipment_id=self.shipment_id(order_id),
            order_status=order["status"],
            currency_id=currency,
            sold_date=None if local is None else local.date(),
            sold_hour=None if local is None else local.hour,
            outcome=self.outcomes[order_id],
            is_gross_sale=self.is_gross(order_id),
            is_sale=self.is_sale(order_id),
            completeness=state,
            total_amount=goods,
            full_price_amount=full,
            discount_amount=discount,
            seller_discount_amount=seller_discount,
            taxes_amount=taxes,
            lead_time_cost_amount=parcel.whole,
            shipping_amount=parcel.part,
            shipping_source=parcel.source,
            total_amount_with_shipping=with_shipping,
            # "the documented formula word for word"
            total_amount_with_full_shipping=whole([goods, taxes, parcel.whole])
            if known
            else None,
            # "Σ of payments that took money"
            marketplace_fee_amount=whole(
                money(one.payment.get("marketplace_fee"), currency)
                for one in payments
                if one.took_money
            ),
            coupon_amount=coupon,
            # "returned by Mercado Libre"; "`in_mediation`, `charged_back` not settled"
            covered_amount=whole(one.covered for one in payments),
            disputed_amount=total(one.disputed for one in payments),
            estimated_proceeds_amount=proceeds,
            unknown_inputs=unknown,
            total_amount_with_shipping_reporting=self._report(with_shipping, currency),
            estimated_proceeds_amount_reporting=self._report(proceeds, currency),
            **facts,
        )

    def _said(self, order_id: int, parcel: Parcel) -> dict[str, Any]:
        """What is known of an order besides its money."""
        order, outcome = self.orders[order_id], self.outcomes[order_id]
        tags, status = set(order.get("tags") or ()), order["status"]
        requests = order.get("order_request") or {}
        expires = order.get("expiration_date")
        is_open = outcome in STILL_STANDS and status not in ("cancelled", "invalid")
        has_arrived = (
            parcel.status in ARRIVED
            or "delivered" in tags
            or bool(order.get("fulfilled"))
        )
        return {
            "channel": (order.get("context") or {}).get("channel"),
            "is_mshops": "mshops" in tags,
            "is_fraud_risk": "fraud_risk_detected" in tags,
            "is_to_be_cancelled": "fraud_risk_detected" in tags
            and is_open
            and not has_arrived,
            "is_awaiting_payment": outcome in ("unpaid", "open")
            and status in MAY_BE_PAID
            and "manually_cancelled" not in tags,
            "is_kit_component": "bundle_component" in tags,
            "is_fulfilled": bool(order.get("fulfilled")),
            "is_change_requested": bool(requests.get("change")),
            "is_return_requested": bool(requests.get("return")),
            "mediation_count": len(order.get("mediations") or ()),
            "purchase_rating": _rating(order, "purchase", "buyer"),
            "sale_rating": _rating(order, "sale", "seller"),
            "expires_at": None
            if expires is None
            else datetime.fromisoformat(expires).astimezone(UTC),
        }

    def _report(self, amount: Decimal | None, currency: str) -> Decimal | None:
        if amount is None or self._reporting is None:
            return None
        return self.convert(amount, currency, self._reporting)

    def _taxes(self, order: Object) -> Decimal | None:
        """ "`taxes.amount` in the order's currency; null in the API = 0"."""
        taxes = order.get("taxes") or {}
        amount = exact(taxes.get("amount"))
        origin = taxes.get("currency_id") or order["currency_id"]
        return self.convert(amount, origin, order["currency_id"]) if amount else ZERO

    def _fee_returned(
        self, order_id: int, fee: Decimal | None, back: Decimal | None, goods: Decimal
    ) -> Decimal | None:
        """ "fee x refunded ÷ total; all of it when cancelled; none where Mercado Libre
        covered": what it covered is not in `refunded`."""
        if self.outcomes[order_id] == "cancelled":
            return fee
        if fee is None or back is None:
            return None
        if not goods:
            return ZERO
        share = min(Fraction(back) / Fraction(goods), Fraction(1))
        return rounded(Fraction(fee) * share, self.orders[order_id]["currency_id"])

    def _proceeds(
        self,
        order_id: int,
        goods: Decimal,
        amounts: Mapping[str, Decimal | None],
        parcel: Parcel,
    ) -> tuple[Decimal | None, frozenset[str]]:
        """The estimate, and the inputs that nobody told."""
        if self.is_sale(order_id):
            unknown = {one for one in PROCEEDS_INPUTS if amounts[one] is None}
            signed = (
                (amounts[one] or ZERO) * sign for one, sign in PROCEEDS_INPUTS.items()
            )
            return None if unknown else goods + total(signed), frozenset(unknown)
        # "of any other outcome 0, less the seller's shipping once it travelled"
        if parcel.completeness == "no_shipment":
            return ZERO, frozenset()
        if parcel.status in STAYED or parcel.seller_part == 0:
            return ZERO, frozenset()
        if parcel.status is not None and parcel.status not in TRAVELLED:
            return None, frozenset({"shipment_status"})
        cost = parcel.seller_part if parcel.status in TRAVELLED else None
        is_unknown = {"seller_shipping_amount"} if cost is None else set()
        return negative(cost), frozenset(is_unknown)

    def _answer(self, order_id: int, kind: str) -> list[Object] | None:
        """The lines of `/orders/{id}/discounts` of a kind, if anybody told."""
        ask = getattr(self._world, "discounts", None)
        if self._with_discounts == "none" or ask is None:
            return None
        if self.home(order_id) == "CBT":  # Global Selling documents no such answer
            return None
        details = (ask(order_id) or {}).get("details") or []
        of_kind = [detail for detail in details if detail.get("type") == kind]
        if not of_kind:
            return None
        return [line for detail in of_kind for line in detail.get("items") or []]

    def _told(self, order_id: int, kind: str) -> Decimal | None:
        """The seller's share of a kind: line totals, added; null where not told."""
        answer = self._answer(order_id, kind)
        if answer is None:
            return None
        shares = [(line.get("amounts") or {}).get("seller") for line in answer]
        exacts = [None if one is None else Fraction(exact(one)) for one in shares]
        return added(exacts, self.orders[order_id]["currency_id"])

    def _coupon(self, order_id: int) -> Decimal | None:
        """ "order's coupon, else Σ payments'": of those that took money.

        Else that of `/orders/{id}/discounts`.
        """
        order = self.orders[order_id]
        told = money((order.get("coupon") or {}).get("amount"), order["currency_id"])
        if told:
            return told
        paid = total(
            money(one.payment.get("coupon_amount"), order["currency_id"])
            for one in self.payments[order_id]
            if one.took_money
        )
        return paid or total(
            money((line.get("amounts") or {}).get("total"), order["currency_id"])
            for line in self._answer(order_id, "coupon") or ()
        )

    def _seller_coupon(self, order_id: int, coupon: Decimal | None) -> Decimal | None:
        """ "null while a coupon is there and nobody told"."""
        return self._told(order_id, "coupon") if coupon else ZERO

    def _discounts(
        self, order_id: int, goods: Decimal
    ) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
        """ "goods before price discounts, the discount, the seller's part of it (null
        where not told)"."""
        order = self.orders[order_id]
        fulls: list[Fraction | None] = []
        sellers: list[Fraction | None] = []
        for line in order["order_items"]:
            entries = [one.get("amounts") or {} for one in line.get("discounts") or []]
            sums = {
                name: sum((Fraction(exact(one[name])) for one in entries), Fraction())
                if entries and all(one.get(name) is not None for one in entries)
                else None
                for name in ("full", "seller")
            }
            fulls.append(_full(line, sums["full"]))
            seller, count = sums["seller"], line["quantity"]
            is_none = not entries and fulls[-1] == Fraction(
                exact(line["unit_price"])
            ) * (count)
            sellers.append(
                Fraction() if is_none else None if seller is None else seller * count
            )
        full = added(fulls, order["currency_id"])
        discount = None if full is None else full - goods
        if discount == 0:
            return full, discount, ZERO
        told = added(sellers, order["currency_id"])
        return (
            full,
            discount,
            self._told(order_id, "discount") if told is None else told,
        )


def _rating(order: Object, *names: str) -> str | None:
    """What one side said; each era has a name of its own for it."""
    sides = [(order.get("feedback") or {}).get(name) or {} for name in names]
    return next((str(one["rating"]) for one in sides if one.get("rating")), None)


def _full(line: Object, discount: Fraction | None) -> Fraction:
    """What a line costs before price discounts, as it is told."""
    price, quantity = Fraction(exact(line["unit_price"])), int(line["quantity"])
    if discount is not None:
        return (price + discount) * quantity
    if line.get("full_unit_price") is not None:
        return max(Fraction(exact(line["full_unit_price"])), price) * quantity
    return max(Fraction(exact(line.get("gross_price"))), price * quantity)
