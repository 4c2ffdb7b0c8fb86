"""Endpoints of shipments: the shipment in both shapes, and its costs.

Not here: what a shipment holds (`sandbox/world/shipments.py`).
"""

from typing import Any

from pipeline.sandbox.server import order_endpoints
from pipeline.sandbox.server.answers import Response, answer, error
from pipeline.sandbox.server.asked import Asked
from pipeline.sandbox.world import shipments
from pipeline.sandbox.world.chance import fraction
from pipeline.sandbox.world.trips import Trip


def shipment(asked: Asked) -> Response:
    """GET /shipments/{id}: today's shape with x-format-new, else the flat one."""
    _, going = _trip(asked)
    if asked.request.headers.get("x-format-new", "").casefold() == "true":
        return answer(asked.world.printed(going))
    return answer(shipments.build_old(asked.world.seed, going))


def costs(asked: Asked) -> Response:
    """GET /shipments/{id}/costs: who pays what."""
    return answer(costs_of(asked))


def costs_of(asked: Asked) -> dict[str, Any]:
    """Who pays what of the shipment in the path."""
    identity, going = _trip(asked)
    if not going.terms.has_costs:
        raise _unknown(identity)
    return shipments.costs(going)


def _trip(asked: Asked) -> tuple[int, Trip]:
    """Id and shipment in the path, if it is there and the caller may see it."""
    identity = asked.identity("bad_request", "Param not valid")
    try:
        going = asked.world.trip(identity)
    except KeyError:
        raise _unknown(identity) from None
    share = asked.switches.missing_shipments
    if share and fraction(asked.switches.faults_seed, 71, identity) < share:
        raise _unknown(identity)
    if not order_endpoints.may_see(asked, going.first):
        raise error(403, "forbidden", "Invalid caller.id")
    return identity, going


def _unknown(identity: int) -> Exception:
    message = f"Not found shipping with id: {identity}"
    return error(404, "not_found_shipping_id", message)
