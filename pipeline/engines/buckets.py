"""What a Spark worker does: landed records of some things into rows of core and ops.

All records of one thing (an order, a shipment, a pack) are in one bucket, so a bucket
needs no other: it decodes and merges them as a sync does, in a DuckDB of its own. Which
of several versions counts is thus the same code on every engine. Not here: Spark.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pyarrow as pa

from pipeline.engines.dialect import view
from pipeline.landing.record import SCHEMA
from pipeline.sync.loading import decode, merge
from pipeline.warehouse.connection import connect
from pipeline.warehouse.prepare import prepare
from pipeline.warehouse.staging import ArrowStream

Batches: TypeAlias = Iterator[pa.RecordBatch]

_NO_FILES = pl.DataFrame()
_ROWS = 8_000


def exploded(
    tables: Sequence[str], seller_sites: Mapping[int, str]
) -> Callable[[Batches], Batches]:
    """A function for `mapInArrow`: landed records in, rows of these tables out.

    A row that comes out has one column a table, all null but that of its own, which is
    a struct. Batches may come in any order and divided in any way.
    """

    def explode(batches: Batches) -> Batches:
        with (
            tempfile.TemporaryDirectory(prefix="meli-sales-") as folder,
            connect(Path(folder) / "bucket.duckdb", threads=1) as connection,
        ):
            prepare(connection)
            for batch in batches:
                records = pl.DataFrame(batch).cast(dict(SCHEMA))  # type: ignore[arg-type] # polars types the mapping too narrowly
                for part in records.partition_by("resource"):
                    resource = part["resource"][0]
                    merge(connection, decode(resource, part, _NO_FILES, seller_sites))
            rows = connection.sql(_ALL.join(map(_one, tables)))
            stream = pa.RecordBatchReader.from_stream(ArrowStream(rows))
            for made in stream:
                for start in range(0, made.num_rows, _ROWS):
                    yield made.slice(start, _ROWS)

    return explode


_ALL = " union all by name "


def _one(name: str) -> str:
    return f"select row_of as {view(name)} from {name} as row_of"  # noqa: S608 a name
