"""Endpoints of orders and packs by id, and of their parts.

Not here: searches (`search`, `pages`).
"""

from pipeline.sandbox.server import pages
from pipeline.sandbox.server.answers import Response, answer, error, not_owned
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.world.facts import FIRST_SELLER_ID, Facts
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.people import FIRST_BUYER_ID
from pipeline.sandbox.world.sites import site_of_seller


def order(asked: Asked) -> Response:
    """GET /orders/{id}: the whole order, without `date_last_updated`."""
    identity, facts = _order(asked)
    [made] = asked.world.objects([facts.number])
    del made["date_last_updated"]
    pages.show(asked, made)
    share = asked.switches.rate_206_detail
    is_partial = asked.luck.falls("206", share)
    if is_partial and asked.sandbox.log.asked("/orders/{id}", identity) <= 1:
        missing = sorted(asked.switches.missing_fields)
        pages.omit(made, missing, empty=asked.luck("empty") < 0.5)
        return answer(made, 206, pages.partial_headers(missing))
    return answer(made)


def product(asked: Asked) -> Response:
    """GET /orders/{id}/product: attributes such as an IMEI."""
    _, facts = _order(asked)
    attributes = []
    if facts.number % 6 == 0:
        attributes = [
            {"name": "IMEI", "value": f"{facts.number % 10**15:015d}", "id": 1},
            {"name": "entry_date", "value": "01/01/2001", "id": 2},
        ]
    return answer({"attributes": attributes})


def discounts(asked: Asked) -> Response:
    """GET /orders/{id}/discounts: coupons and price discounts, line totals."""
    identity, _ = _order(asked)
    return answer(asked.world.discounts(identity))


def shipments(asked: Asked) -> Response:
    """GET /orders/{id}/shipments: an array in the hosted view, else one object."""
    identity, _ = _order(asked)
    found = asked.world.order_shipments(identity)
    if not found:
        return Response(204)
    headers, query = asked.request.headers, asked.request.query_params
    if headers.get("x-new-domain") == "true" or query.get("list_all") == "true":
        return answer(found)
    return answer(asked.world.shipment(found[0]["id"]))


def pack(asked: Asked) -> Response:
    """GET /packs/{id}: orders bought together."""
    identity = asked.identity("bad_request", "Invalid Parameter")
    try:
        made = asked.world.pack(identity)
    except KeyError:
        raise error(404, "not_found", "Order do not exists") from None
    facts = asked.world.facts(made["orders"][0]["id"])
    if not may_see(asked, facts):
        raise error(403, "forbidden", "The user has not access to the order")
    return pack_of(asked, made)


def pack_of(asked: Asked, made: Object) -> Response:
    """A pack as the switches show it."""
    if asked.switches.hides_shipping(made["orders"][0]["id"]):
        made["shipment"] = {"id": None}
    return answer(made)


def _order(asked: Asked) -> tuple[int, Facts]:
    """Id and facts of the order in the path, if the caller may see it."""
    identity = asked.identity("invalid_order_id", "Invalid order ID.")
    return identity, owned(asked, identity, "Order does not exist")


def owned(asked: Asked, order_id: int, missing: str) -> Facts:
    """The order with this id, if the caller may see it."""
    try:
        facts = asked.world.facts(order_id)
    except KeyError:
        raise error(404, "not_found", missing) from None
    if not may_see(asked, facts):
        raise not_owned()
    return facts


def may_see(asked: Asked, facts: Facts) -> bool:
    """Whether the caller sells or buys the order, and asks where such are answered."""
    is_abroad = site_of_seller(facts.seller).sold_on is not None
    if is_abroad is not asked.request.path.startswith("/marketplace/"):
        return False
    sells = FIRST_SELLER_ID + facts.seller in asked.owner.sellers
    return sells or FIRST_BUYER_ID + facts.buyer == asked.owner.user_id
