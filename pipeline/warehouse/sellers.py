"""Completes core.sellers: a row for every seller, one reporting currency for all.

Not here: rows of the API's answer about a seller (`frames/sellers.py`).
"""

import duckdb

from pipeline.warehouse.files import statement


def complete_sellers(
    connection: duckdb.DuckDBPyConnection, reporting_currency_id: str | None
) -> None:
    """Give every seller of an order a row, and all sellers one reporting currency.

    Args:
        connection: to the warehouse, in the caller's transaction.
        reporting_currency_id: the setting; None takes the currency that the sites of
            all sellers share, or null if they share none.
    """
    connection.execute(statement("loading/missing_sellers"))
    connection.execute(
        "set variable reporting_currency_id = $1", [reporting_currency_id]
    )
    connection.execute(statement("loading/reporting_currency"))
