"""What a person sees: tables, progress, one-line errors.

Not here: what to show; each command decides that.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NoReturn

import polars as pl
import typer
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from pipeline.extraction.progress import State

_PIPE_WIDTH = 1_000  # a pipe has no width, so nothing is cut

out = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH)
messages = Console(stderr=True)

PLAIN_SECONDS = 5.0
"""How often a line is written without a terminal."""


def fail(message: str, code: int = 1) -> NoReturn:
    """Say in one line what is wrong and what to do, and end."""
    messages.print(f"[bold red]error:[/] {_escaped(message)}", soft_wrap=True)
    raise typer.Exit(code)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


def say(message: str) -> None:
    """Print a message for the person; not part of a command's result."""
    messages.print(_escaped(message), soft_wrap=True)


def line(text: str) -> None:
    """Print a line of a command's result, unchanged."""
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def number(value: object) -> str:
    """A cell of a table: exact, with thousands separators, empty for None."""
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(number(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {number(one)}" for key, one in value.items())
    return str(value)


def _is_name(column: str, value: object) -> bool:
    """Whether a value is an id, whose digits get no separators."""
    return column.endswith("_id") and value is not None


def table(rows: pl.DataFrame, title: str | None = None) -> None:
    """Print a frame as a table: numbers exact and to the right."""
    shown = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD
    )
    numeric = {
        name
        for name, kind in rows.schema.items()
        if kind.is_numeric() or kind.is_decimal()
    }
    for name in rows.columns:
        shown.add_column(name, justify="right" if name in numeric else "left")
    for row in rows.iter_rows(named=True):
        shown.add_row(
            *(
                _escaped(str(value) if _is_name(name, value) else number(value))
                for name, value in row.items()
            )
        )
    out.print(shown)


class Watch:
    """Shows what a sync is doing: bars on a terminal, otherwise a line now and then."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}
        self._started = time.monotonic()
        self._reported_at = self._started
        self.requests: Callable[[], int] = lambda: 0

    def __call__(self, state: State) -> None:
        """Show a station's counts."""
        if not state.station:
            return
        if self._progress is None:
            self._report(state)
            return
        total = state.windows_known or state.expected or None
        done = state.windows_done if state.windows_known else state.landed
        if state.station not in self._tasks:
            self._tasks[state.station] = self._progress.add_task(
                state.station, detail=""
            )
        self._progress.update(
            self._tasks[state.station],
            total=total,
            completed=done,
            detail=self._detail(state),
        )

    def _detail(self, state: State) -> str:
        parts = []
        if state.windows_known:
            parts.append(f"{state.windows_done}/{state.windows_known} windows")
        expected = f" of {state.expected:,}" if state.expected else ""
        parts.append(f"{state.landed:,}{expected} landed")
        requests = self.requests()
        minutes = (time.monotonic() - self._started) / 60
        parts.append(f"{requests:,} requests")
        parts.append(f"{requests / max(minutes, 1 / 60):,.0f}/min")
        return ", ".join(parts)

    def _report(self, state: State) -> None:
        now = time.monotonic()
        if now - self._reported_at >= PLAIN_SECONDS:
            self._reported_at = now
            say(f"{state.station}: {self._detail(state)}")


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """A watch for one sync: bars if the output is a terminal, else lines."""
    if not (messages.is_terminal and sys.stderr.isatty()):
        yield Watch(None)
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<15}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[detail]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=messages,
        transient=False,
    ) as progress:
        yield Watch(progress)
