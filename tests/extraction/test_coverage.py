"""What certificates add up to equals a model that goes hour by hour."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction.coverage import (
    CANCELLED,
    EVERY_ORDER,
    RETENTION,
    Coverage,
    ahead,
    coverage,
    due,
    incomplete,
    premature,
    taken_back,
    verdicts,
)
from pipeline.extraction.windows import HOUR, Range, floor_hour, merged
from pipeline.landing.certificate import Certificate, Verdict
from tests.extraction.conftest import SELLER, at, certificate, span

HOLDBACK = timedelta(minutes=5)
START = at(1)
VERDICTS: tuple[Verdict, ...] = ("complete", "complete", "short", "too_wide", "failed")


@st.composite
def certificates(draw: st.DrawFn) -> list[Certificate]:
    """Certificates of two sellers over three days, some given before an hour ended."""
    rows = []
    checked_at = at(1)
    for _ in range(draw(st.integers(0, 12))):
        first = draw(st.integers(0, 71))
        length = draw(st.integers(1, 48))
        checked_at += timedelta(minutes=draw(st.integers(0, 900)))
        rows.append(
            certificate(
                Range(START + first * HOUR, START + (first + length) * HOUR),
                verdict=draw(st.sampled_from(VERDICTS)),
                search_pass=draw(st.sampled_from([EVERY_ORDER, CANCELLED])),
                checked_at=checked_at,
                holdback=HOLDBACK,
                seller_id=draw(st.sampled_from([SELLER, SELLER + 1])),
            )
        )
    return rows


def model(rows: list[Certificate], seller: int) -> tuple[set[datetime], set[datetime]]:
    """Proven and red hours, one hour after another."""
    good: dict[str, set[datetime]] = {EVERY_ORDER: set(), CANCELLED: set()}
    bad: dict[str, set[datetime]] = {EVERY_ORDER: set(), CANCELLED: set()}
    for row in rows:
        if row.seller_id != seller:
            continue
        hour = row.window_from
        while hour < row.window_to:
            if row.verdict != "complete":
                bad[row.search_pass].add(hour)
                good[row.search_pass].discard(hour)
            else:
                bad[row.search_pass].discard(hour)
                if hour + HOUR <= row.checked_at - HOLDBACK:
                    good[row.search_pass].add(hour)
            hour += HOUR
    red = bad[EVERY_ORDER] | bad[CANCELLED]
    return (good[EVERY_ORDER] & good[CANCELLED]) - red, red


def hours_of(ranges: list[Range]) -> set[datetime]:
    return {one.start + number * HOUR for one in ranges for number in range(one.hours)}


@pytest.mark.untraced
@given(certificates())
def test_coverage_is_what_an_hour_by_hour_model_says(rows: list[Certificate]) -> None:
    found = coverage(verdicts(rows))
    assert set(found) == {row.seller_id for row in rows}
    for seller, held in found.items():
        assert (hours_of(held.proven), hours_of(held.red)) == model(rows, seller)
        assert merged(held.proven) == held.proven


@pytest.mark.untraced
@given(
    certificates(),
    st.timedeltas(timedelta(), timedelta(days=400)),
    st.integers(0, 100),
)
def test_no_unproven_hour_inside_the_retention_is_ever_skipped(
    rows: list[Certificate], later: timedelta, lookback: int
) -> None:
    now = at(4) + later
    held = coverage(verdicts(rows)).get(SELLER, Coverage())
    wanted = due(held, now, timedelta(hours=lookback), HOLDBACK)
    assert merged(wanted) == wanted
    oldest, end = floor_hour(now - RETENTION) + HOUR, floor_hour(now - HOLDBACK)
    horizon = hours_of([Range(oldest, end)])
    assert hours_of(wanted) >= horizon - hours_of(held.proven)
    assert hours_of(wanted) <= horizon
    again = hours_of(wanted) & hours_of(held.proven)
    newest = held.newest()
    assert all(newest and hour >= newest - (lookback + 1) * HOUR for hour in again)


def test_a_seller_never_read_is_read_for_twelve_months() -> None:
    now = at(20, 13, 4)
    assert due(Coverage(), now, 48 * HOUR, HOLDBACK) == [
        Range(at(20, 13) - timedelta(days=365) + HOUR, at(20, 12))
    ]


def test_a_sync_reads_from_the_last_proven_hour_less_the_lookback() -> None:
    # All of the retention is proven up to the 10th; 48 hours before it are read again.
    held = Coverage(proven=[Range(at(1) - RETENTION, at(10))])
    assert due(held, at(12, 7, 30), 48 * HOUR, HOLDBACK) == [Range(at(8), at(12, 7))]


def test_a_gap_in_the_past_and_a_red_hour_are_due_with_the_newest() -> None:
    proven = [Range(at(1) - RETENTION, at(2)), Range(at(3), at(20))]
    held = Coverage(proven=proven, red=[Range(at(2), at(2, 1))])
    assert due(held, at(20, 0, 30), 2 * HOUR, HOLDBACK) == [
        span(2, 3),
        Range(at(19, 22), at(20)),
    ]


def test_a_first_sync_of_chosen_days_does_not_hide_the_months_before() -> None:
    rows = [
        certificate(span(10, 12), search_pass=one, checked_at=at(15))
        for one in (EVERY_ORDER, CANCELLED)
    ]
    held = coverage(verdicts(rows))[SELLER]
    now = at(15, 0, 30)
    assert due(held, now, HOUR, HOLDBACK)[0] == Range(at(15) - RETENTION + HOUR, at(10))


def test_the_oldest_stretch_ends_at_the_first_gap() -> None:
    held = Coverage(proven=[span(1, 3), span(5, 9)])
    assert (held.complete_until(at(1)), held.newest()) == (at(3), at(9))
    assert (Coverage().complete_until(at(1)), Coverage().newest()) == (None, None)


def test_hours_that_the_api_has_forgotten_are_no_gap() -> None:
    """Two days of long ago were asked for, beside the twelve months."""
    held = Coverage(proven=[span(1, 3), span(9, 12), span(14, 20)])
    assert held.complete_until(since=at(9)) == at(12)
    assert held.complete_until(since=at(8)) == at(3), "a day that can still be read"
    assert held.complete_until(since=at(14)) == at(20)
    assert held.complete_until(since=at(25)) == at(20), "nothing was read since"


def test_only_what_is_not_complete_is_a_reason_to_fail() -> None:
    good, red = certificate(span(1, 2)), certificate(span(2, 3), verdict="short")
    assert incomplete([good, red]) == [red]


def test_what_a_clock_three_days_ahead_certified_is_read_again() -> None:
    now = at(9, 12)
    early = [
        certificate(window, search_pass=search_pass, checked_at=at(12, 12))
        for window in (span(1, 9), span(9, 12))
        for search_pass in (EVERY_ORDER, CANCELLED)
    ]
    assert coverage(verdicts(early))[SELLER].proven == [span(1, 12)]
    assert ahead(verdicts(early), now) == {SELLER}
    found = premature(early, {SELLER}, now)
    assert found == early
    # The newest order that its run landed is of the 9th, 11:20.
    made = [
        taken_back(row, at(9, 11) + timedelta(minutes=20), at(12, 13)) for row in found
    ]
    given = [row for row in made if row is not None]
    assert [(row.window_from, row.verdict) for row in given] == [
        (at(9, 11), "revoked"),
        (at(9, 11), "revoked"),
    ]
    rows = [*early, *given]
    assert coverage(verdicts(rows))[SELLER].proven == [Range(at(1), at(9, 11))]
    # It is noticed once, and the next sync reads from there on.
    assert ahead(verdicts(rows), now) == set()
    held = coverage(verdicts(rows))[SELLER]
    assert due(held, now, timedelta(), timedelta())[-1] == Range(at(9, 11), now)


def test_a_certificate_of_a_run_that_landed_nothing_is_taken_back_whole() -> None:
    row = certificate(span(1, 2), checked_at=at(12))
    (found,) = premature([row], {SELLER}, at(1, 12))
    again = taken_back(found, None, at(12, 1))
    assert again is not None
    assert (again.window_from, again.window_to) == (at(1), at(2))


def test_clocks_that_differ_by_minutes_take_nothing_back() -> None:
    row = certificate(span(1, 2), checked_at=at(2))
    now = at(2) - timedelta(minutes=10)
    assert ahead(verdicts([row]), now) == set()
    assert premature([row], {SELLER}, now) == []
