"""Whole rows of the warehouse beside the oracle's, and what differs, readably."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pipeline.warehouse.read import query

SHOWN = ("site_id", "order_status", "outcome", "completeness", "shipping_source")
"""What says which kind of order a row is, beside the cells that differ."""


def rows_of(
    data_dir: Path, table: str, names: Iterable[str], keys: tuple[str, ...]
) -> tuple[dict[Any, dict[str, Any]], list[str]]:
    """Rows by key, of the columns asked for; and the columns that are not there."""
    found = query(data_dir, f"from {table}")
    wanted = [one for one in names if one in found.columns]
    missing = [one for one in (*names, *keys) if one not in found.columns]
    if set(keys) & set(missing):
        return {}, missing
    rows = {
        tuple(row[key] for key in keys): {name: row[name] for name in wanted}
        for row in found.to_dicts()
    }
    return rows, missing


def differences(
    table: str,
    held: Mapping[Any, Mapping[str, Any]],
    expected: Mapping[Any, Mapping[str, Any]],
    missing: list[str],
) -> str:
    """What differs, readably: how often in each column, and the first rows."""
    told = [f"{table} has no column {name}" for name in missing]
    often: Counter[str] = Counter()
    shown: list[str] = []
    for key in sorted(held.keys() | expected.keys(), key=str):
        one, other = held.get(key), expected.get(key)
        if one is None or other is None:
            where = "not held" if one is None else "not expected"
            often[where] += 1
            if often[where] <= 3:
                shown.append(f"  {key}: {where}: {dict(one or other or {})}")
            continue
        unequal = [name for name in one if one[name] != other[name]]
        often.update(unequal)
        # A few rows of every column: the first one that differs hides no other.
        if any(often[name] <= 3 for name in unequal):
            cells = [f"{name} {one[name]} (right: {other[name]})" for name in unequal]
            about = {name: other[name] for name in SHOWN if name in other}
            shown.append(f"  {key} {about}: " + "; ".join(cells))
    if often:
        told.append(f"{table}: {dict(often.most_common())}")
    return "\n".join([*told, *shown])


def named(row: Any) -> dict[str, Any]:
    """A row of the oracle by column."""
    return {one.name: getattr(row, one.name) for one in fields(row)}
