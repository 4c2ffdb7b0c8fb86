"""`tables`: every table with its sentence and rows; of one, its columns.

Not here: reading them (`inspection/catalogue.py`).
"""

import textwrap
from pathlib import Path

import polars as pl

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.inspection import catalogue
from pipeline.inspection.catalogue import UnknownTable

_INDENT = "    "
_MEANING_WIDTH = 60
"""A table is drawn where so much is left for what columns mean, and its edges."""


def run(data_dir: Path, name: str | None) -> None:
    """Print the tables, or one of them.

    Raises:
        typer.Exit: 1 if there is no such table.
    """
    with refusals():
        if name is None:
            _print_all(data_dir)
            return
        try:
            found, columns = catalogue.describe(data_dir, name)
        except UnknownTable as error:
            terminal.fail(str(error))
    terminal.line(f"{found.qualified}, {terminal.counted(found.row_count, 'row')}")
    width = min(terminal.out.width, 88)
    for words in textwrap.wrap(found.description, width):
        terminal.line(words)
    rows = pl.DataFrame(
        {
            "column": [one.column_name for one in columns],
            "type": [one.data_type.lower() for one in columns],
            "meaning": [one.description for one in columns],
        }
    )
    beside = sum(max(map(len, rows[name])) for name in ("column", "type"))
    if beside + _MEANING_WIDTH <= terminal.out.width:
        terminal.table(rows)
    else:
        _print_below_each_other(rows)


def _print_below_each_other(rows: pl.DataFrame) -> None:
    """Each column with its type, and its meaning below: no terminal is too narrow."""
    width = max(terminal.out.width, len(_INDENT) + 1)
    for name, kind, meaning in rows.iter_rows():
        terminal.line("")
        terminal.line(f"{name}  {kind}")
        for words in textwrap.wrap(meaning, width - len(_INDENT)):
            terminal.line(f"{_INDENT}{words}")


def _print_all(data_dir: Path) -> None:
    rows = [
        {"table": one.qualified, "rows": one.row_count, "what it is": one.sentence}
        for one in catalogue.tables(data_dir)
    ]
    terminal.table(pl.DataFrame(rows))
