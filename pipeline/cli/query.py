"""`query`: rows of the published warehouse as a table, CSV, JSON, Parquet or workbook.

Not here: reading it (`warehouse/read.py`), and cells of a workbook (`workbook.py`).
"""

import re
import sys
from pathlib import Path
from typing import Literal

import polars as pl
from polars.exceptions import DuplicateError

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals, warn_of_change
from pipeline.cli.output import write, writing
from pipeline.warehouse.errors import QueryRefused
from pipeline.warehouse.read import query

Format = Literal["table", "csv", "json", "parquet", "xlsx"]

_BY_ENDING: dict[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_LAYOUT = re.compile(r"([\t\n\r])")


def run(data_dir: Path, sql: str, form: Format, output: Path | None) -> None:
    """Print rows, or write them to a file; amounts stay exact in every format."""
    form = _form(form, output)
    with refusals():
        warn_of_change(data_dir)
        try:
            rows = query(data_dir, sql)
        except DuplicateError:
            terminal.fail(
                "two columns of the result have the same name: give one another (as)"
            )
        except QueryRefused as error:
            terminal.fail(f"{error}{_hint(sql, str(error))}", place=error.place)
        if form == "table":
            terminal.table(rows, cure="name fewer, or use another --format")
            if rows.is_empty() and sql.strip().lower().startswith("show"):
                terminal.say("`meli-sales tables` lists every table")
        elif form == "parquet" and output is not None:
            with writing(output) as file:
                rows.write_parquet(file)
        elif form == "xlsx" and output is not None:
            from pipeline.cli.workbook import Sheet, workbook  # takes a while to load

            with writing(output) as file:
                workbook([Sheet("query", rows)], file)
        else:
            _write(
                terminal.json(rows.to_dicts()) if form == "json" else as_csv(rows),
                output,
            )


def statement_of(sql: str | None, file: Path | None) -> str:
    """The SQL of the argument, of a file, or of standard input.

    Standard input is read for `-`, and where nothing else is given and it is no
    terminal.

    Raises:
        typer.Exit: 2 if none or two are given, or the file cannot be read.
    """
    if file is not None:
        if sql is not None:
            terminal.fail("give SQL or --file, not both", code=2)
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            terminal.fail(f"--file {file} cannot be read: {error}", code=2)
    if sql is None and sys.stdin.isatty():
        terminal.fail(
            'give SQL, as in `meli-sales query "from marts.daily_sales"`, or --file '
            "F.sql, or - for standard input",
            code=2,
        )
    try:
        text = sys.stdin.read() if sql is None or sql == "-" else sql
        text.encode()
    except UnicodeError:
        terminal.fail("the SQL is not UTF-8: correct it, or set LC_ALL=C.UTF-8", code=2)
    return text


def _hint(sql: str, refused: str) -> str:
    """What was probably meant, if DuckDB's words do not lead there."""
    if refused.startswith("Catalog Error: Table"):
        return "; `meli-sales tables` lists every table, those for people in marts"
    if refused.startswith("Parser Error") and sql.strip().endswith(".sql"):
        return "; a file of SQL is read by --file"
    return ""


def _form(form: Format, output: Path | None) -> Format:
    """The format of the option, or of the file's ending."""
    if form in ("parquet", "xlsx") and output is None:
        terminal.fail(f"--format {form} needs --output FILE", code=2)
    if form != "table" or output is None:
        return form
    ending = output.suffix.lower()
    if ending not in _BY_ENDING:
        terminal.fail(
            f"--output {output} needs --format csv, json, parquet or xlsx, or a name "
            "that ends so",
            code=2,
        )
    return _BY_ENDING[ending]


def _write(text: str, output: Path | None) -> None:
    if output is None:
        terminal.write(text)
    else:
        write(output, text.encode())


def as_csv(rows: pl.DataFrame) -> str:
    """Rows as CSV: instants in UTC with a Z, lists as their elements between commas.

    Structs, maps and lists of them are JSON, bytes are hex. Text that a spreadsheet
    would take for a formula gets an apostrophe in front, and control characters are
    spelled out; Parquet and JSON keep text as it is.
    """
    text = rows.with_columns(
        _as_text(rows[name], kind) for name, kind in rows.schema.items()
    ).write_csv()
    return text if text.endswith("\n") else text + "\n"


def for_spreadsheets(rows: pl.DataFrame, *, is_first: bool) -> bytes:
    """Rows as CSV for a spreadsheet in Spanish or Portuguese.

    As `as_csv`, but with semicolons and decimal commas, and with a tab in front of ids,
    so that a spreadsheet takes them for text and keeps each digit. The first part of a
    file has a byte order mark and the names of columns. Instants become texts before
    (`workbook.with_local_times`).
    """
    made = rows.with_columns(
        _local(_as_text(rows[name], kind), kind) for name, kind in rows.schema.items()
    )
    text = made.write_csv(separator=";", include_bom=is_first, include_header=is_first)
    return text.encode()


def _local(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if column.name.endswith("_id") and kind.is_integer():
        texts = column.cast(pl.String)
        return ("\t" + texts).alias(column.name)
    if kind.is_decimal() or kind.is_float():
        return column.cast(pl.String).str.replace(".", ",", literal=True)
    return column


def _as_text(column: pl.Series, kind: pl.DataType) -> pl.Series:
    if isinstance(kind, pl.Datetime):
        zone = "Z" if kind.time_zone else ""
        return column.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.6f{zone}")
    if isinstance(kind, pl.Binary):
        return column.bin.encode("hex")
    if isinstance(kind, pl.List) and not kind.inner.is_nested():
        return _harmless(column.cast(pl.List(pl.String)).list.join(","))
    if kind.is_nested():
        texts = [
            None if value is None else terminal.json(value).rstrip("\n")
            for value in column.to_list()
        ]
        return pl.Series(column.name, texts, dtype=pl.String)
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        return _harmless(column.cast(pl.String))
    return column


def _harmless(column: pl.Series) -> pl.Series:
    """Text that neither a spreadsheet nor a terminal obeys."""
    texts = column.drop_nulls().unique()  # most of them stand in many rows
    found = [_FORMULA.sub(r"'\g<0>", _without_codes(one)) for one in texts]
    return column.replace(texts, pl.Series(found, dtype=pl.String))


def _without_codes(text: str) -> str:
    """The text with control characters spelled out, but for tabs and ends of lines."""
    return "".join(
        part if part in ("\t", "\n", "\r") else terminal.visible(part)
        for part in _LAYOUT.split(text)
    )
