"""What a shipment costs and how it travels: numbers that orders and shipments share.

The JSON of a shipment is in `shipments`; who pays what is explained there.
"""

from functools import lru_cache
from typing import NamedTuple

from pipeline.sandbox.catalogue import rounded
from pipeline.sandbox.chance import drawn, pick, stream
from pipeline.sandbox.money import shared
from pipeline.sandbox.sites import Site

_LOGISTICS: tuple[tuple[float, tuple[str, str]], ...] = (
    (0.36, ("me2", "xd_drop_off")),
    (0.24, ("me2", "fulfillment")),
    (0.14, ("me2", "cross_docking")),
    (0.12, ("me2", "drop_off")),
    (0.09, ("me2", "self_service")),
    (0.03, ("me1", "default")),
    (0.02, ("custom", "custom")),
)


class Terms(NamedTuple):
    """One shipment's money in cents, and its logistics.

    ``buyer`` is `lead_time.cost`; gross = buyer + buyer_promoted + seller +
    seller_promoted (mercado-libre-api.md §4.2). Without ``has_lead_time`` the API
    sends no `lead_time` at all (§13) and nobody is charged here.
    """

    mode: str
    logistic_type: str
    cost_type: str
    list_cost: int
    buyer: int
    buyer_promoted: int
    seller: int
    seller_promoted: int
    has_lead_time: bool = False


@lru_cache(maxsize=16384)
def terms(seed: int, site: Site, shipment: int) -> Terms:
    """Draw the terms of a shipment from its number."""
    chance = stream(seed, 31, shipment)
    mode, logistic_type = pick(_LOGISTICS, chance())
    full = rounded(site, shared(1200 + int(chance() * 3800), site.price_level))
    kind = chance()
    if mode == "custom" or drawn(seed, 32, shipment) % 250 == 0:
        return Terms(mode, logistic_type, "charged", 0, 0, 0, 0, 0)
    part = rounded(site, full // 3)
    if kind < 0.45:
        costs = ("free", full - part, 0, part // 2, full - part, part - part // 2)
    elif kind < 0.8:
        costs = ("charged", full, full, 0, 0, 0)
    else:
        costs = ("partially_free", full, part, part // 2, part, full - 2 * part)
    return Terms(mode, logistic_type, *costs, has_lead_time=True)
