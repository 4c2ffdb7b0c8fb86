"""A seller of Global Selling, whose search names carts only, from wire to figures."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from tests import oracle_tables
from tests.conftest import run_sync
from tests.oracle import Oracle
from tests.oracle_sums import Sums

pytestmark = pytest.mark.untraced

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 20
YEAR = Range(NOW - timedelta(days=DAYS + 1), NOW + timedelta(hours=1))


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sums]:
    """600 orders of a Global Selling account and of a Mexican one, worked out."""
    folder = tmp_path_factory.mktemp("abroad") / "data"
    made = World(orders=600, seed=5, now=NOW, days=DAYS, sites=("CBT", "MLM"))
    with serve(made) as sandbox:
        _, ended = run_sync(sandbox, YEAR, folder, reporting_currency="USD")
        assert ended.is_good, ended
        sums = Sums(Oracle(sandbox.world, reporting="USD"), "USD")
    return folder, sums


def test_every_order_from_abroad_equals_what_the_oracle_works_out(
    abroad: tuple[Path, Sums],
) -> None:
    found = oracle_tables.orders(*abroad)
    assert not found, found


@pytest.mark.parametrize("table", ["daily_sales", "monthly_sales"])
def test_every_sum_from_abroad_is_the_oracles(
    abroad: tuple[Path, Sums], table: str
) -> None:
    found = oracle_tables.sales(*abroad, table)
    assert not found, found


def test_every_mart_above_orders_from_abroad_is_the_oracles(
    abroad: tuple[Path, Sums],
) -> None:
    found = oracle_tables.above(abroad[0])
    assert not found, found
