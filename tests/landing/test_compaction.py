"""A day's many small files become one that says the same, whenever it is cut off."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline import whole
from pipeline.landing import (
    certificate,
    compaction,
    earlier,
    files,
    journal,
    record,
)
from tests.landing import conftest
from tests.landing.conftest import NOON, certified

DAY = date(2026, 8, 15)
Land = Callable[..., list[str]]


@pytest.fixture
def land(tmp_path: Path) -> Land:
    """Lands one record a file, each an hour's sync of one day."""

    def made(day: date, count: int, first: int = 0) -> list[str]:
        folder = tmp_path / "orders" / f"date={day}"
        for number in range(first, first + count):
            at = NOON + timedelta(hours=number)
            row = conftest.record(str(number % 3), fetched_at=at, updated_at=NOON)
            files.write(record.frame([row], {}), folder / f"run{number:03}-1.parquet")
        return files.listing(tmp_path, "orders")

    return made


def rows(landing: Path) -> pl.DataFrame:
    paths = files.listing(landing, "orders")
    return files.read(landing, "orders", paths).sort("fetched_at")


def first_and_last(answers: pl.DataFrame) -> pl.DataFrame:
    """All answers about one id are equal here but for when they were fetched."""
    by = ["resource_id"]
    return pl.concat(
        [
            answers.unique(by, keep="first", maintain_order=True),
            answers.unique(by, keep="last", maintain_order=True),
        ]
    ).sort("fetched_at")


def groups(landing: Path, today: date = DAY) -> list[list[str]]:
    """The groups of files whose one row each the warehouse has counted."""
    row_counts = dict.fromkeys(files.listing(landing, "orders"), 1)
    return list(compaction.candidates(landing, "orders", today, row_counts))


def test_many_files_of_a_day_become_one_with_the_first_and_last_of_equal_answers(
    land: Land, tmp_path: Path
) -> None:
    paths = land(DAY, 12)
    before = rows(tmp_path)
    [group] = groups(tmp_path)
    assert group == paths
    merged = compaction.compact(tmp_path, "orders", group)
    assert merged == compaction.merged_path(paths)
    assert files.listing(tmp_path, "orders") == [merged]
    assert_frame_equal(rows(tmp_path), first_and_last(before))
    assert groups(tmp_path) == [], "one file is few"


def test_an_answer_that_was_whole_stays_between_two_that_were_not(
    tmp_path: Path,
) -> None:
    """All three have the same text: its `[]` is a fact in the second alone."""
    folder = tmp_path / "orders" / f"date={DAY}"
    for number, missing in enumerate((["mediations"], [], ["mediations"])):
        row = conftest.record(
            "1",
            fetched_at=NOON + timedelta(hours=number),
            status=206,
            missing_fields=missing,
        )
        files.write(record.frame([row], {}), folder / f"run{number}-1.parquet")
    before = rows(tmp_path)
    compaction.compact(tmp_path, "orders", files.listing(tmp_path, "orders"))
    assert_frame_equal(rows(tmp_path), before)


def test_few_files_of_today_and_one_of_a_past_day_stay_and_days_stay_apart(
    land: Land, tmp_path: Path
) -> None:
    land(DAY, compaction.FEW)
    assert groups(tmp_path) == []
    land(DAY + timedelta(days=1), 1)
    tomorrow = DAY + timedelta(days=1)
    assert [len(group) for group in groups(tmp_path, tomorrow)] == [compaction.FEW]
    land(DAY, 1, first=50)
    land(DAY + timedelta(days=1), 20)
    assert [len(group) for group in groups(tmp_path)] == [compaction.FEW + 1, 20]


def test_large_files_are_left_and_groups_end_where_they_would_be_large(
    land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = land(DAY, 30)
    monkeypatch.setattr(compaction, "LARGE_ROWS", 10)
    found = groups(tmp_path)
    assert [path for group in found for path in group] == paths
    assert {len(group) for group in found} == {10}
    monkeypatch.setattr(compaction, "SMALL_ROWS", 0)
    assert groups(tmp_path) == []


def test_the_files_of_a_first_sync_which_hold_a_batch_each_stay_as_they_are(
    land: Land, tmp_path: Path
) -> None:
    paths = land(DAY - timedelta(days=1), 30)
    row_counts = dict.fromkeys(paths, journal.SETTLE_ROWS)
    assert list(compaction.candidates(tmp_path, "orders", DAY, row_counts)) == []


def test_a_file_that_the_warehouse_does_not_hold_yet_stays(
    land: Land, tmp_path: Path
) -> None:
    held = land(DAY - timedelta(days=1), 3)
    land(DAY - timedelta(days=1), 2, first=10)
    row_counts = dict.fromkeys(held, 1)
    assert [*compaction.candidates(tmp_path, "orders", DAY, row_counts)] == [held]


def test_a_crash_before_the_old_files_are_gone_doubles_nothing(
    land: Land, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = land(DAY, 12)
    before = rows(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(whole, "sync_folder", killed)
        with pytest.raises(KeyboardInterrupt):
            compaction.compact(tmp_path, "orders", paths)
    assert len(files.listing(tmp_path, "orders")) == 13
    [group] = groups(tmp_path)
    compaction.compact(tmp_path, "orders", group)
    assert len(files.listing(tmp_path, "orders")) == 1
    assert_frame_equal(rows(tmp_path), first_and_last(before))


def test_certificates_keep_their_order(tmp_path: Path) -> None:
    given: list[Any] = [
        certified(checked_at=NOON + timedelta(minutes=7 * number % 60))
        for number in range(12)
    ]
    for number, row in enumerate(given):
        path = tmp_path / files.WINDOWS / f"date={DAY}" / f"run-{number}.parquet"
        files.write(certificate.frame([row]), path)
    before = list(earlier.certificates(tmp_path))
    row_counts = dict.fromkeys(files.listing(tmp_path, files.WINDOWS), 1)
    [group] = compaction.candidates(tmp_path, files.WINDOWS, DAY, row_counts)
    compaction.compact(tmp_path, files.WINDOWS, group)
    assert list(earlier.certificates(tmp_path)) == before
