"""Walks over windows that move while we page: no order is lost."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.extraction.windows import Range
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.mercadolibre.errors import LimitExceeded
from pipeline.mercadolibre.page import Page
from pipeline.sandbox.server.server import serve
from pipeline.sandbox.server.switches import Switches
from pipeline.sandbox.world.world import World
from pipeline.sync.planning import search_pages
from tests.extraction.conftest import (
    NOW,
    SELLER,
    Desk,
    Opener,
    asking,
    at,
    empty_world,
    ids_within,
    span,
)

DAY = span(20, 21)
TO_NOW = Range(NOW, NOW + timedelta(hours=1))


def fill(world: World, seller_id: int, chance: random.Random) -> None:
    """Some orders of a day, many at one moment, some of them cancelled within it."""
    for _ in range(chance.randrange(1, 4)):
        world.add_orders(
            seller_id,
            at(20, chance.randrange(24)),
            chance.randrange(1, 12),
            within=timedelta(minutes=chance.choice([0, 0, 59])),
        )
    for order_id in world.order_ids(seller_id)[::5]:
        facts = world.facts(order_id)
        world.clock.now = datetime.fromtimestamp(facts.updated, NOW.tzinfo)
        world.cancel(order_id)
    world.clock.now = NOW


@pytest.mark.untraced
@pytest.mark.parametrize("part", range(8))
def test_nothing_is_lost_in_200_worlds_that_move_on_every_second_page(
    part: int, tmp_path: Path
) -> None:
    # Each of 25 sellers is a world of its own.
    world = World(orders=0, seed=part + 1, now=NOW, sellers=25)
    chance = random.Random(part)  # no secret
    for seller in world.sellers:
        fill(world, seller, chance)
    switches = Switches(
        moving=0.5,
        swaps_ties=True,
        page_limit=4,
        faults_seed=part,
        hides_cancelled=part % 3 == 0,
    )
    with serve(world, switches) as sandbox, asking(sandbox.url) as client:
        for seller in world.sellers:
            desk = Desk(sandbox, client, tmp_path / str(seller))
            switches.update({"moving": 0.5})
            desk.read(DAY, seller_id=seller)
            stayed = ids_within(world, [DAY], seller)
            moved = ids_within(world, [TO_NOW], seller)
            assert stayed - desk.landed_ids() == set(), seller
            assert stayed | moved == {str(one) for one in world.order_ids(seller)}
            switches.update({"moving": 0.0})
            # Ties swap their places even so: what stays short is red, and read again.
            for run_id in ("next", "after", "last"):
                again = desk.read(TO_NOW, run_id=run_id, seller_id=seller)
                if again.verdicts() == {"complete"}:
                    break
            versions = desk.landed().select("resource_id", "updated_at").rows()
            assert {(one, NOW) for one in moved} - set(versions) == set(), seller


def test_a_window_that_settles_is_complete_and_says_how_often_it_was_read(
    desk: Opener,
) -> None:
    world = empty_world()
    world.add_orders(SELLER, at(20, 5), 40, within=timedelta(minutes=50))
    d = desk(world, page_limit=10, moving=0.4)
    reading = d.read(Range(at(20, 5), at(20, 6)))
    [row] = [one for one in reading.certificates if one.search_pass == "all"]
    assert row.verdict == "complete"
    assert row.page_count == row.request_count > 4
    assert row.total_before == 40


def test_a_window_that_never_settles_is_short_and_keeps_what_was_seen(
    desk: Opener,
) -> None:
    world = empty_world()
    world.add_orders(SELLER, at(20, 5), 60, within=timedelta(minutes=50))
    d = desk(world, page_limit=2, moving=1.0)
    reading = d.read(Range(at(20, 5), at(20, 6)))
    [row] = [one for one in reading.certificates if one.search_pass == "all"]
    assert row.verdict == "short"
    assert str(row.reason).endswith("readings: 6")
    assert d.landed_ids() >= ids_within(world, [Range(at(20, 5), at(20, 6))])


class Cutting:
    """A client whose totals are cut to whole pages of 51: 110 orders are called 102."""

    def __init__(self, client: MercadoLibre) -> None:
        self._client = client

    def search_orders(self, **wanted: object) -> Iterator[Page]:
        for page in self._client.search_orders(**wanted):  # type: ignore[arg-type]  # as it came
            body = json.loads(page.body)
            body["paging"]["total"] -= body["paging"]["total"] % 51
            yield replace(page, body=json.dumps(body).encode())


@pytest.mark.parametrize("status", ["paid", "cancelled"])
def test_a_total_that_is_cut_to_whole_pages_hides_nothing(
    desk: Opener, status: str
) -> None:
    world = empty_world()
    world.add_orders(SELLER, at(20, 5), 110, within=timedelta(minutes=50))
    if status == "cancelled":
        for order_id in world.order_ids(SELLER):
            facts = world.facts(order_id)
            world.clock.now = datetime.fromtimestamp(facts.updated, NOW.tzinfo)
            world.cancel(order_id)
        world.clock.now = NOW
    d = desk(world, hides_cancelled=True)
    client: MercadoLibre = Cutting(d.client)  # type: ignore[assignment]  # all that is asked of it
    reading = d.read(DAY, client=client)
    assert d.landed_ids() == ids_within(world, [DAY])
    assert reading.verdicts() == reading.verdicts("cancelled") == {"complete"}
    assert all(
        row.total_after != row.order_count
        for row in reading.certificates
        if row.order_count
    ), "the claims were false"


@pytest.mark.parametrize(("orders", "pages"), [(101, 2), (102, 3), (103, 3)])
def test_a_claim_that_ends_with_a_full_page_costs_one_more_page(
    desk: Opener, orders: int, pages: int
) -> None:
    world = empty_world()
    world.add_orders(SELLER, at(20, 5), orders, within=timedelta(minutes=50))
    d = desk(world)
    reading = d.read(DAY)
    [row] = [one for one in reading.certificates if one.search_pass == "all"]
    assert (row.verdict, row.order_count, row.page_count) == ("complete", orders, pages)
    assert search_pages(DAY, orders) == pages


def test_a_claim_as_large_as_a_search_reaches_is_read_from_the_other_end_too(
    desk: Opener,
) -> None:
    world = empty_world()
    world.add_orders(SELLER, at(20, 5), 40, within=timedelta(minutes=50))
    d = desk(world, ceiling=40, page_limit=20)
    reading = d.read(Range(at(20, 5), at(20, 6)))
    [row] = [one for one in reading.certificates if one.search_pass == "all"]
    # A refused limit, two pages, the ceiling; two more from the newest one on.
    assert (row.verdict, row.page_count) == ("complete", 4)


class Refusing:
    """A client whose search refuses with a limit that it does not tell."""

    def __init__(self, ceiling: int | None) -> None:
        self.ceiling = ceiling
        self.asked = 0

    def search_orders(self, **_: object) -> object:
        self.asked += 1
        raise LimitExceeded("too much", ceiling=self.ceiling, status=400)


@pytest.mark.parametrize("ceiling", [None, 0, 10_000])
def test_a_refusal_that_tells_no_lower_limit_ends_in_too_wide_hours(
    desk: Opener, ceiling: int | None
) -> None:
    d = desk(empty_world())
    refusing = Refusing(ceiling)
    client: MercadoLibre = refusing  # type: ignore[assignment]  # all that is asked of it
    reading = d.read(Range(at(20), at(20, 2)), client=client)
    assert reading.verdicts() == reading.verdicts("cancelled") == {"too_wide"}
    # Twice the range, then its hours from both ends and by nine statuses; one look for
    # the cancelled, and they in the same way, without statuses.
    assert refusing.asked == 2 + 2 * (2 + 9 * 2) + 1 + 2 + 2 * 2
