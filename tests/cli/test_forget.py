"""`forget`: a buyer is nowhere in the folder, and the books are what they were."""

import re
import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path

import polars as pl
import pytest

from pipeline.cli import forget, sync
from pipeline.inspection.traces import Traces, search
from pipeline.landing import files
from pipeline.sync.data_folder import DataFolder, DataFolderBusy
from pipeline.warehouse.read import query
from tests.cli.conftest import SELLERS, SPAN, Commands

MOST_FAITHFUL = (
    "select buyer_id from core.orders group by all order by count(*) desc, 1 limit 1"
)
BOOKS = (
    "select order_id, total_amount, shipping_amount, estimated_proceeds_amount"
    " from marts.orders order by order_id"
)
WITHOUT_BUYER = "select order_id from core.orders where buyer_id is null"
DEAD = "http://127.0.0.1:9"
STRANGER = 800_000_001
"""A buyer of a folder in which nothing has landed: there is nothing to rebuild."""


def buyer(folder: Path) -> int:
    ((number,),) = query(folder, MOST_FAITHFUL).rows()
    assert isinstance(number, int)
    return number


@pytest.mark.untraced
def test_a_buyer_is_gone_every_amount_stays_and_a_later_sync_brings_nobody_back(
    filled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(
        folder: Path, numbers: Collection[int], notice: Callable[[str], None]
    ) -> Traces:
        """No run writes while the proof is made."""
        with (
            pytest.raises(DataFolderBusy),
            DataFolder(folder).held(notice=lambda _: None, wait_seconds=0),
        ):
            pass
        proofs.append(folder)
        return search(folder, numbers, notice)

    proofs: list[Path] = []
    monkeypatch.setattr(forget, "search", searched)
    number, books = buyer(filled.folder), query(filled.folder, BOOKS)
    their = query(filled.folder, "select order_id, buyer_id from core.orders").filter(
        pl.col("buyer_id") == number
    )
    found = search(filled.folder, [number])
    resources = {place.split("/")[1] for place in found.places if "landing" in place}
    assert {"orders", "packs"} <= resources
    # The published warehouse is DuckDB's, whoever builds the marts.
    ended = filled("forget", str(number), "--yes", base_url=DEAD, engine="spark")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("not found in ")
    assert f"orders that name this buyer: {their.height}\n" in ended.err
    assert str(number) not in ended.out + ended.err
    assert query(filled.folder, BOOKS).equals(books)
    assert query(filled.folder, WITHOUT_BUYER)["order_id"].sort().to_list() == (
        their["order_id"].sort().to_list()
    )
    assert len(list((filled.folder / "warehouse").iterdir())) == 1
    assert search(filled.folder, [number]).places == []
    assert proofs == [filled.folder]

    assert filled("sync", *SPAN).code == 0
    assert search(filled.folder, [number]).places == []
    assert query(filled.folder, BOOKS).equals(books)
    again = filled("forget", str(number), "--yes")
    assert (again.code, again.out[:9]) == (0, "not found")


def test_what_was_killed_half_way_is_gone_on_with_by_the_next_sync(
    filled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = buyer(filled.folder)
    with monkeypatch.context() as killed:

        def write(rows: pl.DataFrame, path: Path) -> None:
            if path.parent.parent.name == "shipments":
                raise KeyboardInterrupt
            files_write(rows, path)

        files_write = files.write
        killed.setattr(files, "write", write)
        assert filled("forget", str(number), "--yes").code == 130
    assert search(filled.folder, [number]).places
    assert filled("sync", *SPAN).code == 0
    assert search(filled.folder, [number]).places == []


def test_a_file_that_is_damaged_meanwhile_is_read_again_without_the_buyer(
    filled: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, books = buyer(filled.folder), query(filled.folder, BOOKS)
    with monkeypatch.context() as killed:
        killed.setattr(sync, "run_rebuild", lambda _: None)
        filled("forget", str(number), "--yes")
    path = max(
        (filled.folder / "landing" / "orders").glob("*/*.parquet"),
        key=lambda path: path.stat().st_size,
    )
    path.write_bytes(path.read_bytes()[:400])
    ended = filled("sync", *SPAN)
    assert ended.code == 0, ended.err
    assert f"landing/orders/{path.parent.name}/{path.name} is damaged" in ended.err
    assert search(filled.folder, [number]).places == []
    assert query(filled.folder, BOOKS).equals(books)


def test_nothing_is_forgotten_unasked(filled: Commands) -> None:
    number = buyer(filled.folder)
    ended = filled("forget", str(number), typed="n\n")
    assert ended.code == 1
    assert "for good" in ended.err
    assert buyer(filled.folder) == number
    assert not (filled.folder / "buyers.json").exists()


def test_a_seller_is_no_buyer_to_forget(filled: Commands) -> None:
    ended = filled("forget", str(SELLERS[0]), "--yes")
    assert ended.code == 1
    assert "is a seller of" in ended.error
    assert not (filled.folder / "buyers.json").exists()


def test_a_file_of_somebody_else_that_names_the_buyer_is_named(
    empty: Commands,
) -> None:
    empty.folder.mkdir()
    (empty.folder / "notes.txt").write_text(f"call {STRANGER} back")
    ended = empty("forget", str(STRANGER), "--yes")
    assert (ended.code, ended.out) == (1, "  notes.txt\n")
    assert "found in 1 place of" in ended.error


def test_a_history_that_names_the_buyer_is_deleted(empty: Commands) -> None:
    history = empty.folder / "dagster" / "history"
    history.mkdir(parents=True)
    (empty.folder / "dagster" / "dagster.yaml").write_text("telemetry: {}")
    with sqlite3.connect(history / "runs.db") as runs:
        runs.execute("create table events (event text)")
        runs.execute("insert into events values (?)", [f'{{"buyer": {STRANGER}}}'])
    runs.close()
    assert search(empty.folder, [STRANGER]).places == [
        "dagster/history/runs.db",
        "dagster/history/runs.db: events",
    ]
    ended = empty("forget", str(STRANGER), "--yes")
    assert ended.code == 0, ended.err
    assert "Dagster's history" in ended.err
    assert [path.name for path in (empty.folder / "dagster").iterdir()] == [
        "dagster.yaml"
    ]


def test_what_spark_has_built_of_the_buyer_is_deleted(empty: Commands) -> None:
    spark = empty.folder / "spark"
    made = spark / "20260302T100000-1a2b" / "marts" / "buyers" / "part-0.parquet"
    made.parent.mkdir(parents=True)
    pl.DataFrame({"buyer_id": [STRANGER]}).write_parquet(made)
    (spark / "latest").symlink_to("20260302T100000-1a2b")
    ended = empty("forget", str(STRANGER), "--yes")
    assert (ended.code, ended.out[:9]) == (0, "not found"), ended.err
    assert "what Spark has built" in ended.err
    assert list(spark.iterdir()) == []


@pytest.mark.untraced
def test_a_buyer_can_be_forgotten_before_anything_lands(empty: Commands) -> None:
    ended = empty("forget", str(STRANGER), "--yes")
    assert ended.code == 0, ended.err
    assert empty("sync", *SPAN).code == 0
    assert search(empty.folder, [STRANGER]).places == []


def test_a_long_search_says_how_far_it_is(
    empty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.progress_line.SECONDS", 0.0)
    ended = empty("forget", str(STRANGER), "--yes")
    assert re.search(r"^searching files: \d+ of \d+$", ended.err, re.MULTILINE)
    assert ended.code == 0
