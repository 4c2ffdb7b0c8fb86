"""Thousands of orders beside the oracle: what one order in ten thousand has.

`test_road.py` holds 2,500 orders to it; each of these worlds showed a fault that those
did not. Not here: worlds that change while they are read (`long_life.py`).
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from pipeline.warehouse.read import query
from tests import oracle_tables
from tests.conftest import run_sync
from tests.oracle import Oracle
from tests.oracle_sums import Sums

pytestmark = [pytest.mark.untraced, pytest.mark.long]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAYS = 20
ALL = Range(NOW - timedelta(days=DAYS + 1), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("seed", "orders"),
    [
        (102, 8_000),  # two payments of a partly refunded order, one of which tells
        (202, 12_000),  # dollars on MLU, and a shipment that names no currency
    ],
)
def test_every_order_of_a_large_world_is_the_oracles(
    tmp_path: Path, seed: int, orders: int
) -> None:
    world = World(orders=orders, seed=seed, now=NOW, days=DAYS, sellers=6)
    with serve(world) as sandbox:
        _, ended = run_sync(sandbox, ALL, tmp_path, reporting_currency="USD")
        assert ended.is_good, ended
        sums = Sums(Oracle(sandbox.world, reporting="USD"), "USD")
    refused = query(tmp_path, "select resource_id, reason from ops.quarantine")
    assert refused.rows() == []
    found = oracle_tables.everything(tmp_path, sums)
    assert not found, found
