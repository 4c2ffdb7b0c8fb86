"""A landed certificate: what the search claimed for one window, and what landed.

Not here: how a verdict is reached (`extraction/evidence.py`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

import polars as pl

from pipeline.landing.manifest import Served
from pipeline.sql import schema

Verdict = Literal["complete", "short", "too_wide", "failed", "revoked"]
"""`revoked` takes back what was proven: a file is lost, a clock was wrong, or a text
that can be read now was withheld."""


class Certificate(NamedTuple):
    """One reading of one window; its fields are the columns of `ops.windows`.

    ``checked_at`` is when the verdict was reached. Hours from ``closed_to`` on had not
    been over for the holdback when the reading began, so they are not certified.
    ``order_count`` counts the distinct order ids received for the window (carts, where
    the search shows carts); ``inside_count`` orders whose ``date_last_updated`` lies
    within it (a search's ``to`` may cover one more hour).
    """

    seller_id: int
    search_pass: str
    window_from: datetime
    window_to: datetime
    checked_at: datetime
    closed_to: datetime
    total_before: int | None
    total_after: int | None
    order_count: int
    inside_count: int
    duplicate_count: int
    page_count: int
    request_count: int
    run_id: str
    verdict: Verdict
    reason: str | None


def revoked(
    window: Served, *, closed_to: datetime, checked_at: datetime, reason: str
) -> Certificate:
    """A certificate that takes back what earlier ones say of a window."""
    return Certificate(
        **window._asdict(),
        checked_at=checked_at,
        closed_to=closed_to,
        total_before=None,
        total_after=None,
        order_count=0,
        inside_count=0,
        duplicate_count=0,
        page_count=0,
        request_count=0,
        verdict="revoked",
        reason=reason,
    )


SCHEMA = schema("ops.windows")


def frame(rows: Sequence[Certificate]) -> pl.DataFrame:
    """Certificates as columns of `SCHEMA`."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")


def row(values: Mapping[str, object]) -> Certificate:
    """The certificate of one row of `frame`."""
    return Certificate(*(values[name] for name in SCHEMA))  # type: ignore[arg-type]  # the schema's types
