"""The sales notebook, top to bottom beside a run that writes; and its data alone."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import pytest

from pipeline.extraction.windows import Range
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.world.world import World
from pipeline.warehouse.connection import connect
from pipeline.warehouse.publish import publish
from pipeline.warehouse.read import query
from tests.conftest import TODAY, run_sync

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "sales.py"
NOW = TODAY.replace(minute=0)

_RUN_THAT_WRITES = """
import sys
from pathlib import Path
from pipeline import settings
from pipeline.sync.project import Project
from pipeline.warehouse.connection import connect
with (
    Project(settings.read(data_dir=Path(sys.argv[1]))) as project,
    connect(project.folder.work) as work,
):
    work.execute("begin transaction")
    work.execute("delete from marts.orders")
    print("writes", flush=True)
    sys.stdin.read()
"""

_AS_IN_JUPYTER = """
import sys
import altair as alt
from pipeline.warehouse.read import published

warehouse = published()
days = warehouse.frame("marts.daily_sales")
drawn = alt.Chart(days).mark_bar().encode(x="sold_date", y="net_sales_amount").to_html()
assert "marimo" not in sys.modules
print(days.schema["net_sales_amount"], days["net_sales_amount"].sum(), len(drawn) > 0)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty days of a Brazilian and a Chilean account, synced."""
    folder = tmp_path_factory.mktemp("notebook") / "data"
    world = World(orders=200, seed=3, now=NOW, days=40, sites=("MLB", "MLC"))
    with serve(world) as sandbox:
        _, ended = run_sync(sandbox, Range(NOW - timedelta(days=41), NOW), folder)
    assert ended.is_good, ended
    return folder


@contextmanager
def run_that_writes(data_dir: Path) -> Iterator[None]:
    """Another process holds the data folder and is in the midst of a transaction."""
    with subprocess.Popen(
        [sys.executable, "-c", _RUN_THAT_WRITES, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "writes\n"
        yield
        assert run.poll() is None
        assert run.stdin is not None
        run.stdin.close()


def top_to_bottom(data_dir: Path) -> dict[str, Any]:
    """Run every cell; what they define, by name."""
    spec = importlib.util.spec_from_file_location("sales", NOTEBOOK)
    assert spec is not None
    assert spec.loader is not None
    notebook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(notebook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MELI_DATA_DIR", str(data_dir))
        _, defined = notebook.app.run()
    return dict(defined)


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder with its size and its last change."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def ran(data_dir: Path) -> dict[str, Any]:
    """What the notebook shows; it was run beside a run, and wrote nothing."""
    with run_that_writes(data_dir):
        before = files(data_dir)
        shown = top_to_bottom(data_dir)
        assert files(data_dir) == before
    return shown


def test_each_section_shows_what_the_marts_hold(
    data_dir: Path, ran: dict[str, Any]
) -> None:
    assert ran["chosen"] == {
        "currency": "BRL",
        "month": date(2026, 11, 1),
        "seller": None,
    }
    months = query(
        data_dir,
        "select month_start_date, order_count, net_sales_amount,"
        " estimated_proceeds_amount from marts.monthly_sales"
        " where currency_id = 'BRL' order by month_start_date",
    )
    assert ran["overview"].select(months.columns).rows() == months.rows()
    assert months.height >= 2
    net, left = months.rows()[-1][2:]
    assert ran["days"]["net_sales_amount"].sum() == net
    assert ran["ledger"]["amount"].sum() == left
    items = query(
        data_dir,
        "select item_id, net_sales_amount, estimated_proceeds_amount"
        " from marts.item_months"
        " where currency_id = 'BRL' and month_start_date = date '2026-11-01'"
        " order by estimated_proceeds_amount desc, item_id limit 20",
    )
    assert ran["items"].select(items.columns).rows() == items.rows()
    assert left > Decimal(0)
    assert ran["margins"]["estimated_proceeds_amount"].sum() == left
    # Nobody has told a cost: what is sold has no margin, and says so.
    assert ran["margins"]["cost_amount"].sum() == 0
    assert ran["margins"]["unknown_margin_count"].sum() > 0


def test_cohorts_and_baskets_are_those_of_one_currency(
    data_dir: Path, ran: dict[str, Any]
) -> None:
    cohorts = query(
        data_dir,
        "select cohort_month_date, month_number, cohort_buyer_count, buyer_count,"
        " gross_sales_amount, retention_rate from marts.buyer_cohorts"
        " where currency_id = 'BRL' order by cohort_month_date, month_number",
    )
    assert ran["cohorts"].rows() == cohorts.rows()  # of the one seller in reais
    baskets = query(
        data_dir,
        "select gross_order_count, basket_count, unit_count, total_amount"
        " from marts.baskets where currency_id = 'BRL' order by gross_order_count",
    )
    assert ran["baskets"].select(baskets.columns).rows() == baskets.rows()


def test_completeness_is_told_of_every_day_and_seller(
    data_dir: Path, ran: dict[str, Any]
) -> None:
    days = query(
        data_dir,
        "select calendar_date, seller_id, is_complete from marts.day_completeness"
        " where month_start_date = date '2026-11-01'"
        " order by calendar_date, seller_id",
    )
    assert ran["completeness"].select(days.columns).rows() == days.rows()
    assert days.height == 60
    assert ran["unproven_hours"].height == 0
    assert ran["state"].height == 1


def test_every_chart_draws_and_every_amount_stays_a_decimal(
    ran: dict[str, Any],
) -> None:
    charts = {name for name in ran if isinstance(ran[name], alt.Chart)}
    assert charts == {
        "month_chart",
        "day_chart",
        "ledger_chart",
        "cohort_chart",
        "basket_chart",
        "completeness_chart",
    }
    for name in charts:
        assert ran[name].to_json(), name
    for frame in (one for one in ran.values() if isinstance(one, pl.DataFrame)):
        for name, kind in frame.schema.items():
            if name.endswith("_amount"):
                assert kind.is_decimal(), name


def test_the_free_corner_asks_what_stands_in_it(ran: dict[str, Any]) -> None:
    assert ran["own_rows"].height == 10
    assert "net_sales_amount" in ran["own_rows"].columns


def test_a_warehouse_without_sales_is_no_fault(data_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(data_dir / "work", tmp_path / "work")
    work = tmp_path / "work" / "warehouse.duckdb"
    with connect(work) as connection:
        connection.execute("delete from marts.monthly_sales")
    publish(work, tmp_path, "run")
    shown = top_to_bottom(tmp_path)
    assert shown["state"].height == 1
    assert "overview" not in shown


def test_the_same_data_in_plain_python_as_jupyter_runs_it(
    data_dir: Path, tmp_path: Path
) -> None:
    with run_that_writes(data_dir):
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", _AS_IN_JUPYTER],
            cwd=tmp_path,
            env=os.environ | {"MELI_DATA_DIR": str(data_dir)},
            capture_output=True,
            text=True,
        )
    assert ended.stderr == ""
    total = query(data_dir, "select sum(net_sales_amount) from marts.daily_sales")
    assert ended.stdout == f"Decimal(precision=18, scale=2) {total.item()} True\n"
