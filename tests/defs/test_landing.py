"""What a run of landed orders tells the catalogue."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline import settings
from pipeline.defs import jobs, order_reading
from pipeline.defs.landing import landed_orders
from pipeline.extraction.accounts import Account
from pipeline.extraction.windows import Range
from pipeline.instance import running
from pipeline.landing.certificate import Certificate
from pipeline.mercadolibre.errors import ServerFault
from pipeline.sandbox.server.server import RunningSandbox, serve
from pipeline.sandbox.world.world import World
from pipeline.sync import planning
from pipeline.sync.planning import SellerPlan
from pipeline.sync.project import Project
from tests.conftest import settings_for
from tests.landing.conftest import certified

pytestmark = pytest.mark.dagster

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def told(sandbox: RunningSandbox, folder: Path, days: int) -> dict[str, Any]:
    """Metadata of landing/orders after a run of it, of so many days before now."""
    wanted = settings_for(sandbox, folder, seller_ids=(sandbox.world.sellers[0],))
    span = Range(NOW - timedelta(days=days), NOW + timedelta(hours=1))
    with dg.DagsterInstance.ephemeral() as instance, Project(wanted) as project:
        ran = dg.materialize(
            [landed_orders],
            resources={"project": project},
            run_config=jobs.config(span),
            tags=running.today_tags(),
            instance=instance,
        )
        assert ran.success
        event = instance.get_latest_materialization_event(
            dg.AssetKey(["landing", "orders"])
        )
    assert event is not None
    assert event.asset_materialization is not None
    return {
        name: value.value
        for name, value in event.asset_materialization.metadata.items()
    }


@pytest.mark.parametrize(
    ("days", "is_planned"),
    [pytest.param(3, False, marks=pytest.mark.long), (61, True)],
)
def test_a_long_run_tells_what_it_was_planned_to_cost(
    days: int, is_planned: bool, tmp_path: Path
) -> None:
    with serve(World(orders=90, seed=2, now=NOW, days=3, sellers=1)) as sandbox:
        found = told(sandbox, tmp_path / "data", days)
    assert found["orders_in_windows"] == 90
    assert found["windows_not_complete"] == 0
    assert ("planned_requests" in found) is is_planned
    if is_planned:
        # Ninety orders; and a page at least for each of 62 windows.
        assert found["planned_orders"] == 90
        assert found["planned_requests"] > 62


def test_a_day_is_counted_by_the_run_that_reads_it_whole_for_every_seller() -> None:
    def read(seller: int, day: int, hour: int, count: int) -> Certificate:
        start = datetime(2026, 11, day, hour, tzinfo=UTC)
        return certified(
            seller_id=seller,
            search_pass="all",
            window_from=start,
            window_to=start + timedelta(hours=24 - hour),
            inside_count=count,
        )

    rows = [
        *(read(1, 28, 15, 9), read(2, 28, 15, 9)),  # the lookback begins at 15:00
        *(read(1, 29, 0, 4), read(2, 29, 0, 3), read(2, 29, 5, 2)),
        *(read(1, 27, 0, 7), read(2, 26, 0, 7)),  # a gap of one of them
        *(read(1, 30, 0, 0), read(2, 30, 0, 0)),
        read(1, 30, 1, 5)._replace(search_pass="cancelled"),
    ]
    assert order_reading.day_counts(rows) == {"2026-11-29": 9, "2026-11-30": 0}


def test_an_api_that_is_down_is_not_asked_seller_by_seller_for_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def down(account: Account, *_: object) -> SellerPlan:
        asked.append(account.seller_id)
        raise ServerFault("GET /orders/search: 503", status=503)

    monkeypatch.setattr(planning, "_seller", lambda _, *rest: down(*rest))
    wanted = settings.read(
        access_token="APP_USR-1", seller_ids=(7, 8), data_dir=tmp_path / "data"
    )
    with Project(wanted) as project:
        span = Range(NOW - timedelta(days=300), NOW)
        assert order_reading.planned(project, span) == {}
    assert asked == [7]
