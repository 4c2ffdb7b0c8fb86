"""Every mart as a workbook or as files, read back by libraries that did not write."""

import csv
import io
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from python_calamine import CalamineWorkbook

from pipeline.cli import export, workbook
from pipeline.cli.workbook import Sheet
from pipeline.sites import SITES
from pipeline.warehouse.files import tables
from pipeline.warehouse.publish import LINK_NAME, publish
from pipeline.warehouse.read import query
from tests.cli.conftest import Commands
from tests.workbooks import as_file

MARTS = sorted(one.name for one in tables() if one.schema == "marts")


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rows_of(sheet: list[list[Any]]) -> list[dict[str, Any]]:
    head, *lines = sheet
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("written") / "sales.xlsx"


def test_a_workbook_has_a_sheet_for_each_mart_and_two_that_explain(
    looked_at: Commands, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MANY_ROWS", 100)
    ended = looked_at("export", "--output", str(written))
    assert ended.code == 0
    assert "rows are many for a workbook" in ended.err
    assert f"{len(MARTS)} tables are in {written}" in ended.out
    found = sheets(written.read_bytes())
    assert list(found) == ["about", "columns", *MARTS]
    about = {row["table"]: row for row in rows_of(found["about"])}
    for name in MARTS:
        [(held,)] = query(looked_at.folder, f"select count(*) from marts.{name}").rows()
        assert about[name]["rows"] == held == len(found[name]) - 1
    words = " ".join(row["what it is"] for row in rows_of(found["about"]))
    assert "An empty amount is unknown, not 0" in words
    assert "Nothing is missing up to" in words
    meanings = {(row["table"], row["column"]) for row in rows_of(found["columns"])}
    assert ("orders", "estimated_proceeds_amount") in meanings

    # Of the orders: ids as text, amounts as numbers, times on the site's clock.
    held_orders = query(looked_at.folder, "from marts.orders").to_dicts()
    told = {row["order_id"]: row for row in rows_of(found["orders"])}
    zones = {"MLB": "America/Sao_Paulo", "MLA": "America/Argentina/Buenos_Aires"}
    for order in held_orders:
        row = told[str(order["order_id"])]
        assert row["total_amount"] == float(order["total_amount"])
        assert isinstance(row["total_amount"], float | int)
        local = order["created_at"].astimezone(ZoneInfo(zones[order["site_id"]]))
        assert row["created_at"] == local.replace(tzinfo=None)
        if order["estimated_proceeds_amount"] is None:
            assert row["estimated_proceeds_amount"] == ""


def test_no_digit_is_lost_and_no_text_is_obeyed() -> None:
    rows = pl.DataFrame(
        {
            "order_id": [2000010000000065],
            "site_id": ["MLB"],
            "title": ["=1+1"],
            "link": ["https://example.com"],
            "digits": ["00012"],
            "amount": [Decimal("9999999999999.99")],
            "too_exact": [Decimal("99999999999999.999")],
            "share": [0.5],
            "is_sale": [True],
            "tags": [["paid", "+x"]],
            "sold_date": [date(2026, 3, 2)],
            "sold_at": [datetime(2026, 3, 2, 1, 30, tzinfo=UTC)],
            "nothing": [None],
            "code": ["\x1b[31m"],
        },
        {
            "order_id": pl.Int64,
            "site_id": pl.String,
            "title": pl.String,
            "link": pl.String,
            "digits": pl.String,
            "amount": pl.Decimal(18, 2),
            "too_exact": pl.Decimal(20, 3),
            "share": pl.Float64,
            "is_sale": pl.Boolean,
            "tags": pl.List(pl.String),
            "sold_date": pl.Date,
            "sold_at": pl.Datetime("us", "UTC"),
            "nothing": pl.Int64,
            "code": pl.String,
        },
    )
    found = sheets(as_file(Sheet("a/b", rows), Sheet("A_B", rows)))
    assert list(found) == ["a_b", "A_B 2"]
    assert rows_of(found["a_b"]) == [
        {
            "order_id": "2000010000000065",
            "site_id": "MLB",
            "title": "=1+1",
            "link": "https://example.com",
            "digits": "00012",
            "amount": 9999999999999.99,
            "too_exact": "99999999999999.999",
            "share": 0.5,
            "is_sale": True,
            "tags": "paid, +x",
            "sold_date": date(2026, 3, 2),
            "sold_at": datetime(2026, 3, 1, 22, 30),  # noqa: DTZ001 - local
            "nothing": "",
            "code": "\x1b[31m",
        }
    ]


def test_more_rows_than_a_sheet_holds_go_onto_a_further_sheet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 2)
    found = sheets(as_file(Sheet("n", pl.DataFrame({"n": [1, 2, 3, 4]}))))
    assert found == {"n": [["n"], [1], [2], [3]], "n 2": [["n"], [4]]}


def test_parquet_and_csv_are_a_file_for_each_mart(
    looked_at: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "ROWS_AT_ONCE", 7)
    orders = query(looked_at.folder, "from marts.orders order by order_id")
    for form in ("parquet", "csv"):
        place = tmp_path / form
        assert looked_at("export", "--format", form, "--output", str(place)).code == 0
        assert {one.name for one in place.iterdir()} == {f"{n}.{form}" for n in MARTS}
    for mart in tables():
        if mart.schema == "marts":
            key = ", ".join(mart.key)
            held = query(looked_at.folder, f"from {mart.qualified} order by {key}")
            file = tmp_path / "parquet" / f"{mart.name}.parquet"
            assert_frame_equal(pl.read_parquet(file), held)
    data = (tmp_path / "csv" / "orders.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    told = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    rows = {int(row["order_id"]): row for row in told}
    for order in orders.to_dicts():
        row = rows[order["order_id"]]
        assert row["order_id"] == f"\t{order['order_id']}"
        assert row["total_amount"] == str(order["total_amount"]).replace(".", ",")
        clock = ZoneInfo(SITES[order["site_id"]].time_zone)
        created = order["created_at"].astimezone(clock)
        assert row["created_at"] == f"{created:%Y-%m-%d %H:%M:%S}"
    assert list(rows) == orders["order_id"].to_list()  # in the order of the key


def test_what_cannot_be_written_is_a_line_and_leaves_what_was_there(
    looked_at: Commands, empty: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "sales.xlsx"
    file.write_bytes(b"mine")
    nothing = empty("export", "--output", str(file))
    assert nothing.code == 1
    assert "run `meli-sales sync`" in nothing.error
    assert file.read_bytes() == b"mine"
    assert looked_at("export", "--output", "/proc/nowhere/x.xlsx").code == 1


def test_a_select_is_written_as_a_workbook_too(
    looked_at: Commands, tmp_path: Path
) -> None:
    file = tmp_path / "rows.xlsx"
    ended = looked_at("query", "select 1.50 as amount, 7 as n", "--output", str(file))
    assert ended.code == 0
    assert rows_of(sheets(file.read_bytes())["query"]) == [{"amount": 1.5, "n": 7}]
    assert looked_at("query", "select 1", "--format", "xlsx").code == 2


@pytest.mark.parametrize(
    "command",
    [
        ("export", "--output", "{folder}/sales.xlsx"),
        ("export", "--format", "csv", "--output", "{folder}/files"),
        ("report", "--output", "{folder}/page.html"),
        ("tie-out", "{folder}/sales.csv"),
    ],
    ids=lambda command: command[0],
)
def test_a_mart_that_another_version_did_not_make_is_told_with_its_cure(
    filled: Commands, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """After an update and before the next sync, readers have the older tables."""
    (tmp_path / "sales.csv").write_text("order_id;total_amount\n1;2,00\n")
    older = tmp_path / "older.duckdb"
    shutil.copy(filled.folder / LINK_NAME, older)
    older.chmod(0o600)
    with duckdb.connect(str(older)) as work:
        work.execute("drop table marts.losses_by_month")
        work.execute("alter table marts.orders drop column unit_count")
    publish(older, filled.folder, "20261130T000000-00000000")
    ended = filled(*(word.format(folder=tmp_path) for word in command))
    assert ended.code == 1
    assert ended.error == (
        "error: the published warehouse was made by another version: run "
        "`meli-sales rebuild`"
    )
