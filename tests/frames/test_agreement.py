"""The quick look lets pass what agrees, and leaves to the judge what may not."""

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import BaseModel

from pipeline.frames import decoding
from pipeline.frames.decoding import decode
from pipeline.payloads.order import Order
from pipeline.payloads.verdict import Verdict, judge
from pipeline.sync.resources import RESOURCES
from tests.frames.conftest import item, landed, order


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models of the records that went to the judge."""
    judged: list[str] = []

    def noting(
        model: type[BaseModel], text: str | bytes, *, asked: str | None = None
    ) -> Verdict:
        judged.append(model.__name__)
        return judge(model, text, asked=asked)

    monkeypatch.setattr(decoding, "judge", noting)
    return judged


def test_an_order_that_agrees_is_not_judged(judged: list[str]) -> None:
    lines = [
        item(currency_id="BRL", full_unit_price=Decimal("30.00")),
        item(quantity=3, unit_price=Decimal("14.29")),
    ]
    records = landed(
        "orders",
        order(order_items=lines, date_closed="2026-03-02T10:15:21.000-04:00"),
        order(id=2, total_amount=Decimal("25.000")),
    )
    assert decode("orders", Order, records).record["total_amount"].to_list() == [
        Decimal("67.87"),
        Decimal(25),
    ]
    assert judged == []


def test_an_order_that_agrees_but_for_rounding_is_not_judged(
    judged: list[str],
) -> None:
    # 3 x 12.345 is 37.035.
    line = item(quantity=3, unit_price=Decimal("12.345"))
    payload = order(order_items=[line], total_amount=Decimal("37.04"))
    assert decode("orders", Order, landed("orders", payload)).record.height == 1
    assert judged == []


@pytest.mark.untraced
def test_the_quick_look_lets_no_total_pass_that_the_judge_refuses() -> None:
    sale = st.tuples(
        st.integers(0, 18).flatmap(lambda n: st.decimals(-2, 1000, places=n)),
        st.integers(0, 1000),
        # Half a cent a unit is the border.
        st.sampled_from([0, "0.97", "0.98", "0.999", 1, "1.0001", "1.03"]),
        st.sampled_from([0, "1e-7", "1e-18"]),
    )

    # Ten at a time, as a look costs the same for one; which of them differs is shown.
    @settings(max_examples=15, database=None, phases=[Phase.generate])
    @given(st.lists(sale, min_size=10, max_size=10))
    def compare(sales: list[tuple[Decimal, int, Any, Any]]) -> None:
        payloads = [
            order(
                order_items=[item(quantity=quantity, unit_price=price)],
                total_amount=(price + Decimal(share) / 200) * quantity + Decimal(more),
            )
            for price, quantity, share, more in sales
        ]
        records = landed("orders", *payloads)
        fast = decode("orders", Order, records)
        judged = decode("orders", Order, records, at_a_stroke=False)
        assert_frame_equal(fast.record, judged.record)
        assert_frame_equal(fast.refused, judged.refused)

    compare()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total_amount": Decimal("50.02")}, "total_amount: it is not the sum"),
        # Up to half a cent a unit is explained; the judge says so.
        ({"total_amount": Decimal("50.01")}, None),
        ({"order_items": [], "total_amount": 1}, "order_items: expected a line"),
        ({"currency_id": "ARS"}, "order_items: a line is in another currency"),
        ({"date_closed": "1970-01-01T00:00:00Z"}, "date_closed: expected 1999"),
        ({"date_closed": "2060-12-31T23:00:00-04:00"}, None),
    ],
)
def test_what_may_not_agree_is_judged(
    changes: dict[str, Any], reason: str | None, judged: list[str]
) -> None:
    payload = order(order_items=[item(currency_id="BRL", quantity=2)]) | changes
    found = decode("orders", Order, landed("orders", payload, order(id=2)))
    assert judged == ["Order"], "its neighbour is not"
    reasons = found.refused["reason"].to_list()
    assert len(reasons) == (reason is not None)
    assert all(str(one).startswith(str(reason)) for one in reasons)
    assert found.record.height + found.refused.height == 2


@pytest.mark.parametrize(
    ("charges", "is_judged"),
    [
        ('{"charge_flex":390}', False),
        ('{ "charge_flex" : 390.50 }', False),
        ("{}", False),
        ("390", False),
        ('{"a":1,"b":2}', True),
        ('{"a":null}', True),
        ('{"a":{}}', True),
        ('{"a":1e3}', True),
    ],
)
def test_charges_of_one_amount_are_not_judged(
    charges: str,
    is_judged: bool,
    judged: list[str],
) -> None:
    records = landed(
        "shipment_costs", f'{{"senders": [{{"user_id": 7, "charges": {charges}}}]}}'
    )
    model = RESOURCES["shipment_costs"].model
    fast = decode("shipment_costs", model, records)
    assert judged == ["ShipmentCosts"] * is_judged
    alone = decode("shipment_costs", model, records, at_a_stroke=False)
    assert_frame_equal(fast.lists["senders"], alone.lists["senders"])
    assert_frame_equal(fast.refused, alone.refused)


def test_a_line_too_dear_to_be_multiplied_is_judged(judged: list[str]) -> None:
    line = item(quantity=10_000, full_unit_price=Decimal("1e9"))
    payload = order(order_items=[line])
    assert decode("orders", Order, landed("orders", payload)).refused[
        "reason"
    ].to_list() == ["order_items: a line comes to 10^13 or more"]
    assert judged == ["Order"]


@pytest.mark.parametrize("key", ["unit_price", "full_unit_price", "sale_fee"])
@pytest.mark.parametrize(
    "amount", ["9999999999999.995", "-99999999999999.99", "9" * 20, "1e38"]
)
def test_a_line_with_an_amount_that_no_column_holds_costs_no_neighbour(
    key: str, amount: str
) -> None:
    # Any of the two alone is too much for a product of both.
    line = item(quantity=10**18, **{key: "…"})
    wrong = order(id=1, order_items=[line], total_amount=1)
    sound = order(id=2)
    records = landed("orders", wrong, sound)
    records = records.with_columns(
        pl.col("payload").str.replace_all('"…"', amount, literal=True)
    )
    found = decode("orders", Order, records)
    assert found.record["id"].to_list() == [2]
    assert found.refused["reason"].item() == (
        "order_items[0].quantity: expected an integer from 1 to 10^9, got number; "
        f"order_items[0].{key}: expected an amount below 10^13, got number"
    )


@pytest.mark.parametrize("amount", ["9" * 20, "-" + "9" * 20])
def test_discounts_that_no_column_holds_cost_no_neighbour(amount: str) -> None:
    one = {"amounts": {"full": "…", "seller": "…"}}
    wrong = order(id=1, order_items=[item(discounts=[one] * 20)])
    records = landed("orders", wrong, order(id=2)).with_columns(
        pl.col("payload").str.replace_all('"…"', amount, literal=True)
    )
    found = decode("orders", Order, records)
    assert found.record["id"].to_list() == [2]
    assert found.refused.height == 1
