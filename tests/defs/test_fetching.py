"""What is asked for by its id is asked for once a run, whatever the answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.defs import extracting, fetching, loading
from pipeline.defs.project import Project
from pipeline.extraction import packs
from pipeline.extraction.windows import Range
from pipeline.landing.record import Record
from pipeline.sandbox.server import RunningSandbox, serve
from pipeline.sandbox.world import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = Range(NOW - timedelta(days=1), NOW)


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(World(orders=0, seed=5, now=NOW, sellers=1)) as running:
        [seller] = running.world.sellers
        running.world.add_orders(seller, DAY.start, 60, within=timedelta(hours=20))
        yield running


@pytest.fixture
def project(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[Project]:
    """A run whose orders are loaded and whose packs are not asked for yet."""
    wanted = settings.read(
        base_url=sandbox.url,
        access_token="APP_USR-sandbox",
        seller_ids=tuple(sandbox.world.sellers),
        data_dir=tmp_path / "data",
        requests_per_minute=1_000_000,
    )
    with Project(wanted) as one:
        extracting.missing_sellers(one)
        loading.load(one, ["sellers"])
        extracting.orders(one, DAY)
        loading.load(one, ["orders"])
        yield one


def test_a_pack_that_is_refused_is_asked_for_once_a_run(
    project: Project, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = packs.pack

    def refused(*given: object, **named: object) -> Record:
        answer = real(*given, **named)  # type: ignore[arg-type]  # handed on as it came
        return answer._replace(payload='{"id": "no pack"}')

    monkeypatch.setattr(packs, "pack", refused)
    tally = fetching.packs_and_parents(project)

    assert sandbox.log.requests["/packs/{id}"] == tally.landed > 1
    assert tally.failed == {}
