"""Compares what a contender has loaded with what was sent: every order, every amount.

An amount is right if it is the same decimal number as in the JSON. A money column of
floats mostly passes that, and shows in the sum of all totals, which must be exact too.
"""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks.measuring import ROOT
from benchmarks.sales import FIRST_ORDER, amounts


@dataclass(frozen=True)
class Loaded:
    """What arrived.

    Attributes:
        orders: distinct orders in the contender's tables.
        lost: orders that were sent and are not there.
        repeated: rows beyond one an order.
        wrong_amounts: amounts that are another number than was sent.
        sum_is_off_by: sum of all totals, as its database adds them, less the true one.
    """

    orders: int
    lost: int
    repeated: int
    wrong_amounts: int
    sum_is_off_by: Decimal

    @property
    def money(self) -> str:
        """Whether money is exact, in words."""
        if self.wrong_amounts:
            return f"{self.wrong_amounts:,} amounts wrong"
        if self.sum_is_off_by:
            return f"sum off by {self.sum_is_off_by:.1E}"
        return "exact"


def loaded(python: Path, module: str, folder: Path, count: int) -> Loaded:
    """Ask a contender what it has loaded, in its own environment, and compare."""
    told = subprocess.run(
        [python, "-m", module, "amounts", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    [total], *rows = [line.split("\t") for line in told.stdout.splitlines()]
    return compare(Decimal(total), rows, count)


def compare(total: Decimal, rows: Iterable[Sequence[str]], count: int) -> Loaded:
    """Compare rows of order id, total, paid, unit price and sale fee."""
    seen: set[int] = set()
    row_count = wrong = 0
    true_total = sum((Decimal(amounts(one).total) for one in range(count)), Decimal(0))
    for identity, *found in rows:
        number = int(identity) - FIRST_ORDER
        sent = amounts(number)
        row_count += 1
        seen.add(number)
        wrong += sum(
            one == "None" or Decimal(one) != Decimal(true)
            for one, true in zip(
                found, (sent.total, sent.paid, sent.price, sent.fee), strict=True
            )
        )
    return Loaded(
        orders=len(seen),
        lost=len(set(range(count)) - seen),
        repeated=row_count - len(seen),
        wrong_amounts=wrong,
        sum_is_off_by=total - true_total,
    )
