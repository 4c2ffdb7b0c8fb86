"""A decoded batch beside the landed records it came from, and what every frame shares.

Not here: which tables a resource fills (`tables.py`), nor which of several versions
counts; the warehouse decides that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipeline.frames.decoding import Decoded
from pipeline.sql import Schema

NUMBERED_ID = pl.col("resource_id").cast(pl.Int64, strict=False)
"""The id in a landed record's envelope, for resources that are numbered."""


@dataclass(frozen=True)
class Batch:
    """A batch of landed records of one resource: what each table's rows are made of.

    Attributes:
        decoded: the accepted records as columns.
        records: the landed records themselves (the columns of a landing file).
        seller_sites: site of each seller known so far, for orders that name none.
    """

    decoded: Decoded
    records: pl.DataFrame
    seller_sites: Mapping[int, str] = field(default_factory=dict)

    def numbered(self) -> pl.DataFrame:
        """The landed records, led by `record_number`, their row in the batch."""
        return self.records.with_row_index("record_number").with_columns(
            pl.col("record_number").cast(pl.Int64)
        )

    def with_envelope(self, *columns: pl.Expr | str) -> pl.DataFrame:
        """Put columns of the landed records beside the decoded ones."""
        record = self.decoded.record
        landed = self.records[record["record_number"]].select(*columns)
        return pl.concat([record, landed], how="horizontal")

    def of_orders(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Put beside rows of answers the `order_id` of each answer's envelope.

        `fetched_at` too. One whose envelope names no number has none.
        """
        landed = self.numbered().select(
            "record_number", NUMBERED_ID.alias("order_id"), "fetched_at"
        )
        return rows.join(
            landed, on="record_number", how="left", maintain_order="left"
        ).drop_nulls("order_id")

    def missing(self, key: str, schema: Schema) -> pl.DataFrame:
        """Make a row with `is_missing` of every landed 404, led by `record_number`.

        The envelope gives `key`, `fetched_at` and, where the table has one,
        `seller_id`; the rest is null.
        """
        given = {key: NUMBERED_ID, "is_missing": pl.lit(value=True)}
        given |= {name: pl.col(name) for name in ("seller_id", "fetched_at")}
        made = {name: given.get(name, pl.lit(None)) for name in schema}
        missing = self.numbered().filter(pl.col("status") == 404)
        return missing.select(shaped(made, schema)).drop_nulls(key)


def shaped(made: Mapping[str, pl.Expr], schema: Schema) -> list[pl.Expr]:
    """Give `record_number` and a schema's columns, in its order and types.

    A column is what `made` says, else the one that has its name already.
    """
    columns = (
        made.get(name, pl.col(name)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
    return [pl.col("record_number"), *columns]
