"""Parts of a shipment that have endpoints of their own: promise, contents, history.

Not here: the shipment as a whole (`shipments`).
"""

from decimal import Decimal
from typing import Any

from pipeline.sandbox.world.catalogue import item
from pipeline.sandbox.world.clock import index_stamp, midnight, stamp
from pipeline.sandbox.world.facts import DAY, FIRST_SELLER_ID
from pipeline.sandbox.world.money import two_places
from pipeline.sandbox.world.terms import CostSource
from pipeline.sandbox.world.trips import STEPS, Trip

Object = dict[str, Any]


def cost(going: Trip) -> Decimal | None:
    """What the buyer pays for the whole shipment; None if it does not show that."""
    return None if going.is_silent else two_places(going.terms.buyer)


def lead_time(going: Trip) -> Object | None:
    """Promise, method and price to the buyer; null for some own deliveries."""
    if going.terms.cost_source is CostSource.WITHOUT_LEAD_TIME:
        return None
    site, conditions = going.site, going.terms
    start = going.first.closed or going.first.created

    def day(number: int) -> Object:
        return {"date": midnight(start + number * DAY, site.offset)}

    return {
        "option_id": 1_000_000_000 + going.number,
        "shipping_method": {
            "id": 182,
            "type": "standard",
            "name": "Normal a domicilio",
            "deliver_to": "address",
        },
        "currency_id": site.currency_id,
        "cost": cost(going),
        "list_cost": two_places(conditions.list_cost),
        "cost_type": conditions.cost_type,
        "service_id": 22,
        "delivery_type": "estimated",
        "delivery_promise": "estimated",
        "processing_time": None,
        "priority_class": {"id": None},
        "buffering": {"date": None},
        "pickup_promise": {"from": None, "to": None},
        "estimated_schedule_limit": {"date": None},
        "estimated_delivery_time": {
            "type": "known_frame",
            **day(4),
            "unit": "hour",
            "offset": {**day(7), "shipping": 24},
            "time_frame": {"from": None, "to": None},
            "pay_before": day(1)["date"],
            "shipping": 72,
            "handling": 24,
            "schedule": None,
        },
        "estimated_delivery_extended": day(8),
        "estimated_delivery_limit": day(22),
        "estimated_delivery_final": day(29),
    }


def items(seed: int, going: Trip) -> list[Object]:
    """What is in the parcel, order by order."""
    rows = []
    for order, made in zip(going.orders, going.objects, strict=True):
        for line in made["order_items"]:
            quantity = line["quantity"]
            thing = item(seed, order.seller, going.site, order.item)
            rows.append(
                {
                    "item_id": line["item"]["id"],
                    "description": line["item"]["title"],
                    "quantity": quantity,
                    "variation_id": line["item"]["variation_id"],
                    "dimensions": size(thing.weight * quantity),
                    "order_id": made["id"],
                    "sender_id": FIRST_SELLER_ID + order.seller,
                }
            )
    return rows


def payments(going: Trip) -> list[Object]:
    """Payments of all its orders."""
    return [
        {
            "payment_id": payment["id"],
            "user_id": payment["payer_id"],
            "amount": payment["total_paid_amount"],
            "status": payment["status"],
        }
        for made in going.objects
        for payment in made["payments"]
    ]


def history(going: Trip) -> list[Object]:
    """The shipment's steps so far, with their moments."""
    start = going.first.closed or going.first.created
    steps: list[Object] = []
    for days, status, substatus in STEPS:
        at = start + int(days * DAY)
        if at >= going.updated or status == going.status:
            break
        steps.append({"status": status, "substatus": substatus, "date": stamp(at)})
    last = {"status": going.status, "substatus": going.substatus}
    return [*steps, {**last, "date": stamp(going.updated)}]


def sla(going: Trip) -> Object:
    """Whether the seller handed the parcel over in time; its date ends in Z."""
    start = going.first.closed or going.first.created
    late = going.updated - start > 7 * DAY
    return {
        "status": "delayed" if late else "on_time",
        "service": "standard",
        "expected_date": midnight(start + 2 * DAY, going.site.offset),
        "last_updated": index_stamp(going.updated * 1000),
    }


def size(weight: int) -> Object:
    """Dimensions of a parcel: centimetres, and ``weight`` in grams."""
    return {"height": 10, "width": 20, "length": 25, "weight": weight}
