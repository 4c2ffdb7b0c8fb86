"""What the API sends that the schema does not know: rows of `ops.unknown_fields`.

New JSON paths are looked for in a sample of the batch that has every distinct number
of keys in it, so that a field new in only some records shows without decoding them all
again; new members of status vocabularies are looked for everywhere. Not here: values.
"""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl
from pydantic_core import PydanticCustomError

from pipeline.frames import payment_outcomes
from pipeline.frames.columns import Leaf
from pipeline.frames.decoding import Decoded
from pipeline.frames.shapes import Shape, shape
from pipeline.landing.redaction import WITHHELD
from pipeline.payloads.values import json_type
from pipeline.payloads.verdict import Model, parse
from pipeline.sql import schema

SCHEMA = schema("ops.unknown_fields")

SMALLEST_SAMPLE = 64
SAMPLE_SHARE = 0.02

_ORDER = (
    "cancelled confirmed invalid manually_cancelled paid partially_paid "
    "partially_refunded payment_in_process payment_required pending_cancel"
)
_PACK = "cancelled error filled filling pending_cancel released to_be_shipped"
_SHIPMENT = (
    "cancelled delivered handling not_delivered pending ready_to_ship shipped "
    "to_be_agreed"
)
# Statuses of docs/mercado-libre-api.md, Statuses; "" is the record itself.
VOCABULARIES: dict[tuple[str, str], frozenset[str]] = {
    ("orders", ""): frozenset(_ORDER.split()),
    ("orders", "payments"): payment_outcomes.STATUSES,
    ("packs", ""): frozenset(_PACK.split()),
    ("shipments", ""): frozenset(_SHIPMENT.split()),
}


def frame(
    resource: str, model: Model, decoded: Decoded, records: pl.DataFrame
) -> pl.DataFrame:
    """Make one row per unknown path, or new status, of a batch of one resource.

    Paths write arrays as `[]` (`order_items[].bundle`); what is beneath an unknown
    object is not listed. A new status is `status=its_name` with the type `new value`;
    a text of a known path that may not land has the type `withheld`. A value that is of
    none of the forms of its path, and for which nothing was read, is named, too.
    `seen_count` counts records, for paths only those of the sample.
    """
    accepted = frozenset(decoded.record["record_number"])
    seen = pl.concat(
        [_new_paths(model, records, accepted), _new_statuses(resource, decoded)]
    )
    times = records.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("record_number"), "fetched_at"
    )
    return (
        seen.join(times, on="record_number", how="left")
        .group_by("path")
        .agg(
            pl.lit(resource).alias("resource"),
            pl.col("fetched_at").min().alias("first_seen_at"),
            pl.col("fetched_at").max().alias("last_seen_at"),
            pl.col("record_number").n_unique().cast(pl.Int64).alias("seen_count"),
            pl.col("sample_type").sort_by("record_number").first(),
        )
        .sort("path")
        .select(*SCHEMA)
    )


_SEEN = {"record_number": pl.Int64, "path": pl.String, "sample_type": pl.String}


def _new_paths(
    model: Model, records: pl.DataFrame, accepted: frozenset[int]
) -> pl.DataFrame:
    layout = shape(model)
    rows: list[tuple[int, str, str]] = []
    for number, payload in _sample(records).iter_rows():
        try:
            record = parse(payload)
        except ValueError:
            continue  # quarantined with its own reason
        for prefix, members, beside in _objects(record, layout, ""):
            rows += [
                (number, prefix + name, sample_type)
                for name, sample_type in (
                    *_unknown(members, beside),
                    *_unread(members, beside, is_accepted=number in accepted),
                )
            ]
    return pl.DataFrame(rows, schema=_SEEN, orient="row")


def _sample(records: pl.DataFrame) -> pl.DataFrame:
    """Take the first record of every distinct number of keys, then the second, ..."""
    size = max(SMALLEST_SAMPLE, int(records.height * SAMPLE_SHARE))
    return (
        records.select(
            pl.int_range(pl.len(), dtype=pl.Int64).alias("record_number"), "payload"
        )
        .drop_nulls("payload")
        .with_columns(
            key_count=pl.col("payload").str.count_matches('":', literal=True),
            withheld_count=pl.col("payload").str.count_matches(WITHHELD, literal=True),
        )
        .with_columns(
            place=pl.col("record_number")
            .cum_count()
            .over("key_count", "withheld_count")
        )
        .sort("place", "record_number")
        .head(size)
        .select("record_number", "payload")
    )


def _objects(
    value: object, layout: Shape, prefix: str
) -> Iterator[tuple[str, dict[str, object], Shape]]:
    """Walk a record beside its shape; give each object with its path and its shape."""
    if not isinstance(value, dict):
        return
    yield prefix, value, layout
    for name, child in layout.objects:
        yield from _objects(value.get(name), child, f"{prefix}{name}.")
    for name, child in layout.lists:
        parts = value.get(name)
        for part in parts if isinstance(parts, list) else ():
            yield from _objects(part, child, f"{prefix}{name}[].")


def _unknown(members: dict[str, object], layout: Shape) -> Iterator[tuple[str, str]]:
    """Keys that the shape does not know, or knows to hold an object; their types."""
    for key, part in members.items():
        if key not in layout.known:
            yield key, json_type(part)
    for name, _ in layout.objects:
        part = members.get(name)
        shapes = (dict, list) if name in layout.in_lists else dict
        if part is not None and not isinstance(part, shapes):
            yield name, json_type(part)


def _unread(
    members: dict[str, object], layout: Shape, *, is_accepted: bool
) -> Iterator[tuple[str, str]]:
    """Known keys of which nothing was read; their types.

    Their text may not land, or their value has none of the forms that are known; a
    record that was refused for one says so itself.
    """
    for leaf in layout.leaves:
        part = members.get(leaf.name)
        if WITHHELD in (part if isinstance(part, list) else [part]):
            yield leaf.name, "withheld"
        elif is_accepted and _is_strange(part, leaf):
            yield leaf.name, json_type(part)


def _is_strange(part: object, leaf: Leaf) -> bool:
    """Whether a value is of no form of its leaf; what is empty or withheld is none."""
    if part in (None, WITHHELD, "", [], {}):
        return False
    if leaf.many and isinstance(part, list):
        return any(_is_strange(one, replace(leaf, many=False)) for one in part)
    try:
        leaf.kind.read(part)
    except PydanticCustomError:
        return True
    return leaf.many


def _new_statuses(resource: str, decoded: Decoded) -> pl.DataFrame:
    tables = {"": decoded.record} | decoded.lists
    found = [pl.DataFrame(schema=_SEEN)]
    for (of, name), known in VOCABULARIES.items():
        if of != resource:
            continue
        status = pl.col("status")
        # A vocabulary has names; anything else could be someone's words.
        shown = pl.when(status.str.contains("^[a-z0-9_]{1,40}$")).then(status)
        path = f"{name}[].status=" if name else "status="
        found.append(
            tables[name]
            .filter(~status.is_in(list(known)))
            .select(
                "record_number",
                path=path + shown.fill_null("(other)"),
                sample_type=pl.lit("new value"),
            )
        )
    return pl.concat(found)
