"""Which days a run is said to touch, and what it is told to read."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from pipeline import settings
from pipeline.defs import jobs, partitions
from pipeline.extraction.windows import Range
from pipeline.landing.journal import Journal
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from tests.landing.conftest import certified

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
START = "dagster/asset_partition_range_start"
END = "dagster/asset_partition_range_end"


def project(tmp_path: Path) -> Project:
    wanted = settings.read(data_dir=tmp_path, seller_ids="700100200")
    return Project(wanted, now=lambda: NOW)


def proven(tmp_path: Path, start: datetime, end: datetime) -> None:
    """Leave certificates as a sync that read [start, end) whole would."""
    journal = Journal(tmp_path / "landing", f"earlier{end:%m%d}", permissions())
    for search_pass in ("all", "cancelled"):
        journal.certify(
            certified(
                search_pass=search_pass,
                window_from=start,
                window_to=end,
                checked_at=end + timedelta(hours=1),
                closed_to=end + timedelta(hours=1),
                run_id="earlier",
            )
        )
    journal.flush()


def test_the_first_sync_touches_the_apis_twelve_months(tmp_path: Path) -> None:
    tags, config = jobs.due_request(project(tmp_path))
    assert tags == {START: "2025-11-20", END: "2026-11-20"}
    assert config == {"ops": {"landing__orders": {"config": {"due": True}}}}


def test_a_later_sync_touches_the_lookback_alone(tmp_path: Path) -> None:
    year = NOW - timedelta(days=370)
    proven(tmp_path, year, datetime(2026, 11, 20, 11, tzinfo=UTC))
    tags, _ = jobs.due_request(project(tmp_path))
    assert tags == {START: "2026-11-18", END: "2026-11-20"}


def test_a_gap_in_the_past_is_taken_up_however_old_it_is(tmp_path: Path) -> None:
    year = NOW - timedelta(days=370)
    proven(tmp_path, year, datetime(2026, 3, 1, tzinfo=UTC))
    proven(tmp_path, datetime(2026, 3, 2, tzinfo=UTC), NOW.replace(hour=11, minute=0))
    tags, _ = jobs.due_request(project(tmp_path))
    assert tags == {START: "2026-03-01", END: "2026-11-20"}


def test_a_range_is_asked_for_to_the_hour_and_tagged_by_its_days() -> None:
    span = Range(
        datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    )
    tags, config = jobs.range_request(span)
    assert tags == {START: "2026-11-01", END: "2026-11-02"}
    assert config["ops"]["landing__orders"]["config"] == {
        "start": "2026-11-01T05:00:00+00:00",
        "end": "2026-11-03T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        # Before the first partition there is none to name: the first one stands in.
        (datetime(2019, 1, 1, tzinfo=UTC), datetime(2023, 1, 3, tzinfo=UTC), 2),
        (datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), 1),
    ],
)
def test_days_before_the_first_partition_are_not_named(
    start: datetime, end: datetime, days: int
) -> None:
    tags = partitions.range_tags(start, end)
    first, last = (datetime.fromisoformat(tags[name]) for name in (START, END))
    assert first == partitions.FIRST_DAY.replace(tzinfo=None)
    assert (last - first).days + 1 == days


def ticked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """What the schedule asks for when its hour strikes."""
    monkeypatch.setenv("MELI_DATA_DIR", str(tmp_path))
    (home := tmp_path / "dagster").mkdir(exist_ok=True)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        return jobs.hourly(dg.build_schedule_context(instance))


def test_the_hourly_schedule_asks_for_what_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ticked(tmp_path, monkeypatch)
    assert isinstance(request, dg.RunRequest)
    assert request.run_config == jobs.config_of({"due": True})
    assert request.tags[END] == f"{datetime.now(UTC):%Y-%m-%d}"


def test_an_hour_in_which_a_run_is_at_work_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project(tmp_path):
        skipped = ticked(tmp_path, monkeypatch)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"process {os.getpid()} works on the data folder"
