"""Whether plain search shows every cancelled order of a range, told by counting.

Documents and measurements differ on whether a seller's search hides cancellations
(mercado-libre-api.md §1.6). Not here: the second pass that reads them where it does
(`orders.py`).
"""

from collections.abc import Set as AbstractSet
from datetime import datetime

from pipeline.extraction.evidence import Evidence
from pipeline.extraction.windows import HOUR, Range, ceil_hour


class CancelledCheck:
    """Compares what order.status=cancelled counts with the cancelled orders seen.

    All that were seen are among those counted, so where they are as many, they are all.
    That holds where no order leaves the range that is counted. One that reaches to the
    present is counted on into the future: an update keeps an order in it. A range of
    the past can only lose orders, and has lost none when it counts as many as before
    plain search was read.

    Attributes:
        span: the range that the verdict speaks of.
        asked: the range to count.
        reaches_on: whether it is counted into the future.
        is_possible: whether counting can still prove anything.
    """

    def __init__(self, span: Range, now: datetime) -> None:
        self.span = span
        self.asked = span
        self.is_possible = True
        self.reaches_on = span.end + 2 * HOUR > now
        if self.reaches_on:
            # A day ahead: plain search is read before the count, and takes its time.
            self.asked = Range(span.start, max(span.end, ceil_hour(now) + 24 * HOUR))
        self._before: Evidence | None = None

    def take(self, evidence: Evidence, seen: AbstractSet[str]) -> bool:
        """Judge one count, the evidence of its first page; tells whether all are seen.

        Args:
            evidence: gets the orders seen, and the requests of the count before.
            seen: cancelled orders that plain search showed since the count before, or,
                where the range reaches on, at any time.
        """
        if evidence.has_false_total:
            self.is_possible = False
            return False
        before, self._before = self._before, evidence
        is_whole = evidence.is_whole()  # all of them fit onto the page
        evidence.ids |= seen
        if before is not None:
            evidence.request_count += before.request_count
            evidence.page_count += before.page_count
        none_left = self.reaches_on or (
            before is not None and before.total_after == evidence.total_after
        )
        return is_whole or (none_left and len(evidence.ids) == evidence.total_after)
