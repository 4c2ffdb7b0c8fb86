"""A mart is what its file says, or is not built."""

from typing import Any

import pytest

from pipeline.warehouse.build import build, describe
from pipeline.warehouse.errors import HeaderBroken
from pipeline.warehouse.files import table

DAYS = """-- Days, as the seller's calendar has them.
-- grain: one row per day
-- key: day
-- reads: none
-- columns:
--   day: the day
--   note: what the seller's note says
select
    1 as day,
    'x' as note
"""


def test_a_mart_is_replaced_and_carries_its_words(work: Any, sql_folder: Any) -> None:
    days = table("marts.days", sql_folder({"marts/days.sql": DAYS}))
    work.execute("create table marts.days as select 5 as other")
    assert build(work, days) == 1
    describe(work, days)
    assert work.execute("from marts.days").fetchall() == [(1, "x")]
    found = work.execute(
        "select column_name, comment from duckdb_columns()"
        " where schema_name = 'marts' and table_name = 'days' order by column_index"
    ).fetchall()
    assert found == [("day", "the day"), ("note", "what the seller's note says")]


def test_a_body_with_other_columns_than_its_header_is_refused(
    work: Any, sql_folder: Any
) -> None:
    root = sql_folder({"marts/days.sql": DAYS.replace("as note", "as remark")})
    with pytest.raises(HeaderBroken, match=r"built \(day, remark\), .* \(day, note\)"):
        build(work, table("marts.days", root))
