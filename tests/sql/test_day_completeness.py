"""A day that is called complete misses no order, whatever was read when.

Orders are closed, updated and read in a world of hours, at random; the mart is told
only which windows were read, and must not promise more than those readings showed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.warehouse import build
from pipeline.warehouse.files import table

START = datetime(2026, 2, 1, tzinfo=UTC)
DAYS = 12
HOURS = 24 * DAYS
MART = table("marts.day_completeness")
MARTS = (table("marts.hour_completeness"), MART)


@dataclass(frozen=True)
class Order:
    """An order by the hours in which it was updated; the first one closed it."""

    updates: tuple[int, ...]

    def place(self, hour: int) -> int | None:
        """The hour of its last update as a search at the beginning of an hour sees."""
        return max((one for one in self.updates if one < hour), default=None)


@dataclass(frozen=True)
class Reading:
    """Hours [first, end), read at the beginning of an hour, in both passes."""

    first: int
    end: int
    at: int
    verdict: str = "complete"
    passes: tuple[str, ...] = ("all", "cancelled")

    def shows(self, order: Order) -> bool:
        place = order.place(self.at)
        return place is not None and self.first <= place < min(self.end, self.at)


EVERY_ORDER = [
    Order(tuple(sorted({closed, closed + first, closed + first + second})))
    for closed in range(2, HOURS, 7)
    for first in range(0, HOURS - closed, 9)
    for second in range(0, HOURS - closed - first, 31)
]
"""Orders that are updated up to twice after they closed, a little apart."""


@st.composite
def readings(draw: st.DrawFn) -> list[Reading]:
    """Syncs one after the other: each reads a stretch in parts, some of which fail."""
    found = []
    at = 0
    for _ in range(draw(st.integers(1, 5))):
        at = min(at + draw(st.integers(1, 120)), HOURS)
        # What a sync reads by itself reaches to the present; a person may ask for less.
        first = draw(st.sampled_from([0, 0, max(0, at - 48), draw(st.integers(0, at))]))
        end = draw(
            st.sampled_from([at, at, at, at + 24, draw(st.integers(0, at + 24))])
        )
        while first < end:
            cut = min(end, first + draw(st.integers(6, 72)))
            verdict = draw(st.sampled_from(["complete"] * 7 + ["short"]))
            passes = draw(st.sampled_from([("all", "cancelled")] * 7 + [("all",)]))
            found.append(Reading(first, cut, at, verdict, passes))
            first = cut
    return found


@pytest.fixture(scope="module")
def laid(scene: Any) -> Iterator[Any]:
    with scene() as one:
        one.given("core.orders", [{"order_id": 1, "sold_date": START.date()}])
        one.built("marts.orders")
        yield one


def completed(laid: Any, found: list[Reading]) -> set[int]:
    """The days, by number, that the mart calls complete after these readings."""

    def instant(hour: int) -> datetime:
        return START + timedelta(hours=hour)

    laid.connection.execute("delete from ops.windows")
    laid.given(
        "ops.windows",
        [
            {
                "seller_id": 700100200,
                "pass": one,
                "window_from": instant(reading.first),
                "window_to": instant(reading.end),
                "checked_at": instant(reading.at) + timedelta(seconds=number),
                "closed_to": instant(reading.at),
                "verdict": reading.verdict,
            }
            for number, reading in enumerate(found)
            for one in reading.passes
        ],
    )
    for mart in MARTS:
        build.build(laid.connection, mart)
    rows = laid.rows(MART.qualified, ["calendar_date", "is_complete"])
    return {
        (datetime.fromisoformat(row["calendar_date"]) - START.replace(tzinfo=None)).days
        for row in rows
        if row["is_complete"] == "true"
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=readings())
def test_a_complete_day_misses_no_order(laid: Any, found: list[Reading]) -> None:
    complete = completed(laid, found)
    now = max((one.at for one in found), default=0)
    proofs = [one for one in found if one.verdict == "complete"]
    for order in EVERY_ORDER:
        place = order.place(now)
        if order.updates[0] // 24 in complete and place is not None:
            assert any(one.shows(order) for one in proofs), order


def test_a_year_read_whole_in_one_go_is_complete_but_for_the_running_day(
    laid: Any,
) -> None:
    # At 10:00 of the 12th: until 08:00 of it all that closed on the 11th is there.
    at = 11 * 24 + 10
    assert completed(laid, [Reading(0, at, at)]) == set(range(11))


def test_a_red_hour_leaves_the_days_before_it_unproven_too(laid: Any) -> None:
    # What closed on the 1st and was updated on the 6th at 05:00 is not there.
    at = 11 * 24
    whole = [Reading(0, 125, at), Reading(125, 126, at, "short"), Reading(126, at, at)]
    assert completed(laid, whole) == {6, 7, 8, 9}


def test_what_was_proven_before_stays_proven_when_a_later_hour_is_red(
    laid: Any,
) -> None:
    # Days 1 to 4 were read when nothing could have moved on beyond what was read.
    read = [
        Reading(0, 120, 120),
        Reading(120, 125, 240),
        Reading(125, 126, 240, "too_wide"),
        Reading(126, 240, 240),
    ]
    assert completed(laid, read) == {0, 1, 2, 3, 6, 7, 8}


def test_hours_that_were_not_over_when_they_were_read_prove_nothing(laid: Any) -> None:
    assert completed(laid, [Reading(0, 72, 34)]) == {0}


def test_one_pass_alone_proves_nothing(laid: Any) -> None:
    at = 120
    assert completed(laid, [Reading(0, at, at, passes=("all",))]) == set()
    healed = [Reading(0, at, at, passes=("all",)), Reading(0, at, at)]
    assert completed(laid, healed) == {0, 1, 2, 3}


def test_a_range_of_the_past_is_complete_once_what_came_after_it_is_read(
    laid: Any,
) -> None:
    # What closed on day 1 and was updated on day 5 shows in day 5 alone.
    assert completed(laid, [Reading(24, 80, 240)]) == set()
    assert completed(laid, [Reading(24, 80, 240), Reading(80, 240, 240)]) == {
        *range(1, 9)
    }
    assert completed(laid, [Reading(24, 80, 80)]) == {1, 2}


def test_a_range_read_again_later_does_not_undo_what_was_proven(laid: Any) -> None:
    read = [Reading(0, 120, 120), Reading(24, 48, 240)]
    assert completed(laid, read) == {0, 1, 2, 3}
