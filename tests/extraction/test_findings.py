"""Notes of walks: which cancelled orders were seen."""

from datetime import UTC, datetime

from pipeline.extraction.evidence import SeenOrder
from pipeline.extraction.walk import Findings

SEEN = datetime(2026, 9, 1, tzinfo=UTC)


def glance(order_id: str, *, cancelled: bool = False) -> SeenOrder:
    return SeenOrder(order_id, SEEN, cancelled)


def test_only_what_a_search_without_status_shows_counts_as_shown() -> None:
    findings = Findings()
    findings.note([glance("1", cancelled=True), glance("2")], is_plain=True)
    findings.note([glance("3", cancelled=True)], is_plain=False)
    assert findings.cancelled_ids == {"1"}
    findings.restart_cancelled(["7"])
    assert findings.cancelled_ids == {"7"}
