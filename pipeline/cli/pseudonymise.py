"""`pseudonymise`: puts pseudonyms in the place of buyers in a folder that holds them.

Not here: how (`sync/forgetting.py`).
"""

import typer

from pipeline.cli import sync, terminal
from pipeline.cli.oneline import refusals
from pipeline.landing import buyers
from pipeline.settings import Settings
from pipeline.sync import forgetting
from pipeline.sync.data_folder import DataFolder


def run(settings: Settings, *, yes: bool) -> None:
    """Ask, rewrite what has landed, rebuild.

    Raises:
        typer.Exit: 1 if it was not confirmed, or if the setting is off.
    """
    folder = DataFolder(settings.data_dir)
    if not settings.pseudonymise:
        terminal.fail("set MELI_PSEUDONYMISE=true first, for every later sync too")
    terminal.say(f"Every buyer in {folder.path} becomes a pseudonym, for good.")
    if not yes:
        typer.confirm("Do it?", abort=True, err=True)
    with refusals():
        with folder.held(notice=terminal.say, wait_seconds=3600):
            forgetting.pseudonymise(folder)
        is_pending = buyers.state(folder.path).is_pending
    if is_pending:
        sync.run_rebuild(settings)
    terminal.line("buyers are pseudonyms from now on")
