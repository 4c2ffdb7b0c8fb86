"""dlt's `rest_api` source into DuckDB: Parquet files, workers, one schema.

Its best settings for this machine: pages of the largest size, several windows at once,
normalising in two processes, Parquet as the loader's format.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.contenders.asked import (
    PAGE_LIMIT,
    SEARCH,
    Amount,
    answer,
    filters,
    windows,
)

_SETTINGS = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "EXTRACT__WORKERS": "8",
    "NORMALIZE__WORKERS": "2",
    "LOAD__WORKERS": "2",
    "NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
}


def run(url: str, folder: Path) -> None:
    """Extract, normalise and load a year of orders."""
    os.environ.update(_SETTINGS, DLT_DATA_DIR=str(folder / "dlt"))
    import dlt
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(_config(url))
    pipeline = dlt.pipeline(
        pipeline_name="orders",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(folder / "warehouse.duckdb")),
        dataset_name="orders",
    )
    pipeline.run(source, loader_file_format="parquet").raise_on_failed_jobs()


def _config(url: str) -> Any:
    """One resource a window, all of them into one table."""
    return {
        "client": {"base_url": url},
        "resources": [
            {
                "name": f"orders_{number}",
                "table_name": "orders",
                "primary_key": "id",
                "write_disposition": "merge",
                "parallelized": True,
                "endpoint": {
                    "path": SEARCH,
                    "params": filters(*window),
                    "data_selector": "results",
                    "paginator": {
                        "type": "offset",
                        "limit": PAGE_LIMIT,
                        "total_path": "paging.total",
                    },
                },
            }
            for number, window in enumerate(windows())
        ],
    }


def amounts(folder: Path) -> Iterator[Amount]:
    """The sum of all totals, then every line of an order."""
    import duckdb

    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        yield from connection.execute(
            "select sum(total_amount) from orders.orders"
        ).fetchall()
        yield from connection.execute(
            """
            select o.id, o.total_amount, o.paid_amount, i.unit_price, i.sale_fee
            from orders.orders as o
            left join orders.orders__order_items as i
                on o._dlt_id = i._dlt_parent_id
            """
        ).fetchall()


if __name__ == "__main__":
    answer(run, amounts)
