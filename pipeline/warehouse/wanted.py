"""What the warehouse lacks and the API could tell: the files of sql/wanted.

Fetching it is `extraction/`'s business.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.warehouse.files import folder, statement
from pipeline.warehouse.staging import given


def names(root: Path | None = None) -> list[str]:
    """The things that can be wanted, as in `packs`."""
    return sorted(path.stem for path in ((root or folder()) / "wanted").glob("*.sql"))


def wanted(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    *,
    now: datetime,
    discounts: str = "needed",
) -> list[tuple[Any, ...]]:
    """Rows of `sql/wanted/<name>.sql` at an instant, in the order of their keys.

    `discounts` is the setting: of which orders they are wanted, `needed` or `all`.
    """
    connection.execute("set variable now = $1::timestamptz", [now])
    connection.execute("set variable discounts = $1::varchar", [discounts])
    return connection.execute(statement(f"wanted/{name}")).fetchall()


def versions_held(
    connection: duckdb.DuckDBPyConnection, versions: Mapping[str, datetime | None]
) -> set[str]:
    """Those of some orders, by id as text, whose version from search is held already.

    Args:
        connection: to the warehouse.
        versions: each order's `date_last_updated`, as it was just seen.
    """
    seen = pl.DataFrame(
        list(versions.items()),
        schema={"order_id": pl.String, "indexed_at": pl.Datetime("us", "UTC")},
        orient="row",
    )
    with given(connection, "seen_versions", seen):
        rows = connection.execute(statement("loading/versions_held")).fetchall()
    return {order_id for (order_id,) in rows}
