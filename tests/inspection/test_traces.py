"""A number is found wherever it names somebody, and an amount is nobody's."""

import sqlite3
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.inspection import traces

BUYER = 800300400


@pytest.mark.parametrize(
    ("payload", "is_found"),
    [
        ('{"buyer": {"id": 800300400}}', True),
        ('{"payer_id":"800300400"}', True),
        ('{"buyer":800300400}', True),
        ('{"title": "for 800300400, blue"}', True),
        ('{"total_amount": 800300400, "fee": 1}', False),
        ('{"id": 2800300400}', False),
        ('{"id": 8003004001}', False),
        ('{"title": "1.800300400"}', False),
    ],
)
def test_json_is_searched_for_ids_and_texts(
    tmp_path: Path, payload: str, is_found: bool
) -> None:
    pl.DataFrame({"payload": [None, payload]}).write_parquet(tmp_path / "a.parquet")
    found = traces.search(tmp_path, [5, BUYER])
    assert (found.file_count, found.table_count) == (1, 1)
    assert found.places == (["a.parquet: records.payload"] if is_found else [])


def test_tables_are_searched_for_ids_texts_and_lists(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute(
            "create table sold as select 800300400 as buyer_id,"
            " 800300400 as unit_count, 800300400.00 as paid_amount,"
            " ['x', 'of 800300400'] as tags, 'no' as note"
        )
    found = traces.search(tmp_path, [BUYER])
    assert found.places == ["a.duckdb: main.sold.buyer_id", "a.duckdb: main.sold.tags"]


def test_a_free_page_of_sqlite_is_searched_too(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "runs.db") as runs:
        runs.execute("pragma secure_delete = off")
        runs.execute("create table events (number integer, words text)")
        runs.execute("insert into events values (800300400, 'x')")
        runs.execute("create table gone (words text)")
        runs.execute("insert into gone values ('of 800300400')")
        runs.execute("drop table gone")
    runs.close()
    found = traces.search(tmp_path, [BUYER])
    assert found.places == ["runs.db", "runs.db: events"]
    assert found.table_count == 1


def test_any_other_file_is_searched_byte_by_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "_CHUNK_BYTES", 100)
    (tmp_path / "log").write_bytes(b"x" * 95 + b" 800300400\xff")
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "a.json").write_text("800300400")
    found = traces.search(tmp_path, [BUYER])
    assert (found.file_count, found.places) == (1, ["log"])


def test_a_file_that_cannot_be_read_proves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 cut")
    (tmp_path / "b.duckdb").write_bytes(b"")
    (tmp_path / "c.db").write_bytes(b"SQLite format 3\0 cut")
    assert traces.search(tmp_path, [BUYER]).places == [
        "a.parquet: cannot be read",
        "b.duckdb: cannot be read",
        "c.db: cannot be read",
    ]


def test_what_is_linked_into_the_folder_is_searched_once(tmp_path: Path) -> None:
    folder, disk = tmp_path / "data", tmp_path / "disk"
    (disk / "landing").mkdir(parents=True)
    (disk / "landing" / "notes.txt").write_text(f"buyer {BUYER}")
    (disk / "one.txt").write_text(f"buyer {BUYER}")
    folder.mkdir()
    (folder / "landing").symlink_to(disk / "landing")
    (folder / "again").symlink_to(folder)
    (folder / "one.txt").symlink_to(disk / "one.txt")
    (folder / "two.txt").symlink_to("one.txt")
    found = traces.search(folder, [BUYER])
    assert found.file_count == 2
    assert found.places == ["landing/notes.txt", "one.txt"]
