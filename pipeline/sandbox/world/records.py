"""Reads a world: orders, packs, shipments and rates, made on request.

Not here: changing it (`world`).
"""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import RLock

import polars as pl

from pipeline.sandbox.world import index, orders, packs, shipments
from pipeline.sandbox.world.clock import Clock, milliseconds
from pipeline.sandbox.world.facts import FIRST_SELLER_ID, Facts
from pipeline.sandbox.world.fates import RETURNED
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.sites import (
    Site,
    exchange_ratios,
    seller_number,
    site_of_seller,
)
from pipeline.sandbox.world.trips import Trip, back, trip
from pipeline.sandbox.world.updates import Updates

KEPT_ORDERS = 4096
"""So many orders made are kept at most, for those who read them again."""


class Records:
    """A Mercado Libre drawn from a seed, the same for the same seed.

    What is asked for by an id that it does not have is a KeyError.

    Args:
        orders: how many orders the world starts with, over all sellers.
        seed: what everything is drawn from.
        now: aware moment at which history ends; None is the real hour that began
            last, and the clock then runs. With a given moment it is frozen.
        sellers: accounts, on MLB, MLA, MLM, MLC and so on; their ids are consecutive
            from 700100200.
        sites: the site of each account instead, e.g. ``("MLB", "MLC", "MLU")``; ids
            then have gaps: 700100200 is on MLB, ..201 on MLA, ..208 on MLB again;
            those of Global Selling (CBT) begin at 700100299.
        ends: whole hour at which history ends while the clock runs; by default the
            real one that began last. So one world is served again on another day.
        days: how far back the orders go.
        ties: close orders on full quarters of an hour, so that many share a moment.
    """

    def __init__(
        self,
        orders: int = 2000,
        seed: int = 1,
        now: datetime | None = None,
        sellers: int = 3,
        days: int = 365,
        *,
        sites: Sequence[str] | None = None,
        ends: datetime | None = None,
        ties: bool = False,
    ) -> None:
        real = datetime.now(UTC)
        ends = now or ends or real.replace(minute=0, second=0, microsecond=0)
        self.seed = seed
        numbers = list(range(sellers)) if sites is None else _numbers(sites)
        self.sellers = [FIRST_SELLER_ID + number for number in numbers]
        self.clock = Clock(now or real, running=now is None)
        self.history_starts = ends - timedelta(days=days)
        self.history_ends = ends
        self.rates: dict[tuple[str, str], Decimal] = exchange_ratios()
        self._rows = index.build(
            orders=orders,
            seed=seed,
            now=milliseconds(ends) // 1000,
            sellers=numbers,
            days=days,
            ties=ties,
        )
        self._firsts = first_numbers(self._rows)
        self._made: dict[int, Object] = {}
        self._versions: Counter[int] = Counter()
        self._updates: dict[int, Updates] = {}
        self._born: dict[int, Facts] = {}
        self._changed: dict[int, Object] = {}
        self._changed_shipments: dict[int, Object] = {}
        self.retagged: dict[int, list[str]] = {}
        self.lock = RLock()

    @property
    def size(self) -> int:
        """How many orders there are."""
        return self._rows.height

    @property
    def index(self) -> pl.DataFrame:
        """One row per order in `index.SCHEMA`, as it is now; do not write to it."""
        return self._rows

    def site(self, seller_id: int) -> Site:
        """Site of a seller."""
        if seller_id not in self.sellers:
            raise KeyError(seller_id)
        return site_of_seller(seller_id - FIRST_SELLER_ID)

    def updates(self, seller_id: int) -> Updates:
        """Orders of a seller by their last update, as they are now."""
        self.site(seller_id)
        with self.lock:
            if seller_id not in self._updates:
                number = seller_id - FIRST_SELLER_ID
                self._updates[seller_id] = Updates(
                    self._rows.filter(pl.col("seller") == number)
                )
            return self._updates[seller_id]

    def version(self, number: int) -> int:
        """How often the order with this number has changed."""
        return self._versions[number]

    def order_ids(self, seller_id: int | None = None) -> list[int]:
        """Ids of all orders, or of a seller's, in order of creation."""
        numbers = self._rows
        if seller_id is not None:
            numbers = numbers.filter(pl.col("seller") == seller_id - FIRST_SELLER_ID)
        return [orders.order_id(self.seed, n) for n in numbers["number"].to_list()]

    def order(self, order_id: int) -> Object:
        """Make an order with every key that any view of it shows.

        It is the reader's own.
        """
        with self.lock:
            return deepcopy(self._object(self.facts(order_id)))

    def facts(self, order_id: int) -> Facts:
        """Return the order's row of the index, as it is now."""
        return self.facts_of([self.number(order_id)])[0]

    def number(self, order_id: int) -> int:
        """Return the order's number in the index."""
        number = orders.order_number(self.seed, order_id)
        if number is None or number >= self.size:
            raise KeyError(order_id)
        return number

    def objects(self, numbers: Sequence[int]) -> list[Object]:
        """Make the orders with these numbers, in this order, changes included.

        Their parts are shared with others who read them: change a copy of a part.
        """
        with self.lock:
            return [dict(self._object(facts)) for facts in self.facts_of(numbers)]

    def pack(self, pack_id: int) -> Object:
        """Make a pack."""
        with self.lock:
            return packs.build(self.seed, self._members(pack_id, pack=True))

    def shipment(self, shipment_id: int) -> Object:
        """Make a shipment in today's shape, or in the old one if it has no other."""
        return self.printed(self.trip(shipment_id))

    def printed(self, going: Trip) -> Object:
        """Make the shipment of a trip, as `shipment` does."""
        build = shipments.build_old if going.terms.is_flat else shipments.build
        made = build(self.seed, going)
        return made | self._changed_shipments.get(made["id"], {})

    def shipment_costs(self, shipment_id: int) -> Object:
        """Who pays what of a shipment.

        Raises:
            KeyError: no such shipment, or the API has no costs of it (404).
        """
        going = self.trip(shipment_id)
        if not going.terms.has_costs:
            raise KeyError(shipment_id)
        return shipments.costs(going)

    def trip(self, shipment_id: int) -> Trip:
        """Return the shipment before it is printed."""
        first = orders.returned_in(shipment_id)
        with self.lock:
            members = self._members(first or shipment_id, pack=False)
            # Not the clock's: a parcel's status must not change without its stamp.
            now = milliseconds(self.history_ends) // 1000
            going = trip(self.seed, members, self._object, now)
        if first is None:
            return going
        if not any(one.fate in RETURNED for one in members):
            raise KeyError(shipment_id)
        return back(going)

    def order_shipments(self, order_id: int) -> list[Object]:
        """Number and type of each shipment of an order: to the buyer, and back."""
        with self.lock:
            facts = self.facts(order_id)
            forward = self._object(facts)["shipping"]["id"]
        if forward is None or not facts.ships:
            return []
        found = [{"id": forward, "type": "forward"}]
        if facts.fate in RETURNED:
            found.append({"id": orders.return_id(forward), "type": "return"})
        return found

    def discounts(self, order_id: int) -> Object:
        """Coupons and price discounts of an order, and the seller's part of each."""
        with self.lock:
            facts = self.facts(order_id)
            return orders.discounts(self.seed, facts, self._object(facts))

    def exchange_rate(self, from_: str, to: str) -> Decimal | None:
        """Ratio that turns an amount in ``from_`` into ``to``; None when unknown."""
        return self.rates.get((from_, to))

    def _object(self, facts: Facts) -> Object:
        """The order as it is now, kept for the next reader; not to be changed."""
        made = self._made.get(facts.number)
        if made is None:
            born = self._born.get(facts.number, facts)
            made = orders.build(self.seed, born) | self._changed.get(facts.number, {})
            if len(self._made) >= KEPT_ORDERS:
                self._made.clear()
            self._made[facts.number] = made
        return made

    def facts_of(self, numbers: Sequence[int]) -> list[Facts]:
        """The rows of the index with these numbers, in this order."""
        return [Facts._make(self._rows.row(number)) for number in numbers]

    def _purchase(self, purchase: int) -> list[Facts]:
        if purchase >= len(self._firsts):
            raise KeyError(purchase)
        first = self._firsts[purchase]
        [one] = self.facts_of([first])
        return [one, *self.facts_of(range(first + 1, first + one.size))]

    def _members(self, identity: int, *, pack: bool) -> list[Facts]:
        """Orders of a pack or shipment; KeyError if there is no such thing."""
        found = orders.purchase_of(identity, pack=pack)
        if found is None:
            raise KeyError(identity)
        purchase, child = found
        members = [one for one in self._purchase(purchase) if one.child == child]
        if not members or not (members[0].has_pack if pack else members[0].ships):
            raise KeyError(identity)
        return members


def _numbers(sites: Sequence[str]) -> list[int]:
    """Numbers of sellers on these sites; the number determines the site."""
    return [
        seller_number(site, list(sites[:before]).count(site))
        for before, site in enumerate(sites)
    ]


def first_numbers(rows: pl.DataFrame) -> list[int]:
    """Number of the first order of each purchase, by purchase."""
    return rows.filter(pl.col("position") == 0)["number"].to_list()
