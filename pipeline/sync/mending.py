"""Notices landed files that are gone or damaged, and has their records read again.

Landed files are the memory of everything else, so a loss is told, what the file proved
is taken back, and so is what it brought into the tables: what they lack then is asked
for as if it had never come. A file lost together with its line of the manifest is
missed by the work file, or by what is published. Not here: comparing files with the
manifest (`landing/lost.py`), and the tables (`reloading.py`).

Example: a file with orders of the window 10:00-11:00 is cut. The sync of 12:05 moves it
to `landing/.damaged/`, lands a certificate `revoked` for that window, so that its hour
is due again, and takes the file's orders out of the work file. Then it reads the hour.
"""

import contextlib
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import polars as pl

from pipeline import whole
from pipeline.extraction import certified
from pipeline.extraction.coverage import due_horizon
from pipeline.extraction.windows import Range, within
from pipeline.landing import (
    certificate,
    earlier,
    files,
    journal,
    lost,
    manifest,
    record,
)
from pipeline.landing.certificate import Certificate
from pipeline.landing.lost import Lost
from pipeline.landing.manifest import Served
from pipeline.payloads import item_cost
from pipeline.sync import reloading
from pipeline.warehouse.errors import WarehouseError
from pipeline.warehouse.files import statement
from pipeline.warehouse.load import landed_paths
from pipeline.warehouse.read import query

if TYPE_CHECKING:
    from pipeline.sync.project import Project

RATES = "exchange_rates"
COSTS = "item_costs"

SHOWN = 5
"""So many lost files are named one by one."""


def mend(project: "Project") -> list[Lost]:
    """Take up what is lost of the landed files; returns it.

    Compares every size, and the checksums of the parts that are due (`manifest.PARTS`);
    all checksums where everything is about to be loaded anew, or the run before broke
    off, perhaps because of a file that cannot be read. Safe to repeat after a crash: a
    file is moved aside only after what it proved is taken back. What a killed run left
    half written is removed.
    """
    landing, now = project.folder.landing, project.run.started_at
    files.sweep(landing)
    held = landed_paths(project.warehouse())
    if held:
        whole_files = project.warehouse().execute(statement("loading/whole_files"))
        loaded = dict(whole_files.fetchall())
    else:
        loaded = published_files(project.folder.path)
    parts = manifest.parts_due(landing, now)
    found: list[Lost] = []
    must_all_be_read = project.is_anew or project.is_after_a_break or not held
    if not must_all_be_read:
        found = lost.find(landing, lambda path: manifest.part_of(path) in parts, loaded)
    if found or must_all_be_read:
        found = lost.find(landing, lost.everything, loaded)
    found = [one for one in found if not _restored(project, one)]
    unsettled = [
        Lost(path, "is damaged: it cannot be read", None)
        for path in journal.damaged(landing)
    ]
    for one in [*found, *unsettled][:SHOWN]:
        project.notice(f"{one}; what was in it is read again")
    if (more := len(found) + len(unsettled) - SHOWN) > 0:
        project.notice(f"and {more:,} more landed files; what was in them too")
    _revoke(project, found, unsettled)
    _rescue(project, found)
    if found:
        project.folder.outdated.touch()
    if found and not (project.is_anew or reloading.is_possible(found, held)):
        project.begin_anew()
    for one in (*found, *unsettled):
        lost.set_aside(landing, one.path)
    lost.adopt(landing)
    if found and not project.is_anew:
        reloading.reload(project, found)
        # People keep what they read until it is read again.
        project.run.quiet_until = math.inf
        project.folder.outdated.unlink()
    manifest.compact(landing, lambda: held.union(published_files(project.folder.path)))
    manifest.note_verified(landing, now)
    return [*found, *unsettled]


def published_files(folder: Path) -> dict[str, str | None]:
    """The landed files that the published warehouse was made of, with their windows.

    Those are as `ops.landed_files` has them. Empty if there is no such warehouse, or if
    it cannot tell.
    """
    with contextlib.suppress(WarehouseError):
        return dict(query(folder, statement("loading/whole_files")).iter_rows())
    return {}


def _restored(project: "Project", one: Lost) -> bool:
    """Whether what has landed elsewhere had the file; then it is as it was."""
    if project.elsewhere is None or not project.elsewhere.restore(one.path):
        return False
    project.notice(f"{one}; taken from {project.elsewhere.url}")
    return True


def _revoke(
    project: "Project", found: Sequence[Lost], unsettled: Sequence[Lost]
) -> None:
    """Land certificates that take back what lost files proved.

    Hours of which Mercado Libre answers no more are a problem of the run.
    """
    landing, run = project.folder.landing, project.run
    by: dict[Served, Lost] = {}
    for one in found:
        windows = _of_day(landing, one) if one.windows is None else one.windows
        by.update(dict.fromkeys(windows, one))
    for one in unsettled:
        of_run = earlier.certificates(landing, runs=[journal.run_of(one.path)])
        by.update(dict.fromkeys(map(_window, of_run), one))
    take_back(project, {window: str(one) for window, one in by.items()}, "revoked")
    answered = due_horizon(run.started_at, project.holdback)
    for window, one in by.items():
        span = Range(window.window_from, window.window_to)
        if span.start < answered.start:
            run.problems.append(
                f"{one}: seller {window.seller_id}, {span.start:%Y-%m-%dT%H}Z to "
                f"{min(span.end, answered.start):%Y-%m-%dT%H}Z cannot be read again: "
                "Mercado Libre answers for 12 months"
            )


def take_back(project: "Project", reasons: Mapping[Served, str], name: str) -> None:
    """Land certificates that revoke these windows, each with its reason.

    ``name`` tells this file of the run from its others.
    """
    if not reasons:
        return
    landing, run = project.folder.landing, project.run
    # After every certificate that it takes back, also one of a clock that was ahead.
    since = max(run.started_at, certified.read(landing).newest or run.started_at)
    rows = [
        certificate.revoked(
            window,
            closed_to=window.window_to,
            checked_at=since + timedelta(microseconds=number),
            reason=reason,
        )
        for number, (window, reason) in enumerate(reasons.items(), start=1)
    ]
    folder = landing / files.WINDOWS / f"date={run.started_at:%Y-%m-%d}"
    files.write(certificate.frame(rows), folder / f"{run.id}-{name}.parquet")
    whole.sync_folder(folder)


def _window(row: Certificate) -> Served:
    return Served(
        row.seller_id, row.search_pass, row.window_from, row.window_to, row.run_id
    )


def _of_day(landing: Path, one: Lost) -> list[Served]:
    """The windows that orders of a file the manifest does not know may come from.

    Those that a run at work on the file's day read. Earlier versions of the product
    sorted orders by the day of their last update: windows of that day too.
    """
    path = PurePosixPath(one.path)
    if path.parts[0] != "orders":
        return []
    day = datetime.fromisoformat(path.parent.name.removeprefix("date="))
    start = day.replace(tzinfo=UTC)
    span = Range(start, start + timedelta(days=1))
    return [
        _window(row)
        for row in earlier.certificates(landing)
        if (row.run_id[:8] <= f"{day:%Y%m%d}" and row.checked_at >= start)
        or within([Range(row.window_from, row.window_to)], span)
    ]


def _rescue(project: "Project", found: Sequence[Lost]) -> None:
    """Land again what nobody can be asked for but the published warehouse still holds.

    These are the ratios of past days, costs of goods and the rows of runs. What it does
    not hold is a problem of the run.
    """
    given = (f"{RATES}/", f"{COSTS}/")
    missed = [one for one in found if one.path.startswith((*given, "runs/"))]
    if not missed:
        return
    saved: dict[str, pl.DataFrame] = {}
    published: set[str] = set()
    with contextlib.suppress(WarehouseError):
        held = query(project.folder.path, statement("loading/landed_paths"))
        ratios = query(project.folder.path, statement("questions/quoted_ratios"))
        runs = query(project.folder.path, statement("questions/runs"))
        saved = {
            RATES: _as_records(RATES, ratios, project.run.id),
            files.RUNS: runs,
        }
        published = set(held["path"])
        # Last: a warehouse of an earlier version has none.
        costs = query(project.folder.path, statement("questions/given_costs"))
        saved[COSTS] = _as_records(COSTS, _as_texts(costs), project.run.id)
    for folder in {PurePosixPath(one.path).parent for one in missed}:
        rows = saved.get(folder.parts[0], pl.DataFrame())
        at = pl.col("started_at" if folder.parts[0] == files.RUNS else "fetched_at")
        day = at.dt.strftime("date=%Y-%m-%d") == folder.name
        if rows.height and (of_day := rows.filter(day)).height:
            path = project.folder.landing / folder / f"{project.run.id}-rescued.parquet"
            files.write(of_day, path)
            whole.sync_folder(path.parent)
    project.run.problems.extend(
        f"{one}: what was in it cannot be asked for again; give {what}"
        for one in missed
        for folder, what in (
            (given[0], "ratios of past days with `meli-sales rates`"),
            (given[1], "costs of goods with `meli-sales costs`"),
        )
        if one.path.startswith(folder) and one.path not in published
    )


def _as_texts(costs: pl.DataFrame) -> pl.DataFrame:
    """Costs with the names and texts of the records that they came from."""
    rows = list(
        costs.select(
            "seller_id", "seller_sku", "currency_id", "valid_from", "unit_cost"
        ).iter_rows()
    )
    return costs.select(
        "seller_id",
        "fetched_at",
        resource_id=pl.Series(
            [item_cost.name(*row[:4]) for row in rows], dtype=pl.String
        ),
        payload=pl.Series([item_cost.text(*row[1:]) for row in rows], dtype=pl.String),
    )


def _as_records(resource: str, rows: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """Rows that a seller or a past day gave as the records that they came from."""
    given = {
        "resource": pl.lit(resource),
        "run_id": pl.lit(run_id),
        "request": pl.lit("rescued from the published warehouse"),
        "status": pl.lit(200),
        "missing_fields": pl.lit([], pl.List(pl.String)),
        **{name: pl.col(name) for name in rows.columns},
    }
    return rows.select(
        given.get(name, pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in record.SCHEMA.items()
    )
