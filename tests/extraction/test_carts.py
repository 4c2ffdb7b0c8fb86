"""Global Selling: carts are counted, their orders read, and both are proven."""

from datetime import timedelta

import pytest

from pipeline.extraction.coverage import CANCELLED
from pipeline.landing import journal
from pipeline.mercadolibre.global_selling import GlobalSelling
from pipeline.mercadolibre.page import Page
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import NOW, Desk, Opener, at, ids_within, span

SELLER = 700_100_299
ORDER = "/marketplace/orders/{id}"
SEARCH = "/marketplace/orders/search"


def abroad(orders: int = 240, seed: int = 3) -> World:
    """A Global Selling account with three days of orders, a third of them in carts."""
    return World(orders=orders, seed=seed, now=NOW, sites=("CBT",), days=3)


def opened(desk: Opener, world: World, **habits: object) -> Desk:
    made = desk(world, **habits)
    made.client = made.client.speaking(GlobalSelling)
    return made


def assert_whole(d: Desk) -> None:
    landed = set(d.landed()["resource_id"].to_list())
    wanted = ids_within(d.world, [span(29, 32)], SELLER)
    assert len(wanted) > 100
    assert wanted <= landed


def test_every_order_of_every_cart_lands_once(desk: Opener) -> None:
    d = opened(desk, abroad())
    reading = d.read(span(29, 32), seller_id=SELLER)

    assert reading.verdicts() == reading.verdicts(CANCELLED) == {"complete"}
    assert_whole(d)
    # Windows that are read at once may ask for an order of the hour between them twice.
    asked = d.sandbox.log.by_id[ORDER]
    assert max(asked.values()) <= 2
    assert asked.total() <= len(asked) * 1.05
    # What is claimed and counted are carts, fewer than orders; those inside are orders.
    inside = ids_within(d.world, [span(29, 32)], SELLER)
    plain = [row for row in reading.certificates if row.search_pass == "all"]
    assert sum(row.inside_count for row in plain) == len(inside)
    assert sum(row.order_count for row in plain) < d.landed()["resource_id"].n_unique()


@pytest.mark.parametrize(
    "habits",
    [
        {"hides_cancelled": True},
        {"short_pages": 0.5, "swaps_ties": True},
        {"ceiling": 60, "page_limit": 20},
        {"ends_total_at_page": True, "page_limit": 7},
    ],
    ids=lambda habits: "+".join(habits),
)
def test_nothing_of_a_cart_is_lost_whatever_the_habits(
    desk: Opener, habits: dict[str, object]
) -> None:
    d = opened(desk, abroad(), **habits)
    reading = d.read(span(29, 32), seller_id=SELLER)
    assert reading.verdicts() == reading.verdicts(CANCELLED) == {"complete"}
    assert_whole(d)


def test_what_a_faulty_api_fails_is_red_and_read_again(desk: Opener) -> None:
    d = opened(desk, abroad(), rate_5xx=0.04, rate_dropped=0.02, rate_truncated=0.02)
    seen = set()
    for number in range(8):
        reading = d.read(span(29, 32), seller_id=SELLER, run_id=f"run{number}")
        seen |= reading.verdicts()
        if reading.verdicts() == {"complete"}:
            break
    else:
        pytest.fail("never complete")
    assert seen == {"complete", "failed"}
    assert_whole(d)


def test_carts_that_move_on_while_they_are_paged_are_proven_or_red(
    desk: Opener,
) -> None:
    d = opened(desk, abroad(), moving=0.3, page_limit=10)
    before = ids_within(d.world, [span(29, 32)], SELLER)
    reading = d.read(span(29, 32), seller_id=SELLER)
    left = ids_within(d.world, [span(29, 32)], SELLER)
    if reading.verdicts() == {"complete"}:
        assert left <= set(d.landed()["resource_id"].to_list())
    assert left < before


def test_an_order_that_is_refused_makes_its_hour_red_and_no_other(desk: Opener) -> None:
    d = opened(desk, abroad(), refused_orders=0.01)
    reading = d.read(span(29, 32), seller_id=SELLER)

    plain = [row for row in reading.certificates if row.search_pass == "all"]
    short = [row for row in plain if row.verdict == "short"]
    assert short
    assert {row.verdict for row in plain} == {"complete", "short"}
    assert all(row.window_to - row.window_from == timedelta(hours=1) for row in short)
    assert all("cannot be read: 1, such as 2000" in (row.reason or "") for row in short)
    # The refusal lands too: an answer without a payload.
    landed = d.landed()
    assert landed.filter(landed["status"] != 200)["payload"].null_count() >= 1

    d.sandbox.switches.refused_orders = 0.0
    again = d.read(span(29, 32), seller_id=SELLER, run_id="next")
    assert again.verdicts() == {"complete"}
    assert_whole(d)


def test_an_order_that_changes_later_is_read_again(desk: Opener) -> None:
    d = opened(desk, abroad())
    d.read(span(29, 31), seller_id=SELLER)
    changed = d.world.order_ids(SELLER)[0]
    d.world.clock.now = at(31, 12)
    d.world.change(changed)
    d.world.clock.now = NOW
    reading = d.read(span(31, 32), seller_id=SELLER, run_id="next")

    assert reading.verdicts() == {"complete"}
    rows = d.landed().filter(d.landed()["resource_id"] == str(changed))
    assert at(31, 12) in rows["updated_at"].to_list()


class Killed(BaseException):
    """The process ends here."""


class Mortal(GlobalSelling):
    """A client that is killed at its sixtieth order."""

    lives = 60

    def order(self, *, order_id: int) -> Page:
        Mortal.lives -= 1
        if Mortal.lives < 0:
            raise Killed
        return super().order(order_id=order_id)


def test_a_crashed_run_leaves_its_orders_to_the_next(
    desk: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    d = opened(desk, abroad())
    with monkeypatch.context() as patch:
        patch.setattr(journal, "FLUSH_ROWS", 1)
        # What a killed process does not do any more.
        patch.setattr(journal, "settle", lambda _landing: None)
        with pytest.raises(Killed):
            d.read(
                span(29, 32),
                seller_id=SELLER,
                run_id="dead",
                client=d.client.speaking(Mortal),
            )
    journal.settle(d.landing)
    assert len(d.landed_ids()) >= 50

    left = d.leftovers("dead", seller_id=SELLER)
    reading = d.read(span(29, 32), seller_id=SELLER, run_id="next", left=left)

    assert reading.verdicts() == {"complete"}
    assert_whole(d)
    twice = [one for one, n in d.sandbox.log.by_id[ORDER].items() if n > 1]
    assert len(twice) <= 2 * 2, "only what was on its way when the run was killed"
