"""Which copy of an order stands, whatever the order of arrival."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.warehouse.check import check
from pipeline.warehouse.files import table
from pipeline.warehouse.merge import Counts
from tests.warehouse.conftest import load_orders

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
TABLES = ("core.orders", "core.order_items", "core.payments", "core.order_versions")

Version = Mapping[str, Any]


def minutes(number: int | None) -> datetime | None:
    return None if number is None else AT + timedelta(minutes=number)


def version(**values: Any) -> Version:
    """A landed copy; `prices` and `refunded` make its lines and its payment."""
    return {"order_id": 1, "prices": ["10"], "refunded": None, **values}


def load_versions(connection: Any, versions: Sequence[Version]) -> Counts:
    orders: list[Version] = []
    items: list[Version] = []
    payments: list[Version] = []
    for number, copy in enumerate(versions):
        key = {"record_number": number, "order_id": copy["order_id"]}
        rest = {
            name: value
            for name, value in copy.items()
            if name not in ("prices", "refunded")
        }
        orders.append({**key, **rest})
        items.extend(
            {**key, "line_number": line, "unit_price": Decimal(price)}
            for line, price in enumerate(copy["prices"], start=1)
        )
        if copy["refunded"] is not None:
            refunded = Decimal(copy["refunded"])
            payments.append(
                {**key, "payment_id": 7, "transaction_amount_refunded": refunded}
            )
    return load_orders(connection, orders, items, payments)


def contents(connection: Any) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: sorted(connection.execute(f"from {name}").fetchall(), key=repr)
        for name in TABLES
    }


def of_order(connection: Any, *columns: str) -> tuple[Any, ...]:
    ((found,),) = connection.execute(
        f"select row({', '.join(columns)}) from core.orders"
    ).fetchall()
    return tuple(found)


@st.composite
def landed(draw: st.DrawFn) -> Version:
    missing = draw(st.sampled_from([[], [], ["buyer"], ["shipping"], ["mediations"]]))
    return version(
        order_id=draw(st.sampled_from([1, 1, 1, 2])),
        updated_at=minutes(draw(st.sampled_from([0, 1]))),
        indexed_at=minutes(draw(st.sampled_from([None, 2, 3]))),
        fetched_at=minutes(draw(st.sampled_from([2, 3, 4, 5]))),
        order_status=draw(st.sampled_from(["paid", "cancelled"])),
        missing_fields=missing,
        buyer_id=None if "buyer" in missing else draw(st.sampled_from([8, 9])),
        shipment_id=None if "shipping" in missing else draw(st.sampled_from([None, 5])),
        mediation_ids=[]
        if "mediations" in missing
        else draw(st.sampled_from([[], [6], [7, 6]])),
        prices=draw(st.sampled_from([["10"], ["11"], ["5", "5"]])),
        refunded=draw(st.sampled_from([None, "0", "4"])),
    )


@pytest.mark.untraced
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(versions=st.lists(landed(), min_size=1, max_size=8), data=st.data())
def test_any_batching_in_any_order_of_arrival_ends_in_the_same_rows(
    scratch: Any, versions: list[Version], data: Any
) -> None:
    arrival = data.draw(st.permutations(versions))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(versions)), max_size=3)))
    with scratch() as connection:
        load_versions(connection, versions)
        at_once = contents(connection)
    with scratch() as connection:
        for start, end in zip([0, *cuts], [*cuts, len(versions)], strict=True):
            load_versions(connection, arrival[start:end])
        assert contents(connection) == at_once
        again = load_versions(connection, arrival)
        assert (again.inserted, again.updated) == (0, 0)
        assert contents(connection) == at_once


def test_a_newer_version_replaces_order_items_and_payments(work: Any) -> None:
    old = version(prices=["10", "20"], refunded="0", order_status="paid")
    new = version(
        prices=["10"],
        refunded="4",
        order_status="partially_refunded",
        updated_at=minutes(5),
        indexed_at=minutes(5),
        fetched_at=minutes(6),
    )
    assert load_versions(work, [old]) == Counts(1, 1, 0, 0)
    assert load_versions(work, [new]) == Counts(1, 0, 1, 0)
    assert of_order(work, "order_status", "fetched_at") == (
        "partially_refunded",
        minutes(6),
    )
    found = work.execute("select line_number, unit_price from core.order_items")
    assert found.fetchall() == [(1, Decimal("10.00"))]
    refunds = work.execute("select transaction_amount_refunded from core.payments")
    assert refunds.fetchall() == [(Decimal("4.00"),)]
    assert load_versions(work, [old, old]) == Counts(2, 0, 0, 1)


def test_a_later_fetch_of_the_same_copy_changes_nothing(work: Any) -> None:
    load_versions(work, [version()])
    before = contents(work)
    later = version(fetched_at=minutes(60))
    assert load_versions(work, [later]) == Counts(1, 0, 0, 1)
    assert contents(work) == before


def test_a_later_fetch_of_the_same_stamps_with_other_payments_counts(work: Any) -> None:
    load_versions(work, [version(refunded="0")])
    changed = version(refunded="4", fetched_at=minutes(60))
    assert load_versions(work, [changed]) == Counts(1, 0, 1, 0)
    refunds = work.execute("select transaction_amount_refunded from core.payments")
    assert refunds.fetchall() == [(Decimal("4.00"),)]


def test_a_single_read_outranks_a_search_indexed_before_it(work: Any) -> None:
    searched = version(order_status="paid", indexed_at=minutes(2))
    single = version(order_status="cancelled", indexed_at=None, fetched_at=minutes(4))
    searched_later = version(order_status="invalid", indexed_at=minutes(5))
    load_versions(work, [single, searched])
    assert of_order(work, "order_status", "indexed_at") == ("cancelled", minutes(2))
    load_versions(work, [searched_later])
    assert of_order(work, "order_status", "indexed_at") == ("invalid", minutes(5))


def test_what_a_partial_answer_left_out_keeps_the_value_known(work: Any) -> None:
    partial = version(
        missing_fields=["buyer", "shipping", "mediations"],
        buyer_id=None,
        shipment_id=None,
        mediation_ids=[],
        updated_at=minutes(9),
        fetched_at=minutes(10),
    )
    load_versions(work, [partial])
    columns = ("buyer_id", "shipment_id", "mediation_ids", "updated_at")
    assert of_order(work, *columns) == (None, None, [], minutes(9))
    known = version(buyer_id=8, shipment_id=5, mediation_ids=[7, 6])
    load_versions(work, [known])
    assert of_order(work, *columns) == (8, 5, [7, 6], minutes(9))
    told = version(mediation_ids=[], updated_at=minutes(11), fetched_at=minutes(12))
    load_versions(work, [told])
    assert of_order(work, "mediation_ids", "updated_at") == ([], minutes(11))


def test_what_was_left_out_is_what_the_newest_whole_answer_says_be_it_nothing(
    work: Any,
) -> None:
    told = {"buyer_id": 8, "shipment_id": 5, "sale_rating": "positive"}
    nothing = dict.fromkeys(told)
    missing = {"missing_fields": ["buyer", "shipping", "feedback"]}
    for at, says in ((0, told), (2, nothing), (4, told)):
        stamps = {"updated_at": minutes(at), "indexed_at": minutes(at)}
        load_versions(work, [version(**says, **stamps)])
        stamps |= {"indexed_at": minutes(at + 1)}
        load_versions(work, [version(**nothing, **missing, **stamps)])
        assert of_order(work, *told) == (*says.values(),)


def test_feedback_that_a_partial_answer_left_out_stays_as_it_was(work: Any) -> None:
    said = {
        "purchase_rating": "negative",
        "sale_rating": "positive",
        "is_purchase_unfulfilled": True,
        "is_sale_unfulfilled": True,
    }
    partial = version(missing_fields=["feedback"], updated_at=minutes(9))
    load_versions(work, [partial])
    assert of_order(work, *said) == (None, None, False, False)
    load_versions(work, [version(**said)])
    assert of_order(work, *said, "updated_at") == (*said.values(), minutes(9))
    load_versions(work, [version(updated_at=minutes(11))])
    assert of_order(work, *said) == (None, None, False, False)


def test_two_answers_of_one_second_may_differ_and_break_no_claim(work: Any) -> None:
    # Two windows show the order of the hour between them, one in a partial answer.
    whole = version(shipment_id=44, buyer_id=8, missing_fields=[], tags=["paid"])
    copies = [
        whole,
        version(buyer_id=8, missing_fields=["shipping"], tags=["paid"]),
        version(shipment_id=44, missing_fields=["buyer"], tags=["paid"]),
        {**whole, "tags": ["paid", "delivered"]},
    ]
    load_versions(work, copies[:2])
    load_versions(work, copies[1:])
    (count,) = work.execute("select count(*) from core.order_versions").fetchone()
    assert count == 4
    broken = [one for one in check(work, table("core.order_versions")) if one.is_broken]
    assert broken == []
    assert of_order(work, "shipment_id", "buyer_id") == (44, 8)


def test_a_channel_once_told_stays(work: Any) -> None:
    told = version(channel="mshops", indexed_at=None, fetched_at=minutes(4))
    load_versions(work, [told, version(indexed_at=minutes(9))])
    assert of_order(work, "channel", "indexed_at") == ("mshops", minutes(9))
    load_versions(work, [version(updated_at=minutes(11))])
    assert of_order(work, "channel", "updated_at") == ("mshops", minutes(11))


def test_every_distinct_version_is_kept_with_its_oldest_fetch(work: Any) -> None:
    versions = [
        version(order_status="paid", fetched_at=minutes(5)),
        version(order_status="paid", fetched_at=minutes(3)),
        version(order_status="cancelled", updated_at=minutes(4)),
    ]
    for copy in versions:
        load_versions(work, [copy])
    found = work.execute(
        "select order_status, fetched_at from core.order_versions order by 1"
    ).fetchall()
    assert found == [("cancelled", AT), ("paid", minutes(3))]


def test_an_order_without_lines_and_payments_loads(work: Any) -> None:
    assert load_versions(work, [version(prices=[])]) == Counts(1, 1, 0, 0)
    assert load_versions(work, []) == Counts(0, 0, 0, 0)
