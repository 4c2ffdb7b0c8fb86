"""A batch of landed records as columns: decoded at a stroke, the rest judged singly.

msgspec decodes each record straight into a struct that holds what we read, numbers
still as their text; polars then reads and checks whole columns. A record that does not
decode, or of which one value is suspect, goes to the judge alone: accepted, it comes
back as rows like any other; refused, as a row of `refused` with path and reason.

Not here: what columns mean; each table's module takes what it needs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from pipeline.frames import agreement
from pipeline.frames.closing import Closing, closing
from pipeline.frames.columns import column
from pipeline.frames.permission import permission
from pipeline.frames.shapes import Shape, firsts, shape, values
from pipeline.landing.redaction import redacted
from pipeline.payloads.verdict import Model, is_too_deep, judge
from pipeline.sql import UTC_MICROSECONDS, schema

# Structs live only while their chunk is turned into columns: memory stays flat.
CHUNK_ROWS = 4096

REFUSED = {
    name: data_type
    for name, data_type in schema("ops.quarantine").items()
    if name != "is_resolved"
}
"""The columns of `ops.quarantine`, less `is_resolved`."""


@dataclass(frozen=True)
class Decoded:
    """A decoded batch; every table is led by `record_number`, the row in the batch.

    `record` has one row per accepted record in the batch's order, a column per leaf
    named by its JSON path (`taxes.amount`), and a boolean per object (`taxes`: present
    and not null). `lists` holds a table for each array of objects by its path, with
    `line_number` from 1, for one inside another (`details.items`) also the outer's
    `parent_line_number`. `refused` has the columns of `REFUSED`.
    """

    record: pl.DataFrame
    lists: dict[str, pl.DataFrame]
    refused: pl.DataFrame


def decode(
    resource: str,
    model: Model,
    records: pl.DataFrame,
    *,
    at_a_stroke: bool = True,
) -> Decoded:
    """Decode landed records of one resource by its model.

    Records without a payload (a landed 404) are passed over, those that landed with a
    fault are refused. `at_a_stroke=False` gives
    every record to the judge: the same result, slower; tests hold one to the other.
    """
    layout = shape(model)
    landed = records.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("record_number"),
        "resource_id",
        "fault",
        pl.col("payload").cast(pl.Binary),
    ).drop_nulls("payload")
    tables: list[dict[str, pl.DataFrame]] = [_tables(layout, [], [])[0]]
    faulty = landed.drop_nulls("fault")
    reasons = dict(faulty.select("record_number", "fault").iter_rows())
    landed = landed.filter(pl.col("fault").is_null()).drop("fault")
    for chunk in landed.iter_slices(CHUNK_ROWS):
        numbers = chunk["record_number"].to_list()
        payloads = chunk["payload"].to_list()
        if at_a_stroke:
            good, suspects = _decode_chunk(resource, layout, numbers, payloads)
        else:
            good, suspects = tables[0], set(numbers)
        if suspects:
            found = chunk.filter(pl.col("record_number").is_in(list(suspects)))
            good = _with_judged(model, layout, good, found, reasons)
        tables.append(good)
    joined = {name: pl.concat([part[name] for part in tables]) for name in tables[0]}
    return Decoded(joined.pop(""), joined, _refused(resource, model, records, reasons))


def _decode_chunk(
    resource: str, layout: Shape, numbers: list[int], payloads: list[bytes]
) -> tuple[dict[str, pl.DataFrame], set[int]]:
    """Decode what passes; give its tables and the numbers of what does not."""
    decoder = msgspec.json.Decoder(layout.struct)
    structs: list[msgspec.Struct] = []
    decoded: list[int] = []
    for number, payload in zip(numbers, payloads, strict=True):
        if is_too_deep(payload):
            continue
        try:
            structs.append(decoder.decode(payload))
        except msgspec.DecodeError:
            continue
        decoded.append(number)
    suspects = set(numbers).difference(decoded)
    tables, doubtful = _tables(layout, structs, decoded)
    doubtful |= agreement.doubtful(resource, tables)
    if doubtful:
        tables = {
            name: table.remove(pl.col("record_number").is_in(list(doubtful)))
            for name, table in tables.items()
        }
    return tables, suspects | doubtful


def _with_judged(
    model: Model,
    layout: Shape,
    good: dict[str, pl.DataFrame],
    suspects: pl.DataFrame,
    reasons: dict[int, str],
) -> dict[str, pl.DataFrame]:
    """Judge the suspects; add the accepted in their places, note why others are not."""
    structs: list[msgspec.Struct] = []
    accepted: list[int] = []
    for number, resource_id, payload in suspects.iter_rows():
        verdict = judge(model, payload, asked=resource_id)
        if verdict.record is None:
            reasons[number] = verdict.reason or ""
        else:
            structs.append(layout.from_model(verdict.record))
            accepted.append(number)
    judged, _ = _tables(layout, structs, accepted)
    return {
        name: pl.concat([table, judged[name]]).sort(
            "record_number", maintain_order=True
        )
        for name, table in good.items()
    }


def _tables(
    layout: Shape, structs: list[msgspec.Struct], numbers: list[int]
) -> tuple[dict[str, pl.DataFrame], set[int]]:
    """Turn structs into tables ("" is the record itself) and the suspects' numbers."""
    suspects: set[int] = set()
    keys = {"record_number": numbers}
    tables = {"": _table(layout, structs, keys, suspects)}
    _add_lists(layout, structs, keys, "", tables, suspects)
    return tables, suspects


def _add_lists(
    layout: Shape,
    structs: list[Any],
    keys: dict[str, list[int]],
    prefix: str,
    tables: dict[str, pl.DataFrame],
    suspects: set[int],
) -> None:
    """Add a table for each array of objects, at any depth, keyed by its parents."""
    for name, child in layout.lists:
        lines = [line or () for line in values(structs, name)]
        below = {
            "parent_line_number" if key == "line_number" else key: [
                number
                for number, line in zip(numbers, lines, strict=True)
                for _ in line
            ]
            for key, numbers in keys.items()
        }
        below["line_number"] = [
            place for line in lines for place in range(1, len(line) + 1)
        ]
        flat = [part for line in lines for part in line]
        tables[prefix + name] = _table(child, flat, below, suspects)
        _add_lists(child, flat, below, f"{prefix}{name}.", tables, suspects)


def _table(
    layout: Shape,
    structs: list[Any],
    keys: dict[str, list[int]],
    suspects: set[int],
) -> pl.DataFrame:
    """Make the columns of one table; add the numbers of suspect records."""
    table = [pl.Series(name, numbers, dtype=pl.Int64) for name, numbers in keys.items()]
    for series, suspect in _columns(layout, structs, ""):
        table.append(series)
        if suspect is not None and suspect.any():
            suspects.update(table[0].filter(suspect))
    return pl.DataFrame(table)


def _columns(
    layout: Shape, structs: list[Any], prefix: str
) -> Iterable[tuple[pl.Series, pl.Series | None]]:
    for leaf in layout.leaves:
        read = column(leaf, values(structs, leaf.name))
        yield read.values.alias(prefix + leaf.name), read.suspect
    for name, child in layout.objects:
        parts = values(structs, name)
        if name in layout.in_lists:
            parts = firsts(parts)
        present = [part is not None for part in parts]
        yield pl.Series(prefix + name, present, dtype=pl.Boolean), None
        known = [child.empty if part is None else part for part in parts]
        yield from _columns(child, known, f"{prefix}{name}.")


def _refused(
    resource: str, model: Model, records: pl.DataFrame, reasons: dict[int, str]
) -> pl.DataFrame:
    """Give the refused records in the batch's order."""
    rows = records[sorted(reasons)]
    closings: list[Closing] = [(None, None)] * rows.height
    if resource == "orders":
        closings = list(map(closing, rows["payload"], rows["fetched_at"]))
    return rows.select(
        resource=pl.lit(resource),
        resource_id="resource_id",
        landed_at="fetched_at",
        seller_id="seller_id",
        reason=pl.Series(
            [reasons[number] for number in sorted(reasons)], dtype=pl.String
        ),
        payload=_without_people(model, rows["payload"]),
        closed_from=pl.Series([first for first, _ in closings], dtype=UTC_MICROSECONDS),
        closed_to=pl.Series([last for _, last in closings], dtype=UTC_MICROSECONDS),
    ).cast(REFUSED)  # type: ignore[arg-type] # polars types the mapping too narrowly


def _without_people(model: Model, payloads: pl.Series) -> pl.Series:
    """Payloads as they would land today: earlier versions let more texts land."""
    return pl.Series(
        [redacted(text, permission(model)).payload for text in payloads],
        dtype=pl.String,
    )
