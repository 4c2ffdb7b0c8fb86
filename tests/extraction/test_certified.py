"""What is kept of past days and read of today is what all certificates say."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction import certified
from pipeline.extraction.certified import Certified
from pipeline.extraction.coverage import verdicts
from pipeline.landing import certificate as landed
from pipeline.landing import compaction, earlier, files
from pipeline.landing.certificate import Certificate
from tests.extraction.conftest import SELLER, at, certificate, span
from tests.extraction.test_coverage import certificates

KEPT = ".certified.json"


def land(landing: Path, rows: Sequence[Certificate], run_id: str) -> None:
    """Land certificates as a run does: a file for each UTC day."""
    for day, of_day in groupby(rows, lambda row: row.checked_at.date()):
        path = landing / "windows" / f"date={day}" / f"{run_id}.parquet"
        files.write(landed.frame(list(of_day)), path)


def everything(rows: Sequence[Certificate]) -> Certified:
    """What certificates say, read one after another."""
    return Certified(
        verdicts(rows), max((row.checked_at for row in rows), default=None)
    )


@pytest.mark.untraced
@given(certificates(), st.lists(st.integers(0, 12), max_size=4), st.booleans())
def test_at_any_time_they_say_what_all_of_them_say(
    rows: list[Certificate], cuts: list[int], is_compacted: bool
) -> None:
    """Runs land some each, keep what the days before theirs say, and merge files."""
    with TemporaryDirectory() as name:
        landing = Path(name)
        places = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
        for number, (start, end) in enumerate(pairwise(places)):
            land(landing, rows[start:end], f"run{number}")
            assert certified.read(landing) == everything(rows[:end])
            if is_compacted:
                listed = files.listing(landing, "windows")
                for _, of_day in groupby(listed, lambda path: Path(path).parent):
                    compaction.compact(landing, "windows", list(of_day))
            certified.keep(landing, rows[end - 1].checked_at.date())
            assert certified.read(landing) == everything(rows[:end])


def past_and_present(landing: Path) -> list[Certificate]:
    """Three days' certificates; what those of the first two say is kept."""
    rows = [
        certificate(span(number, number + 1), checked_at=at(number + 1, 1))
        for number in (1, 2, 3)
    ]
    land(landing, rows, "run")
    certified.keep(landing, at(4).date())
    return rows


def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The days whose certificates are read from now on."""
    days: list[str] = []
    read = earlier.certificates

    def noted(landing: Path, paths: Sequence[str]) -> object:
        days.extend(Path(path).parent.name for path in paths)
        return read(landing, paths)

    monkeypatch.setattr(earlier, "certificates", noted)
    return days


def test_those_of_past_days_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = past_and_present(tmp_path)
    days = read_files(monkeypatch)
    assert certified.read(tmp_path) == everything(rows)
    assert days == ["date=2026-08-04"]


@pytest.mark.parametrize("broken", ["lost", "replaced", "kept"])
def test_what_is_kept_of_other_files_is_not_believed(
    broken: str, tmp_path: Path
) -> None:
    """A file is lost, one is written anew with fewer rows, what is kept is damaged."""
    first, *others = past_and_present(tmp_path)
    path = tmp_path / files.listing(tmp_path, "windows")[0]
    if broken == "lost":
        path.unlink()
    elif broken == "replaced":
        files.write(landed.frame([]), path)
    else:
        others = [first, *others]
        (tmp_path / KEPT).write_text('{"written": [')
    assert certified.read(tmp_path) == everything(others)
    certified.keep(tmp_path, at(4).date())
    assert certified.read(tmp_path) == everything(others)


def test_what_is_kept_but_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """As a file of another user, or a folder in its place."""
    rows = past_and_present(tmp_path)
    (tmp_path / KEPT).unlink()
    (tmp_path / KEPT).mkdir()
    assert certified.read(tmp_path) == everything(rows)


def test_a_certificate_given_by_a_clock_ahead_keeps_its_place(tmp_path: Path) -> None:
    """It lies in a later day's file than the one that takes it back three days after.

    Example: on the 4th a clock ahead by three days certified the 5th. The run that
    revokes that lands it under its own day, the 4th, but later than all others.
    """
    early = certificate(span(5, 6), checked_at=at(7, 1))
    late = certificate(
        span(5, 6), verdict="revoked", checked_at=at(7, 1) + timedelta(seconds=1)
    )
    land(tmp_path, [early], "ahead")
    folder = tmp_path / "windows" / "date=2026-08-04"
    files.write(landed.frame([late]), folder / "run-revoked.parquet")
    certified.keep(tmp_path, at(5).date())
    found = certified.read(tmp_path)
    assert found == everything([early, late])
    (red,) = found.said[SELLER]["all"].bad
    assert (red.window, red.verdict) == (span(5, 6), "revoked")


def test_hours_to_come_are_not_certified_yet(tmp_path: Path) -> None:
    land(tmp_path, [certificate(span(1, 9), checked_at=at(9, 1))], "run")
    found = certified.read(tmp_path)
    assert found.until(at(4))[SELLER]["all"].good == [span(1, 4)]
