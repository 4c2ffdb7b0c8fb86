"""Asks the order search as a person does: its first rows, and how many there are.

Lands nothing and proves nothing. Not here: the searches of a sync (`walk.py`), and what
a person may see of the rows (`inspection/live.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pipeline.extraction import carts, envelope
from pipeline.extraction.accounts import Account, settled
from pipeline.landing.record import Record
from pipeline.mercadolibre.client import PAGE_LIMIT, Sort, Variant
from pipeline.mercadolibre.errors import BadRequest, Forbidden, NotFound
from pipeline.mercadolibre.page import Page
from pipeline.sites import GLOBAL_SELLING

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


_FILTERS_ABROAD = ("buyer", "mediations.stage", "order.")
"""Beginnings of the filters that Global Selling documents; others it may ignore."""


@dataclass(frozen=True)
class Found:
    """The first orders of a search, as they would land, and how many the API counts.

    Attributes:
        counted: what `total` counts: `orders`, or the `carts` of Global Selling.
        refused: orders that a cart names and that cannot be read, each with the reason.
    """

    records: list[Record]
    total: int | None
    counted: str = "orders"
    refused: list[str] = field(default_factory=list)


def settle(account: Account) -> None:
    """Find out the seller's site, which says how the account is asked."""
    if account.site_id is None:
        settled(account, run_id=RUN_ID)


def search(account: Account, asked: Search) -> Found:
    """Ask for the orders of a search in a seller's name, a page at a time.

    An order that comes twice, as paging may send it, is shown once. A row of Global
    Selling is a cart, whose orders are asked for by their ids.

    Raises:
        BadRequest: Global Selling documents no such filter, or no such search.
        LimitExceeded: the rows lie beyond what paging reaches.
    """
    settle(account)
    is_abroad = account.site_id == GLOBAL_SELLING
    unknown = [one for one in asked.filters if not one.startswith(_FILTERS_ABROAD)]
    if is_abroad and unknown:
        raise BadRequest(f"Global Selling documents no filter {' and '.join(unknown)}")
    orders: dict[str, Record] = {}
    found = Found([], None, "carts" if is_abroad else "orders")
    total, rows = None, 0
    for page in account.client.search_orders(
        seller=account.seller_id,
        filters=asked.filters,
        sort=asked.sort,
        offset=asked.offset,
        limit=min(asked.limit, PAGE_LIMIT),
        variant=asked.variant,
    ):
        total, rows = page.total, rows + page.count
        made = (
            _of_carts(account, page, found.refused) if is_abroad else _of(page, account)
        )
        for record in made:
            orders.setdefault(record.resource_id, record)
            if len(orders) >= asked.limit:
                break
        is_last = total is not None and asked.offset + rows >= total
        if len(orders) >= asked.limit or is_last:
            break
    found.records.extend(orders.values())
    return replace(found, total=total)


def _of(page: Page, account: Account) -> Iterator[Record]:
    found = envelope.orders(
        page, seller_id=account.seller_id, run_id=RUN_ID, search_pass=RUN_ID
    )
    return (record for record, _ in found)


def _of_carts(account: Account, page: Page, refused: list[str]) -> Iterator[Record]:
    """Ask for the orders that a page of carts names, each when it is wanted."""
    for text in page.records():
        for order_id in carts.order_ids(text):
            try:
                answer = account.client.order(order_id=int(order_id))
            except (Forbidden, NotFound) as error:
                refused.append(f"{order_id}: {error}")
                continue
            if answer.is_missing:
                refused.append(f"{order_id}: there is none (404)")
                continue
            [(record, _)] = envelope.orders(
                answer, seller_id=account.seller_id, run_id=RUN_ID
            )
            yield record
