"""What a person sees: tables, progress, one-line errors.

Not here: what to show; each command decides that.
"""

import contextlib
import io
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, NoReturn

import msgspec
import polars as pl
import typer
from rich import box
from rich.cells import cell_len
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
from rich.text import Text

from pipeline import progress_line
from pipeline.extraction.progress import State

_PIPE_WIDTH = 1_000  # a pipe has no width, so little is left out
_EDGES = 3  # blanks beside a column; a table has one more
_MOST_RECORDS = 5
_CONTROLS = re.compile(
    # C0, delete and C1, and the marks that turn the direction of writing.
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)
_JSON = msgspec.json.Encoder(decimal_format="number")

# A caller may have closed them: a file that is opened next would take their place.
for _number, (_name, _mode) in enumerate(
    (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
):
    if getattr(sys, _name) is None:
        os.open(os.devnull, os.O_RDWR)
        setattr(sys, _name, os.fdopen(_number, _mode, encoding="utf-8"))

for _stream in (sys.stdout, sys.stderr):
    if isinstance(_stream, io.TextIOWrapper):  # letters that a locale lacks: \xf1
        _stream.reconfigure(errors="backslashreplace")


class _Console(Console):
    """A console that falls silent once its reader has gone.

    Nobody who stops reading stops the work, or changes its exit code.
    """

    def on_broken_pipe(self) -> None:
        """Write nothing more, neither now nor when Python ends."""
        self.quiet = True
        _let_go(self.file)


def _let_go(stream: IO[str]) -> None:
    """Throw away what a stream still holds, and what follows."""
    with contextlib.suppress(OSError):  # of a file in memory
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


# What is printed is data: neither markup nor the name of an emoji means anything in it.
out = _Console(
    width=None if sys.stdout.isatty() else _PIPE_WIDTH, markup=False, emoji=False
)
messages = _Console(stderr=True, markup=False, emoji=False)

SHOWN_LINES = 20


def fail(message: str, code: int = 1, *, place: str = "") -> NoReturn:
    """Say in one line what is wrong and what to do, and end.

    `place` is shown below it: a line of a statement, and a caret.
    """
    _message(Text("error:", "bold red"), Text(visible(message)))
    for part in place.splitlines():
        say(part)
    raise typer.Exit(code)


def visible(text: str) -> str:
    r"""The text with every control character spelled out, as `\x1b` for escape.

    A title may hold sequences that recolour, retitle or overwrite the terminal, or turn
    the direction of what follows.
    """
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1], text)


def json(value: object) -> str:
    """A value as JSON in a line; decimals are numbers with all their digits.

    Control characters are escaped, which JSON reads back as they were.
    """
    text = _JSON.encode(value).decode()
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def say(message: str) -> None:
    """Print a message for the person; not part of a command's result."""
    _message(visible(message))


def _message(*parts: str | Text) -> None:
    """Print on standard error; what takes nothing any more stops no work."""
    with contextlib.suppress(OSError):  # a full disk, a terminal that was closed
        messages.print(*parts, soft_wrap=True)


def write(text: str) -> None:
    """Print data for a program: as it is, in UTF-8 whatever the locale."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go(sys.stdout)


def line(text: str) -> None:
    """Print a line of a command's result; nothing in it is a code of the terminal."""
    out.print(visible(text), highlight=False, soft_wrap=True)


def listed(
    lines: Sequence[str], rest: str = "more", *, tell: Callable[[str], None] = line
) -> None:
    """Tell the first `SHOWN_LINES` lines, and how many more there are: `rest`."""
    for one in lines[:SHOWN_LINES]:
        tell(f"  {one}")
    if len(lines) > SHOWN_LINES:
        tell(f"  and {len(lines) - SHOWN_LINES:,} {rest}")


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


def counted(count: int, noun: str) -> str:
    """So many of a thing: `1 order`, `1,200 orders`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def table(
    rows: pl.DataFrame,
    title: str | None = None,
    *,
    wished: int | None = None,
    cure: str = "a wider terminal shows them",
) -> None:
    """Print a frame as a table: numbers exact and to the right, no digit hidden.

    Words are wrapped, also to the wished width where every column fits into it. What
    does not fit all the same is named below the table, with what shows it; a few rows
    are shown one column a line instead.
    """
    cells = {
        visible(name): [
            visible(str(value) if is_id and value is not None else number(value))
            for value in rows[name].to_list()
        ]
        for name in rows.columns
        for is_id in [name.endswith("_id")]  # its digits get no separators
    }
    wraps = {visible(name) for name, kind in rows.schema.items() if kind == pl.String}
    least = {
        name: max(_width(text, wraps=name in wraps) for text in (name, *of_column))
        for name, of_column in cells.items()
    }
    width = out.width
    if wished and len(_fitting(least, wished)) == len(cells):
        width = min(width, wished)
    shown = _fitting(least, width)
    most = {name: max(map(_width, (name, *cells[name]))) for name in shown}
    widths = _spread({name: least[name] for name in shown}, most, width)
    if len(shown) < len(cells) and 0 < rows.height <= _MOST_RECORDS:
        _print_records(cells, rows.height, title)
        return
    numeric = {visible(name) for name, kind in rows.schema.items() if kind.is_numeric()}
    drawn = Table(
        title=title and Text(visible(title)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    for name in shown:
        drawn.add_column(
            Text(name),
            justify="right" if name in numeric else "left",
            # Its own minima rich gives up where words wrap, and cuts off digits.
            width=widths[name],
            overflow="fold",
        )
    for place in range(rows.height):
        drawn.add_row(*(Text(cells[name][place]) for name in shown))
    out.print(drawn)
    if left_out := [name for name in cells if name not in shown]:
        line(
            f"columns left out, {len(left_out)} of {len(cells)}, too wide for "
            f"{out.width} characters: {', '.join(left_out)}; {cure}"
        )


def _width(text: str, *, wraps: bool = False) -> int:
    """Characters that a cell needs on a line: of words that wrap, the longest one."""
    parts = text.split() if wraps else text.splitlines()
    return max(map(cell_len, parts), default=0)


def _fitting(widths: Mapping[str, int], room: int) -> list[str]:
    """The first columns, at least one, that fit side by side."""
    shown: list[str] = []
    room -= 1
    for name, width in widths.items():
        room -= width + _EDGES
        if shown and room < 0:
            break
        shown.append(name)
    return shown


def _spread(
    least: Mapping[str, int], most: Mapping[str, int], room: int
) -> dict[str, int]:
    """Widths of columns side by side: their least, and the rest to those that wrap."""
    rest = room - 1 - sum(width + _EDGES for width in least.values())
    widths = {name: min(width, room - 1 - _EDGES) for name, width in least.items()}
    while rest > 0 and (
        wrapped := [name for name in widths if widths[name] < most[name]]
    ):
        for name in wrapped[:rest]:
            widths[name] += 1
        rest -= len(wrapped)
    return widths


def _print_records(
    cells: Mapping[str, Sequence[str]], count: int, title: str | None
) -> None:
    """A few rows, one column a line."""
    if title:
        line(title)
    names = max(map(len, cells))
    for place in range(count):
        if place:
            line("")
        for name, of_column in cells.items():
            line(f"{name:<{names}}  {of_column[place]}".rstrip())


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
        else:
            with contextlib.suppress(OSError):  # of a terminal that was closed
                self._draw(self._progress, state)

    def _draw(self, progress: Progress, state: State) -> None:
        total = state.windows_known or state.expected or None
        done = state.windows_done if state.windows_known else state.landed
        if state.station not in self._tasks:
            self._tasks[state.station] = progress.add_task(state.station, detail="")
        progress.update(
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
        parts.append(counted(requests, "request"))
        parts.append(f"{requests / max(minutes, 1 / 60):,.0f}/min")
        return ", ".join(parts)

    def _report(self, state: State) -> None:
        now = time.monotonic()
        if now - self._reported_at >= progress_line.SECONDS:
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
