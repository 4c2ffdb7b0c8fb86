"""What a crashed run left behind, so that the next run requests no landed page again.

A run that ended leaves nothing here: windows it could not prove are read again from
their first page. Not here: reading the files (`landing/earlier.py`).

Worked example, with a lookback of 48 hours. A run starts on the 10th at 12:00,
certifies the 1st to the 7th, lands 3 of 5 pages (153 orders) of the 8th and is killed.

- Resumed on the 10th at 12:10: skips the 1st to the 7th and continues the 8th at offset
  153. Its evidence holds the 3 landed pages first, then the 2 requested now.
- Resumed on the 20th at 12:00: reads everything from the 8th, 12:00, to the 18th, 12:00
  from the first page again. Those hours were younger than the lookback when the crashed
  run saw them, so the index may have shown more orders since; and they are older than
  the lookback now, so no later sync would look at them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER, Verdicts, verdicts
from pipeline.extraction.evidence import SearchPage, SeenOrder
from pipeline.extraction.windows import Range, floor_hour, plan, without
from pipeline.landing.certificate import Certificate
from pipeline.landing.earlier import LandedOrder


def _nothing_proven() -> dict[str, list[Range]]:
    return {EVERY_ORDER: [], CANCELLED: []}


@dataclass(frozen=True)
class LandedPages:
    """The pages of one window that a crashed run landed, from its first page on."""

    pages: Sequence[SearchPage]
    next_offset: int


@dataclass
class Leftovers:
    """What crashed runs landed of one seller.

    Attributes:
        proven: the ranges certified complete, by pass.
        landed: the pages of windows that were begun but not certified.
        cancelled: the cancelled orders that plain search showed, by window.
        by_id: orders that carts named, which were read by their id.
    """

    proven: Mapping[str, list[Range]] = field(default_factory=_nothing_proven)
    landed: Mapping[tuple[str, Range], LandedPages] = field(default_factory=dict)
    cancelled: Mapping[Range, list[str]] = field(default_factory=dict)
    by_id: Mapping[str, LandedOrder] = field(default_factory=dict)

    def unproven(self) -> "Leftovers":
        """The same with nothing proven, for a run that reads a range again."""
        return replace(self, proven=_nothing_proven())

    def cancelled_within(self, span: Range) -> Iterator[str]:
        """Cancelled orders of the windows within a range."""
        for window, ids in self.cancelled.items():
            if span.start <= window.start and window.end <= span.end:
                yield from ids

    def plan(self, search_pass: str, wanted: Iterable[Range]) -> list[Range]:
        """Windows that tile what is wanted and not yet proven, oldest first.

        Windows already begun keep their bounds, so that their landed pages can be
        continued. Where begun windows overlap, the smallest is kept.
        """
        unproven = without(wanted, self.proven[search_pass])
        begun: list[Range] = []
        windows = (window for name, window in self.landed if name == search_pass)
        for window in sorted(windows, key=lambda one: (one.hours, one)):
            whole = not without([window], unproven)
            if whole and without([window], begun) == [window]:
                begun.append(window)
        return sorted([*begun, *plan(without(unproven, begun))])


class _Pages:
    """Landed pages of one window, by offset and by the time they were fetched."""

    def __init__(self) -> None:
        # offset -> fetched_at -> order_id -> order
        self._pages: dict[int, dict[datetime, dict[str, LandedOrder]]] = defaultdict(
            lambda: defaultdict(dict)
        )

    def take(self, order: LandedOrder) -> None:
        """Add one record; after a crash it may be on disk twice and counts once."""
        if order.page_offset is not None:
            page = self._pages[order.page_offset][order.fetched_at]
            page[order.order_id] = order

    def landed(self) -> LandedPages | None:
        """The longest contiguous run of pages from offset 0; None without a first page.

        Of several pages at one offset, takes the oldest that is not older than the page
        before it: a walk goes forward in time, else its count would prove nothing.
        """
        walk: list[SearchPage] = []
        offset = 0
        while pages := self._pages.get(offset):
            since = walk[-1].fetched_at if walk else min(pages)
            later = [fetched_at for fetched_at in pages if fetched_at >= since]
            if not later:
                break
            rows = pages[min(later)].values()
            walk.append(
                SearchPage(
                    total=next(iter(rows)).page_total or 0,
                    fetched_at=min(later),
                    orders=[
                        SeenOrder(row.order_id, row.updated_at, row.is_cancelled)
                        for row in rows
                    ],
                    limit=next(iter(rows)).page_limit,
                )
            )
            offset += len(rows)
        return LandedPages(walk, offset) if walk else None


def leftovers(
    certificates: Iterable[Certificate],
    orders: Iterable[LandedOrder],
    *,
    lookback: timedelta = timedelta(),
    now: datetime | None = None,
) -> dict[int, Leftovers]:
    """Sort by seller what crashed runs certified and landed.

    Args:
        certificates: of the crashed runs only, in the order of ``checked_at``.
        orders: the records that they landed from searches, certified or not.
        lookback: how much of the past every sync reads again.
        now: when the resuming run began; None takes everything over.
    """
    rows = list(certificates)
    seen_at = [row.checked_at for row in rows]
    ended = {
        (row.seller_id, row.search_pass, Range(row.window_from, row.window_to))
        for row in rows
        if row.verdict != "failed"
    }
    pages: dict[int, dict[tuple[str, Range], _Pages]] = defaultdict(
        lambda: defaultdict(_Pages)
    )
    cancelled: dict[int, dict[Range, list[str]]] = defaultdict(
        lambda: defaultdict(list)
    )
    by_id: dict[int, dict[str, LandedOrder]] = defaultdict(dict)
    for order in orders:
        window = Range(order.window_from, order.window_to)
        seen_at.append(order.fetched_at)
        if order.page_total is None:  # no row of a search, but named by one
            known = by_id[order.seller_id].get(order.order_id)
            if order.updated_at and not (known and known.fetched_at > order.fetched_at):
                by_id[order.seller_id][order.order_id] = order
            continue
        if (order.seller_id, order.search_pass, window) not in ended:
            pages[order.seller_id][order.search_pass, window].take(order)
        if order.is_cancelled and order.search_pass == EVERY_ORDER:
            cancelled[order.seller_id][window].append(order.order_id)
    stale = _stale(min(seen_at, default=None), now, lookback)
    proven = {
        seller: {
            name: without(passes.get(name, Verdicts()).good, stale)
            for name in (EVERY_ORDER, CANCELLED)
        }
        for seller, passes in verdicts(rows).items()
    }
    return {
        seller: Leftovers(
            proven=proven.get(seller, _nothing_proven()),
            landed={
                (search_pass, window): landed
                for (search_pass, window), found in pages[seller].items()
                if (landed := found.landed()) and without([window], stale) == [window]
            },
            cancelled=cancelled[seller],
            by_id=by_id[seller],
        )
        for seller in {*proven, *pages, *cancelled, *by_id}
    }


def _stale(
    began: datetime | None, now: datetime | None, lookback: timedelta
) -> list[Range]:
    """Hours that only the crashed run would have read again; at most one range.

    They were younger than the lookback when it began, and are older than that now.
    """
    if began is None or now is None:
        return []
    stale = Range(floor_hour(began - lookback), floor_hour(now - lookback))
    return [stale] if stale.start < stale.end else []
