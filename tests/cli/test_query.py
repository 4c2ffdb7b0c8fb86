"""Rows of the published warehouse, exact in every format, whatever else runs."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest
import typer

from pipeline.cli.query import statement_of
from pipeline.warehouse.connection import connect
from tests.cli.conftest import Commands

EXACT = (
    "select 2000005000001128 as order_id, 14.29::decimal(18, 2) as amount,"
    " 0.070498800001::decimal(28, 12) as ratio, date '2026-03-02' as sold_date,"
    " timestamptz '2026-03-02 10:15:04-04' as closed_at, ['a', 'b'] as tags,"
    " null::varchar as nothing, true as is_sale"
)


def test_csv_holds_every_digit(looked_at: Commands) -> None:
    ended = looked_at("query", EXACT, "--format", "csv")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "order_id,amount,ratio,sold_date,closed_at,tags,nothing,is_sale",
        (
            "2000005000001128,14.29,0.070498800001,2026-03-02,"
            '2026-03-02T14:15:04.000000Z,"a,b",,true'
        ),
    ]


def test_json_holds_every_digit(looked_at: Commands) -> None:
    ended = looked_at("query", EXACT, "--format", "json")
    assert json.loads(ended.out, parse_float=Decimal) == [
        {
            "order_id": 2000005000001128,
            "amount": Decimal("14.29"),
            "ratio": Decimal("0.070498800001"),
            "sold_date": "2026-03-02",
            "closed_at": "2026-03-02T14:15:04Z",
            "tags": ["a", "b"],
            "nothing": None,
            "is_sale": True,
        }
    ]


def test_parquet_holds_every_digit(looked_at: Commands, tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    assert looked_at("query", EXACT, "--output", str(file)).code == 0
    rows = pl.read_parquet(file)
    assert rows.schema["amount"] == pl.Decimal(18, 2)
    assert rows.row(0) == (
        2000005000001128,
        Decimal("14.29"),
        Decimal("0.070498800001"),
        date(2026, 3, 2),
        datetime(2026, 3, 2, 14, 15, 4, tzinfo=UTC),
        ["a", "b"],
        None,
        True,
    )


def test_a_table_shows_amounts_dates_and_ids_as_a_person_reads_them(
    looked_at: Commands,
) -> None:
    ended = looked_at(
        "query",
        "select 2000005000001128 as order_id, 1234567.50::decimal(18, 2) as amount,"
        " date '2026-03-02' as sold_date, [1.5, 2] as numbers, {'a': 1} as thing,"
        " null as nothing, true as yes, '[x]' as words",
    )
    assert ended.code == 0
    names, _, row = [line for line in ended.out.splitlines() if line.strip()]
    assert " ".join(names.split()) == (
        "order_id amount sold_date numbers thing nothing yes words"
    )
    assert " ".join(row.split()) == (
        "2000005000001128 1,234,567.50 2026-03-02 1.5, 2.0 a: 1 True [x]"
    )


def test_csv_tells_nested_values_and_bytes_as_text(looked_at: Commands) -> None:
    ended = looked_at(
        "query",
        "select {'a': 1.10::decimal(18, 2)} as thing, [[1]] as lists,"
        " null::struct(a int) as nothing, 'xy'::blob as bytes,"
        " timestamp '2026-03-02 10:15:04' as local",
        "--format",
        "csv",
    )
    assert ended.out.splitlines()[1] == (
        '"{""a"":1.10}",[[1]],,7879,2026-03-02T10:15:04.000000'
    )


def test_no_row_is_a_header(looked_at: Commands) -> None:
    ended = looked_at("query", "select 1 as a where false", "--format", "csv")
    assert (ended.code, ended.out) == (0, "a\n")


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_says_its_format_by_its_ending(
    ending: str, looked_at: Commands, tmp_path: Path
) -> None:
    file = tmp_path / f"rows.{ending}"
    ended = looked_at("query", "select 1 as a", "--output", str(file))
    assert (ended.code, ended.out) == (0, "")
    assert file.read_text() == {"csv": "a\n1\n", "json": '[{"a":1}]\n'}[ending]


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["select nope from marts.orders"], 1, 'Referenced column "nope" not found'),
        (["drop table marts.orders"], 1, "the published warehouse is only read"),
        (["select 1; select 2"], 1, "one statement a query, not 2"),
        (["selec"], 1, "syntax error"),
        (["select 1 as a, 2 as a"], 1, "two columns of the result have the same name"),
        (["select 1", "--output", "/nowhere/x.csv"], 1, "/nowhere/x.csv: No such file"),
        (["select 1", "--output", "/nowhere/x.parquet"], 1, "/nowhere/x.parquet"),
        (["select 1", "--output", "/nowhere/x.xlsx"], 1, "/nowhere/x.xlsx: No such"),
        (["select 1", "--format", "parquet"], 2, "needs --output FILE"),
        (
            ["select 1", "--output", "x.txt"],
            2,
            "needs --format csv, json, parquet or xlsx",
        ),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], code: int, error: str, looked_at: Commands
) -> None:
    ended = looked_at("query", *words)
    assert ended.code == code
    assert error in ended.error
    _, *place = ended.err.splitlines()
    assert not place or (place[0].startswith("LINE 1: ") and place[1].strip() == "^")


def test_a_refusal_shows_the_place_with_a_caret(looked_at: Commands) -> None:
    ended = looked_at("query", "select nope\nfrom marts.orders")
    _, quoted, caret = ended.err.splitlines()
    assert (quoted, caret) == ("LINE 1: select nope", " " * 15 + "^")


def test_what_was_probably_meant_is_said(looked_at: Commands) -> None:
    for sql, words in (
        ("show tables", "`meli-sales tables` lists every table"),
        ("from orders", "`meli-sales tables` lists every table, those for people"),
        ("sql/cookbook/freshness.sql", "a file of SQL is read by --file"),
    ):
        assert words in looked_at("query", sql).err


def test_sql_comes_from_an_argument_a_file_or_standard_input(
    looked_at: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "asked.sql"
    file.write_text("-- One.\nselect 1 as a;\n")
    for words, typed in (
        (["--file", str(file)], None),
        (["-"], "select 1 as a"),
        ([], "select 1 as a"),
        (["select 1 as a"], "select 2 as b"),
    ):
        ended = looked_at("query", *words, "--format", "csv", typed=typed)
        assert (ended.code, ended.out) == (0, "a\n1\n")


def test_two_statements_or_no_file_are_wrong_usage(
    looked_at: Commands, tmp_path: Path
) -> None:
    assert looked_at("query", "select 1", "--file", "x.sql").code == 2
    ended = looked_at("query", "--file", str(tmp_path / "absent.sql"))
    assert ended.code == 2
    assert "absent.sql cannot be read" in ended.error


HOSTILE = (
    "select chr(27) || '[31mred' || chr(155) || chr(8238) || ':smile: [b]' as title"
)


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_codes_of_the_terminal_in_data_are_spelled_out(
    form: str, looked_at: Commands
) -> None:
    ended = looked_at("query", HOSTILE, "--format", form)
    assert not {"\x1b", "\x9b", "\u202e"} & set(ended.out)
    assert ":smile: [b]" in ended.out
    if form == "json":
        assert json.loads(ended.out) == [{"title": "\x1b[31mred\x9b\u202e:smile: [b]"}]
    else:
        assert r"\x1b[31mred\x9b\u202e" in ended.out


def test_a_csv_holds_no_formula_and_numbers_stay_numbers(looked_at: Commands) -> None:
    sql = (
        "select unnest(['=HYPERLINK(1)', '+1', '-1', '@a', chr(9) || '=1',"
        " chr(13) || '=1', 'a=1']) as title, -1.50::decimal(18, 2) as amount, -1 as n"
    )
    ended = looked_at("query", sql, "--format", "csv")
    titles = pl.read_csv(ended.out.encode(), schema_overrides={"amount": pl.String})
    assert titles["title"].to_list() == [
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@a",
        "'\t=1",
        "'\r=1",
        "a=1",
    ]
    assert set(titles["amount"]) == {"-1.50"}
    assert titles["n"].dtype == pl.Int64
    lists = looked_at("query", "select ['=1', 'b'] as tags", "--format", "csv")
    assert lists.out == 'tags\n"\'=1,b"\n'


def test_a_version_that_somebody_wrote_into_is_told(filled: Commands) -> None:
    version = (filled.folder / "warehouse.duckdb").resolve()
    version.chmod(0o600)
    with duckdb.connect(str(version)) as stranger:
        stranger.execute("create view marts.mine as select 1 as a")
    ended = filled("query", "from marts.mine", "--format", "csv")
    assert (ended.code, ended.out) == (0, "a\n1\n")
    written = "was written to by another program"
    assert written in ended.err
    assert written in filled("status").out
    assert written in filled("report", "--output", "page.html").err
    doctor = filled("doctor")
    assert doctor.code == 1
    assert "so that its figures may be wrong - run `meli-sales rebuild`" in doctor.out
    with duckdb.connect(str(version)) as stranger:
        stranger.execute("drop table marts.daily_sales")
    ended = filled("query", "from marts.daily_sales")
    assert ended.code == 1
    assert written in ended.err.splitlines()[0]  # the cause, before what it led to
    assert filled("rebuild").code == 0
    assert filled("query", "select 1").err == ""


def test_an_unknown_format_is_wrong_usage(empty: Commands) -> None:
    ended = empty("query", "select 1", "--format", "xml")
    assert ended.code == 2
    assert "'xml' is not one of 'table', " in ended.err


def test_nothing_published_says_what_to_run(empty: Commands) -> None:
    ended = empty("query", "select 1")
    assert ended.code == 1
    assert ended.error.endswith("run `meli-sales sync` (or `meli-sales demo`)")
    assert not empty.folder.exists()


def test_a_query_is_answered_while_the_work_file_is_held(filled: Commands) -> None:
    with connect(filled.folder / "work" / "warehouse.duckdb") as connection:
        connection.execute("begin; delete from core.orders")
        sql = "select count(*) as orders from marts.orders"
        ended = filled.ended(filled.process("query", sql, "--format", "csv"))
    assert (ended.code, ended.out) == (0, "orders\n120\n")


def test_sql_that_is_no_text_is_refused_in_a_line() -> None:
    with pytest.raises(typer.Exit) as ended:
        statement_of("select '\udcff'", None)
    assert ended.value.exit_code == 2
