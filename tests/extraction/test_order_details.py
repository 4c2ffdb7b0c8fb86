"""What search does not say of an order lands beside it, under the order's id."""

import json

import pytest

from pipeline.extraction import order_details
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import NOW, SELLER, Opener


@pytest.fixture
def world() -> World:
    return World(orders=5, now=NOW, sellers=1)


def test_an_order_in_full_is_one_more_version_of_it(desk: Opener, world: World) -> None:
    order_id = world.order_ids(SELLER)[0]
    found = order_details.order(
        desk(world).client, order_id, seller_id=SELLER, run_id="run"
    )
    assert (found.resource, found.resource_id) == ("orders", str(order_id))
    assert (found.search_pass, found.window_from, found.page_total) == (None,) * 3
    assert json.loads(str(found.payload))["id"] == order_id


def test_an_order_that_is_not_there_keeps_the_id_that_was_asked(
    desk: Opener, world: World
) -> None:
    found = order_details.order(desk(world).client, 12, seller_id=SELLER, run_id="run")
    assert (found.resource_id, found.status, found.payload) == ("12", 404, None)


def test_discounts_and_pieces_of_an_order_are_resources_of_their_own(
    desk: Opener, world: World
) -> None:
    client = desk(world).client
    order_id = world.order_ids(SELLER)[0]
    discounts = order_details.discounts(
        client, order_id, seller_id=SELLER, run_id="run"
    )
    product = order_details.product(client, order_id, seller_id=SELLER, run_id="run")
    assert [
        (one.resource, one.resource_id, one.status) for one in (discounts, product)
    ] == [
        ("order_discounts", str(order_id), 200),
        ("order_products", str(order_id), 200),
    ]
