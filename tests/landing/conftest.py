"""Records to land, of which only what a test names matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from pipeline.landing.certificate import Certificate
from pipeline.landing.record import SCHEMA, Record

NOON = datetime(2026, 8, 15, 12, tzinfo=UTC)


def record(resource_id: str = "1", **others: Any) -> Record:
    """An order as a search's first page brought it."""
    plain: dict[str, Any] = {
        "resource": "orders",
        "resource_id": resource_id,
        "seller_id": 700_100_200,
        "updated_at": NOON,
        "fetched_at": NOON + timedelta(days=2),
        "run_id": "run",
        "request": "/orders/search?offset=0",
        "status": 200,
        "missing_fields": [],
        "payload": f'{{"id": {resource_id}}}',
        "search_pass": "all",
        "window_from": NOON,
        "window_to": NOON + timedelta(hours=1),
        "page_offset": 0,
        "page_total": 1,
    }
    return Record(**(plain | others))


def certified(**others: Any) -> Certificate:
    """A certificate of the hour from noon."""
    plain: dict[str, Any] = {
        "seller_id": 700_100_200,
        "search_pass": "all",
        "window_from": NOON,
        "window_to": NOON + timedelta(hours=1),
        "checked_at": NOON + timedelta(days=2),
        "closed_to": NOON + timedelta(days=2),
        "total_before": 1,
        "total_after": None,
        "order_count": 1,
        "inside_count": 1,
        "duplicate_count": 0,
        "page_count": 1,
        "request_count": 1,
        "run_id": "run",
        "verdict": "complete",
        "reason": None,
    }
    return Certificate(**(plain | others))


def frame(*records: Record) -> pl.DataFrame:
    """Rows as they land, whatever texts they hold."""
    return pl.DataFrame(list(records), schema=dict(SCHEMA), orient="row")
