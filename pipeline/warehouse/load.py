"""Frames into the tables of core and ops, each row once, in any order of arrival.

Every function runs in the caller's transaction and may be called again with the same
frame: nothing changes then. No primary-key index: rows are deleted and inserted, and
keys are checks (dagster-duckdb-scale.md part 1 §2: 5 to 10 times faster).
"""

from collections.abc import Sequence

import duckdb
import polars as pl

from pipeline.warehouse import order_versions
from pipeline.warehouse.files import statement, table
from pipeline.warehouse.merge import Counts, merge
from pipeline.warehouse.staging import given, run, stage

# Which of several rows with one key stands: see `merge`.
_NEWEST = "is_missing asc, updated_at desc nulls last, fetched_at desc nulls last"
_ARRIVING = "arrival is null"
_HELD = "arrival is not null"
_GIVEN_UP = "delete from $table where ($key) not in (select ($key) from incoming_rows)"


def orders(
    connection: duckdb.DuckDBPyConnection,
    orders: pl.DataFrame,
    order_items: pl.DataFrame,
    payments: pl.DataFrame,
) -> Counts:
    """Versions of orders with their items and payments, tied by `record_number`.

    An order is replaced whole, by the version that ranks highest of all that ever
    came (`order_versions`); every distinct version is kept in core.order_versions.
    Counts are of orders: several versions of one order are one.
    """
    stage(connection, table("core.order_versions"), orders, name="incoming_orders")
    stage(
        connection,
        table("core.order_items"),
        order_items,
        name="incoming_order_items",
    )
    stage(connection, table("core.payments"), payments, name="incoming_payments")
    inserted, updated, unchanged = order_versions.merge(connection)
    resolve_quarantine(connection)
    return Counts(orders.height, inserted, updated, unchanged)


def packs(
    connection: duckdb.DuckDBPyConnection,
    packs: pl.DataFrame,
    pack_orders: pl.DataFrame,
) -> Counts:
    """Packs, and the orders that the newest version of each names.

    A 404 (`is_missing`) never replaces a known pack. Where both frames carry
    `record_number` it ties them; without it a pack comes once a frame.
    """
    stage(connection, table("core.packs"), packs, name="incoming_rows")
    stage(connection, table("core.pack_orders"), pack_orders, name="incoming_members")
    counts = merge(connection, table("core.packs"), rank=_NEWEST)
    connection.execute(statement("loading/pack_orders"))
    resolve_quarantine(connection)
    return counts


def shipments(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Shipments: the newest by `updated_at`, then `fetched_at`.

    A 404 (`is_missing`) never replaces a known shipment. What the seller pays and is
    paid comes from core.shipment_costs, whichever of the two is loaded first.
    """
    stage(
        connection,
        table("core.shipments"),
        frame,
        name="incoming_rows",
        without=(
            "seller_cost_amount",
            "seller_compensation_amount",
            "costs_fetched_at",
        ),
    )
    connection.execute(statement("loading/costs_of_shipments"))
    counts = merge(connection, table("core.shipments"), rank=_NEWEST)
    resolve_quarantine(connection)
    return counts


def shipment_costs(
    connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame
) -> Counts:
    """What sellers pay for shipments: the newest answer that names an amount.

    core.shipments carries the amounts for its own seller and in its own currency,
    whichever of the two is loaded first; costs in another currency stay out of it.
    """
    stage(connection, table("core.shipment_costs"), frame, name="incoming_rows")
    counts = merge(
        connection,
        table("core.shipment_costs"),
        rank="seller_cost_amount is null, fetched_at desc",
    )
    connection.execute(statement("loading/shipments_of_costs"))
    resolve_quarantine(connection)
    return counts


def exchange_rates(
    connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame
) -> Counts:
    """Ratios by UTC day: the first one fetched on a day stands for ever.

    A ratio that was worked out (`derived_rates`) gives way to one that was quoted.
    """
    stage(connection, table("core.exchange_rates"), frame, name="incoming_rows")
    counts = merge(
        connection,
        table("core.exchange_rates"),
        rank="source not in ('mercado_libre', 'csv') asc,"
        " fetched_at asc, source asc, ratio asc",
    )
    resolve_quarantine(connection)
    return counts


def sellers(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Sellers: the answer fetched last; a row made of orders gives way to any.

    Their reporting currency is filled in afterwards (`reporting.complete_sellers`).
    """
    stage(connection, table("core.sellers"), frame, name="incoming_rows")
    counts = merge(
        connection,
        table("core.sellers"),
        rank=f"fetched_at desc nulls last, {_ARRIVING}",
    )
    resolve_quarantine(connection)
    return counts


def constant(
    connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame
) -> Counts:
    """A table that comes with the code, by its name in core: it becomes the frame.

    A row that the code has given up goes, though it counts nowhere.
    """
    made = table(f"core.{name}")
    stage(connection, made, frame, name="incoming_rows")
    counts = merge(connection, made, rank=_ARRIVING)
    key = ", ".join(f'"{column}"' for column in made.key)
    run(connection, _GIVEN_UP, table=made.qualified, key=key)
    return counts


def windows(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Certificates of windows; a reading that is held already stays as it is."""
    stage(connection, table("ops.windows"), frame, name="incoming_rows")
    return merge(connection, table("ops.windows"), rank=_HELD)


def runs(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Runs; of one that is told twice the later telling stands, in any order."""
    stage(connection, table("ops.runs"), frame, name="incoming_rows")
    return merge(
        connection,
        table("ops.runs"),
        rank=f"finished_at desc nulls last, {_ARRIVING}",
    )


def landed_files(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Landed files that core holds from now on."""
    stage(connection, table("ops.landed_files"), frame, name="incoming_rows")
    return merge(connection, table("ops.landed_files"), rank=_HELD)


def landed_paths(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The landed files that core holds: what need not be loaded again."""
    rows = connection.execute(statement("loading/landed_paths")).fetchall()
    return frozenset(path for (path,) in rows)


def forget_files(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Forget landed files whose rows lie in another file that core holds."""
    gone = pl.DataFrame({"path": paths}, schema={"path": pl.String})
    with given(connection, "compacted_files", gone):
        connection.execute(statement("loading/forget_files"))


def quarantine(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Refused records; `is_resolved` is worked out here, the frame need not have it."""
    unresolved = frame.with_columns(pl.lit(value=False).alias("is_resolved"))
    stage(connection, table("ops.quarantine"), unresolved, name="incoming_rows")
    counts = merge(connection, table("ops.quarantine"), rank=_HELD)
    resolve_quarantine(connection)
    return counts


def absences(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Counts:
    """Things asked for by their id of which nothing came: the newest answer stands."""
    stage(connection, table("ops.absences"), frame, name="incoming_rows")
    return merge(connection, table("ops.absences"), rank="absent_at desc")


def retried_records(connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> None:
    """Mark what a retry found of refused records.

    Args:
        connection: to the warehouse, in the caller's transaction.
        frame: resource, resource_id, landed_at of each, and the reason for which
            today's code refuses it; a null reason resolves it.
    """
    with given(connection, "retried_records", frame):
        connection.execute(statement("loading/retried_records"))


def unknown_fields(
    connection: duckdb.DuckDBPyConnection, frame: pl.DataFrame
) -> Counts:
    """Unknown fields, counted up: hand over each landed file's once."""
    stage(connection, table("ops.unknown_fields"), frame, name="incoming_rows")
    connection.execute(statement("loading/unknown_fields"))
    return merge(connection, table("ops.unknown_fields"), rank=_ARRIVING)


def resolve_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Mark refused records of which a copy, as new or newer, is in core by now."""
    connection.execute(statement("loading/resolve_quarantine"))
