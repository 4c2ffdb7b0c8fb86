"""What an order's shipment costs the buyer and the seller, seen from the order."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.oracle_money import ZERO, Object, cut, exact, money, total
from tests.oracle_reading import Reading

# "the part that is the seller's income (Flex, own carrier: core.logistic_types)"; a
# shipment without a type is looked up by its mode. All but Flex are the seller's alone:
# Mercado Libre has nothing to charge for them, whether it keeps costs of them or not.
INCOME = {"self_service", "default", "custom", "not_specified", "me1"}
NEVER_CHARGED = INCOME - {"self_service"}


@dataclass(frozen=True)
class Parcel:
    """An order's shipment, seen from the order: whole cost, its parts, its state."""

    completeness: str
    status: str | None = None
    source: str | None = None
    whole: Decimal | None = None
    part: Decimal | None = None
    income: Decimal | None = None
    seller_part: Decimal | None = None
    compensation: Decimal | None = None


class Parcels(Reading):
    """A world's shipments, cut over the orders that they carry."""

    def parcel(self, order_id: int) -> Parcel:
        identity = self.shipment_id(order_id)
        if order_id in self._withheld:
            return Parcel("shipment_pending")
        if identity is None:
            return Parcel(
                "no_shipment",
                whole=ZERO,
                part=ZERO,
                income=ZERO,
                seller_part=ZERO,
                compensation=ZERO,
            )
        if identity in self._missing:
            return Parcel("shipment_missing")
        shipment = self._world.shipment(identity)
        order = self.orders[order_id]
        currency = str(order["currency_id"])
        cost, source = self._cost(identity, shipment, currency)
        weights = self._weights(identity)
        seller = int(order["seller"]["id"])
        own = self._weights(identity, seller)
        parts = None if cost is None else cut(cost, weights, currency)
        part = None if parts is None else parts.get(order_id, ZERO)
        logistic = shipment.get("logistic") or {}
        kind = (
            logistic.get("type")
            or shipment.get("logistic_type")
            or logistic.get("mode")
            or shipment.get("mode")
        )
        paid, compensation = self._sender(identity, shipment, order, str(kind))
        state = "shipment_pending" if source is None else "exchange_rate_missing"
        return Parcel(
            completeness=state if cost is None else "complete",
            status=shipment["status"],
            source=source,
            whole=cost,
            part=part,
            # "the part that is the seller's income (...), else 0": of a sale.
            income=part if kind in INCOME and self.is_sale(order_id) else ZERO,
            seller_part=_share(paid, own, order_id, currency),
            compensation=_share(compensation, own, order_id, currency),
        )

    def _weights(
        self, shipment_id: int, seller: int | None = None
    ) -> dict[int, Decimal]:
        """ "the **sales** among the shipment's orders in proportion to `total_amount`
        (...); where none is a sale, by its gross sales; a test, split or open order
        takes part only where nothing else is there"."""
        members = [
            one
            for one in self._siblings[shipment_id]
            if seller is None or int(self.orders[one]["seller"]["id"]) == seller
        ]
        taking = [one for one in members if self.is_sale(one)]
        taking = taking or [one for one in members if self.is_gross(one)] or members
        return {
            one: money(
                self.orders[one]["total_amount"], self.orders[one]["currency_id"]
            )
            or ZERO
            for one in taking
        }

    def _cost(
        self, shipment_id: int, shipment: Object, currency: str
    ) -> tuple[Decimal | None, str | None]:
        """ "For the whole shipment, the first that is told"."""
        for name, source in (
            ("lead_time", "lead_time"),
            ("shipping_option", "shipping_option"),
        ):
            told = shipment.get(name) or {}
            if told.get("cost") is not None:
                origin = told.get("currency_id") or currency
                return self.convert(exact(told["cost"]), origin, currency), source
        members = self._siblings[shipment_id]
        # "the order's `shipping_cost` (outside carts)"
        alone = [
            money(self.orders[one].get("shipping_cost"), currency)
            for one in members
            if self.orders[one].get("pack_id") is None
        ]
        if any(one is not None for one in alone):
            return total(alone), "order"
        # "Σ `payments[].shipping_cost` of approved payments, each payment once, over
        # all orders of the shipment": of those that keep money, where there are any.
        paid: dict[int, Decimal | None] = {}
        for one in members:
            took = [each for each in self.payments[one] if each.took_money]
            kept = [each for each in took if not each.is_given_back]
            for each in kept or took:
                cost = money(each.payment.get("shipping_cost"), currency)
                paid[each.payment_id] = cost
        # A payment that does not tell may be the one that holds it.
        if paid and all(one is not None for one in paid.values()):
            return total(paid.values()), "payments"
        return None, None

    def _sender(
        self, shipment_id: int, shipment: Object, order: Object, kind: str
    ) -> tuple[Decimal | None, Decimal | None]:
        """What the order's seller pays for the shipment, and is paid, in its currency.

        `cost` + Σ `charges`; `compensation`, and where that is 0 or null Σ
        `compensations[].amount`. Costs are in the shipment's currency.
        """
        seller, currency = int(order["seller"]["id"]), str(order["currency_id"])
        unknown = (ZERO, ZERO) if kind in NEVER_CHARGED else (None, None)
        if not self._with_costs:
            return unknown
        try:
            answer = self._world.shipment_costs(shipment_id) or {}
        except KeyError:
            return unknown
        senders = [
            one
            for one in answer.get("senders") or []
            if one.get("user_id") is not None and int(one["user_id"]) == seller
        ]
        if not senders or any(one.get("cost") is None for one in senders):
            return unknown
        paid = back = Decimal(0)
        for one in senders:
            charges = (one.get("charges") or {}).values()
            paid += exact(one["cost"]) + sum(map(exact, charges), Decimal(0))
            listed = (
                exact(each.get("amount")) for each in one.get("compensations") or []
            )
            back += exact(one.get("compensation")) or sum(listed, Decimal(0))
        told = shipment.get("lead_time") or shipment.get("shipping_option") or {}
        home = getattr(self._world.site(seller), "currency_id", currency)
        origin = told.get("currency_id") or home
        return self.convert(paid, origin, currency), self.convert(
            back, origin, currency
        )


def _share(
    amount: Decimal | None, weights: Mapping[int, Decimal], order_id: int, currency: str
) -> Decimal | None:
    if amount is None:
        return None
    return cut(amount, weights, currency).get(order_id, ZERO)
