"""A window is certified only if no order can be missing, even while orders move.

A server in memory pages over orders that come, leave, change places and lie.
"""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extraction.evidence import LAG, Evidence, SearchPage, SeenOrder
from pipeline.extraction.windows import HOUR, Range
from tests.extraction.conftest import at

WINDOW = Range(at(10, 10), at(10, 12))
NOON = at(10, 12)
LATER = at(10, 18)  # long after the window and the hour behind it
ROWS = 3


@dataclass
class Order:
    """What the server knows of one order."""

    order_id: str
    place: int
    stamp: datetime
    status: str = "paid"


@dataclass
class Server:
    """Searches the window as the API does; things happen after each page."""

    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # no secret
    covers_hour: bool = True
    hides_cancelled: bool = False
    skew: timedelta = timedelta()
    swaps: bool = False
    lie: int = 0
    overlap: int = 0
    orders: list[Order] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)

    def add(
        self, stamp: datetime, place: int | None = None, status: str = "paid"
    ) -> str:
        order_id = str(len(self.orders))
        where = self.chance.randrange(9) if place is None else place
        self.orders.append(Order(order_id, where, stamp, status))
        return order_id

    def matching(self) -> list[Order]:
        end = WINDOW.end + (HOUR if self.covers_hour else timedelta())
        found = [
            order
            for order in self.orders
            if WINDOW.start <= order.stamp <= end
            and not (self.hides_cancelled and order.status == "cancelled")
        ]
        if self.swaps:
            self.chance.shuffle(found)
        return sorted(found, key=lambda order: order.place)

    def page(self, offset: int) -> SearchPage:
        found = self.matching()
        start = max(offset - self.overlap, 0)
        rows = found[start : start + ROWS]
        self.now += timedelta(seconds=1)
        page = SearchPage(
            max(len(found) + self.lie, 0),
            self.now + self.skew,
            [SeenOrder(o.order_id, o.stamp, o.status == "cancelled") for o in rows],
        )
        self.now += timedelta(seconds=1)
        for fate in self.fates[:2]:
            self.happen(fate)
        self.fates = self.fates[2:]
        return page

    def happen(self, fate: str) -> None:
        """Let something happen now: to an order that matches, or to none yet."""
        found = self.matching()
        if fate == "enters":
            self.add(self.now)
        elif fate == "waits":
            self.now += timedelta(minutes=20)
        elif found and fate in ("touched", "cancelled", "moved"):
            order = self.chance.choice(found)
            order.stamp = self.now
            if fate == "cancelled":
                order.status = "cancelled"
            elif fate == "moved":
                order.place = self.chance.randrange(9)


def walk(server: Server, evidence: Evidence) -> None:
    """One walk, as `walk.py` goes: on by what came, to the total or an empty page."""
    evidence.begin()
    offset = 0
    for _ in range(60):
        page = server.page(offset)
        evidence.take(page)
        offset += len(page.orders)
        if evidence.is_at_end():
            return


def vouched(server: Server, evidence: Evidence) -> set[str]:
    """What a complete window promises: all that lies in its hours over by the start."""
    assert evidence.began_at
    end = min(WINDOW.end, evidence.began_at - 2 * LAG)
    return {
        order.order_id
        for order in server.orders
        if WINDOW.start <= order.stamp < end
        and not (server.hides_cancelled and order.status == "cancelled")
    }


FATES = st.sampled_from(["touched", "enters", "cancelled", "moved", "waits", "nothing"])


@pytest.mark.untraced
@settings(max_examples=600, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    minutes=st.sampled_from([-65, -10, -1, 1, 6, 40, 57, 59, 61, 70, 400]),
    count=st.integers(0, 14),
    covers_hour=st.booleans(),
    hides_cancelled=st.booleans(),
    swaps=st.booleans(),
    skew=st.sampled_from([-60, 0, 60]),
    fates=st.lists(FATES, max_size=24),
    walks=st.integers(1, 4),
)
def test_nothing_is_missing_from_a_window_that_counts_as_whole(
    *,
    seed: int,
    minutes: int,
    count: int,
    covers_hour: bool,
    hides_cancelled: bool,
    swaps: bool,
    skew: int,
    fates: list[str],
    walks: int,
) -> None:
    server = Server(
        now=NOON + timedelta(minutes=minutes),
        chance=random.Random(seed),  # no secret
        covers_hour=covers_hour,
        hides_cancelled=hides_cancelled,
        swaps=swaps,
        skew=timedelta(seconds=skew),
    )
    latest = min(server.now, NOON + HOUR)
    for _ in range(count):
        share = server.chance.random()
        stamp = WINDOW.start + share * (latest - WINDOW.start)
        server.add(stamp, status=server.chance.choice(["paid", "paid", "cancelled"]))
    server.fates = fates
    evidence = Evidence(WINDOW)
    for _ in range(walks):
        walk(server, evidence)
        if evidence.is_whole():
            assert evidence.ids >= vouched(server, evidence)
            break


def still(
    count: int, *, now: datetime = LATER, lie: int = 0, overlap: int = 0
) -> Server:
    """A server with orders in the window of which one is cancelled; nothing moves."""
    server = Server(now=now, lie=lie, overlap=overlap)
    for number in range(count):
        status = "cancelled" if number == 1 else "paid"
        server.add(WINDOW.start + number * timedelta(minutes=1), number, status)
    return server


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 9])
def test_an_unchanging_window_is_whole_after_as_many_requests_as_pages(
    count: int,
) -> None:
    evidence = Evidence(WINDOW)
    walk(still(count), evidence)
    assert evidence.is_whole()
    assert evidence.page_count == max(1, -(-count // ROWS))
    assert (evidence.total_before, evidence.total_after) == (count, count)
    assert len(evidence.ids) == len(evidence.inside_ids) == count


def test_an_order_that_leaves_and_one_that_enters_do_not_hide_a_third() -> None:
    # Window over, the hour behind it open: 0 leaves it by an update after 13:00 while
    # another enters: the total stays 7, seven ids are seen, and order 3 never.
    server = still(7, now=NOON + timedelta(minutes=58))
    evidence = Evidence(WINDOW)
    evidence.begin()
    evidence.take(server.page(0))
    server.orders[0].stamp = NOON + timedelta(minutes=61)
    server.add(server.now, place=20)
    evidence.take(server.page(3))
    evidence.take(server.page(6))
    assert [page.total for page in evidence.walks[0]] == [7, 7, 7]
    assert evidence.ids == {"0", "1", "2", "4", "5", "6", "7"}
    assert not evidence.is_whole()
    walk(server, evidence)
    assert "3" in evidence.ids
    assert evidence.is_whole()


def test_orders_that_leave_while_we_page_are_made_up_for_by_another_walk() -> None:
    server = still(9)
    evidence = Evidence(WINDOW)
    evidence.begin()
    evidence.take(server.page(0))
    server.orders[0].stamp = LATER  # order 3 slips to the place where we were
    evidence.take(server.page(3))
    evidence.take(server.page(6))
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.ids == {str(number) for number in range(9)}
    assert evidence.is_whole()


def test_an_order_seen_that_left_is_proof_all_the_same() -> None:
    # The last of all leaves after we saw it: nothing shifts past our eyes.
    server = still(5)
    evidence = Evidence(WINDOW)
    evidence.begin()
    evidence.take(server.page(0))
    evidence.take(server.page(3))
    server.orders[4].stamp = LATER
    assert evidence.is_whole()


def test_ties_that_change_places_at_a_page_edge_are_noticed_by_counting() -> None:
    evidence = Evidence(WINDOW)
    evidence.begin()
    orders = [SeenOrder(str(number), WINDOW.start) for number in range(4)]
    evidence.take(SearchPage(4, LATER, [orders[0], orders[1], orders[2]]))
    evidence.take(SearchPage(4, LATER, [orders[2]]))
    assert not evidence.is_whole()
    assert evidence.duplicate_count == 1
    assert evidence.shortfall == (
        "distinct orders: 3 of 4 claimed (first claimed 4), readings: 1"
    )
    # Seen in any walk is seen: the next one brings the fourth and swaps another away.
    evidence.begin()
    evidence.take(SearchPage(4, LATER, [orders[0], orders[1], orders[3]]))
    evidence.take(SearchPage(4, LATER, [orders[0]]))
    assert evidence.is_whole()
    assert evidence.duplicate_count == 2


def test_a_busy_seller_is_proven_in_one_walk_while_orders_can_only_come() -> None:
    # 12:40: orders of this very minute are in the hour behind the window.
    server = still(5, now=NOON + timedelta(minutes=40))
    for _ in range(3):
        server.add(server.now)
    server.fates = ["enters"]
    evidence = Evidence(WINDOW)
    walk(server, evidence)
    assert evidence.is_whole()


def test_fresh_orders_near_the_end_of_that_hour_take_a_second_walk() -> None:
    server = still(5, now=NOON + timedelta(minutes=59))
    server.add(server.now, place=30)
    evidence = Evidence(WINDOW)
    walk(server, evidence)
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.is_whole()


def test_orders_that_the_search_shows_late_are_read_by_a_second_walk() -> None:
    evidence = Evidence(WINDOW)
    server = still(7)
    evidence.begin()
    evidence.take(server.page(0))
    late = server.add(WINDOW.start, place=-1)
    for offset in (3, 6):
        evidence.take(server.page(offset))
    assert evidence.is_at_end()
    assert (evidence.total_before, evidence.total_after) == (7, 8)
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.is_whole()
    assert late in evidence.ids


def test_orders_that_enter_an_hour_that_is_not_over_need_no_second_walk() -> None:
    evidence = Evidence(WINDOW)
    server = still(7, now=NOON - timedelta(minutes=10))
    evidence.begin()
    evidence.take(server.page(0))
    server.happen("enters")
    evidence.take(server.page(3))
    evidence.take(server.page(6))
    assert evidence.is_whole()


def test_a_total_that_claims_too_many_stays_short() -> None:
    evidence = Evidence(WINDOW)
    server = still(4, lie=2)
    for _ in range(6):
        walk(server, evidence)
    assert not evidence.is_whole()
    assert evidence.ids == {"0", "1", "2", "3"}


def test_a_total_that_claims_too_few_is_read_to_an_empty_page_twice() -> None:
    evidence = Evidence(WINDOW)
    server = still(8, lie=-3)
    walk(server, evidence)
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.is_whole()
    assert evidence.page_count == 8  # 3 + 3 + 2 + an empty one, twice
    assert len(evidence.ids) == 8


def test_two_readings_that_differ_prove_nothing_under_a_false_total() -> None:
    evidence = Evidence(WINDOW)
    server = still(8, lie=-3)
    walk(server, evidence)
    server.add(WINDOW.start)
    walk(server, evidence)
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.is_whole()


def test_pages_that_overlap_hold_each_order_once() -> None:
    evidence = Evidence(WINDOW)
    server = still(5, overlap=1)
    walk(server, evidence)
    assert not evidence.is_whole()
    walk(server, evidence)
    assert evidence.is_whole()
    assert evidence.ids == {"0", "1", "2", "3", "4"}
    assert evidence.duplicate_count == 2  # the third order, in each walk


def test_pages_that_overlap_do_not_make_up_for_a_missing_order() -> None:
    evidence = Evidence(WINDOW)
    server = still(5, overlap=1, lie=1)
    for _ in range(6):
        walk(server, evidence)
    assert not evidence.is_whole()


def test_pages_that_overlap_prove_no_total_that_is_too_low() -> None:
    evidence = Evidence(WINDOW)
    server = still(5, overlap=1, lie=-1)
    for _ in range(6):
        walk(server, evidence)
    assert not evidence.is_whole()


def test_parts_by_status_fill_what_a_walk_could_not_reach() -> None:
    whole = Evidence(WINDOW)
    whole.begin()
    whole.take(SearchPage(3, LATER, [SeenOrder("0", WINDOW.start, is_cancelled=True)]))
    part = Evidence(WINDOW)
    part.request_count = 1
    part.begin()
    part.take(SearchPage(2, LATER, [SeenOrder(str(n), WINDOW.start) for n in (1, 2)]))
    whole.include(part)
    assert whole.is_whole()
    assert (whole.ids, whole.page_count, whole.request_count) == (
        {"0", "1", "2"},
        2,
        1,
    )


def test_hidden_cancelled_orders_do_not_make_up_for_missing_others() -> None:
    # Plain search counts 2 and hides what is cancelled: the third is not among the 2.
    whole = Evidence(WINDOW)
    whole.begin()
    whole.take(SearchPage(2, LATER, [SeenOrder("0", WINDOW.start)]))
    part = Evidence(WINDOW)
    part.begin()
    part.take(SearchPage(1, LATER, [SeenOrder("9", WINDOW.start, is_cancelled=True)]))
    whole.include(part)
    assert not whole.is_whole()
    assert whole.ids == {"0", "9"}


def test_nothing_read_is_nothing_proven() -> None:
    evidence = Evidence(WINDOW)
    assert not evidence.is_whole()
    evidence.begin()
    assert not evidence.is_whole()
    assert (evidence.began_at, evidence.total_before, evidence.total_after) == (
        None,
        None,
        None,
    )


def test_an_order_behind_the_window_is_landed_but_not_inside() -> None:
    evidence = Evidence(WINDOW)
    evidence.begin()
    new = evidence.take(
        SearchPage(
            3,
            LATER,
            [SeenOrder("1", WINDOW.start), SeenOrder("2", NOON), SeenOrder("3", None)],
        )
    )
    assert new == 3
    assert (evidence.ids, evidence.inside_ids) == ({"1", "2", "3"}, {"1"})


def test_totals_that_fall_prove_a_clock_wrong_that_says_none_can_leave() -> None:
    # Our clock says 12:40, the server's at 18:00: orders do leave the window.
    server = still(7, now=LATER)
    server.skew = NOON + timedelta(minutes=40) - LATER
    server.add(NOON + timedelta(minutes=50), place=30)
    evidence = Evidence(WINDOW)
    evidence.begin()
    evidence.take(server.page(0))
    server.orders[0].stamp = LATER
    server.add(NOON + timedelta(minutes=51), place=40)
    server.orders[4].stamp = LATER
    for offset in (3, 6):
        evidence.take(server.page(offset))
    assert evidence.is_at_end()
    assert len(evidence.ids) == evidence.total_after == 7
    assert not evidence.is_whole()
