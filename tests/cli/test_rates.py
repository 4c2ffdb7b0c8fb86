"""Rates of older days into the warehouse, or not one of them."""

import errno
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Commands

HEADER = "rate_date,from_currency_id,to_currency_id,ratio\n"
GOOD = "2024-05-01,USD,ARS,877.5\n2024-05-02,USD,ARS,878\n"
BAD = "2024-05-03,USD,ARS,\n"
HELD = (
    "select rate_date, ratio, source from core.exchange_rates where source = 'csv'"
    " order by 1"
)


def made(tmp_path: Path, text: str) -> str:
    file = tmp_path / "old.csv"
    file.write_text(HEADER + text)
    return str(file)


@pytest.mark.untraced
def test_rates_are_published_and_a_second_time_there_is_nothing_to_do(
    filled: Commands, tmp_path: Path
) -> None:
    file = made(tmp_path, GOOD)
    ended = filled("rates", file)
    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == [
        "2 rates loaded; a day and pair that had one keeps the first"
    ]
    assert filled("query", HELD, "--format", "csv").out.splitlines() == [
        "rate_date,ratio,source",
        "2024-05-01,877.500000000000,csv",
        "2024-05-02,878.000000000000,csv",
    ]
    assert filled("rates", file).out.splitlines() == [
        "old.csv has been loaded before: nothing to do"
    ]


def test_rates_that_a_full_disk_kept_from_being_published_are_so_the_second_time(
    filled: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(tmp_path, "2024-06-01,USD,ARS,890\n")
    before = filled("query", HELD, "--format", "csv").out

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.sync.project.publish", full)
        ended = filled("rates", file)
    assert ended.code == 1
    assert ended.error.startswith("error: the disk is full: make room and run it again")
    assert filled("query", HELD, "--format", "csv").out == before
    assert filled("rates", file).out.splitlines() == [
        "old.csv has been loaded before, but is not published yet"
    ]
    assert "2024-06-01,890" in filled("query", HELD, "--format", "csv").out


def test_one_bad_line_keeps_all_from_being_loaded_unless_asked(
    empty: Commands, tmp_path: Path
) -> None:
    file = made(tmp_path, GOOD + BAD)
    ended = empty("rates", file)
    assert ended.code == 1
    assert "  line 4: ratio '' is not a number such as 0.0704988" in ended.err
    assert ended.error == (
        "error: nothing was loaded: 1 line of old.csv is not a valid rate; correct "
        "what is named above, or load the other 2 with --keep-good"
    )
    assert not (empty.folder / "landing").exists()
    assert "error: nothing was loaded: 2 lines of old.csv are not valid rates; " in (
        empty("rates", made(tmp_path, GOOD + BAD + BAD)).error
    )
    made(tmp_path, GOOD + BAD)

    kept = empty("rates", file, "--keep-good")
    assert kept.code == 0, kept.err
    assert kept.out.splitlines() == [
        "2 rates loaded; a day and pair that had one keeps the first",
        "no order has landed yet: the first sync uses them",
    ]


def test_a_file_that_holds_no_rates_is_told_in_a_line(
    empty: Commands, tmp_path: Path
) -> None:
    missing = tmp_path / "none.csv"
    assert empty("rates", str(missing)).error == (
        f"error: {missing} cannot be read: No such file or directory"
    )
    for text, reason in {
        "": "nothing was loaded: old.csv holds no rate",
        BAD * 25: "nothing was loaded: old.csv holds no rate",
    }.items():
        ended = empty("rates", made(tmp_path, text), "--keep-good")
        assert (ended.code, ended.error) == (1, f"error: {reason}")
    assert "  and 5 more lines" in ended.err
    other = tmp_path / "other.csv"
    other.write_text("day,rate\n")
    assert "other.csv: no column rate_date" in empty("rates", str(other)).error
