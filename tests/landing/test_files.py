"""Landed files are whole or not there, and old ones stay readable."""

import os
from pathlib import Path

import polars as pl
import pytest

from pipeline import whole
from pipeline.landing import certificate, files, record, run
from tests.landing import conftest

DAY = "date=2026-08-15"


def land(landing: Path, name: str, *ids: str, day: str = DAY) -> str:
    path = f"orders/{day}/{name}.parquet"
    files.write(record.frame([conftest.record(one) for one in ids], {}), landing / path)
    return path


def test_a_file_is_written_with_its_folders_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    path = land(tmp_path, "run-1", "1", "2")
    assert [one.name for one in (tmp_path / path).parent.iterdir()] == ["run-1.parquet"]
    assert files.read(tmp_path, "orders", [path])["resource_id"].to_list() == ["1", "2"]


def test_a_write_that_fails_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = land(tmp_path, "run-1", "1")

    def full(_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        land(tmp_path, "run-1", "2")
    there = [one.name for one in (tmp_path / path).parent.iterdir()]
    assert there == ["run-1.parquet"]  # what was half written gave its room back
    assert files.listing(tmp_path, "orders") == [path]
    assert files.read(tmp_path, "orders", [path])["resource_id"].to_list() == ["1"]


def test_a_listing_goes_by_day_and_passes_over_what_is_half_written(
    tmp_path: Path,
) -> None:
    land(tmp_path, "b", "1")
    land(tmp_path, "a", "2")
    land(tmp_path, "c", "3", day="date=2026-08-14")
    land(tmp_path, ".half", "4")
    (tmp_path / "orders" / DAY / ".x.parquet.tmp").touch()
    assert files.listing(tmp_path, "orders") == [
        "orders/date=2026-08-14/c.parquet",
        f"orders/{DAY}/a.parquet",
        f"orders/{DAY}/b.parquet",
    ]
    assert files.listing(tmp_path, "packs") == []


@pytest.mark.parametrize(
    ("resource", "schema"),
    [
        ("orders", record.SCHEMA),
        ("packs", record.SCHEMA),
        (files.WINDOWS, certificate.SCHEMA),
        (files.RUNS, run.SCHEMA),
    ],
)
def test_no_file_is_an_empty_frame_of_the_resource_s_columns(
    tmp_path: Path, resource: str, schema: dict[str, pl.DataType]
) -> None:
    assert files.read(tmp_path, resource, []).schema == pl.Schema(schema)
    some = list(schema)[2:0:-1]
    assert files.read(tmp_path, resource, [], some).columns == some


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    path = land(tmp_path, "run-1", "1")
    rows = files.read(tmp_path, "orders", [path], ["payload", "resource_id"])
    assert rows.rows() == [('{"id":1}', "1")]


def test_a_column_an_older_file_lacks_is_null_and_one_unknown_is_left_out(
    tmp_path: Path,
) -> None:
    new = land(tmp_path, "run-2", "2")
    rows = record.frame([conftest.record("1")], {})
    old = f"orders/{DAY}/run-1.parquet"
    older = rows.drop("page_total", "missing_fields").with_columns(colour=pl.lit("red"))
    files.write(older, tmp_path / old)
    read = files.read(tmp_path, "orders", [old, new])
    assert read.schema == pl.Schema(record.SCHEMA)
    assert read.select("resource_id", "missing_fields", "page_total").rows() == [
        ("1", None, None),
        ("2", [], 1),
    ]


def test_batches_hold_about_so_many_rows_and_name_the_files_read_to_their_end(
    tmp_path: Path,
) -> None:
    paths = [
        land(tmp_path, "a", "1", "2"),
        land(tmp_path, "b", "3"),
        land(tmp_path, "c", "4", "5", "6", "7", "8"),  # larger than a batch
        land(tmp_path, "d", "9"),
    ]
    batches = [
        (rows["resource_id"].to_list(), names)
        for rows, names in files.batches(tmp_path, "orders", paths, rows=3)
    ]
    assert batches == [
        (["1", "2", "3"], paths[:2]),
        (["4", "5", "6", "7", "8"], paths[2:3]),
        (["9"], paths[3:]),
    ]
    assert list(files.batches(tmp_path, "orders", [], rows=3)) == []


def test_a_device_or_a_pipe_is_written_into_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    whole.write(pipe, b"rows")
    assert os.read(reader, 100) == b"rows"
    os.close(reader)
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]


def test_of_a_link_the_file_that_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    file, link = tmp_path / "elsewhere" / "book", tmp_path / "book"
    file.write_bytes(b"old")
    link.symlink_to(file)
    whole.write(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
