"""A mart that breaks a claim is not seen: the one of before stays."""

from pathlib import Path
from typing import Any

from pipeline.warehouse.changes import Notes
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import statement, table
from pipeline.warehouse.refresh import Refreshed, refresh

NUMBERS = """-- Numbers.
-- grain: one row per number
-- key: number
-- reads: none
-- columns:
--   number: the number
select unnest([1, 2]) as number
"""
LOW = """-- A number above one.
-- table: marts.numbers
-- reads: none
-- severity: warn
select number from marts.numbers where number > 1
"""


def made(connection: Any, root: Path) -> Refreshed:
    """Bring `marts.numbers` of a folder of SQL up to date."""
    return refresh(connection, table("marts.numbers", root), Notes(connection))


def test_a_broken_key_brings_the_table_of_before_back(
    tmp_path: Path, sql_folder: Any
) -> None:
    root = sql_folder({"marts/numbers.sql": NUMBERS})
    broken = NUMBERS.replace("[1, 2]", "[3, 3]")
    with connect(tmp_path / "work.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute(statement("following/marks"))
        outcomes, rows, _ = made(connection, root)
        assert (rows, all(outcome.passed for outcome in outcomes)) == (2, True)
        other = sql_folder({"other/marts/numbers.sql": broken}) / "other"
        outcomes, rows, _ = made(connection, other)
        assert rows is None
        assert [outcome.name for outcome in outcomes if outcome.is_broken] == [
            "key_is_unique"
        ]
        found = connection.execute("from marts.numbers order by 1").fetchall()
    assert found == [(1,), (2,)]


def test_a_warning_is_told_and_the_mart_replaced(
    tmp_path: Path, sql_folder: Any
) -> None:
    root = sql_folder({"marts/numbers.sql": NUMBERS, "checks/numbers__low.sql": LOW})
    with connect(tmp_path / "work.duckdb") as connection:
        connection.execute("create schema marts")
        connection.execute(statement("following/marks"))
        outcomes, rows, _ = made(connection, root)
    assert rows == 2
    assert [outcome.name for outcome in outcomes if not outcome.passed] == ["low"]
    assert not any(outcome.is_broken for outcome in outcomes)
