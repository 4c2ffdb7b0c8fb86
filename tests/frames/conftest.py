"""Builders of landed records: payloads take only what matters to a test."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import polars as pl

from pipeline.frames.batch import Batch
from pipeline.frames.decoding import decode
from pipeline.sync.resources import RESOURCES

Payload: TypeAlias = dict[str, Any]

FETCHED_AT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
DOCUMENTS = {
    path.stem: path for path in sorted(Path(__file__).parent.glob("documents/*/*.json"))
}
DOCUMENTED = [(path.parent.name, name) for name, path in DOCUMENTS.items()]
"""Each documented answer with its resource, whose folder it lies in."""


def a_batch(
    resource: str, records: pl.DataFrame, seller_sites: dict[int, str] | None = None
) -> Batch:
    """The batch that landed records of a resource are, decoded."""
    model = RESOURCES[resource].model
    return Batch(decode(resource, model, records), records, seller_sites or {})


_encoder = msgspec.json.Encoder(decimal_format="number")


def document(name: str) -> str:
    """A documented answer (anonymised) as its text."""
    return DOCUMENTS[name].read_text(encoding="utf-8")


def landed(
    resource: str,
    *payloads: object,
    resource_id: str = "1",
    seller_id: int = 700100200,
    fetched_at: datetime = FETCHED_AT,
    status: int = 200,
    missing_fields: list[str] | None = None,
    fault: str | None = None,
) -> pl.DataFrame:
    """Land payloads: texts as they are, objects as JSON with exact decimals."""
    texts = [
        payload
        if payload is None or isinstance(payload, str)
        else _encoder.encode(payload).decode()
        for payload in payloads
    ]
    return pl.DataFrame(
        [
            (
                resource,
                resource_id,
                seller_id,
                fetched_at,
                status,
                missing_fields or [],
                text,
                fault,
            )
            for text in texts
        ],
        schema={
            "resource": pl.String,
            "resource_id": pl.String,
            "seller_id": pl.Int64,
            "fetched_at": pl.Datetime("us", "UTC"),
            "status": pl.Int16,
            "missing_fields": pl.List(pl.String),
            "payload": pl.String,
            "fault": pl.String,
        },
        orient="row",
    )


def item(**changes: Any) -> Payload:
    """An order's line of one unit at 25.00."""
    return {
        "item": {"id": "MLB3000000001", "title": "Produto A"},
        "quantity": 1,
        "unit_price": Decimal("25.00"),
    } | changes


def order(**changes: Any) -> Payload:
    """A paid order with nothing but what every order has.

    The total is that of the lines, unless another one is given.
    """
    payload: Payload = {
        "id": 2000020000000001,
        "status": "paid",
        "currency_id": "BRL",
        "date_created": "2026-03-02T10:15:04.000-04:00",
        "order_items": [item()],
    } | changes
    total = sum(
        Decimal(line["unit_price"]) * line["quantity"]
        for line in payload["order_items"]
        if isinstance(line["unit_price"], int | Decimal)
    )
    return {"total_amount": total} | payload
