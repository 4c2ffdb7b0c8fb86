"""Claims that hold and claims that do not."""

from typing import Any

import pytest

from pipeline.warehouse.check import check, claims
from pipeline.warehouse.files import table

DAYS = """-- Days.
-- grain: one row per day
-- key: day, hour?
-- reads: none
-- columns:
--   day: the day
--   hour: the hour
select 1 as day, 2 as hour
"""
CHECK = """-- A day above seven.
-- table: marts.days
-- reads: none
-- severity: warn
select day from marts.days where day > 7
"""


def test_keys_and_files_are_claims_and_breaches_are_shown(
    work: Any, sql_folder: Any
) -> None:
    root = sql_folder({"marts/days.sql": DAYS, "checks/days__in_week.sql": CHECK})
    days = table("marts.days", root)
    assert [(claim.name, claim.severity) for claim in claims(days)] == [
        ("key_is_unique", "error"),
        ("key_is_not_null", "error"),
        ("in_week", "warn"),
    ]
    work.execute(
        "create table marts.days as select day, null::integer as hour"
        " from (values (1), (1), (null)) as given (day)"
        " union all select range + 8, 0 from range(12)"
    )
    unique, filled, in_week = check(work, days)
    assert (unique.passed, unique.breach_count) == (False, 1)
    assert unique.breaches.rows() == [(1, None, 2)]
    assert (filled.passed, filled.breaches.rows()) == (False, [(None, None)])
    assert (in_week.passed, in_week.breach_count) == (False, 12)
    assert in_week.breaches.height == 10
    assert (in_week.claim.severity, in_week.is_broken) == ("warn", False)
    assert in_week.claim.description == "A day above seven."
    assert unique.summary == (
        "key_is_unique (1 row, such as day 1, hour None, row_count 2)"
    )
    assert in_week.summary.startswith("in_week (12 rows, such as day ")


def test_an_empty_table_holds_its_claims(work: Any, sql_folder: Any) -> None:
    days = table("marts.days", sql_folder({"marts/days.sql": DAYS}))
    work.execute("create table marts.days (day integer, hour integer)")
    held = check(work, days)
    assert all(outcome.passed for outcome in held)
    assert [outcome.summary for outcome in held] == ["key_is_unique", "key_is_not_null"]


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ("(1, 0), (1, 1), (2, null)", []),
        ("(1, 0), (1, 0)", ["key_is_unique"]),
        ("(1, null), (1, null)", ["key_is_unique"]),
        ("(null, 0), (1, 0)", ["key_is_not_null"]),
        ("(null, 0), (null, 0)", ["key_is_unique", "key_is_not_null"]),
    ],
)
def test_each_claim_of_a_key_breaks_by_itself(
    rows: str, broken: list[str], work: Any, sql_folder: Any
) -> None:
    days = table("marts.days", sql_folder({"marts/days.sql": DAYS}))
    work.execute(
        f"create table marts.days as from (values {rows}) as given (day, hour)"
    )
    assert [one.name for one in check(work, days) if not one.passed] == broken
