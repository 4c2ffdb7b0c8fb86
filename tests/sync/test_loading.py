"""Landed files are loaded once each, also when many of them become one."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline import settings, whole
from pipeline.landing import compaction, earlier, files, lost, manifest, record
from pipeline.landing.record import Record
from pipeline.sync import loading
from pipeline.sync.mending import mend
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.warehouse import load
from pipeline.warehouse.staging import fetch

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=30)
HELD = "select path, row_count from ops.landed_files where resource = 'packs'"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(settings.read(data_dir=tmp_path / "data")) as one:
        yield one


def land(project: Project, count: int, first: int = 0) -> None:
    """Packs of a day long past, an hour's sync a file; the last has an unknown key."""
    folder = project.folder.landing / "packs" / f"date={LONG_AGO:%Y-%m-%d}"
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
        files.write(
            record.frame([row], permissions()), folder / f"run-{number:03}-1.parquet"
        )


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

    [merged] = files.listing(project.folder.landing, "packs")
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
    monkeypatch.setattr(manifest, "_SPENT_LINES", 1)
    for _ in range(2):  # what was merged is not missed, though its lines are spent
        assert mend(project) == []
    loading.load(project, ["packs"])
    loading.compact(project)

    assert len(files.listing(project.folder.landing, "packs")) == 1
    assert loading.load(project, ["packs"])["packs"].rows_in == 0
    assert told(project) == before


def hour_of_orders(project: Project, at: datetime, luck: Random) -> None:
    """What an hourly sync lands: orders of the lookback, some of them changed."""
    rows = [
        Record(
            resource="orders",
            resource_id=str(number),
            seller_id=1,
            updated_at=at.replace(minute=0),
            fetched_at=at,
            run_id=f"{at:%Y%m%dT%H%M%S}-0000",
            request="/orders/search?offset=0",
            status=200,
            missing_fields=[],
            payload=json.dumps(
                {
                    "id": number,
                    "status": luck.choice(("paid", "cancelled")),
                    "currency_id": "BRL",
                    "date_created": "2026-08-15T10:15:04.000-04:00",
                    "last_updated": "2026-08-15T10:15:05.000-04:00",
                    "total_amount": 1.5,
                    "order_items": [],
                    "buyer": {"id": luck.randint(1, 2)},
                }
            ),
            search_pass="all",
            window_from=at - timedelta(hours=48),
            window_to=at,
            page_offset=0,
            page_total=5,
        )
        for number in range(1, 6)
    ]
    folder = project.folder.landing / "orders" / f"date={at:%Y-%m-%d}"
    files.write(
        record.frame(rows, permissions()), folder / f"{rows[0].run_id}-1.parquet"
    )


OF_ORDERS = (
    "core.orders",
    "core.order_versions",
    "ops.order_reads",
    "ops.landed_files",
)


def orders_told(project: Project) -> dict[str, pl.DataFrame]:
    """Every row about orders, with the times of fetching."""
    loading.load(project, ["orders"])
    return {
        name: fetch(project.warehouse(), f"from {name} order by all").drop(
            "loaded_at", strict=False
        )
        for name in OF_ORDERS
    }


@pytest.mark.parametrize("hours", [8, pytest.param(60, marks=pytest.mark.long)])
def test_hours_compacted_and_killed_at_every_step_equal_a_rebuild(
    hours: int, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    landing, luck = project.folder.landing, Random(1)
    monkeypatch.setattr(compaction, "FEW", 2)
    steps = (
        (files, "write"),
        (whole, "sync_folder"),
        (manifest, "forget"),
        (Path, "unlink"),
        (load, "forget_files"),
    )
    counts = []
    for number in range(hours):
        at = LONG_AGO.replace(hour=18, minute=10) + timedelta(hours=number)
        project.run.started_at = at
        if luck.random() < 0.8:
            with monkeypatch.context() as patch:
                where, step = luck.choice(steps)

                def killed(*_: object, **__: object) -> None:
                    raise KeyboardInterrupt

                patch.setattr(where, step, killed)
                try:
                    loading.compact(project)
                except KeyboardInterrupt:
                    lost.adopt(landing)
                    assert lost.find(landing, lost.everything) == []
        loading.compact(project)
        counts.append(len(files.listing(landing, "orders")))
        hour_of_orders(project, at, luck)
        loading.load(project, ["orders"])
    project.run.started_at += timedelta(days=1)
    loading.compact(project)
    held = orders_told(project)
    project.begin_anew()
    for name, rows in orders_told(project).items():
        assert_frame_equal(held[name], rows)
    days = (at - LONG_AGO).days + 1
    assert max(counts) <= days + compaction.FEW
    assert len(files.listing(landing, "orders")) == days + 1


def test_what_is_not_loaded_or_may_be_gone_on_with_stays_as_it_is(
    project: Project,
) -> None:
    land(project, 12)
    loading.compact(project)
    assert len(files.listing(project.folder.landing, "packs")) == 12, "not loaded yet"
    loading.load(project, ["packs"])
    earlier.open_run(project.folder.landing, "dead")
    loading.compact(project)
    assert len(files.listing(project.folder.landing, "packs")) == 12, "a run died"
    earlier.close_runs(project.folder.landing)
    loading.compact(project)
    assert len(files.listing(project.folder.landing, "packs")) == 1


@pytest.mark.parametrize(
    ("resource", "resource_id", "bad", "good", "as_named"),
    [
        ("order_discounts", "1", '{"details": 5}', '{"details": []}', "1"),
        ("order_products", "1", '{"attributes": 5}', None, "1"),
        ("packs", "7", '{"id": 7}', None, "7"),
        ("sellers", "7", '{"id": "x"}', '{"id": 7, "site_id": "MLB"}', "7"),
        ("exchange_rates", "ARS-BRL", "{}", '{"ratio": 2}', "ARS-BRL"),
        ("exchange_rates", "ARS-BRL", "{}", '{"ratio": 2}', "ARS-BRL-2026-03-02"),
        ("exchange_rates", "ARS-BRL", "{}", None, None),
        ("shipment_costs", "5", "[]", None, None),
    ],
)
def test_an_accepted_answer_resolves_the_refused_ones_before_it(
    project: Project,
    resource: str,
    resource_id: str,
    bad: str,
    good: str | None,
    as_named: str | None,
) -> None:
    """A 404 is an answer where it gives a row; of a ratio or of costs it gives none."""
    refused = Record(
        resource=resource,
        resource_id=resource_id,
        seller_id=1,
        updated_at=None,
        fetched_at=LONG_AGO,
        run_id="run",
        request="/",
        status=200,
        missing_fields=[],
        payload=bad,
    )
    later = refused._replace(
        resource_id=as_named or resource_id,
        fetched_at=NOW,
        status=200 if good else 404,
        payload=good,
    )
    folder = project.folder.landing / resource / f"date={LONG_AGO:%Y-%m-%d}"
    # The newer answer is loaded first: what it resolves may come after it.
    files.write(record.frame([later], permissions()), folder / "run-1.parquet")
    loading.load(project, [resource])
    files.write(record.frame([refused], permissions()), folder / "run-2.parquet")
    loading.load(project, [resource])
    found = project.warehouse().execute(
        "select resource_id, is_resolved from ops.quarantine"
    )
    assert found.fetchall() == [(resource_id, as_named is not None)]
