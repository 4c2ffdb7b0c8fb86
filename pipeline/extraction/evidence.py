"""Whether the pages read of one window prove that no order is missing.

Not here: reading the pages (`walk.py`) and what certificates add up to (`coverage.py`).

The API's `paging.total` counts the orders that match at one moment, and paging is not
stable. If an order drops out of the result while we page, every later order moves up
one place and we skip one. If another enters meanwhile, the count still matches and
hides the gap. So we compare a count only with orders known to be among those counted.
A row that comes twice is no second order: where pages overlap, so that more rows come
than match, orders are counted, and a second walk must show the same.

Worked example. We read today's window from 12:00 on, in pages of 51; the first page
says that 60 orders match. While we page, order A (place 10) is cancelled and the search
hides cancelled orders: 59 match, and B moves from place 52 to 51. Order C is updated at
12:01 and enters at the end. The second page starts at place 52, skips B and shows 9
orders: 60 ids seen, 60 claimed, B missing. One of three proofs must hold:

- **counts from** (`_counts_from`): C's stamp, 12:01, is later than 11:58 (the first
  page less `LAG`), so C was not among the 60. 59 of 60: not proven. A second walk, from
  12:02, claims 60 and shows B and C; B is older than 12:00, and C is the version that
  the first walk saw. 60 of 60: complete.
- **only grew** (`_only_grew`): the search shows cancelled orders, so no order leaves
  today's window. Pages claim 60, 61, 61 while orders enter; 61 ids seen: complete.
- **agrees** (`_agrees`): a page claims 51 orders and more than 51 come, so totals prove
  nothing. Two walks in a row, each up to an empty page, show the same 60 orders in the
  same versions and none twice: complete.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.extraction.windows import HOUR, Range

LAG = timedelta(minutes=2)
"""How far apart an order's stamp and our clock may be: difference of the clocks, delay
of the search index and time of an answer together."""


class SeenOrder(NamedTuple):
    """One order as a page showed it; `updated_at` tells its versions apart.

    Of Global Selling, whose pages show carts, it is a cart (`carts.py`).
    """

    order_id: str
    updated_at: datetime | None
    is_cancelled: bool = False


class SearchPage(NamedTuple):
    """One page of a search: its orders, and how many orders it says match."""

    total: int
    fetched_at: datetime
    orders: Sequence[SeenOrder]
    limit: int | None = None
    """Rows asked for; None if unknown."""
    named: Sequence[SeenOrder] = ()
    """The orders that its rows name, where these are carts."""

    @property
    def is_full(self) -> bool:
        """Whether the page has no room for another order."""
        return self.limit is not None and len(self.orders) >= self.limit


class Evidence:
    """Everything seen of one window, over all walks through it.

    A walk reads a search from its first page to its last.
    """

    def __init__(self, window: Range) -> None:
        self.window = window
        self.walks: list[list[SearchPage]] = []
        self.ids: set[str] = set()
        self.inside_ids: set[str] = set()
        self.duplicate_count = 0
        self.page_count = 0
        self.request_count = 0
        self.has_false_total = False
        """Whether a walk showed more orders than a page of it claimed."""
        self.has_surplus_rows = False
        """Whether a walk showed more rows than a page of it claimed, orders or not."""
        self.unread: dict[str, str] = {}
        """Orders that a cart named and that could not be read, with the reason."""

        self._others: set[SeenOrder] = set()
        self._walk_ids: set[str] = set()
        self._offset = 0
        self._is_narrow = False

    def begin(self) -> None:
        """Start another walk."""
        self.walks.append([])
        self._walk_ids = set()
        self._offset = 0

    def take(self, page: SearchPage) -> int:
        """Add one page to the walk; returns how many of its orders are new."""
        ids = [order.order_id for order in page.orders]
        new = len(set(ids) - self.ids)
        self.duplicate_count += len(ids) - len(set(ids) - self._walk_ids)
        self._walk_ids.update(ids)
        self.ids.update(ids)
        self.inside_ids.update(
            order.order_id
            for order in page.named or page.orders
            if order.updated_at and self.window.holds(order.updated_at)
        )
        self.walks[-1].append(page)
        self.page_count += 1
        self._offset += len(ids)
        if ids and self._offset > page.total:
            self.has_surplus_rows = True
            self.has_false_total |= len(self._walk_ids) > page.total
        return new

    def is_at_end(self) -> bool:
        """Whether the walk is over: an empty page, or as many rows as claimed.

        A short page is not always the last. A total that ends where a full page ends
        proves nothing, because the API may have cut it to whole pages: with 102 orders
        claimed and two pages of 51 read, only an empty third page proves that there is
        no 103rd order.
        """
        last = self.walks[-1][-1]
        counted = self._offset == last.total and not self.has_surplus_rows
        return (counted and not last.is_full) or not last.orders

    @property
    def is_at_edge(self) -> bool:
        """Whether the total ends where a full page ends, so that one more is needed."""
        last = self.walks[-1][-1]
        return last.is_full and self._offset == last.total

    @property
    def shows_next_hour(self) -> bool:
        """Whether the filter's `to` includes the whole hour that it names.

        Documents do not say. Orders of the hour after the window prove it, once that
        hour is over and none of them can have entered it while we paged.
        """
        end = self.window.end + HOUR
        return any(
            order.updated_at and self.window.end < order.updated_at < end
            for walk in self.walks
            for page in walk
            if page.fetched_at - LAG > end
            for order in page.orders
        )

    def narrow(self) -> None:
        """Forget the totals: from now on the search covers less and claims less."""
        self.walks = []
        self._is_narrow = True
        self.has_false_total = False
        self.has_surplus_rows = False

    def include(self, part: "Evidence") -> None:
        """Add the orders that walks through a part of the window saw, not their totals.

        Cancelled orders count only if plain search shows cancelled orders too, because
        its total leaves out what it hides.
        """
        shows_cancelled = any(order.is_cancelled for order in _orders(self.walks))
        self.ids |= part.ids
        self.inside_ids |= part.inside_ids
        self.page_count += part.page_count
        self.request_count += part.request_count
        self.duplicate_count += part.duplicate_count
        self.unread |= part.unread
        self._others.update(
            order
            for order in _orders(part.walks)
            if shows_cancelled or not order.is_cancelled
        )

    @property
    def began_at(self) -> datetime | None:
        """When the first page was fetched: the latest instant that is certified."""
        return next((walk[0].fetched_at for walk in self.walks if walk), None)

    @property
    def total_before(self) -> int | None:
        """The first total claimed."""
        return next((walk[0].total for walk in self.walks if walk), None)

    @property
    def total_after(self) -> int | None:
        """The last total claimed."""
        return next((walk[-1].total for walk in reversed(self.walks) if walk), None)

    def is_whole(self) -> bool:
        """Whether it is proven that no order last updated in the window is missing."""
        if self.unread or self._is_behind():
            return False
        if self.has_false_total:
            return self._agrees(once=True)
        walks = range(len(self.walks))
        counts = any(self._counts_from(number) for number in walks)
        if self.has_surplus_rows:
            return counts and self._agrees(once=False)
        return counts or self._only_grew()

    @property
    def shortfall(self) -> str:
        """Why a window is not proven, in words."""
        if self.unread:
            one, reason = next(iter(self.unread.items()))
            return (
                f"orders that cannot be read: {len(self.unread)}, such as {one}: "
                f"{reason}"
            )
        words = (
            f"distinct orders: {len(self.ids)} of {self.total_after} claimed "
            f"(first claimed {self.total_before}), readings: {len(self.walks)}"
        )
        if len(self.ids) != self.total_after:
            return words
        return f"{words}: some changed meanwhile or just before, and may hide another"

    def _is_behind(self) -> bool:
        """Whether orders appeared during the only walk in hours that are long over.

        No update brings an order into such an hour: the search shows it late. A second
        walk shows it, and what keeps appearing after that is for the lookback.
        """
        if len(self.walks) != 1 or not self.walks[0]:
            return False
        [walk] = self.walks
        is_over = self.window.end + HOUR <= walk[0].fetched_at - LAG
        return is_over and walk[-1].total > max(walk[0].total, len(self.ids))

    def _counts_from(self, number: int) -> bool:
        """Whether every order that matched when this walk began has been seen since.

        An order matched then if it is on the walk's first page, if its version is older
        than the walk, or if an earlier walk saw the same version. If as many such
        orders were seen as the first page claims, they are all. Orders first seen later
        are ignored, so they cannot mask a missing one.
        """
        if not self.walks[number]:
            return False
        first = self.walks[number][0]
        settled = first.fetched_at - LAG
        known = set(_orders(self.walks[:number]))
        members = {order.order_id for order in first.orders}
        members.update(
            order.order_id
            for order in (*_orders(self.walks[number:]), *self._others)
            if order in known or (order.updated_at and order.updated_at <= settled)
        )
        return len(members) == first.total

    def _only_grew(self) -> bool:
        """Whether orders could only enter, none leave, and all that match were seen.

        As long as the end of the range searched lies in the future, an updated order
        stays in the result; so does a cancelled one if the search shows cancelled
        orders. Then every order seen still matches at the end. The range is one hour
        longer if `to` includes its whole hour: an order of that hour shows it.
        """
        pages = [page for walk in self.walks for page in walk]
        seen = _orders(self.walks)
        if self._others or not any(order.is_cancelled for order in seen):
            return False
        end = self.window.end
        reaches_on = any(one.updated_at and one.updated_at > end for one in seen)
        if reaches_on and not self._is_narrow:
            end += HOUR
        totals = [page.total for page in pages]
        return (
            pages[-1].fetched_at < end - LAG
            and totals == sorted(totals)
            and len(self.ids) == totals[-1]
        )

    def _agrees(self, *, once: bool) -> bool:
        """Whether the last two walks, each to an empty page, saw the same orders.

        With `once`, and none of them twice: this proves a window whose total is too
        low. If an order had left during the first walk and made us skip another, the
        second walk would not show it again.
        """
        seen = []
        for walk in self.walks[-2:]:
            orders = _orders([walk])
            ids = {order.order_id for order in orders}
            if not walk or walk[-1].orders or (once and len(ids) < len(orders)):
                return False
            seen.append(set(orders))
        return len(seen) == 2 and seen[0] == seen[1]


def _orders(walks: Sequence[Sequence[SearchPage]]) -> list[SeenOrder]:
    return [order for walk in walks for page in walk for order in page.orders]
