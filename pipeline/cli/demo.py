"""`demo`: a year of sandbox sales from an empty folder to figures, in under a minute.

Not here: the sync (`syncing.py`) and the sandbox, which runs as a process of its own.
"""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pipeline import settings
from pipeline.cli import sandbox, syncing, terminal
from pipeline.cli.oneline import refusals
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import query

_MARKER = ".demo"
_TOKEN = "APP_USR-sandbox"  # noqa: S105 - the sandbox's, known to everybody

_SUMMARIES = (
    ("summaries/sales_by_month", "Sales by site and month"),
    ("summaries/top_items", "Top items by site"),
)


def run(orders: int, data_dir: Path) -> None:
    """Replace an older demo in the folder, sync the sandbox, print the summary."""
    started = time.monotonic()
    with refusals():
        _clear(data_dir)
    with _sandbox(orders) as url:
        terminal.say(f"sandbox: {orders:,} orders at {url}, writing to {data_dir}")
        syncing.run_sync(
            settings.read(
                base_url=url,
                access_token=_TOKEN,
                refresh_token=None,
                seller_ids=(700100200, 700100201, 700100202),
                data_dir=data_dir,
                # Loopback needs no budget; the pace of a real API would take minutes.
                requests_per_minute=1_000_000,
                reporting_currency="USD",
                fetch_shipping_costs=True,
            ),
            None,
        )
    for name, title in _SUMMARIES:
        terminal.table(query(data_dir, statement(name)), title)
    seconds = time.monotonic() - started
    folder = f"MELI_DATA_DIR={data_dir} "
    terminal.out.print(
        f"\n{data_dir / 'warehouse.duckdb'} is ready after {seconds:.0f} seconds.\n"
        f"  ask it:   {folder}meli-sales query 'from marts.daily_sales limit 10'\n"
        f"  see how:  {folder}meli-sales ui\n"
        "  your own: README.md, “Your own shop”",
        soft_wrap=True,
        highlight=False,
    )


def _clear(data_dir: Path) -> None:
    """Make room for the demo without ever deleting anything else."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / _MARKER).exists():
            terminal.fail(
                f"{data_dir} holds something that is no demo; "
                "choose another folder with --data-dir"
            )
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / _MARKER).touch()


@contextlib.contextmanager
def _sandbox(orders: int) -> Iterator[str]:
    """The sandbox as a process: its work is not ours to wait for on one core."""
    command = [sys.executable, "-m", "pipeline.cli.main", "sandbox"]
    with subprocess.Popen(  # noqa: S603 - our own words
        [*command, "--port", "0", "--orders", str(orders)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(sandbox.READY):
                reason = process.stderr.read() if process.stderr else ""
                terminal.fail(f"the sandbox did not start: {reason.strip()[-300:]}")
            yield line.removeprefix(sandbox.READY).strip()
        finally:
            process.terminate()
