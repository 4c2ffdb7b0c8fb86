"""What a published copy tells of itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.landing import certificate, files
from pipeline.landing.certificate import Certificate, Verdict
from pipeline.sync.project import Project
from pipeline.sync.publishing import record
from pipeline.warehouse.build import build
from pipeline.warehouse.files import table
from pipeline.warehouse.read import query
from tests.landing.conftest import certified

NOW = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)


def proof(seller: int, until: int, verdict: Verdict, search: str) -> Certificate:
    """What one pass over a seller's third of March, from 00:00 on, came to."""
    start = NOW.replace(hour=0, minute=0)
    return certified(
        seller_id=seller,
        search_pass=search,
        window_from=start,
        window_to=start + timedelta(hours=until),
        checked_at=NOW,
        closed_to=NOW.replace(minute=0),
        run_id="earlier",
        verdict=verdict,
        reason=None if verdict == "complete" else "59 of 60",
    )


def told(
    tmp_path: Path,
    sellers: dict[int, tuple[int, Verdict]],
    asked: tuple[int, ...] = (1, 2),
    listed: tuple[int, ...] | None = None,
) -> dict[str, object]:
    rows = [
        proof(seller, until, verdict, search)
        for seller, (until, verdict) in sellers.items()
        for search in ("all", "cancelled")
    ]
    files.write(
        certificate.frame(rows),
        tmp_path / "landing" / files.WINDOWS / "date=2026-03-03" / "earlier.parquet",
    )
    wanted = settings.read(data_dir=tmp_path, seller_ids=asked)
    with Project(wanted, now=lambda: NOW, listed=listed) as project:
        connection = project.warehouse()
        connection.execute(
            "insert into ops.quarantine by name select 'orders' as resource,"
            " unnest(['5', '5', '6', '7']) as resource_id, now() as landed_at,"
            " unnest([false, false, false, true]) as is_resolved"
        )
        build(connection, table("marts.hour_completeness"))
        for _ in range(2):  # published again, it is still one row
            record(project)
            project.publish()
        (row,) = query(tmp_path, "from ops.published").to_dicts()
        assert row.pop("run_id") == project.run.id
    return row


def test_a_copy_tells_when_it_was_made_and_what_is_missing(tmp_path: Path) -> None:
    row = told(tmp_path, {1: (10, "complete"), 2: (8, "complete")})
    assert row.pop("code_version")
    assert row == {
        "published_at": NOW,
        "complete_to": NOW.replace(hour=8, minute=0),
        "quarantined_count": 2,
        "unproven_window_count": 0,
    }


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("sellers", "count"),
    [
        ({1: (10, "complete")}, 0),
        ({1: (10, "complete"), 2: (8, "short")}, 2),
    ],
    ids=["never read", "not proven"],
)
def test_a_seller_without_a_proven_hour_leaves_nothing_complete(
    tmp_path: Path, sellers: dict[int, tuple[int, Verdict]], count: int
) -> None:
    row = told(tmp_path, sellers)
    assert row["complete_to"] is None
    assert row["unproven_window_count"] == count


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("listed", "hour"), [((1,), 10), ((1, 2), 8)], ids=["left", "not asked this time"]
)
def test_a_seller_that_left_the_settings_holds_no_other_back(
    listed: tuple[int, ...], hour: int, tmp_path: Path
) -> None:
    sellers: dict[int, tuple[int, Verdict]] = {1: (10, "complete"), 2: (8, "complete")}
    row = told(tmp_path, sellers, asked=(1,), listed=listed)
    assert row["complete_to"] == NOW.replace(hour=hour, minute=0)
