"""Takes what lost files had brought out of the work file; everything else stays.

Afterwards the tables are what loading the files that are left would make. Not here:
noticing a loss (`mending.py`), and asking again for what the tables lack now.

Example: a file of shipments of 20 November is gone. Core has shipment 7 as fetched at
10:10 of that day, and no other file of the day does: its rows are deleted, and its
record of the 19th, which lies in another file, is loaded again. Core has shipment 8 as
fetched on the 21st: it stays as it is, whether the lost file had it too or not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import polars as pl

from pipeline.landing import files
from pipeline.landing.lost import Lost
from pipeline.sync import loading
from pipeline.sync.resources import OF_RUNS, RESOURCES
from pipeline.warehouse import load as warehouse
from pipeline.warehouse import unload
from pipeline.warehouse.connection import transaction
from pipeline.warehouse.files import Table, table

if TYPE_CHECKING:
    from pipeline.sync.project import Project

_WHOLE = tuple(f"{name}/" for name, one in RESOURCES.items() if not one.id_of)
"""Of these any order may hang; losing a file of one loads everything anew."""

_WRITES_INTO = {"order_shipments": "orders", "shipment_costs": "shipments"}
"""Loading the first puts values into rows of the second."""

_DAYS_BY = {files.RUNS: "started_at", files.WINDOWS: "checked_at"}
_KEY = ("resource_id", "fetched_at")


def is_possible(found: Iterable[Lost], held: frozenset[str]) -> bool:
    """Whether nothing is lost of which rows hang together with all others."""
    return not any(one.path in held and one.path.startswith(_WHOLE) for one in found)


def reload(project: "Project", found: Iterable[Lost]) -> None:
    """Delete what may come from lost files; load again what other files have of it.

    Works in several transactions: the caller sees to it that after a crash everything
    is loaded anew. ops.unknown_fields goes on counting what is lost.
    """
    landing, connection = project.folder.landing, project.warehouse()
    held = warehouse.landed_paths(connection)
    gone = {one.path for one in found} & held
    left = sorted(held - gone)
    ids: dict[str, set[str]] = defaultdict(set)
    with transaction(connection):
        for folder in sorted({PurePosixPath(path).parent for path in gone}):
            resource, beside = folder.parts[0], _within(left, f"{folder}/")
            start = datetime.fromisoformat(folder.name.removeprefix("date="))
            day = (start.replace(tzinfo=UTC), start.replace(tzinfo=UTC) + _DAY)
            if resource in OF_RUNS:
                unload.between(connection, OF_RUNS[resource], _DAYS_BY[resource], *day)
                warehouse.forget_files(connection, beside)  # the next load brings them
                continue
            told = unload.fetched(connection, resource, _tables(resource), *day)
            there = files.read(landing, resource, beside, _KEY)
            lost = told.join(there, on=_KEY, how="anti")["resource_id"]
            for name in {resource, _WRITES_INTO.get(resource, resource)}:
                ids[name].update(lost)
        for name, some in ids.items():
            unload.things(connection, name, _tables(name), some)
        warehouse.forget_files(connection, sorted(gone))
    for name in (name for name in RESOURCES if ids[name]):
        for records in _records(project, name, _within(left, f"{name}/"), ids[name]):
            loading.load_again(project, name, records)


_DAY = timedelta(days=1)


def _within(paths: Sequence[str], folder: str) -> list[str]:
    return [path for path in paths if path.startswith(folder)]


def _tables(resource: str) -> list[Table]:
    """The tables that hold rows of a resource."""
    names = [*RESOURCES[resource].makers]
    if resource == "orders":
        names += ["core.order_versions", "ops.order_reads"]
    return [table(name) for name in names]


def _records(
    project: "Project", resource: str, paths: Sequence[str], ids: set[str]
) -> Iterator[pl.DataFrame]:
    """The landed records of some things."""
    landing = project.folder.landing
    for rows, _ in files.batches(landing, resource, paths, loading.BATCH_ROWS):
        chosen = rows.filter(pl.col("resource_id").is_in(ids))
        if chosen.height:
            yield chosen
