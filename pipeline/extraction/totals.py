"""How many orders a range of last update holds, as the search counts; lands nothing.

Not here: what that costs to read (`defs/planning.py`).
"""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.extraction.accounts import Account
from pipeline.extraction.windows import DAY, Range
from pipeline.mercadolibre.errors import BrokenBody

WIDEST = 31 * DAY
"""The total of a wide window was measured to fall short (mercado-libre-api.md §1.3)."""

_INSTANT = timedelta(seconds=1)


def parts(span: Range) -> Iterator[Range]:
    """Cut a range into parts narrow enough to be counted, oldest first."""
    start = span.start
    while start < span.end:
        end = min(start + WIDEST, span.end)
        yield Range(start, end)
        start = end


def total(account: Account, span: Range, status: str | None = None) -> int:
    """Ask for the number of orders in a range: one request, no order is kept.

    Raises:
        BrokenBody: the answer tells no total.
        MercadoLibreError: what the client's own retries could not mend.
    """
    page = next(
        account.client.search_orders(
            seller=account.seller_id,
            date_last_updated_from=span.start,
            date_last_updated_to=span.end - _INSTANT,
            status=status,
            limit=1,
        )
    )
    if page.total is None:
        raise BrokenBody("the order search's answer tells no paging.total")
    return page.total
