"""Landed files are loaded once each, also when many of them become one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.landing import compaction, earlier, files, record
from pipeline.landing.record import Record
from pipeline.sync import loading
from pipeline.sync.project import Project
from pipeline.warehouse import load

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
HELD = "select path, row_count from ops.landed_files where resource = 'packs'"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(settings.read(data_dir=tmp_path / "data")) as one:
        yield one


def land(project: Project, count: int, first: int = 0) -> None:
    """Packs of a day long past, an hour's sync a file; the last has an unknown key."""
    folder = project.landing / "packs" / f"date={LONG_AGO:%Y-%m-%d}"
    for number in range(first, first + count):
        at = LONG_AGO + timedelta(minutes=number)
        row = Record(
            resource="packs",
            resource_id=str(number),
            seller_id=1,
            updated_at=at,
            fetched_at=at,
            run_id="run",
            request=f"/packs/{number}",
            status=200,
            missing_fields=[],
            payload=f'{{"id": {number}, "status": "filled", "surprise": 1}}',
        )
        files.write(record.frame([row]), folder / f"run-{number:03}-1.parquet")


def told(project: Project) -> tuple[list[Any], list[Any]]:
    """The packs with when they were fetched, and how often the unknown key was seen."""
    ask = project.warehouse().execute
    packs = ask("select pack_id, fetched_at from core.packs order by 1").fetchall()
    unknown = ask("select path, seen_count from ops.unknown_fields").fetchall()
    return packs, unknown


def test_files_that_become_one_are_not_loaded_again(project: Project) -> None:
    land(project, 12)
    loading.load(project, ["packs"])
    before = told(project)
    assert before[1] == [("surprise", 12)]

    loading.compact(project)

    [merged] = files.listing(project.landing, "packs")
    assert project.warehouse().execute(HELD).fetchall() == [(merged, 12)]
    assert loading.load(project, ["packs"])["packs"].rows_in == 0
    assert told(project) == before


@pytest.mark.parametrize("step", ["compact", "forget_files"])
def test_cut_off_at_any_step_nothing_is_lost_or_counted_twice(
    project: Project, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(project, 12)
    loading.load(project, ["packs"])
    before = told(project)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        where = compaction if step == "compact" else load
        patch.setattr(where, step, killed)
        with pytest.raises(KeyboardInterrupt):
            loading.compact(project)
    loading.load(project, ["packs"])
    loading.compact(project)

    assert len(files.listing(project.landing, "packs")) == 1
    assert loading.load(project, ["packs"])["packs"].rows_in == 0
    assert told(project) == before


def test_what_is_not_loaded_or_may_be_gone_on_with_stays_as_it_is(
    project: Project,
) -> None:
    land(project, 12)
    loading.compact(project)
    assert len(files.listing(project.landing, "packs")) == 12, "not loaded yet"
    loading.load(project, ["packs"])
    earlier.open_run(project.landing, "dead")
    loading.compact(project)
    assert len(files.listing(project.landing, "packs")) == 12, "a run died"
    earlier.close_runs(project.landing)
    loading.compact(project)
    assert len(files.listing(project.landing, "packs")) == 1
