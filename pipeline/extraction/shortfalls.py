"""Which windows stand unproven now, by name and with their reason.

Not here: the ranges that the next sync reads because of them (`coverage.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.extraction.windows import Range, without
from pipeline.landing.window import Verdict, WindowRow


@dataclass(frozen=True)
class Shortfall:
    """A part of a window whose latest certificate says that it is not complete."""

    seller_id: int
    search_pass: str
    window: Range
    verdict: Verdict
    reason: str | None


def shortfalls(certificates: Iterable[WindowRow]) -> list[Shortfall]:
    """What is red, by seller, pass and time.

    Certificates come in the order of ``checked_at``. Of two certificates for an hour
    the later one speaks, so that a window read again in part is red for the rest only.
    """
    standing: dict[tuple[int, str], list[Shortfall]] = {}
    for row in certificates:
        key = (row.seller_id, row.search_pass)
        asked = Range(row.window_from, row.window_to)
        left = [
            replace(one, window=part)
            for one in standing.get(key, [])
            for part in without([one.window], [asked])
        ]
        if row.verdict != "complete":
            left.append(Shortfall(*key, asked, row.verdict, row.reason))
        standing[key] = left
    return [
        one
        for key in sorted(standing)
        for one in sorted(standing[key], key=lambda shortfall: shortfall.window)
    ]
