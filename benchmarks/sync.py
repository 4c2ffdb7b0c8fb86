"""Times a sync of sandbox orders stage by stage: fetch, land, parse, load, marts.

`python -m benchmarks.sync [orders]` (20 000 by default). The fetch goes over real HTTP
to a sandbox in a process of its own and lands as it goes; landing is then timed apart,
over the same records; parse, load and marts are what the Dagster assets call. No test:
figures move with the machine, so compare them within one run.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import polars as pl

from pipeline import settings
from pipeline.cli.sandbox import READY
from pipeline.extraction.windows import Range
from pipeline.frames.tables import frames
from pipeline.landing import files, journal
from pipeline.landing.record import Record
from pipeline.sync import by_id, loading
from pipeline.sync.orders import missing_sellers
from pipeline.sync.orders import orders as read_orders
from pipeline.sync.project import Project
from pipeline.sync.resources import permissions
from pipeline.warehouse.build import replace
from pipeline.warehouse.files import tables

LANDED_AGAIN = 20_000
SELLERS = (700100200, 700100201, 700100202)


@contextmanager
def stage(name: str, orders: int, spent: dict[str, float]) -> Iterator[None]:
    """Time one stage and print its line."""
    wall, processor = time.perf_counter(), time.process_time()
    yield
    seconds = time.perf_counter() - wall
    spent[name] = seconds
    print(
        f"{name:<22}{seconds:8.2f} s {orders / seconds:12,.0f} orders/s"
        f"{time.process_time() - processor:8.2f} s of processor"
        f"{peak():8.0f} MB peak",
        flush=True,
    )


def peak() -> float:
    """Peak memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bench(orders: int, folder: Path, url: str) -> None:
    """Run the stages one after the other in one process."""
    wanted = settings.read(
        base_url=url,
        access_token="APP_USR-sandbox",
        seller_ids=SELLERS,
        data_dir=folder,
        requests_per_minute=1_000_000,
        reporting_currency="USD",
    )
    spent: dict[str, float] = {}
    with Project(wanted) as project:
        now = project.started_at
        span = Range(*_year(now))
        with stage("fetch orders (lands)", orders, spent):
            missing_sellers(project)
            loading.load(project, ["sellers"])
            read_orders(project, span)
        _land_again(project, orders, spent)
        sites = {700100200: "MLB", 700100201: "MLA", 700100202: "MLM"}
        with stage("parse", orders, spent):
            for records, _ in _batches(project, "orders"):
                frames("orders", records, sites)
        with stage("parse and load", orders, spent):
            loading.load(project, ["orders"])
        with stage("fetch packs, shipments", orders, spent):
            by_id.fetch_wanted(project, "packs")
            by_id.fetch_wanted(project, "shipments")
        with stage("load packs, shipments", orders, spent):
            loading.load(project, ["packs", "shipments", "windows"])
            by_id.fetch_wanted(project, "exchange_rates")
            loading.load(project, ["exchange_rates"])
        with stage("marts and checks", orders, spent):
            for table in tables():
                if table.schema == "marts":
                    replace(project.warehouse(), table)
    rest = ("land", "parse and load", "load packs, shipments", "marts and checks")
    spent["land"] *= orders / min(orders, LANDED_AGAIN)
    seconds = sum(spent[name] for name in rest)
    print(
        f"{'all but the fetch':<22}{seconds:8.2f} s {orders / seconds:12,.0f} orders/s"
    )


def _year(now: datetime) -> tuple[datetime, datetime]:
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=364)
    return start, now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _batches(
    project: Project, resource_name: str
) -> Iterator[tuple[pl.DataFrame, list[str]]]:
    paths = files.listing(project.landing, resource_name)
    return files.batches(project.landing, resource_name, paths, loading.BATCH_ROWS)


def _land_again(project: Project, orders: int, spent: dict[str, float]) -> None:
    """Land the same records into another folder: redaction, journal, settling.

    Not all of many: they are held in memory here, as no sync holds them.
    """
    orders = min(orders, LANDED_AGAIN)
    found = (
        [Record(*row) for row in part.iter_rows()]
        for records, _ in _batches(project, "orders")
        for part in records.iter_slices(51)
    )
    pages = list(islice(found, orders // 51))
    with (
        tempfile.TemporaryDirectory(dir=project.settings.data_dir) as folder,
        stage("land", orders, spent),
        journal.opened(Path(folder), "bench", permissions()) as pages_of_run,
    ):
        for page in pages:
            pages_of_run.add(page)


def main() -> None:
    """Start a sandbox, run the stages."""
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    command = [sys.executable, "-m", "pipeline.cli.main", "sandbox", "--port", "0"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [*command, "--orders", str(orders)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as sandbox,
    ):
        try:
            assert sandbox.stdout is not None
            url = sandbox.stdout.readline().removeprefix(READY).strip()
            bench(orders, Path(folder), url)
        finally:
            sandbox.terminate()


if __name__ == "__main__":
    main()
