"""A shipment and its costs become one record each, under the shipment's id."""

import json

from pipeline.extraction.shipments import costs, shipment
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import NOW, SELLER, Opener


def test_a_shipment_lands_in_the_new_format_and_its_costs_beside_it(
    desk: Opener,
) -> None:
    world = World(orders=20, now=NOW, sellers=1)
    d = desk(world)
    ids = (world.order(one)["shipping"]["id"] for one in world.order_ids(SELLER))
    there = next(one for one in ids if one is not None)
    found = shipment(d.client, there, seller_id=SELLER, run_id="run")
    assert (found.resource, found.resource_id) == ("shipments", str(there))
    assert "logistic" in json.loads(str(found.payload))
    paid = costs(d.client, there, seller_id=SELLER, run_id="run")
    assert (paid.resource, paid.resource_id) == ("shipment_costs", str(there))
    assert paid.request == f"/shipments/{there}/costs"
    assert paid.status == 200


def test_a_shipment_that_is_not_there_is_a_record_without_payload(
    desk: Opener,
) -> None:
    world = World(orders=20, now=NOW, sellers=1)
    found = shipment(desk(world).client, 5, seller_id=SELLER, run_id="run")
    assert (found.status, found.payload) == (404, None)
