"""Which days a run is said to touch, and what it is told to read."""

import os
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipeline import settings
from pipeline.defs import jobs
from pipeline.extraction.windows import Range
from pipeline.sync.project import Project

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def project(tmp_path: Path) -> Project:
    wanted = settings.read(data_dir=tmp_path, seller_ids="700100200")
    return Project(wanted, now=lambda: NOW)


def test_a_sync_without_dates_reads_what_is_due() -> None:
    assert jobs.config(None) == {"ops": {"landing__orders": {"config": {"due": True}}}}


def test_a_range_is_asked_for_to_the_hour() -> None:
    span = Range(
        datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)
    )
    assert jobs.config(span)["ops"]["landing__orders"]["config"] == {
        "start": "2026-11-01T05:00:00+00:00",
        "end": "2026-11-03T00:00:00+00:00",
    }


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
    assert request.run_config == jobs.config(None)
    # So long may ask, by the settings, and load and publish what came.
    assert request.tags["dagster/max_runtime"] == str(14 * 3600)


def test_an_hour_in_which_a_run_is_at_work_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project(tmp_path):
        skipped = ticked(tmp_path, monkeypatch)
    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == f"process {os.getpid()} works on the data folder"
