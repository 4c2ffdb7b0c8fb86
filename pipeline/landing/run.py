"""A landed run: what was asked, what it cost, how it ended.

Runs are landed like everything else, so that a rebuilt warehouse keeps its history.
"""

from datetime import datetime
from typing import NamedTuple

import polars as pl

from pipeline.sql import schema

NOT_PUBLISHED = "not published yet"
"""How an outcome begins while nothing has failed and nothing is published."""

STOPPED = "stopped half way"
"""What an outcome says of a step that somebody stopped: `landing__packs: stopped …`."""


class RunRow(NamedTuple):
    """One run; its fields are the columns of `ops.runs`.

    ``run_number`` counts the runs of a data folder; None in files of older versions.
    """

    run_id: str
    run_number: int | None
    asked: str
    started_at: datetime
    finished_at: datetime
    requests: str
    rows_in: int
    rows_out: int
    code_version: str
    outcome: str


SCHEMA = schema("ops.runs")


def frame(row: RunRow) -> pl.DataFrame:
    """A run as a frame of `SCHEMA`."""
    return pl.DataFrame([row], schema=SCHEMA, orient="row")
