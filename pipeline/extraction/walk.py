"""Walks through the pages of one window of orders and lands what comes.

What was seen once is landed and stays landed, whatever the verdict. Rules of proof are
in `certificate.py`; which windows there are, and in how many threads, in `orders.py`.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from pipeline.extraction import envelope
from pipeline.extraction.coverage import CANCELLED
from pipeline.extraction.envelope import OrderSummary
from pipeline.extraction.evidence import Evidence, SearchPage, SeenOrder
from pipeline.extraction.progress import Progress
from pipeline.extraction.resume import LandedPages
from pipeline.extraction.windows import Range
from pipeline.landing.certificate import Verdict
from pipeline.landing.journal import Journal
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import BrokenBody, LimitExceeded, MercadoLibreError
from pipeline.mercadolibre.limits import KnownLimits, Limits
from pipeline.mercadolibre.page import Page


class Findings:
    """Notes from all threads of one seller's reading.

    Attributes:
        cancelled_ids: cancelled orders that a search without status showed.
        lock: held while something is noted.
    """

    def __init__(self) -> None:
        self.cancelled_ids: set[str] = set()
        self.lock = threading.Lock()

    def note(self, glances: Sequence[OrderSummary], *, is_plain: bool) -> None:
        """Take what one page showed; ``is_plain`` when no status was asked for."""
        with self.lock:
            self.cancelled_ids.update(
                glance.order_id
                for glance in glances
                if is_plain and glance.is_cancelled
            )

    def restart_cancelled(self, ids: Iterable[str]) -> None:
        """Forget the cancelled orders of another range; begin with those known."""
        with self.lock:
            self.cancelled_ids = set(ids)


SPLIT_TOTAL = 2_000
"""Windows with more orders are halved, so that several connections share the work."""

WALKS = 2
FLOOR_WALKS = 6
"""How often a window that moves is walked before it is halved, or called short."""

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
"""Order statuses of mercado-libre-api.md §11, to split what an hour cannot hold."""

MILLISECOND = timedelta(milliseconds=1)

Sort = Literal["date_asc", "date_desc"]
_SORTS: tuple[Sort, Sort] = ("date_asc", "date_desc")


class TooWide(Exception):
    """More orders than a search reaches, or than one thread should read."""


@dataclass(frozen=True)
class _Walk:
    """What is walked through: a window in one pass, all of it or one status only."""

    window: Range
    search_pass: str
    status: str | None
    evidence: Evidence
    is_narrow: bool = False
    """Whether `to` is known to reach to the end of its hour, and is asked for so."""

    @property
    def is_plain(self) -> bool:
        """Whether this is all that its pass asks for, and no status apart."""
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
    ) -> None:
        self._client = client
        self._journal = journal
        self._seller_id = seller_id
        self._progress = progress
        self._landed = landed
        self._limits = KnownLimits()
        self.findings = Findings()

    def read(
        self, window: Range, search_pass: str, evidence: Evidence
    ) -> Verdict | None:
        """Read one window into ``evidence``; None when its halves must be read instead.

        Raises:
            MercadoLibreError: what the client's own retries could not mend.
        """
        status = CANCELLED if search_pass == CANCELLED else None
        walk = _Walk(window, search_pass, status, evidence)
        landed = self._landed.get((search_pass, window))
        if window.hours == 1:
            return self._read_hour(walk, landed)
        try:
            for _ in range(WALKS):
                # A claim as large as a search reaches cannot be proven by walking on.
                if self._walk(walk, "date_asc", landed) and evidence.is_whole():
                    return "complete"
                landed = None
        except TooWide:
            pass
        return None

    def glance(self, span: Range, asked: Range) -> Evidence:
        """Land the first page of ``asked``'s cancelled orders, as evidence of a span.

        Where the claim ends with that page the next one, empty, has to prove it.

        Raises:
            MercadoLibreError: what the client's own retries could not mend.
        """
        evidence = Evidence(span)
        evidence.begin()
        walk = _Walk(span, CANCELLED, CANCELLED, evidence)
        while True:
            limits = self._limits.now
            pages = self._pages(replace(walk, window=asked), "date_asc", 0, limits)
            evidence.request_count += 1
            try:
                self._land(next(pages), walk, None)
                if evidence.is_at_edge:
                    evidence.request_count += 1
                    self._land(next(pages), walk, None)
            except LimitExceeded as refusal:
                if not self._limits.learn(refusal, limits):
                    raise
            else:
                return evidence

    def _read_hour(self, walk: _Walk, landed: LandedPages | None) -> Verdict:
        """Read a window that cannot be halved, in both directions by turns.

        An hour that holds more than a search reaches is read oldest first and newest
        first, which reaches twice as far; then each status by itself, from both ends
        too. Whether that was all is a matter of counting.
        """
        evidence = walk.evidence
        for number in range(FLOOR_WALKS):
            reached = self._walk(walk, _SORTS[number % 2], landed)
            # One end alone is no proof where the search reaches no further.
            if evidence.is_whole() and (reached or number):
                return "complete"
            landed = None
            if not reached and number:
                break
        else:
            return "short"
        if evidence.shows_next_hour:
            # It may be the next hour's orders that are too many, not this one's.
            evidence.narrow()
            walk = replace(walk, is_narrow=True)
            self._walk_both_ways(walk)
        for status in STATUSES if walk.status is None else ():
            if evidence.is_whole():
                break
            # A status has totals of its own: its walks are counted by themselves.
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
        """Page through a window once, landing what comes; False if it does not end.

        Raises:
            TooWide: when it holds more than can or should be paged in one go, and can
                be halved.
        """
        evidence = walk.evidence
        # Only a plain first walk can be gone on from after a crash.
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
        """Whether a window is better read in halves."""
        reach = self._limits.now.ceiling
        return window.hours > 1 and total > min(SPLIT_TOTAL, reach)

    def _pages(
        self, walk: _Walk, sort: Sort, offset: int, limits: Limits
    ) -> Iterator[Page]:
        # `to` may be exclusive, an instant, or its whole hour (§1.2): ask for the end
        # itself, which covers the window in every reading; more than that is welcome.
        end = walk.window.end
        return self._client.search_orders(
            seller=self._seller_id,
            date_last_updated_from=walk.window.start,
            date_last_updated_to=end - MILLISECOND if walk.is_narrow else end,
            status=walk.status,
            sort=sort,
            offset=offset,
            limit=limits.page,
            ceiling=limits.ceiling,
        )

    def _land(self, page: Page, walk: _Walk, offset: int | None) -> int:
        """Land a page's records, note them as evidence, return the total claimed."""
        total = page.total
        if total is None:
            raise BrokenBody("the order search's answer tells no paging.total")
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
        expected = 0
        if not any(walk.evidence.walks) and walk.is_plain:
            expected = 0 if self._is_too_wide(walk.window, total) else total
        glances = [glance for _, glance in found]
        sights = [
            SeenOrder(glance.order_id, glance.updated_at, glance.is_cancelled)
            for glance in glances
        ]
        limit = page.params.get("limit")
        new = walk.evidence.take(
            SearchPage(total, page.fetched_at, sights, int(limit) if limit else None)
        )
        self.findings.note(glances, is_plain=walk.status is None)
        self._progress.count(landed=new, expected=expected)
        return total


def _begin(evidence: Evidence, landed: LandedPages | None) -> tuple[int, int]:
    """Begin a walk, with the pages of a dead run if there are any: offset and total."""
    evidence.begin()
    if landed is None:
        return 0, 0
    for sheet in landed.sheets:
        evidence.take(sheet)
    return landed.next_offset, landed.sheets[-1].total
