"""What a dead run had landed is not asked for again, and proves no more than it can."""

import contextlib
import itertools
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.extraction import walk
from pipeline.extraction.coverage import (
    CANCELLED,
    EVERY_ORDER,
    shortfalls,
    verdicts,
)
from pipeline.extraction.evidence import SearchPage, SeenOrder
from pipeline.extraction.resume import LandedPages, Leftovers, leftovers
from pipeline.extraction.windows import HOUR, Range, merged, without
from pipeline.landing import earlier, journal
from pipeline.landing.earlier import LandedOrder
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import ServerFault
from pipeline.mercadolibre.page import Page
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import (
    NOW,
    SELLER,
    Desk,
    Opener,
    at,
    certificate,
    empty_world,
    hourly,
    ids_within,
    span,
)

DAYS = span(2, 5)
THE_SECOND = span(2, 3)


class Killed(BaseException):
    """The process is gone: nothing after this is written."""


class Mortal:
    """A client that dies before a certain page and remembers what was asked."""

    def __init__(self, client: MercadoLibre, lives: float) -> None:
        self._client = client
        self._left = lives
        self._lock = threading.Lock()
        self.asked: list[tuple[str, str, str | None, str]] = []

    def search_orders(self, **wanted: object) -> Iterator[Page]:
        pages = self._client.search_orders(**wanted)  # type: ignore[arg-type]  # as it came
        while True:
            with self._lock:
                self._left -= 1
                if self._left < 0:
                    raise Killed
            page = next(pages, None)
            if page is None:
                return
            asked = page.params
            question = (
                asked["order.date_last_updated.from"],
                asked["order.date_last_updated.to"],
                asked.get("order.status"),
                asked["offset"],
            )
            with self._lock:
                self.asked.append(question)
            yield page


def die(desk: Desk, lives: float, monkeypatch: pytest.MonkeyPatch) -> Mortal:
    """Read until killed; each page was on disk when the next was asked for."""
    mortal = Mortal(desk.client, lives)
    with monkeypatch.context() as patch:
        patch.setattr(journal, "FLUSH_ROWS", 1)
        if lives != float("inf"):
            # What a killed process does not do any more.
            patch.setattr(journal, "settle", lambda _landing: None)
        earlier.open_run(desk.landing, "dead")
        with contextlib.suppress(Killed):
            desk.read(DAYS, run_id="dead", client=mortal)  # type: ignore[arg-type]  # all it is asked
    return mortal


def crowded() -> World:
    """A quiet day, one that must be halved under a cap of 200, one with cancelled."""
    world = empty_world()
    hourly(world, 2, 60)
    hourly(world, 3, 450)
    hourly(world, 4, 130)
    for number, order_id in enumerate(world.order_ids(SELLER)[:120:2]):
        world.clock.now = at(4, 1) + number * timedelta(minutes=1)
        world.cancel(order_id)
    world.clock.now = NOW
    return world


@pytest.mark.untraced
@pytest.mark.parametrize("hides_cancelled", [False, True])
def test_after_a_crash_at_any_page_no_landed_page_is_asked_for_again(
    desk: Opener, monkeypatch: pytest.MonkeyPatch, *, hides_cancelled: bool
) -> None:
    habits = {"ceiling": 200, "page_limit": 51, "hides_cancelled": hides_cancelled}
    world = crowded()
    whole = desk(world, **habits)
    undisturbed = die(whole, float("inf"), monkeypatch)
    pages = len(undisturbed.asked)
    assert pages > 20
    for lives in range(0, pages, 3):
        d = desk(world, **habits)
        dead = die(d, lives, monkeypatch)
        journal.settle(d.landing)
        assert earlier.unfinished_runs(d.landing, "next") == ["dead"]
        successor = Mortal(d.client, float("inf"))
        reading = d.read(
            DAYS,
            run_id="next",
            left=d.leftovers("dead"),
            client=successor,  # type: ignore[arg-type]  # all it is asked
        )
        # The count of cancelled orders is not a page of a window: it may come again.
        again = {one for one in successor.asked if one[2] is None} & set(dead.asked)
        assert again == set(), lives
        assert reading.verdicts() <= {"complete"}
        proven = [
            Range(row.window_from, row.window_to)
            for row in earlier.certificates(d.landing)
            if row.verdict == "complete" and row.search_pass == EVERY_ORDER
        ]
        assert merged(proven) == [DAYS]
        assert sum(one.hours for one in proven) == DAYS.hours
        assert d.landed_ids() >= ids_within(d.world, [DAYS])
        assert d.landed_ids() == whole.landed_ids()


def test_orders_that_left_between_the_runs_are_noticed(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = empty_world()
    hourly(world, 2, 200)
    d = desk(world)
    die(d, 2, monkeypatch)
    journal.settle(d.landing)
    first = world.order_ids(SELLER)[0]
    world.change(first)  # it leaves: what comes next slips by one
    reading = d.read(DAYS, run_id="next", left=d.leftovers("dead"))
    assert reading.verdicts() == {"complete"}
    assert d.landed_ids() >= ids_within(world, [DAYS])


def order(
    order_id: str,
    *,
    offset: int | None = 0,
    minute: int = 0,
    window: Range = THE_SECOND,
    total: int = 4,
    search_pass: str = EVERY_ORDER,
    is_cancelled: bool = False,
) -> LandedOrder:
    return LandedOrder(
        seller_id=SELLER,
        search_pass=search_pass,
        window_from=window.start,
        window_to=window.end,
        page_offset=offset,
        page_total=total,
        order_id=order_id,
        updated_at=at(2, 5),
        is_cancelled=is_cancelled,
        fetched_at=at(10, 0, minute),
    )


def page(total: int, minute: int, *ids: str) -> SearchPage:
    return SearchPage(
        total, at(10, 0, minute), [SeenOrder(one, at(2, 5)) for one in ids]
    )


def test_pages_that_join_up_are_gone_on_from_the_first_gap() -> None:
    rows = [
        order("a"),
        order("b"),
        order("c", offset=2, minute=1),
        order("z", offset=7, minute=2),  # what lay between never landed
    ]
    left = leftovers([], rows)[SELLER]
    assert left.landed == {
        (EVERY_ORDER, span(2, 3)): LandedPages(
            [page(4, 0, "a", "b"), page(4, 1, "c")], next_offset=3
        )
    }


def test_a_page_that_lies_on_disk_twice_counts_once() -> None:
    rows = [order("a"), order("b"), order("a"), order("b")]
    left = leftovers([], rows)[SELLER]
    assert left.landed[EVERY_ORDER, span(2, 3)].next_offset == 2


def test_of_two_walks_one_is_chosen_that_goes_forward_in_time() -> None:
    # The page at 2 fetched before the first page of the other walk proves nothing.
    rows = [
        order("a", minute=5),
        order("b", minute=5),
        order("x", offset=2, minute=1),
        order("c", offset=2, minute=6),
    ]
    left = leftovers([], rows)[SELLER]
    assert left.landed[EVERY_ORDER, span(2, 3)].pages == [
        page(4, 5, "a", "b"),
        page(4, 6, "c"),
    ]
    assert leftovers([], rows[:3])[SELLER].landed[
        EVERY_ORDER, span(2, 3)
    ] == LandedPages([page(4, 5, "a", "b")], 2)


def test_pages_of_later_walks_and_without_a_beginning_are_no_start() -> None:
    rows = [order("a", offset=None), order("b", offset=51, window=span(3, 4))]
    assert leftovers([], rows)[SELLER].landed == {}


def test_cancelled_orders_of_plain_search_are_known_by_their_window() -> None:
    rows = [
        order("a", is_cancelled=True),
        order("b"),
        order("c", is_cancelled=True, search_pass=CANCELLED),
        order("d", is_cancelled=True, window=span(9, 10)),
    ]
    left = leftovers([], rows)[SELLER]
    assert list(left.cancelled_within(span(1, 5))) == ["a"]
    assert list(left.cancelled_within(Range(at(2, 1), at(5)))) == []


def test_what_dead_runs_certified_is_proven_by_pass_unless_a_later_one_was_red() -> (
    None
):
    rows = [
        certificate(span(2, 4)),
        certificate(span(2, 3), search_pass=CANCELLED),
        certificate(Range(at(2), at(2, 6)), verdict="failed"),
    ]
    assert leftovers(rows, [])[SELLER].proven == {
        EVERY_ORDER: [Range(at(2, 6), at(4))],
        CANCELLED: [span(2, 3)],
    }


def test_a_window_that_was_certified_is_never_gone_on_with() -> None:
    rows = [order("a", total=1)]
    for verdict in ("complete", "short", "too_wide"):
        ended = [certificate(THE_SECOND, verdict=verdict)]
        assert leftovers(ended, rows)[SELLER].landed == {}
    lost = [certificate(THE_SECOND, verdict="failed")]
    assert list(leftovers(lost, rows)[SELLER].landed) == [(EVERY_ORDER, THE_SECOND)]


def test_hours_that_no_later_sync_reads_again_are_read_by_the_run_that_resumes() -> (
    None
):
    # The dead run began on the 10th at 0:00 and proved the 2nd to the 9th.
    rows = [certificate(span(2, 10), checked_at=at(10))]
    pages = [order("a", window=span(9, 10)), order("b", window=span(3, 4))]
    two_days = timedelta(days=2)

    at_once = leftovers(rows, pages, lookback=two_days, now=at(10, 0, 50))[SELLER]
    assert at_once.proven[EVERY_ORDER] == [span(2, 10)]
    assert len(at_once.landed) == 2
    late = leftovers(rows, pages, lookback=two_days, now=at(20))[SELLER]
    assert late.proven[EVERY_ORDER] == [span(2, 8)]
    assert list(late.landed) == [(EVERY_ORDER, span(3, 4))]
    an_hour_later = leftovers(rows, [], lookback=two_days, now=at(10, 1))[SELLER]
    assert an_hour_later.proven[EVERY_ORDER] == [span(2, 8), Range(at(8, 1), at(10))]


def test_a_range_that_is_asked_for_again_passes_over_nothing() -> None:
    left = leftovers([certificate(span(2, 4))], [order("a", window=span(4, 5))])[SELLER]
    assert left.plan(EVERY_ORDER, [span(2, 5)]) == [span(4, 5)]
    again = left.unproven()
    assert again.plan(EVERY_ORDER, [span(2, 5)]) == [span(2, 3), span(3, 4), span(4, 5)]
    assert again.landed == left.landed


def test_an_hour_that_was_open_when_the_dead_run_read_it_is_not_proven() -> None:
    rows = [certificate(span(2, 3), checked_at=at(2, 7, 4))]
    assert leftovers(rows, [])[SELLER].proven[EVERY_ORDER] == [Range(at(2), at(2, 7))]
    late = [certificate(span(2, 3), checked_at=at(2, 7), holdback=timedelta(minutes=5))]
    held_back = leftovers(late, [])[SELLER]
    assert held_back.proven[EVERY_ORDER] == [Range(at(2), at(2, 6))]


def test_a_window_gone_on_with_has_a_certificate_of_its_own(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both readings begin with the same landed page, at the same moment.
    d = desk(crowded(), page_limit=51)
    real = d.client.search_orders

    def lost_after_a_page(**wanted: object) -> Iterator[Page]:
        yield next(real(**wanted))  # type: ignore[arg-type]  # handed on as it came
        raise ServerFault("GET /orders/search: 500")

    with monkeypatch.context() as patch:
        patch.setattr(d.client, "search_orders", lost_after_a_page)
        d.read(span(3, 4), run_id="dead")
    d.read(span(3, 4), run_id="next", left=d.leftovers("dead"))

    rows = [
        row
        for row in earlier.certificates(d.landing)
        if (row.search_pass, row.window_from) == (EVERY_ORDER, at(3))
    ]
    assert [(row.verdict, row.run_id) for row in rows] == [
        ("failed", "dead"),
        ("complete", "next"),
    ]
    assert rows[0].checked_at < rows[1].checked_at
    assert rows[0].closed_to == rows[1].closed_to
    assert shortfalls(verdicts(rows)) == []


def test_without_dead_runs_everything_is_planned_by_days() -> None:
    assert leftovers([], []) == {}
    assert Leftovers().plan(EVERY_ORDER, [span(2, 4)]) == [span(2, 3), span(3, 4)]


hours = st.integers(0, 71)


@st.composite
def windows(draw: st.DrawFn) -> Range:
    first = draw(hours)
    return Range(
        at(2) + first * HOUR, at(2) + (first + draw(st.integers(1, 30))) * HOUR
    )


@given(st.lists(windows(), max_size=6), st.lists(windows(), max_size=3), windows())
def test_a_plan_around_begun_windows_tiles_what_is_unproven(
    begun: list[Range], proven: list[Range], wanted: Range
) -> None:
    left = Leftovers(
        proven={EVERY_ORDER: merged(proven), CANCELLED: []},
        landed={(EVERY_ORDER, one): LandedPages([], 0) for one in begun},
    )
    planned = left.plan(EVERY_ORDER, [wanted])
    assert merged(planned) == without([wanted], proven)
    assert all(a.end <= b.start for a, b in itertools.pairwise(planned))
    fresh = [one for one in planned if one not in begun]
    assert all(one.start.date() == (one.end - HOUR).date() for one in fresh)


def test_journal_and_resume_agree_on_where_a_page_came_from(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = empty_world()
    hourly(world, 2, 60)
    d = desk(world)
    d.read(span(2, 3), run_id="dead")
    left = leftovers([], earlier.orders_of(d.landing, ["dead"]))[SELLER]
    landed = left.landed[EVERY_ORDER, span(2, 3)]
    assert [len(one.orders) for one in landed.pages] == [51, 9]
    assert [one.total for one in landed.pages] == [60, 60]
    assert landed.next_offset == 60
    fetched: set[datetime] = set(d.landed()["fetched_at"])
    assert {one.fetched_at for one in landed.pages} <= fetched


def test_a_window_known_to_be_too_wide_is_halved_without_being_asked_again(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "SPLIT_TOTAL", 100)
    world = empty_world()
    hourly(world, 2, 150)
    d = desk(world)
    dead = die(d, 1, monkeypatch)
    journal.settle(d.landing)
    successor = Mortal(d.client, float("inf"))
    reading = d.read(
        span(2, 3),
        run_id="next",
        left=d.leftovers("dead"),
        client=successor,  # type: ignore[arg-type]  # all it is asked
    )
    assert reading.verdicts() == {"complete"}
    assert not set(successor.asked) & set(dead.asked)
    assert len(successor.asked) == 2 * 2 + 1
