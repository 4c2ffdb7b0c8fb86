"""Loads every landed file into core and ops once, in batches that fit into memory.

The transaction that loads a file also marks it as loaded, so after a crash it is loaded
whole or not at all. Not here: what is decoded (`frames/`) and how rows are
merged (`warehouse/`).
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from pipeline.landing import compaction, earlier, files, manifest
from pipeline.progress_line import ProgressLine
from pipeline.sql import schema
from pipeline.sync.resources import OF_RUNS, RESOURCES, everything
from pipeline.warehouse import load as warehouse
from pipeline.warehouse.connection import transaction, with_memory
from pipeline.warehouse.derived_rates import derive
from pipeline.warehouse.files import statement
from pipeline.warehouse.merge import Counts
from pipeline.warehouse.sellers import complete_sellers

if TYPE_CHECKING:
    import duckdb

    from pipeline.sync.project import Project

BATCH_ROWS = 8_000
"""Records decoded at a time: about 24 MB of JSON text."""

NOTHING = Counts(0, 0, 0, 0)

_OF_SELLERS = ("sellers", "orders")
"""What core.sellers is completed after."""

_LANDED = schema("ops.landed_files")

_NOT_THERE = (204, 404)
"""Answers that there is no such thing, or none yet: every other empty one refuses."""

_DAY = r"-\d{4}-\d{2}-\d{2}$"
"""The end of a CSV's `ARS-BRL-2026-03-02`: it answers about the pair `ARS-BRL`."""


def load(project: "Project", resources: Sequence[str]) -> dict[str, Counts]:
    """Load the landed files of these resources that the warehouse does not hold yet.

    Decodes the next batch while it writes one, and says now and then how far it is.
    Returns the counts by resource.
    """
    connection = project.warehouse()
    held = warehouse.landed_paths(connection)
    counts: dict[str, Counts] = {}
    for resource in (name for name in everything() if name in resources):
        paths = [
            path
            for path in files.listing(project.folder.landing, resource)
            if path not in held
        ]
        total = NOTHING
        done = 0
        sites_of = seller_sites(connection, project) if paths else {}
        entries = manifest.entries(project.folder.landing) if paths else {}
        record_count = sum(entries[path].row_count for path in paths if path in entries)
        line = ProgressLine(project.notice, f"loading {resource}", record_count)
        with ThreadPoolExecutor(1, "decode") as decoder:
            batches = files.batches(project.folder.landing, resource, paths, BATCH_ROWS)
            waiting: Future[Decoded] | None = None
            for records, read in batches:
                landed = _landed(resource, read, entries)
                ahead = decoder.submit(decode, resource, records, landed, sites_of)
                if waiting:
                    total += merge(connection, waiting.result())
                waiting = ahead
                done += records.height
                line(done)
            if waiting:
                total += merge(connection, waiting.result())
        counts[resource] = total
        project.run.loaded[resource] = project.run.loaded.get(resource, NOTHING) + total
    # Of ratios, and of the sellers' currency, settings decide too: nothing need be new.
    are_rates = "exchange_rates" in resources
    if are_rates or any(counts.get(name, NOTHING).rows_in for name in _OF_SELLERS):
        with transaction(connection):
            complete_sellers(connection, project.settings.reporting_currency)
            if are_rates:
                derive(connection, project.settings.rate_fallback)
    return counts


def compact(project: "Project") -> None:
    """Merge the many small files of a day into one, once all of them are loaded.

    Skipped while a crashed run can be resumed: its files are recognised by name. The
    new file is marked as loaded before it is written, so that a crash at any point
    loads nothing twice and loses nothing.
    """
    landing, connection = project.folder.landing, project.warehouse()
    if earlier.unfinished_runs(landing, project.run.id):
        return
    row_counts = warehouse.landed_row_counts(connection)
    today = project.run.started_at.astimezone(UTC).date()
    for resource in everything():
        for paths in compaction.candidates(landing, resource, today, row_counts):
            merged = compaction.merged_path(paths)
            with transaction(connection):
                warehouse.landed_files(connection, _landed(resource, [merged], {}))
            compaction.compact(landing, resource, paths)
    _tell_files(project)


def _tell_files(project: "Project") -> None:
    """Hold ops.landed_files to what is there, after a compaction that was cut off too.

    Files that were merged go, and those that they became get their size and windows.
    """
    landing, connection = project.folder.landing, project.warehouse()
    gone = warehouse.landed_paths(connection).difference(files.everything(landing))
    untold = connection.execute(statement("loading/untold_files")).fetchall()
    entries = manifest.entries(landing) if untold else {}
    told = [(path, resource) for path, resource in untold if path in entries]
    with transaction(connection):
        warehouse.forget_files(connection, [*gone, *(path for path, _ in told)])
        for path, resource in told:
            row = _landed(resource, [path], entries)
            warehouse.landed_files(connection, row)


def load_again(project: "Project", resource: str, records: pl.DataFrame) -> "Decoded":
    """Load records that have been loaded before; returns what became of them.

    Their unknown fields were counted then.
    """
    connection = project.warehouse()
    sites_of = seller_sites(connection, project)
    found = decode(resource, records, pl.DataFrame(), sites_of)
    merge(connection, replace(found, unknown_fields=found.unknown_fields.clear()))
    return found


def has_landed(project: "Project", resource: str) -> bool:
    """Whether files of a resource have landed that the warehouse does not hold."""
    held = warehouse.landed_paths(project.warehouse())
    return any(
        path not in held for path in files.listing(project.folder.landing, resource)
    )


@dataclass(frozen=True)
class Decoded:
    """One batch as rows, and the files that are in the warehouse once it is.

    Attributes:
        tables: rows by table; the first is the one that the others are tied to.
        refused: as `frames` has them, with their `unknown_fields`; None where the
            records are a run's own.
        files: rows of ops.landed_files.
        absences: rows of ops.absences: things asked for that did not come.
        refusals: rows of ops.refusals: those of them that are refused to us.
        things: rows of ops.landed_things: those that are in the first of `tables`.
    """

    tables: Mapping[str, pl.DataFrame]
    files: pl.DataFrame
    refused: pl.DataFrame = field(default_factory=pl.DataFrame)
    unknown_fields: pl.DataFrame = field(default_factory=pl.DataFrame)
    absences: pl.DataFrame = field(default_factory=pl.DataFrame)
    refusals: pl.DataFrame = field(default_factory=pl.DataFrame)
    things: pl.DataFrame = field(default_factory=pl.DataFrame)


def seller_sites(
    connection: "duckdb.DuckDBPyConnection", project: "Project"
) -> dict[int, str]:
    """Each seller's site, for orders that name none; `MELI_SITE` wins if set."""
    rows = connection.execute(statement("questions/status_sellers")).fetchall()
    known = {seller_id: site_id for seller_id, site_id in rows if site_id}
    if project.settings.site:
        for seller_id in {*known, *project.settings.seller_ids}:
            known[seller_id] = project.settings.site
    return known


def decode(
    resource: str,
    records: pl.DataFrame,
    landed: pl.DataFrame,
    seller_sites: Mapping[int, str],
) -> Decoded:
    """One batch of landed records as rows, with the files that it exhausts.

    Those are rows of ops.landed_files.
    """
    if resource in OF_RUNS:
        return Decoded({OF_RUNS[resource]: records}, landed)
    found = RESOURCES[resource].frames(records, seller_sites)
    absences = records.filter(pl.col("payload").is_null()).select(
        "resource",
        "resource_id",
        "seller_id",
        http_status="status",
        absent_at="fetched_at",
    )
    refusals = absences.filter(~pl.col("http_status").is_in(_NOT_THERE)).select(
        "resource", "resource_id", refused_at="absent_at"
    )
    first = next(iter(found.tables.values()))
    things = records[first["record_number"].unique()].select(
        "resource", pl.col("resource_id").str.replace(_DAY, ""), "fetched_at"
    )
    return Decoded(
        found.tables,
        landed,
        found.refused,
        found.unknown_fields,
        absences,
        refusals,
        things,
    )


def _landed(
    resource: str, paths: Sequence[str], entries: Mapping[str, manifest.Entry]
) -> pl.DataFrame:
    """Rows of ops.landed_files, as the manifest has the files."""
    now, nothing = datetime.now(UTC), manifest.Entry("", 0, 0, "", ())
    known = [(path, entries.get(path, nothing)) for path in paths]
    return pl.DataFrame(
        [
            (
                path,
                resource,
                one.row_count,
                one.byte_count,
                one.checksum,
                manifest.as_json(one.windows),
                now,
            )
            for path, one in known
        ],
        schema=_LANDED,
        orient="row",
    )


def merge(connection: "duckdb.DuckDBPyConnection", decoded: Decoded) -> Counts:
    """Write one batch in one transaction: all of it, or nothing."""
    (name, rows), *parts = decoded.tables.items()

    def write() -> Counts:
        with transaction(connection):
            counts = warehouse.load(connection, name, rows, dict(parts))
            for about, found in (
                ("ops.unknown_fields", decoded.unknown_fields),
                ("ops.absences", decoded.absences),
                ("ops.refusals", decoded.refusals),
            ):
                if found.height:
                    warehouse.load(connection, about, found)
            if decoded.files.height:
                warehouse.landed_files(connection, decoded.files)
            if decoded.things.height:
                warehouse.accepted_things(connection, decoded.things)
            if decoded.refused.height:
                warehouse.quarantine(connection, decoded.refused)
            warehouse.resolve_quarantine(connection)
        return counts

    return with_memory(connection, write)
