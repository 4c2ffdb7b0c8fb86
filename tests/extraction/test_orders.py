"""Reading ranges over real HTTP: every order of them lands, or its window is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipeline.extraction.coverage import CANCELLED, EVERY_ORDER
from pipeline.extraction.orders import OrderReader
from pipeline.extraction.probe import prove_filter
from pipeline.extraction.windows import HOUR, Range, floor_hour
from pipeline.landing import earlier, journal
from pipeline.mercadolibre.client import moment
from pipeline.mercadolibre.errors import (
    CallerMismatch,
    FilterIgnored,
    PolicyRefused,
    ServerFault,
)
from pipeline.mercadolibre.page import Page
from pipeline.sandbox.world.world import World
from pipeline.sync.resources import permissions
from tests.extraction.conftest import (
    NOW,
    SEARCH,
    SELLER,
    Desk,
    Opener,
    asking,
    at,
    empty_world,
    hourly,
    ids_within,
    span,
)


def busy_world(days: int, a_day: int = 60) -> World:
    """Orders from the second of August on, evenly over each day; the first is empty."""
    world = empty_world()
    for day in range(2, 2 + days):
        hourly(world, day, a_day)
    return world


def assert_all_landed(desk: Desk, *ranges: Range) -> None:
    missing = ids_within(desk.world, ranges) - desk.landed_ids()
    assert missing == set()


def test_an_unchanging_world_costs_its_pages_and_one_request_a_range(
    desk: Opener,
) -> None:
    # 60 orders a day and those of the hour behind each: two pages a day.
    d = desk(busy_world(5))
    reading = d.read(span(2, 7))
    assert reading.verdicts() == {"complete"}
    assert d.searches == 5 * 2 + 1
    assert sum(row.request_count for row in reading.certificates) == d.searches
    assert sum(row.inside_count for row in reading.certificates) >= 300
    assert_all_landed(d, span(2, 7))


def test_the_probe_of_the_filter_costs_one_request(desk: Opener) -> None:
    d = desk(busy_world(1))
    prove_filter(d.client, SELLER)
    assert d.searches == 1


def test_a_search_that_ignores_dates_is_refused_before_anything_lands(
    desk: Opener,
) -> None:
    d = desk(busy_world(1), filters_dates=False)
    with pytest.raises(FilterIgnored, match="found 60 orders in the year 2000"):
        prove_filter(d.client, SELLER)
    assert d.landed().is_empty()


def test_one_certificate_tells_what_one_window_promised_and_what_landed(
    desk: Opener,
) -> None:
    world = empty_world()
    hourly(world, 2, 60)
    hourly(world, 3, 24)
    d = desk(world)
    before = datetime.now(UTC)
    # Of a range of the past the cancelled orders are looked at first.
    [cancelled, row] = d.read(span(2, 3)).certificates
    assert before <= row.checked_at <= datetime.now(UTC)
    assert row._replace(checked_at=NOW)._asdict() == {
        "seller_id": SELLER,
        "search_pass": EVERY_ORDER,
        "window_from": at(2),
        "window_to": at(3),
        "checked_at": NOW,
        "closed_to": floor_hour(before),
        "total_before": 62,  # at 00:00 and, as `to` is inclusive, at 01:00 of the 3rd
        "total_after": 62,
        "order_count": 62,
        "inside_count": 60,
        "duplicate_count": 0,
        "page_count": 2,
        "request_count": 2,
        "run_id": "run",
        "verdict": "complete",
        "reason": None,
    }
    assert cancelled.search_pass == CANCELLED
    assert (cancelled.verdict, cancelled.total_after) == ("complete", 0)
    assert list(earlier.certificates(d.landing)) == sorted(
        [cancelled, row], key=lambda one: one.checked_at
    )


def test_progress_ends_with_every_window_done_and_every_order_landed(
    desk: Opener,
) -> None:
    d = desk(busy_world(3))
    last = d.read(span(2, 5)).states[-1]
    assert (last.windows_done, last.windows_known) == (3, 3)
    assert last.landed == last.expected > 180


def test_no_range_is_no_request(desk: Opener) -> None:
    d = desk(empty_world())
    assert d.read(Range(at(2), at(2))).certificates == []
    assert d.searches == 0


def test_sixty_orders_a_day_under_a_cap_of_200_all_land(desk: Opener) -> None:
    d = desk(busy_world(6), ceiling=200)
    assert d.read(span(2, 8)).verdicts() == {"complete"}
    assert_all_landed(d, span(2, 8))


def test_days_that_hold_more_than_the_cap_are_halved_until_they_fit(
    desk: Opener,
) -> None:
    d = desk(busy_world(2, a_day=500), ceiling=200)
    reading = d.read(span(2, 4))
    assert reading.verdicts() == {"complete"}
    windows = [
        Range(row.window_from, row.window_to)
        for row in reading.certificates
        if row.search_pass == EVERY_ORDER
    ]
    assert max(one.hours for one in windows) < 24
    assert sum(one.hours for one in windows) == 48
    assert_all_landed(d, span(2, 4))


def test_an_hour_of_350_under_a_cap_of_200_is_read_from_both_ends(
    desk: Opener,
) -> None:
    world = busy_world(2)
    world.add_orders(SELLER, at(2, 12), 350)
    d = desk(world, ceiling=200)
    assert d.read(span(2, 4)).verdicts() == {"complete"}
    assert_all_landed(d, span(2, 4))


def test_an_hour_too_wide_for_both_ends_is_split_by_status(desk: Opener) -> None:
    world = empty_world()
    made = world.add_orders(SELLER, at(2, 12), 500)
    world.clock.now = at(2, 12, 30)
    for order_id in made[150:300]:
        world.cancel(order_id)
    for order_id in made[300:350]:
        world.refund(order_id, Decimal("0.01"))
    world.clock.now = NOW
    d = desk(world, ceiling=200)
    assert d.read(Range(at(2, 12), at(2, 13))).verdicts() == {"complete"}
    assert_all_landed(d, span(2, 3))


def test_an_hour_of_3000_under_a_cap_of_100_is_named_and_no_other_suffers(
    desk: Opener,
) -> None:
    world = busy_world(2, a_day=200)
    world.add_orders(SELLER, at(2, 12), 3000, within=timedelta(minutes=59))
    d = desk(world, ceiling=100)
    reading = d.read(span(2, 4))
    red = [row for row in reading.certificates if row.verdict != "complete"]
    # Not the hour before it, although a search for that one shows them too.
    assert [(row.window_from, row.window_to, row.verdict) for row in red] == [
        (at(2, 12), at(2, 13), "too_wide")
    ]
    assert "of 3009 claimed" in str(red[0].reason)
    others = [Range(at(2), at(2, 12)), Range(at(2, 13), at(4))]
    assert_all_landed(d, *others)


def test_a_lower_page_limit_is_learnt_from_the_refusal(desk: Opener) -> None:
    d = desk(busy_world(2), page_limit=20)
    reading = d.read(span(2, 4), workers=1)
    assert reading.verdicts() == {"complete"}
    # One refusal; 61 orders in pages of 20; 60 and the empty page that proves them.
    assert d.searches == 1 + 4 + (3 + 1) + 1
    assert_all_landed(d, span(2, 4))


def test_a_lower_page_limit_met_by_the_check_for_cancelled_is_learnt_too(
    desk: Opener,
) -> None:
    d = desk(busy_world(1), page_limit=20)
    d.read(span(2, 3), run_id="dead")
    left = d.leftovers("dead")
    left.proven[CANCELLED].clear()
    d.sandbox.log.clear()
    assert d.read(span(2, 3), left=left).verdicts(CANCELLED) == {"complete"}
    assert d.searches == 2


@pytest.mark.parametrize(
    "habits",
    [
        {},
        {"to_covers_its_hour": False},
        {"to_is_inclusive": False},
        {"to_covers_its_hour": False, "to_is_inclusive": False},
        {"truncates_to_hour": False},
        {"truncates_to_hour": False, "to_is_inclusive": False},
        {"short_pages": 0.5},
        {"page_limit": 7},
        {"swaps_ties": True},
    ],
    ids=str,
)
def test_the_same_orders_land_however_the_api_reads_dates_and_cuts_pages(
    desk: Opener, habits: dict[str, object]
) -> None:
    world = World(orders=300, now=NOW, sellers=1, days=3)
    ranges = [Range(NOW - timedelta(days=3), NOW)]
    d = desk(world, **habits)
    reading = d.read(*ranges)
    assert reading.verdicts() == reading.verdicts(CANCELLED) == {"complete"}
    inside = {
        order_id
        for order_id, updated_at in d.landed()
        .select("resource_id", "updated_at")
        .iter_rows()
        if ranges[0].holds(updated_at)
    }
    assert inside == ids_within(world, ranges)


@pytest.mark.untraced
def test_orders_that_come_twice_in_a_walk_are_counted(desk: Opener) -> None:
    d = desk(empty_world(), swaps_ties=True)
    d.world.add_orders(SELLER, at(2, 5), 120, within=timedelta())
    reading = d.read(span(2, 3))
    assert reading.verdicts() == {"complete"}
    assert sum(row.duplicate_count for row in reading.certificates) > 0
    assert_all_landed(d, span(2, 3))


def with_cancelled(count: int) -> World:
    world = busy_world(3)
    for number, order_id in enumerate(world.order_ids(SELLER)):
        if number % 3 == 0 and number < 3 * count:
            world.clock.now = at(2, 1) + timedelta(minutes=number)
            world.cancel(order_id)
    world.clock.now = NOW
    return world


@pytest.mark.parametrize(
    ("count", "requests"),
    # Up to a page of them is seen at a glance; more are counted before and after.
    [(0, 1), (20, 1), (60, 2)],
)
def test_cancelled_orders_that_plain_search_shows_cost_two_requests_a_range_at_most(
    desk: Opener, count: int, requests: int
) -> None:
    d = desk(with_cancelled(count))
    reading = d.read(span(2, 5))
    checks = [row for row in reading.certificates if row.search_pass == CANCELLED]
    assert [(row.verdict, row.total_after, row.request_count) for row in checks] == [
        ("complete", count, requests)
    ]
    assert_all_landed(d, span(2, 5))


@pytest.mark.parametrize("count", [20, 60])
def test_cancelled_orders_that_plain_search_hides_are_found_by_the_second_pass(
    desk: Opener, count: int
) -> None:
    d = desk(with_cancelled(count), hides_cancelled=True)
    reading = d.read(span(2, 5))
    assert reading.verdicts(CANCELLED) == {"complete"}
    landed = d.landed()
    by_second = landed.filter(landed["search_pass"] == CANCELLED)["resource_id"]
    assert by_second.n_unique() == count
    assert_all_landed(d, span(2, 5))


def test_as_many_cancelled_orders_as_the_known_cap_are_read_window_by_window(
    desk: Opener,
) -> None:
    # The first range teaches the cap. In the second, the page that would prove the end
    # of the count lies beyond it.
    d = desk(with_cancelled(20), ceiling=20)
    reading = d.read(span(3, 5), span(2, 3))
    assert reading.verdicts() == {"complete"}
    second = [row for row in reading.certificates if row.search_pass == CANCELLED]
    assert span(2, 3) not in [Range(row.window_from, row.window_to) for row in second]
    assert_all_landed(d, span(2, 5))


def test_a_range_up_to_now_is_counted_into_the_future(desk: Opener) -> None:
    # What was seen cancelled and touched since is still counted: it cannot leave.
    now = datetime.now(UTC)
    world = World(orders=0, now=now, sellers=1)
    first = now - timedelta(hours=30)
    made = world.add_orders(SELLER, first, 180, within=timedelta(hours=24))
    for number, order_id in enumerate(made[:60]):
        world.clock.now = first + timedelta(minutes=10 * number)
        world.cancel(order_id)
    world.clock.now = now
    d = desk(world)
    wanted = Range(
        now.replace(minute=0, second=0, microsecond=0) - 30 * HOUR,
        now.replace(minute=0, second=0, microsecond=0),
    )
    reading = d.read(wanted)
    [check] = [row for row in reading.certificates if row.search_pass == CANCELLED]
    assert (check.verdict, check.request_count) == ("complete", 1)


def test_a_check_for_cancelled_that_fails_is_no_proof(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk(busy_world(1))
    real = d.client.search_orders

    def search(**wanted: Any) -> Iterator[Page]:
        whole_range = wanted["filters"]["order.date_last_updated.to"] == moment(at(4))
        if wanted["filters"].get("order.status") == CANCELLED and whole_range:
            raise ServerFault("GET /orders/search: 500")
        return real(**wanted)

    monkeypatch.setattr(d.client, "search_orders", search)
    reading = d.read(span(2, 4))
    assert sorted(
        (row.window_from, row.window_to, row.verdict)
        for row in reading.certificates
        if row.search_pass == CANCELLED
    ) == [(at(2), at(3), "complete"), (at(3), at(4), "failed")]


def test_a_206_names_what_each_row_lacks(desk: Opener) -> None:
    d = desk(busy_world(1), rate_206=1.0, missing_fields=["buyer", "shipping"])
    reading = d.read(span(2, 3))
    rows = d.landed().filter(d.landed()["search_pass"] == EVERY_ORDER)
    lacking = {
        order_id
        for order_id, missing in rows.select(
            "resource_id", "missing_fields"
        ).iter_rows()
        if missing
    }
    assert set(rows["status"]) == {206}
    assert 0 < len(lacking) < 60
    assert set(rows["missing_fields"].explode().drop_nulls()) <= {"buyer", "shipping"}
    assert reading.verdicts() == {"complete"}


def test_without_a_network_the_rest_is_given_up_after_three_failures(
    desk: Opener,
) -> None:
    d = desk(busy_world(10), rate_dropped=1.0)
    reading = d.read(span(2, 12), workers=2)
    assert reading.verdicts() == {"failed"}
    rows = [row for row in reading.certificates if row.search_pass == EVERY_ORDER]
    assert [
        row.window_from for row in sorted(rows, key=lambda row: row.window_from)
    ] == [at(day) for day in range(2, 12)]
    given_up = [row for row in rows if str(row.reason).startswith("not asked")]
    assert len(given_up) >= 10 - 3 - 1
    # Three windows and what ran beside them, two attempts each, in either pass.
    assert d.searches <= 2 * 2 * 4 + 2


def test_a_window_that_fails_half_way_tells_what_it_had(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk(busy_world(1))
    real = d.client.search_orders

    def search(**wanted: Any) -> Iterator[Page]:
        pages = real(**wanted)
        yield next(pages)
        raise ServerFault("GET /orders/search: 500")

    monkeypatch.setattr(d.client, "search_orders", search)
    [row] = [
        one for one in d.read(span(2, 3)).certificates if one.search_pass == EVERY_ORDER
    ]
    told = (row.verdict, row.page_count, row.request_count, row.order_count, row.reason)
    assert told == ("failed", 1, 2, 51, "GET /orders/search: 500")
    assert len(d.landed_ids()) == 51


def test_an_answer_without_a_total_proves_nothing(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = desk(busy_world(1))
    monkeypatch.setattr(Page, "total", None)
    reading = d.read(span(2, 3))
    assert reading.verdicts() == {"failed"}
    assert "paging.total" in str(reading.certificates[0].reason)


def test_a_missing_permission_stops_the_seller_at_once(desk: Opener) -> None:
    d = desk(busy_world(3), policy_refuses=[SEARCH])
    with pytest.raises(PolicyRefused):
        d.read(span(2, 5))
    assert list(earlier.certificates(d.landing)) == []


def test_somebody_elses_token_stops_the_seller_at_once(desk: Opener) -> None:
    d = desk(World(orders=10, now=NOW, sellers=1))
    with journal.opened(d.landing, "run", permissions()) as pages:
        reader = OrderReader(d.client, pages, seller_id=SELLER + 9, workers=2)
        with pytest.raises(CallerMismatch):
            reader.read([span(2, 3)])


@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_broken_answers_change_nothing_of_what_lands(desk: Opener, rate: float) -> None:
    d = desk(busy_world(4))
    part = rate / 5
    for name in ("rate_429", "rate_5xx", "rate_html", "rate_dropped", "rate_truncated"):
        d.sandbox.switches.update({name: part})
    with asking(d.sandbox.url, attempts=12) as patient:
        reading = d.read(span(2, 6), client=patient)
    assert reading.verdicts() == {"complete"}
    assert_all_landed(d, span(2, 6))
