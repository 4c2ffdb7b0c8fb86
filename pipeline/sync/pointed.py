"""What a run is about that follows notifications, and nothing else of the warehouse.

Not here: following them (`notified.py`).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.warehouse.ask import ask

if TYPE_CHECKING:
    import duckdb


@dataclass
class Pointed:
    """Orders and shipments that were pointed at, by id.

    ``asked`` is what the run has asked for, by resource: a pack is not asked for again
    because its other orders have come.
    """

    order_ids: set[int] = field(default_factory=set)
    shipment_ids: set[int] = field(default_factory=set)
    asked: dict[str, set[str]] = field(default_factory=dict)

    def ids(self, connection: "duckdb.DuckDBPyConnection", thing: str) -> set[str]:
        """Ids of orders, packs or shipments (`thing`) that hang together with them."""
        found = ask(
            connection,
            "questions/notified_things",
            {"orders": list(self.order_ids), "shipments": list(self.shipment_ids)},
        )
        return {str(one) for kind, one in found.rows() if kind == thing}
