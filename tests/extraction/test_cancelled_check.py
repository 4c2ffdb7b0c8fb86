"""A count of cancelled orders proves that all were seen only where none can leave."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from pipeline.extraction.cancelled_check import CancelledCheck
from pipeline.extraction.evidence import Evidence, SearchPage, SeenOrder
from pipeline.extraction.windows import HOUR, Range
from tests.extraction.conftest import NOW, at, span

DAYS = span(2, 5)
JUST_AFTER = at(5) + timedelta(minutes=10)
"""When the hours of the range had hardly passed."""


def count(total: int, shown: Iterable[str]) -> Evidence:
    """The first page of order.status=cancelled: how many match, and which it shows."""
    evidence = Evidence(DAYS)
    evidence.begin()
    orders = [SeenOrder(one, at(3), is_cancelled=True) for one in shown]
    evidence.take(SearchPage(total, NOW, orders))
    evidence.request_count = 1
    return evidence


def test_all_that_fit_onto_the_page_are_seen_by_the_count_itself() -> None:
    evidence = count(2, ["1", "2"])
    assert CancelledCheck(DAYS, NOW).take(evidence, set())
    assert evidence.ids == {"1", "2"}


def test_as_many_seen_as_counted_before_and_after_are_all() -> None:
    check = CancelledCheck(DAYS, NOW)
    assert not check.take(count(3, ["1"]), set())
    after = count(3, ["1"])
    assert check.take(after, {"1", "2", "3"})
    assert (after.ids, after.request_count, after.page_count) == ({"1", "2", "3"}, 2, 2)


def test_one_that_left_does_not_make_up_for_one_that_is_hidden() -> None:
    check = CancelledCheck(DAYS, NOW)
    # Orders 1 to 3 and a hidden one; then 3 is updated, leaves the range, and the
    # three that are counted are as many as the three that were seen.
    assert not check.take(count(4, ["1"]), set())
    assert not check.take(count(3, ["1"]), {"1", "2", "3"})


def test_a_range_of_the_past_is_not_proven_by_one_count() -> None:
    check = CancelledCheck(DAYS, NOW)
    assert check.asked == DAYS
    assert not check.take(count(3, ["1"]), {"1", "2", "3"})


def test_a_range_up_to_now_is_counted_into_the_future_once() -> None:
    check = CancelledCheck(DAYS, JUST_AFTER)
    assert check.reaches_on
    assert check.asked == Range(at(2), at(6, 1))
    # Whatever was updated since, on its first page or not, is counted all the same.
    assert check.take(count(3, ["2"]), {"1", "2", "3"})


@pytest.mark.parametrize("total", [2, 4])
def test_another_number_than_was_seen_proves_nothing(total: int) -> None:
    check = CancelledCheck(DAYS, JUST_AFTER)
    assert not check.take(count(total, ["2"]), {"1", "2", "3"})


def test_a_range_reaches_to_the_present_until_two_hours_after_its_end() -> None:
    assert CancelledCheck(DAYS, at(5) + 2 * HOUR - timedelta(seconds=1)).reaches_on
    assert not CancelledCheck(DAYS, at(5) + 2 * HOUR).reaches_on
