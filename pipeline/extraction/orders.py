"""Reads one seller's ranges of orders until each window is proven or named as not.

Windows are read in several threads, oldest first; one that cannot be read whole is
halved and its halves are read. How one window is walked is in `walk.py`, what counts as
proof in `certificate.py`.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

from pipeline.extraction.cancelled_check import CancelledCheck
from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER
from pipeline.extraction.evidence import Evidence
from pipeline.extraction.progress import Progress
from pipeline.extraction.resume import Leftovers
from pipeline.extraction.walk import Findings, Walker
from pipeline.extraction.windows import Range, floor_hour, merged
from pipeline.landing.certificate import Certificate, Verdict
from pipeline.landing.journal import Journal
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import (
    BrokenBody,
    LimitExceeded,
    RateLimited,
    ServerFault,
    Unreachable,
)

FAILURES_IN_A_ROW = 3
"""After so many windows lost to the network in a row, the rest is not even asked."""

PASSING = (BrokenBody, RateLimited, ServerFault, Unreachable)
"""What may be gone at the next sync; anything else stops the seller at once."""


_NOT_ASKED = "not asked: no answer to those before it"


class FilterIgnored(Exception):
    """The search does not filter by date: nothing that it says can be proven."""


class OrderReader:
    """Reads ranges of one seller's orders into one journal."""

    def __init__(
        self,
        client: MercadoLibre,
        journal: Journal,
        *,
        seller_id: int,
        workers: int,
        holdback: timedelta = timedelta(),
        progress: Progress | None = None,
        leftovers: Leftovers | None = None,
    ) -> None:
        """Set out to read one seller.

        Args:
            client: speaks in the seller's name.
            journal: where records and certificates go.
            seller_id: whose orders.
            workers: windows that are read at once.
            holdback: hours that were over for less than this when their reading began
                are read, but not vouched for.
            progress: is told what came.
            leftovers: what runs that died had landed.
        """
        self._client = client
        self._journal = journal
        self._seller_id = seller_id
        self._workers = workers
        self._holdback = holdback
        self._progress = progress or Progress()
        self._leftovers = leftovers or Leftovers()
        self._walker = Walker(
            client,
            journal,
            seller_id=seller_id,
            progress=self._progress,
            landed=self._leftovers.landed,
        )
        self.certificates: list[Certificate] = []

    @property
    def findings(self) -> Findings:
        """What the walks noticed beside the records on disk."""
        return self._walker.findings

    def prove_filter(self) -> None:
        """Ask for an hour of the year 2000: a search that filters has nothing then.

        An unknown parameter is silently ignored (mercado-libre-api.md §1.1), and then
        every window would look complete and be wrong.

        Raises:
            FilterIgnored: when the search answers with orders all the same.
        """
        hour = datetime(2000, 1, 1, tzinfo=UTC)
        page = next(
            self._client.search_orders(
                seller=self._seller_id,
                date_last_updated_from=hour,
                date_last_updated_to=hour,
                limit=1,
            )
        )
        if page.total or page.count:
            raise FilterIgnored(
                "the order search ignores order.date_last_updated: it found "
                f"{page.total} orders in the year 2000, so nothing can be proven. "
                "Check MELI_BASE_URL; if that is Mercado Libre, please report it"
            )

    def read(self, wanted: Iterable[Range]) -> None:
        """Read ranges whole: first every order, then what a seller search may hide.

        The second pass first counts whether plain search already showed every cancelled
        order (§1.6: documents and measurements differ), and reads the range by
        `order.status=cancelled` only where it did not.

        Raises:
            MercadoLibreError: what no waiting will mend: a token, a permission.
        """
        for span in wanted:
            unproven = self._leftovers.plan(CANCELLED, [span])
            check = CancelledCheck(span, datetime.now(UTC))
            is_shown = not unproven
            if merged(unproven) != [span]:
                # Some of it is proven already: what is left is read, not counted.
                check.is_possible = False
            elif not check.reaches_on:
                is_shown = self._shows_cancelled(check)
            known = self._leftovers.cancelled_within(span)
            self.findings.restart_cancelled(known if check.reaches_on else ())
            self._read_all(EVERY_ORDER, self._leftovers.plan(EVERY_ORDER, [span]))
            if not is_shown and not self._shows_cancelled(check):
                self._read_all(CANCELLED, unproven)

    def _shows_cancelled(self, check: CancelledCheck) -> bool:
        """Look at a range's first cancelled orders; certify it if that is proof."""
        if not check.is_possible:
            return False
        try:
            evidence = self._walker.glance(check.span, check.asked)
        except (*PASSING, LimitExceeded):
            check.is_possible = False
            return False
        is_shown = check.take(evidence, self.findings.cancelled_ids)
        if is_shown:
            self._certify(check.span, CANCELLED, evidence, "complete")
        return is_shown

    def _read_all(self, search_pass: str, windows: Sequence[Range]) -> None:
        """Read windows in threads; halves go first, so that it stays oldest first."""
        waiting = deque(windows)
        self._progress.count(windows_known=len(waiting))
        running: set[Future[Sequence[Range] | None]] = set()
        failures = 0
        with ThreadPoolExecutor(self._workers, "window") as pool:
            try:
                while waiting or running:
                    if failures >= FAILURES_IN_A_ROW:
                        for window in waiting:
                            self._fail(
                                window, search_pass, Evidence(window), _NOT_ASKED
                            )
                        waiting.clear()
                    while waiting and len(running) < self._workers:
                        window = waiting.popleft()
                        running.add(pool.submit(self._read_window, window, search_pass))
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for task in done:
                        halves = task.result()
                        failures = failures + 1 if halves is None else 0
                        waiting.extendleft(reversed(halves or ()))
                        self._progress.count(windows_known=len(halves or ()))
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _read_window(self, window: Range, search_pass: str) -> Sequence[Range] | None:
        """Read one window and certify it; the halves to read instead; None: failed."""
        evidence = Evidence(window)
        try:
            verdict = self._walker.read(window, search_pass, evidence)
        except PASSING as error:
            self._fail(window, search_pass, evidence, str(error))
            return None
        if verdict is None:
            self._progress.count(windows_done=1)
            return window.halves()
        reason = None if verdict == "complete" else evidence.shortfall
        self._certify(window, search_pass, evidence, verdict, reason)
        self._progress.count(windows_done=1)
        return ()

    def _fail(
        self, window: Range, search_pass: str, evidence: Evidence, reason: str
    ) -> None:
        self._certify(window, search_pass, evidence, "failed", reason)
        self._progress.count(windows_done=1)

    def _certify(
        self,
        window: Range,
        search_pass: str,
        evidence: Evidence,
        verdict: Verdict,
        reason: str | None = None,
    ) -> None:
        now = datetime.now(UTC)
        # What came while we read is not vouched for: an hour must have been over
        # before the first page, not before the last.
        closed_to = floor_hour((evidence.began_at or now) - self._holdback)
        row = Certificate(
            seller_id=self._seller_id,
            search_pass=search_pass,
            window_from=window.start,
            window_to=window.end,
            checked_at=now,
            closed_to=closed_to,
            total_before=evidence.total_before,
            total_after=evidence.total_after,
            order_count=len(evidence.ids),
            inside_count=len(evidence.inside_ids),
            duplicate_count=evidence.duplicate_count,
            page_count=evidence.page_count,
            request_count=evidence.request_count,
            run_id=self._journal.run_id,
            verdict=verdict,
            reason=reason,
        )
        self._journal.certify(row)
        with self.findings.lock:
            self.certificates.append(row)
