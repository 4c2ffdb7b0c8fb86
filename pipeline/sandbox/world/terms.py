"""What a shipment costs and how it travels: numbers that orders and shipments share.

Not here: a shipment's JSON (`shipments`).
"""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from pipeline.sandbox.world.catalogue import rounded
from pipeline.sandbox.world.chance import pick, stream
from pipeline.sandbox.world.facts import DAY
from pipeline.sandbox.world.money import shared
from pipeline.sandbox.world.sites import Site

_LOGISTICS: tuple[tuple[float, tuple[str, str]], ...] = (
    (0.36, ("me2", "xd_drop_off")),
    (0.24, ("me2", "fulfillment")),
    (0.14, ("me2", "cross_docking")),
    (0.12, ("me2", "drop_off")),
    (0.09, ("me2", "self_service")),
    (0.03, ("me1", "default")),
    (0.014, ("custom", "custom")),
    (0.006, ("not_specified", "not_specified")),
)
_LATE = 7
"""Days after closing before which a late cost is nowhere."""


class CostSource(Enum):
    """Where the API shows what the buyer pays for a shipment."""

    BY_SHIPMENT = "lead_time.cost"
    BY_PAYMENTS = "payments[].shipping_cost; lead_time.cost is null"
    WITHOUT_LEAD_TIME = "the same; lead_time is null"
    NO_LEAD_TIME = "the same; there is no lead_time"
    LATE = "lead_time.cost, but not for a while; payments never do"


class Terms(NamedTuple):
    """One shipment's money in cents, and its logistics.

    ``buyer`` is `lead_time.cost`; gross = buyer + buyer_promoted + seller +
    seller_promoted. ``charge`` is Flex's, ``compensation`` what the seller gets, as a
    number or, with ``is_listed``, a list. Without ``has_costs`` the API has no /costs
    of it; with ``is_flat`` it always comes in the old shape.
    """

    mode: str
    logistic_type: str
    cost_type: str
    list_cost: int
    buyer: int
    buyer_promoted: int
    seller: int
    seller_promoted: int
    cost_source: CostSource = CostSource.BY_SHIPMENT
    charge: int = 0
    compensation: int = 0
    is_listed: bool = False
    has_costs: bool = True
    is_flat: bool = False

    @property
    def is_in_payments(self) -> bool:
        """Whether only the payments show what the buyer pays."""
        return self.cost_source not in (CostSource.BY_SHIPMENT, CostSource.LATE)

    def is_silent(self, closed: int, now: int) -> bool:
        """Whether `lead_time.cost` is null at ``now`` for an order that closed then."""
        if self.cost_source is CostSource.LATE:
            return now - closed < _LATE * DAY
        return self.cost_source is not CostSource.BY_SHIPMENT


@lru_cache(maxsize=16384)
def terms(seed: int, site: Site, shipment: int) -> Terms:
    """Draw the terms of a shipment from its number."""
    chance = stream(seed, 31, shipment)
    mode, logistic_type = pick(_LOGISTICS, chance())
    full = rounded(site, shared(1200 + int(chance() * 3800), site.price_level))
    kind, source, more = chance(), chance(), chance()
    part = rounded(site, full // 3)
    half = rounded(site, part // 2)
    if mode in ("custom", "not_specified"):
        return Terms(
            mode, logistic_type, "charged", full, full, 0, 0, 0,
            cost_source=_own(source), has_costs=more < 0.5,
        )  # fmt: skip
    if logistic_type in ("default", "self_service"):
        # The buyer's money goes to the seller, who pays nothing here.
        paid = (full, 0) if kind < 0.6 else (0, full) if kind < 0.8 else (part, half)
        name = "free" if not paid[0] else "charged" if kind < 0.6 else "partially_free"
        made = Terms(mode, logistic_type, name, full, *paid, 0, 0)
        if logistic_type == "self_service":
            return made._replace(
                charge=rounded(site, full // 10) if source < 0.6 else 0,
                compensation=half if more < 0.8 else 0,
                is_listed=more < 0.1,
            )
        return made._replace(
            cost_source=CostSource.BY_PAYMENTS
            if source < 0.25
            else CostSource.BY_SHIPMENT
        )
    if kind < 0.45:
        costs = ("free", full - part, 0, half, full - part, part - half)
    elif kind < 0.8:
        costs = ("charged", full, full, 0, 0, 0)
    else:
        costs = ("partially_free", full, part, half, part, full - 2 * part)
    made = Terms(
        mode, logistic_type, *costs, cost_source=_me2(source), is_flat=more < 0.012
    )
    if more > 0.99:
        made = made._replace(compensation=half, is_listed=True)
    # The old shape has no lead_time that could lack its cost.
    return made._replace(cost_source=CostSource.BY_SHIPMENT) if made.is_flat else made


def _own(source: float) -> CostSource:
    if source < 0.4:
        return CostSource.WITHOUT_LEAD_TIME
    return CostSource.NO_LEAD_TIME if source < 0.6 else CostSource.BY_PAYMENTS


def _me2(source: float) -> CostSource:
    if source < 0.011:
        return CostSource.BY_PAYMENTS
    if source < 0.015:
        return CostSource.NO_LEAD_TIME
    return CostSource.LATE if source < 0.06 else CostSource.BY_SHIPMENT
