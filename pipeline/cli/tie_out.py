"""`tie-out`: compares Mercado Libre's sales export with the warehouse and reports.

Not here: reading the export and comparing (`tie_out/`).
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import typer

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals, warn_of_change
from pipeline.cli.output import write
from pipeline.cli.query import as_csv
from pipeline.tie_out.comparison import TieOut, compare
from pipeline.tie_out.delimited import Unreadable
from pipeline.tie_out.kept import keep
from pipeline.tie_out.sales_export import COLUMNS, Export, read
from pipeline.warehouse.files import statement
from pipeline.warehouse.read import asking

SHOWN_DIFFERENCES = 50
SHOWN_LINES = 20
_MONEY = pl.Decimal(18, 2)
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "order_id": pl.Int64,
    "line": pl.Int64,
    "outcome": pl.String,
    "column": pl.String,
    "currency_id": pl.String,
    "file_amount": _MONEY,
    "warehouse_amount": _MONEY,
    "difference": _MONEY,
    "reason": pl.String,
}


def named(columns: Sequence[str]) -> dict[str, str]:
    """Titles of columns given as ``order_id=# de venta``, by column.

    Raises:
        typer.BadParameter: one is not of that form, or names no column of `COLUMNS`.
    """
    found: dict[str, str] = {}
    for text in columns:
        name, _, title = text.partition("=")
        if name.strip() not in COLUMNS or not title.strip():
            raise typer.BadParameter(
                f"--column {text!r}: give it as NAME=TITLE, where NAME is one of "
                f"{', '.join(COLUMNS)}"
            )
        found[name.strip()] = title.strip()
    return found


def run(
    data_dir: Path, file: Path, columns: Sequence[str], output: Path | None
) -> None:
    """Print what ties, what does not, and the likely reasons.

    Raises:
        typer.Exit: 1 if anything does not tie, or the file cannot be read.
    """
    titles = named(columns)
    try:
        export = read(file.read_bytes(), titles)
    except OSError as error:
        terminal.fail(f"{file} cannot be read: {error.strerror}")
    except Unreadable as error:
        terminal.fail(f"{file.name}: {error}")
    with refusals():
        warn_of_change(data_dir)
        with asking(data_dir) as ask:
            orders = ask(statement("questions/tie_out_orders"))
        found = compare(export, orders)
        rows = pl.DataFrame(map(asdict, found.differences), schema=_SCHEMA)
        if output is not None:
            write(output, as_csv(rows).encode())
    _keep(data_dir, found)
    _print_file(export, found)
    _print_sums(found)
    _print_differences(rows, output)
    if not found.ties:
        terminal.fail(_verdict(export, found))
    terminal.line("everything ties, to the cent")


def _keep(data_dir: Path, found: TieOut) -> None:
    """Keep how it ended for the report; a folder of somebody else is left as it is."""
    try:
        keep(data_dir, found, datetime.now(UTC))
    except OSError as error:
        terminal.say(
            f"the report will not mention this: {data_dir} cannot be written "
            f"({error.strerror})"
        )


def _print_file(export: Export, found: TieOut) -> None:
    titles = ", ".join(f"{name} “{title}”" for name, title in export.columns.items())
    terminal.line(f"columns (line {export.header_line}): {titles}")
    if left := [name for name in COLUMNS if name not in export.columns]:
        terminal.line(f"not in the file: {', '.join(left)}")
    if found.unknown:
        terminal.line(f"not known here, so not compared: {', '.join(found.unknown)}")
    if export.without_number:
        numbers = ", ".join(map(str, export.without_number[:SHOWN_LINES]))
        more = ", …" if len(export.without_number) > SHOWN_LINES else ""
        terminal.line(
            f"left out, without an order's number: {len(export.without_number):,} "
            f"(line {numbers}{more})"
        )
    for one in export.unread[:SHOWN_LINES]:
        terminal.line(f"not understood: line {one.line}: {one.reason}")
    if len(export.unread) > SHOWN_LINES:
        terminal.line(f"and {len(export.unread) - SHOWN_LINES:,} more lines")


def _print_sums(found: TieOut) -> None:
    packs = f" ({found.pack_lines:,} of them packs)" if found.pack_lines else ""
    silent = f"; without an amount to compare: {found.silent:,}" * (found.silent > 0)
    terminal.line(
        f"matched: {found.matched:,}{packs}, of which {found.tied:,} tie and "
        f"{found.count('different'):,} differ{silent}; missing here: "
        f"{found.count('missing_here'):,}; missing in the file: "
        f"{found.count('missing_in_file'):,}"
    )
    if found.first_at and found.last_at:
        terminal.line(
            f"looked for what the file lacks from {found.first_at:%Y-%m-%d %H:%M} to "
            f"{found.last_at:%Y-%m-%d %H:%M} UTC, when its orders were created"
        )
    if found.columns:
        terminal.table(
            pl.DataFrame(
                [
                    (name, one.compared, one.tied, one.compared - one.tied)
                    for name, one in found.columns.items()
                ],
                schema=["column", "compared", "tie", "differ"],
                orient="row",
            )
        )


def _print_differences(rows: pl.DataFrame, output: Path | None) -> None:
    if rows.is_empty():
        return
    reasons = (
        rows.group_by("outcome", "column", "currency_id", "reason")
        .agg(
            pl.len().alias("count"),
            pl.when(pl.col("difference").count() > 0).then(pl.col("difference").sum()),
        )
        .sort("count", "outcome", "column", "reason", descending=[True, *[False] * 3])
    )
    terminal.table(reasons, "likely reasons")
    terminal.table(rows.head(SHOWN_DIFFERENCES), "what does not tie")
    if rows.height > SHOWN_DIFFERENCES and output is None:
        terminal.line(
            f"and {rows.height - SHOWN_DIFFERENCES:,} more: --output FILE.csv has all"
        )


def _verdict(export: Export, found: TieOut) -> str:
    if not found.matched:
        return (
            "no order of the file is in the warehouse: is it this seller's, and has "
            "its time been synced (meli-sales status)?"
        )
    counts = {
        "orders that differ": found.count("different"),
        "orders without an amount to compare": found.silent,
        "not here": found.count("missing_here"),
        "not in the file": found.count("missing_in_file"),
        "lines not understood": len(export.unread),
    }
    told = "; ".join(f"{words}: {count:,}" for words, count in counts.items() if count)
    return f"not everything ties: {told}"
