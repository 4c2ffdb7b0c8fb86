"""What a person sees while a sync runs: bars on a terminal, lines elsewhere."""

import io

import polars as pl
import pytest
from rich.console import Console

from pipeline.cli import terminal
from pipeline.extraction.progress import Progress, State


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal that keeps what is written to it."""
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=160, color_system=None)
    monkeypatch.setattr(terminal, "messages", console)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    return shown


def test_a_terminal_shows_a_bar_for_each_station(screen: io.StringIO) -> None:
    with terminal.watching() as watch:
        watch.requests = lambda: 1234
        progress = Progress(watch)
        progress.count(landed=1)  # before any station: nothing to be shown
        progress.begin("orders", windows=4, expected=300)
        progress.count(windows_done=1, landed=51)
        progress.begin("packs")
        progress.count(landed=2)
    shown = screen.getvalue()
    assert "orders" in shown
    assert "1/4 windows, 51 of 300 landed, 1,234 requests" in shown
    assert "2 landed" in shown


def test_elsewhere_a_line_is_written_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    with terminal.watching() as watch:
        watch(State("orders", windows_done=1, windows_known=9, landed=51))
        clock[0] += terminal.PLAIN_SECONDS
        watch(State("orders", windows_done=2, windows_known=9, landed=90))
        watch(State("orders", windows_done=3, windows_known=9, landed=99))
    assert capsys.readouterr().err == (
        "orders: 2/9 windows, 90 landed, 0 requests, 0/min\n"
    )


def test_an_id_that_is_not_known_is_an_empty_cell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.table(pl.DataFrame({"pack_id": [2000003508553677, None], "n": [1, 2]}))
    told = capsys.readouterr().out
    assert "2000003508553677" in told
    assert "None" not in told


def test_brackets_in_a_message_are_only_brackets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal.say("no column [red]x[/red]")
    terminal.line("[bold]y[/bold]")
    terminal.table(pl.DataFrame({"a": ["[/z]"]}), "of [things]")
    told = capsys.readouterr()
    assert told.err == "no column [red]x[/red]\n"
    assert "[bold]y[/bold]\n" in told.out
    assert "[/z]" in told.out
