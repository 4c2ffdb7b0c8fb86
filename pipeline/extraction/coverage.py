"""What the certificates add up to: which hours are proven, which must be read (again).

State is derived, never kept: the certificates on disk are the only memory, so there is
nothing that could disagree with them. Pure functions; reading pages is in `orders.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.extraction.windows import (
    Range,
    floor_hour,
    merged,
    whole_hours,
    within,
    without,
)
from pipeline.landing.certificate import Certificate, Verdict

RETENTION = timedelta(days=365)
"""How far back the API answers: 12 months (mercado-libre-api.md §1.3)."""

EVERY_ORDER = "all"
CANCELLED = "cancelled"
"""The passes over a window: plain, and with `order.status=cancelled` (§1.6)."""


@dataclass
class Coverage:
    """Which hours of one seller are proven complete.

    ``proven`` holds the hours whose latest certificate of each pass says complete, as
    far as they were closed when it was given; ``red`` those whose latest says no.
    """

    proven: list[Range] = field(default_factory=list)
    red: list[Range] = field(default_factory=list)

    def complete_until(self) -> datetime | None:
        """The end of the first unbroken stretch of proven hours; None before any."""
        return self.proven[0].end if self.proven else None

    def newest(self) -> datetime | None:
        """The end of the newest proven hour."""
        return self.proven[-1].end if self.proven else None


@dataclass
class Verdicts:
    """Of one seller and one pass: which ranges the latest certificates call what."""

    good: list[Range] = field(default_factory=list)
    bad: list[Range] = field(default_factory=list)

    def note(self, row: Certificate) -> None:
        """Take a certificate into account; it speaks louder than those before it."""
        asked = Range(row.window_from, row.window_to)
        if row.verdict == "complete":
            closed = Range(asked.start, row.closed_to)
            self.good = merged([*self.good, *within([asked], closed)])
            self.bad = without(self.bad, [asked])
        else:
            self.bad = merged([*self.bad, asked])
            self.good = without(self.good, [asked])


def verdicts(certificates: Iterable[Certificate]) -> dict[int, dict[str, Verdicts]]:
    """What certificates, in the order of ``checked_at``, say by seller and pass.

    Of two certificates for an hour the later one speaks. An hour that was still open,
    or younger than the holdback, when it was read (``closed_to``) proves nothing: more
    may have come.
    """
    found: dict[int, dict[str, Verdicts]] = defaultdict(lambda: defaultdict(Verdicts))
    for row in certificates:
        found[row.seller_id][row.search_pass].note(row)
    return found


def coverage(certificates: Iterable[Certificate]) -> dict[int, Coverage]:
    """Derive each seller's coverage: proven is what both passes prove (`verdicts`)."""
    result: dict[int, Coverage] = {}
    for seller, passes in verdicts(certificates).items():
        plain, cancelled = passes[EVERY_ORDER], passes[CANCELLED]
        red = merged([*plain.bad, *cancelled.bad])
        both = without(plain.good, without(plain.good, cancelled.good))
        result[seller] = Coverage(proven=without(both, red), red=red)
    return result


def due(
    held: Coverage, now: datetime, lookback: timedelta, holdback: timedelta
) -> list[Range]:
    """The ranges that a sync without dates must read, oldest first.

    Every hour that is not proven, from as far back as the API answers to the last
    closed hour less the holdback: that is 12 months for a seller never read, and every
    gap and red hour later on. Besides that the lookback before the newest proven hour.
    """
    horizon = Range(
        floor_hour(now - RETENTION) + timedelta(hours=1), floor_hour(now - holdback)
    )
    unproven = without([horizon], held.proven)
    newest = held.newest()
    if newest is None:
        return unproven
    again = whole_hours(min(newest, horizon.end) - lookback, horizon.end)
    return merged([*unproven, *within([again], horizon)])


def incomplete(rows: Sequence[Certificate]) -> list[Certificate]:
    """Certificates of a run that leave something unproven: the reason to exit 1."""
    return [row for row in rows if row.verdict != "complete"]


@dataclass(frozen=True)
class Shortfall:
    """A part of a window whose latest certificate says that it is not complete."""

    seller_id: int
    search_pass: str
    window: Range
    verdict: Verdict
    reason: str | None


def shortfalls(certificates: Iterable[Certificate]) -> list[Shortfall]:
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
