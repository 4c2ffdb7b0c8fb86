"""Turns the API's pages into records to land: the JSON text and its envelope.

It reads only the few fields that the envelope needs, and never fails on a bad one; what
is not JSON is mended (`unreadable.py`).
`payloads/` judges later, from landing, whether the record is sound.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from pipeline.extraction.evidence import SeenOrder
from pipeline.extraction.unreadable import mend
from pipeline.landing.record import Record
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.mercadolibre.page import Page

_WITHHELD = ("buyer", "feedback", "mediations", "seller", "shipping")
"""What the documents say that a 206 may leave out."""

_EMPTY: tuple[object, ...] = (None, {}, [])
# Anything else names nothing, or may name a person.
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def instant(text: object) -> datetime | None:
    """The UTC instant of an API date (`-04:00`, `-0400` or `Z`); None if invalid."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _identity(value: object) -> str:
    """An id, sent as a number or as text, as text; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = value.strip() if isinstance(value, str) else ""
    return text if _ID.fullmatch(text) else ""


class _Object:
    """The members of one record's JSON text, decoded only on request."""

    def __init__(self, text: str) -> None:
        try:
            self._members = _MEMBERS.decode(text)
        except _UNREADABLE:
            self._members = {}

    def get(self, name: str) -> Any:
        """A member's value; None if it is absent or cannot be decoded."""
        try:
            return msgspec.json.decode(self._members.get(name, b"null"))
        except _UNREADABLE:
            return None


def orders(
    page: Page,
    *,
    seller_id: int,
    run_id: str,
    search_pass: str | None = None,
    window_from: datetime | None = None,
    window_to: datetime | None = None,
    page_offset: int | None = None,
) -> list[tuple[Record, SeenOrder]]:
    """Records of a page of orders: the rows of a search, or one order by its id.

    Each with what extraction itself needs of it. A record without an id gets a digest
    of its text. Its version is the search's `date_last_updated`, else `last_updated`.

    Raises:
        BrokenBody: the answer to a search has no list of results.
    """
    is_search = search_pass is not None
    texts = page.records() if is_search else [page.body]
    # A partial answer that does not say what it left out may have left out any of them.
    left_out = page.missing_fields or (_WITHHELD if page.status == 206 else ())
    request, total = page.request, page.total if is_search else None
    found = []
    for text in texts:
        payload, fault = mend(text)
        order = _Object(payload)
        missing = [field for field in left_out if order.get(field) in _EMPTY]
        indexed_at = instant(order.get("date_last_updated"))
        updated_at = indexed_at or instant(order.get("last_updated"))
        order_id = _identity(order.get("id"))
        order_id = order_id or f"?{hashlib.sha256(text).hexdigest()[:16]}"
        record = Record(
            resource="orders",
            resource_id=order_id,
            seller_id=seller_id,
            updated_at=updated_at,
            fetched_at=page.fetched_at,
            run_id=run_id,
            request=request,
            status=page.status,
            missing_fields=missing,
            payload=None if page.is_missing else payload,
            search_pass=search_pass,
            window_from=window_from,
            window_to=window_to,
            page_offset=page_offset,
            page_total=total,
            fault=None if page.is_missing else fault,
        )
        is_cancelled = order.get("status") == "cancelled"
        found.append((record, SeenOrder(order_id, updated_at, is_cancelled)))
    return found


def single(
    page: Page, *, resource: str, resource_id: str, seller_id: int, run_id: str
) -> Record:
    """The record of one thing requested by its id; a 404 makes a record too."""
    payload, fault = (None, None) if page.is_missing else mend(page.body)
    return Record(
        resource=resource,
        resource_id=resource_id,
        seller_id=seller_id,
        updated_at=instant(_Object(payload or "").get("last_updated")),
        fetched_at=page.fetched_at,
        run_id=run_id,
        request=page.request,
        status=page.status,
        missing_fields=list(page.missing_fields),
        payload=payload,
        fault=fault,
    )


def refused(
    error: MercadoLibreError,
    *,
    resource: str,
    resource_id: str,
    seller_id: int,
    run_id: str,
) -> Record:
    """The record of a refused request: a status, no payload.

    It records when the thing was requested, so that not every sync requests it again.
    """
    return Record(
        resource=resource,
        resource_id=resource_id,
        seller_id=seller_id,
        updated_at=None,
        fetched_at=datetime.now(UTC),
        run_id=run_id,
        request=error.path or "",
        status=error.status or 0,
        missing_fields=[],
        payload=None,
    )
