"""Ready questions: every file of their folders runs on a warehouse as it is made."""

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from pipeline.sql import folder
from pipeline.warehouse.ask import ask
from pipeline.warehouse.build import build
from pipeline.warehouse.errors import SchemaChanged
from pipeline.warehouse.files import tables

QUESTIONS = sorted(
    str(path.relative_to(folder()).with_suffix(""))
    for path in (folder() / "questions").glob("*.sql")
    if path.stem.startswith(("alert", "demo", "explain", "status", "tie_out"))
)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_reads_what_its_header_says(name: str) -> None:
    text = (folder() / f"{name}.sql").read_text(encoding="utf-8")
    header = [line for line in text.splitlines() if line.startswith("--")]
    [reads] = [line for line in header if line.startswith("-- reads: ")]
    named = set(reads.removeprefix("-- reads: ").split(", "))
    found = {
        f"{one.db}.{one.name}"
        for one in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Table)
        if one.db
    }
    assert named == found


def test_every_question_runs_on_an_empty_warehouse(
    work: duckdb.DuckDBPyConnection,
) -> None:
    for made in tables():
        if made.schema == "marts":
            build(work, made)
    for name in QUESTIONS:
        rows = ask(work, name, {"order_id": 5})
        assert rows.is_empty(), name
        assert rows.columns, name


def test_a_warehouse_of_another_version_says_what_to_do(
    work: duckdb.DuckDBPyConnection,
) -> None:
    work.execute("drop table if exists marts.orders")
    with pytest.raises(SchemaChanged, match="meli-sales rebuild"):
        ask(work, "questions/explain_order", {"order_id": 5})
