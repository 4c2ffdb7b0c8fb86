"""A batch's answers about numbered things, each beside its envelope; 404s are answers.

Not here: which of several versions counts; that is the warehouse's to decide.
"""

from collections.abc import Mapping

import polars as pl

from pipeline.frames.decoding import Decoded

NUMBERED_ID = pl.col("resource_id").cast(pl.Int64, strict=False)
"""The id in a landed record's envelope, for resources that are numbered."""


def with_envelope(
    decoded: Decoded, records: pl.DataFrame, *columns: pl.Expr | str
) -> pl.DataFrame:
    """Put columns of the landed records beside the decoded ones."""
    landed = records[decoded.record["record_number"]].select(*columns)
    return pl.concat([decoded.record, landed], how="horizontal")


def missing(
    records: pl.DataFrame,
    key: str,
    schema: Mapping[str, pl.DataType | type[pl.DataType]],
) -> pl.DataFrame:
    """Make a row with `is_missing` of every landed 404, led by `record_number`.

    The envelope gives `key`, `fetched_at` and, where the table has one, `seller_id`;
    the rest is null.
    """
    made = {
        key: NUMBERED_ID,
        "is_missing": pl.lit(value=True),
        "seller_id": pl.col("seller_id"),
        "fetched_at": pl.col("fetched_at"),
    }
    return (
        records.with_columns(
            record_number=pl.int_range(pl.len(), dtype=pl.Int64),
        )
        .filter(pl.col("status") == 404)
        .select(
            "record_number",
            *(
                made.get(name, pl.lit(None)).cast(dtype).alias(name)
                for name, dtype in schema.items()
            ),
        )
        .drop_nulls(key)
    )
