"""What is lacking is asked of the warehouse, by names of files."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.frames import payment_outcomes, sites
from pipeline.sync.resources import RESOURCES
from pipeline.warehouse import load
from pipeline.warehouse.ask import names, wanted
from pipeline.warehouse.staging import given
from tests.warehouse.conftest import frame, load_orders

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.mark.parametrize("name", names())
def test_an_empty_warehouse_lacks_nothing(work: Any, name: str) -> None:
    assert wanted(work, name, now=AT) == []


def test_packs_and_shipments_of_new_orders_are_wanted(work: Any) -> None:
    order = {"record_number": 0, "order_id": 1, "pack_id": 7, "shipment_id": 5}
    load_orders(work, [order])
    assert 7 in [row[0] for row in wanted(work, "packs", now=AT)]
    assert 5 in [row[0] for row in wanted(work, "shipments", now=AT)]


def test_a_cart_in_two_currencies_wants_its_shipments_ratio_both_ways(
    work: Any,
) -> None:
    orders = [
        # In the shipment's currency: converts nothing.
        {"record_number": 0, "order_id": 1, "currency_id": "UYU", "shipment_id": 5},
        # Its part of the cost into dollars, its weight among siblings into pesos.
        {"record_number": 1, "order_id": 2, "currency_id": "USD", "shipment_id": 5},
    ]
    load_orders(work, orders)
    load.load(
        work,
        "core.shipments",
        frame("shipments", [{"shipment_id": 5, "currency_id": "UYU"}]),
    )
    assert wanted(work, "exchange_rates", now=AT) == [
        ("USD", "UYU", 1),
        ("UYU", "USD", 1),
    ]


def test_a_shipment_that_names_no_currency_wants_the_ratio_of_its_site(
    work: Any,
) -> None:
    load.constant(work, "sites", sites.frame())
    dollars = {"record_number": 0, "order_id": 2, "currency_id": "USD"}
    load_orders(work, [dollars | {"site_id": "MLU", "shipment_id": 5}])
    # Asked for, or not there yet: nothing tells of costs.
    assert wanted(work, "exchange_rates", now=AT) == []
    shipment = {"shipment_id": 5, "currency_id": None}
    load.load(work, "core.shipments", frame("shipments", [shipment]))
    assert wanted(work, "exchange_rates", now=AT) == [
        ("USD", "UYU", 1),
        ("UYU", "USD", 1),
    ]


HOUR = timedelta(hours=1)
BORN = AT - 40 * HOUR
"""When the orders below were created: a quarter of their age is ten hours at AT."""


def of_order(work: Any, **others: object) -> None:
    """Load an order of pack 7 and shipment 5."""
    order = {"record_number": 0, "order_id": 1, "pack_id": 7, "shipment_id": 5}
    stamps = {"created_at": BORN, "updated_at": BORN, "fetched_at": AT - HOUR}
    load_orders(work, [{**order, **stamps, **others}])


def answered(
    work: Any,
    resource: str,
    number: str,
    at: datetime,
    *,
    is_refused: bool = False,
    status: int = 404,
) -> None:
    """Load an answer that tells nothing: no payload, or one that the judge refused."""
    if is_refused:
        refused = {"resource_id": number, "landed_at": at, "reason": "status: odd"}
        load.quarantine(work, frame("quarantine", [{"resource": resource, **refused}]))
    else:
        absent = {"resource": resource, "resource_id": number, "absent_at": at}
        load.load(
            work, "ops.absences", frame("absences", [{**absent, "http_status": status}])
        )
        if status != 404:
            refused = {"resource": resource, "resource_id": number, "refused_at": at}
            load.load(work, "ops.refusals", frame("refusals", [refused]))


@pytest.mark.parametrize("status", [None, 403])
@pytest.mark.parametrize("name", [name for name, one in RESOURCES.items() if one.id_of])
def test_what_is_refused_is_asked_for_again_within_a_day_however_old_it_is(
    work: Any, name: str, status: int | None
) -> None:
    def found(now: datetime) -> list[int]:
        return [row[0] for row in wanted(work, name, now=now, discounts="all")]

    last_year = {"created_at": AT - timedelta(days=300), "updated_at": BORN}
    lacking = {"missing_fields": ["shipping"], "indexed_at": AT - 2 * HOUR}
    is_shipping_told = name in ("shipments", "shipment_costs")
    lacks = {} if is_shipping_told else {"shipment_id": None, **lacking}
    of_order(work, **last_year, **lacks)
    if name == "shipment_costs":
        shipment = {"shipment_id": 5, **last_year}
        load.load(work, "core.shipments", frame("shipments", [shipment]))
    number = {"pack": 7, "shipment": 5, "order": 1}[RESOURCES[name].id_of]

    def refuse(at: datetime) -> None:
        kind = {"is_refused": True} if status is None else {"status": status}
        answered(work, name, str(number), at, **kind)

    assert found(AT) == [number]
    refuse(AT)
    # Often at first, because somebody may grant it; then ever less.
    for hour in (6, 14, 24, 36, 51):
        assert found(AT + (hour - 1) * HOUR) == []
        assert found(AT + hour * HOUR) == [number]
        refuse(AT + hour * HOUR)


def test_a_refusal_that_is_over_is_forgotten(work: Any) -> None:
    last_year = {"created_at": AT - timedelta(days=300), "updated_at": BORN}
    of_order(work, **last_year)
    answered(work, "shipments", "5", AT, status=403)
    granted = {"shipment_id": 5, "shipment_status": "shipped"}
    shipment = {**granted, **last_year, "fetched_at": AT + 6 * HOUR}
    load.load(work, "core.shipments", frame("shipments", [shipment]))
    # On its way, it is asked for again by its own age: 75 days.
    assert wanted(work, "shipments", now=AT + timedelta(days=75)) == []
    assert wanted(work, "shipments", now=AT + timedelta(days=76)) == [(5, 1)]


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize(("name", "number"), [("packs", 7), ("shipments", 5)])
def test_what_was_not_there_or_refused_is_asked_for_again_as_it_ages(
    work: Any, name: str, number: int, *, is_refused: bool
) -> None:
    of_order(work)
    assert [row[0] for row in wanted(work, name, now=AT)] == [number]
    answered(work, name, str(number), AT, is_refused=is_refused)
    wait = 6 * HOUR if is_refused else 10 * HOUR
    for later, is_wanted in ((HOUR, False), (wait - HOUR, False), (wait, True)):
        found = [row[0] for row in wanted(work, name, now=AT + later)]
        assert found == [number] * is_wanted, later
    # A change of the order is reason enough, however young the answer is.
    of_order(work, updated_at=AT + HOUR, fetched_at=AT + 2 * HOUR)
    assert [row[0] for row in wanted(work, name, now=AT + 3 * HOUR)] == [number]


@pytest.mark.parametrize("pack_id", [None, 8])
def test_the_pack_that_an_order_has_left_is_asked_for_once_more(
    work: Any, pack_id: int | None
) -> None:
    def read(pack: int, order: int, at: datetime) -> None:
        key = {"record_number": 0, "pack_id": pack}
        load.load(
            work,
            "core.packs",
            frame("packs", [{**key, "is_missing": False, "fetched_at": at}]),
            {"core.pack_orders": frame("pack_orders", [{**key, "order_id": order}])},
        )

    of_order(work)
    read(7, 1, AT)
    assert wanted(work, "packs", now=AT) == []
    of_order(work, pack_id=pack_id, updated_at=AT + HOUR, fetched_at=AT + 2 * HOUR)
    new = [(8, 1)] if pack_id else []
    assert wanted(work, "packs", now=AT + 2 * HOUR) == [*new, (7, 1)]
    read(7, 1, AT + 3 * HOUR)  # it names the order still: once is enough
    assert wanted(work, "packs", now=AT + 4 * HOUR) == new


def test_a_known_pack_that_is_gone_is_not_asked_for_in_every_sync(work: Any) -> None:
    of_order(work)
    known = {"pack_id": 7, "is_missing": False, "fetched_at": AT - 2 * HOUR}
    load.load(
        work,
        "core.packs",
        frame("packs", [known]),
        {"core.pack_orders": frame("pack_orders", [])},
    )
    assert wanted(work, "packs", now=AT) == [(7, 1)], "its order changed since"
    gone = {"pack_id": 7, "is_missing": True, "fetched_at": AT}
    load.load(
        work,
        "core.packs",
        frame("packs", [gone]),
        {"core.pack_orders": frame("pack_orders", [])},
    )
    answered(work, "packs", "7", AT, is_refused=False)
    assert wanted(work, "packs", now=AT + HOUR) == []
    assert wanted(work, "packs", now=AT + 10 * HOUR) == [(7, 1)]


@pytest.mark.parametrize("is_refused", [False, True])
def test_costs_that_are_not_there_are_asked_for_again_as_the_shipment_ages(
    work: Any, *, is_refused: bool
) -> None:
    shipment = {"shipment_id": 5, "created_at": BORN, "updated_at": BORN}
    load.load(work, "core.shipments", frame("shipments", [shipment]))
    assert wanted(work, "shipment_costs", now=AT) == [(5, 1)]
    answered(work, "shipment_costs", "5", AT, is_refused=is_refused)
    wait = 6 * HOUR if is_refused else 10 * HOUR
    assert wanted(work, "shipment_costs", now=AT + wait - HOUR) == []
    assert wanted(work, "shipment_costs", now=AT + wait) == [(5, 1)]


@pytest.mark.parametrize(("share", "is_wanted"), [(None, True), (Decimal(0), False)])
def test_costs_without_the_sellers_share_are_asked_for_again_as_the_shipment_ages(
    work: Any, share: Decimal | None, *, is_wanted: bool
) -> None:
    shipment = {"shipment_id": 5, "created_at": BORN, "updated_at": BORN}
    load.load(work, "core.shipments", frame("shipments", [shipment]))
    costs = {"shipment_id": 5, "seller_cost_amount": share, "fetched_at": AT}
    load.load(work, "core.shipment_costs", frame("shipment_costs", [costs]))
    assert wanted(work, "shipment_costs", now=AT + 9 * HOUR) == []
    again = wanted(work, "shipment_costs", now=AT + 10 * HOUR)
    assert again == ([(5, 1)] if is_wanted else [])


def test_every_seller_of_a_shipment_asks_for_its_own_costs(work: Any) -> None:
    shipment = {"shipment_id": 5, "created_at": BORN, "updated_at": BORN}
    load.load(work, "core.shipments", frame("shipments", [shipment]))
    sold = [
        {"record_number": number, "order_id": number, "seller_id": seller}
        | {"shipment_id": 5, "updated_at": BORN, "fetched_at": BORN}
        for number, seller in enumerate((1, 2, 2))
    ]
    load_orders(work, sold)
    assert sorted(wanted(work, "shipment_costs", now=AT)) == [(5, 1), (5, 2)]
    costs = {"shipment_id": 5, "seller_cost_amount": Decimal(4), "fetched_at": AT}
    load.load(work, "core.shipment_costs", frame("shipment_costs", [costs]))
    assert wanted(work, "shipment_costs", now=AT) == [(5, 2)]


@pytest.mark.parametrize("is_refused", [False, True])
def test_an_order_without_details_is_looked_at_once_and_then_as_it_ages(
    work: Any, *, is_refused: bool
) -> None:
    # A 206 answer left its buyer out.
    of_order(work, missing_fields=["buyer"], indexed_at=AT - 2 * HOUR)
    assert wanted(work, "orders", now=AT) == [(1, 1)]
    answered(work, "orders", "1", AT, is_refused=is_refused)
    wait = 6 * HOUR if is_refused else 10 * HOUR
    assert wanted(work, "orders", now=AT + wait - HOUR) == []
    assert wanted(work, "orders", now=AT + wait) == [(1, 1)]


def test_an_order_that_only_its_pack_names_is_asked_for_a_day_later(work: Any) -> None:
    of_order(work)
    pack = {"pack_id": 7, "created_at": BORN, "fetched_at": AT}
    named = [{"record_number": 0, "pack_id": 7, "order_id": one} for one in (1, 2)]
    load.load(
        work,
        "core.packs",
        frame("packs", [{"record_number": 0, **pack}]),
        {"core.pack_orders": frame("pack_orders", named)},
    )
    # The searches of a day may still show it.
    assert wanted(work, "orders", now=AT + 23 * HOUR) == []
    assert wanted(work, "orders", now=AT + 24 * HOUR) == [(2, 1)]
    # The pack is 64 hours old when the answer is 404: again after a quarter of that.
    answered(work, "orders", "2", AT + 24 * HOUR)
    assert wanted(work, "orders", now=AT + 39 * HOUR) == []
    assert wanted(work, "orders", now=AT + 40 * HOUR) == [(2, 1)]
    of_order(work, order_id=2)
    assert wanted(work, "orders", now=AT + 40 * HOUR) == []


def paid_with(
    work: Any,
    payment: Mapping[str, object],
    line: Mapping[str, object] | None = None,
    **order: object,
) -> None:
    """Load an order from a search, with a payment and a line."""
    load.constant(work, "payment_outcomes", payment_outcomes.frame())
    key = {"record_number": 0, "order_id": 1}
    lines = [key | dict(line)] if line else []
    payments = [key | {"payment_id": 9} | dict(payment)]
    load_orders(work, [key | {"shipment_id": 5} | order], lines, payments)


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("status", "detail", "is_wanted"),
    [
        # Only /orders/{id} tells how much of it went back.
        ("approved", "partially_refunded", True),
        ("approved", "partially_bpp_covered", True),
        ("partially_refunded", None, True),
        ("refunded", None, True),
        ("refunded", "bpp_covered", True),
        # All of it, or nobody could say who bore it.
        ("charged_back", "settled", False),
        ("refunded", "by_admin", False),
        ("approved", "accredited", False),
        ("in_mediation", None, False),
        ("rejected", None, False),
        ("a_new_word", "partially_refunded", False),
    ],
)
def test_an_order_is_asked_for_where_an_amount_is_needed_and_not_told(
    work: Any, status: str, detail: str | None, *, is_wanted: bool
) -> None:
    payment = {"payment_status": status, "status_detail": detail}
    paid_with(work, payment)
    assert wanted(work, "orders", now=AT) == [(1, 1)] * is_wanted
    # Something went back, so 0 is no amount of it.
    nothing = payment | {"transaction_amount_refunded": Decimal(0)}
    paid_with(work, nothing, fetched_at=AT + HOUR)
    assert wanted(work, "orders", now=AT) == [(1, 1)] * is_wanted
    told = payment | {"transaction_amount_refunded": Decimal(1)}
    paid_with(work, told, fetched_at=AT + 2 * HOUR)
    assert wanted(work, "orders", now=AT) == []


def test_a_refund_that_only_the_order_knows_of_is_asked_for_once(work: Any) -> None:
    refunded: dict[str, Any] = {"order_status": "partially_refunded"}
    paid_with(work, {"payment_status": "rejected"}, **refunded)
    assert wanted(work, "orders", now=AT) == []
    taken = {"payment_status": "approved"}
    paid_with(work, taken, **refunded, fetched_at=AT + HOUR)
    assert wanted(work, "orders", now=AT) == [(1, 1)]
    # /orders/{id} carries no indexed_at; it does not tell either.
    detail: dict[str, Any] = {"indexed_at": None, "updated_at": AT + HOUR}
    detail["fetched_at"] = AT + 2 * HOUR
    paid_with(work, taken, **refunded, **detail)
    assert wanted(work, "orders", now=AT) == []


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("order", "payment", "line", "is_needed"),
    [
        ({}, {}, {}, False),
        ({"coupon_id": 7}, {}, {}, True),
        ({"coupon_amount": Decimal(5)}, {}, {}, True),
        ({"coupon_amount": Decimal(0)}, {"coupon_amount": Decimal(0)}, {}, False),
        ({}, {"coupon_amount": Decimal(5)}, {}, True),
        (
            {},
            {"transaction_amount": Decimal(10), "total_paid_amount": Decimal(12)},
            {},
            False,  # 2 of shipping
        ),
        (
            {},
            {"transaction_amount": Decimal(10), "total_paid_amount": Decimal(8)},
            {},
            True,  # a coupon of 2 that nobody names
        ),
        ({}, {}, {"full_unit_price_sent": Decimal("9.99")}, False),
        ({}, {}, {"full_unit_price_sent": Decimal(12)}, True),
        (
            {},
            {},
            {"full_unit_price_sent": Decimal(12), "seller_discount_amount": Decimal(0)},
            False,  # the line says who pays
        ),
        (
            {"tags": ["paid", "order_has_discount"]},
            {},
            {"full_unit_price_sent": Decimal(12), "seller_discount_amount": Decimal(0)},
            True,  # and a coupon, perhaps
        ),
        ({"tags": ["order_has_discount"]}, {}, {}, True),
        ({"tags": ["paid", "catalog"]}, {}, {}, False),
        ({"tags": None}, {}, {}, False),
    ],
)
def test_discounts_are_wanted_of_orders_that_need_them_or_of_all(
    work: Any,
    order: Mapping[str, object],
    payment: Mapping[str, object],
    line: Mapping[str, object],
    *,
    is_needed: bool,
) -> None:
    sold = {"unit_price_sent": Decimal(10)} | dict(line)
    paid_with(work, payment, sold, **order)
    assert wanted(work, "order_discounts", now=AT) == [(1, 1)] * is_needed
    assert wanted(work, "order_discounts", now=AT, discounts="all") == [(1, 1)]
    answer = pl.DataFrame(
        {"resource": ["order_discounts"], "order_id": [1], "fetched_at": [AT + HOUR]}
    )
    with given(work, "answer", answer):
        work.execute("insert into ops.order_answers by name from answer")
    for mode in ("needed", "all"):
        assert wanted(work, "order_discounts", now=AT, discounts=mode) == []
    changed = {"updated_at": AT + 2 * HOUR, "fetched_at": AT + 2 * HOUR}
    paid_with(work, payment, sold, **order, **changed)
    assert wanted(work, "order_discounts", now=AT) == [(1, 1)] * is_needed


def test_taxes_of_less_than_a_cent_want_their_ratio_too(work: Any) -> None:
    # Converted by a ratio in the thousands they are cents.
    taxes = {"taxes_currency_id": "USD", "taxes_amount_sent": Decimal("0.004")}
    of_order(work, currency_id="COP", taxes_amount=Decimal(0), **taxes)
    assert wanted(work, "exchange_rates", now=AT) == [("USD", "COP", 1)]


@pytest.mark.parametrize("name", ["order_discounts", "order_products"])
def test_what_hangs_on_an_order_waits_too_when_it_is_refused(
    work: Any, name: str
) -> None:
    def found(now: datetime) -> list[tuple[Any, ...]]:
        return wanted(work, name, now=now, discounts="all")

    of_order(work)
    assert found(AT) == [(1, 1)]
    answered(work, name, "1", AT, status=403)
    assert found(AT + 5 * HOUR) == []
    assert found(AT + 6 * HOUR) == [(1, 1)]
    of_order(work, updated_at=AT + HOUR, fetched_at=AT + 2 * HOUR)
    assert found(AT + 3 * HOUR) == [(1, 1)], "the order changed"


def test_a_search_that_shows_a_refused_order_again_does_not_ask_for_it_again(
    work: Any,
) -> None:
    lacking = {"missing_fields": ["buyer"], "indexed_at": AT - 2 * HOUR}
    of_order(work, **lacking)
    answered(work, "orders", "1", AT, status=401)
    for later in range(1, 6):  # hourly, as the lookback reads it
        of_order(work, **lacking, fetched_at=AT + later * HOUR)
        assert wanted(work, "orders", now=AT + later * HOUR) == []
    assert wanted(work, "orders", now=AT + 6 * HOUR) == [(1, 1)]
    changed = {**lacking, "indexed_at": AT + HOUR, "updated_at": AT + HOUR}
    of_order(work, **changed, fetched_at=AT + 2 * HOUR)
    assert wanted(work, "orders", now=AT + 2 * HOUR) == [(1, 1)], "a new version"
