"""Marts of rows that are as odd as they can be: as worked out, and no claim broken."""

from typing import Any

from pipeline.warehouse import check
from pipeline.warehouse.files import tables
from tests import oracle_tables
from tests.sql.odd_rows import OddRows


def test_what_is_added_up_of_odd_rows_is_the_oracles(scene: Any) -> None:
    with scene() as laid:
        for name, rows in OddRows(seed=2, orders=80, reporting="CLP").rows.items():
            laid.given(name, rows)
        laid.all_built()
        found = oracle_tables.above_of(lambda name: _rows(laid.connection, name))
        broken = [
            (one.qualified, outcome.name, outcome.breach_count)
            for one in tables()
            if one.schema == "marts"
            for outcome in check.check(laid.connection, one)
            if outcome.is_broken
        ]
    assert not found, found
    assert not broken


def test_a_column_that_can_be_null_says_what_null_means(scene: Any) -> None:
    silent = set()
    with scene() as laid:
        for name, rows in OddRows(seed=2, orders=80, reporting="CLP").rows.items():
            laid.given(name, rows)
        laid.all_built()
        for one in tables():
            if one.schema != "marts":
                continue
            rows = _rows(laid.connection, one.qualified)
            for column in one.columns:
                said = column.description.lower()
                is_told = any(word in said for word in ("null", "unknown", "likewise"))
                if not is_told and any(row[column.name] is None for row in rows):
                    silent.add(f"{one.qualified}.{column.name}")
    assert not silent, ", ".join(sorted(silent))


def _rows(connection: Any, name: str) -> list[dict[str, Any]]:
    found = connection.execute(f"from {name}")
    columns = [one[0] for one in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
