"""Every other table: each key once, the right row of several, nothing twice."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.warehouse import load
from pipeline.warehouse.merge import Counts
from pipeline.warehouse.sellers import complete_sellers
from tests.warehouse.conftest import frame, load_orders

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
INSTANT = pl.Datetime("us", "UTC")


def minutes(number: int) -> datetime:
    return AT + timedelta(minutes=number)


def rates(*rows: tuple[int, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "rate_date": [minutes(at).date() for at, _, _ in rows],
            "from_currency_id": ["ARS"] * len(rows),
            "to_currency_id": ["BRL"] * len(rows),
            "ratio": [Decimal(ratio) for _, ratio, _ in rows],
            "fetched_at": [minutes(at) for at, _, _ in rows],
            "source": [source for _, _, source in rows],
        },
        schema_overrides={"ratio": pl.Decimal(28, 12), "fetched_at": INSTANT},
    )


def refused(resource: str, resource_id: str, landed_at: datetime) -> pl.DataFrame:
    return frame(
        "quarantine",
        [
            {
                "resource": resource,
                "resource_id": resource_id,
                "landed_at": landed_at,
                "seller_id": 1,
                "reason": "id: expected an integer",
                "payload": "{}",
            }
        ],
    )


def accept(work: Any, resource: str, resource_id: str, minute: int) -> None:
    """Load an answer that was accepted, as `sync.loading.merge` does."""
    row = {
        "resource": resource,
        "resource_id": resource_id,
        "fetched_at": minutes(minute),
    }
    load.accepted_things(work, frame("landed_things", [row]))
    load.resolve_quarantine(work)


def load_pack(work: Any, packs: pl.DataFrame, named: pl.DataFrame) -> Counts:
    return load.load(work, "core.packs", packs, {"core.pack_orders": named})


def test_counts_add_up() -> None:
    assert Counts(3, 1, 1, 1) + Counts(1, 0, 0, 1) == Counts(4, 1, 1, 2)


def test_the_newest_pack_stands_with_the_orders_it_names(work: Any) -> None:
    first = frame("packs", [{"pack_id": 7, "pack_status": "filled"}])
    named = frame("pack_orders", [{"pack_id": 7, "order_id": 1}])
    assert load_pack(work, first, named) == Counts(1, 1, 0, 0)
    newer = frame(
        "packs", [{"pack_id": 7, "pack_status": "released", "updated_at": minutes(1)}]
    )
    other = frame(
        "pack_orders",
        [{"pack_id": 7, "order_id": 2}, {"pack_id": 7, "order_id": 3}],
    )
    assert load_pack(work, newer, other) == Counts(1, 0, 1, 0)
    assert load_pack(work, first, named) == Counts(1, 0, 0, 1)
    assert load_pack(work, newer, other) == Counts(1, 0, 0, 1)
    found = work.execute("from core.pack_orders order by order_id").fetchall()
    assert found == [(7, 2), (7, 3)]
    assert work.execute("select pack_status from core.packs").fetchall() == [
        ("released",)
    ]


def test_versions_of_a_pack_in_one_batch_are_tied_to_their_orders(work: Any) -> None:
    packs = frame("packs", [{"pack_id": 7}, {"pack_id": 7, "updated_at": minutes(1)}])
    named = frame(
        "pack_orders", [{"pack_id": 7, "order_id": 1}, {"pack_id": 7, "order_id": 2}]
    )
    numbers = pl.Series("record_number", [0, 1])
    led, parts = packs.with_columns(numbers), named.with_columns(numbers)
    assert load_pack(work, led, parts) == Counts(2, 1, 0, 0)
    assert work.execute("from core.pack_orders").fetchall() == [(7, 2)]


def test_a_404_never_replaces_a_known_shipment_and_gives_way_to_it(work: Any) -> None:
    absent = {
        "shipment_id": 5,
        "is_missing": True,
        "updated_at": None,
        "currency_id": None,
    }
    known = {"shipment_id": 5, "lead_time_cost_amount": Decimal("18.90")}
    load.load(
        work,
        "core.shipments",
        frame("shipments", [{**absent, "fetched_at": minutes(1)}]),
    )
    load.load(
        work,
        "core.shipments",
        frame("shipments", [{**absent, "fetched_at": minutes(2)}]),
    )
    found = work.execute("select is_missing, fetched_at from core.shipments").fetchall()
    assert found == [(True, minutes(2))]
    load.load(work, "core.shipments", frame("shipments", [known]))
    load.load(
        work,
        "core.shipments",
        frame("shipments", [{**absent, "fetched_at": minutes(9)}]),
    )
    found = work.execute(
        "select is_missing, lead_time_cost_amount from core.shipments"
    ).fetchall()
    assert found == [(False, Decimal("18.90"))]


def test_costs_reach_the_shipment_whichever_comes_first(work: Any) -> None:
    cost = {
        "seller_cost_amount": Decimal("15.95"),
        "seller_compensation_amount": Decimal("6.00"),
        "fetched_at": minutes(3),
    }
    known = {"lead_time_cost_amount": Decimal("18.90")}
    shipments = [{"shipment_id": 1, **known}, {"shipment_id": 3, **known}]
    load.load(work, "core.shipments", frame("shipments", shipments))
    costs = [
        {"shipment_id": 1, **cost},
        {"shipment_id": 2, **cost},
        {"shipment_id": 3, "currency_id": "USD", **cost},
        {"shipment_id": 1, **cost, "seller_id": 2, "seller_cost_amount": Decimal(1)},
    ]
    assert load.load(
        work, "core.shipment_costs", frame("shipment_costs", costs)
    ) == Counts(4, 4, 0, 0)
    late = frame("shipments", [{"shipment_id": 2, **known}])
    assert load.load(work, "core.shipments", late) == Counts(1, 1, 0, 0)
    assert load.load(work, "core.shipments", late) == Counts(1, 0, 0, 1)
    found = work.execute(
        "select shipment_id, seller_cost_amount, seller_compensation_amount,"
        " costs_fetched_at from core.shipments order by shipment_id"
    ).fetchall()
    assert found == [
        (1, Decimal("15.95"), Decimal("6.00"), minutes(3)),
        (2, Decimal("15.95"), Decimal("6.00"), minutes(3)),
        (3, None, None, None),  # told in another currency than the shipment's
    ]


def test_an_answer_without_the_sellers_cost_never_replaces_one_with_it(
    work: Any,
) -> None:
    told = {"shipment_id": 1, "seller_cost_amount": Decimal("15.95")}
    load.load(work, "core.shipment_costs", frame("shipment_costs", [told]))
    silent = {"shipment_id": 1, "fetched_at": minutes(9)}
    again = load.load(work, "core.shipment_costs", frame("shipment_costs", [silent]))
    assert again == Counts(1, 0, 0, 1)


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_shipments_end_alike_in_any_order_of_arrival(scratch: Any, data: Any) -> None:
    rows = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "shipment_id": st.sampled_from([1, 2]),
                    "is_missing": st.booleans(),
                    "updated_at": st.sampled_from([None, AT, minutes(1)]),
                    "fetched_at": st.sampled_from([minutes(2), minutes(3)]),
                    "shipment_status": st.sampled_from(["shipped", "delivered"]),
                }
            ),
            min_size=1,
            max_size=6,
        )
    )
    with scratch() as connection:
        load.load(connection, "core.shipments", frame("shipments", rows))
        at_once = connection.execute("from core.shipments order by all").fetchall()
    with scratch() as connection:
        for row in data.draw(st.permutations(rows)):
            load.load(connection, "core.shipments", frame("shipments", [row]))
        found = connection.execute("from core.shipments order by all").fetchall()
    assert found == at_once


def test_the_first_ratio_fetched_on_a_day_stands(work: Any) -> None:
    load.load(work, "core.exchange_rates", rates((5, "0.07", "mercado_libre")))
    load.load(
        work,
        "core.exchange_rates",
        rates((9, "0.09", "mercado_libre"), (1, "0.0704988", "mercado_libre")),
    )
    again = load.load(work, "core.exchange_rates", rates((60, "0.08", "csv")))
    assert again == Counts(1, 0, 0, 1)
    found = work.execute("select rate_date, ratio from core.exchange_rates").fetchall()
    assert found == [(date(2026, 3, 2), Decimal("0.070498800000"))]


def test_sellers_sites_and_days_are_as_known_now(work: Any) -> None:
    rows: list[dict[str, object]] = [{"seller_id": 1}]

    def load_sellers(rows: list[dict[str, object]]) -> Counts:
        return load.load(work, "core.sellers", frame("sellers", rows))

    assert load_sellers(rows) == Counts(1, 1, 0, 0)
    assert load_sellers(rows) == Counts(1, 0, 0, 1)
    moved = [{"seller_id": 1, "site_id": "MLA", "fetched_at": minutes(2)}]
    assert load_sellers(moved) == Counts(1, 0, 1, 0)
    earlier = [{"seller_id": 1, "site_id": "MLC", "fetched_at": minutes(1)}]
    assert load_sellers(earlier) == Counts(1, 0, 0, 1)
    assert work.execute("from core.sellers").fetchall() == [
        (1, "MLA", None, minutes(2))
    ]
    site = pl.DataFrame(
        {
            "site_id": ["MLB"],
            "country": ["Brazil"],
            "currency_id": ["BRL"],
            "time_zone": ["America/Sao_Paulo"],
        }
    )
    assert load.constant(work, "sites", site)
    assert not load.constant(work, "sites", site)
    known = "select site_id from core.sites"
    other = site.with_columns(site_id=pl.lit("MLA"))
    assert load.constant(work, "sites", other)
    assert work.execute(known).fetchall() == [("MLA",)], "the code has given MLB up"
    day = pl.DataFrame(
        {"calendar_date": [AT.date()], "month_start_date": [date(2026, 3, 1)]}
    )
    assert load.constant(work, "calendar", day)


def test_a_reading_of_a_window_stays_as_it_was_told(work: Any) -> None:
    reading = pl.DataFrame(
        {
            "seller_id": [1],
            "pass": ["all"],
            "window_from": [AT],
            "window_to": [minutes(60)],
            "checked_at": [minutes(70)],
            "closed_to": [minutes(60)],
            **{
                name: [1]
                for name in (
                    "total_before",
                    "total_after",
                    "order_count",
                    "inside_count",
                    "duplicate_count",
                    "page_count",
                    "request_count",
                )
            },
            "run_id": ["run"],
            "verdict": ["complete"],
            "reason": ["none"],
        },
        schema_overrides=dict.fromkeys(
            ("window_from", "window_to", "checked_at", "closed_to"), INSTANT
        ),
    )
    assert load.load(work, "ops.windows", reading) == Counts(1, 1, 0, 0)
    again = load.load(
        work, "ops.windows", reading.with_columns(verdict=pl.lit("short"))
    )
    assert again == Counts(1, 0, 0, 1)


def run_told(finished_at: datetime | None, outcome: str) -> pl.DataFrame:
    """One telling of the one run."""
    return pl.DataFrame(
        {
            "run_id": ["run"],
            "run_number": [7],
            "asked": ["sync"],
            "started_at": [AT],
            "finished_at": [finished_at],
            "requests": ["{}"],
            "rows_in": [0],
            "rows_out": [0],
            "code_version": ["1"],
            "outcome": [outcome],
        },
        schema_overrides={"started_at": INSTANT, "finished_at": INSTANT},
    )


def test_a_run_that_ends_replaces_its_row(work: Any) -> None:
    load.load(work, "ops.runs", run_told(None, "running"))
    assert load.load(work, "ops.runs", run_told(minutes(1), "done")).updated == 1
    assert load.load(
        work, "ops.runs", run_told(minutes(1), "told at that very moment")
    ).updated
    assert work.execute("select finished_at, outcome from ops.runs").fetchall() == [
        (minutes(1), "told at that very moment")
    ]


@pytest.mark.parametrize("number", range(8))
def test_of_two_tellings_of_a_run_the_later_stands_in_any_order_of_arrival(
    work: Any, number: int
) -> None:
    # As a rebuild finds them: what was complete when it was told, and what failed then.
    # The number changes the hash that breaks ties, which must not decide here.
    first = run_told(minutes(1), "complete")
    last = run_told(minutes(2), f"marts__orders: step {number} failed")
    expected = [(minutes(2), f"marts__orders: step {number} failed")]
    for arriving in ([pl.concat([first, last])], [pl.concat([last, first])], [first]):
        for one in arriving:
            load.load(work, "ops.runs", one)
        found = work.execute("select finished_at, outcome from ops.runs").fetchall()
        assert found == expected


def test_landed_files_are_remembered(work: Any) -> None:
    landed = pl.DataFrame(
        {
            "path": ["orders/a", "orders/b"],
            "resource": ["orders"] * 2,
            "row_count": [1, 2],
            "byte_count": [10, 20],
            "checksum": ["0a", "0b"],
            "windows": [None, "[]"],
            "loaded_at": [AT] * 2,
        },
        schema_overrides={"loaded_at": INSTANT},
    )
    load.landed_files(work, landed.head(1))
    load.landed_files(work, landed)
    assert load.landed_row_counts(work) == {"orders/a": 1, "orders/b": 2}


def test_the_newest_answer_of_a_thing_is_remembered_in_any_order(work: Any) -> None:
    answers = [
        ("packs", "7", 5),
        ("packs", "7", 6),
        ("packs", "7", 4),
        ("orders", "7", 1),
    ]
    rows = [
        {"resource": resource, "resource_id": number, "fetched_at": minutes(minute)}
        for resource, number, minute in answers
    ]
    for batches in ([rows], [rows[1:2], rows], [rows[3:], rows[2:3], rows[:2]]):
        for batch in batches:
            load.accepted_things(work, frame("landed_things", batch))
        found = work.execute("from ops.landed_things order by all").fetchall()
        assert found == [("orders", "7", minutes(1)), ("packs", "7", minutes(6))]
        work.execute("delete from ops.landed_things")


def test_a_refused_record_is_resolved_by_a_copy_as_new_in_either_order(
    work: Any,
) -> None:
    load.quarantine(work, refused("packs", "7", minutes(5)))
    load.quarantine(work, refused("packs", "8", minutes(5)))
    accept(work, "packs", "7", 5)
    accept(work, "packs", "7", 3)
    accept(work, "shipments", "8", 5)
    load.quarantine(work, refused("packs", "7", minutes(4)))
    load.quarantine(work, refused("packs", "7", minutes(6)))
    found = work.execute(
        "select resource_id, landed_at, is_resolved from ops.quarantine order by 1, 2"
    ).fetchall()
    assert found == [
        ("7", minutes(4), True),
        ("7", minutes(5), True),
        ("7", minutes(6), False),  # newer than what loaded
        ("8", minutes(5), False),
    ]
    assert load.quarantine(work, refused("packs", "7", minutes(5))).unchanged == 1
    assert work.execute(
        "select count(*) from ops.quarantine where is_resolved"
    ).fetchall() == [(2,)]


def test_a_refused_account_is_resolved_by_an_answer_as_new_not_by_an_order(
    work: Any,
) -> None:
    for seller_id in ("1", "2"):
        load.quarantine(work, refused("sellers", seller_id, minutes(5)))
    # Orders name both sellers, so both have a row; only the first one's was answered.
    orders = [
        {"record_number": 0, "order_id": 1, "seller_id": 1},
        {"record_number": 1, "order_id": 2, "seller_id": 2},
    ]
    load_orders(work, orders)
    complete_sellers(work, None)
    resolved = "select resource_id, is_resolved from ops.quarantine order by all"
    accept(work, "sellers", "1", 4)
    assert work.execute(resolved).fetchall() == [("1", False), ("2", False)]
    accept(work, "sellers", "1", 5)
    assert work.execute(resolved).fetchall() == [("1", True), ("2", False)]


def test_a_refused_ratio_is_not_resolved_by_one_that_was_worked_out(work: Any) -> None:
    load.quarantine(work, refused("exchange_rates", "ARS-BRL", minutes(5)))
    load.load(work, "core.exchange_rates", rates((6, "0.07", "inverse of BRL-ARS")))
    load.resolve_quarantine(work)
    assert work.execute("select is_resolved from ops.quarantine").fetchall() == [
        (False,)
    ]


def test_unknown_fields_are_counted_up_with_their_first_type(work: Any) -> None:
    def seen(at: int, count: int, sample: str) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "resource": ["orders"],
                "path": ["context.new"],
                "first_seen_at": [minutes(at)],
                "last_seen_at": [minutes(at)],
                "seen_count": [count],
                "sample_type": [sample],
            },
            schema_overrides=dict.fromkeys(("first_seen_at", "last_seen_at"), INSTANT),
        )

    assert load.load(work, "ops.unknown_fields", seen(5, 2, "string")).inserted == 1
    assert load.load(work, "ops.unknown_fields", seen(9, 3, "null")).updated == 1
    assert load.load(work, "ops.unknown_fields", seen(1, 4, "object")).updated == 1
    found = work.execute("from ops.unknown_fields").fetchall()
    assert found == [("orders", "context.new", minutes(1), minutes(9), 9, "object")]
