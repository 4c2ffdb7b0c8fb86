"""What a person sees while a sync runs: bars on a terminal, lines elsewhere."""

import io
import os
import shlex
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import typer
from rich.console import Console

from pipeline import progress_line
from pipeline.cli import terminal
from pipeline.extraction.progress import Progress, State

REPOSITORY = Path(__file__).parents[2]


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
        clock[0] += progress_line.SECONDS
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


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """A terminal 40 characters wide for results."""
    shown = io.StringIO()
    console = Console(file=shown, width=40, markup=False, emoji=False)
    monkeypatch.setattr(terminal, "out", console)
    return shown


def test_a_table_too_wide_names_the_columns_that_it_leaves_out(
    narrow: io.StringIO,
) -> None:
    amounts = {f"amount_{n}": [Decimal("12345678.90")] * 6 for n in range(5)}
    terminal.table(pl.DataFrame(amounts))
    shown = narrow.getvalue()
    assert shown.count("12,345,678.90") == 12
    assert shown.splitlines()[-1] == (
        "columns left out, 3 of 5, too wide for 40 characters: amount_2, "
        "amount_3, amount_4; a wider terminal shows them"
    )


def test_a_few_rows_too_wide_are_shown_one_column_a_line(narrow: io.StringIO) -> None:
    amounts = {f"amount_{n}": [Decimal("1234567890123.45"), None] for n in range(3)}
    terminal.table(pl.DataFrame(amounts))
    assert narrow.getvalue().splitlines() == [
        *(f"amount_{n}  1,234,567,890,123.45" for n in range(3)),
        "",
        *(f"amount_{n}" for n in range(3)),
    ]


def test_no_rows_too_wide_are_a_header_that_names_the_rest(
    narrow: io.StringIO,
) -> None:
    terminal.table(pl.DataFrame({f"a_long_name_{place}": [] for place in range(9)}))
    header, *_, left_out = filter(str.strip, narrow.getvalue().splitlines())
    assert header.split() == ["a_long_name_0", "a_long_name_1"]
    assert "columns left out, 7 of 9" in narrow.getvalue()
    assert left_out.endswith("a wider terminal shows them")


@pytest.mark.parametrize("count", range(1, 8))
def test_no_digit_is_hidden_at_any_width(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pl.DataFrame({f"n_{n}": [12345678901] * 6 for n in range(count)})
    for width in range(20, 130, 7):
        shown = io.StringIO()
        console = Console(file=shown, width=width, markup=False, emoji=False)
        monkeypatch.setattr(terminal, "out", console)
        terminal.table(rows)
        names = shown.getvalue().split("left out")[0].split()
        kept = sum(name.startswith("n_") for name in names)
        assert shown.getvalue().count("12,345,678,901") == 6 * kept > 0


@pytest.mark.untraced
@pytest.mark.parametrize("words", ["of letters", "of many letters " * 4, "x" * 25])
def test_no_digit_is_hidden_beside_words_that_wrap(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = pl.DataFrame(
        {
            "title": [words] * 6,
            "seller": ["one, two and three"] * 6,
            "n_1": [12345678901] * 6,
            "n_2": [12345678901] * 6,
        }
    )
    for width in range(20, 130):
        shown = io.StringIO()
        console = Console(file=shown, width=width, markup=False, emoji=False)
        monkeypatch.setattr(terminal, "out", console)
        terminal.table(rows)
        drawn, _, left_out = shown.getvalue().partition("left out")
        kept = 2 - left_out.count("n_")
        assert drawn.count("12,345,678,901") == 6 * kept, width


def test_a_table_keeps_to_a_wished_width_where_every_column_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = pl.DataFrame({"words": ["of many letters " * 4], "n": [12345678901]})
    for wished, widest in ((30, 30), (20, 85)):
        shown = io.StringIO()
        console = Console(file=shown, width=200, markup=False, emoji=False)
        monkeypatch.setattr(terminal, "out", console)
        terminal.table(rows, wished=wished)
        assert max(map(len, shown.getvalue().splitlines())) == widest


def test_words_wrap_and_a_number_never_does(narrow: io.StringIO) -> None:
    rows = {
        "title": ["a long title of many words that does not fit on a line"] * 2,
        "order_id": [2000005000001128] * 2,
        "word": ["x" * 60] * 2,
    }
    terminal.table(pl.DataFrame(rows).select("title", "order_id"))
    assert narrow.getvalue().count("2000005000001128") == 2
    terminal.table(pl.DataFrame(rows).select("word"))
    assert narrow.getvalue().count("x") == 120


def test_codes_of_the_terminal_are_spelled_out_everywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = "\x1b]0;owned\x07"
    terminal.say(code)
    terminal.line(f"{code}\r:smile:")
    terminal.table(pl.DataFrame({code: [f"{code}\n"]}), code)
    with pytest.raises(typer.Exit):
        terminal.fail(code, place=f"{code}\n^")
    told = capsys.readouterr()
    assert not {"\x1b", "\x07", "\r"} & set(told.out + told.err)
    assert told.err == (
        r"\x1b]0;owned\x07"
        "\n"
        r"error: \x1b]0;owned\x07"
        "\n"
        r"\x1b]0;owned\x07"
        "\n^\n"
    )
    assert told.out.startswith(r"\x1b]0;owned\x07\r:smile:" "\n")


def test_streams_that_a_caller_has_closed_are_as_if_thrown_away(tmp_path: Path) -> None:
    said = tmp_path / "said"
    script = (
        "import os; from pipeline.cli import terminal; terminal.line('a');"
        " terminal.say('b'); taken = os.open(os.devnull, os.O_RDONLY);"
        f" open({str(said)!r}, 'w').write(str(taken > 2))"
    )
    command = f"exec {sys.executable} -c {shlex.quote(script)} <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=REPOSITORY).returncode == 0
    assert said.read_text() == "True"


def test_letters_that_the_locale_lacks_are_spelled_out_and_data_is_utf_8() -> None:
    script = (
        "import polars as pl; from pipeline.cli import terminal;"
        " terminal.line('Ñandú'); terminal.say('ação'); terminal.write('ação\\n');"
        " terminal.table(pl.DataFrame({'title': ['ação']}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    first, second, *table = told.stdout.splitlines()
    assert (told.returncode, told.stderr) == (0, b"a\\xe7\\xe3o\n")
    assert (first, second) == (rb"\xd1and\xfa", "ação".encode())
    assert any(rb"a\xe7\xe3o" in one for one in table)


@pytest.mark.parametrize("call", ["line", "say", "write"])
def test_who_stops_reading_stops_nobody(call: str, tmp_path: Path) -> None:
    done = tmp_path / "done"
    script = (
        "import pathlib, sys; from pipeline.cli import terminal; sys.stdin.read();"
        f" [terminal.{call}('so far') for _ in range(3)];"
        f" pathlib.Path({str(done)!r}).touch(); sys.exit(7)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stderr.close()
        process.stdin.close()
        assert process.wait() == 7  # its own, whoever read what it said
    assert done.exists()
