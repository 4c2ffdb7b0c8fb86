"""Six sellers' synced sales with every oddity of the sandbox, and how rows compare.

Run by `make test-scale`: the engines are not in the lock, because they weigh 1.2 GB.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from pipeline.warehouse.files import Table, tables
from pipeline.warehouse.prepare import Shapes, declared_shapes
from tests.conftest import run_sync

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 20

MARTS = [table for table in tables() if table.schema == "marts"]
READ = sorted(
    {name for mart in MARTS for name in mart.reads if not name.startswith("marts.")}
)
"""The tables of core and ops that marts read."""


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after one sync: to be read, not to be written."""
    folder = tmp_path_factory.mktemp("synced") / "data"
    made = World(orders=2_500, seed=11, now=NOW, days=DAYS, sellers=6)
    span = Range(NOW - timedelta(days=DAYS + 1), NOW + timedelta(hours=1))
    with serve(made) as sandbox:
        _, ended = run_sync(sandbox, span, folder, reporting_currency="USD")
        assert ended.is_good, ended
    return folder


@pytest.fixture(scope="session")
def warehouse(data_dir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(data_dir / "warehouse.duckdb", read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


@pytest.fixture(scope="session")
def differences(
    warehouse: duckdb.DuckDBPyConnection,
) -> Callable[[Table, str], list[tuple[object, ...]]]:
    """Rows of a mart that only DuckDB or only Parquet files of another engine have.

    Decimals are compared exactly and doubles bit for bit; a column may be wider there.
    """
    shapes: Shapes = declared_shapes()

    def differing(mart: Table, path: str) -> list[tuple[object, ...]]:
        ours = ", ".join(f'"{name}"' for name, _ in shapes[mart.qualified])
        theirs = ", ".join(
            f'found."{name}"::{data_type} as "{name}"'
            for name, data_type in shapes[mart.qualified]
        )
        held = f"select {ours} from {mart.qualified}"
        found = f"select {theirs} from read_parquet('{path}') as found"
        return warehouse.execute(
            f"(({held}) except all ({found}))"
            f" union all (({found}) except all ({held})) limit 4"
        ).fetchall()

    return differing
