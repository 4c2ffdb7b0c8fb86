"""What the runs before this one landed, and which of them never came to an end.

Nothing else is remembered between runs: what is proven and what a dead run left half
done follow from here. Not here: writing it (`journal.py`), and what it amounts to
(`extraction/coverage.py`, `extraction/resume.py`).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline.landing import certificate, files

_RUNS = ".runs"
_BATCH_ROWS = 10_000  # about 30 MB of JSON text at a time


def open_run(landing: Path, run_id: str) -> None:
    """Note that a run has begun to read windows."""
    (landing / _RUNS).mkdir(parents=True, exist_ok=True)
    (landing / _RUNS / run_id).touch()


def close_runs(landing: Path) -> None:
    """Note that a run has come to its end, and has taken over those that had not."""
    for path in (landing / _RUNS).glob("*"):
        path.unlink()


def unfinished_runs(landing: Path, run_id: str) -> list[str]:
    """Runs before ``run_id`` that were killed, or broke off, while they read windows.

    A run that came to its end is not among them, whatever it was refused.
    """
    return sorted(
        path.name for path in (landing / _RUNS).glob("*") if path.name != run_id
    )


class LandedOrder(NamedTuple):
    """Where one landed order of a search came from; no word of what it says."""

    seller_id: int
    search_pass: str
    window_from: datetime
    window_to: datetime
    page_offset: int | None
    page_total: int
    order_id: str
    updated_at: datetime | None
    is_cancelled: bool
    fetched_at: datetime
    page_limit: int | None = None


def orders_of(landing: Path, runs: Sequence[str]) -> Iterator[LandedOrder]:
    """Orders that certain runs landed from searches; none when no run is named."""
    paths = [
        path
        for path in (files.listing(landing, "orders") if runs else ())
        if any(Path(path).name.startswith(f"{run}-") for run in runs)
    ]
    for rows, _ in files.batches(landing, "orders", paths, rows=_BATCH_ROWS):
        yield from map(
            LandedOrder._make,
            rows.filter(pl.col("search_pass").is_not_null())
            .select(
                "seller_id",
                "search_pass",
                "window_from",
                "window_to",
                "page_offset",
                "page_total",
                "resource_id",
                "updated_at",
                (pl.col("payload").str.json_path_match("$.status") == "cancelled")
                .fill_null(value=False)
                .alias("is_cancelled"),
                "fetched_at",
                pl.col("request")
                .str.extract(r"[?&]limit=(\d{1,9})")
                .cast(pl.Int64)
                .alias("page_limit"),
            )
            .iter_rows(),
        )


def certificates(
    landing: Path, since: datetime | None = None
) -> Iterator[certificate.Certificate]:
    """Certificates in the order in which they were given.

    Args:
        landing: the landing folder.
        since: leave out the files of UTC days before this instant's.
    """
    day = f"date={since:%Y-%m-%d}" if since else ""
    paths = [
        path
        for path in files.listing(landing, files.WINDOWS)
        if path.split("/")[1] >= day
    ]
    rows = files.read(landing, files.WINDOWS, paths).sort(
        "checked_at", maintain_order=True
    )
    return map(certificate.row, rows.iter_rows(named=True))
