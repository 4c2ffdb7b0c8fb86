"""`demo`: a year of sandbox sales from an empty folder to figures, in under a minute.

Not here: the sync (`sync.py`) and the sandbox, which runs as its own process.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.cli import report, sandbox, sync, terminal
from pipeline.cli.oneline import read_settings, refusals
from pipeline.sync.data_folder import DEMO_MARKER
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import query

_TOKEN = "APP_USR-sandbox"  # noqa: S105 - the sandbox's, which is public
_SELLERS = {
    "MLB": 700100200,
    "MLA": 700100201,
    "MLM": 700100202,
    "CBT": 700100299,  # Global Selling
}
_PACE = 1_000_000
"""Loopback needs no budget; at a real API's pace a demo takes minutes."""
_NOBODY = "http://127.0.0.1:9"

_SUMMARIES = (
    (
        "questions/demo_sales_by_month",
        "Sales by site and month (*: read in part, ?: without what is not known)",
    ),
    ("questions/demo_top_items", "Top items by site"),
)


def run(orders: int, data_dir: Path) -> None:
    """Replace an older demo in the folder, sync the sandbox, print the summary."""
    started = time.monotonic()
    # Checked before an older demo is removed; the address is known once it serves.
    settings = read_settings(
        writes=True,
        base_url=_NOBODY,
        access_token=_TOKEN,
        refresh_token=None,
        seller_ids=tuple(_SELLERS.values()),
        data_dir=data_dir,
        requests_per_minute=_PACE,
        reporting_currency="USD",
        alert_urls=None,
    )
    world = DemoWorld(
        orders, datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    )
    with refusals():
        make_room(data_dir)
    # What makes the sandbox the same on another day.
    told = json.dumps({"orders": world.orders, "ends": world.ends.isoformat()})
    (data_dir / DEMO_MARKER).write_text(told, encoding="utf-8")
    with served(world) as url:
        terminal.say(
            f"sandbox: {terminal.counted(orders, 'order')} at {url}, "
            f"writing to {data_dir}"
        )
        sync.run_sync(settings.model_copy(update={"base_url": url}), None)
    with refusals():
        for name, title in _SUMMARIES:
            terminal.table(query(data_dir, statement(name)), title, wished=80)
        months = query(data_dir, statement("questions/report_range"))
    month = _most_telling(list(months["month_start_date"]), world.ends.date())
    page = report.written(data_dir, month)
    seconds = time.monotonic() - started
    command = f"MELI_DATA_DIR={data_dir} {_command()}"
    for words in (
        "",
        f"{data_dir / 'warehouse.duckdb'} is ready after {seconds:.0f} seconds.",
        f"  open:     {page}",
        f"  ask it:   {command} query 'from marts.daily_sales limit 10'",
        f"  see how:  {command} ui",
        f"  your own: {_command()} login --help",
    ):
        terminal.line(words)


def _most_telling(months: Sequence[date], today: date) -> date | None:
    """Of months with sales, the newest first, the last that is over.

    On the first of a month its own page would be nearly empty.
    """
    over = (month for month in months if month < today.replace(day=1))
    return next(over, next(iter(months), None))


@dataclass(frozen=True)
class DemoWorld:
    """What makes a demo's sandbox the same on another day."""

    orders: int
    ends: datetime

    @classmethod
    def of(cls, text: str) -> "DemoWorld | None":
        """The world that a marker tells of; None for an older one, which is empty."""
        try:
            told = json.loads(text)
            return cls(int(told["orders"]), datetime.fromisoformat(told["ends"]))
        except (ValueError, KeyError, TypeError):
            return None


@contextlib.contextmanager
def sandbox_along(data_dir: Path) -> Iterator[None]:
    """Serve a demo folder's own sandbox meanwhile, for all that this process starts.

    Does nothing in a folder that is not a demo.
    """
    marker = data_dir / DEMO_MARKER
    world = (
        DemoWorld.of(marker.read_text(encoding="utf-8")) if marker.exists() else None
    )
    if world is None:
        yield
        return
    with served(world) as url:
        terminal.say(f"{data_dir} is a demo: its sandbox serves {url}")
        before = dict(os.environ)
        os.environ.pop("MELI_REFRESH_TOKEN", None)
        os.environ |= {
            "MELI_BASE_URL": url,
            "MELI_ACCESS_TOKEN": _TOKEN,
            "MELI_SELLER_IDS": ",".join(map(str, _SELLERS.values())),
            "MELI_REQUESTS_PER_MINUTE": str(_PACE),
            "MELI_REPORTING_CURRENCY": "USD",
        }
        try:
            yield
        finally:
            os.environ.clear()
            os.environ |= before


def make_room(data_dir: Path) -> None:
    """Delete an older demo, and never anything else."""
    if data_dir.exists() and any(data_dir.iterdir()):
        # A demo has no tokens: if there are some, somebody has logged in since.
        if not (data_dir / DEMO_MARKER).exists() or (data_dir / "tokens").exists():
            terminal.fail(
                f"{data_dir} holds something that is not a demo; "
                "choose another folder with --data-dir"
            )
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / DEMO_MARKER).touch()


def _command() -> str:
    """How to call the command here: by name only if the shell finds it."""
    if shutil.which("meli-sales"):
        return "meli-sales"
    beside = Path(sys.executable).with_name("meli-sales")
    here = Path.cwd()
    return str(beside.relative_to(here) if beside.is_relative_to(here) else beside)


@contextlib.contextmanager
def served(world: DemoWorld) -> Iterator[str]:
    """Run the sandbox as its own process, so that it does not compete with the sync.

    Yields its address, and ends it on leaving.
    """
    command = [sys.executable, "-m", "pipeline.cli.main", "sandbox"]
    # Its messages go to a file: a pipe that nobody reads blocks when it is full.
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
        subprocess.Popen(  # noqa: S603 - our own arguments
            [
                *(*command, "--port", "0", "--orders", str(world.orders)),
                *("--sites", ",".join(_SELLERS)),
                *("--ends", f"{world.ends:%Y-%m-%dT%H:%M:%S}"),
            ],
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith(sandbox.READY):
                process.terminate()
                process.wait()
                said.seek(0)
                reason = " ".join(said.read().split())[-300:]
                terminal.fail(f"the sandbox did not start: {reason}")
            yield line.removeprefix(sandbox.READY).strip()
        finally:
            process.terminate()
