"""What a crashed run left behind, so that no landed page is asked for again.

A run that came to its end leaves nothing here: what it could not prove is read again
from its first page. Not here: how it is read from disk (`landing/earlier.py`).

Worked example, with a lookback of 48 hours. A run begins on the 10th at 12:00, proves
the 1st to the 7th and is killed while it reads the 8th. Resumed at 12:10, the 1st to
the 7th are passed over and the 8th goes on from its last landed page. Resumed on the
20th instead, the hours from the 8th at 12:00 on are read from the start: they were
younger than the lookback when the dead run saw them, the index may have shown orders of
them since, and they are older than the lookback now, so that no later sync would look.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER, verdicts
from pipeline.extraction.evidence import SearchPage, SeenOrder
from pipeline.extraction.windows import Range, floor_hour, plan, without
from pipeline.landing.certificate import Certificate
from pipeline.landing.earlier import LandedOrder


def _nothing_proven() -> dict[str, list[Range]]:
    return {EVERY_ORDER: [], CANCELLED: []}


@dataclass(frozen=True)
class LandedPages:
    """What a crashed run had landed of one window, from its first page on."""

    sheets: Sequence[SearchPage]
    next_offset: int


@dataclass
class Leftovers:
    """One seller's part of what crashed runs landed.

    ``proven`` are the ranges that they certified complete, by pass; ``landed`` the
    pages of windows that they had begun and not ended; ``cancelled`` the cancelled
    orders of plain search, by the window in which they were seen.
    """

    proven: Mapping[str, list[Range]] = field(default_factory=_nothing_proven)
    landed: Mapping[tuple[str, Range], LandedPages] = field(default_factory=dict)
    cancelled: Mapping[Range, list[str]] = field(default_factory=dict)

    def unproven(self) -> "Leftovers":
        """The same for a run that reads a range again: nothing of it is passed over."""
        return replace(self, proven=_nothing_proven())

    def cancelled_within(self, span: Range) -> Iterator[str]:
        """Cancelled orders of the windows that lie within a range."""
        for window, ids in self.cancelled.items():
            if span.start <= window.start and window.end <= span.end:
                yield from ids

    def plan(self, search_pass: str, wanted: Iterable[Range]) -> list[Range]:
        """Windows that tile what is wanted and not yet proven, oldest first.

        Those that were begun stay as they were cut, the smallest of those that overlap,
        so that the pages landed of them can be gone on from.
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
    """Pages of one window by offset, and at one offset by when they were fetched."""

    def __init__(self) -> None:
        self._pages: dict[int, dict[datetime, dict[str, LandedOrder]]] = defaultdict(
            lambda: defaultdict(dict)
        )

    def take(self, order: LandedOrder) -> None:
        """Note one record, which may be on disk twice after a crash."""
        if order.page_offset is not None:
            page = self._pages[order.page_offset][order.fetched_at]
            page[order.order_id] = order

    def landed(self) -> LandedPages | None:
        """What is there from the first page on, as far as pages join up.

        Of several pages at one offset the oldest that is not older than the page
        before it: a walk goes forward in time, or its count would prove nothing.
        """
        sheets: list[SearchPage] = []
        offset = 0
        while pages := self._pages.get(offset):
            since = sheets[-1].fetched_at if sheets else min(pages)
            later = [fetched_at for fetched_at in pages if fetched_at >= since]
            if not later:
                break
            rows = pages[min(later)].values()
            sheets.append(
                SearchPage(
                    total=next(iter(rows)).page_total,
                    fetched_at=min(later),
                    sights=[
                        SeenOrder(row.order_id, row.updated_at, row.is_cancelled)
                        for row in rows
                    ],
                    limit=next(iter(rows)).page_limit,
                )
            )
            offset += len(rows)
        return LandedPages(sheets, offset) if sheets else None


def leftovers(
    certificates: Iterable[Certificate],
    orders: Iterable[LandedOrder],
    *,
    lookback: timedelta = timedelta(),
    now: datetime | None = None,
) -> dict[int, Leftovers]:
    """Sort what crashed runs certified and landed, by seller.

    Args:
        certificates: theirs, none of any other run, in the order of ``checked_at``.
        orders: the records that they landed from searches, whether certified or not.
        lookback: how much of the past every sync reads again.
        now: when the run that resumes began; without it everything is taken over.
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
    for order in orders:
        window = Range(order.window_from, order.window_to)
        seen_at.append(order.fetched_at)
        if (order.seller_id, order.search_pass, window) not in ended:
            pages[order.seller_id][order.search_pass, window].take(order)
        if order.is_cancelled and order.search_pass == EVERY_ORDER:
            cancelled[order.seller_id][window].append(order.order_id)
    stale = _stale(min(seen_at, default=None), now, lookback)
    proven = {
        seller: {
            name: without(passes[name].good, stale) for name in (EVERY_ORDER, CANCELLED)
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
        )
        for seller in {*proven, *pages, *cancelled}
    }


def _stale(
    began: datetime | None, now: datetime | None, lookback: timedelta
) -> list[Range]:
    """Hours that only the crashed run could have read again, and that it did not.

    They were younger than the lookback when it began, and are older than that now.
    """
    if began is None or now is None:
        return []
    stale = Range(floor_hour(began - lookback), floor_hour(now - lookback))
    return [stale] if stale.start < stale.end else []
