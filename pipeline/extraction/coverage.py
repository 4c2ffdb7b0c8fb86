"""What the certificates add up to: which hours are proven, which must be read (again).

Coverage is derived: the certificates on disk are the only memory, so nothing can
disagree with them. Pure functions; `certified.py` reads the certificates.

Worked example, one seller, lookback 2 hours, holdback 5 minutes. Certificates of both
passes, in the order given:

    1. 00:00 to 10:00 complete, closed_to 09:00 (read at 09:40, so 09:00 was still open)
    2. 04:00 to 05:00 short, 59 of 60
    3. 04:00 to 05:00 complete, but only in the plain pass

After 1, 00:00 to 09:00 is proven. After 2, 04:00 to 05:00 is red and no longer proven:
a later certificate overrides earlier ones for its hours. After 3 it is still red, since
the cancelled pass has not been read again. A sync at 12:10 then reads 04:00 to 05:00
(red) and 07:00 to 12:00: the lookback before 09:00, where the newest proven hour ends,
and all that closed since. Of the time before 00:00 it reads what the API still has.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from pipeline.extraction.windows import (
    HOUR,
    Range,
    floor_hour,
    merged,
    whole_hours,
    within,
    without,
)
from pipeline.landing.certificate import Certificate, Verdict, revoked
from pipeline.landing.manifest import Served

RETENTION = timedelta(days=365)
"""How far back the API answers: 12 months (docs/mercado-libre-api.md, Search)."""

EVERY_ORDER = "all"
CANCELLED = "cancelled"
"""The two passes over a window: plain, and with `order.status=cancelled`, because plain
search may hide cancelled orders (docs/mercado-libre-api.md, Cancelled orders)."""


@dataclass
class Coverage:
    """Which hours of one seller are proven complete.

    Attributes:
        proven: hours that were closed when their latest certificates were given, and
            that both passes call complete.
        red: hours whose latest certificate of a pass says anything else.
    """

    proven: list[Range] = field(default_factory=list)
    red: list[Range] = field(default_factory=list)

    def complete_until(self, since: datetime) -> datetime | None:
        """The end of the first unbroken stretch of proven hours; None without any.

        What lies before `since`, when the API's memory begins, breaks nothing: no sync
        can read it. Example: two days of 2020 were asked for, and the last 12 months
        are proven up to 09:00. It is complete until 09:00, as without the two days.
        """
        until = None
        for stretch in self.proven:
            if until is None or stretch.start <= since:
                until = stretch.end
        return until

    def newest(self) -> datetime | None:
        """The end of the newest proven hour; None without any."""
        return self.proven[-1].end if self.proven else None


@dataclass(frozen=True)
class Shortfall:
    """A part of a window whose latest certificate does not say complete."""

    seller_id: int
    search_pass: str
    window: Range
    verdict: Verdict
    reason: str | None


@dataclass(frozen=True)
class Verdicts:
    """What the latest certificates of one seller and one pass say, by range."""

    good: Sequence[Range] = ()
    bad: Sequence[Shortfall] = ()

    def noting(self, row: Certificate) -> "Verdicts":
        """These and a later certificate, which overrides them for its hours."""
        asked = Range(row.window_from, row.window_to)
        bad = [
            replace(one, window=part)
            for one in self.bad
            for part in without([one.window], [asked])
        ]
        if row.verdict == "complete":
            closed = Range(asked.start, row.closed_to)
            return Verdicts(merged([*self.good, *within([asked], closed)]), bad)
        key = (row.seller_id, row.search_pass)
        red = Shortfall(*key, asked, row.verdict, row.reason)
        return Verdicts(without(self.good, [asked]), [*bad, red])


Said: TypeAlias = Mapping[int, Mapping[str, Verdicts]]
"""What certificates say, by seller and pass."""


def verdicts(
    certificates: Iterable[Certificate], before: Said | None = None
) -> dict[int, dict[str, Verdicts]]:
    """What certificates, in the order of ``checked_at``, say by seller and pass.

    Of two certificates for an hour the later one counts. An hour from ``closed_to`` on
    proves nothing: it was open, or younger than the holdback, when it was read, so more
    orders may have come. ``before`` is what earlier ones say.
    """
    found = {seller: dict(passes) for seller, passes in (before or {}).items()}
    for row in certificates:
        passes = found.setdefault(row.seller_id, {})
        known = passes.get(row.search_pass, Verdicts())
        passes[row.search_pass] = known.noting(row)
    return found


def coverage(said: Said) -> dict[int, Coverage]:
    """Derive each seller's coverage: an hour is proven if both passes prove it."""
    result: dict[int, Coverage] = {}
    for seller, passes in said.items():
        plain = passes.get(EVERY_ORDER, Verdicts())
        cancelled = passes.get(CANCELLED, Verdicts())
        red = merged(one.window for one in (*plain.bad, *cancelled.bad))
        both = without(plain.good, without(plain.good, cancelled.good))
        result[seller] = Coverage(proven=without(both, red), red=red)
    return result


def due(
    held: Coverage, now: datetime, lookback: timedelta, holdback: timedelta
) -> list[Range]:
    """The ranges that a sync without dates must read, oldest first.

    These are all hours not proven, from `RETENTION` ago to the last hour that has been
    closed for the holdback: 12 months for a seller never read, later every gap and red
    hour. They also include the lookback before the newest proven hour.
    """
    horizon = due_horizon(now, holdback)
    unproven = without([horizon], held.proven)
    newest = held.newest()
    if newest is None:
        return unproven
    again = whole_hours(min(newest, horizon.end) - lookback, horizon.end)
    return merged([*unproven, *within([again], horizon)])


CLOCKS_DIFFER = timedelta(minutes=10)
"""How far from the server's clock ours may be in a sync (`reachability.py`)."""


def ahead(said: Said, now: datetime) -> set[int]:
    """Sellers whose certificates vouch for hours to come: a wrong clock gave them.

    Once the machine's clock said which hours are over, not the server's.
    """
    return {
        seller
        for seller, passes in said.items()
        for kept in passes.values()
        if any(one.end > now + CLOCKS_DIFFER for one in kept.good)
    }


def premature(
    certificates: Iterable[Certificate], sellers: Collection[int], now: datetime
) -> list[Certificate]:
    """The certificates by which these sellers are `ahead`."""
    return [
        row
        for row in certificates
        if row.seller_id in sellers
        and row.verdict == "complete"
        and row.closed_to > now + CLOCKS_DIFFER
    ]


def taken_back(
    row: Certificate, read_until: datetime | None, checked_at: datetime
) -> Certificate | None:
    """A certificate that takes back what one given by a wrong clock cannot know.

    Example: with a clock three days ahead, a run certified the 1st to the 12th. The
    newest update that it landed is of the 9th, 11:20, by the server's clock: it ran
    then or later. The hours from the 9th, 11:00, are read again.

    Args:
        row: the certificate.
        read_until: the newest update among the orders that its run landed; None
            without one, which takes everything back.
        checked_at: later than that of any certificate so far.
    """
    start = row.window_from
    if read_until is not None:
        start = max(start, floor_hour(read_until))
    if start >= row.window_to:
        return None
    return revoked(
        Served(row.seller_id, row.search_pass, start, row.window_to, row.run_id),
        closed_to=start,
        checked_at=checked_at,
        reason="certified by a clock that was ahead; the next sync reads it again",
    )


def remembered_since(now: datetime) -> datetime:
    """The first whole hour that the API still answers for."""
    return floor_hour(now - RETENTION) + HOUR


def due_horizon(now: datetime, holdback: timedelta) -> Range:
    """The hours that the API still answers for and that are closed for the holdback."""
    return Range(remembered_since(now), floor_hour(now - holdback))


def incomplete(rows: Sequence[Certificate]) -> list[Certificate]:
    """The certificates of a run that leave a window unproven: a reason to exit 1."""
    return [row for row in rows if row.verdict != "complete"]


def shortfalls(said: Said) -> list[Shortfall]:
    """All red ranges, by seller, pass and time.

    A window read again in part is red for the rest only. One that the API has forgotten
    stays red: what it lacked is lacking.
    """
    return [
        one
        for _, passes in sorted(said.items())
        for _, ranges in sorted(passes.items())
        for one in sorted(ranges.bad, key=lambda shortfall: shortfall.window)
    ]
