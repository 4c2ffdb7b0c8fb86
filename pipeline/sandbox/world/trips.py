"""The state of a shipment: its orders, terms and status.

Not here: its JSON (`shipments`, `parcels`).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pipeline.sandbox.world.chance import fraction
from pipeline.sandbox.world.facts import DAY, Facts
from pipeline.sandbox.world.fates import NEVER_SENT
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.people import Person, buyer
from pipeline.sandbox.world.sites import Site, site_of_seller
from pipeline.sandbox.world.terms import Terms, terms

STEPS: tuple[tuple[float, str, str | None], ...] = (
    (0.0, "pending", None),
    (0.02, "handling", None),
    (0.1, "ready_to_ship", "ready_to_print"),
    (0.5, "ready_to_ship", "printed"),
    (1.2, "shipped", None),
)
"""Days after closing from which an undelivered shipment is at a step."""


_LOST = frozenset({"shipment_cancelled", "covered_lost"})


class Trip(NamedTuple):
    """A shipment before it becomes JSON: its orders, terms and status.

    ``is_silent``: it does not show what the buyer pays. ``print_order`` makes the JSON
    of one of its orders. ``is_return``: the goods come back in it.
    """

    number: int
    orders: Sequence[Facts]
    site: Site
    terms: Terms
    person: Person
    status: str
    substatus: str | None
    is_silent: bool
    updated: int
    print_order: Callable[[Facts], Object]
    is_return: bool = False

    @property
    def direction(self) -> str:
        """Where it goes, in the API's word."""
        return "return" if self.is_return else "forward"

    @property
    def first(self) -> Facts:
        """The order that determines the shipment's dates."""
        return self.orders[0]

    @property
    def objects(self) -> list[Object]:
        """Its orders as JSON, in their order; not to be changed."""
        return [self.print_order(order) for order in self.orders]


def trip(
    seed: int,
    orders: Sequence[Facts],
    print_order: Callable[[Facts], Object],
    now: int,
) -> Trip:
    """The state at ``now`` of the shipment of these orders, of one purchase.

    ``print_order`` makes the JSON of an order.
    """
    one = orders[0]
    site = site_of_seller(one.seller)
    number = one.purchase * 2 + one.child
    conditions = terms(seed, site, number)
    status, substatus = _status(seed, orders, conditions, now)
    return Trip(
        number=number,
        orders=orders,
        site=site,
        terms=conditions,
        person=buyer(seed, site, one.buyer),
        status=status,
        substatus=substatus,
        is_silent=conditions.is_silent(one.closed or one.created, now),
        updated=max(order.updated for order in orders),
        print_order=print_order,
    )


def back(going: Trip) -> Trip:
    """The shipment in which goods come back; the buyer pays nothing for it."""
    return going._replace(
        terms=going.terms._replace(buyer=0, buyer_promoted=0),
        status="delivered",
        substatus=None,
        is_return=True,
    )


def _status(
    seed: int, orders: Sequence[Facts], conditions: Terms, now: int
) -> tuple[str, str | None]:
    one = orders[0]
    if (
        conditions.mode in ("custom", "not_specified")
        and fraction(seed, 41, one.purchase) < 0.5
    ):
        return "to_be_agreed", None
    if any(order.delivered for order in orders):
        return "delivered", None
    if any(order.fate in _LOST for order in orders):
        return "not_delivered", "returned_to_hub"
    if all(o.status == "cancelled" or o.fate in NEVER_SENT for o in orders):
        return "cancelled", "cancelled_order"
    days = max(now - (one.closed or one.created), 0) / DAY
    if days > 12:
        return "delivered", None
    reached = [step for step in STEPS if step[0] <= days]
    return reached[-1][1], reached[-1][2]
