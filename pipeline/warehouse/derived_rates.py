"""Derives exchange ratios from quoted ones, anew after every load.

`sql/loading/derived_exchange_rates.sql` says what they are derived from. Not here:
choosing the ratio of a day (`marts.conversion_rates`).
"""

from typing import Literal, TypeAlias

import duckdb

from pipeline.warehouse.files import statement

Fallback: TypeAlias = Literal["none", "inverse", "triangulate"]


def derive(connection: duckdb.DuckDBPyConnection, fallback: Fallback) -> int:
    """Replace all derived ratios of core.exchange_rates; returns how many there are.

    The fallback `none` makes none. The `source` of each says what it is derived from.
    Run it in a transaction, after orders, shipments and ratios.
    """
    connection.execute(statement("loading/forget_derived_rates"))
    if fallback == "none":
        return 0
    connection.execute("set variable fallback = $1", [fallback])
    connection.execute(statement("loading/needed_currency_pairs"))
    ((count,),) = connection.execute(
        statement("loading/derived_exchange_rates")
    ).fetchall()
    return int(count)
