"""`doctor`: one line for each thing that a sync needs, with the cure.

Not here: the checks (`inspection/doctor.py`, `extraction/reachability.py`).
"""

from collections.abc import Iterable

import typer

from pipeline import folder_access, settings
from pipeline.cli import terminal
from pipeline.cli.oneline import refusals
from pipeline.extraction import reachability
from pipeline.extraction.reachability import Diagnosis, fail
from pipeline.inspection import doctor


def run(*, is_deep: bool = False) -> None:
    """Check everything and print each finding as it comes.

    Raises:
        typer.Exit: 1 if a sync would not work.
    """
    try:
        found = settings.read()
    except settings.WrongSetting as error:
        _print(fail("settings", str(error), "correct it in the environment or in .env"))
        raise typer.Exit(1) from None
    with refusals():
        # Of a folder that is closed as a whole, the look itself says why.
        fault = folder_access.folder_fault(found.data_dir, is_written=True)
        folder_access.check_files(found.data_dir, is_written=fault is None)
        bad = _count(doctor.look(found, is_deep=is_deep))
        bad += _count(reachability.look(found))
    if bad:
        raise typer.Exit(1)


def _count(findings: Iterable[Diagnosis]) -> int:
    """Print findings; returns how many keep a sync from working."""
    bad = 0
    for one in findings:
        _print(one)
        bad += one.level == "fail"
    return bad


def _print(one: Diagnosis) -> None:
    cure = f" - {one.cure}" if one.cure else ""
    terminal.line(f"{one.level:<4}  {one.what}: {one.found}{cure}")
