"""Which fields of an answer each column of core is made of.

Found by trying: of answers that differ in one field rows are made, and the columns that
differ are made of that field. Not here: what the columns mean (`sql/core`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

import polars as pl

from pipeline.frames.columns import Leaf
from pipeline.frames.shapes import Shape, shape
from pipeline.landing.record import SCHEMA
from pipeline.payloads.values import Amount, Flag, Instant, Presence, Ratio, Whole
from pipeline.sync.resources import RESOURCES, Resource

Place: TypeAlias = tuple[tuple[str, bool], ...]
"""Keys from the answer down to a value, each with whether it holds a list."""

_ID = 7  # of everything that has one, the seller included
_ASKED = {
    "resource_id": str(_ID),
    "seller_id": _ID,
    "fetched_at": datetime(2026, 3, 2, tzinfo=UTC),
    "status": 200,
    "missing_fields": [],
}
_TAGS = ["test_order", "fraud_risk_detected", "mshops"]


class Field(NamedTuple):
    """A value of an answer: where it stands, and two values that it may have."""

    place: Place
    is_required: bool
    usual: Any
    other: Any

    @property
    def path(self) -> str:
        """Its place in words, as in `order_items[].item.id`."""
        return ".".join(key + "[]" * is_list for key, is_list in self.place)


def fields() -> Mapping[tuple[str, str], Sequence[str]]:
    """The paths of the fields by table and column; none for what the envelope gives.

    First those that count when an answer has every field, then those that stand in
    when it has the required ones alone. Not found are fields of sellers and exchange
    rates, whose rows depend on what was asked.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for resource in RESOURCES.values():
        known = list(_fields(shape(resource.model), ()))
        # The key of ours under which an answer stands that is a bare array.
        ours = f"{getattr(resource.model, 'bare', None)}[]."
        for kept in (known, [field for field in known if field.is_required]):
            for table, column, field in _differing(resource, known, kept):
                paths = found.setdefault((table, column), [])
                path = field.path.removeprefix(ours)
                if path not in paths:
                    paths.append(path)
    return found


def _fields(layout: Shape, above: Place) -> Iterator[Field]:
    for leaf in layout.leaves:
        yield Field((*above, (leaf.name, False)), leaf.required, *_values(leaf))
    for parts, is_list in ((layout.objects, False), (layout.lists, True)):
        for name, child in parts:
            yield from _fields(child, (*above, (name, is_list)))


def _values(leaf: Leaf) -> tuple[Any, Any]:
    if leaf.many:
        return [], _TAGS
    match leaf.kind:
        case Ratio():
            return 1, 2
        case Amount():  # of 0, so that lines of any quantity add up to the total
            return 0, 0.005
        case Whole():
            return _ID, _ID + 1
        case Instant():  # at an hour that is another day on the clock of another site
            return "2026-03-01T04:00:00Z", "2026-01-01T05:00:00Z"
        case Flag():
            return True, False
        case Presence():
            return {"a": 1}, None
        case _:  # a code; two sites, for what depends on one
            return "MLB", "MLM"


def _differing(
    resource: Resource, known: Sequence[Field], kept: Sequence[Field]
) -> Iterator[tuple[str, str, Field]]:
    """Table, column and field wherever rows differ from those of the usual answer."""
    usual = {field.place: field.usual for field in kept}
    differing = [usual, *(usual | {field.place: field.other} for field in known)]
    answers = [_nested(values) for values in differing]
    bare = getattr(resource.model, "bare", None)
    records = pl.DataFrame(
        [
            _ASKED | {"payload": json.dumps(answer.get(bare, []) if bare else answer)}
            for answer in answers
        ],
        schema=dict(SCHEMA),
    )
    for table, frame in resource.frames(records, {}).tables.items():
        rows = frame.group_by("record_number").agg(pl.exclude("record_number"))
        made = {row.pop("record_number"): row for row in rows.to_dicts()}
        if not table.startswith("core.") or 0 not in made:
            continue
        for number, field in enumerate(known, 1):
            for column, values in made.get(number, {}).items():
                if values != made[0][column]:
                    yield table, column, field


def _nested(values: Mapping[Place, Any]) -> dict[str, Any]:
    """The answer that has these values at their places, one element a list."""
    answer: dict[str, Any] = {}
    for place, value in values.items():
        at = answer
        for key, is_list in place[:-1]:
            at = at.setdefault(key, [{}])[0] if is_list else at.setdefault(key, {})
        at[place[-1][0]] = value
    return answer
