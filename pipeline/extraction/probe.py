"""Asks the order search one question, lands nothing: does it filter, how many orders.

Not here: what the orders of a range cost to read (`sync/planning.py`), and the proof
that a window's pages are all there (`evidence.py`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pipeline.extraction.accounts import Account
from pipeline.extraction.windows import DAY, Range
from pipeline.mercadolibre.client import MercadoLibre, updated_within
from pipeline.mercadolibre.errors import BrokenBody, FilterIgnored

WIDEST = 31 * DAY
"""The widest range to count at once: the API's total of a wider one was measured to be
less than the sum of its days."""

_INSTANT = timedelta(seconds=1)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def prove_filter(client: MercadoLibre, seller_id: int) -> None:
    """Search an hour of the year 2000, which must find nothing.

    The API silently ignores a parameter that it does not know. If it ignored the date
    filter, every window would look complete and be wrong.

    Raises:
        FilterIgnored: the search finds orders.
    """
    page = next(
        client.search_orders(
            seller=seller_id, filters=updated_within(_LONG_AGO, _LONG_AGO), limit=1
        )
    )
    if page.total or page.count:
        raise FilterIgnored(
            "the order search ignores order.date_last_updated: it found "
            f"{page.total} orders in the year 2000, so nothing can be proven. "
            "Check MELI_BASE_URL; if that is Mercado Libre, please report it"
        )


def parts(span: Range) -> Iterator[Range]:
    """Cut a range into parts narrow enough to count, oldest first."""
    start = span.start
    while start < span.end:
        end = min(start + WIDEST, span.end)
        yield Range(start, end)
        start = end


def total(account: Account, span: Range, status: str | None = None) -> int:
    """Count the orders of a range with one request; keeps no order.

    Raises:
        BrokenBody: the answer has no total.
    """
    filters = updated_within(span.start, span.end - _INSTANT)
    if status:
        filters["order.status"] = status
    page = next(
        account.client.search_orders(seller=account.seller_id, filters=filters, limit=1)
    )
    if page.total is None:
        raise BrokenBody("the order search's answer has no paging.total")
    return page.total
