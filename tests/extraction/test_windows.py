"""Windows tile any range exactly, however they are cut; ranges add up like sets."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.windows import (
    HOUR,
    Range,
    ceil_hour,
    days,
    floor_hour,
    merged,
    plan,
    whole_hours,
    within,
    without,
)

START = datetime(2026, 2, 27, tzinfo=UTC)


def hour(number: int) -> datetime:
    return START + number * HOUR


@st.composite
def ranges(draw: st.DrawFn, longest: int = 60) -> Range:
    first = draw(st.integers(0, 120))
    return Range(hour(first), hour(first + draw(st.integers(0, longest))))


def hours_of(*some: Range) -> set[int]:
    """The hours of ranges, counted one by one."""
    return {
        number
        for one in some
        for number in range((one.start - START) // HOUR, (one.end - START) // HOUR)
    }


def assert_tiles(windows: list[Range], *wanted: Range) -> None:
    covered = [number for one in windows for number in sorted(hours_of(one))]
    assert covered == sorted(hours_of(*wanted))
    assert all(one.hours >= 1 for one in windows)


@given(st.lists(ranges(longest=200), max_size=4))
def test_a_plan_tiles_what_is_wanted_in_windows_of_at_most_a_utc_day(
    wanted: list[Range],
) -> None:
    windows = plan(wanted)
    assert_tiles(windows, *wanted)
    assert all(one.start.date() == (one.end - HOUR).date() for one in windows)


@given(
    ranges(longest=100),
    st.integers(1, 50),
    st.lists(st.integers(0, 220), max_size=120),
)
def test_halving_while_there_are_more_than_the_cap_tiles_any_range(
    span: Range, cap: int, orders: list[int]
) -> None:
    done, waiting = [], plan([span])
    while waiting:
        window = waiting.pop(0)
        held = sum(number in hours_of(window) for number in orders)
        if held > cap and window.hours > 1:
            waiting = [*window.halves(), *waiting]
        else:
            done.append(window)
    assert_tiles(done, span)
    assert all(
        one.hours == 1 or sum(n in hours_of(one) for n in orders) <= cap for one in done
    )


@given(st.integers(2, 60))
def test_halves_tile_a_window_and_differ_by_an_hour_at_most(length: int) -> None:
    first, second = Range(hour(0), hour(length)).halves()
    assert_tiles([first, second], Range(hour(0), hour(length)))
    assert first.hours - second.hours in (0, 1)


def test_a_window_of_an_hour_cannot_be_halved() -> None:
    with pytest.raises(ValueError, match="one hour"):
        Range(hour(0), hour(1)).halves()


@given(st.lists(ranges(), max_size=8))
def test_merged_ranges_hold_the_same_hours_and_never_touch(some: list[Range]) -> None:
    result = merged(some)
    assert hours_of(*result) == hours_of(*some)
    assert all(a.end < b.start for a, b in pairwise(result))
    assert merged(result) == result


@given(st.lists(ranges(), max_size=6), st.lists(ranges(), max_size=6))
def test_without_takes_the_hours_of_the_holes_out(
    some: list[Range], holes: list[Range]
) -> None:
    left = without(some, holes)
    assert hours_of(*left) == hours_of(*some) - hours_of(*holes)
    assert merged(left) == left
    assert merged([*left, *without(some, left)]) == merged(some)


@given(st.lists(ranges(), max_size=6), ranges())
def test_within_keeps_the_hours_inside_the_bounds(
    some: list[Range], bounds: Range
) -> None:
    kept = within(some, bounds)
    assert hours_of(*kept) == hours_of(*some) & hours_of(bounds)
    assert merged(kept) == kept


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  # zone below
    st.timedeltas(timedelta(), timedelta(days=3)),
    st.integers(-12, 14),
)
def test_whole_hours_are_the_smallest_around_a_range_in_any_zone(
    start: datetime, length: timedelta, offset: int
) -> None:
    begin = start.replace(tzinfo=timezone(timedelta(hours=offset)))
    span = whole_hours(begin, begin + length)
    assert span.start <= begin < span.start + HOUR
    assert span.end - HOUR < begin + length <= span.end
    assert span.start.tzinfo is UTC
    assert {one.minute for one in (span.start, span.end)} == {0}


def test_an_hour_begins_where_its_minutes_begin() -> None:
    moment = datetime(2026, 3, 1, 13, 0, 0, 1, tzinfo=UTC)
    assert floor_hour(moment) == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert ceil_hour(moment) == datetime(2026, 3, 1, 14, tzinfo=UTC)
    assert ceil_hour(floor_hour(moment)) == floor_hour(moment)


def test_a_range_holds_its_start_and_not_its_end() -> None:
    span = Range(hour(0), hour(2))
    assert [span.holds(hour(number)) for number in (0, 1, 2)] == [True, True, False]


def test_days_are_cut_at_utc_midnights() -> None:
    span = Range(hour(5), hour(50))
    assert list(days(span)) == [
        Range(hour(5), hour(24)),
        Range(hour(24), hour(48)),
        Range(hour(48), hour(50)),
    ]
