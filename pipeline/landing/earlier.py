"""What earlier runs landed, and which of them never ended.

Runs share no other memory: what is proven, and what a crashed run left unfinished,
follow from here. Not here: writing it (`journal.py`), and what it adds up to
(`extraction/certified.py`, `extraction/resume.py`).
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
    """Record that a run has begun to read windows."""
    (landing / _RUNS).mkdir(parents=True, exist_ok=True)
    (landing / _RUNS / run_id).touch()


def close_runs(landing: Path) -> None:
    """Record that a run has ended and has taken over the unfinished ones before it."""
    for path in (landing / _RUNS).glob("*"):
        path.unlink()


def unfinished_runs(landing: Path, run_id: str) -> list[str]:
    """Runs other than ``run_id`` that were killed, or broke off, while reading windows.

    A run that ended is not among them, even if sellers were refused.
    """
    return sorted(
        path.name for path in (landing / _RUNS).glob("*") if path.name != run_id
    )


class LandedOrder(NamedTuple):
    """Which search page one landed order came from, without its contents.

    ``page_total`` is None for an order that a row of the search only named.
    """

    seller_id: int
    search_pass: str
    window_from: datetime
    window_to: datetime
    page_offset: int | None
    page_total: int | None
    order_id: str
    updated_at: datetime | None
    is_cancelled: bool
    fetched_at: datetime
    page_limit: int | None = None


def orders_of(landing: Path, runs: Sequence[str]) -> Iterator[LandedOrder]:
    """Orders that the given runs landed from searches; none without runs."""
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


def told(landing: Path, resource: str, key: str) -> dict[int, str]:
    """What the newest record of a resource says under a key, by seller; no nulls."""
    rows = files.read_sound(landing, resource, files.listing(landing, resource))
    values = rows.sort("fetched_at").select(
        "seller_id", pl.col("payload").str.json_path_match(f"$.{key}").alias("value")
    )
    return dict(values.drop_nulls().iter_rows())


def runs(landing: Path) -> pl.DataFrame:
    """All landed rows of runs, the newest run last, and its latest row after others.

    A run's number orders it, because a clock can be set back; those of older versions
    have none and come first. A damaged row counts as not there.
    """
    paths = files.listing(landing, files.RUNS)
    return files.read_sound(landing, files.RUNS, paths).sort(
        "run_number", "finished_at", nulls_last=False
    )


def run_count(landing: Path) -> int:
    """The number of the newest run that left a row; 0 before any."""
    numbers: list[int] = runs(landing)["run_number"].drop_nulls().to_list()
    return max(numbers, default=0)


def newest_update(landing: Path, run_id: str) -> datetime | None:
    """The newest update, by the server's clock, among the orders that a run landed."""
    paths = files.listing(landing, "orders")
    rows = files.read(landing, "orders", paths, ["run_id", "updated_at"])
    stamps = rows.filter(pl.col("run_id") == run_id)["updated_at"]
    return stamps.max()  # type: ignore[return-value]  # of a column of instants


def certificates(
    landing: Path,
    paths: Sequence[str] | None = None,
    *,
    runs: Sequence[str] | None = None,
) -> Iterator[certificate.Certificate]:
    """Landed certificates that can be read, in the order of ``checked_at``.

    Those of all files, or of ``paths``; those of all runs, or of ``runs``.
    """
    listed = files.listing(landing, files.WINDOWS) if paths is None else paths
    rows = files.read_sound(landing, files.WINDOWS, listed)
    if runs is not None:
        rows = rows.filter(pl.col("run_id").is_in(runs))
    for row in rows.sort("checked_at", maintain_order=True).iter_rows(named=True):
        yield certificate.row(row)
