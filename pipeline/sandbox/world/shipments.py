"""One shipment as JSON: today's shape, the old flat one, and its parts.

Not here: its status (`trips`), and its costs (`terms`).
"""

from decimal import Decimal

from pipeline.sandbox.world import addresses, parcels
from pipeline.sandbox.world.clock import stamp
from pipeline.sandbox.world.facts import FIRST_SELLER_ID
from pipeline.sandbox.world.money import two_places
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.orders import order_id, return_id, shipment_id
from pipeline.sandbox.world.people import FIRST_BUYER_ID
from pipeline.sandbox.world.terms import CostSource, Terms
from pipeline.sandbox.world.trips import Trip


def build(seed: int, going: Trip) -> Object:
    """Make the shipment as the API sends it with ``x-format-new: true``."""
    one, site = going.first, going.site
    identity = shipment_id(one.purchase, child=one.child)
    made: Object = {
        "id": return_id(identity) if going.is_return else identity,
        "external_reference": None,
        "status": going.status,
        "substatus": going.substatus,
        "date_created": stamp(one.closed or one.created, -4, 477),
        "last_updated": stamp(going.updated, -4, 120),
        "declared_value": _value(going),
        "items_types": ["new"],
        "tracking_number": f"SBX{going.number:09d}{site.country_id}",
        "tracking_method": "MEL Distribution",
        "quotation": None,
        "tags": [],
        "snapshot_packing": {
            "snapshot_id": f"00000000-0000-4000-8000-{going.number:012d}",
            "pack_hash": "1",
        },
        "dimensions": parcels.size(seed, going),
        "logistic": {
            "mode": going.terms.mode,
            "type": going.terms.logistic_type,
            "direction": going.direction,
        },
        "source": {
            "site_id": site.market,
            "market_place": "MELI",
            "customer_id": None,
            "application_id": None,
        },
        "sibling": {
            "reason": None,
            "sibling_id": None,
            "description": None,
            "source": None,
            "date_created": None,
            "last_updated": None,
        },
        "priority_class": {"id": None},
        "origin": addresses.origin(site, FIRST_SELLER_ID + one.seller),
        "destination": addresses.destination(site, going.person),
    }
    if going.terms.cost_source is not CostSource.NO_LEAD_TIME:
        made["lead_time"] = parcels.lead_time(going)
    return made


def build_old(seed: int, going: Trip) -> Object:
    """Make the shipment as the API sends it without the header: flat.

    `base_cost` is the price before all discounts, which nobody pays.
    """
    new = build(seed, going)
    one, site = going.first, going.site
    return {
        "id": new["id"],
        "mode": going.terms.mode,
        "created_by": "receiver",
        "order_id": order_id(seed, one.number),
        "order_cost": new["declared_value"],
        "base_cost": two_places(_gross(going.terms)),
        "site_id": site.market,
        "status": going.status,
        "substatus": going.substatus,
        "date_created": new["date_created"],
        "last_updated": new["last_updated"],
        "tracking_number": new["tracking_number"],
        "tracking_method": new["tracking_method"],
        "service_id": 22,
        "sender_id": FIRST_SELLER_ID + one.seller,
        "receiver_id": going.person.id,
        "receiver_address": addresses.receiver(site, going.person),
        "shipping_option": {
            "id": 1_000_000_000 + going.number,
            "shipping_method_id": 182,
            "name": "Normal a domicilio",
            "currency_id": site.currency_id,
            "cost": parcels.cost(going),
            "list_cost": two_places(going.terms.list_cost),
        },
        "logistic_type": going.terms.logistic_type,
        "type": going.direction,
        "market_place": "MELI",
        "cost_components": {
            "special_discount": 0,
            "loyal_discount": two_places(going.terms.buyer_promoted),
            "compensation": 0,
            "gap_discount": 0,
            "ratio": 0,
        },
        "tags": [],
    }


def costs(going: Trip) -> Object:
    """Who pays what of the shipment, with the documented identity (`Terms`).

    Flex: the seller pays only a charge and gets a compensation. A shipment that does
    not show yet what the buyer pays does not show it here either.
    """
    paid = going.terms
    sender: Object = {
        **_side(FIRST_SELLER_ID + going.first.seller, paid.seller),
        "discounts": _discount("mandatory", paid.seller, paid.seller_promoted),
    }
    if paid.charge:
        sender["charges"] = {"charge_flex": two_places(paid.charge)}
    if paid.is_listed and paid.compensation:
        flex = paid.logistic_type == "self_service"
        why = {"reason": "flex_bonus" if flex else "dimensions", "comment": None}
        entry = {"amount": two_places(paid.compensation), **why}
        sender["compensations"] = [entry]
    elif paid.compensation:
        sender["compensation"] = two_places(paid.compensation)
    receiver: Object = {
        **_side(FIRST_BUYER_ID + going.first.buyer, paid.buyer),
        "discounts": _discount("loyal", paid.buyer, paid.buyer_promoted),
        "cost_details": [],
    }
    late = going.is_silent and paid.cost_source is CostSource.LATE
    if late:
        receiver["cost"] = None
    return {
        "gross_amount": None if late else two_places(_gross(paid)),
        "receiver": receiver,
        "senders": [sender],
    }


def _gross(paid: Terms) -> int:
    return paid.buyer + paid.buyer_promoted + paid.seller + paid.seller_promoted


def _side(user: int, cost: int) -> Object:
    return {
        "user_id": user,
        "cost": two_places(cost),
        "compensation": 0,
        "save": 0,
        "compensations": [],
    }


def _discount(kind: str, cost: int, promoted: int) -> list[Object]:
    if not promoted:
        return []
    rate = two_places(100 * promoted // (cost + promoted))
    return [{"rate": rate, "type": kind, "promoted_amount": two_places(promoted)}]


def _value(going: Trip) -> Decimal:
    total = sum((made["total_amount"] for made in going.objects), Decimal(0))
    return total.quantize(Decimal("0.01"))
