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
    terminal.table(
        pl.DataFrame(
            [
                {
                    "column": one.column_name,
                    "type": one.data_type.lower(),
                    "meaning": one.description,
                }
                for one in columns
            ]
        )
    )


def _print_all(data_dir: Path) -> None:
    rows = [
        {"table": one.qualified, "rows": one.row_count, "what it is": one.sentence}
        for one in catalogue.tables(data_dir)
    ]
    terminal.table(pl.DataFrame(rows))
