"""Values of one leaf, over a whole batch, as a typed polars column; what fails, marked.

The check of a column accepts no more than the judge does (`payloads/values.py`): what
it marks, the judge decides. Not here: which leaves there are (`shapes.py`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl
from pydantic_core import PydanticCustomError

from pipeline.payloads.values import (
    Amount,
    Flag,
    Instant,
    Kind,
    Presence,
    Ratio,
    Total,
    Whole,
)
from pipeline.sql import MONEY, RATIO, SENT

NULL = msgspec.Raw(b"null")
_NOTHING = frozenset({b"null", b"false", b"{}", b"[]"})
EXACT = pl.Decimal(38, 18)

# Plain decimals of at most 12 + 18 digits; a longer number or one with an exponent is
# rare and goes to the judge.
_PLAIN = r"-?[0-9]{1,12}(?:\.[0-9]{1,18})?"
_PLAIN_ONLY = f"^{_PLAIN}$"
_PLAIN_OR_NULL = f"^(?:null|{_PLAIN})$"
# An object of one amount is its own sum; of more, the judge adds them up.
_ONLY_MEMBER = rf'^\{{\s*"[^"\\]*"\s*:\s*({_PLAIN})\s*\}}$'
_NO_MEMBER = r"^\{\}$"
_INSTANT = (
    r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])$"
)


@dataclass(frozen=True)
class Leaf:
    """One value of a model; a null in a required amount makes its record suspect."""

    name: str
    kind: Kind
    required: bool
    many: bool


@dataclass(frozen=True)
class Column:
    """A typed column, and where it may not be trusted (null: nowhere)."""

    values: pl.Series
    suspect: pl.Series | None


def column(leaf: Leaf, values: list[Any]) -> Column:
    """Read the values of a leaf as the decoder left them.

    Whole numbers become Int64, amounts Decimal(38, 18), instants UTC microseconds,
    flags and presences Boolean, texts String, lists of texts List(String), empty where
    null. A suspect value is null or wrong, but never outside its kind's limits.
    """
    if leaf.many:
        return Column(_texts(values), None)
    match leaf.kind:
        case Whole() as kind:
            return _whole(kind, values)
        case Amount() as kind:
            return _amount(kind, values, required=leaf.required)
        case Instant():
            return _instant(values)
        case Flag():
            return Column(pl.Series(values, dtype=pl.Boolean), None)
        case Presence():
            present = [bytes(value) not in _NOTHING for value in values]
            return Column(pl.Series(present, dtype=pl.Boolean), None)
        case _:
            return Column(pl.Series(values, dtype=pl.String), None)


def wire(value: Any, leaf: Leaf) -> Any:
    """Give a judged value as the fast decoder would have left it."""
    match value:
        case Decimal():
            return msgspec.Raw(format(value, "f").encode())
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.%f%z")
        case None if isinstance(leaf.kind, Amount | Presence):
            return NULL
        case bool() if isinstance(leaf.kind, Presence):
            return msgspec.Raw(b"true" if value else b"false")
        case _:
            return value


def cents(name: str) -> pl.Expr:
    """Round an exact amount half away from zero to decimal(18,2)."""
    return pl.col(name).round(2, mode="half_away_from_zero").cast(MONEY)


def sent(name: str) -> pl.Expr:
    """Cut an exact amount to decimal(19,6), for what multiplies or converts it later.

    Cut, not rounded: cents rounded from it are those of the amount itself. 19 digits
    leave as many for a quantity or a ratio in a product of 38.
    """
    return pl.col(name).truncate(6).cast(SENT)


def ratio(name: str) -> pl.Expr:
    """Round an exact ratio half away from zero to decimal(28,12)."""
    return pl.col(name).round(12, mode="half_away_from_zero").cast(RATIO)


def _texts(values: list[list[str] | None]) -> pl.Series:
    """Make a list column from flat parts: polars is slow to take lists one by one."""
    flat = pl.DataFrame(
        {
            "row": [row for row, texts in enumerate(values) for _ in texts or ()],
            "text": [text for texts in values for text in texts or ()],
        },
        schema={"row": pl.Int64, "text": pl.String},
    )
    rows = pl.select(row=pl.int_range(len(values), dtype=pl.Int64))
    lists = rows.join(
        flat.group_by("row").agg("text"), on="row", how="left", maintain_order="left"
    )
    return lists["text"].fill_null(pl.Series([[]], dtype=pl.List(pl.String)))


def _whole(kind: Whole, values: list[Any]) -> Column:
    try:
        numbers = pl.Series(values, dtype=pl.Int64)
    except (TypeError, OverflowError):  # some came as strings, or are too big
        numbers, suspects = _whole_one_by_one(kind, values)
        return Column(numbers, suspects)
    if kind == Whole():
        return Column(numbers, None)
    inside = (numbers >= kind.lowest) & (numbers <= kind.highest)
    return Column(_where(inside, numbers), (~inside).fill_null(value=False))


def _whole_one_by_one(kind: Whole, values: list[Any]) -> tuple[pl.Series, pl.Series]:
    numbers: list[int | None] = []
    suspects: list[bool] = []
    for value in values:
        try:
            numbers.append(None if value is None else kind.read(value))
            suspects.append(False)
        except PydanticCustomError:
            numbers.append(None)
            suspects.append(True)
    return (
        pl.Series(numbers, dtype=pl.Int64),
        pl.Series(suspects, dtype=pl.Boolean),
    )


def _amount(kind: Amount, values: list[Any], *, required: bool) -> Column:
    texts = pl.Series(list(map(bytes, values)), dtype=pl.Binary).cast(pl.String)
    if isinstance(kind, Total):
        texts = texts.str.replace(_ONLY_MEMBER, "$1").str.replace(_NO_MEMBER, "0")
    plain = texts.str.contains(_PLAIN_ONLY if required else _PLAIN_OR_NULL)
    numbers = texts.cast(EXACT, strict=False)
    inside = (numbers > kind.lowest) & (numbers < kind.highest)
    suspect = ~plain
    if isinstance(kind, Ratio):
        suspect |= (~inside).fill_null(value=False)
    return Column(_where(inside, numbers), suspect)


def _where(inside: pl.Series, numbers: pl.Series) -> pl.Series:
    """Keep what is inside its kind's limits, so that sums and products always fit."""
    return numbers.zip_with(
        inside.fill_null(value=False), pl.Series([None], dtype=numbers.dtype)
    )


def _instant(values: list[Any]) -> Column:
    texts = pl.Series("at", values, dtype=pl.String)
    # Nothing but the pattern reaches the parser: it takes some dates the judge refuses.
    plain = texts.str.contains(_INSTANT)
    clean = pl.select(
        pl.when(plain).then(texts.str.replace("Z", "+00:00", literal=True))
    ).to_series()
    instants = clean.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f%z", time_unit="us", time_zone="UTC", strict=False
    )
    return Column(instants, texts.is_not_null() & instants.is_null())
