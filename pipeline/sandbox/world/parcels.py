"""Parts of a shipment: what the buyer pays, the promise, the size of the parcel.

Not here: the shipment as a whole (`shipments`).
"""

from decimal import Decimal

from pipeline.sandbox.world.catalogue import item
from pipeline.sandbox.world.clock import midnight
from pipeline.sandbox.world.facts import DAY
from pipeline.sandbox.world.money import two_places
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.terms import CostSource
from pipeline.sandbox.world.trips import Trip


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


def size(seed: int, going: Trip) -> Object:
    """Dimensions of the parcel: centimetres, and the weight of all goods in grams."""
    weight = sum(
        item(seed, order.seller, going.site, order.item).weight * line["quantity"]
        for order, made in zip(going.orders, going.objects, strict=True)
        for line in made["order_items"]
    )
    return {"height": 10, "width": 20, "length": 25, "weight": weight}
