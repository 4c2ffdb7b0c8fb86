"""A landed record: the JSON text of one version of one thing, and its envelope.

Not here: the columns made of the text (`frames/`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from pipeline.landing import repeated_keys
from pipeline.landing.redaction import NOTHING, Permission, redacted
from pipeline.sql import UTC_MICROSECONDS


class Record(NamedTuple):
    """One answer about one thing, before it is written.

    ``payload`` is the JSON text of the record, numbers as they were sent; None for a
    404 and a refusal, which are answers too. The next five fields say which search page
    an order came from; they are None for a thing requested by its id. ``fault`` names
    the paths of what was not JSON and is null in the payload, or of a key that was sent
    twice; None without any.
    """

    resource: str
    resource_id: str
    seller_id: int
    updated_at: datetime | None
    fetched_at: datetime
    run_id: str
    request: str
    status: int
    missing_fields: Sequence[str]
    payload: str | None
    search_pass: str | None = None
    window_from: datetime | None = None
    window_to: datetime | None = None
    page_offset: int | None = None
    page_total: int | None = None
    fault: str | None = None


SCHEMA: Mapping[str, pl.DataType] = {
    "resource": pl.String(),
    "resource_id": pl.String(),
    "seller_id": pl.Int64(),
    "updated_at": UTC_MICROSECONDS,
    "fetched_at": UTC_MICROSECONDS,
    "run_id": pl.String(),
    "request": pl.String(),
    "status": pl.Int16(),
    "missing_fields": pl.List(pl.String()),
    "payload": pl.String(),
    "search_pass": pl.String(),
    "window_from": UTC_MICROSECONDS,
    "window_to": UTC_MICROSECONDS,
    "page_offset": pl.Int32(),
    "page_total": pl.Int32(),
    "fault": pl.String(),
}


def frame(
    records: Sequence[Record],
    permissions: Mapping[str, Permission],
    hidden: Callable[[str, str, str], str] | None = None,
) -> pl.DataFrame:
    """Records as columns of `SCHEMA`, of payloads only what may land.

    Of a resource without permission no text does. ``hidden`` gives a payload without
    its buyers, by resource and id.
    """
    rows = [_landed(one, permissions, hidden) for one in records]
    return pl.DataFrame(rows, schema=dict(SCHEMA), orient="row")


def _landed(
    one: Record,
    permissions: Mapping[str, Permission],
    hidden: Callable[[str, str, str], str] | None,
) -> Record:
    """A record with what may land of its payload, and the fault of a repeated key."""
    if one.payload is None:
        return one
    # While the whole record is there to recognise buyers by.
    text = hidden(one.resource, one.resource_id, one.payload) if hidden else one.payload
    found = redacted(text, permissions.get(one.resource, NOTHING))
    fault = one.fault or repeated_keys.fault(one.payload, found.key_count)
    return one._replace(payload=found.payload, fault=fault)
