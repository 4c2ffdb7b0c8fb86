"""Rows of `core.exchange_rates`: the day's snapshot of a currency pair."""

import polars as pl

from pipeline.frames.batch import Batch, shaped
from pipeline.frames.columns import ratio
from pipeline.sql import schema

SCHEMA = schema("core.exchange_rates")


_NAMED = r"^([^-]+)-([^-]+)(?:-([0-9]{4}-[0-9]{2}-[0-9]{2}))?$"


def frame(batch: Batch) -> pl.DataFrame:
    """Make one row per accepted record, led by `record_number`.

    The pair is the envelope's `resource_id`: `ARS-BRL` as Mercado Libre was asked, the
    day being the UTC day of the fetch; `ARS-BRL-2026-03-02` as a seller's CSV gave it,
    with its own day. `amount_in_to = amount_in_from x ratio`. An unknown pair (404)
    gives no row: a rate is never guessed.
    """
    day = _part(3).str.to_date("%Y-%m-%d", strict=False)
    made = {
        "rate_date": pl.coalesce(day, pl.col("fetched_at").dt.date()),
        "from_currency_id": _part(1),
        "to_currency_id": _part(2),
        "ratio": ratio("ratio"),
        "source": pl.when(day.is_null())
        .then(pl.lit("mercado_libre"))
        .otherwise(pl.lit("csv")),
    }
    return (
        batch.with_envelope("resource_id", "fetched_at")
        .select(shaped(made, SCHEMA))
        .drop_nulls("to_currency_id")
    )


def _part(number: int) -> pl.Expr:
    """A part of the envelope's name: from, to, and the day where it has one."""
    return pl.col("resource_id").str.extract(_NAMED, number)
