"""One row of the index: the facts about an order that all its views start from.

Not here: drawing them (`index`), and an order's JSON (`orders`).
"""

from typing import NamedTuple

import polars as pl

from pipeline.sandbox.world import fates

FIRST_SELLER_ID = 700_100_200
BUYERS_PER_SELLER = 10_000_000
"""Room between the buyers' numbers of two sellers."""
DAY = 86_400


class Facts(NamedTuple):
    """One row of the index, in the order of its columns.

    Moments are seconds since 1970, but ``indexed`` is milliseconds. ``content`` is the
    number whose draws fill the order: its own, or that of the order it replaces after
    a split. ``child`` says that it moved to the pack and shipment made by the split.
    """

    number: int
    purchase: int
    position: int
    size: int
    seller: int
    buyer: int
    item: int
    content: int
    child: bool
    created: int
    closed: int | None
    updated: int
    indexed: int
    fate: str
    status: str
    has_pack: bool
    ships: bool
    is_test: bool
    is_mshops: bool
    is_fraud: bool
    delivered: bool
    rating: int
    legacy: bool
    priced: int


_TYPES = {bool: pl.Boolean(), str: pl.String()}
SCHEMA: dict[str, pl.DataType] = {
    name: _TYPES.get(kind, pl.Int64()) for name, kind in Facts.__annotations__.items()
}


def plain(*, number: int, purchase: int, seller: int, moment: int) -> Facts:
    """One order bought, paid and last updated at a second, alone in its pack."""
    return Facts(
        number=number, purchase=purchase, position=0, size=1, seller=seller,
        buyer=seller * BUYERS_PER_SELLER + number, item=number % 50, content=number,
        child=False, created=moment, closed=moment, updated=moment,
        indexed=moment * 1000, fate=fates.PAID, status="paid", has_pack=True,
        ships=True, is_test=False, is_mshops=False, is_fraud=False, delivered=False,
        rating=0, legacy=False, priced=moment // DAY,
    )  # fmt: skip
