"""Lets charts take the warehouse's decimals: Altair alone knows no way to write them.

A frame keeps its decimals; only what is drawn of it are floats. Not here: the charts of
the report (`report/charts.py`).
"""

from typing import Any

import altair as alt
import polars as pl
import polars.selectors as cs


def draw_decimals() -> None:
    """Let every chart of this process draw frames with decimals; again does no harm.

    Altair's `default` transformer is replaced under its own name, so that its options
    go on working.
    """
    transformers = alt.data_transformers
    transformers.register("default", _values)
    if transformers.active == "default":
        transformers.enable("default", **transformers.options)


def _values(data: Any, max_rows: int | None = 5000) -> Any:
    if isinstance(data, pl.DataFrame):
        data = data.with_columns(cs.decimal().cast(pl.Float64))
    return alt.default_data_transformer(data, max_rows)  # type: ignore[arg-type]  # null: no limit
