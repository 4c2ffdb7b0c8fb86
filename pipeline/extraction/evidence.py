"""What one window promised and what landed: the evidence, and the verdict on it.

Not here: reading the pages (`walk.py`) and what verdicts add up to (`coverage.py`).

The API's `paging.total` counts the orders that match at one moment, and paging is not
stable: an order that leaves while we page shifts all behind it by one, past our eyes,
and another that enters can make the count come out right all the same. So a count is
only compared with orders that are known to have been among those counted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.extraction.windows import HOUR, Range

LAG = timedelta(minutes=2)
"""How far an order's stamp and our own clock are trusted: the clocks' difference, the
index's delay (mercado-libre-api.md §1.2) and the way of an answer together."""


class SeenOrder(NamedTuple):
    """One order as a page showed it; its stamp tells this version from the next."""

    order_id: str
    updated_at: datetime | None
    is_cancelled: bool = False


class SearchPage(NamedTuple):
    """One page of a search: what it showed, and how many orders it said match."""

    total: int
    fetched_at: datetime
    sights: Sequence[SeenOrder]
    limit: int | None = None
    """How many rows were asked for; null where that is not known."""

    @property
    def is_full(self) -> bool:
        """Whether there was no room for another order on it."""
        return self.limit is not None and len(self.sights) >= self.limit


class Evidence:
    """Everything that was seen of one window, over all walks through it.

    A walk goes from a search's first page to its last.
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
        """Whether a page showed rows beyond the total that it claimed itself."""

        self._others: set[SeenOrder] = set()
        self._walk_ids: set[str] = set()
        self._offset = 0
        self._is_narrow = False

    def begin(self) -> None:
        """Start another walk."""
        self.walks.append([])
        self._walk_ids = set()
        self._offset = 0

    def take(self, sheet: SearchPage) -> int:
        """Note one page of the walk; returns how many of its orders are new."""
        ids = [sight.order_id for sight in sheet.sights]
        new = len(set(ids) - self.ids)
        self.duplicate_count += len(ids) - len(set(ids) - self._walk_ids)
        self._walk_ids.update(ids)
        self.ids.update(ids)
        self.inside_ids.update(
            sight.order_id
            for sight in sheet.sights
            if sight.updated_at and self.window.holds(sight.updated_at)
        )
        self.walks[-1].append(sheet)
        self.page_count += 1
        self._offset += len(ids)
        self.has_false_total |= bool(ids) and self._offset > sheet.total
        return new

    def is_at_end(self) -> bool:
        """Whether the walk is over: an empty page, or as many rows as were claimed.

        A page may be short without being the last (mercado-libre-api.md §1.3). A claim
        that ends where a full page ends is not believed, because a total that was cut
        to whole pages looks the same: 102 rows claimed, pages of 51 and 51 read, and
        only an empty third page tells that there is no 103rd order.
        """
        last = self.walks[-1][-1]
        counted = self._offset == last.total and not self.has_false_total
        return (counted and not last.is_full) or not last.sights

    @property
    def is_at_edge(self) -> bool:
        """Whether the claim ends where a full page ends: one more page has to tell."""
        last = self.walks[-1][-1]
        return last.is_full and self._offset == last.total

    @property
    def shows_next_hour(self) -> bool:
        """Whether `to` was seen to reach to the end of its hour (§1.2).

        Told by orders of the hour behind the window, when that hour is over, so that
        none of them can have come into it while we paged.
        """
        end = self.window.end + HOUR
        return any(
            sight.updated_at and self.window.end < sight.updated_at < end
            for walk in self.walks
            for page in walk
            if page.fetched_at - LAG > end
            for sight in page.sights
        )

    def narrow(self) -> None:
        """Forget the totals: from here on less is asked for, and less is claimed."""
        self.walks = []
        self._is_narrow = True
        self.has_false_total = False

    def include(self, part: "Evidence") -> None:
        """Add what walks through a part of the window saw, less their totals.

        Cancelled orders count only where plain search shows cancelled orders too: its
        total does not hold what it hides (mercado-libre-api.md §1.6).
        """
        shows_cancelled = any(sight.is_cancelled for sight in _sights(self.walks))
        self.ids |= part.ids
        self.inside_ids |= part.inside_ids
        self.page_count += part.page_count
        self.request_count += part.request_count
        self.duplicate_count += part.duplicate_count
        self._others.update(
            sight
            for sight in _sights(part.walks)
            if shows_cancelled or not sight.is_cancelled
        )

    @property
    def began_at(self) -> datetime | None:
        """When the first page was fetched: later than that nothing is vouched for."""
        return next((walk[0].fetched_at for walk in self.walks if walk), None)

    @property
    def total_before(self) -> int | None:
        """The first total that any page claimed."""
        return next((walk[0].total for walk in self.walks if walk), None)

    @property
    def total_after(self) -> int | None:
        """The last total that any page claimed."""
        return next((walk[-1].total for walk in reversed(self.walks) if walk), None)

    def is_whole(self) -> bool:
        """Whether no order whose last update lies in the window can be missing."""
        if self.has_false_total:
            return self._agrees()
        walks = range(len(self.walks))
        return any(self._counts_from(number) for number in walks) or self._only_grew()

    @property
    def shortfall(self) -> str:
        """What is wrong, in words, for a window that is not whole."""
        return (
            f"{len(self.ids)} distinct orders of {self.total_after} claimed "
            f"(first claimed {self.total_before}) after {len(self.walks)} readings"
        )

    def _counts_from(self, number: int) -> bool:
        """Whether every order that matched when this walk began was seen since.

        An order seen since, with a version that is older than the walk, was among those
        that matched then, whatever became of it; so was one of the walk's first page,
        and one whose very version an earlier walk had seen. If they are as many as
        matched, they are all. What came later does not count, so it fools nobody.
        """
        if not self.walks[number]:
            return False
        first = self.walks[number][0]
        settled = first.fetched_at - LAG
        known = set(_sights(self.walks[:number]))
        members = {sight.order_id for sight in first.sights}
        members.update(
            sight.order_id
            for sight in (*_sights(self.walks[number:]), *self._others)
            if sight in known or (sight.updated_at and sight.updated_at <= settled)
        )
        return len(members) == first.total

    def _only_grew(self) -> bool:
        """Whether orders could only come, none leave, and all that match were seen.

        While the end of what a search covers is still to come, an update keeps an order
        in it, and a cancellation too where the search shows cancelled orders. Then all
        that were seen match to the end. A search covers one hour more where `to`
        reaches to the end of its hour, which an order from that hour gives away.
        """
        pages = [page for walk in self.walks for page in walk]
        sights = _sights(self.walks)
        if self._others or not any(sight.is_cancelled for sight in sights):
            return False
        end = self.window.end
        reaches_on = any(one.updated_at and one.updated_at > end for one in sights)
        if reaches_on and not self._is_narrow:
            end += HOUR
        totals = [page.total for page in pages]
        return (
            pages[-1].fetched_at < end - LAG
            and totals == sorted(totals)
            and len(self.ids) == totals[-1]
        )

    def _agrees(self) -> bool:
        """Whether two walks to an empty page saw the same, each order once.

        That proves a window whose total claims fewer orders than there are: had one
        left while the first walk passed, the second would not have seen it again.
        """
        seen = []
        for walk in self.walks[-2:]:
            sights = [sight for page in walk for sight in page.sights]
            if not walk or walk[-1].sights or _has_twins(sights):
                return False
            seen.append(set(sights))
        return len(seen) == 2 and seen[0] == seen[1]


def _sights(walks: Sequence[Sequence[SearchPage]]) -> list[SeenOrder]:
    return [sight for walk in walks for page in walk for sight in page.sights]


def _has_twins(sights: Sequence[SeenOrder]) -> bool:
    return len({sight.order_id for sight in sights}) < len(sights)
