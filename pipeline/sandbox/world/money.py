"""Amounts as the API prints them: cents in, `Decimal` with the exact text out.

Not here: sums; each module computes its own in whole cents, or in thousandths if a
price has three decimals.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

Printer = Callable[[int], Decimal]

_NOTHING = Decimal("0.00")


@lru_cache(maxsize=16_384)
def two_places(cents: int) -> Decimal:
    """``1000.00``: how orders of today print an amount."""
    return Decimal(cents).scaleb(-2) if cents else _NOTHING


def shortest(cents: int) -> Decimal:
    """``129.95``, ``6.9``, ``25``: how older orders print an amount."""
    whole, part = divmod(cents, 100)
    if not part:
        return Decimal(whole)
    return Decimal(cents).scaleb(-2) if part % 10 else Decimal(cents // 10).scaleb(-1)


def noisy(cents: int) -> Decimal:
    """``14.290000000000001``: a float after arithmetic, as documents show.

    Rounds to the same cents; 0 stays 0.
    """
    if cents == 0:
        return Decimal(0)
    return Decimal(repr(math.nextafter(cents / 100, math.inf)))


def three_places(thousandths: int) -> Decimal:
    """``33.335``: a price or fee that was computed and never rounded."""
    return Decimal(thousandths).scaleb(-3)


def whole_cents(thousandths: int) -> int:
    """Return an amount of 0 or more in whole cents, rounded half up."""
    return (thousandths + 5) // 10


def shared(cents: int, share: float) -> int:
    """Return ``share`` of an amount in whole cents, rounded half up."""
    return math.floor(cents * share + 0.5)
