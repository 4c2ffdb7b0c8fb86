"""What holding a sales export against the warehouse shows.

Not here: how it is found out (`tie_out.py`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["different", "missing_here", "missing_in_file"]


@dataclass(frozen=True)
class Difference:
    """One thing that does not tie; without a column it is the whole order.

    ``difference`` is the file's amount less the warehouse's, costs without their sign.
    """

    order_id: int
    line: int | None
    outcome: Outcome
    column: str | None
    currency_id: str | None
    file_amount: Decimal | None
    warehouse_amount: Decimal | None
    difference: Decimal | None
    reason: str


@dataclass
class ColumnSum:
    """What one column came to: cells held against the warehouse, and their sums."""

    compared: int = 0
    tied: int = 0
    difference: Decimal = Decimal(0)


@dataclass
class TieOut:
    """The result; ``ties`` when nothing is missing, different or unread.

    Attributes:
        matched: orders and packs of the file that are here, whatever they tell.
        tied: those of them of which every amount told ties.
        pack_lines: those of them that are packs.
        unknown: columns that no matched sale with a shipment has here: not compared.
        first_at, last_at: when the first and last matched order was created; orders
            between them that the file lacks are missing in it.
    """

    matched: int = 0
    tied: int = 0
    pack_lines: int = 0
    unknown: list[str] = field(default_factory=list)
    columns: dict[str, ColumnSum] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unread_count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def ties(self) -> bool:
        """Whether every line tied, and there was one."""
        return self.matched > 0 and not self.differences and not self.unread_count

    def count(self, outcome: Outcome) -> int:
        """Orders and packs with that outcome."""
        return len({one.order_id for one in self.differences if one.outcome == outcome})
