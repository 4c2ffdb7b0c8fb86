"""Merges a batch of landed copies of orders into core: one winner for each order.

The winner is the copy that ranks highest by (updated_at, indexed_at or else
fetched_at, fetched_at, hashes). ops.order_reads keeps the rank of the winner so far, so
the winner is always the held copy or one of the batch, and the rows end up the same
however copies are batched and ordered. Only the winner's items and payments are kept.

Some values come from another copy: `buyer_id`, `shipment_id` and `mediation_ids` where
the winner is a partial answer (206) that left them out, `indexed_at` (the largest
known), `fetched_at` (the oldest fetch of the same row). The shipment of an order that
names none is the one that core.order_shipments has of it.

The statements are files of sql/loading; they read the staged tables incoming_orders,
incoming_order_items and incoming_payments, tied by record_number.
"""

import duckdb

from pipeline.warehouse import changes
from pipeline.warehouse.files import statement
from pipeline.warehouse.merge import Counts

_STEPS = (
    "incoming_copies",
    "winning_copies",
    "new_versions",
    "merge_versions",
    "next_orders",
    "told_shipments",
    "changed_orders",
    "merge_orders",
    "merge_order_parts",
)
_AGAIN = (
    "held_copies",
    "winning_copies",
    "next_orders",
    "told_shipments",
    "changed_orders",
    "merge_orders",
)


def merge(connection: duckdb.DuckDBPyConnection, rows_in: int) -> Counts:
    """Merge the staged copies; several versions of an order count once.

    The version that ranks highest of all that ever came replaces the order whole;
    core.order_versions keeps every distinct version.
    """
    for step in _STEPS:
        connection.execute(statement(f"loading/{step}"))
    changes.mark_orders(connection)
    inserted, updated, orders = connection.execute(
        statement("loading/merged_counts")
    ).fetchall()[0]
    return Counts(rows_in, inserted, updated, orders - inserted - updated)


def tell_shipments(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out again the held orders whose shipments the answers just merged name.

    So it does not matter which comes first, the order or the answer. Reads changed_rows
    as `merge` left it.
    """
    for step in _AGAIN:
        connection.execute(statement(f"loading/{step}"))
    changes.mark_orders(connection)
