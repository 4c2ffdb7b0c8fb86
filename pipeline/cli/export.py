"""`export`: every mart as one workbook, or as a folder of Parquet or CSV files.

Not here: what a cell looks like (`workbook.py`), and a person's own select
(`query.py`).
"""

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Literal
from zoneinfo import ZoneInfo

import polars as pl

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals, warn_of_change
from pipeline.cli.output import writing
from pipeline.cli.query import for_spreadsheets
from pipeline.cli.workbook import Sheet, parts, row_count, with_local_times, workbook
from pipeline.sites import SITES
from pipeline.warehouse.files import Table, tables
from pipeline.warehouse.read import Ask, Copy, copying

Form = Literal["xlsx", "parquet", "csv"]

MANY_ROWS = 1_000_000
"""A workbook of more takes minutes to write, and longer to open."""

_READING = (
    "Ids are texts, so that no digit is lost. An empty amount is unknown, not 0. Never "
    "add up amounts of several currencies."
)
_DEFAULTS = {
    "xlsx": "meli-sales.xlsx",
    "parquet": "meli-sales-parquet",
    "csv": "meli-sales-csv",
}


def run(data_dir: Path, form: Form, output: Path | None) -> None:
    """Write every mart of the published warehouse, each file whole or not at all.

    Memory stays flat, however many rows there are: marts are copied aside and read
    again a part at a time.
    """
    place = output or Path(_DEFAULTS[form])
    with (
        refusals(),
        TemporaryDirectory() as aside,
        copying(data_dir, Path(aside)) as (ask, copy),
    ):
        warn_of_change(data_dir)
        zone = _zone(ask)
        copies = ((mart.name, _copied(copy, mart, Path(aside))) for mart in _marts())
        if form == "xlsx":
            sheets = [Sheet(name, pl.scan_parquet(file), zone) for name, file in copies]
            rows = {sheet.name: row_count(sheet.rows.lazy()) for sheet in sheets}
            count = sum(rows.values())
            if count > MANY_ROWS:
                terminal.say(
                    f"{count:,} rows are many for a workbook, which takes minutes: "
                    "--format csv or --format parquet is faster"
                )
            with writing(place) as book:
                workbook([*_first_sheets(ask, rows, zone), *sheets], book)
            terminal.line(f"{len(sheets)} tables are in {place}; times are local")
            return
        place.mkdir(exist_ok=True)
        for name, file in copies:
            with writing(place / f"{name}.{form}") as made:
                if form == "parquet":
                    with file.open("rb") as copied:
                        shutil.copyfileobj(copied, made)
                else:
                    _write_csv(pl.scan_parquet(file), zone, made)
            file.unlink()
    terminal.line(f"{len(_marts())} tables are in {place}/, a file each")


def _marts() -> list[Table]:
    """Every mart, by name."""
    marts = [one for one in tables() if one.schema == "marts"]
    return sorted(marts, key=lambda one: one.name)


def _copied(copy: Copy, mart: Table, folder: Path) -> Path:
    """The rows of a mart as a Parquet file, in the order of its key."""
    file = folder / f"{mart.name}.parquet"
    copy(f"from {mart.qualified} order by {', '.join(mart.key)}", file)
    return file


def _write_csv(rows: pl.LazyFrame, zone: str, file: BinaryIO) -> None:
    for number, part in enumerate(parts(rows)):
        made = with_local_times(part, zone)
        file.write(for_spreadsheets(made, is_first=number == 0))


def _zone(ask: Ask) -> str:
    """The clock of the sellers' site, if all are on one that is known; else UTC."""
    sites = ask("select distinct site_id from core.sellers")["site_id"]
    known = [SITES[site].time_zone for site in sites.to_list() if site in SITES]
    return known[0] if len(known) == 1 else "UTC"


def _first_sheets(ask: Ask, rows: Mapping[str, int], zone: str) -> list[Sheet]:
    """What the workbook is, with the rows of each mart, then what each column means."""
    marts = _marts()
    about = pl.DataFrame(
        [
            *(("", words, None) for words in _lines(ask, zone)),
            *((one.name, one.description, rows[one.name]) for one in marts),
        ],
        {"table": pl.String, "what it is": pl.String, "rows": pl.Int64},
        orient="row",
    )
    columns = pl.DataFrame(
        [
            (mart.name, one.name, one.description)
            for mart in marts
            for one in mart.columns
        ],
        {"table": pl.String, "column": pl.String, "meaning": pl.String},
        orient="row",
    )
    return [Sheet("about", about), Sheet("columns", columns)]


def _lines(ask: Ask, zone: str) -> Iterator[str]:
    [told] = ask("from ops.published").to_dicts()
    clock = ZoneInfo(zone)
    complete_to: datetime | None = told["complete_to"]
    yield "Sales of Mercado Libre, as meli-sales has read and worked them out."
    yield f"Published {told['published_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    if complete_to is not None:
        until = f"{complete_to.astimezone(clock):%Y-%m-%d %H:%M}"
        yield f"Nothing is missing up to {until} ({zone})."
    yield f"{_READING} Times are those of the row's site, else of {zone}."
