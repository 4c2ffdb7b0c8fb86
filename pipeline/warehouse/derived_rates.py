"""Exchange ratios that were worked out, not quoted: made anew after every load.

What a ratio is worked out from stands in sql/loading/derived_exchange_rates.sql. Not here:
choosing the ratio of a day; that is `marts.conversion_rates`.
"""

from typing import Literal, TypeAlias

import duckdb

from pipeline.warehouse.files import statement

Fallback: TypeAlias = Literal["none", "inverse", "triangulate"]


def derive(connection: duckdb.DuckDBPyConnection, fallback: Fallback) -> int:
    """Replace all worked-out ratios of core.exchange_rates; returns how many there are.

    With the fallback `none` there are none. Each one's `source` says what it was
    worked out from. Run it in a transaction, after orders, shipments and ratios.
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
