"""Which records say of themselves what may not agree: they go to the judge.

A quick look over whole columns that accepts no more than the judge does
(`payloads/order.py`). Not here: values that are wrong by themselves (`columns.py`).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

import polars as pl

from pipeline.frames.columns import EXACT, cents, sent
from pipeline.payloads.order import FIRST_YEAR, LAST_YEAR

_WHOLE = pl.Decimal(38, 0)
_TOLERANCE = Decimal("0.0049")
"""Of a unit: the judge's half a cent, less what cutting a price to `SENT` may hide."""
_LARGE_QUANTITY = 1_000
_LARGE_PRICE = 1_000_000_000
_DISCOUNTS = ("amounts.full", "amounts.seller")


def doubtful(resource: str, tables: Mapping[str, pl.DataFrame]) -> set[int]:
    """Numbers of the records of a decoded batch that the judge must look at.

    ``tables`` are as `decoding.Decoded` has them, the record itself under "".
    """
    look = _LOOKS.get(resource)
    return look(tables) if look else set()


def _orders(tables: Mapping[str, pl.DataFrame]) -> set[int]:
    prices = ("unit_price", "full_unit_price", "sale_fee")
    lines = tables["order_items"].select(
        "record_number",
        "currency_id",
        "quantity",
        amount=sent("unit_price") * pl.col("quantity").cast(_WHOLE),
        is_large=(pl.col("quantity") > _LARGE_QUANTITY)
        | pl.any_horizontal(pl.col(name).abs() >= _LARGE_PRICE for name in prices),
    )
    sums = lines.group_by("record_number").agg(
        pl.col("amount", "quantity").sum(),
        pl.col("is_large").any(),
        lowest_currency=pl.col("currency_id").min(),
        highest_currency=pl.col("currency_id").max(),
    )
    discounts = tables["order_items.discounts"].select("record_number", *_DISCOUNTS)
    dear = discounts.group_by("record_number").agg(
        pl.col(*_DISCOUNTS).abs().sum() >= _LARGE_PRICE
    )
    orders = tables[""].select(
        "record_number",
        "total_amount",
        "currency_id",
        closed_year=pl.col("date_closed").dt.year(),
    )
    most = pl.col("quantity").cast(_WHOLE) * pl.lit(_TOLERANCE)
    line_sum = pl.col("amount").cast(EXACT)
    agrees = (
        ((line_sum - pl.col("total_amount")).abs() <= most)
        & ((line_sum - cents("total_amount").cast(EXACT)).abs() <= most)
        & ~pl.any_horizontal("is_large", *_DISCOUNTS).fill_null(value=False)
        & (pl.col("lowest_currency").fill_null(pl.col("currency_id")))
        .eq(pl.col("currency_id"))
        .and_(
            pl.col("highest_currency")
            .fill_null(pl.col("currency_id"))
            .eq(pl.col("currency_id"))
        )
        # At an offset the year may be another one than in UTC.
        & pl.col("closed_year")
        .is_between(FIRST_YEAR + 1, LAST_YEAR - 1)
        .fill_null(value=True)
    )
    found = (
        orders.join(sums, on="record_number", how="left")
        .join(dear, on="record_number", how="left")
        .filter(~agrees.fill_null(value=False))
    )
    return set(found["record_number"])


_LOOKS: Mapping[str, Callable[[Mapping[str, pl.DataFrame]], set[int]]] = {
    "orders": _orders
}
