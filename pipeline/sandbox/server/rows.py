"""Makes search rows: orders without what a search trims, and keeps them printed.

Not here: a page of them (`pages`).
"""

from typing import Any

import msgspec

from pipeline.sandbox.server.answers import encode
from pipeline.sandbox.world.eras import KEPT_IN_2026, is_of_2026
from pipeline.sandbox.world.fates import REFUND_IN_DETAIL
from pipeline.sandbox.world.objects import Object
from pipeline.sandbox.world.world import World

KEPT_ROWS = 20_000
"""So many printed rows are kept at most, each of about three kilobytes."""


class Rows:
    """Printed rows of orders as they are now, by number."""

    def __init__(self) -> None:
        self._trims: frozenset[str] = frozenset()
        self._printed: dict[int, tuple[int, msgspec.Raw]] = {}

    def printed(
        self, world: World, numbers: list[int], trims: frozenset[str]
    ) -> list[msgspec.Raw]:
        """The rows of these orders as JSON, without what ``trims`` names."""
        if trims != self._trims or len(self._printed) > KEPT_ROWS:
            self._printed.clear()
            self._trims = trims
        kept = self._printed
        lacking = [
            number
            for number in numbers
            if number not in kept or kept[number][0] != world.version(number)
        ]
        for number, row in zip(lacking, made(world, lacking, trims), strict=True):
            kept[number] = world.version(number), msgspec.Raw(encode(row))
        return [kept[number][1] for number in numbers]


def made(world: World, numbers: list[int], trims: frozenset[str]) -> list[Object]:
    """The rows of these orders, without what ``trims`` names; parts are shared."""
    top, nested = _sorted(trims)
    today_top = [name for name in top if name not in KEPT_IN_2026]
    today = nested | {
        "order_items": [
            name for name in nested.get("order_items", []) if name not in KEPT_IN_2026
        ]
    }
    rows = world.objects(numbers)
    for row, number in zip(rows, numbers, strict=True):
        if world.index["fate"][number] == REFUND_IN_DETAIL:
            row["payments"] = [_without_refund(paid) for paid in row["payments"]]
        is_today = "order_items" in row and is_of_2026(row)
        for name in today_top if is_today else top:
            row.pop(name, None)
        for name, parts in (today if is_today else nested).items():
            if row.get(name):
                row[name] = _trimmed(row[name], parts)
    return rows


def _trimmed(value: Any, parts: list[str]) -> Any:
    """A copy of an object, or of each in a list, without some keys."""
    if isinstance(value, list):
        return [_trimmed(one, parts) for one in value]
    kept = dict(value)
    for part in parts:
        kept.pop(part, None)
    return kept


def _without_refund(paid: Object) -> Object:
    """Leave the amount of a partial refund to /orders/{id}."""
    if paid["status_detail"] != "partially_refunded":
        return paid
    hidden = "transaction_amount_refunded"
    return {name: value for name, value in paid.items() if name != hidden}


def _sorted(paths: frozenset[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Sort dotted paths by where they cut: at the top, or in which part."""
    top: list[str] = []
    nested: dict[str, list[str]] = {}
    for path in paths:
        head, _, tail = path.partition(".")
        if tail:
            nested.setdefault(head, []).append(tail)
        else:
            top.append(path)
    # A field cut as a whole has no parts left to cut.
    return top, {head: tails for head, tails in nested.items() if head not in top}
