"""A mart that follows what changed is the mart built whole, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.frames import constants, exchange_rates, item_costs
from pipeline.landing.certificate import SCHEMA
from pipeline.warehouse import refresh
from pipeline.warehouse.connection import connect, transaction
from pipeline.warehouse.files import tables
from pipeline.warehouse.load import constant, load
from pipeline.warehouse.prepare import prepare
from pipeline.warehouse.refresh import How
from pipeline.warehouse.sellers import complete_sellers
from tests.warehouse.conftest import frame, load_orders

MARTS = [one for one in tables() if one.schema == "marts"]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDERS, PACKS, SHIPMENTS, BUYERS = range(1, 9), (50, 51), (20, 21, 22), (7, 8, None)

Row: TypeAlias = Mapping[str, Any]


def cents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda number: Decimal(number) / 100)


@st.composite
def an_order(draw: st.DrawFn) -> Row:
    return {
        "order_id": draw(st.sampled_from(ORDERS)),
        "pack_id": draw(st.sampled_from([None, *PACKS])),
        "shipment_id": draw(st.sampled_from([None, *SHIPMENTS])),
        "buyer_id": draw(st.sampled_from(BUYERS)),
        "currency_id": draw(st.sampled_from(["BRL", "BRL", "ARS"])),
        "order_status": draw(st.sampled_from(["paid", "paid", "cancelled"])),
        "sold_date": draw(st.sampled_from([date(2026, 3, 1), date(2026, 4, 9), None])),
        "prices": draw(st.lists(cents(1, 9999), min_size=1, max_size=3)),
        "refunded": draw(st.sampled_from([Decimal(0), Decimal(1)])),
    }


@st.composite
def a_shipment(draw: st.DrawFn) -> Row:
    return {
        "shipment_id": draw(st.sampled_from(SHIPMENTS)),
        "lead_time_cost_amount": draw(st.none() | cents(0, 999)),
        "lead_time_cost_source": "lead_time",
    }


@st.composite
def a_cost(draw: st.DrawFn) -> Row:
    return {
        "shipment_id": draw(st.sampled_from(SHIPMENTS)),
        "seller_cost_amount": draw(cents(0, 999)),
        "seller_compensation_amount": draw(cents(0, 99)),
        "currency_id": "BRL",
    }


@st.composite
def a_pack(draw: st.DrawFn) -> Row:
    return {
        "pack_id": draw(st.sampled_from(PACKS)),
        "pack_status": draw(st.sampled_from(["filled", "released"])),
        "named": draw(st.sets(st.sampled_from(ORDERS), max_size=3)),
    }


@st.composite
def a_rate(draw: st.DrawFn) -> Row:
    return {
        "rate_date": draw(st.dates(date(2026, 2, 25), date(2026, 3, 9))),
        "ratio": Decimal(draw(st.integers(1, 99))) / 10,
    }


@st.composite
def a_unit_cost(draw: st.DrawFn) -> Row:
    return {
        "seller_id": draw(st.sampled_from([0, 1])),
        "seller_sku": draw(st.sampled_from(["SKU-0", "SKU-1"])),
        "currency_id": draw(st.sampled_from(["BRL", "ARS"])),
        "valid_from": draw(st.sampled_from([date(2026, 2, 1), date(2026, 3, 5)])),
        "unit_cost": draw(cents(0, 999)),
    }


@st.composite
def a_reading(draw: st.DrawFn) -> Row:
    """A certificate of some hours of four days, of a day or of more."""
    first, closed = draw(st.integers(0, 95)), draw(st.integers(0, 120))
    return {
        "seller_id": draw(st.sampled_from([0, 1])),
        "pass": draw(st.sampled_from(["all", "cancelled"])),
        "window_from": START.replace(hour=0) + timedelta(hours=first),
        "window_to": START.replace(hour=0)
        + timedelta(hours=first + draw(st.sampled_from([1, 5, 24, 60]))),
        "closed_to": START.replace(hour=0) + timedelta(hours=closed),
        "checked_at": START + timedelta(minutes=draw(st.integers(0, 999))),
        "verdict": draw(st.sampled_from(["complete", "complete", "short", "revoked"])),
    }


NAMES = [mart.qualified for mart in MARTS]

CHANGES = st.fixed_dictionaries(
    {
        "orders": st.lists(an_order(), max_size=3),
        "shipments": st.lists(a_shipment(), max_size=2),
        "costs": st.lists(a_cost(), max_size=1),
        "packs": st.lists(a_pack(), max_size=1),
        "rates": st.lists(a_rate(), max_size=1),
        "unit_costs": st.lists(a_unit_cost(), max_size=1),
        "windows": st.lists(a_reading(), max_size=4),
        # All, those before the run breaks off, or some that were chosen.
        "refreshed": st.one_of(
            st.just(NAMES),
            st.sampled_from([NAMES, NAMES[:5], NAMES[:12]]),
            st.lists(st.sampled_from(NAMES), max_size=6),
        ),
    }
)


def load_changes(
    connection: duckdb.DuckDBPyConnection, change: Row, at: datetime
) -> None:
    """Load one batch, a later answer about everything in it."""
    stamps = {"updated_at": at, "fetched_at": at, "indexed_at": at}
    with transaction(connection):
        if change["orders"]:
            load_orders(connection, *order_frames(change["orders"], stamps))
        if change["packs"]:
            load_packs(connection, change["packs"], at)
        for name, rows in (
            ("shipments", change["shipments"]),
            ("shipment_costs", change["costs"]),
        ):
            if rows:
                made = frame(name, [{**row, **stamps} for row in rows])
                load(connection, f"core.{name}", made)
        if change["rates"]:
            rates = [
                {
                    **row,
                    "from_currency_id": "ARS",
                    "to_currency_id": "BRL",
                    "fetched_at": at,
                    "source": "mercado_libre",
                }
                for row in change["rates"]
            ]
            load(
                connection,
                "core.exchange_rates",
                pl.DataFrame(rates, schema=exchange_rates.SCHEMA, orient="row"),
            )
        if change["unit_costs"]:
            costs = [{**row, "landed_at": at} for row in change["unit_costs"]]
            load(
                connection,
                "core.item_costs",
                pl.DataFrame(costs, schema=item_costs.SCHEMA, orient="row"),
            )
        if change["windows"]:
            windows = [
                {column: row.get(column) for column in SCHEMA}
                for row in change["windows"]
            ]
            made = pl.DataFrame(windows, schema=dict(SCHEMA), orient="row")
            load(connection, "ops.windows", made)
        complete_sellers(connection, "BRL")


def order_frames(
    rows: Sequence[Row], stamps: Row
) -> tuple[list[Row], list[Row], list[Row]]:
    orders: list[Row] = []
    items: list[Row] = []
    payments: list[Row] = []
    for number, row in enumerate({row["order_id"]: row for row in rows}.values()):
        key = {"record_number": number, "order_id": row["order_id"]}
        money = {"currency_id": row["currency_id"]}
        total = sum(row["prices"], Decimal(0))
        parts = ("prices", "refunded")
        order = {name: value for name, value in row.items() if name not in parts}
        orders.append({**order, **key, **stamps, "total_amount": total})
        items.extend(
            {
                **key,
                **money,
                "line_number": line,
                "item_id": f"MLB{line % 2}",
                "seller_sku": f"SKU-{line % 2}",
                "unit_price": price,
                "unit_price_sent": price,
                "sale_fee_sent": Decimal(1),
            }
            for line, price in enumerate(row["prices"], start=1)
        )
        payments.append(
            {
                **key,
                **money,
                "payment_id": row["order_id"] * 10,
                "transaction_amount": total,
                "transaction_amount_refunded": row["refunded"],
            }
        )
    return orders, items, payments


def load_packs(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Row], at: datetime
) -> None:
    packs: list[Row] = []
    named: list[Row] = []
    for number, row in enumerate(rows):
        pack = {"pack_id": row["pack_id"], "pack_status": row["pack_status"]}
        packs.append({**pack, "updated_at": at, "fetched_at": at})
        named.extend(
            {"record_number": number, "pack_id": row["pack_id"], "order_id": order_id}
            for order_id in sorted(row["named"])
        )
    made = frame("packs", packs).with_row_index("record_number")
    members = frame("pack_orders", named).with_columns(
        record_number=pl.Series([one["record_number"] for one in named], dtype=pl.Int64)
    )
    load(
        connection,
        "core.packs",
        made.with_columns(pl.col("record_number").cast(pl.Int64)),
        {"core.pack_orders": members},
    )


def differences(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The marts that differ from what their select returns now."""
    found = []
    for mart in MARTS:
        made, held = (
            connection.execute(
                "select count(*), bit_xor(hash(one)), sum(hash(one))"
                f" from ({rows}) as one"
            ).fetchall()
            for rows in (mart.body, f"from {mart.qualified}")
        )
        if made != held:
            rows = connection.execute(
                f"with made as ({mart.body}), held as (from {mart.qualified})"
                " (from made except all from held) union all"
                " (from held except all from made)"
            ).fetchall()
            found.append(f"{mart.qualified}: {rows}")
    return found


@pytest.fixture
def always_following(monkeypatch: pytest.MonkeyPatch) -> None:
    """Follow also where building whole would be cheaper."""
    monkeypatch.setattr(refresh, "_MOST", 0)
    monkeypatch.setattr(refresh, "_FEW", -1)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with connect(tmp_path_factory.mktemp("following") / "work.duckdb") as connection:
        yield connection


def refreshed(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str] | None = None
) -> dict[str, How | None]:
    """Bring marts up to date, all by default; how each was."""
    found = refresh.refresh_all(connection, names)
    return {mart.name: came.how if came else None for mart, came in found}


NOTHING: Row = {
    name: []
    for name in (
        "orders",
        "shipments",
        "costs",
        "packs",
        "rates",
        "unit_costs",
        "windows",
    )
}


def sold(order_id: int, shipment_id: int) -> Row:
    """A paid order of one line, in a shipment."""
    return {
        "order_id": order_id,
        "shipment_id": shipment_id,
        "pack_id": None,
        "buyer_id": 7,
        "currency_id": "BRL",
        "order_status": "paid",
        "sold_date": date(2026, 3, 1),
        "prices": [Decimal("10.00")],
        "refunded": Decimal(0),
    }


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty all tables, as in a new work file."""
    for schema in ("core", "ops", "marts", "changes"):
        connection.execute(f"drop schema if exists {schema} cascade")
    prepare(connection)
    for name, made in constants.FRAMES.items():
        constant(connection, name, made())


@pytest.mark.usefixtures("always_following")
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(CHANGES, min_size=2, max_size=4))
def test_marts_that_follow_are_marts_built_whole(
    opened: duckdb.DuckDBPyConnection, sequence: Sequence[Row]
) -> None:
    begin(opened)
    is_built = False
    for number, change in enumerate(sequence):
        load_changes(opened, change, START + timedelta(hours=number))
        names = change["refreshed"]
        if not is_built:  # some alone can be made only of what is there
            names = NAMES[: len(names)]
        refreshed(opened, names)
        refresh.finish(opened)
        if names == NAMES:
            is_built = True
            found = differences(opened)
            assert found == [], "\n".join(found)
            assert opened.execute("from changes.orders").fetchall() == []
    refreshed(opened)
    assert differences(opened) == []


@pytest.mark.untraced
@pytest.mark.usefixtures("always_following")
def test_one_order_of_a_shipment_takes_its_sibling_along_and_no_other(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    begin(opened)
    orders = [sold(one, 20 + one // 3) for one in ORDERS]
    load_changes(opened, {**NOTHING, "orders": orders}, START)
    first = refreshed(opened)
    assert set(first.values()) == {How.WHOLE}
    refresh.finish(opened)

    late = {**NOTHING, "orders": [{**orders[0], "order_status": "cancelled"}]}
    load_changes(opened, late, START + timedelta(hours=1))
    then = refreshed(opened)
    marked = opened.execute("from changes.orders order by all").fetchall()
    # Orders 1 and 2 are shipment 20; 3, 4 and 5 are shipment 21.
    assert marked == [(1,), (2,)]
    follow = {mart.name for mart in MARTS if mart.follows}
    follow.remove("hour_completeness")  # no hour was read
    assert {name for name, how in then.items() if how == How.FOLLOWED} == follow
    assert differences(opened) == []
    refresh.finish(opened)

    again = refreshed(opened)
    assert set(again.values()) == {How.UNCHANGED}


@pytest.mark.untraced
@pytest.mark.usefixtures("always_following")
def test_hours_read_again_that_prove_nothing_new_change_no_day(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    begin(opened)
    midnight = START.replace(hour=0)

    def reading(first: int, end: int, at: int, verdict: str = "complete") -> list[Row]:
        """Hours from midnight on, read in both passes so many hours after it."""
        return [
            {
                "seller_id": 0,
                "pass": one,
                "window_from": midnight + timedelta(hours=first),
                "window_to": midnight + timedelta(hours=end),
                "closed_to": midnight + timedelta(hours=at),
                "checked_at": midnight + timedelta(hours=at, minutes=5),
                "verdict": verdict,
            }
            for one in ("all", "cancelled")
        ]

    def changed(*rows: list[Row]) -> tuple[How | None, How | None, list[Any]]:
        """How both marts of hours and days came to be, and the days that are marked."""
        windows = [row for found in rows for row in found]
        load_changes(opened, {**NOTHING, "windows": windows}, START)
        found = refreshed(opened)
        marked = opened.execute("from changes.update_days order by all").fetchall()
        assert differences(opened) == []
        refresh.finish(opened)
        return found["hour_completeness"], found["day_completeness"], marked

    first, second, third = (midnight.date() + timedelta(days=one) for one in range(3))
    assert changed(reading(0, 24, 24), reading(24, 48, 48))[:2] == (
        How.WHOLE,
        How.WHOLE,
    )
    assert changed(reading(0, 24, 49), reading(24, 48, 49)) == (
        How.FOLLOWED,
        How.UNCHANGED,
        [(0, first), (0, second)],
    )
    assert changed(reading(48, 49, 50)) == (
        How.FOLLOWED,
        How.WHOLE,
        [(0, third)],
    )
    # Revoked over both days, then read again in part: the rest stays revoked.
    revoked = reading(0, 48, 51, "revoked")
    assert changed(revoked)[:2] == (How.FOLLOWED, How.WHOLE)
    assert changed(reading(2, 5, 52)) == (How.FOLLOWED, How.WHOLE, [(0, first)])
    complete = opened.execute(
        "select update_hour % 24 from marts.hour_completeness"
        " where is_complete order by update_hour"
    ).fetchall()
    assert complete == [(2,), (3,), (4,), (0,)]


@pytest.mark.usefixtures("always_following")
def test_a_listing_whose_changes_of_price_are_found_anew_brings_back_no_other_day(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    begin(opened)
    days = {1: date(2026, 3, 1), 2: date(2026, 3, 2), 3: date(2026, 3, 3)}
    sales = [
        {**sold(one, 20 + one), "sold_date": day, "prices": [Decimal(10 * one)]}
        for one, day in days.items()
    ]
    load_changes(opened, {**NOTHING, "orders": sales}, START)
    refreshed(opened)
    refresh.finish(opened)

    late = {**sales[2], "prices": [Decimal(25)]}
    load_changes(opened, {**NOTHING, "orders": [late]}, START + timedelta(hours=1))
    refreshed(opened)
    changed = "select sold_date, unit_price from marts.price_changes order by all"
    assert opened.execute(changed).fetchall() == [
        (days[2], Decimal("20.00")),
        (days[3], Decimal("25.00")),
    ]
    marked = opened.execute("select sold_date from changes.days").fetchall()
    assert marked == [(days[3],)]
    assert differences(opened) == []


@pytest.mark.usefixtures("always_following")
def test_an_order_that_moves_while_it_is_marked_takes_its_new_sibling_along(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    begin(opened)
    costs = {"lead_time_cost_amount": Decimal("9.00")}
    shipments = [
        {"shipment_id": one, "lead_time_cost_source": "lead_time", **costs}
        for one in (20, 21)
    ]
    orders = [sold(1, 20), sold(2, 21), sold(3, 22)]
    first = {**NOTHING, "orders": orders, "shipments": shipments}
    load_changes(opened, first, START)
    refreshed(opened)
    refresh.finish(opened)

    # The run breaks off half way: order 1 stays marked, with shipment 20.
    late = {**sold(1, 20), "order_status": "cancelled"}
    load_changes(opened, {**NOTHING, "orders": [late]}, START + timedelta(hours=1))
    refreshed(opened, NAMES[:8])
    # As many are marked once it has moved, but order 2 hangs together with it now.
    load_changes(
        opened, {**NOTHING, "orders": [sold(1, 21)]}, START + timedelta(hours=2)
    )
    refreshed(opened)
    assert differences(opened) == []


@pytest.mark.usefixtures("always_following")
def test_what_changed_is_kept_while_some_marts_alone_have_followed_it(
    opened: duckdb.DuckDBPyConnection,
) -> None:
    begin(opened)
    abroad = {**sold(1, 20), "currency_id": "ARS"}
    load_changes(opened, {**NOTHING, "orders": [abroad]}, START)
    refreshed(opened)  # and killed before it publishes
    rate = {"rate_date": date(2026, 3, 1), "ratio": Decimal("0.5")}
    load_changes(opened, {**NOTHING, "rates": [rate]}, START + timedelta(hours=1))
    refreshed(opened, ["marts.conversion_rates"])
    refresh.finish(opened)
    refreshed(opened)
    assert differences(opened) == []
