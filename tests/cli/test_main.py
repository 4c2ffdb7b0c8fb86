"""Every command is there, explains itself, and refuses in one line what cannot be."""

import errno
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from pipeline.cli import main
from pipeline.cli.oneline import DISK_IS_FULL
from tests.cli.conftest import Commands

COMMANDS = sorted(typer.main.get_group(main.app).commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, empty: Commands) -> None:
    ended = empty(command, "--help")
    assert ended.code == 0
    assert f"Usage: meli-sales {command}" in ended.out


def test_without_a_command_it_says_which_there_are(empty: Commands) -> None:
    ended = empty()
    assert ended.code == 2
    assert all(f"  {command} " in ended.out + ended.err for command in COMMANDS)


@pytest.mark.parametrize(
    ("command", "variable", "value"),
    [
        ("sync", "seller_ids", "mine"),
        ("status", "requests_per_minute", "0"),
        ("plan", "base_url", "api.mercadolibre.com"),
        ("query", "holdback_minutes", "soon"),
        ("retry", "reporting_currency", "DOLLAR"),
        ("rebuild", "site", "XYZ"),
        ("login", "max_concurrency", "1000"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    command: str, variable: str, value: str, empty: Commands
) -> None:
    words = ["select 1"] if command == "query" else []
    ended = empty(command, *words, **{variable: value})
    assert ended.code == 2
    assert ended.error.startswith(f"error: MELI_{variable.upper()}: ")
    assert len(ended.err.splitlines()) == 1
    assert not empty.folder.exists()


READING = (
    ("explain", "1"),
    ("export",),
    ("order", "1"),
    ("orders",),
    ("plan",),
    ("query", "select 1"),
    ("status",),
    ("tie-out", "export.csv"),
)
WRITING = (
    ("login",),
    ("rates", "rates.csv"),
    ("rebuild",),
    ("retry",),
    ("sync",),
    ("ui",),
)


@pytest.mark.parametrize("words", READING + WRITING, ids=lambda words: words[0])
def test_a_data_folder_that_cannot_be_one_is_told_by_every_command(
    words: tuple[str, ...], empty: Commands, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "astray").symlink_to("nowhere")
    for folder, fault in (
        (tmp_path / "file", f"{tmp_path}/file is a file, not a folder"),
        (tmp_path / "file" / "data", f"{tmp_path}/file is a file, not a folder"),
        (
            tmp_path / "astray",
            f"{tmp_path}/astray is a link to nowhere, which is not there",
        ),
        # Whoever asks, even root: no file can be made there.
        (
            Path("/proc/meli"),
            "/proc/meli cannot be made in /proc (No such file or directory)",
        ),
    ):
        ended = empty(*words, data_dir=str(folder))
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"error: MELI_DATA_DIR: {fault}; choose another folder, or correct its "
            "permissions\n"
        )


@pytest.mark.parametrize("words", WRITING, ids=lambda words: words[0])
def test_a_data_folder_that_cannot_be_written_is_told_by_what_writes(
    words: tuple[str, ...], empty: Commands
) -> None:
    ended = empty(*words, data_dir="/proc")
    assert ended.code == 2
    assert ended.err == (
        "error: MELI_DATA_DIR: /proc cannot be written (No such file or directory); "
        "choose another folder, or correct its permissions\n"
    )


@pytest.mark.parametrize("words", [("status",), ("query", "select 1")])
def test_what_only_reads_needs_no_permission_to_write(
    words: tuple[str, ...], empty: Commands
) -> None:
    assert "MELI_DATA_DIR" not in empty(*words, data_dir="/proc").err


def test_looking_at_the_data_folder_leaves_nothing_behind(
    empty: Commands, tmp_path: Path
) -> None:
    empty("rebuild")
    assert list(tmp_path.iterdir()) == []


def test_a_token_without_its_application_is_one_line(empty: Commands) -> None:
    ended = empty("sync", refresh_token="TG-not-to-be-shown")
    assert ended.code == 2
    assert ended.error == (
        "error: MELI_REFRESH_TOKEN needs MELI_CLIENT_ID and MELI_CLIENT_SECRET"
    )


@pytest.mark.parametrize(
    "words", [("synk",), ("sync", "--form", "2026-01-01"), ("sync", "--seller", "me")]
)
def test_wrong_words_are_wrong_usage(words: tuple[str, ...], empty: Commands) -> None:
    ended = empty(*words)
    assert ended.code == 2
    assert "Error: " in ended.err


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("demo", "--orders", "0"), "must be 1 or more"),
        (("demo", "--orders", "many"), "say a whole number"),
        (("listen", "--port", "65536"), "must be 65535 or less"),
        (("sync", "--seller", "me"), "say a whole number"),
        (("sync", "--seller", "0"), "must be 1 or more"),
        (("plan", "--seller", str(2**63)), f"must be {2**63 - 1} or less"),
        (("sync", "--seller", "700100299"), "700100299 is not in MELI_SELLER_IDS"),
        (("plan", "--seller", "700100299"), "700100299 is not in MELI_SELLER_IDS"),
        (("explain", "nine"), "say a whole number"),
        *(
            ((command, str(2**63)), f"must be {2**63 - 1} or less")
            for command in ("explain", "order", "forget")
        ),
        (("report", "--language", "fr"), "'fr' is not one of 'es', 'pt', 'en'."),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(
    words: tuple[str, ...], wrong: str, empty: Commands
) -> None:
    ended = empty(*words)
    assert ended.code == 2
    assert ended.err.rstrip().endswith(f": {wrong}")


def test_the_entry_point_ends_with_the_commands_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["meli-sales", "query", "select 1"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    assert "is not there yet: run `meli-sales sync`" in capsys.readouterr().err


def test_ctrl_c_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.cli.query.run", interrupted)
    monkeypatch.setattr("os._exit", sys.exit)  # threads are not waited for
    monkeypatch.setattr(sys, "argv", ["meli-sales", "query", "select 1"])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 130
    assert capsys.readouterr().err == (
        "stopped; what has landed stays, the next sync continues from there\n"
    )


def test_the_version_is_that_of_the_distribution(empty: Commands) -> None:
    ended = empty("--version")
    assert (ended.code, ended.out) == (0, f"meli-sales {version('meli-sales')}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_and_no_line_is_cut(
    command: str, empty: Commands
) -> None:
    shown = empty(command, "--help").out
    example = next(line for line in shown.splitlines() if "Example: " in line)
    assert f"Example: meli-sales {command}" in example
    assert "..." not in shown.replace("[ARGS]...", "")
    assert max(map(len, shown.splitlines())) <= 80
    # Types are a programmer's words; a choice of words is not.
    assert not re.search(r"<(?:path|str|int|list)|\{", shown)


def test_the_list_of_commands_gives_whole_sentences(empty: Commands) -> None:
    shown = empty("--help").out
    assert "..." not in shown.replace("[ARGS]...", "")
    assert "--install-completion" in shown


def test_a_disk_too_full_for_what_is_printed_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(main, "app", full)
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"error: {DISK_IS_FULL}\n"
