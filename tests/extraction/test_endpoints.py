"""One thing asked for by its id becomes one record, there or not."""

import json

import pytest

from pipeline.extraction import by_id
from pipeline.extraction.accounts import Account
from pipeline.landing.record import Record
from pipeline.mercadolibre.budget import Budget
from pipeline.mercadolibre.client import MercadoLibre
from pipeline.sandbox.world.world import World
from pipeline.sync.resources import RESOURCES
from tests.extraction.conftest import NOW, SELLER, Opener, empty_world


def record(
    client: MercadoLibre, resource: str, thing: object, *, seller_id: int, run_id: str
) -> Record:
    ask = RESOURCES[resource].ask
    assert ask
    account = Account(seller_id, client, Budget(1_000, 1))
    return by_id.record(account, resource, ask, thing, run_id=run_id)


@pytest.fixture
def world() -> World:
    return World(orders=20, now=NOW, sellers=1)


def test_an_order_in_full_is_one_more_version_of_it(desk: Opener, world: World) -> None:
    order_id = world.order_ids(SELLER)[0]
    found = record(
        desk(world).client, "orders", order_id, seller_id=SELLER, run_id="run"
    )
    assert (found.resource, found.resource_id) == ("orders", str(order_id))
    assert (found.search_pass, found.window_from, found.page_total) == (None,) * 3
    assert json.loads(str(found.payload))["id"] == order_id


def test_an_order_that_is_not_there_keeps_the_id_that_was_asked(
    desk: Opener, world: World
) -> None:
    found = record(desk(world).client, "orders", 12, seller_id=SELLER, run_id="run")
    assert (found.resource_id, found.status, found.payload) == ("12", 404, None)


def test_discounts_and_pieces_of_an_order_are_resources_of_their_own(
    desk: Opener, world: World
) -> None:
    client = desk(world).client
    order_id = world.order_ids(SELLER)[0]
    for name in ("order_discounts", "order_products"):
        found = record(client, name, order_id, seller_id=SELLER, run_id="run")
        assert (found.resource, found.resource_id, found.status) == (
            name,
            str(order_id),
            200,
        )


def test_a_pack_lands_under_its_id_and_a_missing_one_without_payload(
    desk: Opener, world: World
) -> None:
    d = desk(world)
    packs = (world.order(one)["pack_id"] for one in world.order_ids(SELLER))
    there = next(one for one in packs if one is not None)
    found = record(d.client, "packs", there, seller_id=SELLER, run_id="run")
    assert (found.resource, found.resource_id, found.status) == (
        "packs",
        str(there),
        200,
    )
    assert found.request == f"/packs/{there}"
    assert found.updated_at is not None
    gone = record(d.client, "packs", 1, seller_id=SELLER, run_id="run")
    assert (gone.resource_id, gone.status, gone.payload) == ("1", 404, None)


def test_a_shipment_lands_in_the_new_format_and_its_costs_beside_it(
    desk: Opener, world: World
) -> None:
    d = desk(world)
    ids = (world.order(one)["shipping"]["id"] for one in world.order_ids(SELLER))
    there = next(one for one in ids if one is not None)
    found = record(d.client, "shipments", there, seller_id=SELLER, run_id="run")
    assert (found.resource, found.resource_id) == ("shipments", str(there))
    assert "logistic" in json.loads(str(found.payload))
    paid = record(d.client, "shipment_costs", there, seller_id=SELLER, run_id="run")
    assert (paid.resource, paid.resource_id) == ("shipment_costs", str(there))
    assert paid.request == f"/shipments/{there}/costs"
    assert paid.status == 200


def test_a_shipment_that_is_not_there_is_a_record_without_payload(
    desk: Opener, world: World
) -> None:
    found = record(desk(world).client, "shipments", 5, seller_id=SELLER, run_id="run")
    assert (found.status, found.payload) == (404, None)


def test_a_ratio_is_named_by_its_pair_and_an_unknown_pair_has_no_payload(
    desk: Opener,
) -> None:
    client, name = desk(empty_world()).client, "exchange_rates"
    known = record(client, name, ("ARS", "BRL"), seller_id=SELLER, run_id="run")
    assert (known.resource, known.resource_id, known.status) == (name, "ARS-BRL", 200)
    assert "ratio" in str(known.payload)
    unknown = record(client, name, ("ZZZ", "BRL"), seller_id=SELLER, run_id="run")
    assert (unknown.resource_id, unknown.status, unknown.payload) == (
        "ZZZ-BRL",
        404,
        None,
    )
