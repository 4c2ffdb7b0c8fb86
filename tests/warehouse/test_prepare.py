"""Tables are made once, and other code's tables are not touched but named."""

from pathlib import Path

import pytest

from pipeline.warehouse.connection import connect
from pipeline.warehouse.errors import SchemaChanged
from pipeline.warehouse.files import tables
from pipeline.warehouse.prepare import prepare, shapes


def test_every_table_of_core_and_ops_is_there_and_again_changes_nothing(
    tmp_path: Path,
) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute("insert into core.pack_orders values (1, 2)")
        before = shapes(connection)
        prepare(connection)
        assert shapes(connection) == before
        assert connection.execute("from core.pack_orders").fetchall() == [(1, 2)]
    wanted = {table.qualified for table in tables() if table.schema != "marts"}
    assert set(before) == wanted


@pytest.mark.parametrize("gone", ["table ops.landed_things", "schema core cascade"])
def test_what_is_absent_beside_loaded_files_asks_for_a_rebuild(
    tmp_path: Path, gone: str
) -> None:
    # A table of newer code: created empty, it would stay so, because ops.landed_files
    # says that all is loaded.
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute("insert into ops.landed_files (path) values ('a')")
        connection.execute(f"drop {gone}")
        with pytest.raises(SchemaChanged, match="absent, but sql/ declares it"):
            prepare(connection)


def test_changed_columns_ask_for_a_rebuild(tmp_path: Path) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute("alter table core.pack_orders add column extra bigint")
        connection.execute("insert into ops.landed_files (path) values ('a')")
        with pytest.raises(SchemaChanged, match=r"core\.pack_orders: held with other"):
            prepare(connection)


@pytest.mark.parametrize(
    "change",
    ["drop table core.sites", "alter table core.sites add column extra bigint"],
)
def test_a_table_that_comes_with_the_code_is_made_anew_without_a_rebuild(
    change: str, tmp_path: Path
) -> None:
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute("insert into core.pack_orders values (1, 2)")
        before = shapes(connection)
        connection.execute(change)
        prepare(connection, ["sites"])
        assert shapes(connection) == before
        assert connection.execute("from core.sites").fetchall() == []
        assert connection.execute("from core.pack_orders").fetchall() == [(1, 2)]


def test_what_an_earlier_version_noted_of_marts_goes_with_its_tables(
    tmp_path: Path,
) -> None:
    # It may have built them last, of other selects.
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute("insert into changes.marts values ('marts.a', 'b', null)")
        prepare(connection)
        assert len(connection.execute("from changes.marts").fetchall()) == 1
        connection.execute("create table changes.built (name varchar)")
        prepare(connection)
        assert connection.execute("from changes.marts").fetchall() == []
        names = "select table_name from duckdb_tables() where schema_name = 'changes'"
        assert ("built",) not in connection.execute(names).fetchall()
