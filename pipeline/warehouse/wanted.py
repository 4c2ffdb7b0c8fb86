"""What the warehouse lacks and the API could tell: the files of sql/wanted.

Fetching it is `extraction/`'s business.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.warehouse.files import folder, statement


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
