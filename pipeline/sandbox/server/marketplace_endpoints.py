"""Endpoints of Global Selling: a search whose rows are carts, and things by id.

An account of a site is refused here, and one of Global Selling everywhere else. Not
here: what they share with a site's (`order_endpoints`, `shipment_endpoints`, `search`).
"""

from collections.abc import Mapping

from pipeline.sandbox.server import (
    order_endpoints,
    pages,
    search,
    shipment_endpoints,
)
from pipeline.sandbox.server.answers import Response, answer, error, refused
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.world.facts import Facts
from pipeline.sandbox.world.objects import Object

LARGEST_PAGE = 50
_DATES = {
    "date_created": "order.date_created",
    "date_closed": "order.date_closed",
    "last_updated": "order.date_last_updated",
}
"""Date filters here, and those of a site that mean the same."""
_SORTS = ("date_asc", "date_desc")


def carts(asked: Asked) -> Response:
    """GET /marketplace/orders/search: a row a cart, which names its orders."""
    query = asked.request.query_params
    most = min(LARGEST_PAGE, asked.switches.page_limit)
    offset, limit = pages.window(asked, query, most)
    seller = query.get("seller.id", query.get("seller", ""))
    if not (seller.isdecimal() and int(seller) in asked.owner.sellers):
        raise error(403, "forbidden", "Invalid caller.id")
    if asked.world.site(int(seller)).sold_on is None:
        raise error(403, "forbidden", "Can not identify the user")
    numbers = search.select(
        asked.world,
        asked.switches,
        asked.owner,
        _translated(query, seller),
        "search",
        is_abroad=True,
    )
    rows: dict[object, list[Facts]] = {}
    for facts in asked.world.facts_of(numbers):
        pack = (facts.purchase, facts.child) if facts.has_pack else facts.number
        rows.setdefault(pack, []).append(facts)
    found = list(rows.values())
    shown = pages.shortened(asked, found[offset : offset + limit])
    asked.sandbox.log.orders_served += len(shown)
    body = {
        "query": "",
        "results": [_cart(asked, members) for members in shown],
        "sort": {"id": _sort(query)},
        "available_sorts": [{"id": one} for one in _SORTS if one != _sort(query)],
        "filters": [],
        "paging": {"total": len(found), "limit": limit},
    }
    response = answer(body)
    pages.move(asked, numbers)
    return response


def order(asked: Asked) -> Response:
    """GET /marketplace/orders/{id}: in dollars, without the sum of its lines."""
    identity = asked.identity("bad_request", "Invalid Parameter")
    facts = _owned(asked, identity)
    if status := asked.switches.refusal(identity):
        raise refused(status)
    [made] = asked.world.objects([facts.number])
    del made["date_last_updated"], made["total_amount"]
    return answer(pages.show(asked, made))


def pack(asked: Asked) -> Response:
    """GET /marketplace/orders/pack/{id}: the orders of one cart."""
    identity = asked.identity("Bad Request", "Invalid Parameter")
    if identity == 0:
        raise error(403, "forbidden", "No orders found.")
    try:
        made = asked.world.pack(identity)
    except KeyError:
        raise error(404, "not_found", "Resource not found") from None
    _owned(asked, made["orders"][0]["id"])
    return order_endpoints.pack_of(asked, made)


def costs(asked: Asked) -> Response:
    """GET /marketplace/shipments/{id}/costs: with the currency they are in."""
    return answer(shipment_endpoints.costs_of(asked) | {"currency_id": "USD"})


def _owned(asked: Asked, identity: int) -> Facts:
    return order_endpoints.owned(asked, identity, "Resource not found")


def _translated(query: Mapping[str, str], seller: str) -> dict[str, str]:
    """The same query as a site's search knows it; what is unknown is ignored."""
    known = {"seller": seller, "sort": _sort(query)}
    if status := query.get("order.status"):
        known["order.status"] = status
    for name, theirs in _DATES.items():
        for end in ("from", "to"):
            if text := query.get(f"{name}.{end}"):
                known[f"{theirs}.{end}"] = text
    return known


def _sort(query: Mapping[str, str]) -> str:
    return "date_desc" if search.is_descending(query) else "date_asc"


def _cart(asked: Asked, members: list[Facts]) -> Object:
    """A row: its own id, and of its orders little more than theirs."""
    made = asked.world.objects([facts.number for facts in members])
    first = made[0]
    return {
        "id": first["pack_id"] or first["id"],
        "buyer": {"id": first["buyer"]["id"]},
        "config": {"items": [{"id": first["order_items"][0]["item"]["id"]}]},
        "orders": [
            {
                "id": one["id"],
                "items": None,
                "feedback": {"purchase": None, "sale": None},
                "payments": [{"id": paid["id"]} for paid in one["payments"]],
                "mediations": one["mediations"],
                "seller": one["seller"],
            }
            for one in made
        ],
        "shipment": {**first["shipping"], "payments": []},
    }
