"""What a load has written is checked; the rest of a table once a day."""

from pathlib import Path

import pytest

from pipeline.warehouse import refresh
from pipeline.warehouse.connection import connect
from pipeline.warehouse.files import statement, table
from pipeline.warehouse.prepare import prepare
from pipeline.warehouse.refresh import check_changed

ORDERS = table("core.orders")
TWICE = (
    "insert into core.orders by name"
    " select unnest([1, 1, 2, 3, 4, 5, 6, 7, 8]) as order_id"
)


def test_only_marked_rows_are_checked_until_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "_FEW", -1)
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute(TWICE)
        breaches = [one.breach_count for one in check_changed(connection, ORDERS)]
        assert breaches[0] == 1, "never checked whole before"
        connection.execute(statement("following/forget_marks"))
        assert check_changed(connection, ORDERS) == [], "nothing was written since"
        connection.execute("insert into changes.orders values (1)")
        broken = [
            one.name for one in check_changed(connection, ORDERS) if one.breaches.height
        ]
        assert broken[0] == "key_is_unique"
        connection.execute("delete from changes.checked")
        assert not all(one.passed for one in check_changed(connection, ORDERS))


def test_a_large_table_that_hangs_on_no_order_is_checked_once_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    things = table("ops.landed_things")
    with connect(tmp_path / "work.duckdb") as connection:
        prepare(connection)
        connection.execute(
            "insert into ops.landed_things by name"
            " select 'orders' as resource, unnest(['1', '1']) as resource_id"
        )
        connection.execute(statement("following/forget_marks"))
        assert not all(one.passed for one in check_changed(connection, things))
        monkeypatch.setattr(refresh, "_MANY", 1)
        assert check_changed(connection, things) == []
        connection.execute("delete from changes.checked")
        assert not all(one.passed for one in check_changed(connection, things))
