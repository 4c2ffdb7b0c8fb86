"""Asks the order search as a person does: its first rows, and how many there are.

Lands nothing and proves nothing. Not here: the searches of a sync (`walk.py`), and what
a person may see of the rows (`inspection/looks.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.extraction import envelope
from pipeline.extraction.accounts import Account
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import PAGE_LIMIT, Sort, Variant

RUN_ID = "look"
"""Stands in a record's envelope for the run that would have landed it."""


@dataclass(frozen=True)
class Search:
    """What to search for.

    Attributes:
        filters: by their documented names, such as `order.status`.
        variant: which of the searches.
        sort: oldest or newest first.
        offset: rows to skip.
        limit: the most rows to show.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    variant: Variant = "search"
    sort: Sort = "date_desc"
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True)
class Found:
    """The first rows of a search, as they would land, and how many the API counts."""

    records: list[Record]
    total: int | None


def search(account: Account, asked: Search) -> Found:
    """Ask for the rows of a search in a seller's name, a page at a time.

    A row that comes twice, as paging may send it, is shown once.

    Raises:
        LimitExceeded: the rows lie beyond what paging reaches.
        MercadoLibreError: the client's own retries did not help.
    """
    found: dict[str, Record] = {}
    total = None
    for page in account.client.search_orders(
        seller=account.seller_id,
        filters=asked.filters,
        sort=asked.sort,
        offset=asked.offset,
        limit=min(asked.limit, PAGE_LIMIT),
        variant=asked.variant,
    ):
        total = page.total
        for record, _ in envelope.orders(
            page, seller_id=account.seller_id, run_id=RUN_ID, search_pass=RUN_ID
        ):
            found.setdefault(record.resource_id, record)
        is_last = total is not None and asked.offset + len(found) >= total
        if len(found) >= asked.limit or is_last:
            break
    return Found(list(found.values())[: asked.limit], total)
