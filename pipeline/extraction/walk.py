"""Walks through the pages of one window of orders and lands every record.

A landed record stays landed, whatever the verdict. The rows of a page are orders, or
carts that name them (`carts.py`). Not here: what counts as proof
(`evidence.py`), and which windows are read in how many threads (`orders.py`).
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pipeline.extraction import envelope
from pipeline.extraction.carts import CartReader
from pipeline.extraction.coverage import CANCELLED
from pipeline.extraction.evidence import Evidence, SearchPage, SeenOrder
from pipeline.extraction.progress import Progress
from pipeline.extraction.resume import LandedPages
from pipeline.extraction.windows import Range
from pipeline.landing.certificate import Verdict
from pipeline.landing.journal import Journal
from pipeline.mercadolibre.client import MercadoLibre, Sort, updated_within
from pipeline.mercadolibre.errors import (
    AnswerTooLarge,
    BrokenBody,
    LimitExceeded,
    MercadoLibreError,
)
from pipeline.mercadolibre.limits import KnownLimits, Limits
from pipeline.mercadolibre.page import Page


class Findings:
    """What the threads that read one seller noticed.

    Attributes:
        cancelled_ids: cancelled orders that a search without status showed.
        lock: held during every change.
    """

    def __init__(self) -> None:
        self.cancelled_ids: set[str] = set()
        self.lock = threading.Lock()

    def note(self, seen: Sequence[SeenOrder], *, is_plain: bool) -> None:
        """Add the orders of one page; ``is_plain`` if no status was asked for."""
        with self.lock:
            self.cancelled_ids.update(
                one.order_id for one in seen if is_plain and one.is_cancelled
            )

    def restart_cancelled(self, ids: Iterable[str]) -> None:
        """Forget the cancelled orders of one range; start the next with those known."""
        with self.lock:
            self.cancelled_ids = set(ids)


SPLIT_TOTAL = 2_000
"""Windows with more orders are halved, so that several connections share the work."""

WALKS = 2
FLOOR_WALKS = 6
"""How often a window that keeps changing is walked: before it is halved, or, if it is
one hour long, before its verdict is `short`."""

STATUSES = (
    "confirmed",
    "payment_required",
    "payment_in_process",
    "partially_paid",
    "paid",
    "partially_refunded",
    "pending_cancel",
    "cancelled",
    "invalid",
)
"""Order statuses, to split an hour with more orders than a search can page
(docs/mercado-libre-api.md, Statuses)."""

MILLISECOND = timedelta(milliseconds=1)

_SORTS: tuple[Sort, Sort] = ("date_asc", "date_desc")


class TooWide(Exception):
    """The window has more orders than a search can page, or than one thread should."""


@dataclass(frozen=True)
class _Walk:
    """What to walk through: a window in one pass, all of it or one status only."""

    window: Range
    search_pass: str
    status: str | None
    evidence: Evidence
    is_narrow: bool = False
    """Whether `to` includes its whole hour, so that the search must end before it."""

    @property
    def is_plain(self) -> bool:
        """Whether this covers its whole pass, not one status of it."""
        return self.status is None or self.search_pass == CANCELLED


class Walker:
    """Walks windows of one seller; safe to use from several threads."""

    def __init__(
        self,
        client: MercadoLibre,
        journal: Journal,
        *,
        seller_id: int,
        progress: Progress,
        landed: Mapping[tuple[str, Range], LandedPages],
        carts: CartReader | None = None,
    ) -> None:
        self._client = client
        self._journal = journal
        self._seller_id = seller_id
        self._progress = progress
        self._landed = landed
        self._carts = carts
        self._limits = KnownLimits()
        self.findings = Findings()

    def read(
        self, window: Range, search_pass: str, evidence: Evidence
    ) -> Verdict | None:
        """Read one window into ``evidence``; None: its halves must be read instead."""
        status = CANCELLED if search_pass == CANCELLED else None
        walk = _Walk(window, search_pass, status, evidence)
        landed = self._landed.get((search_pass, window))
        if window.hours == 1:
            return self._read_hour(walk, landed)
        try:
            for _ in range(WALKS):
                # A total at the ceiling may be cut off: walking on proves nothing.
                if self._walk(walk, "date_asc", landed) and evidence.is_whole():
                    return "complete"
                landed = None
        except (TooWide, AnswerTooLarge):  # halves keep the others from one large order
            pass
        return None

    def count_cancelled(self, span: Range, asked: Range) -> Evidence:
        """Land the first page of cancelled orders in ``asked`` as evidence of ``span``.

        If the total ends with a full page, requests the next one too, which must be
        empty.
        """
        request_count = 0
        while True:
            evidence = Evidence(span)
            evidence.begin()
            walk = _Walk(span, CANCELLED, CANCELLED, evidence)
            limits = self._limits.now
            pages = self._pages(replace(walk, window=asked), "date_asc", 0, limits)
            evidence.request_count = request_count + 1
            try:
                self._land(next(pages), walk, None)
                if evidence.is_at_edge:
                    evidence.request_count += 1
                    self._land(_one_more(pages, limits.ceiling), walk, None)
            except LimitExceeded as refusal:
                if not self._limits.learn(refusal, limits):
                    raise
                request_count = evidence.request_count
            else:
                return evidence

    def _read_hour(self, walk: _Walk, landed: LandedPages | None) -> Verdict:
        """Read a window that cannot be halved, in both directions by turns.

        An hour with more orders than a search can page is read oldest first and newest
        first, which reaches twice as far; then status by status, from both ends too.
        Counting decides whether that was all.
        """
        evidence = walk.evidence
        for number in range(FLOOR_WALKS):
            reached = self._walk(walk, _SORTS[number % 2], landed)
            # If the search cannot reach the other end, one end alone proves nothing.
            if evidence.is_whole() and (reached or number):
                return "complete"
            landed = None
            if not reached and number:
                break
        else:
            return "short"
        if evidence.shows_next_hour:
            # The next hour's orders may be the ones that are too many.
            evidence.narrow()
            walk = replace(walk, is_narrow=True)
            self._walk_both_ways(walk)
        for status in STATUSES if walk.status is None else ():
            if evidence.is_whole():
                break
            # A status has its own totals, so its walks are separate evidence.
            part = replace(walk, status=status, evidence=Evidence(walk.window))
            self._walk_both_ways(part)
            evidence.include(part.evidence)
        return "complete" if evidence.is_whole() else "too_wide"

    def _walk_both_ways(self, walk: _Walk) -> None:
        for sort in _SORTS:
            self._walk(walk, sort, None)
            if walk.evidence.is_whole():
                return

    def _walk(self, walk: _Walk, sort: Sort, landed: LandedPages | None) -> bool:
        """Page through a window once and land it; False if the end is out of reach.

        Raises:
            TooWide: the window has more orders than one walk can or should page, and
                it can be halved.
        """
        evidence = walk.evidence
        # Only a plain first walk can be continued after a crash.
        is_first = walk.is_plain and not (evidence.walks or walk.is_narrow)
        offset, total = _begin(evidence, landed)
        while True:
            if offset and evidence.is_at_end():
                return True
            if self._is_too_wide(walk.window, total):
                raise TooWide
            limits = self._limits.now
            try:
                for page in self._pages(walk, sort, offset, limits):
                    evidence.request_count += 1
                    total = self._land(page, walk, offset if is_first else None)
                    offset += page.count
                    if self._is_too_wide(walk.window, total):
                        raise TooWide
                    if evidence.is_at_end():
                        return True
            except LimitExceeded as refusal:
                evidence.request_count += refusal.status is not None
                if not self._limits.learn(refusal, limits):
                    return False
            except MercadoLibreError:
                evidence.request_count += 1
                raise

    def _is_too_wide(self, window: Range, total: int) -> bool:
        """Whether the halves of a window should be read instead."""
        reach = self._limits.now.ceiling
        return window.hours > 1 and total > min(SPLIT_TOTAL, reach)

    def _pages(
        self, walk: _Walk, sort: Sort, offset: int, limits: Limits
    ) -> Iterator[Page]:
        # Documents do not say whether `to` is exclusive, an instant, or its whole hour.
        # The window's end covers the window in every case; rows beyond it do no harm.
        end = walk.window.end
        filters = {
            **updated_within(
                walk.window.start, end - MILLISECOND if walk.is_narrow else end
            ),
            **({"order.status": walk.status} if walk.status else {}),
        }
        return self._client.search_orders(
            seller=self._seller_id,
            filters=filters,
            sort=sort,
            offset=offset,
            limit=limits.page,
            ceiling=limits.ceiling,
        )

    def _land(self, page: Page, walk: _Walk, offset: int | None) -> int:
        """Land a page's records, add them to the evidence, return the page's total."""
        total = page.total
        if total is None:
            raise BrokenBody("the order search's answer has no paging.total")
        seen, named = self._land_orders(page, walk, offset)
        expected = 0
        if not any(walk.evidence.walks) and walk.is_plain:
            expected = 0 if self._is_too_wide(walk.window, total) else total
        limit = page.params.get("limit")
        most = int(limit) if limit else None
        new = walk.evidence.take(SearchPage(total, page.fetched_at, seen, most, named))
        self.findings.note(seen, is_plain=walk.status is None)
        self._progress.count(landed=new, expected=expected)
        return total

    def _land_orders(
        self, page: Page, walk: _Walk, offset: int | None
    ) -> tuple[Sequence[SeenOrder], Sequence[SeenOrder]]:
        """Land a page's orders, or those that its carts name.

        Returns what its rows show, and the orders that they name where they are carts.
        """
        if self._carts is not None:
            read = self._carts.read(
                page, search_pass=walk.search_pass, window=walk.window
            )
            walk.evidence.unread |= read.unread
            return read.carts, read.orders
        found = envelope.orders(
            page,
            seller_id=self._seller_id,
            run_id=self._journal.run_id,
            search_pass=walk.search_pass,
            window_from=walk.window.start,
            window_to=walk.window.end,
            page_offset=offset,
        )
        self._journal.add([record for record, _ in found])
        return [seen for _, seen in found], ()


def _begin(evidence: Evidence, landed: LandedPages | None) -> tuple[int, int]:
    """Begin a walk with a crashed run's pages, if any; returns offset and total."""
    evidence.begin()
    if landed is None:
        return 0, 0
    for page in landed.pages:
        evidence.take(page)
    return landed.next_offset, landed.pages[-1].total


def _one_more(pages: Iterator[Page], ceiling: int) -> Page:
    """The page after one that ends with the total."""
    page = next(pages, None)
    if page is None:
        raise LimitExceeded(
            f"the page after {ceiling} rows cannot be requested", ceiling=ceiling
        )
    return page
