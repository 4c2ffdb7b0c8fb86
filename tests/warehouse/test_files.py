"""What a header may and may not be."""

from typing import Any

import pytest

from pipeline.warehouse import files
from pipeline.warehouse.errors import BadTableFile

TABLE = """-- Sales per day.
-- As Mercado Libre counts them.
-- grain: one row per day and seller
-- key: day, seller_id?
-- reads: core.orders
-- columns:
--   day: the day
--   seller_id: who sold
select 1 as day, 2 as seller_id;
"""
CHECK = """-- A day without sales.
-- table: marts.days
-- reads: none
-- severity: warn
select day from marts.days
"""


def test_a_table_is_its_header_and_its_body(sql_folder: Any) -> None:
    root = sql_folder({"marts/days.sql": TABLE})
    found = files.table("marts.days", root)
    assert (found.schema, found.name) == ("marts", "days")
    assert found.summary == "Sales per day."
    assert found.description == (
        "Sales per day. As Mercado Libre counts them. "
        "Grain: one row per day and seller."
    )
    assert found.key == ("day", "seller_id")
    assert found.nullable_key == {"seller_id"}
    assert found.reads == ("core.orders",)
    assert [tuple(column) for column in found.columns] == [
        ("day", "the day"),
        ("seller_id", "who sold"),
    ]
    assert found.body == "select 1 as day, 2 as seller_id"


def test_the_code_version_is_of_the_body_alone(sql_folder: Any) -> None:
    root = sql_folder(
        {
            "marts/days.sql": TABLE,
            "marts/words.sql": TABLE.replace("Sales per day", "Days"),
            "marts/code.sql": TABLE.replace("1 as day", "3 as day"),
        }
    )
    days, words, code = (
        files.table(f"marts.{name}", root).code_version
        for name in ("days", "words", "code")
    )
    assert days == words != code


def test_marts_stand_after_what_they_read(sql_folder: Any) -> None:
    root = sql_folder(
        {
            "marts/a.sql": TABLE.replace("core.orders", "marts.b"),
            "marts/b.sql": TABLE,
            "core/z.sql": TABLE.replace("core.orders", "none"),
        }
    )
    assert [table.qualified for table in files.tables(root)] == [
        "core.z",
        "marts.b",
        "marts.a",
    ]


def test_a_circle_is_named(sql_folder: Any) -> None:
    root = sql_folder(
        {
            "marts/a.sql": TABLE.replace("core.orders", "marts.b"),
            "marts/b.sql": TABLE.replace("core.orders", "marts.a"),
        }
    )
    with pytest.raises(BadTableFile, match=r"circle: marts\.a, marts\.b"):
        files.tables(root)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("-- grain: one row per day and seller\n", "", "no `grain:`"),
        ("-- key: day, seller_id?\n", "", "no `key:`"),
        ("-- reads: core.orders\n", "", "no `reads:`"),
        ("reads: core.orders", "reads:", "no `reads:`"),
        ("day, seller_id?", "day, month", "names no column month"),
        ("--   day: the day\n--   seller_id: who sold\n", "", "no `columns:`"),
        ("--   day: the day", "--   the day", "not `name: description`"),
        ("-- key", "-- and more words\n-- key", "after the header's words"),
        ("select 1 as day, 2 as seller_id;", "", "then a statement"),
    ],
)
def test_a_header_that_breaks_the_format_is_refused(
    sql_folder: Any, old: str, new: str, complaint: str
) -> None:
    root = sql_folder({"marts/days.sql": TABLE.replace(old, new)})
    with pytest.raises(BadTableFile, match=complaint):
        files.tables(root)


def test_a_check_belongs_to_a_table(sql_folder: Any) -> None:
    root = sql_folder({"checks/days__has_sales.sql": CHECK})
    (found,) = files.checks(root)
    assert (found.table, found.name) == ("marts.days", "has_sales")
    assert (found.severity, found.reads) == ("warn", ())
    assert found.description == "A day without sales."


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("days_has_sales.sql", CHECK, "the file's name differ"),
        ("weeks__has_sales.sql", CHECK, "the file's name differ"),
        ("days__has_sales.sql", CHECK.replace("warn", "loud"), "not 'loud'"),
        ("days__x.sql", CHECK.replace("-- severity: warn\n", ""), "no `severity:`"),
        ("days__x.sql", CHECK.replace("-- reads: none\n", ""), "no `reads:`"),
    ],
)
def test_a_check_that_breaks_the_format_is_refused(
    sql_folder: Any, name: str, text: str, complaint: str
) -> None:
    root = sql_folder({f"checks/{name}": text})
    with pytest.raises(BadTableFile, match=complaint):
        files.checks(root)


def test_a_table_that_has_no_file_is_named() -> None:
    with pytest.raises(BadTableFile, match=r"no table marts\.nothing"):
        files.table("marts.nothing")
