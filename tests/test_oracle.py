"""The oracle itself, on objects made by hand: the right values of the money audit.

Each test is one finding (W1 to W15): goods 100, fee 10 in reais unless said.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from tests.oracle import Expected, Oracle
from tests.oracle_money import cut, rounded
from tests.oracle_sums import Sums

SELLER = 700100200
SHIPMENT = 46000000001
NOTHING = Decimal("0.00")


def d(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(one) for one in amounts)


@dataclass
class Hand:
    """A world made by hand: of one seller."""

    orders: dict[int, dict[str, Any]]
    shipments: dict[int, dict[str, Any]] = field(default_factory=dict)
    costs: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    rates: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    site_id: str = "MLB"
    currency_id: str = "BRL"

    def order_ids(self) -> list[int]:
        return list(self.orders)

    def order(self, order_id: int) -> dict[str, Any]:
        return self.orders[order_id]

    def site(self, seller_id: int) -> Any:
        return SimpleNamespace(id=self.site_id, currency_id=self.currency_id)

    def shipment(self, shipment_id: int) -> dict[str, Any]:
        return self.shipments[shipment_id]

    def shipment_costs(self, shipment_id: int) -> dict[str, Any]:
        return self.costs[shipment_id]

    def discounts(self, order_id: int) -> dict[str, Any]:
        return self.answers.get(order_id, {"details": []})

    def exchange_rate(self, from_: str, to: str) -> Decimal | None:
        return self.rates.get((from_, to))


def paid(number: int = 1, **more: Any) -> dict[str, Any]:
    """A payment of 100 that was approved."""
    payment = {
        "id": 90000000000 + number,
        "status": "approved",
        "status_detail": "accredited",
        "transaction_amount": 100,
        "transaction_amount_refunded": 0,
        "marketplace_fee": 10,
        "date_approved": "2026-09-30T21:30:00.000-04:00",
        "date_last_modified": "2026-11-05T10:00:00.000-04:00",
    }
    return payment | more


def sold(number: int = 1, **more: Any) -> dict[str, Any]:
    """An order of 100 with a fee of 10, paid and closed, without a shipment."""
    amount = more.get("total_amount", 100)
    order = {
        "id": number,
        "status": "paid",
        "currency_id": "BRL",
        "date_closed": "2026-09-30T21:31:00.000-04:00",
        "last_updated": "2026-11-06T10:00:00.000-04:00",
        "total_amount": amount,
        "pack_id": None,
        "seller": {"id": SELLER},
        "shipping": {"id": None},
        "tags": [],
        "taxes": {"amount": None},
        "order_items": [
            {
                "item": {"id": "MLB1"},
                "quantity": 1,
                "unit_price": amount,
                "full_unit_price": amount,
                "sale_fee": 10,
                "discounts": None,
            }
        ],
        "payments": [paid(number)],
    }
    return order | more


def shipped(number: int = 1, **more: Any) -> dict[str, Any]:
    return sold(number, shipping={"id": SHIPMENT}, **more)


def parcel(
    cost: float | None = None, kind: str = "drop_off", mode: str = "me2"
) -> dict[int, dict[str, Any]]:
    return {
        SHIPMENT: {
            "status": "delivered",
            "logistic": {"mode": mode, "type": kind},
            "lead_time": {"cost": cost, "currency_id": "BRL"},
        }
    }


def sent(cost: float = 0, **more: Any) -> dict[int, dict[str, Any]]:
    sender = {"user_id": SELLER, "cost": cost, "compensation": 0, "compensations": []}
    return {SHIPMENT: {"senders": [sender | more]}}


def sums(*orders: dict[str, Any], **more: Any) -> Sums:
    return Sums(Oracle(Hand({int(one["id"]): one for one in orders}, **more)))


def alone(order: dict[str, Any], **more: Any) -> Expected:
    return sums(order, **more).orders[int(order["id"])]


@pytest.mark.parametrize(
    ("order", "outcome"),
    [
        (sold(status="invalid"), "not_completed"),
        (sold(status="confirmed", payments=[]), "unpaid"),
        (
            sold(
                status="confirmed",
                payments=[paid(status="refunded", transaction_amount_refunded=100)],
            ),
            "not_completed",
        ),
        (sold(status="pending_cancel"), "cancelled"),
        (sold(status="payment_in_process", payments=[]), "unpaid"),
        (sold(status="partially_paid"), "unpaid"),
        (sold(tags=["manually_cancelled"]), "cancelled"),
        (sold(status="delivered_by_drone"), "unknown"),
    ],
)
def test_w1_what_is_no_sale_is_in_no_net_sales(
    order: dict[str, Any], outcome: str
) -> None:
    found = sums(order)
    row = found.orders[1]
    (month,) = [one for one in found.monthly().values() if one.order_count]

    assert (row.outcome, row.is_gross_sale, row.is_sale) == (outcome, True, False)
    assert row.estimated_proceeds_amount == NOTHING
    assert (month.gross_sales_amount, month.net_sales_amount) == d(100, 0)
    assert sum((one.amount or 0) for one in found.events()) == 0


def test_w2_an_unknown_refund_is_counted() -> None:
    charged = sold(2, payments=[paid(2, status="charged_back", status_detail=None)])
    found = sums(sold(), charged).monthly()[SELLER, "MLB", "BRL", date(2026, 9, 1)]

    assert (found.unknown_refund_count, found.unknown_proceeds_count) == (1, 1)


@pytest.mark.parametrize(
    ("refunded", "proceeds"), [("30", "63.00"), ("100", "0.00"), ("0", "90.00")]
)
def test_w3_the_fee_comes_back_with_the_refund(refunded: str, proceeds: str) -> None:
    row = alone(sold(payments=[paid(transaction_amount_refunded=Decimal(refunded))]))

    assert row.estimated_proceeds_amount == Decimal(proceeds)


def test_w3_a_share_of_the_fee_is_rounded_once() -> None:
    order = sold(total_amount=50001, currency_id="COP")
    order["order_items"][0]["sale_fee"] = Decimal("6500.50")
    order["payments"] = [
        paid(transaction_amount=50001, transaction_amount_refunded=20000)
    ]

    row = alone(order)

    assert row.sale_fee_returned_amount == Decimal("2600.15")
    assert row.estimated_proceeds_amount == Decimal("26100.65")


def test_w4_what_mercado_libre_covers_the_seller_keeps() -> None:
    covered = paid(
        status="refunded", status_detail="bpp_covered", transaction_amount_refunded=100
    )
    whole = shipped(status="cancelled", payments=[covered])
    row = alone(whole, shipments=parcel(0), costs=sent(8))

    assert (row.outcome, row.is_sale) == ("kept", True)
    assert (row.covered_amount, row.refunded_amount) == d(100, 0)
    assert row.estimated_proceeds_amount == Decimal("82.00")


def test_w4_a_part_that_mercado_libre_covers_costs_nothing() -> None:
    part = paid(status_detail="partially_bpp_covered", transaction_amount_refunded=40)

    row = alone(sold(payments=[part]))

    assert (row.covered_amount, row.estimated_proceeds_amount) == d(40, 90)


@pytest.mark.parametrize(
    ("status", "detail", "refunded", "disputed", "proceeds"),
    [
        ("charged_back", None, None, 100, None),
        ("charged_back", "settled", 100, 0, 0),
        ("charged_back", "reimbursed", 0, 0, 90),
        ("charged_back", "in_process", 0, 100, 90),
        ("in_mediation", None, 0, 100, 90),
        ("refunded", "refunded", None, 0, None),
        ("refunded", "by_admin", None, 0, None),
    ],
)
def test_w5_a_zero_is_not_taken_at_its_word(
    status: str,
    detail: str | None,
    refunded: int | None,
    disputed: int,
    proceeds: int | None,
) -> None:
    row = alone(sold(payments=[paid(status=status, status_detail=detail)]))

    assert row.refunded_amount == refunded
    assert row.disputed_amount == disputed
    assert row.estimated_proceeds_amount == proceeds
    if proceeds is None:
        assert row.unknown_inputs == {"refunded_amount", "sale_fee_returned_amount"}


@pytest.mark.parametrize(("seller", "proceeds"), [(20, 70), (8, 82), (0, 90)])
@pytest.mark.parametrize("on_order", [True, False])
def test_w6_a_coupon_is_the_sellers_as_far_as_it_is_told(
    seller: int, proceeds: int, on_order: bool
) -> None:
    order = sold()
    if on_order:
        order["coupon"] = {"amount": 20}
    else:
        order["payments"] = [paid(coupon_amount=20)]
    line = {"id": "MLB1", "quantity": 1, "amounts": {"total": 20, "seller": seller}}
    told = {1: {"details": [{"type": "coupon", "items": [line]}]}}

    row = alone(order, answers=told)

    assert (row.coupon_amount, row.seller_coupon_amount) == d(20, seller)
    assert row.estimated_proceeds_amount == proceeds


def test_w6_nobody_told_who_pays_a_coupon() -> None:
    row = alone(sold(coupon={"amount": 20}))

    assert row.estimated_proceeds_amount is None
    assert row.unknown_inputs == {"seller_coupon_amount"}


def test_w7_shipping_stays_with_the_sales() -> None:
    found = sums(
        shipped(1, pack_id=8001),
        shipped(2, pack_id=8001, total_amount=50),
        shipped(3, pack_id=8001, total_amount=Decimal("75.30"), status="cancelled"),
        shipments=parcel(18.90),
        costs=sent(),
    )
    parts = [one.shipping_amount for one in found.orders.values()]
    (month,) = [one for one in found.monthly().values() if one.order_count]

    assert parts == [Decimal("12.60"), Decimal("6.30"), NOTHING]
    assert month.shipping_amount == Decimal("18.90")


@pytest.mark.parametrize(
    "other",
    [
        shipped(
            2,
            status="cancelled",
            cancel_detail={"code": "pack_splitted"},
        ),
        shipped(2, status="payment_required", date_closed=None, payments=[]),
        shipped(2, tags=["test_order"]),
    ],
)
def test_w7_what_is_no_gross_sale_takes_no_shipping(other: dict[str, Any]) -> None:
    found = sums(shipped(), other, shipments=parcel(18.90), costs=sent(8)).orders
    only = sums(other, shipments=parcel(18.90), costs=sent(8)).orders

    assert found[1].shipping_amount == Decimal("18.90")
    assert (found[2].shipping_amount, found[2].estimated_proceeds_amount) == d(0, 0)
    assert only[2].shipping_amount == Decimal("18.90")


def test_w8_a_shipment_that_was_withheld_is_not_free() -> None:
    world = Hand({1: shipped()}, parcel(12), sent())
    row = Oracle(world, withheld=frozenset({1})).expected()[1]

    assert (row.completeness, row.total_amount_with_shipping) == (
        "shipment_pending",
        None,
    )


@pytest.mark.parametrize(
    ("order", "source"),
    [
        (shipped(payments=[paid(shipping_cost=12)]), "payments"),
        (shipped(shipping_cost=12, payments=[paid(shipping_cost=11)]), "order"),
        (
            shipped(shipping_cost=11, pack_id=9, payments=[paid(shipping_cost=12)]),
            "payments",
        ),
    ],
)
def test_w9_shipping_that_only_the_payment_tells(
    order: dict[str, Any], source: str
) -> None:
    row = alone(order, shipments=parcel(None), costs=sent())

    assert row.shipping_source == source
    assert row.completeness == "complete"
    assert row.total_amount_with_shipping == Decimal("112.00")


def test_w9_shipping_that_nobody_tells_is_pending() -> None:
    row = alone(shipped(), shipments=parcel(None), costs=sent())

    assert (row.completeness, row.shipping_amount) == ("shipment_pending", None)


def test_w10_money_back_to_the_account_is_no_sale() -> None:
    order = sold(tags=["unfulfilled"], payments=[paid(tags=["refund_account_money"])])
    found = sums(order)

    assert found.orders[1].outcome == "cancelled"
    assert found.orders[1].estimated_proceeds_amount == NOTHING
    assert sum(one.net_sales_amount for one in found.monthly().values()) == 0


@pytest.mark.parametrize(
    ("cost", "kind", "mode", "more", "proceeds"),
    [
        (15, "self_service", "me2", {"compensation": 6}, 111),
        (15, "self_service", "me2", {"compensations": [{"amount": 6}]}, 111),
        (40, "default", "me1", {}, 130),
        (25, "custom", "custom", {}, 115),
        (25, "drop_off", "me2", {}, 90),
        (0, "self_service", "me2", {"charges": {"charge_flex": 4}}, 86),
    ],
)
def test_w11_shipping_is_income_where_the_seller_carries(
    cost: int, kind: str, mode: str, more: dict[str, Any], proceeds: int
) -> None:
    row = alone(shipped(), shipments=parcel(cost, kind, mode), costs=sent(**more))

    assert row.estimated_proceeds_amount == proceeds


def test_w11_nobody_charges_for_what_the_seller_carries() -> None:
    own = alone(shipped(), shipments=parcel(25, "custom", "custom"))
    others = alone(shipped(), shipments=parcel(25))

    assert own.estimated_proceeds_amount == 115
    assert others.unknown_inputs == {
        "seller_shipping_amount",
        "seller_compensation_amount",
    }


def test_w12_a_payment_too_many_is_no_refund() -> None:
    back = paid(2, status="refunded", status_detail="refunded")
    order = sold(payments=[paid(1), back | {"transaction_amount_refunded": 100}])
    found = sums(order)

    assert found.orders[1].refunded_amount == NOTHING
    assert found.orders[1].estimated_proceeds_amount == Decimal("90.00")
    assert [(one.event, one.amount) for one in found.events()] == [
        ("sold", Decimal(100)),
    ]


def test_w13_a_price_discount_of_todays_payload() -> None:
    order = sold(total_amount=880)
    line = order["order_items"][0]
    del line["full_unit_price"]
    line |= {
        "quantity": 2,
        "unit_price": 440,
        "gross_price": 1562,
        "discounts": [{"amounts": {"full": 341, "seller": 200}}],
    }

    row = alone(order)

    assert row.full_price_amount == 1562
    assert (row.discount_amount, row.seller_discount_amount) == d(682, 400)


def test_w14_the_first_payment_closes_what_is_paid() -> None:
    row = alone(sold(date_closed=None))

    assert (row.outcome, row.is_gross_sale) == ("sale", True)
    assert (row.sold_date, row.sold_hour) == (date(2026, 9, 30), 22)
    assert row.estimated_proceeds_amount == Decimal("90.00")


def test_w15_a_rejected_payment_has_no_fee() -> None:
    row = alone(sold(payments=[paid(1, status="rejected"), paid(2)]))

    assert row.marketplace_fee_amount == Decimal("10.00")


def test_a_refund_is_in_the_month_it_was_given_back() -> None:
    found = sums(sold(payments=[paid(transaction_amount_refunded=30)])).monthly()

    september = found[SELLER, "MLB", "BRL", date(2026, 9, 1)]
    november = found[SELLER, "MLB", "BRL", date(2026, 11, 1)]
    assert (september.net_sales_amount, september.returns_by_event_amount) == d(70, 0)
    assert (november.net_sales_amount, november.returns_by_event_amount) == d(0, 30)


def test_pesos_without_cents_are_cut_into_whole_ones() -> None:
    parts = cut(Decimal(1000), dict.fromkeys((1, 2, 3), Decimal(1)), "CLP")

    assert list(parts.values()) == [334, 333, 333]
    assert rounded(Decimal("-2.5"), "CLP") == -3
    assert cut(Decimal("-0.01"), {1: Decimal(1), 2: Decimal(1)}, "BRL")[1] == Decimal(
        "-0.01"
    )


def test_shipping_in_pesos_of_an_order_in_dollars_is_converted() -> None:
    told = parcel(100)
    told[SHIPMENT]["lead_time"]["currency_id"] = "UYU"
    row = alone(
        shipped(currency_id="USD"),
        shipments=told,
        costs=sent(40),
        rates={("UYU", "USD"): Decimal("0.0249")},
        site_id="MLU",
        currency_id="UYU",
    )

    assert row.total_amount_with_shipping == Decimal("102.49")
    assert row.seller_shipping_amount == Decimal("1.00")


def test_lines_add_up_to_their_order() -> None:
    order = sold(total_amount=Decimal("30.01"))
    one = order["order_items"][0]
    order["order_items"] = [
        one | {"unit_price": Decimal("10.005")},
        one | {"item": {"id": "MLB2"}, "unit_price": 20},
    ]
    found = sums(order)

    assert found.lines(1) == {1: Decimal("10.01"), 2: Decimal("20.00")}
    items = found.items()
    assert items[SELLER, "MLB1", "BRL"].net_sales_amount == Decimal("10.01")
    assert sum(one.estimated_proceeds_amount for one in items.values()) == Decimal(
        "10.01"
    )
