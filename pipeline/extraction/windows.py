"""Cuts a range of time into windows that a search can page: no gap, no overlap.

A window is half-open, [start, end), in whole UTC hours, because the API cuts date
filters to the hour. Not here: whether a window was read whole (`evidence.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def floor_hour(instant: datetime) -> datetime:
    """The whole UTC hour at or before an instant."""
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def ceil_hour(instant: datetime) -> datetime:
    """The whole UTC hour at or after an instant."""
    floor = floor_hour(instant)
    return floor if floor == instant else floor + HOUR


@dataclass(frozen=True, order=True)
class Range:
    """A half-open range of time, [start, end), in UTC."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """Length in whole hours."""
        return (self.end - self.start) // HOUR

    def halves(self) -> tuple["Range", "Range"]:
        """Two windows that tile this one, cut at a whole hour, the first not shorter.

        Raises:
            ValueError: it is one hour long, and date filters are no finer.
        """
        if self.hours < 2:
            raise ValueError("a window of one hour cannot be halved")
        middle = self.start + HOUR * ((self.hours + 1) // 2)
        return Range(self.start, middle), Range(middle, self.end)

    def holds(self, instant: datetime) -> bool:
        """Whether an instant lies in the range."""
        return self.start <= instant < self.end


def whole_hours(start: datetime, end: datetime) -> Range:
    """The smallest range of whole hours around [start, end)."""
    return Range(floor_hour(start), ceil_hour(end))


def days(span: Range) -> Iterator[Range]:
    """Cut a range at each UTC midnight, oldest part first.

    A day is the widest window: the API's total of a wider one was measured to be less
    than the sum of its days.
    """
    start = span.start
    while start < span.end:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight + DAY, span.end)
        yield Range(start, end)
        start = end


def merged(ranges: Iterable[Range]) -> list[Range]:
    """The same instants as sorted ranges that neither touch nor overlap."""
    result: list[Range] = []
    for one in sorted(ranges):
        if one.start >= one.end:
            continue
        if result and one.start <= result[-1].end:
            result[-1] = Range(result[-1].start, max(result[-1].end, one.end))
        else:
            result.append(one)
    return result


def without(ranges: Iterable[Range], holes: Iterable[Range]) -> list[Range]:
    """The instants of ``ranges`` that are not in ``holes``."""
    left = merged(ranges)
    for hole in merged(holes):
        left = [
            part
            for one in left
            for part in (
                Range(one.start, min(one.end, hole.start)),
                Range(max(one.start, hole.end), one.end),
            )
            if part.start < part.end
        ]
    return left


def within(ranges: Iterable[Range], bounds: Range) -> list[Range]:
    """The parts of ``ranges`` within ``bounds``."""
    return merged(
        Range(max(one.start, bounds.start), min(one.end, bounds.end)) for one in ranges
    )


def plan(wanted: Iterable[Range]) -> list[Range]:
    """Windows of at most a UTC day that tile the wanted ranges exactly, oldest first.

    They are a first guess: a window with more orders than a search can page is halved
    (`Range.halves`), down to one hour.
    """
    return [window for one in merged(wanted) for window in days(one)]
