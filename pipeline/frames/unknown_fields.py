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
        rows += [
            (number, path, json_type(value))
            for path, value in _unknown(record, layout, "")
        ]
        rows += [(number, path, "withheld") for path in _withheld(record, layout, "")]
        if number in accepted:  # a refused one says so itself
            rows += [
                (number, path, json_type(value))
                for path, value in _strange(record, layout, "")
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


def _unknown(value: object, layout: Shape, prefix: str) -> Iterator[tuple[str, object]]:
    """Walk a record beside its shape; give each path where the shape knows nothing.

    So is a path where the shape knows an object and something else stands.
    """
    if not isinstance(value, dict):
        return
    for key, part in value.items():
        if key not in layout.known:
            yield prefix + key, part
    for name, child in layout.objects:
        part = value.get(name)
        shapes = (dict, list) if name in layout.in_lists else dict
        if part is not None and not isinstance(part, shapes):
            yield prefix + name, part
        yield from _unknown(part, child, f"{prefix}{name}.")
    for name, child in layout.lists:
        parts = value.get(name)
        for part in parts if isinstance(parts, list) else ():
            yield from _unknown(part, child, f"{prefix}{name}[].")


def _strange(value: object, layout: Shape, prefix: str) -> Iterator[tuple[str, object]]:
    """Walk a record beside its shape; give each value that is of none of its forms."""
    if not isinstance(value, dict):
        return
    for leaf in layout.leaves:
        part = value.get(leaf.name)
        if _is_strange(part, leaf):
            yield prefix + leaf.name, part
    for name, child in layout.objects:
        yield from _strange(value.get(name), child, f"{prefix}{name}.")
    for name, child in layout.lists:
        parts = value.get(name)
        for part in parts if isinstance(parts, list) else ():
            yield from _strange(part, child, f"{prefix}{name}[].")


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


def _withheld(value: object, layout: Shape, prefix: str) -> Iterator[str]:
    """Walk a record beside its shape; give each known path of a text withheld."""
    if not isinstance(value, dict):
        return
    for leaf in layout.leaves:
        part = value.get(leaf.name)
        if WITHHELD in (part if isinstance(part, list) else [part]):
            yield prefix + leaf.name
    for name, child in layout.objects:
        yield from _withheld(value.get(name), child, f"{prefix}{name}.")
    for name, child in layout.lists:
        parts = value.get(name)
        for part in parts if isinstance(parts, list) else ():
            yield from _withheld(part, child, f"{prefix}{name}[].")


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
