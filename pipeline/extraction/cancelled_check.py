"""Counts whether plain search shows every cancelled order of a range.

Documents and measurements differ on whether a seller's plain search hides cancelled
orders (docs/mercado-libre-api.md, Cancelled orders). If it shows them all, no second
pass is needed. Not here: that second pass (`orders.py`).

Worked example, a range that reaches to the present. Plain search reads 500 orders, 70
of them cancelled. Then one request for `order.status=cancelled` claims 70:

- 70 seen, 70 claimed: plain search shows them all. One request certifies the pass.
- 70 seen, 73 claimed: three are missing, unless the page of that request shows them.
  Otherwise the range is read with the filter.
- 12 claimed, and the page shows those 12: they are certified by that page alone.

A range of the past can lose orders to updates, so it is counted before plain search
too. 70 before, 70 seen, 70 after: complete. 71 before, 70 after: one left, and the
70 seen may be other orders than the 70 counted. The range is read with the filter.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime

from pipeline.extraction.evidence import Evidence
from pipeline.extraction.windows import HOUR, Range, ceil_hour


class CancelledCheck:
    """Compares the count of order.status=cancelled with the cancelled orders seen.

    The orders seen are among those counted, so if the numbers are equal, all were seen.
    This holds only if no order leaves the range in between. A range that reaches to the
    present is counted into the future, so an updated order stays in it. A range of the
    past can only lose orders; it has lost none if it counts as many after reading plain
    search as before.

    Attributes:
        span: the range to certify.
        asked: the range to count.
        reaches_on: whether the range counted ends in the future.
        is_possible: whether counting can still prove anything.
    """

    def __init__(self, span: Range, now: datetime) -> None:
        self.span = span
        self.asked = span
        self.is_possible = True
        self.reaches_on = span.end + 2 * HOUR > now
        if self.reaches_on:
            # A day ahead, because reading plain search before the count takes time.
            self.asked = Range(span.start, max(span.end, ceil_hour(now) + 24 * HOUR))
        self._before: Evidence | None = None

    def take(self, evidence: Evidence, seen: AbstractSet[str]) -> bool:
        """Judge one count by its first page; returns whether all were seen.

        Args:
            evidence: of that page. Gains the orders seen and the requests of the count
                before it.
            seen: cancelled orders that plain search showed since the count before; at
                any time, if the range reaches on.
        """
        if evidence.has_false_total:
            self.is_possible = False
            return False
        before, self._before = self._before, evidence
        is_whole = evidence.is_whole()  # all fit on one page
        evidence.ids |= seen
        if before is not None:
            evidence.request_count += before.request_count
            evidence.page_count += before.page_count
        none_left = self.reaches_on or (
            before is not None and before.total_after == evidence.total_after
        )
        return is_whole or (none_left and len(evidence.ids) == evidence.total_after)
