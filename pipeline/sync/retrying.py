"""Records in quarantine, read again from landing with today's code.

Sends no request. Not here: building and publishing what depends on them; the job
`rebuild` does that, on the work file as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.landing import files
from pipeline.sync import loading
from pipeline.sync.project import Project
from pipeline.sync.resources import everything
from pipeline.warehouse import load
from pipeline.warehouse.connection import transaction
from pipeline.warehouse.files import statement
from pipeline.warehouse.staging import fetch

_KEY = ("resource_id", "landed_at")
_LANDED = ("resource_id", "fetched_at")
_RECORD = ("resource", "resource_id")


@dataclass(frozen=True)
class Retried:
    """What became of the records in quarantine.

    A record counts once, however many of its versions were refused, as in `status`.

    Attributes:
        resolved_count: records that load now, or that a newer copy has replaced.
        remaining: those that do not, with their newest version's columns of
            `ops.quarantine` that say which and why; the reason is that of today's code.
        absent_count: those of them of which landing lacks a version.
    """

    resolved_count: int
    remaining: pl.DataFrame
    absent_count: int


def retry(project: Project) -> Retried:
    """Decode and load every unresolved record of `ops.quarantine` again.

    First loads what has landed and is not loaded yet. Marks a record that passes as
    resolved, even if core keeps another copy of it; one that fails gets today's reason.
    """
    connection = project.warehouse()
    unresolved = fetch(connection, statement("loading/unresolved_records"))
    loading.load(project, everything())
    found: set[tuple[object, ...]] = set()
    for resource in unresolved["resource"].unique(maintain_order=True):
        wanted = unresolved.filter(pl.col("resource") == resource).select(_KEY)
        found |= {(resource, *key) for key in _again(project, resource, wanted)}
    # Ordered by the instant of landing: the last version of a record is its newest.
    remaining = fetch(connection, statement("loading/unresolved_records")).unique(
        _RECORD, keep="last", maintain_order=True
    )
    versions = unresolved.select(*_RECORD, "landed_at").iter_rows()
    return Retried(
        resolved_count=unresolved.unique(_RECORD)
        .join(remaining, on=_RECORD, how="anti")
        .height,
        remaining=remaining,
        absent_count=len({one[:2] for one in versions if one not in found}),
    )


def _again(
    project: Project, resource: str, wanted: pl.DataFrame
) -> set[tuple[object, ...]]:
    """Load records of one resource again; returns the keys that landing holds."""
    connection = project.warehouse()
    found: set[tuple[object, ...]] = set()
    for path in _paths(project, resource, wanted):
        records = _chosen(files.read(project.folder.landing, resource, [path]), wanted)
        decoded = loading.load_again(project, resource, records)
        keys = records.select("resource_id", landed_at="fetched_at")
        refused = decoded.refused.select(*_KEY, "reason")
        retried = keys.join(refused, on=_KEY, how="left", maintain_order="left")
        with transaction(connection):
            load.retried_records(
                connection, retried.with_columns(pl.lit(resource).alias("resource"))
            )
        found.update(keys.iter_rows())
    return found


def _paths(project: Project, resource: str, wanted: pl.DataFrame) -> Sequence[str]:
    """Landed files that hold any of the records, found without reading payloads."""
    landing, keys = project.folder.landing, list(_LANDED)
    return [
        path
        for path in files.listing(landing, resource)
        if _chosen(files.read(landing, resource, [path], keys), wanted).height
    ]


def _chosen(records: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    return records.join(wanted, left_on=_LANDED, right_on=_KEY, how="semi")
