"""The world: records made from a seed, and what happens to them while it is served.

The same seed and moment make the same world. `World` is also the oracle of tests:
what it returns is the truth that the server serves (switches may hide or delay it).
"""

from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from pipeline.sandbox.world import orders
from pipeline.sandbox.world.chance import drawn
from pipeline.sandbox.world.changes import cancelled, refunded
from pipeline.sandbox.world.clock import index_stamp, milliseconds, stamp
from pipeline.sandbox.world.facts import FIRST_SELLER_ID, SCHEMA, plain
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.records import Records, first_numbers


class World(Records):
    """Records that change: late updates, refunds, new orders. See `Records` to read."""

    def change(self, order_id: int, **fields: object) -> Object:
        """Update an order now: replace ``fields`` (top-level keys), bump stamps.

        Without fields only the stamps change. Returns the order after the change.
        """
        with self.lock:
            number = self.number(order_id)
            moment = milliseconds(self.clock.now)
            facts = self.facts_of([number])[0]
            self._born.setdefault(number, facts)
            stamps = {
                "last_updated": stamp(moment // 1000),
                "date_last_updated": index_stamp(moment),
            }
            known = self._changed.get(number, {})
            self._changed[number] = known | fields | stamps
            row: dict[str, object] = {"updated": moment // 1000, "indexed": moment}
            if "status" in fields:
                row["status"] = fields["status"]
            if isinstance(closed := fields.get("date_closed"), str):
                moment_closed = milliseconds(datetime.fromisoformat(closed))
                row["closed"] = moment_closed // 1000
            self._write(number, row)
            changed = self._object(facts)
            self.retagged[number] = changed["tags"]
            return dict(changed)

    def cancel(self, order_id: int) -> Object:
        """Cancel an order now: money back, `paid_amount` 0, the buyer's reason."""
        now = milliseconds(self.clock.now) // 1000
        return self.change(order_id, **cancelled(self.order(order_id), stamp(now)))

    def refund(self, order_id: int, amount: Decimal) -> Object:
        """Give back ``amount`` of an order's first kept payment, leaving the rest.

        Raises:
            ValueError: no payment has that much.
        """
        return self.change(order_id, **refunded(self.order(order_id), amount))

    def ship(self, order_id: int) -> Object:
        """Give an order whose shipping id is null its shipment, with its siblings."""
        with self.lock:
            facts = self.facts(order_id)
            for one in self._purchase(facts.purchase):
                if one.child == facts.child:
                    identity = orders.shipment_id(one.purchase, child=one.child)
                    self._write(one.number, {"ships": True})
                    self.change(
                        orders.order_id(self.seed, one.number),
                        shipping={"id": identity},
                    )
            return self.order(order_id)

    def change_shipment(self, shipment_id: int, **fields: object) -> Object:
        """Replace ``fields`` of a shipment now and bump its `last_updated`."""
        self.trip(shipment_id)
        moment = milliseconds(self.clock.now)
        fields["last_updated"] = stamp(moment // 1000, -4, moment % 1000)
        known = self._changed_shipments.get(shipment_id, {})
        self._changed_shipments[shipment_id] = known | fields
        return self.shipment(shipment_id)

    def change_some(self, count: int) -> list[int]:
        """Change ``count`` orders now: cancel, refund or touch them.

        Which ones depends on the seed and the changes so far. Returns their ids.
        """
        with self.lock:
            changed: list[int] = []
            for _ in range(count if self.size else 0):
                luck = drawn(self.seed, 51, len(self._changed), len(changed))
                identity = orders.order_id(self.seed, luck % self.size)
                made = self.order(identity)
                if luck >> 60 < 5 and made["paid_amount"] > 0:
                    self.cancel(identity)
                else:
                    self.change(identity)
                changed.append(identity)
            return changed

    def add_orders(
        self,
        seller_id: int,
        at: datetime,
        count: int = 1,
        *,
        within: timedelta = timedelta(hours=1),
    ) -> list[int]:
        """Add paid orders of one item each, evenly over ``within`` from ``at``.

        They are created, closed and updated at the same second; with ``within`` zero
        all tie. Returns their ids.
        """
        self.site(seller_id)
        start = milliseconds(at) // 1000
        span = int(within.total_seconds())
        with self.lock:
            first, purchase = self.size, len(self._firsts)
            rows = [
                plain(
                    number=first + n,
                    purchase=purchase + n,
                    seller=seller_id - FIRST_SELLER_ID,
                    moment=start + n * span // count,
                )
                for n in range(count)
            ]
            added = pl.DataFrame(rows, schema=SCHEMA, orient="row")
            self._rows = pl.concat([self._rows, added]).rechunk()
            self._firsts = first_numbers(self._rows)
            self._updates.clear()
        return [orders.order_id(self.seed, first + n) for n in range(count)]

    def _write(self, number: int, values: dict[str, object]) -> None:
        columns = []
        for name, value in values.items():
            column = self._rows.get_column(name).clone()
            columns.append(
                column.scatter(number, pl.Series([value], dtype=SCHEMA[name]))
            )
        self._rows = self._rows.with_columns(columns)
        self._updates.clear()
        self._versions[number] += 1
        self._made.pop(number, None)
