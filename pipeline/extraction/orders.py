"""Reads ranges of one seller's orders and certifies each window as complete or not.

Several threads read windows, oldest first; they halve a window that cannot be read
whole, and read its halves. Not here: walking one window (`walk.py`), and what counts as
proof (`evidence.py`).
"""

from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

from pipeline.extraction.cancelled_check import CancelledCheck
from pipeline.extraction.carts import CartReader
from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER
from pipeline.extraction.evidence import Evidence
from pipeline.extraction.progress import Progress
from pipeline.extraction.resume import Leftovers
from pipeline.extraction.walk import Findings, Walker
from pipeline.extraction.windows import Range, floor_hour, merged
from pipeline.landing.certificate import Certificate, Verdict
from pipeline.landing.journal import Journal
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import AnswerTooLarge, LimitExceeded, Passing
from pipeline.mercadolibre.global_selling import GlobalSelling

FAILED_WINDOWS_IN_A_ROW = 3
"""After so many windows without an answer, requests no more."""

CARTS_AT_ONCE = 2
"""Windows of Global Selling read at once: while one waits for the next page of carts,
the other asks for its orders."""

_TICK = timedelta(microseconds=1)

_NOT_ASKED = "not asked: no answer to those before it"


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
        after: datetime | None = None,
    ) -> None:
        """Prepare to read one seller.

        Args:
            client: authorised by the seller.
            journal: takes records and certificates.
            seller_id: whose orders.
            workers: windows read at once; of Global Selling, orders.
            holdback: hours that have been over for less than this when their reading
                begins are read, but not certified.
            progress: counts windows and orders.
            leftovers: what crashed runs landed.
            after: when the newest certificate so far was given. New ones are later,
                also on a clock that was set back, because the latest one counts.
        """
        self._client = client
        self._journal = journal
        self._seller_id = seller_id
        is_global = isinstance(client, GlobalSelling)
        # A search of carts waits for a pace of its own; more would wait in vain.
        self._workers = min(workers, CARTS_AT_ONCE) if is_global else workers
        self._holdback = holdback
        self._progress = progress or Progress()
        self._leftovers = leftovers or Leftovers()
        self._checked_at = after or datetime.min.replace(tzinfo=UTC)
        self._walker = Walker(
            client,
            journal,
            seller_id=seller_id,
            progress=self._progress,
            landed=self._leftovers.landed,
            carts=CartReader(
                client,
                journal,
                seller_id=seller_id,
                workers=workers,
                landed=self._leftovers.by_id,
            )
            if is_global
            else None,
        )
        self.certificates: list[Certificate] = []

    @property
    def findings(self) -> Findings:
        """What the walks noticed, beside the records on disk."""
        return self._walker.findings

    def read(self, wanted: Iterable[Range]) -> None:
        """Read ranges in two passes: every order, then what plain search may hide.

        The second pass counts whether plain search showed every cancelled order, and
        reads the range with `order.status=cancelled` only if it did not
        (`cancelled_check.py`).

        Raises:
            MercadoLibreError: waiting does not help: a token, a permission. A `Passing`
                error is not raised: it marks its window as failed, and the next sync
                retries it.
        """
        for span in wanted:
            unproven = self._leftovers.plan(CANCELLED, [span])
            check = CancelledCheck(span, datetime.now(UTC))
            is_shown = not unproven
            if merged(unproven) != [span]:
                # Part of the range is proven already: read the rest, do not count.
                check.is_possible = False
            elif not check.reaches_on:
                is_shown = self._shows_cancelled(check)
            known = self._leftovers.cancelled_within(span)
            self.findings.restart_cancelled(known if check.reaches_on else ())
            self._read_all(EVERY_ORDER, self._leftovers.plan(EVERY_ORDER, [span]))
            if not is_shown and not self._shows_cancelled(check):
                self._read_all(CANCELLED, unproven)

    def _shows_cancelled(self, check: CancelledCheck) -> bool:
        """Count a range's cancelled orders; certify it if the count proves that."""
        if not check.is_possible:
            return False
        try:
            evidence = self._walker.count_cancelled(check.span, check.asked)
        except (Passing, LimitExceeded):
            check.is_possible = False
            return False
        is_shown = check.take(evidence, self.findings.cancelled_ids)
        if is_shown:
            self._certify(check.span, CANCELLED, evidence, "complete")
        return is_shown

    def _read_all(self, search_pass: str, windows: Sequence[Range]) -> None:
        """Read windows in threads, oldest first; halves replace their window."""
        waiting = deque(windows)
        self._progress.count(windows_known=len(waiting))
        running: set[Future[Sequence[Range] | None]] = set()
        failures = 0
        with ThreadPoolExecutor(self._workers, "window") as pool:
            try:
                while waiting or running:
                    if failures >= FAILED_WINDOWS_IN_A_ROW:
                        for window in waiting:
                            nothing = Evidence(window)
                            self._certify(
                                window, search_pass, nothing, "failed", _NOT_ASKED
                            )
                        self._progress.count(windows_done=len(waiting))
                        waiting.clear()
                    while waiting and len(running) < self._workers:
                        window = waiting.popleft()
                        running.add(pool.submit(self._read_window, window, search_pass))
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for task in done:
                        halves = task.result()
                        failures = failures + 1 if halves is None else 0
                        waiting.extendleft(reversed(halves or ()))
                        self._progress.count(
                            windows_done=1, windows_known=len(halves or ())
                        )
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _read_window(self, window: Range, search_pass: str) -> Sequence[Range] | None:
        """Read and certify a window; returns halves to read instead, None if failed."""
        evidence = Evidence(window)
        try:
            verdict = self._walker.read(window, search_pass, evidence)
        except Passing as error:
            self._certify(window, search_pass, evidence, "failed", str(error))
            # An answer that is too large is one: the other windows are asked for.
            return () if isinstance(error, AnswerTooLarge) else None
        if verdict is None:
            return window.halves()
        reason = None if verdict == "complete" else evidence.shortfall
        self._certify(window, search_pass, evidence, verdict, reason)
        return ()

    def _certify(
        self,
        window: Range,
        search_pass: str,
        evidence: Evidence,
        verdict: Verdict,
        reason: str | None = None,
    ) -> None:
        # An hour is certified only if it was over, by the server's clock, before the
        # first page was fetched: orders may have come while we read.
        now = datetime.now(UTC)
        closed_to = floor_hour((evidence.began_at or now) - self._holdback)
        with self.findings.lock:
            self._checked_at = checked_at = max(now, self._checked_at + _TICK)
        row = Certificate(
            seller_id=self._seller_id,
            search_pass=search_pass,
            window_from=window.start,
            window_to=window.end,
            checked_at=checked_at,
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
