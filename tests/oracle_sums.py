"""What orders add up to, by the words of the contract: events, days, months, items.

What one order is worth is in `oracle`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.oracle import Expected, Oracle
from tests.oracle_money import ZERO, cut, money, products, refunds, rounded, step, total

NEVER_PAID = {"unpaid", "unknown", "open", "test", "split"}


@dataclass(frozen=True)
class Event:
    """A row of `marts.sale_events`; ``amount`` is what it adds to net sales."""

    order_id: int
    event: str
    payment_id: int | None
    event_date: date | None
    amount: Decimal | None


@dataclass(frozen=True)
class Sales:
    """What sales tables by day and month hold, as far as orders tell it."""

    order_count: int
    sale_order_count: int
    pack_count: int
    unit_count: int
    gross_sales_amount: Decimal
    cancelled_amount: Decimal
    not_completed_amount: Decimal
    unpaid_amount: Decimal
    refunded_amount: Decimal
    net_sales_amount: Decimal
    taxes_amount: Decimal
    shipping_amount: Decimal
    total_amount_with_shipping: Decimal
    sale_fee_amount: Decimal
    seller_shipping_amount: Decimal
    estimated_proceeds_amount: Decimal
    average_order_amount: Decimal | None
    returns_by_event_amount: Decimal
    net_sales_amount_reporting: Decimal
    total_amount_with_shipping_reporting: Decimal
    estimated_proceeds_amount_reporting: Decimal
    unknown_total_count: int
    unknown_refund_count: int
    unknown_proceeds_count: int


@dataclass
class Item:
    """What `marts.item_sales` holds of one item; lines add to it."""

    gross_sales_amount: Decimal = field(default=ZERO)
    cancelled_amount: Decimal = field(default=ZERO)
    refunded_amount: Decimal = field(default=ZERO)
    net_sales_amount: Decimal = field(default=ZERO)
    estimated_proceeds_amount: Decimal = field(default=ZERO)


Day = tuple[int, str, str, date]
"""Seller, site, currency; and a day, or the first of a month."""

Channel = tuple[int, str, str, date, str | None, bool]
"""The same, the channel, and whether it was sold through Mercado Shops."""


class Sums:
    """Everything that is added up of an oracle's orders."""

    def __init__(self, oracle: Oracle, reporting: str | None = None) -> None:
        self._oracle = oracle
        self._reporting = reporting
        self.orders = oracle.expected()

    def tells_channel(self, order_id: int) -> bool:
        """Whether search rows tell the channel: those of orders in today's shape do."""
        lines = self._oracle.orders[order_id]["order_items"]
        return all("full_unit_price" not in line for line in lines)

    def ledger(self) -> dict[int, Decimal | None]:
        """ "sums to `estimated_proceeds_amount`"; null where that is unknown."""
        return {key: one.estimated_proceeds_amount for key, one in self.orders.items()}

    # --- events ---

    def events(self) -> list[Event]:
        """ "one row per order and event `sold, cancelled, refunded, ...`".

        "No events for orders that were never paid" (design).
        """
        return [event for one in self.orders.values() for event in self._events(one)]

    def _events(self, one: Expected) -> Iterable[Event]:
        if one.outcome in NEVER_PAID:
            return
        order_id, order = one.order_id, self._oracle.orders[one.order_id]
        yield Event(order_id, "sold", None, one.sold_date, one.total_amount)
        changed = order.get("last_updated")
        if not one.is_sale:
            # What was undone is the whole order, on "the day that the order names, else
            # the last change of a payment that was given back, else of the order".
            told = (order.get("cancel_detail") or {}).get("date")
            went = (
                each.payment.get("date_last_modified")
                for each in self._oracle.payments[order_id]
                if each.went_back
            )
            paid = max(filter(None, went), key=datetime.fromisoformat, default=None)
            day = self._day(order_id, told or paid or changed)
            yield Event(order_id, "cancelled", None, day, ZERO - one.total_amount)
        payments = self._oracle.payments[order_id]
        back = refunds(payments, one.total_amount) if one.is_sale else {}
        for payment in payments:
            moment = payment.payment.get("date_last_modified") or changed
            day = self._day(order_id, moment)
            # A refund of what came in twice takes nothing back.
            if back.get(payment.payment_id, ZERO) != ZERO:
                amount = back[payment.payment_id]
                away = None if amount is None else ZERO - amount
                yield Event(order_id, "refunded", payment.payment_id, day, away)
            # A refund that nobody knows the payer of is one event, not two.
            if payment.covered or (
                payment.covered is None and payment.returned == ZERO
            ):
                yield Event(order_id, "covered", payment.payment_id, day, ZERO)
            if payment.disputed:
                yield Event(order_id, "disputed", payment.payment_id, day, ZERO)

    def _day(self, order_id: int, moment: str | None) -> date | None:
        local = self._oracle.local(order_id, moment)
        return None if local is None else local.date()

    # --- days and months ---

    def daily(self) -> dict[Day, Sales]:
        """ "every day from first sale to last, also days with none".

        Days are added after the last sale where something was given back on them: else
        returns by event would add up to less than what came back.
        """
        return self._filled(self._by(lambda day: day), lambda day: day + timedelta(1))

    def monthly(self) -> dict[Day, Sales]:
        """The same by calendar month, named by its first day."""
        found = self._by(lambda day: day.replace(day=1))
        return self._filled(
            found, lambda day: (day + timedelta(days=31)).replace(day=1)
        )

    def channels(self, seen: Mapping[int, str | None]) -> dict[Channel, Sales]:
        """The months, parted by channel: as ``seen``, and by the tag of the order."""
        parts: dict[tuple[str | None, bool], list[Expected]] = defaultdict(list)
        for one in self.orders.values():
            parts[seen[one.order_id], one.is_mshops].append(one)
        return {
            (*month, *part): sales
            for part, orders in parts.items()
            for month, sales in self._by(lambda day: day.replace(day=1), orders).items()
        }

    def _by(
        self, start: Callable[[date], date], of: Iterable[Expected] | None = None
    ) -> dict[Day, Sales]:
        orders: dict[Day, list[Expected]] = defaultdict(list)
        returns: dict[Day, Decimal] = defaultdict(lambda: ZERO)
        for one in self.orders.values() if of is None else of:
            account = (one.seller_id, one.site_id, one.currency_id)
            if one.is_gross_sale and one.sold_date is not None:
                orders[*account, start(one.sold_date)].append(one)
            for event in self._events(one):
                if event.event in ("cancelled", "refunded") and event.event_date:
                    key = (*account, start(event.event_date))
                    returns[key] -= event.amount or ZERO
        return {
            key: self._sum(orders.get(key, []), returns.get(key, ZERO), key[2])
            for key in orders.keys() | returns.keys()
        }

    def _filled(
        self, found: dict[Day, Sales], after: Callable[[date], date]
    ) -> dict[Day, Sales]:
        days: dict[tuple[int, str, str], list[date]] = defaultdict(list)
        for seller, site, currency, day in found:
            days[seller, site, currency].append(day)
        for account, seen in days.items():
            day = min(seen)
            while day < max(seen):
                found.setdefault((*account, day), self._sum([], ZERO, account[2]))
                day = after(day)
        return found

    def _sum(self, gross: list[Expected], returns: Decimal, currency: str) -> Sales:
        sales = [one for one in gross if one.is_sale]
        cancelled = _goods(gross, "cancelled")
        # "in sums it goes with `not_completed`": what has an unknown word.
        not_completed = _goods(gross, "not_completed", "unknown")
        unpaid = _goods(gross, "unpaid")
        all_goods = total(one.total_amount for one in gross)
        refunded = total(one.refunded_amount for one in sales)
        count = len(gross)
        average = Fraction(all_goods) / count if count else None
        return Sales(
            order_count=count,
            sale_order_count=len(sales),
            pack_count=len({one.pack_id or one.order_id for one in gross}),
            unit_count=sum(self._units(one.order_id) for one in gross),
            gross_sales_amount=all_goods,
            cancelled_amount=cancelled,
            not_completed_amount=not_completed,
            unpaid_amount=unpaid,
            refunded_amount=refunded,
            # "gross - cancelled - not completed - unpaid - refunded"
            net_sales_amount=all_goods - cancelled - not_completed - unpaid - refunded,
            taxes_amount=total(one.taxes_amount for one in sales),
            shipping_amount=total(one.shipping_amount for one in sales),
            total_amount_with_shipping=total(
                one.total_amount_with_shipping for one in sales
            ),
            sale_fee_amount=total(one.sale_fee_amount for one in sales),
            seller_shipping_amount=total(one.seller_shipping_amount for one in sales),
            # Of other outcomes too: what travelled and was no sale has its cost.
            estimated_proceeds_amount=total(
                one.estimated_proceeds_amount for one in gross
            ),
            average_order_amount=None
            if average is None
            else rounded(average, currency),
            returns_by_event_amount=returns,
            net_sales_amount_reporting=total(self._net_reporting(one) for one in sales),
            total_amount_with_shipping_reporting=total(
                one.total_amount_with_shipping_reporting for one in sales
            ),
            estimated_proceeds_amount_reporting=total(
                one.estimated_proceeds_amount_reporting for one in gross
            ),
            unknown_total_count=sum(
                one.total_amount_with_shipping is None for one in sales
            ),
            unknown_refund_count=sum(one.refunded_amount is None for one in sales),
            unknown_proceeds_count=sum(
                one.estimated_proceeds_amount is None for one in gross
            ),
        )

    def _units(self, order_id: int) -> int:
        return sum(
            line["quantity"] for line in self._oracle.orders[order_id]["order_items"]
        )

    def _net_reporting(self, one: Expected) -> Decimal | None:
        if self._reporting is None:
            return None
        net = one.total_amount - (one.refunded_amount or ZERO)
        return self._oracle.convert(net, one.currency_id, self._reporting)

    # --- items ---

    def items(self) -> dict[tuple[int, str, str], Item]:
        """What each seller's item came to over all time, by currency."""
        found: dict[tuple[int, str, str], Item] = defaultdict(Item)
        for one in self.orders.values():
            if not one.is_gross_sale:
                continue
            lines = self._oracle.orders[one.order_id]["order_items"]
            goods = self.lines(one.order_id)
            refunded = cut(
                (one.refunded_amount or ZERO) if one.is_sale else ZERO,
                goods,
                one.currency_id,
            )
            proceeds = cut(
                one.estimated_proceeds_amount or ZERO, goods, one.currency_id
            )
            for number, line in enumerate(lines, start=1):
                key = (one.seller_id, str(line["item"]["id"]), one.currency_id)
                item = found[key]
                item.gross_sales_amount += goods[number]
                item.refunded_amount += refunded[number]
                item.estimated_proceeds_amount += proceeds[number]
                if one.outcome == "cancelled":
                    item.cancelled_amount += goods[number]
                if one.is_sale:
                    item.net_sales_amount += goods[number] - refunded[number]
        return dict(found)

    def lines(self, order_id: int) -> dict[int, Decimal]:
        """ "every amount of the order cut to the cent over its lines": its goods.

        Each line has the whole units of its own product; units over these go to the
        largest fractions, ties by line number, so that lines add up to the order.
        """
        order = self._oracle.orders[order_id]
        currency = order["currency_id"]
        sent = [
            one or Fraction() for one in products(order["order_items"], "unit_price")
        ]
        unit = Fraction(step(currency))
        counts = [int(one / unit) for one in sent]
        goods = money(order["total_amount"], currency) or ZERO
        left = int(goods / step(currency)) - sum(counts)
        if goods != rounded(sum(sent, Fraction()), currency):
            # An order's total that its lines do not make is parted by what they are.
            weights = {n: rounded(one, currency) for n, one in enumerate(sent, start=1)}
            return cut(goods, weights, currency)
        places = sorted(range(len(sent)), key=lambda n: (counts[n] - sent[n] / unit, n))
        for place in places[:left]:
            counts[place] += 1
        return {
            number: (count * step(currency)).quantize(Decimal("0.01"))
            for number, count in enumerate(counts, start=1)
        }


def _goods(orders: Iterable[Expected], *outcomes: str) -> Decimal:
    return total(one.total_amount for one in orders if one.outcome in outcomes)
