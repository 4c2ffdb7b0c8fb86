"""`query`: rows of the published warehouse as a table, CSV, JSON or Parquet.

Not here: reading it (`warehouse/read.py`).
"""

import sys
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl
from polars.exceptions import DuplicateError

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.warehouse.read import query

Format = Literal["table", "csv", "json", "parquet"]

_BY_ENDING: dict[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
}
_JSON = msgspec.json.Encoder(decimal_format="number")


def run(data_dir: Path, sql: str, form: Format, output: Path | None) -> None:
    """Print rows, or write them to a file; amounts stay exact in every format."""
    form = _form(form, output)
    with refusals():
        try:
            rows = query(data_dir, sql)
        except DuplicateError:
            terminal.fail(
                "two columns of the result have the same name: give one another (as)"
            )
        if form == "table":
            terminal.table(rows)
        elif form == "parquet" and output is not None:
            rows.write_parquet(output)
        else:
            _write(as_json(rows) if form == "json" else as_csv(rows), output)


def _form(form: Format, output: Path | None) -> Format:
    """The format of the option, or of the file's ending."""
    if form == "parquet" and output is None:
        terminal.fail("--format parquet needs --output FILE", code=2)
    if form != "table" or output is None:
        return form
    ending = output.suffix.lower()
    if ending not in _BY_ENDING:
        terminal.fail(
            f"--output {output} needs --format csv, json or parquet, or a name that "
            "ends so",
            code=2,
        )
    return _BY_ENDING[ending]


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, encoding="utf-8")


def as_json(rows: pl.DataFrame) -> str:
    """Rows as a JSON array; decimals are numbers with all their digits."""
    return _JSON.encode(rows.to_dicts()).decode() + "\n"


def as_csv(rows: pl.DataFrame) -> str:
    """Rows as CSV: instants in UTC with a Z, lists as their elements between commas.

    Structs, maps and lists of them are JSON, bytes are hex.
    """
    text = rows.with_columns(
        _as_text(rows[name], kind) for name, kind in rows.schema.items()
    ).write_csv()
    return text if text.endswith("\n") else text + "\n"


def _as_text(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if isinstance(kind, pl.Datetime):
        zone = "Z" if kind.time_zone else ""
        return column.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.6f{zone}")
    if isinstance(kind, pl.Binary):
        return column.bin.encode("hex")
    if isinstance(kind, pl.List) and not kind.inner.is_nested():
        return column.cast(pl.List(pl.String)).list.join(",")
    if kind.is_nested():
        texts = [
            None if value is None else _JSON.encode(value).decode()
            for value in column.to_list()
        ]
        return pl.Series(column.name, texts, dtype=pl.String)
    return column
