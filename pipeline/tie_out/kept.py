"""How tie-outs ended, kept in the data folder, so that the report can say so.

A file of counts, amounts and numbers of sellers; it names no order. Not here: comparing
(`comparison.py`).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec

from pipeline import whole
from pipeline.tie_out.comparison import ColumnSum, TieOut

FILE_NAME = "tie-outs.json"


class KeptTieOut(msgspec.Struct, frozen=True):
    """How one export compared.

    Attributes:
        tied_at: when it was compared.
        seller_ids: whose orders it holds.
        first_at, last_at: when the first and the last of them was created.
        matched_count: orders and packs of the file that the warehouse has.
        different_count: those of them with an amount that differs.
        missing_here_count, missing_in_file_count: orders that one side lacks.
        unread_count: lines that were not understood.
        differences: by currency, the file's goods less the warehouse's.
        silent_count: orders and packs of which the file told no money.
        is_goods_compared: whether the file told goods: else no difference is known.
    """

    tied_at: datetime
    seller_ids: tuple[int, ...]
    first_at: datetime
    last_at: datetime
    matched_count: int
    different_count: int
    missing_here_count: int
    missing_in_file_count: int
    unread_count: int
    differences: dict[str, Decimal]
    silent_count: int = 0
    is_goods_compared: bool = True

    @property
    def ties(self) -> bool:
        """Whether nothing is missing, different, silent or unread."""
        return not (
            self.different_count
            or self.missing_here_count
            or self.missing_in_file_count
            or self.unread_count
            or self.silent_count
        )


_FILE = msgspec.json.Decoder(list[KeptTieOut])


def keep(data_dir: Path, found: TieOut, now: datetime) -> None:
    """Keep how a tie-out ended, in the place of an older one of the same orders.

    Keeps nothing where no order of the file is known.
    """
    if found.first_at is None or found.last_at is None:
        return
    goods = found.columns.get("total_amount", ColumnSum())
    differences: dict[str, Decimal] = {}
    for one in found.differences:
        if one.column == "total_amount" and one.currency_id and one.difference:
            sum_so_far = differences.get(one.currency_id, Decimal(0))
            differences[one.currency_id] = sum_so_far + one.difference
    new = KeptTieOut(
        tied_at=now,
        seller_ids=tuple(found.seller_ids),
        first_at=found.first_at,
        last_at=found.last_at,
        matched_count=found.matched,
        different_count=found.count("different"),
        missing_here_count=found.count("missing_here"),
        missing_in_file_count=found.count("missing_in_file"),
        unread_count=found.unread_count,
        differences=differences,
        silent_count=found.silent,
        is_goods_compared=goods.compared > 0,
    )
    older = [one for one in kept(data_dir) if _orders(one) != _orders(new)]
    whole.write(data_dir / FILE_NAME, msgspec.json.encode([*older, new]))


def kept(data_dir: Path) -> Sequence[KeptTieOut]:
    """What was kept, the oldest first; nothing of a file that is not ours."""
    try:
        return _FILE.decode((data_dir / FILE_NAME).read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return []


def _orders(one: KeptTieOut) -> tuple[object, ...]:
    return one.seller_ids, one.first_at, one.last_at
