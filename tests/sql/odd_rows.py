"""Rows of core that no seller has all at once, at random: the same for the same seed.

Carts in two currencies, currencies without cents, fractions of a cent, fees, amounts,
shipments and rates that nobody told, payments in words that are not known.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Rows = dict[str, list[dict[str, Any]]]

SELLERS: Mapping[int, tuple[str, Sequence[str]]] = {
    1: ("MLB", ["BRL"]),
    2: ("MLC", ["CLP"]),
    3: ("MLU", ["UYU", "USD"]),
}
WORTH = {"BRL": Decimal("5.3"), "CLP": Decimal(931), "UYU": Decimal(40)}
STARTS = datetime(2026, 8, 20, tzinfo=UTC)
MONTH_ENDS = datetime(2026, 11, 1, 3, tzinfo=UTC)
MINUTES = 60 * 24 * 90
STATUSES: Mapping[str, int] = {
    "paid": 60,
    "cancelled": 14,
    "confirmed": 6,
    "partially_refunded": 6,
    "payment_required": 3,
    "partially_paid": 3,
    "pending_cancel": 3,
    "odd": 2,
    "invalid": 3,
}
PAYMENTS: Mapping[tuple[str, str | None], int] = {
    ("approved", "accredited"): 50,
    ("refunded", "refunded"): 9,
    ("refunded", "bpp_covered"): 6,
    ("approved", "partially_refunded"): 6,
    ("rejected", None): 6,
    ("in_mediation", None): 5,
    ("pending", None): 3,
    ("charged_back", "settled"): 4,
    ("charged_back", None): 3,
    ("refunded", "by_admin"): 3,
    ("beamed", None): 2,
    ("approved", "partially_bpp_covered"): 3,
}


class OddRows:
    """One world of rows; `rows` has them by table."""

    def __init__(self, seed: int, orders: int, reporting: str) -> None:
        self._random = random.Random(seed)
        self.rows: Rows = {
            "core.sellers": [
                {
                    "seller_id": seller,
                    "site_id": site,
                    "reporting_currency_id": reporting,
                }
                for seller, (site, _) in SELLERS.items()
            ],
            **{f"core.{name}": [] for name in ("orders", "order_items", "payments")},
            **{f"core.{name}": [] for name in ("packs", "pack_orders", "shipments")},
            **{f"core.{name}": [] for name in ("shipment_costs", "order_discounts")},
            **{f"core.{name}": [] for name in ("exchange_rates", "item_costs")},
        }
        for order_id in range(1, orders + 1):
            self._order(order_id)
        self._carts()
        self._rates()
        self._costs()

    def _one(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _of(self, weights: Mapping[Any, int]) -> Any:
        return self._random.choices([*weights], [*weights.values()])[0]

    def _is(self, percent: int) -> bool:
        return self._random.random() * 100 < percent

    def _amount(self, currency: str, most: int = 30_000) -> Decimal:
        """Whole pesos; elsewhere cents, or fractions of them, as sent."""
        number = Decimal(self._random.randint(1, most))
        if currency == "CLP":
            return number
        return number / (1000 if self._is(15) else 100)

    def _order(self, order_id: int) -> None:
        seller = self._one(*SELLERS)
        site, currencies = SELLERS[seller]
        currency = self._one(*currencies)
        near = MONTH_ENDS + timedelta(minutes=self._random.randint(-400, 400))
        far = STARTS + timedelta(minutes=self._random.randint(0, MINUTES))
        closed = near if self._is(40) else far
        # Half of the orders of a seller lie in one of a few carts, each one parcel.
        cart = 500 + seller * 10 + self._random.randint(0, 9) if self._is(50) else None
        alone = None if self._is(25) else 7000 + order_id
        status = self._of(STATUSES)
        lines = [
            self._line(order_id, number, currency)
            for number in range(1, self._of({1: 60, 2: 25, 4: 15}) + 1)
        ]
        sent = [one["unit_price_sent"] * one["quantity"] for one in lines]
        goods = rounded(sum(sent, Decimal(0)), currency)
        has_code = status == "cancelled" and self._is(70)
        local = closed - timedelta(hours=3)
        when = {"closed_at": closed, "sold_date": local.date(), "sold_hour": local.hour}
        tax = None if self._is(80) else self._amount("USD", 3000)
        self.rows["core.orders"].append(
            {
                **when,
                "order_id": order_id,
                "seller_id": seller,
                "site_id": site,
                "order_status": status,
                "currency_id": currency,
                "buyer_id": None if self._is(8) else self._random.randint(1, 15),
                "pack_id": cart,
                "shipment_id": alone if cart is None else 6000 + cart,
                "total_amount": goods,
                "coupon_amount": self._one(None, None, None, self._cents(currency, 99)),
                "taxes_amount": None if tax is None else rounded(tax, "USD"),
                "taxes_amount_sent": tax,
                "taxes_currency_id": "USD",
                "tags": self._one("[]", "[]", "[]", "[unfulfilled]", "[delivered]"),
                "is_mshops": self._is(20),
                "channel": self._one(None, "marketplace", "mshops"),
                "cancel_group": self._one("buyer", None) if has_code else None,
                "cancel_code": self._one("no_stock", "pack_splitted", None)
                if has_code
                else None,
                "is_test_order": self._is(3),
            }
        )
        self.rows["core.order_items"].extend(lines)
        for number in range(self._of({0: 6, 1: 74, 2: 20})):
            self._payment(order_id, number, currency, goods)
        for number in range(self._of({0: 70, 1: 25, 2: 5})):
            worth = self._cents(currency, 200)
            self.rows["core.order_discounts"].append(
                {
                    "order_id": order_id,
                    "line_number": number + 1,
                    "discount_type": self._one("coupon", "discount"),
                    "total_amount": worth,
                    "seller_amount": self._one(None, 0, worth),
                }
            )

    def _cents(self, currency: str, most: int) -> Decimal:
        return rounded(self._amount(currency, most), currency)

    def _line(self, order_id: int, number: int, currency: str) -> dict[str, Any]:
        price = Decimal(0) if self._is(4) else self._amount(currency)
        full = self._one(None, None, price, price + self._amount(currency, 900))
        fee = None if self._is(6) else (price * 13 / 100).quantize(Decimal("0.001"))
        sent = {"unit_price": price, "full_unit_price": full, "sale_fee": fee}
        row: dict[str, Any] = {
            "order_id": order_id,
            "line_number": number,
            "currency_id": currency,
            "item_id": None if self._is(3) else f"MLB{self._random.randint(1, 9)}",
            "variation_id": self._one(None, 1),
            "seller_sku": self._one(None, "SKU-1", "SKU-2", "SKU-3"),
            "category_id": self._one(None, "C1", "C2"),
            "listing_type_id": self._one(None, "gold_special", "gold_pro"),
            "quantity": self._one(1, 1, 1, 2, 3, 7),
        }
        for name, value in sent.items():
            row[f"{name}_sent"] = value
            column = "sale_fee_amount" if name == "sale_fee" else name
            row[column] = None if value is None else rounded(value, currency)
        return row

    def _payment(
        self, order_id: int, number: int, currency: str, goods: Decimal
    ) -> None:
        status, detail = self._of(PAYMENTS)
        amount = goods if number == 0 else rounded(goods / 3, currency)
        changed = STARTS + timedelta(minutes=self._random.randint(0, MINUTES))
        part = rounded(amount * self._random.randint(1, 99) / 100, currency)
        has_back = status == "refunded" or "partially" in (detail or "")
        self.rows["core.payments"].append(
            {
                "order_id": order_id,
                "payment_id": 10 * order_id + number,
                "payment_status": status,
                "status_detail": detail,
                "payment_type": self._one(None, "credit_card", "account_money"),
                "payment_method_id": self._one(None, "pix", "visa"),
                "installments": self._one(None, 1, 6),
                "currency_id": "USD" if self._is(2) else currency,
                "transaction_amount": amount,
                "transaction_amount_refunded": self._one(0, part, amount)
                if has_back or self._is(8)
                else 0,
                "shipping_cost_amount": self._one(None, 0, self._cents(currency, 999)),
                "marketplace_fee_amount": self._one(None, 0, part),
                "updated_at": changed,
                "updated_date": changed.date(),
            }
        )

    def _carts(self) -> None:
        parcels: dict[int, dict[str, Any]] = {}
        for order in self.rows["core.orders"]:
            if order["shipment_id"] is not None:
                parcels.setdefault(order["shipment_id"], order)
        for cart in sorted({one["pack_id"] or 0 for one in self.rows["core.orders"]}):
            if cart and not self._is(15):
                self.rows["core.packs"].append({"pack_id": cart})
                named = [
                    one["order_id"]
                    for one in self.rows["core.orders"]
                    if one["pack_id"] == cart
                ]
                self.rows["core.pack_orders"] += [
                    {"pack_id": cart, "order_id": one}
                    for one in [*named, *([990_000 + cart] if self._is(8) else [])]
                ]
        for parcel, order in parcels.items():
            if self._is(6):
                continue
            currency = order["currency_id"] if self._is(85) else self._one("USD", "CLP")
            cost = None if self._is(20) else self._amount(currency, 4000)
            ids = {"shipment_id": parcel, "seller_id": order["seller_id"]}
            self.rows["core.shipments"].append(
                {
                    **ids,
                    "shipment_status": self._one(
                        "delivered", "shipped", "pending", "?"
                    ),
                    "logistic_type": self._one("fulfillment", "self_service", "new"),
                    "currency_id": currency,
                    "lead_time_cost_amount": None
                    if cost is None
                    else rounded(cost, currency),
                    "lead_time_cost_sent": cost,
                    "lead_time_cost_source": None if cost is None else "lead_time",
                    "state_id": self._one(None, "BR-SP"),
                }
            )
            if self._is(75):
                own = self._cents(currency, 3000)
                self.rows["core.shipment_costs"].append(
                    {**ids, "seller_cost_amount": self._one(0, own, own)}
                )

    def _rates(self) -> None:
        """Not of all pairs: pesos of Uruguay are worth something one way only."""
        for currency, worth in WORTH.items():
            for day in (date(2026, 8, 1), date(2026, 10, 31)):
                into = {"from_currency_id": "USD", "to_currency_id": currency}
                back = {"from_currency_id": currency, "to_currency_id": "USD"}
                for pair, ratio in ((into, worth), (back, 1 / worth)):
                    if pair["from_currency_id"] != "UYU":
                        on_the_day = ratio * (100 + day.month) / 100
                        told = on_the_day.quantize(Decimal("0.000000000001"))
                        self.rows["core.exchange_rates"].append(
                            {"rate_date": day, "ratio": told, **pair}
                        )

    def _costs(self) -> None:
        for sku in ("SKU-1", "SKU-2"):
            for seller in (0, 0, self._one(1, 2)):
                for day in (date(2026, 9, 1), date(2026, 11, 1)):
                    row = {
                        "seller_id": seller,
                        "seller_sku": sku,
                        "valid_from": day,
                        "currency_id": self._one("BRL", "CLP"),
                        "unit_cost": Decimal(self._random.randint(0, 10**6)) / 1000,
                    }
                    names = ("seller_id", "seller_sku", "valid_from", "currency_id")
                    held = self.rows["core.item_costs"]
                    if all(any(one[n] != row[n] for n in names) for one in held):
                        held.append(row)


def rounded(value: Decimal, currency: str) -> Decimal:
    """To the currency's own decimals, half away from zero."""
    unit = Decimal(1) if currency == "CLP" else Decimal("0.01")
    return value.quantize(unit, ROUND_HALF_UP)
