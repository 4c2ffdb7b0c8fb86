"""Compares Mercado Libre's sales export with the warehouse, order by order.

A line of the export is an order or a whole pack; a pack is compared with the sum of its
orders. Not here: reading the file (`sales_export.py`) and why two amounts may differ
(`reasons.py`).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import polars as pl

from pipeline.tie_out.reasons import (
    SEVERAL_CURRENCIES,
    SIGNED,
    UNKNOWN,
    reason,
    why_absent,
)
from pipeline.tie_out.sales_export import AMOUNTS, Export, ExportRow

Outcome: TypeAlias = Literal["different", "missing_here", "missing_in_file"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing that does not tie; without a column it is the whole order.

    ``difference`` is the file's amount less the warehouse's, costs without their sign.
    """

    order_id: int
    line: int | None = None
    outcome: Outcome
    column: str | None = None
    currency_id: str | None = None
    file_amount: Decimal | None = None
    warehouse_amount: Decimal | None = None
    difference: Decimal | None = None
    reason: str


@dataclass
class ColumnSum:
    """The sums of one column: cells compared, cells that tie, and the difference."""

    compared: int = 0
    tied: int = 0
    difference: Decimal = Decimal(0)


@dataclass
class TieOut:
    """The result; ``ties`` if nothing is missing, different, silent or unread.

    Attributes:
        matched: orders and packs of the file that the warehouse has.
        tied: how many of them tie in every amount of the file.
        silent: how many of them have no amount of money in the file, on their own line
            or on another of their pack, that could be compared: nothing is said of
            them. A cancelled one may have none.
        pack_lines: how many of them are packs.
        unknown: columns without an amount here for any matched sale with a shipment;
            not compared.
        seller_ids: whose orders the matched ones are.
        first_at, last_at: when the first and last matched order was created; an order
            between them that the file lacks is missing in it.
    """

    matched: int = 0
    tied: int = 0
    silent: int = 0
    pack_lines: int = 0
    unknown: list[str] = field(default_factory=list)
    columns: dict[str, ColumnSum] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    unread_count: int = 0
    seller_ids: list[int] = field(default_factory=list)
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def ties(self) -> bool:
        """Whether every line ties, and there is one."""
        return self.matched > 0 and not (
            self.differences or self.unread_count or self.silent
        )

    def count(self, outcome: Outcome) -> int:
        """Orders and packs with that outcome."""
        return len({one.order_id for one in self.differences if one.outcome == outcome})


MONEY = frozenset(AMOUNTS) - {"unit_count"}
"""The columns that are amounts of money."""

_ADDED_UP = (*AMOUNTS, "unit_fee_amount", "marketplace_fee_amount")
_IN_TOTAL = {
    "total_amount": 1,
    "shipping_amount": 1,
    "sale_fee_amount": -1,
    "seller_shipping_amount": -1,
    "refunded_amount": -1,
}
"""How a column counts in the export's own total."""


def compare(export: Export, orders: pl.DataFrame) -> TieOut:
    """Compare an export with the rows of `sql/questions/tie_out_orders.sql`.

    The file should contain the gross sales of its sellers created between its first and
    its last order, which is what Mercado Libre's own report counts.
    """
    named = list(export.rows)
    is_named = pl.col("order_id").is_in(named)
    in_named_pack = pl.col("pack_id").is_in(named).fill_null(value=False)
    matched = orders.filter(is_named | in_named_pack)
    # With siblings that the file lacks: a line may hold the whole cart's amounts.
    packs = matched["pack_id"].drop_nulls().unique().to_list()
    family = orders.filter(is_named | pl.col("pack_id").is_in(packs))
    by_order = {row["order_id"]: row for row in family.to_dicts()}
    by_pack = _added_up(by_order.values())
    result = TieOut(
        unread_count=len(export.unread),
        unknown=_unknown(export, matched),
        columns={name: ColumnSum() for name in AMOUNTS if name in export.columns},
    )
    silent: dict[int, Mapping[str, Any]] = {}
    told_packs: set[int | None] = set()
    for order_id, line in export.rows.items():
        ours = by_order.get(order_id) or by_pack.get(order_id)
        if ours is None:
            result.differences.append(
                Difference(
                    order_id=order_id,
                    line=line.line,
                    outcome="missing_here",
                    reason=why_absent(None),
                )
            )
            continue
        result.matched += 1
        result.pack_lines += order_id not in by_order
        if MONEY.isdisjoint(line.amounts.keys() - result.unknown):
            silent[order_id] = ours
        else:
            told_packs.add(ours["pack_id"])
        found = _differences(export, line, ours, by_pack.get(ours["pack_id"]), result)
        result.tied += not found
        result.differences.extend(found)
    _leave_out_silent(silent, told_packs, result)
    result.differences.extend(_missing(orders, matched, result))
    return result


def _leave_out_silent(
    silent: Mapping[int, Mapping[str, Any]],
    told_packs: Set[int | None],
    result: TieOut,
) -> None:
    """Count the orders and packs of which the file tells no money; they do not tie.

    An order of a cart may leave it to the line of its pack or of a sibling, a cancelled
    one may have none; but not if no line tells any.
    """
    is_told = result.matched > len(silent)
    different = {one.order_id for one in result.differences}
    for order_id, ours in silent.items():
        is_excused = (
            ours["pack_id"] is not None and ours["pack_id"] in told_packs
        ) or ours["order_status"] == "cancelled"
        if not (is_told and is_excused):
            result.silent += 1
            result.tied -= order_id not in different


def _unknown(export: Export, matched: pl.DataFrame) -> list[str]:
    """Columns of the file without an amount here for any sale with a shipment.

    If shipping costs are not fetched, a cost of 0 is known only of orders that ship
    nothing or were cancelled in time.
    """
    shipped = matched.filter(
        pl.col("sibling_count") > 0,
        pl.col("order_status").is_in(["paid", "partially_refunded"]),
    )
    looked_at = matched if shipped.is_empty() else shipped
    return [
        name
        for name in AMOUNTS
        if name in export.columns
        and looked_at.height
        and looked_at[name].null_count() == looked_at.height
    ]


def _added_up(orders: Iterable[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    """Packs as if each were one order; a sum with an unknown part is unknown.

    Nothing is summed over currencies: the sum of a cart in two is unknown.
    """
    packs: dict[int, dict[str, Any]] = {}
    for row in orders:
        pack_id = row["pack_id"]
        if pack_id is None:
            continue
        pack = packs.get(pack_id)
        if pack is None:
            packs[pack_id] = {**row, "order_count": 1}
            continue
        pack["order_count"] += 1
        is_mixed = pack["currency_id"] != row["currency_id"]
        if is_mixed:
            pack["completeness"] = SEVERAL_CURRENCIES
        for name in _ADDED_UP:
            is_known = None not in (pack[name], row[name]) and not is_mixed
            pack[name] = pack[name] + row[name] if is_known else None
    return packs


def _differences(
    export: Export,
    line: ExportRow,
    ours: Mapping[str, Any],
    pack: Mapping[str, Any] | None,
    result: TieOut,
) -> list[Difference]:
    """The amounts of one line that do not tie; counts them in the result's columns."""
    found: list[Difference] = []
    followed = Decimal(0)
    for name in AMOUNTS:
        if name not in line.amounts or name in result.unknown:
            continue
        theirs = line.amounts[name]
        mine = None if ours[name] is None else Decimal(ours[name])
        if name not in SIGNED:
            theirs = abs(theirs)
        summed = result.columns[name]
        summed.compared += 1
        # Nothing is the same in every currency; no other amount is.
        is_comparable = (
            export.currencies.get(name) in (None, ours["currency_id"])
            or theirs == mine == 0
        )
        if mine is not None and theirs == mine and is_comparable:
            summed.tied += 1
            continue
        difference = theirs - mine if mine is not None and is_comparable else None
        likely = (
            UNKNOWN.get(ours["completeness"], "not known here")
            if mine is None
            else reason(
                name,
                theirs,
                ours,
                pack=pack if pack and pack["order_count"] > 1 else None,
                currency_id=export.currencies.get(name),
                followed=followed,
            )
        )
        if difference is not None:
            summed.difference += difference
            followed += _IN_TOTAL.get(name, 0) * difference
        found.append(
            Difference(
                order_id=line.order_id,
                line=line.line,
                outcome="different",
                column=name,
                currency_id=ours["currency_id"],
                file_amount=theirs,
                warehouse_amount=mine,
                difference=difference,
                reason=likely,
            )
        )
    return found


def _missing(
    orders: pl.DataFrame, matched: pl.DataFrame, result: TieOut
) -> list[Difference]:
    """Gross sales of the file's sellers and period that the file lacks."""
    if matched.is_empty():
        return []
    first = matched["created_at"].min()
    last = matched["created_at"].max()
    result.first_at = first if isinstance(first, datetime) else None
    result.last_at = last if isinstance(last, datetime) else None
    result.seller_ids = matched["seller_id"].unique().sort().to_list()
    lacking = orders.filter(
        pl.col("is_gross_sale"),
        pl.col("seller_id").is_in(result.seller_ids),
        pl.col("created_at").is_between(first, last),
    ).join(matched, on="order_id", how="anti", maintain_order="left")
    return [
        Difference(
            order_id=row["order_id"],
            outcome="missing_in_file",
            currency_id=row["currency_id"],
            warehouse_amount=row["total_amount"],
            reason=why_absent(row),
        )
        for row in lacking.iter_rows(named=True)
    ]
