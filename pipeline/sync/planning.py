"""What a sync will ask for, by endpoint, and how long that takes; fetches no order.

A plan is an estimate: pages come from the search's own totals, packs and shipments from
what a seller's orders have needed so far. Not here: what is held already
(`orders.py`) and how a plan is printed (`cli/`).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.extraction import certified, coverage, probe
from pipeline.extraction.accounts import Account, settled
from pipeline.extraction.coverage import CANCELLED, Coverage
from pipeline.extraction.walk import SPLIT_TOTAL
from pipeline.extraction.windows import Range, without
from pipeline.extraction.windows import plan as windows_of
from pipeline.mercadolibre import global_selling
from pipeline.mercadolibre.budget import SLOWER
from pipeline.mercadolibre.errors import MercadoLibreError
from pipeline.mercadolibre.limits import Limits
from pipeline.settings import Settings
from pipeline.sites import GLOBAL_SELLING
from pipeline.sync.resources import RESOURCES, Resource
from pipeline.warehouse.ask import names, wanted
from pipeline.warehouse.errors import NothingPublished
from pipeline.warehouse.files import statement
from pipeline.warehouse.prepare import declared_shapes, shapes
from pipeline.warehouse.read import connect_published
from pipeline.warehouse.staging import fetch

FEWEST_ORDERS = 30
"""From so many orders held on, a seller's own past estimates better than the worst."""


@dataclass(frozen=True)
class RequestsAnOrder:
    """How many further requests one more order of a seller is likely to need.

    Attributes:
        shares: by what a resource is estimated by (`resources.py`); 0.8 packs means
            that four of five orders name one of their own. One where it is not here.
        basis: where they come from.
    """

    shares: Mapping[str, float]
    basis: str

    def of(self, resource: Resource) -> float:
        """Requests for a resource; none where it has no id of an order's."""
        share = self.shares.get(resource.estimated_by or resource.id_of, 1.0)
        return share if resource.id_of else 0.0


@dataclass(frozen=True)
class Holdings:
    """What the published warehouse holds; empty when nothing is published.

    Attributes:
        sellers: sellers whose site is known.
        shares: by seller, for those with enough orders.
        hours: orders by seller and hour of last update, as
            `sql/questions/plan_held_orders.sql` counts them.
        waiting: by seller, then by name of sql/wanted, how many things are wanted now.
    """

    sellers: frozenset[int] = frozenset()
    shares: Mapping[int, RequestsAnOrder] = field(default_factory=dict)
    hours: pl.DataFrame | None = None
    waiting: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def within(self, seller_id: int, ranges: Sequence[Range]) -> int:
        """Orders of a seller whose last update lies in the ranges."""
        if self.hours is None or not ranges:
            return 0
        hour = pl.col("updated_hour")
        inside = pl.any_horizontal(
            (hour >= one.start) & (hour < one.end) for one in ranges
        )
        mine = self.hours.filter(pl.col("seller_id") == seller_id, inside)
        return int(mine["order_count"].sum())


def holdings(data_dir: Path, now: datetime, *, discounts: str) -> Holdings:
    """Read what is held; returns nothing if another version made the warehouse.

    `discounts` is the setting: for which orders discounts are wanted.
    """
    try:
        with connect_published(data_dir) as connection:
            declared, held = declared_shapes(), shapes(connection)
            if any(held.get(name) != columns for name, columns in declared.items()):
                return Holdings()
            waiting: dict[int, dict[str, int]] = {}
            for name in names():
                for row in wanted(connection, name, now=now, discounts=discounts):
                    of_seller = waiting.setdefault(row[-1], {})
                    of_seller[name] = of_seller.get(name, 0) + 1
            sellers = fetch(connection, statement("questions/status_sellers"))[
                "seller_id"
            ]
            shares = fetch(connection, statement("questions/plan_shares"))
            hours = fetch(connection, statement("questions/plan_held_orders"))
    except NothingPublished:
        return Holdings()
    return Holdings(
        sellers=frozenset(sellers),
        shares={
            row["seller_id"]: _share(row, waiting.get(row["seller_id"], {}))
            for row in shares.iter_rows(named=True)
            if row["order_count"] >= FEWEST_ORDERS
        },
        hours=hours,
        waiting=waiting,
    )


def _share(row: Mapping[str, int], waiting: Mapping[str, int]) -> RequestsAnOrder:
    counts = {
        name.removesuffix("_count"): count
        for name, count in row.items()
        if name.endswith("_count")
    }
    counts["discount"] += waiting.get("order_discounts", 0)
    orders = counts["order"]
    return RequestsAnOrder(
        {name: count / orders for name, count in counts.items()},
        basis=f"as its {orders:,} orders held have needed",
    )


SEARCH = "/orders/search"
SEARCHES = (SEARCH, global_selling.ENDPOINTS[SEARCH])


@dataclass(frozen=True)
class SellerPlan:
    """What a sync will ask for in the name of one seller.

    Attributes:
        hours: whole hours to be read.
        proven_hours: those of them that are complete already and are read again.
        order_count: orders in them, as the search counts now; of Global Selling carts,
            which hold an order or more.
        held_count: those of them that have landed already, as far as published.
        requests: by endpoint; none has been sent.
        basis: where the figures for packs, shipments and details come from.
        failed: why nothing could be planned; None when all is well.
    """

    seller_id: int
    hours: int = 0
    proven_hours: int = 0
    order_count: int = 0
    held_count: int = 0
    requests: Mapping[str, int] = field(default_factory=dict)
    requests_per_minute: float = 0.0
    basis: str = ""
    page_limit: int = Limits().page
    failed: str | None = None

    @property
    def request_count(self) -> int:
        """All requests."""
        return sum(self.requests.values())

    @property
    def least_count(self) -> int:
        """The least possible: full pages of orders, and each thing by its id once.

        The search of 102 orders needs two pages of 51; a sync asks for more, because
        every window proves its own end.
        """
        pages = math.ceil(self.order_count / self.page_limit) or int(self.hours > 0)
        searches = sum(self.requests.get(name, 0) for name in SEARCHES)
        return self.request_count - searches + pages

    @property
    def minutes(self) -> float:
        """Minutes at the rate in force, retries not counted.

        An endpoint with a limit of its own may take longer than all of them together.
        """
        rate = self.requests_per_minute
        own = [self.requests.get(name, 0) / limit for name, limit in SLOWER.items()]
        return max(self.request_count / rate, *own) if rate else 0.0


def plan(
    settings: Settings,
    accounts: Sequence[Account],
    *,
    span: Range | None,
    now: datetime,
) -> Iterator[SellerPlan]:
    """Plan a sync of a range, or without one of what is due, seller by seller.

    Asks for one total a month and seller, two where nothing of the seller is held yet
    (its cancelled orders too); lands nothing, writes nothing. A seller who cannot be
    asked is named as failed; the others are planned all the same.
    """
    holdback = timedelta(minutes=settings.holdback_minutes)
    lookback = timedelta(hours=settings.lookback_hours)
    landing = settings.data_dir / "landing"
    proven = coverage.coverage(certified.read(landing).said)
    held = holdings(settings.data_dir, now, discounts=settings.fetch_discounts)
    for account in accounts:
        known = proven.get(account.seller_id, Coverage())
        ranges = [span] if span else coverage.due(known, now, lookback, holdback)
        try:
            yield _seller(settings, account, ranges, known, held)
        except MercadoLibreError as error:
            yield SellerPlan(account.seller_id, failed=str(error))


def metadata(plans: Sequence[SellerPlan]) -> dict[str, Any]:
    """The same figures, all sellers together, as an asset shows them."""
    requests = Counter[str]()
    for one in plans:
        requests.update(one.requests)
    return {
        "planned_orders": sum(one.order_count for one in plans),
        "planned_requests": sum(one.request_count for one in plans),
        "least_requests": sum(one.least_count for one in plans),
        "planned_minutes": round(sum(one.minutes for one in plans), 1),
        "planned_by_endpoint": dict(requests),  # in the order of a sync
    }


def _seller(
    settings: Settings,
    account: Account,
    ranges: Sequence[Range],
    known: Coverage,
    held: Holdings,
) -> SellerPlan:
    seller_id = account.seller_id
    if account.site_id is None:
        settled(account, run_id="")
    is_global = account.site_id == GLOBAL_SELLING
    page = global_selling.LARGEST_PAGE if is_global else Limits().page
    order_count, pages = 0, 0
    parts = [part for span in ranges for part in probe.parts(span)]
    for part in parts:
        count = probe.total(account, part)
        order_count += count
        pages += search_pages(part, count, page)
    held_count = held.within(seller_id, ranges)
    new = max(0, order_count - held_count)
    share = held.shares.get(seller_id)
    if share is None:
        cancelled = sum(probe.total(account, part, CANCELLED) for part in parts)
        share = RequestsAnOrder(
            {"detail": cancelled / order_count if order_count else 0.0},
            basis="worst case: one pack and one shipment an order, a discount on each, "
            "one more look at each cancelled order",
        )
    waiting = held.waiting.get(seller_id, {})
    is_new = seller_id not in held.sellers
    counts = {
        # One request a range counts the cancelled; the first sync proves the filter.
        SEARCH: pages + len(ranges) + (0 if known.proven or known.red else 1),
        RESOURCES["sellers"].endpoint: int(is_new),
    }
    for name, resource in RESOURCES.items():
        if resource.ask and resource.is_on(settings):
            counts[resource.endpoint] = waiting.get(name, 0)
            if resource.is_documented(account.site_id):
                counts[resource.endpoint] += math.ceil(new * share.of(resource))
    if is_new and settings.reporting_currency is not None:
        rates = RESOURCES["exchange_rates"].endpoint
        counts[rates] = counts[rates] or 1
    if is_global:
        # A row of its search names orders only, each of which is read by its id.
        by_id = waiting.get("orders", 0) + order_count
        counts[RESOURCES["orders"].endpoint] = by_id
        counts = {
            global_selling.ENDPOINTS.get(name, name): count
            for name, count in counts.items()
        }
    return SellerPlan(
        seller_id=seller_id,
        hours=sum(one.hours for one in ranges),
        proven_hours=sum(one.hours for one in ranges)
        - sum(one.hours for one in without(ranges, known.proven)),
        order_count=order_count,
        held_count=min(held_count, order_count),
        requests={name: count for name, count in counts.items() if count},
        requests_per_minute=account.budget.usage().rate_now,
        basis=share.basis,
        page_limit=page,
    )


def search_pages(part: Range, count: int, page: int = Limits().page) -> int:
    """Pages that reading a range costs when its orders are spread evenly.

    A window is a day and costs at least one page. If its last page is full, an empty
    one must prove the end (102 orders: 51, 51 and none). A window of more than
    `SPLIT_TOTAL` orders costs a page to find that out, and is then read in halves.
    """
    windows, pages = len(windows_of([part])), 0
    hours = part.hours
    while count / windows > SPLIT_TOTAL and hours / windows >= 2:
        pages += windows
        windows *= 2
    return pages + windows * (math.floor(count / windows / page) + 1)
