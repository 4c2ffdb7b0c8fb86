"""`report`: the sales report of a month as one page that opens without a network.

Not here: its figures and its look (`pipeline/report`).
"""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import typer

from pipeline.cli import terminal
from pipeline.cli.oneline import refusals, warn_of_change
from pipeline.cli.output import write

_MONTH = re.compile(r"\d{4}-\d{2}")


def run(
    data_dir: Path, month: str | None, language: str | None, output: Path | None
) -> None:
    """Write the page and name it; by default beside the warehouse.

    Raises:
        typer.BadParameter: it is not a month.
        typer.Exit: 1 if there is nothing to report, or the file cannot be written.
    """
    target = written(data_dir, _first_day(month) if month else None, language, output)
    terminal.line(f"{target}: open it in a browser; it needs no network")


def written(
    data_dir: Path,
    month: date | None = None,
    language: str | None = None,
    output: Path | None = None,
) -> Path:
    """Write the page of a month, by default the newest, in its site's language.

    Raises:
        typer.Exit: 1 if there is nothing to report, or the file cannot be written.
    """
    from pipeline.report.figures import NoSuchMonth, figures
    from pipeline.report.formats import language_of
    from pipeline.report.page import page

    with refusals():
        warn_of_change(data_dir)
        try:
            found = figures(data_dir, month)
        except NoSuchMonth as error:
            terminal.fail(str(error))
    text = page(found, language or language_of(found.site_id))
    target = output or data_dir / "reports" / f"sales-{found.month:%Y-%m}.html"
    try:
        if output is None:
            target.parent.mkdir(exist_ok=True)
        write(target, text.encode())
    except OSError as error:
        terminal.fail(f"{target} cannot be written ({error.strerror})")
    return target


def _first_day(month: str) -> date:
    with suppress(ValueError):
        if _MONTH.fullmatch(month):
            return date.fromisoformat(f"{month}-01")
    raise typer.BadParameter(
        f"{month} is not a month such as 2026-11", param_hint="--month"
    )
