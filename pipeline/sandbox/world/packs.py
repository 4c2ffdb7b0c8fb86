"""One pack as JSON: which orders were bought together, and their shipment.

Dates of packs have no colon in the offset.
"""

from collections.abc import Sequence

from pipeline.sandbox.world.clock import pack_stamp
from pipeline.sandbox.world.facts import Facts
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.orders import order_id, pack_id, shipment_id
from pipeline.sandbox.world.people import FIRST_BUYER_ID


def build(seed: int, orders: Sequence[Facts]) -> Object:
    """Make the pack of these orders, at least one, of one purchase.

    Orders that a split moved are in a pack of their own whose `family_pack_id` names
    the first. Without a shipment its id is null, or the key is absent.
    """
    one = orders[0]
    statuses = {order.status for order in orders}
    status = "released"
    if statuses == {"cancelled"}:
        status = "cancelled"
    elif "pending_cancel" in statuses:
        status = "pending_cancel"
    elif all(order.closed is None and order.status != "paid" for order in orders):
        status = "filling"
    pack: Object = {
        "id": pack_id(one.purchase, child=one.child),
        "status": status,
        "status_detail": "orders_cancelled" if status == "cancelled" else None,
        "family_pack_id": pack_id(one.purchase, child=False) if one.child else None,
        "buyer": {"id": FIRST_BUYER_ID + one.buyer},
        "orders": [{"id": order_id(seed, order.number)} for order in orders],
        "date_created": pack_stamp(one.created),
        "last_updated": pack_stamp(max(order.updated for order in orders)),
    }
    if one.ships:
        pack["shipment"] = {"id": shipment_id(one.purchase, child=one.child)}
    elif one.purchase % 3:
        pack["shipment"] = {"id": None}
    if one.purchase % 7 == 0:
        pack["trash_pack_id"] = None
        for order in pack["orders"]:
            order["static_tags"] = []
    return pack
