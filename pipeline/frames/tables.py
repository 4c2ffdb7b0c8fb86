"""The door of this station: landed records of one resource in, its tables' rows out.

Not here: which tables a resource fills (`sync/resources.py`), what a column means (one
module a table) and where rows go (`warehouse/`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import polars as pl

from pipeline.frames import unknown_fields
from pipeline.frames.batch import Batch
from pipeline.frames.decoding import decode
from pipeline.payloads.verdict import Model

Maker: TypeAlias = Callable[[Batch], pl.DataFrame]
"""Makes the rows of one table, led by `record_number`."""


@dataclass(frozen=True)
class Frames:
    """A batch of one resource as rows.

    `tables` holds the rows by table, in the order of the makers. `refused` has the
    columns of `decoding.REFUSED`, `unknown_fields` those of `ops.unknown_fields`.
    """

    tables: Mapping[str, pl.DataFrame]
    refused: pl.DataFrame
    unknown_fields: pl.DataFrame


def frames(
    resource: str,
    model: Model,
    makers: Mapping[str, Maker],
    records: pl.DataFrame,
    seller_sites: Mapping[int, str],
) -> Frames:
    """Make rows of a batch of landed records, 404s included.

    A refused record hurts none of its neighbours: it is a row of `refused`.

    Args:
        resource: its name in landing.
        model: judges its records.
        makers: of the tables that it fills; `record_number` ties the later to the
            first.
        records: the columns of a landing file.
        seller_sites: site of each seller known so far, for orders that name none.
    """
    records = _as_objects(model, records)
    batch = Batch(decode(resource, model, records), records, seller_sites)
    return Frames(
        tables={name: make(batch) for name, make in makers.items()},
        refused=batch.decoded.refused,
        unknown_fields=unknown_fields.frame(resource, model, batch.decoded, records),
    )


def _as_objects(model: Model, records: pl.DataFrame) -> pl.DataFrame:
    """Put an answer that is a bare array under the key by which its model reads it.

    One object becomes an array of one.
    """
    key = getattr(model, "bare", None)
    if key is None:
        return records
    text = pl.col("payload").str.strip_chars()
    array = (
        pl.when(text.str.starts_with("["))
        .then(text)
        .otherwise(pl.concat_str(pl.lit("["), text, pl.lit("]")))
    )
    return records.with_columns(
        payload=pl.concat_str(pl.lit(f'{{"{key}":'), array, pl.lit("}"))
    )
