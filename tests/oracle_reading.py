"""What the oracle reads of a world: orders, payments, days, and what became of each.

What an order is worth is in `oracle`, what its shipment costs in `oracle_shipping`.
"""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from tests.oracle_money import Moved, is_covered, moved, rounded

ZONES = {
    "MLA": "America/Argentina/Buenos_Aires",
    "MLB": "America/Sao_Paulo",
    "MLM": "America/Mexico_City",
    "MLC": "America/Santiago",
    "MCO": "America/Bogota",
    "MLU": "America/Montevideo",
    "MPE": "America/Lima",
    "MEC": "America/Guayaquil",
    "MPY": "America/Asuncion",
    # Global Selling sells on several sites by one clock.
    "CBT": "UTC",
}


class Told(Protocol):
    """What the oracle asks of a world, and nothing else of the sandbox."""

    def order_ids(self) -> list[int]: ...
    def order(self, order_id: int, /) -> dict[str, Any]: ...
    def site(self, seller_id: int, /) -> Any: ...
    def shipment(self, shipment_id: int, /) -> dict[str, Any]: ...
    def shipment_costs(self, shipment_id: int, /) -> dict[str, Any]: ...
    def exchange_rate(self, from_: str, to: str, /) -> Decimal | None: ...


class Reading:
    """A world's orders as they are now, and their outcomes.

    Args:
        world: the sandbox's, or anything that tells as much.
        reporting: the reporting currency.
        with_costs: the costs of shipments are read.
        with_discounts: whose `/orders/{id}/discounts` are read.
        missing: shipments that answer 404.
        withheld: orders whose `shipping` a 206 left out, and nobody told since.
    """

    def __init__(
        self,
        world: Told,
        *,
        reporting: str | None = None,
        with_costs: bool = True,
        with_discounts: Literal["needed", "all", "none"] = "needed",
        missing: frozenset[int] = frozenset(),
        withheld: frozenset[int] = frozenset(),
    ) -> None:
        self._world = world
        self._reporting = reporting
        self._with_costs = with_costs
        self._with_discounts = with_discounts
        self._missing = missing
        self._withheld = withheld
        self.orders = {one: world.order(one) for one in world.order_ids()}
        self.payments: dict[int, list[Moved]] = {
            one: [
                moved(payment, order["currency_id"])
                for payment in order.get("payments") or []
            ]
            for one, order in self.orders.items()
        }
        self.outcomes = {one: self._outcome(one) for one in self.orders}
        self._siblings: dict[int, list[int]] = defaultdict(list)
        for one in self.orders:
            if (identity := self.shipment_id(one)) is not None:
                self._siblings[identity].append(one)

    def home(self, order_id: int) -> str:
        """Site of the order's seller."""
        return str(self._world.site(int(self.orders[order_id]["seller"]["id"])).id)

    def site(self, order_id: int) -> str:
        """Site of the order: its seller's, but where it was sold from abroad."""
        home = self.home(order_id)
        return self.orders[order_id]["context"]["site"] if home == "CBT" else home

    def local(self, order_id: int, moment: str | None) -> datetime | None:
        """A moment on the clock of the seller's site."""
        if moment is None:
            return None
        utc = datetime.fromisoformat(moment).astimezone(UTC)
        return utc.astimezone(ZoneInfo(ZONES[self.home(order_id)]))

    def closed(self, order_id: int) -> str | None:
        """ "closed (or paid: then the first approved payment closes it)"."""
        if told := self.orders[order_id].get("date_closed"):
            return str(told)
        dates = (
            one.payment.get("date_approved")
            for one in self.payments[order_id]
            if one.took_money
        )
        return min(filter(None, dates), key=datetime.fromisoformat, default=None)

    def convert(self, amount: Decimal, origin: str, target: str) -> Decimal | None:
        """ "rounded after conversion"; null where no rate is known."""
        if origin == target:
            return rounded(amount, target)
        ratio = self._world.exchange_rate(origin, target)
        return None if ratio is None else rounded(amount * ratio, target)

    def shipment_id(self, order_id: int) -> int | None:
        if order_id in self._withheld:
            return None
        identity = (self.orders[order_id].get("shipping") or {}).get("id")
        return None if identity is None else int(identity)

    def _outcome(self, order_id: int) -> str:
        """ "exactly one per order, ... first that holds"."""
        order, payments = self.orders[order_id], self.payments[order_id]
        tags, status = order.get("tags") or [], order["status"]
        took = [one for one in payments if one.took_money]
        code = (order.get("cancel_detail") or {}).get("code")
        if "test_order" in tags:
            return "test"
        if status == "cancelled" and code == "pack_splitted":
            return "split"
        # "never closed and no approved payment"
        if order.get("date_closed") is None and not took:
            return "open"
        found = self._without_cover(order_id, took)
        # "would be `cancelled` or `not_completed`, but the buyer was paid by Mercado
        # Libre (`status_detail` `bpp_covered`, `ppv_covered_…`)"
        covered = any(is_covered(one.payment.get("status_detail")) for one in took)
        return "kept" if covered and found in ("cancelled", "not_completed") else found

    def _without_cover(self, order_id: int, took: list[Moved]) -> str:
        order = self.orders[order_id]
        tags, status = order.get("tags") or [], order["status"]
        is_back = bool(took) and all(one.is_given_back for one in took)
        # "`paid` with tag `unfulfilled` and the money given back (a payment tagged
        # `refund_account_money`, or all of it refunded)"
        to_account = any(
            "refund_account_money" in (one.payment.get("tags") or [])
            for one in self.payments[order_id]
        )
        undone = status == "paid" and "unfulfilled" in tags and (to_account or is_back)
        if status in ("cancelled", "pending_cancel") or undone:
            return "cancelled"
        if "manually_cancelled" in tags:
            return "cancelled"
        # "`invalid`, or `confirmed` with its payment given back"
        if status == "invalid" or (status == "confirmed" and is_back):
            return "not_completed"
        # "... `partially_paid`, `confirmed` without money"
        if status in ("payment_required", "payment_in_process", "partially_paid"):
            return "unpaid"
        if status == "confirmed" and not took:
            return "unpaid"
        return "sale" if status in ("paid", "partially_refunded") else "unknown"

    def is_gross(self, order_id: int) -> bool:
        """ "closed (or paid ...), not a test, not split away"."""
        return self.outcomes[order_id] not in ("test", "split", "open")

    def is_sale(self, order_id: int) -> bool:
        """ "gross and outcome in `sale`, `kept`"."""
        return self.outcomes[order_id] in ("sale", "kept")
