"""A pack asked for by its id becomes one record, there or not."""

from pipeline.extraction.packs import pack
from pipeline.sandbox.world.world import World
from tests.extraction.conftest import NOW, SELLER, Opener


def test_a_pack_lands_under_its_id_and_a_missing_one_without_payload(
    desk: Opener,
) -> None:
    world = World(orders=20, now=NOW, sellers=1)
    d = desk(world)
    packs = (world.order(one)["pack_id"] for one in world.order_ids(SELLER))
    there = next(one for one in packs if one is not None)
    found = pack(d.client, there, seller_id=SELLER, run_id="run")
    assert (found.resource, found.resource_id, found.status) == (
        "packs",
        str(there),
        200,
    )
    assert found.request == f"/packs/{there}"
    assert found.updated_at is not None
    gone = pack(d.client, 1, seller_id=SELLER, run_id="run")
    assert (gone.resource_id, gone.status, gone.payload) == ("1", 404, None)
